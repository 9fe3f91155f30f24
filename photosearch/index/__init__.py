"""From files on disk to rows and vectors in the store."""
