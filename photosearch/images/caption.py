"""What somebody wrote about a photo into its file, without what cameras write there by themselves.

Called by `metadata` in a decoder process. What cannot be read is left out.
"""

from __future__ import annotations

import re

from PIL import ExifTags

from photosearch.images.tags import Tags, text_of

#: Enough for a paragraph; it is kept for every photo, and its words are searched.
_CAPTION_CHARS = 500
#: What cameras, phones and scanners write into every photo.
_BOILERPLATE = frozenset(
    {
        "olympus digital camera",
        "minolta digital camera",
        "konica minolta digital camera",
        "kodak digital still camera",
        "digital still camera",
        "digital camera",
        "sony dsc",
        "samsung",
        "samsung camera pictures",
        "exif_jpeg_picture",
        "exif jpeg",
        "jpeg",
        "dcim",
        "camera",
        "default",
        "untitled",
        "image description",
        "imagedescription",
        "user comments",
        "user comment",
        "ascii",
        "unicode",
        "binary comment",
        "created with gimp",
        "processed with vsco",
        "null",
        "none",
        "undefined",
        "hdr",
        "dji default",
        "default description",
    }
)
#: Modes of Huawei's cameras, and lists of settings: "filter: 0; jpegRotation: 90; ...".
_MACHINE_TALK = re.compile(
    r"(cof|edf|hdr|hdrpl|sdr|dav|rhdr|ptr|oznor|oznorco|fbt|burst|btf|nor|mde|rbt|mtf)(_\w*)?"
    r"|[\[{<].*"  # JSON, XML
    r"|[\w .]+[:=][^;]*;\s*[\w .]+[:=].*"
    r"|.*[!-~]{60}.*",
    re.IGNORECASE | re.DOTALL,
)
#: What the first eight bytes of a UserComment say its text is written in.
_COMMENT_CODES = {b"ASCII\0\0\0": "utf-8", b"UNICODE\0": "utf-16", b"\0" * 8: "utf-8"}
_CODE_BYTES = 8


def read_caption(main: Tags, details: Tags) -> str | None:
    """Returns the first description or comment that a person may have written."""
    camera = {
        text_of(main.get(tag), _CAPTION_CHARS).casefold()
        for tag in (ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.Software)
    }
    for text in (
        text_of(main.get(ExifTags.Base.ImageDescription), _CAPTION_CHARS),
        _windows_text(main.get(ExifTags.Base.XPTitle)),
        _windows_text(main.get(ExifTags.Base.XPComment)),
        _comment(details.get(ExifTags.Base.UserComment)),
    ):
        if text.casefold() not in camera and _is_written(text):
            return text
    return None


def _is_written(text: str) -> bool:
    plain = text.casefold()
    has_letters = any(char.isalpha() for char in plain)
    return has_letters and plain not in _BOILERPLATE and _MACHINE_TALK.fullmatch(plain) is None


def _windows_text(value: object) -> str:
    """Text as Windows writes it: UTF-16 in bytes."""
    if isinstance(value, tuple) and all(
        isinstance(byte, int) and 0 <= byte < 256 for byte in value
    ):
        value = bytes(value)
    if not isinstance(value, bytes):
        return text_of(value, _CAPTION_CHARS)
    return text_of(value.decode("utf-16-le", "replace").encode("utf-8", "replace"), _CAPTION_CHARS)


def _comment(value: object) -> str:
    if not isinstance(value, bytes):
        return text_of(value, _CAPTION_CHARS)
    code = _COMMENT_CODES.get(value[:_CODE_BYTES])
    if code is None:
        return text_of(value, _CAPTION_CHARS)
    text = value[_CODE_BYTES:]
    if code == "utf-16":
        # In the byte order of the file, which Pillow does not tell: ASCII's zeros tell it.
        is_big = text[:1] == b"\0" or text[:2] == b"\xfe\xff"
        text = text.decode("utf-16-be" if is_big else "utf-16-le", "replace").encode(
            "utf-8", "replace"
        )
    return text_of(text.lstrip(b"\xef\xbb\xbf"), _CAPTION_CHARS)
