"""Builds the package and tries it as somebody without Python would: `make package-smoke`.

Child processes, extension libraries and models break first when a program is frozen, so each of
them is used here: the engine, the decoders with every format, the conversion of a model, the vector
table, the window. Runs on a screen that is not there, in a home of its own.

`--no-build` tries what `make package` has built.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pillow_heif
import pillow_jxl  # noqa: F401 - teaches Pillow the format
from bootstrap import BUILD_PACKAGE
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "build" / "package" / "photosearch"
SUFFIX = ".exe" if sys.platform == "win32" else ""

#: The demo's first run converts a model, on a machine that may be doing other things.
_TIME_LIMIT_S = 300
_FIRST_PAINT_LIMIT_S = 60
_START_REPEATS = 3
#: What a system needs to run any program at all; nothing of a Python goes through.
_PASSED_ON = ("SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL")
_SYSTEM_PATH = "/usr/bin:/bin"

#: A picture in each format that the decoders read; not all can be written by every Pillow.
_FORMATS = {
    "jpg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "gif": "GIF",
    "tiff": "TIFF",
    "bmp": "BMP",
    "heic": "HEIF",
    "avif": "AVIF",
    "jp2": "JPEG2000",
    "jxl": "JXL",
}
_GPS = 0x8825
_LEAST_DEMO_QUERIES = 12
#: Of the ten nearest neighbours; rounded wrongly, a model finds what chance finds.
_LEAST_OVERLAP = 0.8
#: A blank window has a handful.
_LEAST_COLOURS = 1000


class SmokeError(Exception):
    """The package does not do what it should."""


@dataclass(frozen=True, slots=True)
class Package:
    """The built program in a home of its own."""

    home: Path

    def environment(self) -> dict[str, str]:
        """Returns the variables that the program gets: none of a Python's, and no screen."""
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        path = os.environ["PATH"] if sys.platform == "win32" else _SYSTEM_PATH
        return passed_on | {
            "PATH": path,
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "PHOTOSEARCH_HOME": str(self.home / "photosearch"),
            "XDG_RUNTIME_DIR": str(self.home),
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONUTF8": "1",
        }

    def command(self, *arguments: str | Path, program: str = "photosearch") -> list[str]:
        """Returns the command line of one of the two programs."""
        return [str(PACKAGE / (program + SUFFIX)), *map(str, arguments)]

    def run(self, *arguments: str | Path, program: str = "photosearch") -> str:
        """Runs the program and returns what it printed.

        Raises:
            SmokeError: It failed.
        """
        command = self.command(*arguments, program=program)
        done = subprocess.run(
            command,
            env=self.environment(),
            cwd=self.home,
            capture_output=True,
            encoding="utf-8",
            timeout=_TIME_LIMIT_S,
            check=False,
        )
        if done.returncode != 0:
            raise SmokeError(
                f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done.stdout


def check(is_so: bool, what: str) -> None:
    """Raises `SmokeError` unless something is so."""
    if not is_so:
        raise SmokeError(what)


def try_doctor(package: Package) -> str:
    """Qt, torch, the sample model, the formats and the vector table are there."""
    checks: list[dict[str, Any]] = json.loads(package.run("doctor", "--json"))
    # How many folders a machine can watch is not the package's.
    failed = [found for found in checks if not found["is_ok"] and found["name"] != "Watching"]
    check(not failed, f"doctor: {failed}")
    return ", ".join(found["detail"] for found in checks if found["name"] in ("Window", "Compute"))


def try_loaders(package: Package) -> str:
    """Every network and tokenizer that the catalogue's models may be made of can be imported."""
    return f"{len(package.run('--run-probe', 'loaders').split(','))} classes"


def try_demo(package: Package) -> str:
    """The whole job: the engine, the conversion, the decoders, hits, and the window's picture."""
    screenshot = package.home / "demo.png"
    printed = package.run("demo", "--headless", "--screenshot", screenshot)
    queries = re.findall(r"^\S.*\(\w+\)$", printed, re.MULTILINE)
    hits = re.findall(r"^ +-?\d\.\d{3}  \S", printed, re.MULTILINE)
    check(len(queries) >= _LEAST_DEMO_QUERIES, f"demo asked only {queries}\n{printed}")
    check(len(hits) >= 3 * len(queries), f"demo found only {len(hits)} pictures\n{printed}")
    converted = list((package.home / "photosearch" / "models").rglob("tower.json"))
    check(len(converted) >= 2, f"the sample model was not converted: {converted}")
    colours = colour_count(screenshot)
    check(colours >= _LEAST_COLOURS, f"the window is blank: {colours} colours in {screenshot}")
    return f"{len(queries)} sentences, {len(hits)} hits, a window in {colours} colours"


def try_int8(package: Package) -> str:
    """A model is rounded to eight bits, and agrees with itself."""
    pictures = ROOT / "resources" / "sample" / "pictures"
    options = ("--photos", pictures, "--count", "64", "--json")
    found = json.loads(package.run("models", "check", "sample", *options))
    overlap: float = found["overlap_at_10"]
    check(overlap >= _LEAST_OVERLAP, f"int8 finds other pictures: {found}")
    return f"{overlap:.0%} of the neighbours in common"


def try_transfer(package: Package) -> str:
    """A model goes out in half precision and comes in again as good as it was."""
    archive = package.home / "sample.zip"
    package.run("models", "export", "sample", archive, "--precision", "fp16")
    package.run("models", "import", archive)
    found = json.loads(package.run("models", "verify", "sample", "--golden", "--json"))
    check(found["golden"]["is_same"] and found["ranking"]["is_good"], f"it changed: {found}")
    right, count = found["ranking"]["right_count"], found["ranking"]["picture_count"]
    return f"{archive.stat().st_size / 1e6:.1f} MB, {right} of {count} pictures understood"


def colour_count(picture: Path) -> int:
    """Counts the colours of a picture."""
    with Image.open(picture) as image:
        rgb = image.convert("RGB")
    found = rgb.getcolors(maxcolors=rgb.width * rgb.height)
    return len(found or ())


def try_formats(package: Package) -> str:
    """A folder with each format is read whole, and each finds itself: decoders and `vec0`."""
    photos = package.home / "photos"
    written = write_formats(photos)
    library = package.home / "library of formats"
    package.run("--library", library, "index", photos)
    status = json.loads(package.run("--library", library, "status", "--json"))
    check(
        status["vector_count"] == len(written) and status["failure_count"] == 0,
        f"of {sorted(written)}, there is only {status}",
    )
    example = photos / "heic.heic"
    result = package.run("--library", library, "search", "--json", "--like", example)
    first = json.loads(result)["hits"][0]
    check(first["path"].endswith("heic.heic"), f"the HEIC does not find itself: {first}")
    return ", ".join(sorted(written))


def write_formats(directory: Path) -> set[str]:
    """Writes another picture of the sample album in each format; returns the suffixes."""
    pillow_heif.register_heif_opener()
    directory.mkdir()
    pictures = sorted((ROOT / "resources" / "sample" / "pictures").rglob("*.jpg"))
    for picture, (suffix, name) in zip(pictures, _FORMATS.items(), strict=False):
        with Image.open(picture) as image:
            image.convert("RGB").save(directory / f"{suffix}.{suffix}", name)
    return set(_FORMATS)


def try_facts(package: Package) -> str:
    """Headers are read, places named, and raw data developed: exiv2, the gazetteer, LibRaw."""
    from tests.images.raws import dng

    photos = package.home / "with facts"
    photos.mkdir()
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Smoke", "Camera 1"
    exif.get_ifd(_GPS).update({1: "N", 2: (41.0, 54.0, 0.0), 3: "E", 4: (12.0, 30.0, 0.0)})
    Image.new("RGB", (64, 48), "red").save(photos / "rome.jpg", exif=exif)
    pictures = sorted((ROOT / "resources" / "sample" / "pictures").rglob("*.jpg"))
    with Image.open(pictures[0]) as image:
        (photos / "sensor.dng").write_bytes(dng(image.convert("RGB").resize((96, 64))))
    library = package.home / "library of facts"
    package.run("--library", library, "index", photos)
    status = json.loads(package.run("--library", library, "status", "--json"))
    check(status["vector_count"] == 2, f"the raw file was not developed: {status}")
    result = json.loads(
        package.run("--library", library, "search", "--json", "camera:Smoke place:Rome")
    )
    check(len(result["hits"]) == 1, f"camera and place were not found: {result}")
    return "EXIF, a place, a DNG"


def try_independence(package: Package) -> str:
    """No process of the package uses a library of the checkout, nor hands on its own."""
    if not sys.platform.startswith("linux"):
        return "only looked at on Linux"
    with window(package, package.home / "photosearch" / "demo") as process:
        wait_for_paint(package.home / "photosearch" / "demo", time.monotonic(), process)
        processes = [entry for entry in Path("/proc").glob("[0-9]*") if is_ours(entry)]
        mapped = {
            line.split(maxsplit=5)[5]
            for entry in processes
            for line in (entry / "maps").read_text().splitlines()
            if "/" in line
        }
        inherited = [
            variable
            for entry in processes
            for variable in os.fsdecode((entry / "environ").read_bytes()).split("\0")
            if variable.startswith("LD_LIBRARY_PATH_ORIG=") and str(PACKAGE) in variable
        ]
    inside = [path for path in mapped if path.startswith(f"{PACKAGE}/")]
    foreign = [
        path
        for path in mapped
        if path.startswith((f"{ROOT}/", sys.base_prefix, sys.prefix)) and path not in inside
    ]
    check(bool(inside), "no process of the package was seen")
    check(not foreign, f"files that a user does not have: {sorted(foreign)}")
    check(not inherited, f"a child got the library path of the package: {inherited}")
    return f"{len(processes)} processes, {len(inside)} files of the package mapped"


def is_ours(process: Path) -> bool:
    """Tells whether a process, given as its directory in /proc, is one of the package."""
    try:
        return (process / "exe").readlink().is_relative_to(PACKAGE)
    except OSError:
        return False


@contextmanager
def window(package: Package, library: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Opens the window for the block."""
    process = subprocess.Popen(
        package.command("--library", library, program="photosearch-gui"),
        env=package.environment(),
        cwd=package.home,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def wait_for_paint(library: Path, started_s: float, process: subprocess.Popen[bytes]) -> float:
    """Returns the seconds from `started_s` until the window's log says that it is painted.

    Raises:
        SmokeError: It ends or does not come.
    """
    log = library / "gui.log"
    while time.monotonic() < started_s + _FIRST_PAINT_LIMIT_S and process.poll() is None:
        if log.exists() and "the window is painted" in log.read_text(encoding="utf-8"):
            return time.monotonic() - started_s
        time.sleep(0.005)
    raise SmokeError(f"the window did not open (exit status {process.poll()})")


def start_s(package: Package) -> float:
    """Measures the seconds from starting the window's program to its first paint; the best."""
    times = []
    for number in range(_START_REPEATS):
        library = package.home / f"start {number}"
        started_s = time.monotonic()
        with window(package, library) as process:
            times.append(wait_for_paint(library, started_s, process))
    return min(times)


def unpacked_mb() -> float:
    """Measures the size of the package's files; links weigh nothing."""
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and not path.is_symlink()]
    return sum(path.stat().st_size for path in files) / 1e6


TRIALS: tuple[Callable[[Package], str], ...] = (
    try_doctor,
    try_loaders,
    try_demo,
    try_int8,
    try_transfer,
    try_formats,
    try_facts,
    try_independence,
)


def main() -> int:
    """Builds, tries and measures; returns the exit status."""
    parser = argparse.ArgumentParser(prog="package-smoke", description=__doc__.splitlines()[0])
    parser.add_argument("--no-build", action="store_true", help="try what is already built")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if not options.no_build:
        started_s = time.monotonic()
        shutil.rmtree(PACKAGE, ignore_errors=True)
        if subprocess.call([sys.executable, *BUILD_PACKAGE], cwd=ROOT) != 0:
            return 1
        print(f"built in {time.monotonic() - started_s:.0f} s", flush=True)
    with tempfile.TemporaryDirectory(prefix="ps-", ignore_cleanup_errors=True) as directory:
        package = Package(Path(directory).resolve())
        try:
            print(package.run("--version").strip(), flush=True)
            for trial in TRIALS:
                started_s = time.monotonic()
                found = trial(package)
                name = trial.__name__.removeprefix("try_")
                print(f"{name:<14} {found}  ({time.monotonic() - started_s:.0f} s)", flush=True)
            figures = {"package.unpacked_mb": unpacked_mb(), "package.start_s": start_s(package)}
        except (SmokeError, subprocess.TimeoutExpired) as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
    for name, value in figures.items():
        print(f"{name:<44} {value:>10.4g}")
    from tests.benchmarks.figures import record

    record(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
