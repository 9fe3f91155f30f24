"""The names of contents: hashes that tell whether two files show the same.

`decode` makes both for every file that it reads. The *content hash* is over what the pixels are
made of and how they are turned, so that a program which writes stars, captions or dates into
50,000 files makes none of them a new photo. The *whole hash* is over every byte.

What is left out of the content hash: EXIF, XMP, IPTC, comments, dates, thumbnails, and everything
behind the end of the picture. Motion photos carry their film there, and other cameras a second
view or a gain map: nothing of it is shown here, and programs that write metadata move it or cut it
off. The orientation *is* hashed, from wherever the format keeps it: it changes what is seen. So are
frames of animations and pages of documents behind the first: what only begins alike is no copy.

A file that cannot be taken apart for certain gets a hash over all of it, and so do raw data, whose
look most of their tags decide. Each way of hashing has
a key of its own, so that hashes of different ways cannot be equal but by chance.
"""

from __future__ import annotations

import zlib
from hashlib import blake2b

from photosearch.images.picture_data import Part, way_of

#: Length of a hash. 128 bits: no two of a billion photos share one by chance.
HASH_BYTES = 16

#: Of the file's beginning and end that go into its quick hash.
QUICK_BYTES = 64 * 1024


def whole_hash(encoded: Part) -> bytes:
    """Returns the name of a whole file: 16 bytes."""
    return blake2b(encoded, digest_size=HASH_BYTES).digest()


def quick_hash(size_bytes: int, head: Part, tail: Part) -> bytes:
    """Returns what a file is known by at a glance: 16 bytes. Files that differ in it differ.

    Args:
        size_bytes: Of the file.
        head: Its first `QUICK_BYTES`, or all of it.
        tail: Its last `QUICK_BYTES`, or all of it.
    """
    state = blake2b(size_bytes.to_bytes(8, "little"), digest_size=HASH_BYTES, person=b"quick")
    state.update(head)
    state.update(tail)
    return state.digest()


def content_hash(encoded: bytes, *, is_raw: bool = False) -> bytes:
    """Returns the name of what a file shows: 16 bytes. Never fails.

    Args:
        encoded: The file's bytes.
        is_raw: It is developed from raw data: nearly all in such a file counts for that.
    """
    kind, parts_of = (b"", None) if is_raw else way_of(encoded)
    if parts_of is not None:
        state = blake2b(digest_size=HASH_BYTES, person=kind)
        try:
            for part in parts_of(encoded):
                state.update(part)
            return state.digest()
        except (ValueError, IndexError, zlib.error):
            pass  # it does not add up: then every byte counts
    return undivided_hash(encoded)


def undivided_hash(encoded: Part) -> bytes:
    """Returns the content hash of a file that is not taken apart: 16 bytes.

    Earlier programs took fewer formats apart, and named contents of the others so.
    """
    return blake2b(encoded, digest_size=HASH_BYTES, person=b"whole").digest()
