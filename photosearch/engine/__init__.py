"""The child process that owns a library (`host`), and how others speak with it (`client`).

Kept empty on purpose: whoever imports the client must not load what the host needs.
"""
