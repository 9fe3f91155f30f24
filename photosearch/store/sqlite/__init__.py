"""A library in SQLite, with sqlite-vec for its vectors. The only place where SQL is written."""
