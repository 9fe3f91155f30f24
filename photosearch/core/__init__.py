"""Values and protocols that every layer speaks.

No I/O, no Qt, no torch, no SQL (numpy is allowed).
"""
