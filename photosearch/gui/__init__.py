"""The window: a client of a library's engine.

Knows Qt and nothing of torch, SQL or Pillow. Everything that waits (the engine, the disk, a
decoder) happens on threads of `background.Background`; the GUI thread only shows.
"""
