"""`demo`: the whole job at once, on the sample library with the sample model."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photosearch import paths, resources
from photosearch.cli import output, progress
from photosearch.cli.session import Session
from photosearch.core.query import PixelsTerm, Query, Term, TextTerm
from photosearch.engine.client import EngineClient
from photosearch.errors import EngineError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

#: Sentences from the seed models' own cards, and the same kind in other languages.
SENTENCES = (
    ("English", "A dog in the snow"),
    ("English", "Two dogs in the snow"),
    ("English", "A cat on a table"),
    ("English", "London at night"),
    ("German", "Eine Katze"),
    ("German", "Ein Hund im Schnee"),
    ("Spanish", "Una playa con palmeras."),
    ("Swedish", "Älgen är skogens konung!"),
    ("Japanese", "犬の写真"),
    ("French", "Un papillon et un chat"),
    ("Russian", "Белый медведь"),
    ("Chinese", "一张绿苹果的照片"),
    ("Arabic", "كلب في الثلج"),
    ("Hindi", "केले"),
    ("Portuguese", "Uma maçã vermelha"),
    ("Turkish", "Karda bir köpek"),
)
_TOP = 3
_MOST_PHOTOS = 1_000_000
#: What the window in the screenshot was asked.
_WINDOW_QUERY = "Una playa con palmeras."


def demo(
    context: typer.Context,
    headless: Annotated[
        bool, typer.Option("--headless", help="Do not leave a window open.")
    ] = False,
    screenshot: Annotated[
        Path, typer.Option("--screenshot", metavar="FILE", help="Where the picture goes.")
    ] = Path("demo.png"),
    photos: Annotated[
        int | None,
        typer.Option(
            "--photos",
            min=1,
            max=_MOST_PHOTOS,
            metavar="N",
            help="Make a library of so many photos, once, and show that (300000 take 1.5 GB).",
        ),
    ] = None,
) -> None:
    """Index the sample library, search it in many languages, and show the window."""
    session: Session = context.obj
    chosen = session.library != paths.default_library()
    name = "demo" if photos is None else f"demo-{photos}"
    library = session.library if chosen else paths.data_dir() / name
    if not screenshot.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {screenshot.absolute().parent} for the picture.")
    if photos is None:
        _search_sample(library)
    else:
        _make(library, photos)
    out = output.console()
    _window(library, ["--query", _WINDOW_QUERY, "--screenshot", str(screenshot.absolute())])
    out.print(f"The window with results: {screenshot}")
    if not headless and _has_screen():
        out.print("The window is open; close it to end.")
        _window(library, ["--query", _WINDOW_QUERY])


def _search_sample(library: Path) -> None:
    """Indexes the sample's pictures and searches them by sentences and by a picture."""
    from photosearch.images.altered import altered_copy  # loads Pillow

    pictures = resources.sample_pictures()
    out = output.console()
    with Session(library).client(warm=True) as client:
        run = progress.index_and_wait(client, [pictures])
        status = client.status()
        out.print(
            f"{status.counts.photo_count} pictures in the sample library; "
            f"{run.encoded} new ones understood in {progress.duration(run.elapsed_s)}."
        )
        out.print(f"{status.model_note}\n")
        for language, sentence in SENTENCES:
            _show(client, out, f"{sentence}  ({language})", TextTerm(sentence))
        example = sorted(pictures.rglob("*.jpg"))[0]
        title = f"{_name(example)}, cropped, turned and compressed again"
        _show(client, out, title, PixelsTerm(altered_copy(example)))


def _make(library: Path, photo_count: int) -> None:
    """Makes a library of made-up photos, where it is not there, and searches it."""
    from photosearch.cli.bar import progress_bar
    from photosearch.cli.demo_library import make_library

    out = output.console()
    started_s = time.monotonic()
    with progress_bar() as bar:
        task = bar.add_task("Making photos", total=photo_count)

        def tell(made: int, photos_per_s: float) -> None:
            left_s = (photo_count - made) / photos_per_s if photos_per_s else None
            bar.update(task, completed=made, rate=photos_per_s, eta_s=left_s)

        is_new = make_library(library, photo_count, tell)
    if is_new:
        took = progress.duration(time.monotonic() - started_s)
        out.print(f"{photo_count:,} photos made in {took}: {output.path_text(library)}")
    with Session(library).client(warm=True) as client:
        for _language, sentence in SENTENCES[:_TOP]:
            result = client.search(Query((TextTerm(sentence),), _TOP))
            out.print(
                f"{sentence}: {result.searched_count:,} photos compared"
                f" in {result.elapsed_ms:.0f} ms"
            )


def _show(client: EngineClient, out: Console, title: str, term: Term) -> None:
    result = client.search(Query((term,), _TOP))
    out.print(title, style="bold")
    for photo, score in zip(client.photos(result.ids.tolist()), result.scores, strict=True):
        out.print(f"    {score:.3f}  {_name(photo.path)}")


def _name(path: Path) -> str:
    return "/".join(path.parts[-2:])


def _window(library: Path, options: list[str]) -> None:
    """Runs the window as a process of its own; without a screen it paints into memory.

    Raises:
        EngineError: The window could not be opened.
    """
    environment = dict(os.environ)
    if not _has_screen():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    command = [*paths.program("gui"), "--library", os.fspath(library), *options]
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode != 0:
        raise EngineError(
            f"The window could not be opened (exit status {done.returncode}).",
            "photosearch doctor tells what is missing.",
        )


def _has_screen() -> bool:
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
