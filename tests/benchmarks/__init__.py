"""Measurements. `make bench` runs them all; nothing here is a test with a time limit."""
