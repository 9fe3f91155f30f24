"""Dates, places, cameras, formats and exclusions that stand in plain words, by rules."""
