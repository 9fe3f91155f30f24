"""Fetches one file, from the model hub or from any address: resumed where it was cut, and proved.

The hub's own library answers where a file lies, how long it is and what its hash is, and lends its
session (mirror by `HF_ENDPOINT`, proxies, `HF_TOKEN`, offline mode). Its `hf_hub_download` is not
used: since version 2 it throws away what a cut download had.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2
from huggingface_hub import constants, get_hf_file_metadata, get_session, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import (  # type: ignore[attr-defined]
    build_hf_headers,
    hf_raise_for_status,
)

from photosearch.embed.bytes_meter import BytesMeter
from photosearch.embed.packs import sha256
from photosearch.embed.spec import RemoteFile
from photosearch.errors import ModelError

log = logging.getLogger(__name__)

# Else the library tells the hub about this machine, and fetches a list of programs by itself.
constants.HF_HUB_DISABLE_TELEMETRY = True

WITHOUT_NETWORK = (
    "Check the connection; HF_ENDPOINT names a mirror, HTTPS_PROXY a proxy. Or bring the model "
    "from another machine: there, photosearch models export ID FILE; here, photosearch models "
    "import FILE. Until then the model in use goes on answering."
)
_CHUNK_BYTES = 1 << 18
#: Before a connection that was cut is made again.
_PAUSE_S = 0.5
_SHA256 = re.compile(r"[0-9a-f]{64}")
_GIT_SHA1 = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Remote:
    """A file elsewhere, and what it must be.

    Attributes:
        path: As the catalogue names it.
        url: Its address.
        size_bytes: 0 where nobody knows.
        sha256: In hexadecimal, "" where nobody knows.
        git_sha1: Of small files on the hub, "" where nobody knows.
        headers: What to send along.
    """

    path: str
    url: str
    size_bytes: int = 0
    sha256: str = ""
    git_sha1: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def is_proved_by(self, path: Path) -> bool:
        """Whether a file on disk is this one. Reads it."""
        size_bytes = path.stat().st_size
        if self.size_bytes not in (0, size_bytes):
            return False
        if self.sha256:
            return sha256(path) == self.sha256
        if self.git_sha1:
            blob = b"blob %d\0%s" % (size_bytes, path.read_bytes())
            return hashlib.sha1(blob, usedforsecurity=False).hexdigest() == self.git_sha1
        return True


def look_up(repo: str, revision: str, file: RemoteFile) -> Remote:
    """Asks for a file's size and hash.

    Raises:
        ModelError: It cannot be reached, is not there, or is not the one that the catalogue means.
    """
    if file.url:
        if file.size_bytes:
            return Remote(file.path, file.url, file.size_bytes, file.sha256)
        with told(file.path, file.url):
            response = get_session().head(file.url, timeout=constants.HF_HUB_ETAG_TIMEOUT)
            hf_raise_for_status(response)
        length = response.headers.get("Content-Length", "0")
        return Remote(file.path, file.url, int(length) if length.isdigit() else 0, file.sha256)
    url = hf_hub_url(repo, file.path, revision=revision)
    with told(file.path, url):
        found = get_hf_file_metadata(url)
    if found.commit_hash is None:
        raise ModelError(f"{_host(url)} does not answer like the model hub.", WITHOUT_NETWORK)
    etag = found.etag or ""
    remote = Remote(
        file.path,
        url,
        found.size or file.size_bytes,
        file.sha256 or (etag if _SHA256.fullmatch(etag) else ""),
        etag if _GIT_SHA1.fullmatch(etag) else "",
        build_hf_headers(),
    )
    if file.size_bytes not in (0, remote.size_bytes):
        raise ModelError(
            f"{file.path} of {repo} has {remote.size_bytes:,} bytes at {_host(url)}, and must have "
            f"{file.size_bytes:,}.",
            "The mirror may be wrong, see HF_ENDPOINT; or update Photosearch.",
        )
    return remote


def incomplete(target: Path) -> Path:
    """Returns where a file lies while it is being fetched."""
    return target.with_name(f"{target.name}.incomplete")


def fetch(remote: Remote, target: Path, meter: BytesMeter) -> None:
    """Fetches a file, going on where an earlier attempt was cut.

    Args:
        remote: What to fetch.
        target: Appears under this name when it is whole and proved.
        meter: Counts; what an earlier attempt left was counted before.

    Raises:
        ModelError: It cannot be reached, or what came is not what it must be.
        Cancelled: It is no longer wanted; what came is kept for the next attempt.
        OSError: The disk refuses.
    """
    part = incomplete(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if part.exists() and not remote.size_bytes:  # nobody could say where its end is
        meter.have(-_size(part))
        part.unlink()
    was_resumed = _size(part) > 0
    while True:
        with told(remote.path, remote.url):
            _receive_all(remote, part, meter)
        if remote.is_proved_by(part):
            part.replace(target)
            return
        meter.have(-_size(part))
        part.unlink()
        if not was_resumed:
            raise ModelError(
                f"{remote.path} came from {_host(remote.url)} with a wrong hash or size; it was "
                "thrown away.",
                "Try again later, or from another mirror: HF_ENDPOINT.",
            )
        was_resumed = False  # the old beginning may be at fault: once more from the start


def _receive_all(remote: Remote, part: Path, meter: BytesMeter) -> None:
    """Receives until nothing is missing; goes on after a cut if the attempt brought something."""
    while True:
        before_bytes = _size(part)
        try:
            _receive(remote, part, meter)
        except httpx2.TransportError as error:
            if _size(part) <= before_bytes:
                raise
            log.info("%s was cut: %s", remote.path, error)
        else:
            if _size(part) >= remote.size_bytes or _size(part) <= before_bytes:
                return
        time.sleep(_PAUSE_S)


def _receive(remote: Remote, part: Path, meter: BytesMeter) -> None:
    """Receives from one connection what is missing of a file."""
    offset = _size(part)
    if remote.size_bytes and offset >= remote.size_bytes:
        return
    headers = {**remote.headers, "Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    stream = get_session().stream(
        "GET", remote.url, headers=headers, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT
    )
    with stream as response:
        hf_raise_for_status(response)
        is_rest = response.status_code == httpx2.codes.PARTIAL_CONTENT
        if offset and not is_rest:
            meter.have(-offset)
        # Unbuffered: what was received before a cut is on disk, not in a buffer.
        with part.open("ab" if is_rest else "wb", buffering=0) as file:
            for chunk in response.iter_bytes(_CHUNK_BYTES):
                file.write(chunk)
                meter.moved(len(chunk))


@contextmanager
def told(path: str, url: str) -> Iterator[None]:
    """Tells what goes wrong between us and a server as a `ModelError`."""
    host = _host(url)
    try:
        yield
    except OfflineModeIsEnabled as error:
        raise ModelError(
            "HF_HUB_OFFLINE forbids downloads.", "Unset it for this command."
        ) from error
    except GatedRepoError as error:
        raise ModelError(
            f"{host} gives {path} only to people who accepted the model's terms.",
            "Accept them on the model's page, and set HF_TOKEN to a token of yours.",
        ) from error
    except (RepositoryNotFoundError, RevisionNotFoundError, RemoteEntryNotFoundError) as error:
        raise ModelError(f"{host} has no {path} ({url}).", WITHOUT_NETWORK) from error
    except HfHubHTTPError as error:
        code = error.response.status_code
        raise ModelError(f"{host} refused {path} with status {code}.", WITHOUT_NETWORK) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        why = str(error) or type(error).__name__
        raise ModelError(
            f"{path} cannot be had from {host}{_by_proxy(url)}: {why}.", WITHOUT_NETWORK
        ) from error


def _by_proxy(url: str) -> str:
    """Names the proxy on the way to an address, without its password; "" where there is none."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme, "")
    if not proxy or proxy_bypass(parts.hostname or ""):
        return ""
    return f" through the proxy {urlsplit(proxy).netloc.rpartition('@')[2] or proxy}"


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
