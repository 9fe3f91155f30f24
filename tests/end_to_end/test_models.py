"""Models in the real program: no network once one is here; another one takes over."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import MakePicture
from tests.embed.hub import serve
from tests.end_to_end.conftest import Program

pytestmark = [pytest.mark.model, pytest.mark.slow]

#: Read by every Python that starts with it, engine and decoders too. They listen on a local socket,
#: which is of another family.
NO_INTERNET = """
import os, socket, sys
real = socket.socket
class Forbidden(real):
    def __init__(self, family=-1, *rest, **more):
        if family in (-1, socket.AF_INET, socket.AF_INET6) and more.get("fileno", None) is None \\
                and not (len(rest) > 2 and rest[2] is not None):
            with open(os.environ["TOUCHED"], "a") as file:
                file.write(" ".join(sys.argv) + "\\n")
            raise OSError("the internet is forbidden")
        super().__init__(family, *rest, **more)
socket.socket = Forbidden
def refused(*_, **__):
    with open(os.environ["TOUCHED"], "a") as file:
        file.write("name look-up by " + " ".join(sys.argv) + "\\n")
    raise socket.gaierror("the internet is forbidden")
socket.getaddrinfo = refused
with open(os.environ["STARTED"], "a") as file:
    file.write(" ".join(sys.argv) + "\\n")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the engine's own socket is of TCP there")
def test_with_a_model_here_nothing_touches_the_internet(
    program: Program, tmp_path: Path, make_picture: MakePicture
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(NO_INTERNET, encoding="utf-8")
    touched, started = tmp_path / "touched.txt", tmp_path / "started.txt"
    root = tmp_path / "photos"
    example = make_picture(root / "red.jpg")
    make_picture(root / "blue.png", (20, 20, 200))
    environment = {
        **program.environment,
        "PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]),
        "PHOTOSEARCH_ENGINE_LINGER_S": "8",
        "TOUCHED": str(touched),
        "STARTED": str(started),
    }
    environment.pop("HF_HUB_OFFLINE", None)  # the program itself has to keep off
    offline = replace(program, environment=environment)
    assert offline.json("index", root)["encoded"] == 2
    assert len(offline.json("search", "a dog in the snow")["hits"]) == 2
    assert offline.json("search", "--like", example)["hits"][0]["path"] == str(example)
    assert offline.json("status")["vector_count"] == 2
    assert offline.json("models", "list")
    assert offline.json("models", "verify", "sample", "--golden")["is_good"]
    assert any("engine" in line for line in started.read_text(encoding="utf-8").splitlines())
    assert not touched.exists(), touched.read_text(encoding="utf-8")
    # And the ban bites: whoever does want the network is stopped, and says what to do.
    done = offline.run("models", "download", "clip-ViT-B-32")
    assert done.returncode == 4
    assert "photosearch models import" in done.stderr
    assert touched.exists()


def test_a_mirror_named_by_the_environment_is_asked(program: Program) -> None:
    environment = {**program.environment, "PHOTOSEARCH_MODELS": str(program.library / "models")}
    environment.pop("HF_HUB_OFFLINE", None)
    with serve() as hub:
        mirrored = replace(program, environment={**environment, "HF_ENDPOINT": hub.url})
        done = mirrored.run("models", "download", "clip-ViT-B-32")
    assert done.returncode == 4
    assert f"{hub.url.removeprefix('http://')} has no modules.json" in done.stderr
    assert "Traceback" not in done.stderr
    # Neither is anything told or asked besides.
    assert all("/sentence-transformers/clip-ViT-B-32/" in path for _, path, _ in hub.asked)
    assert hub.asked


def test_an_exported_model_is_imported_and_used(program: Program, tmp_path: Path) -> None:
    archive = tmp_path / "sample.zip"
    assert program.json("models", "export", "sample", archive)["bytes"] > 1_000_000
    elsewhere = {**program.environment, "PHOTOSEARCH_MODELS": str(tmp_path / "elsewhere")}
    other = replace(program, environment=elsewhere)
    (imported,) = other.json("models", "import", archive)
    assert (imported["model"], imported["state"]) == ("sample", "converted")
    assert other.json("models", "use", "sample")["model"] == "sample"
    done = other.run("models", "use", "clip-ViT-B-32")
    assert done.returncode == 4
    assert "photosearch models download clip-ViT-B-32" in done.stderr
    done = other.run("models", "remove", "sample", "--space")
    assert done.returncode == 2
    assert "The library uses Sample model" in done.stderr
    forgotten = other.json("models", "remove", "clip-ViT-B-32", "--space")
    assert forgotten["forgotten_photo_count"] == 0
