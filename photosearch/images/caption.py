"""What somebody wrote about a photo into its file, without what cameras write there by themselves.

Called by `metadata` in a decoder process. What cannot be read is left out.
"""

from __future__ import annotations

import re

from PIL import ExifTags

from photosearch.images.header import NO_HEADER, Header, Properties
from photosearch.images.tags import text_of, windows_text

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


#: Where XMP and IPTC have a description, and where a mere title.
_XMP_CAPTIONS = ("Xmp.dc.description", "Xmp.acdsee.caption", "Xmp.exif.UserComment")
_IPTC_CAPTIONS = ("Iptc.Application2.Caption",)
_XMP_TITLES = ("Xmp.dc.title", "Xmp.photoshop.Headline")
_IPTC_TITLES = ("Iptc.Application2.Headline", "Iptc.Application2.ObjectName")


def read_caption(header: Header, sidecar: Properties = NO_HEADER.xmp) -> str | None:
    """Returns the first description, comment or title that a person may have written."""
    main, details = header.main, header.details
    camera = {
        text_of(main.get(tag), _CAPTION_CHARS).casefold()
        for tag in (ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.Software)
    }
    for text in (
        *_texts(sidecar, _XMP_CAPTIONS),
        *_texts(header.xmp, _XMP_CAPTIONS),
        text_of(main.get(ExifTags.Base.ImageDescription), _CAPTION_CHARS),
        windows_text(main.get(ExifTags.Base.XPTitle), _CAPTION_CHARS),
        windows_text(main.get(ExifTags.Base.XPComment), _CAPTION_CHARS),
        _comment(details.get(ExifTags.Base.UserComment)),
        *_texts(header.iptc, _IPTC_CAPTIONS),
        *_texts(sidecar, _XMP_TITLES),
        *_texts(header.xmp, _XMP_TITLES),
        *_texts(header.iptc, _IPTC_TITLES),
    ):
        if text.casefold() not in camera and _is_written(text):
            return text
    return None


def _texts(properties: Properties, keys: tuple[str, ...]) -> list[str]:
    return [text_of(text, _CAPTION_CHARS) for key in keys for text in properties.get(key, ())[:1]]


def _is_written(text: str) -> bool:
    plain = text.casefold()
    has_letters = any(char.isalpha() for char in plain)
    return has_letters and plain not in _BOILERPLATE and _MACHINE_TALK.fullmatch(plain) is None


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
