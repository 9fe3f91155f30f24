"""Models: pictures and texts in, vectors out. The only place that knows torch."""
