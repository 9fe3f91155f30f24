"""Where a library keeps what it knows: `open_store` gives a `core.ports.Store`."""
