"""A model hub on this machine that can be cut, wrong or lack a file; and a model that it has."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from huggingface_hub import close_session, constants

from photosearch.core.space import EmbeddingSpace, ImageInput
from photosearch.embed.spec import Layout, ModelSpec, RemoteFile, TowerKind, TowerSpec

REVISION = "0123456789abcdef0123456789abcdef01234567"
SHARED, TEXTS = "makers/both-towers", "makers/more-languages"


def content(name: str, size_bytes: int) -> bytes:
    return random.Random(name).randbytes(size_bytes)


CONFIG = b'{"model_type": "clip"}'
WEIGHTS = content("weights", 3_000_000)
VOCABULARY = content("vocabulary", 40_000)
MORE_WEIGHTS = content("more weights", 400_000)
LINEAR = content("linear", 50_000)
LINEAR_URL = "/elsewhere/linear.pkl"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Hub:
    """What the server has, does wrong, and was asked.

    Attributes:
        url: Its address.
        files: Content by path below the server.
        cuts: How often each path is still to be cut in its middle.
        stalls: Paths that send one half, and no more until the end of the test.
        ignores_range: Whole files come, whatever was asked.
        is_hub: Without it, the answers lack what marks a hub.
        asked: Method, path and range of every request.
    """

    url: str
    files: dict[str, bytes]
    cuts: dict[str, int] = field(default_factory=dict)
    stalls: set[str] = field(default_factory=set)
    ignores_range: bool = False
    is_hub: bool = True
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    proxied: list[str] = field(default_factory=list)
    end: threading.Event = field(default_factory=threading.Event)

    def gets(self, name: str) -> list[str]:
        """The ranges in which a file was asked for."""
        return [
            wanted for method, path, wanted in self.asked if method == "GET" and path.endswith(name)
        ]


def resolve(repo: str, path: str) -> str:
    return f"/{repo}/resolve/{REVISION}/{path}"


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        hub = self.hub
        if self.path.startswith("http"):
            hub.proxied.append(self.path)
        path = urlsplit(self.path).path
        hub.asked.append((self.command, path, self.headers.get("Range", "")))
        data = hub.files.get(path)
        if data is None:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = 0
        wanted = self.headers.get("Range", "")
        if wanted and not hub.ignores_range:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        if hub.is_hub:
            self.send_header("X-Repo-Commit", REVISION)
        if len(data) > 1000:
            self.send_header("X-Linked-Etag", f'"{sha256(data)}"')
            self.send_header("X-Linked-Size", str(len(data)))
        blob = hashlib.sha1(b"blob %d\0%s" % (len(data), data))
        self.send_header("ETag", f'"{blob.hexdigest()}"')
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if not with_body:
            return
        body = data[start:]
        if path in hub.stalls:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            hub.end.wait()
            self.close_connection = True
        elif hub.cuts.get(path, 0):
            hub.cuts[path] -= 1
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)


@contextmanager
def serve() -> Iterator[Hub]:
    """Runs a hub with all files of `model`, and some that nobody needs."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    files = {
        resolve(SHARED, "config.json"): CONFIG,
        resolve(SHARED, "model.safetensors"): WEIGHTS,
        resolve(SHARED, "pytorch_model.bin"): WEIGHTS,
        resolve(SHARED, "vocabulary.txt"): VOCABULARY,
        resolve(TEXTS, "sub/model.safetensors"): MORE_WEIGHTS,
        LINEAR_URL: LINEAR,
    }
    hub = Hub(f"http://127.0.0.1:{server.server_port}", files)
    handler.hub = hub  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.end.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that downloads go to instead of the real one."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serve() as hub:
        template = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        close_session()
        yield hub
        close_session()


def model(url: str) -> ModelSpec:
    """A model of two towers from one repository, and one from another and from elsewhere."""
    image = TowerSpec(
        "makers/pictures",
        TowerKind.IMAGE,
        Layout.TRANSFORMERS,
        SHARED,
        REVISION,
        "makers-pictures@1",
        8,
        (
            RemoteFile("config.json"),
            RemoteFile("model.safetensors", len(WEIGHTS), sha256(WEIGHTS)),
        ),
        image_input=ImageInput(32),
    )
    text = TowerSpec(
        "makers/texts",
        TowerKind.TEXT,
        Layout.TRANSFORMERS,
        SHARED,
        REVISION,
        "makers-texts@1",
        8,
        (RemoteFile("config.json"), RemoteFile("vocabulary.txt", len(VOCABULARY))),
        languages=("en",),
    )
    more = TowerSpec(
        "makers/more",
        TowerKind.TEXT,
        Layout.MULTILINGUAL_CLIP,
        TEXTS,
        REVISION,
        "makers-more@1",
        8,
        (
            RemoteFile("sub/model.safetensors", len(MORE_WEIGHTS), sha256(MORE_WEIGHTS)),
            RemoteFile("linear.pkl", len(LINEAR), sha256(LINEAR), url + LINEAR_URL),
        ),
        languages=("de", "ja"),
    )
    space = EmbeddingSpace("makers-pictures@1+p1", 8, image.id, (text.id, more.id))
    return ModelSpec("makers", "Makers", "", "MIT", space, image, (text, more))


TOTAL_BYTES = len(CONFIG) + len(WEIGHTS) + len(VOCABULARY) + len(MORE_WEIGHTS) + len(LINEAR)
