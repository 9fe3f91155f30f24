"""Tests of the store: the contract of every implementation, and what is particular to SQLite."""
