from __future__ import annotations

import contextlib
import json
import shutil
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from huggingface_hub import close_session, constants

from photosearch.core.cancel import CancelToken
from photosearch.embed import damage, download, fetch, inventory, packs, repair
from photosearch.embed.bytes_meter import BytesProgress
from photosearch.embed.inventory import ModelState
from photosearch.embed.originals import checkouts
from photosearch.embed.spec import ModelSpec, RemoteFile
from photosearch.errors import Cancelled, ModelError

from .hub import (
    LINEAR_URL,
    MORE_WEIGHTS,
    REVISION,
    SHARED,
    TEXTS,
    TOTAL_BYTES,
    WEIGHTS,
    Hub,
    model,
    resolve,
)

WEIGHTS_PATH = resolve(SHARED, "model.safetensors")


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_PAUSE_S", 0.0)


@pytest.fixture
def spec(hub: Hub) -> ModelSpec:
    return model(hub.url)


def get(spec: ModelSpec, models_dir: Path, cancel: CancelToken | None = None) -> int:
    return download.download(download.plan(spec, models_dir), models_dir, cancel=cancel)


def shared(models_dir: Path) -> Path:
    return models_dir / "makers--both-towers" / REVISION


def test_a_download_brings_the_needed_files_and_no_others(
    hub: Hub, spec: ModelSpec, tmp_path: Path
) -> None:
    wanted = download.plan(spec, tmp_path)
    assert len(wanted.wanted) == 5
    seen: list[BytesProgress] = []
    assert download.download(wanted, tmp_path, seen.append) == 5
    assert (shared(tmp_path) / "model.safetensors").read_bytes() == WEIGHTS
    more = tmp_path / "makers--more-languages" / REVISION / "sub" / "model.safetensors"
    assert more.read_bytes() == MORE_WEIGHTS
    assert seen[-1].done_bytes == seen[-1].total_bytes == TOTAL_BYTES
    paths = {path for _, path, _ in hub.asked}
    assert paths == {path for path in hub.files if "pytorch_model.bin" not in path}
    assert len(hub.gets("config.json")) == 1, "a repository that two towers share is fetched once"
    assert not list(tmp_path.rglob("*.part"))
    assert inventory.holding(spec, tmp_path).state is ModelState.PRESENT
    hub.asked.clear()
    assert get(spec, tmp_path) == 0
    assert hub.asked == []


def test_a_connection_that_is_cut_is_made_again_where_it_was(
    hub: Hub, spec: ModelSpec, tmp_path: Path
) -> None:
    hub.cuts[WEIGHTS_PATH] = 3
    get(spec, tmp_path)
    half = len(WEIGHTS) // 2
    starts = [int(wanted[6:-1]) if wanted else 0 for wanted in hub.gets("model.safetensors")[:4]]
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert starts[1] <= half
    assert (shared(tmp_path) / "model.safetensors").read_bytes() == WEIGHTS


def test_a_download_that_was_stopped_goes_on_later(
    hub: Hub, spec: ModelSpec, tmp_path: Path
) -> None:
    hub.stalls.add(WEIGHTS_PATH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.3)
        with pytest.raises(ModelError, match="cannot be had from"):
            get(spec, tmp_path)
    found = inventory.holding(spec, tmp_path)
    assert found.state is ModelState.PARTIAL
    assert not found.is_usable
    assert not shared(tmp_path).exists(), "a half download is never seen"
    hub.stalls.clear()
    hub.asked.clear()
    seen: list[BytesProgress] = []
    download.download(download.plan(spec, tmp_path), tmp_path, seen.append)
    (wanted,) = hub.gets("both-towers/resolve/" + REVISION + "/model.safetensors")
    assert int(wanted[6:-1]) > len(WEIGHTS) // 3
    started = next(now for now in seen if now.total_bytes)
    assert started.done_bytes > len(WEIGHTS) // 3, "what was there counts"
    assert seen[-1].done_bytes == seen[-1].total_bytes == TOTAL_BYTES
    assert (shared(tmp_path) / "model.safetensors").read_bytes() == WEIGHTS


def test_cancel_ends_it_and_keeps_what_came(hub: Hub, spec: ModelSpec, tmp_path: Path) -> None:
    cancel = CancelToken()

    def stop_in_the_middle(now: BytesProgress) -> None:
        if now.done_bytes > 0:
            cancel.cancel()

    with pytest.raises(Cancelled):
        download.download(download.plan(spec, tmp_path), tmp_path, stop_in_the_middle, cancel)
    assert inventory.holding(spec, tmp_path).state is ModelState.PARTIAL
    get(spec, tmp_path)
    assert inventory.holding(spec, tmp_path).is_usable


def test_a_server_that_cannot_resume_is_asked_for_all_again(
    hub: Hub, spec: ModelSpec, tmp_path: Path
) -> None:
    hub.cuts[WEIGHTS_PATH] = 1
    hub.ignores_range = True
    get(spec, tmp_path)
    assert (shared(tmp_path) / "model.safetensors").read_bytes() == WEIGHTS


def test_a_wrong_hash_is_thrown_away_and_said(hub: Hub, spec: ModelSpec, tmp_path: Path) -> None:
    hub.files[WEIGHTS_PATH] = WEIGHTS[:-1] + b"\0"
    with pytest.raises(ModelError, match=r"model\.safetensors came from .* with a wrong hash"):
        get(spec, tmp_path)
    assert not inventory.holding(spec, tmp_path).is_usable
    assert not list(tmp_path.rglob("model.safetensors*"))
    hub.files[WEIGHTS_PATH] = WEIGHTS
    get(spec, tmp_path)
    assert inventory.holding(spec, tmp_path).is_usable


def test_a_damaged_beginning_is_fetched_once_more(
    hub: Hub, spec: ModelSpec, tmp_path: Path
) -> None:
    draft = shared(tmp_path).with_name(f"{REVISION}.part") / "model.safetensors.incomplete"
    draft.parent.mkdir(parents=True)
    draft.write_bytes(bytes(1000))
    get(spec, tmp_path)
    assert (shared(tmp_path) / "model.safetensors").read_bytes() == WEIGHTS


def test_the_hubs_hash_counts_where_the_catalogue_has_none(
    hub: Hub, spec: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get(spec, tmp_path)
    (shared(tmp_path) / "config.json").unlink()
    remote = fetch.look_up(SHARED, REVISION, RemoteFile("config.json"))
    assert remote.git_sha1
    hub.files[resolve(SHARED, "config.json")] = b'{"model_type": "clap"}'
    monkeypatch.setattr(fetch, "look_up", lambda *_: remote)
    with pytest.raises(ModelError, match=r"config\.json came from .* with a wrong hash"):
        get(spec, tmp_path)


def test_a_file_of_another_size_is_refused_before_it_is_fetched(
    hub: Hub, spec: ModelSpec, tmp_path: Path
) -> None:
    hub.files[WEIGHTS_PATH] = WEIGHTS[:-1]
    with pytest.raises(ModelError, match="2,999,999 bytes at"):
        get(spec, tmp_path)
    assert hub.gets("model.safetensors") == []


@pytest.mark.parametrize("path", [resolve(TEXTS, "sub/model.safetensors"), LINEAR_URL])
def test_a_file_that_is_not_there_is_named(
    hub: Hub, spec: ModelSpec, tmp_path: Path, path: str
) -> None:
    del hub.files[path]
    with pytest.raises(ModelError, match=path.rsplit("/", 1)[1]) as caught:
        get(spec, tmp_path)
    assert "photosearch models import" in caught.value.hint
    assert not inventory.holding(spec, tmp_path).is_usable


class Room(NamedTuple):
    free: int


def test_a_disk_that_is_too_small_is_said_before_the_download(
    hub: Hub, spec: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Enough for the download, but not for the converted form beside it.
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Room(TOTAL_BYTES + 1000))
    with pytest.raises(ModelError, match="are needed"):
        get(spec, tmp_path)
    assert not any(method == "GET" for method, _, _ in hub.asked)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_disk_that_fills_up_harms_nothing(hub: Hub, spec: ModelSpec, tmp_path: Path) -> None:
    image_only = replace(spec, texts=())
    get(image_only, tmp_path)
    full = tmp_path / "makers--more-languages" / f"{REVISION}.part" / "sub"
    full.mkdir(parents=True)
    (full / "model.safetensors.incomplete").symlink_to("/dev/full")
    with pytest.raises(ModelError, match="is full"):
        get(spec, tmp_path)
    assert inventory.holding(image_only, tmp_path).is_usable
    (full / "model.safetensors.incomplete").unlink()
    get(spec, tmp_path)
    assert inventory.holding(spec, tmp_path).is_usable


def test_no_connection_says_what_to_do(
    hub: Hub, spec: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:9/{repo_id}/{filename}"
    )
    with pytest.raises(ModelError, match=r"cannot be had from 127\.0\.0\.1:9") as caught:
        get(spec, tmp_path)
    for way in ("HF_ENDPOINT", "photosearch models import", "goes on answering"):
        assert way in caught.value.hint


def test_the_users_offline_mode_is_respected(
    hub: Hub, spec: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE"):
        get(spec, tmp_path)
    assert hub.asked == []


def test_a_page_of_a_hotel_is_not_taken_for_the_hub(
    hub: Hub, spec: ModelSpec, tmp_path: Path
) -> None:
    hub.is_hub = False
    with pytest.raises(ModelError, match="does not answer like the model hub"):
        get(spec, tmp_path)


def test_a_proxy_is_used(
    hub: Hub, spec: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", hub.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        "http://hub.invalid/{repo_id}/resolve/{revision}/{filename}",
    )
    close_session()
    get(spec, tmp_path)
    assert any(url.startswith("http://hub.invalid/") for url in hub.proxied)


def test_two_downloads_do_not_mix(hub: Hub, spec: ModelSpec, tmp_path: Path) -> None:
    hub.stalls.add(WEIGHTS_PATH)
    cancel = CancelToken()
    first = threading.Thread(target=_ignoring_cancel, args=(spec, tmp_path, cancel))
    first.start()
    while not hub.gets("model.safetensors"):
        first.join(0.01)
    with pytest.raises(ModelError, match="Another download"):
        get(spec, tmp_path)
    cancel.cancel()
    hub.end.set()
    first.join()


def _ignoring_cancel(spec: ModelSpec, models_dir: Path, cancel: CancelToken) -> None:
    with contextlib.suppress(Cancelled, ModelError):
        get(spec, models_dir, cancel)


def test_what_is_here_in_converted_form_is_not_fetched(
    hub: Hub, spec: ModelSpec, tmp_path: Path
) -> None:
    for tower in spec.texts:
        place = packs.pack_directory(tower, tmp_path)
        place.mkdir(parents=True)
        (place / packs.NETWORK_FILE).touch()
        (place / packs.MANIFEST_FILE).write_text('{"sha256": {}}', encoding="utf-8")
    assert {one.file.path for one in download.plan(spec, tmp_path).wanted} == {
        "config.json",
        "model.safetensors",
    }
    everything = download.plan(spec, tmp_path, with_originals=True)
    assert len(everything.wanted) == 5


def test_damage_is_found_by_what_was_noted_and_fetched_again(
    hub: Hub, spec: ModelSpec, tmp_path: Path
) -> None:
    get(spec, tmp_path)
    whole = damage.check(spec, tmp_path)
    assert (whole.proved_count, whole.unproved, whole.damaged) == (5, (), ())
    vocabulary = shared(tmp_path) / "vocabulary.txt"
    vocabulary.write_bytes(bytes(vocabulary.stat().st_size))
    found = damage.check(spec, tmp_path)
    assert found.damaged == (vocabulary,)
    assert repair.repair(spec, tmp_path, found.damaged) == 1
    assert damage.check(spec, tmp_path).damaged == ()


def test_the_list_of_hashes_may_be_lost(hub: Hub, spec: ModelSpec, tmp_path: Path) -> None:
    get(spec, tmp_path)
    (shared(tmp_path) / "photosearch-files.json").write_text("[", encoding="utf-8")
    found = damage.check(spec, tmp_path)
    assert {path.name for path in found.unproved} == {"config.json", "vocabulary.txt"}
    assert found.damaged == ()


def test_removing_spares_what_another_model_needs(
    hub: Hub, spec: ModelSpec, tmp_path: Path
) -> None:
    get(spec, tmp_path)
    other = replace(spec, id="other", texts=spec.texts[:1])
    freed = inventory.remove(spec, tmp_path, [spec, other])
    assert freed > len(MORE_WEIGHTS)
    assert inventory.holding(other, tmp_path).is_usable
    assert not inventory.holding(spec, tmp_path).is_usable
    assert inventory.remove(other, tmp_path, [spec, other]) > len(WEIGHTS)
    assert inventory.holding(other, tmp_path).state is ModelState.ABSENT
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert left == []


def test_shared_files_are_noted_together(hub: Hub, spec: ModelSpec, tmp_path: Path) -> None:
    get(replace(spec, texts=()), tmp_path)
    get(spec, tmp_path)
    (place,) = [one for one in checkouts(spec.towers, tmp_path) if one.repo == SHARED]
    noted = json.loads((place.directory / "photosearch-files.json").read_text(encoding="utf-8"))
    assert set(noted) == {"config.json", "model.safetensors", "vocabulary.txt"}


def test_a_dead_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@proxy.invalid:3128")
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(ModelError) as caught, fetch.told("a.bin", "https://hub.invalid/a.bin"):
        raise httpx2.ConnectError("no such host")
    assert "from hub.invalid through the proxy proxy.invalid:3128: no such" in caught.value.message
    assert "secret" not in caught.value.message
