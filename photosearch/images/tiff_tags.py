"""Numbers that TIFF files are made of, for `tiff`, which bears with damage, and `tiff_pages`."""

from __future__ import annotations

WIDTH, HEIGHT, COMPRESSION, SUB_FILE = 0x0100, 0x0101, 0x0103, 0x00FE
STRIP_OFFSETS, STRIP_LENGTHS, ORIENTATION = 0x0111, 0x0117, 0x0112
SUB_DIRECTORIES, JPEG_OFFSET, JPEG_LENGTH = 0x014A, 0x0201, 0x0202
EXIF_DIRECTORY, GPS_DIRECTORY, PANASONIC_JPEG = 0x8769, 0x8825, 0x002E
DNG_VERSION = 0xC612

#: Bytes of one value of each type of value.
LENGTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
#: How `struct` calls those that are whole numbers.
NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}
#: Entries of a directory: more than any file has.
ENTRIES_MAX = 512
