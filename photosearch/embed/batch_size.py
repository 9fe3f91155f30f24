"""How many inputs a device takes at once: found by trying."""

from __future__ import annotations

#: Large enough to fill a processor's matrix products, small enough that a lost batch is a second of
#: work and that one commit never starves readers. Fits any device that is worth using.
DEFAULT_BATCH_SIZE = 32
#: For GPUs; larger ones bring nothing more, and their pictures wait in memory.
LARGEST_BATCH_SIZE = 128
#: A batch that takes longer is not doubled: a lost one must not cost much more than a second.
_DOUBLED_UNDER_S = 0.5


class BatchSize:
    """What a device takes at once, as far as is known.

    Doubled while batches of that size are quick, halved when memory runs out, and never again
    larger than what fitted then.

    Args:
        most: Never more than this.
    """

    def __init__(self, most: int = DEFAULT_BATCH_SIZE) -> None:
        self._most = most
        self.now = min(DEFAULT_BATCH_SIZE, most)

    def succeeded(self, count: int, took_s: float) -> None:
        """Notes that a batch was computed."""
        if count == self.now and took_s < _DOUBLED_UNDER_S:
            self.now = min(2 * count, self._most)

    def failed(self, count: int) -> None:
        """Notes that a batch of several did not fit the memory."""
        self.now = self._most = count // 2
