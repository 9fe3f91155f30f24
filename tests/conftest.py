"""What every test may use: tiny pictures, and a private home for anything Photosearch writes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from PIL import Image

# What is green once stays green: `--hypothesis-profile=default` looks for new cases instead.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"
# Whether index work goes on must not depend on the battery of whoever runs the tests.
os.environ["PHOTOSEARCH_ALONE"] = "1"

Colour = tuple[int, int, int]
MakePicture = Callable[..., Path]


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the models of all tests are: the sample model is converted once."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session", autouse=True)
def _shared_models(models_dir: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PHOTOSEARCH_MODELS", str(models_dir))
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keeps every file and socket of a test apart from the user's and from other tests'."""
    directory = tmp_path / "home"
    monkeypatch.setenv("PHOTOSEARCH_HOME", str(directory))
    monkeypatch.setenv("PHOTOSEARCH_ENGINE_LINGER_S", "0")
    # Sockets need short paths, and pytest's own directories are long.
    with tempfile.TemporaryDirectory(prefix="ps-") as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        yield directory


@pytest.fixture
def make_picture() -> MakePicture:
    """Returns a function that writes a picture of one colour, unlike any other by its noise."""
    count = 0

    def make(
        path: Path, colour: Colour = (200, 30, 30), size_px: tuple[int, int] = (64, 48)
    ) -> Path:
        nonlocal count
        count += 1
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGB", size_px, colour)
        # A few pixels that differ make each picture a content of its own.
        for bit in range(12):
            shade = 255 if count >> bit & 1 else 0
            image.putpixel((bit, 0), (shade, shade, shade))
        image.save(path, quality=95)
        return path

    return make
