"""Pictures that somebody hands to the window to search by, and folders to add.

`offered` looks at a drag or the clipboard on the GUI thread without touching the disk; `examine`
does the work that waits (is it a folder? a preview, PNG bytes) and runs on a worker thread.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QMimeDatabase, QSize, Qt, QUrl
from PySide6.QtGui import QImage, QImageReader, QImageWriter

from photosearch.core.query import ImageTerm, PhotoTerm, PixelsTerm
from photosearch.errors import QueryError
from photosearch.gui.desktop import local_path

#: A pasted picture is sent no larger than this: models look at 224 to 512 px.
_SENT_SIDE_PX = 768
#: Preview in the search box at twice the size of the chip's picture.
_PREVIEW_SIDE_PX = 48


@dataclass(frozen=True, slots=True)
class Example:
    """A picture to search by.

    Attributes:
        term: What the engine gets.
        label: What the search box calls it.
        preview: Small picture for the search box; may be null where Qt cannot read the format.
    """

    term: ImageTerm | PixelsTerm | PhotoTerm
    label: str
    preview: QImage = field(default_factory=QImage)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a drag or the clipboard holds, before anybody has looked at the disk.

    Attributes:
        paths: Local files and folders.
        image: A picture without a file; null where there is none.
        has_link: There is a web address only.
    """

    paths: tuple[Path, ...] = ()
    image: QImage = field(default_factory=QImage)
    has_link: bool = False

    @property
    def is_empty(self) -> bool:
        """True where there is nothing that we could make something of."""
        return not self.paths and self.image.isNull() and not self.has_link


@dataclass(frozen=True, slots=True)
class Examined:
    """What an offer turned out to be.

    Attributes:
        folder: A folder to add, else None.
        example: A picture to search by, else None.
    """

    folder: Path | None = None
    example: Example | None = None


def can_offer(mime: QMimeData) -> bool:
    """True where a drag is worth accepting. Cheap: called at each movement of the mouse."""
    return mime.hasUrls() or mime.hasImage()


def offered(mime: QMimeData) -> Offer:
    """Reads files, else pixels, else embedded pictures out of a drag or the clipboard."""
    urls = mime.urls()
    paths = tuple(local_path(url) for url in urls if url.isLocalFile())
    if paths:
        return Offer(paths=paths)
    if mime.hasImage():
        image = QImage(mime.imageData())
        if not image.isNull():
            return Offer(image=image)
    for url in urls:
        image = _embedded(url)
        if not image.isNull():
            return Offer(image=image)
    return Offer(has_link=bool(urls))


def looks_like_picture(offer: Offer) -> bool:
    """True where pasting should search by picture instead of inserting text. By name only."""
    if not offer.image.isNull():
        return True
    if not offer.paths:
        return False
    mode = QMimeDatabase.MatchMode.MatchExtension
    return QMimeDatabase().mimeTypeForFile(str(offer.paths[0]), mode).name().startswith("image/")


def examine(offer: Offer, label: str) -> Examined:
    """Finds out what was handed over. Runs on a worker thread.

    Args:
        offer: Several files: the first one counts.
        label: What to call a picture without a file.

    Raises:
        QueryError: There is nothing to search by.
    """
    if offer.paths:
        path = offer.paths[0]
        if path.is_dir():
            return Examined(folder=path)
        return Examined(example=file_example(path))
    if not offer.image.isNull():
        return Examined(example=pixels_example(offer.image, label))
    raise QueryError(
        "That is a link, not a picture.",
        "Copy the picture itself, or save it and drop the file.",
    )


def file_example(path: Path) -> Example:
    """A picture file as example. Reads the disk for the preview; the engine judges the file."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(_covering(size))
    return Example(ImageTerm(path), path.name, reader.read())


def pixels_example(image: QImage, label: str) -> Example:
    """Pasted or dropped pixels as example."""
    sent = image
    if max(image.width(), image.height()) > _SENT_SIDE_PX:
        sent = image.scaled(
            _SENT_SIDE_PX,
            _SENT_SIDE_PX,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    encoded = QByteArray()
    buffer = QBuffer(encoded)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(sent)
    buffer.close()
    preview = sent.scaled(
        _covering(sent.size()),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    return Example(PixelsTerm(bytes(encoded.data())), label, preview)


def _covering(size: QSize) -> QSize:
    """The size at which a picture just covers the preview."""
    return size.scaled(
        _PREVIEW_SIDE_PX, _PREVIEW_SIDE_PX, Qt.AspectRatioMode.KeepAspectRatioByExpanding
    )


def _embedded(url: QUrl) -> QImage:
    """The picture inside a `data:` address, as some browsers give; null where it is none."""
    head, _comma, payload = url.toString().partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        return QImage()
    try:
        return QImage.fromData(base64.b64decode(payload, validate=True))
    except binascii.Error:
        return QImage()
