from __future__ import annotations

import errno
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.core.cancel import CancelToken
from photosearch.embed import (
    bundle,
    catalogue,
    convert_lock,
    damage,
    export_draft,
    exporting,
    inventory,
    packs,
    transfer,
)
from photosearch.embed import convert as conversion
from photosearch.embed.bytes_meter import BytesProgress
from photosearch.embed.inventory import ModelState
from photosearch.embed.spec import ModelSpec, RemoteFile, TowerSpec
from photosearch.errors import Cancelled, ModelError, ModelMissingError, UsageError

from .hub import CONFIG, LINEAR, MORE_WEIGHTS, REVISION, VOCABULARY, WEIGHTS, model

SPEC = model("http://hub.invalid")
SHARED_FILES = {
    "config.json": CONFIG,
    "model.safetensors": WEIGHTS,
    "vocabulary.txt": VOCABULARY,
    "README.md": b"read me",
}
MORE_FILES = {"sub/model.safetensors": MORE_WEIGHTS, "linear.pkl": LINEAR}


def fill(directory: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return directory


def convert(tower: TowerSpec, models_dir: Path) -> packs.Pack:
    """Makes a pack of a tower that never was one."""
    draft = fill(models_dir / "draft", {"model.onnx": tower.id.encode() * 1000})
    about = {
        "pack_version": packs.PACK_VERSION,
        "tower": tower.id,
        "revision": tower.revision,
        "weights": tower.weights,
    }
    return packs.finish_pack(draft, packs.pack_directory(tower, models_dir), about)


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    there = tmp_path / "there"
    for tower in SPEC.towers:
        convert(tower, there)
    target = tmp_path / "makers.zip"
    assert exporting.export(SPEC, there, target) == target.stat().st_size
    return target


def rewritten(path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """Copies a zip file with other names or contents."""
    other = path.with_name("other.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            if (entry := change(name, source.read(name))) is not None:
                target.writestr(*entry)
    return other


def left_over(models_dir: Path) -> list[Path]:
    return [path for path in models_dir.rglob("*") if path.is_file()]


def test_an_exported_model_works_on_another_machine(exported: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    seen: list[BytesProgress] = []
    assert transfer.import_(exported, here, [SPEC], seen.append) == [SPEC]
    assert inventory.holding(SPEC, here).state is ModelState.CONVERTED
    assert damage.check(SPEC, here).damaged == ()
    assert seen[-1].done_bytes == seen[-1].total_bytes > 0


def test_an_exported_model_may_be_unpacked_first(exported: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(exported) as archive:
        archive.extractall(tmp_path / "unpacked" / "deeper")
    here = tmp_path / "here"
    transfer.import_(tmp_path / "unpacked", here, [SPEC])
    assert inventory.holding(SPEC, here).state is ModelState.CONVERTED


def test_what_is_not_here_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Makers is not on this machine"):
        exporting.export(SPEC, tmp_path, tmp_path / "makers.zip")
    assert not (tmp_path / "makers.zip").exists()


def test_an_export_that_is_stopped_leaves_nothing(exported: Path, tmp_path: Path) -> None:
    before = exported.read_bytes()
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        exporting.export(SPEC, tmp_path / "there", exported, cancel=cancel)
    assert exported.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_what_a_killed_export_left_goes_with_the_next_one(exported: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    code = (
        "import os, sys; from pathlib import Path\n"
        "from photosearch.embed.export_draft import drafted\n"
        "with drafted(Path(sys.argv[1]), Path(sys.argv[2])) as draft:\n"
        "    draft.file.write_bytes(b'half')\n"
        "    (draft.directory / 'half').mkdir()\n"
        "    os._exit(9)\n"
    )
    target = tmp_path / "elsewhere" / "model.zip"
    target.parent.mkdir()
    command = [sys.executable, "-c", code, str(target), str(there)]
    assert subprocess.run(command, check=False).returncode == 9
    assert [path.name for path in target.parent.iterdir()] == ["model.zip.part"]
    with export_draft.drafted(tmp_path / "working.zip", there) as working:
        working.file.write_bytes(b"under way")
        exporting.export(SPEC, there, exported)
        assert working.file.read_bytes() == b"under way"
    assert not list(target.parent.iterdir())
    assert not list(there.glob(".exporting-*"))


def test_a_downloaded_repository_is_recognised_by_its_files(tmp_path: Path) -> None:
    here = tmp_path / "here"
    snapshot = fill(tmp_path / "downloads" / "whatever", SHARED_FILES)
    assert transfer.import_(snapshot, here, [SPEC]) == [SPEC]
    found = inventory.holding(SPEC, here)
    assert found.state is ModelState.PARTIAL
    assert {path.rsplit("/", 1)[1] for path in found.missing} == {
        "linear.pkl",
        "model.safetensors",
    }
    assert not (here / "makers--both-towers" / REVISION / "README.md").exists()
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        for name, data in MORE_FILES.items():
            archive.writestr(f"some folder/{name}", data)
    transfer.import_(tmp_path / "more.zip", here, [SPEC])
    assert inventory.holding(SPEC, here).is_usable
    assert damage.check(SPEC, here).proved_count == 5


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_the_hubs_own_cache_is_recognised(tmp_path: Path) -> None:
    cache = tmp_path / "hub" / "models--makers--both-towers"
    blobs = fill(cache / "blobs", SHARED_FILES)
    snapshot = cache / "snapshots" / REVISION
    snapshot.mkdir(parents=True)
    for name in SHARED_FILES:
        (snapshot / name).symlink_to(os.path.relpath(blobs / name, snapshot))
    here = tmp_path / "here"
    transfer.import_(tmp_path / "hub", here, [replace(SPEC, texts=SPEC.texts[:1])])
    copied = here / "makers--both-towers" / REVISION / "model.safetensors"
    assert copied.read_bytes() == WEIGHTS
    assert not copied.is_symlink()


def alike(name: str) -> ModelSpec:
    """A model whose files cannot be told from another's by what the catalogue knows."""
    files = (RemoteFile("config.json"), RemoteFile("model.safetensors"))
    image = replace(SPEC.image, id=name, repo=f"makers/{name}", files=files, weights=name)
    return replace(SPEC, id=name, name=name, image=image, texts=())


def test_what_may_be_two_models_has_to_be_named(tmp_path: Path) -> None:
    files = {"config.json": CONFIG, "model.safetensors": b"weights"}
    models = [alike("small"), alike("small-v2")]
    folder = fill(tmp_path / "folder", files)
    here = tmp_path / "here"
    with pytest.raises(UsageError, match=r"may be makers/small or makers/small-v2") as caught:
        transfer.import_(folder, here, models)
    assert "--model" in caught.value.hint
    assert left_over(here) == []
    assert transfer.import_(folder, here, models[:1]) == models[:1]
    named = fill(tmp_path / "small-v2", files)
    assert transfer.import_(named, here, models) == models[1:]


def test_a_copied_file_that_is_damaged_is_named_and_nothing_is_taken_in(tmp_path: Path) -> None:
    damaged = fill(
        tmp_path / "download", {**SHARED_FILES, "model.safetensors": WEIGHTS[:-1] + b"\0"}
    )
    here = tmp_path / "here"
    with pytest.raises(ModelError, match=r"model\.safetensors in .* is damaged"):
        transfer.import_(damaged, here, [SPEC])
    assert left_over(here) == []


def test_a_damaged_export_is_named_and_nothing_is_taken_in(exported: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    transfer.import_(exported, here, [SPEC])
    before = {path: path.read_bytes() for path in left_over(here)}

    def flip(name: str, data: bytes) -> tuple[str, bytes]:
        is_last = name.startswith("makers--more") and name.endswith(".onnx")
        return name, data[:-1] + b"\0" if is_last else data

    with pytest.raises(ModelError, match=r"model\.onnx in .* is damaged"):
        transfer.import_(rewritten(exported, flip), here, [SPEC])
    assert {path: path.read_bytes() for path in left_over(here)} == before


def test_an_export_that_lacks_a_file_is_refused(exported: Path, tmp_path: Path) -> None:
    lacking = rewritten(
        exported, lambda name, data: None if name.endswith(".onnx") else (name, data)
    )
    with pytest.raises(ModelError, match=r"lacks makers--pictures"):
        transfer.import_(lacking, tmp_path / "here", [SPEC])


def test_a_zip_that_was_cut_is_refused(exported: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(exported.read_bytes()[:-200])
    with pytest.raises(ModelError, match="no zip file, or a damaged one"):
        transfer.import_(cut, tmp_path / "here", [SPEC])


def test_bytes_that_differ_inside_a_zip_are_refused(exported: Path, tmp_path: Path) -> None:
    data = bytearray(exported.read_bytes())
    place = data.find(b"makers/pictures" * 10)
    data[place + 50] ^= 255
    cut = tmp_path / "changed.zip"
    cut.write_bytes(data)
    with pytest.raises(ModelError, match="damaged"):
        transfer.import_(cut, tmp_path / "here", [SPEC])
    assert left_over(tmp_path / "here") == []


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "a/../../evil", "..\\evil", "C:\\evil", "a/b/../../../evil"]
)
def test_names_that_point_out_of_a_zip_are_refused(
    exported: Path, tmp_path: Path, name: str
) -> None:
    with zipfile.ZipFile(exported, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"evil")
    with pytest.raises(ModelError, match="points out of it"):
        transfer.import_(exported, tmp_path / "here", [SPEC])
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("name", ["../evil", "..", "/evil", "a/b", "C:evil", "a\\b"])
def test_a_list_that_points_out_of_its_pack_is_refused(
    exported: Path, tmp_path: Path, name: str
) -> None:
    def point(path: str, data: bytes) -> tuple[str, bytes]:
        if not path.endswith(packs.MANIFEST_FILE):
            return path, data
        return path, json.dumps({**json.loads(data), "sha256": {name: "0"}}).encode()

    with pytest.raises(ModelError, match="is damaged"):
        transfer.import_(rewritten(exported, point), tmp_path / "here", [SPEC])
    assert not list(tmp_path.rglob("evil*"))


def test_a_pack_of_another_version_is_refused(exported: Path, tmp_path: Path) -> None:
    def age(path: str, data: bytes) -> tuple[str, bytes]:
        if not path.endswith(packs.MANIFEST_FILE):
            return path, data
        return path, json.dumps({**json.loads(data), "pack_version": 0}).encode()

    with pytest.raises(ModelError, match="another version"):
        transfer.import_(rewritten(exported, age), tmp_path / "here", [SPEC])


@pytest.mark.parametrize("make", ["nowhere", "empty", "photos", "text"])
def test_what_holds_no_model_is_said(tmp_path: Path, make: str) -> None:
    path = tmp_path / make
    if make == "photos":
        fill(path, {"a.jpg": b"jpeg", "tower.json": b"{}"})
    elif make == "text":
        path.write_text("no zip", encoding="utf-8")
    elif make == "empty":
        path.mkdir()
    with pytest.raises((UsageError, ModelError), match=make):
        transfer.import_(path, tmp_path / "here", [SPEC])


def test_a_whole_disk_is_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "_MOST_FILES", 3)
    with pytest.raises(UsageError, match="more than 3 files"):
        transfer.import_(fill(tmp_path / "disk", SHARED_FILES), tmp_path / "here", [SPEC])


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tower.json", b"{}")
    data = bytearray(packed.getvalue())
    data[6] |= 1  # the flag, in the file's own header and in the directory
    data[data.find(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    with pytest.raises(ModelError, match="locked"):
        transfer.import_(tmp_path / "locked.zip", tmp_path / "here", [SPEC])


def test_originals_may_go_once_all_is_converted(tmp_path: Path) -> None:
    fill(tmp_path / "makers--both-towers" / REVISION, SHARED_FILES)
    fill(tmp_path / "makers--more-languages" / REVISION, MORE_FILES)
    convert(SPEC.image, tmp_path)
    with pytest.raises(UsageError, match=r"makers/texts, makers/more is not converted"):
        inventory.remove(SPEC, tmp_path, [SPEC], originals_only=True)
    assert inventory.holding(SPEC, tmp_path).state is ModelState.PRESENT
    for tower in SPEC.texts:
        convert(tower, tmp_path)
    freed = inventory.remove(SPEC, tmp_path, [SPEC], originals_only=True)
    assert freed == sum(map(len, (*SHARED_FILES.values(), *MORE_FILES.values())))
    assert inventory.holding(SPEC, tmp_path).state is ModelState.CONVERTED


def test_a_damaged_pack_is_found(exported: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    network = packs.pack_directory(SPEC.texts[0], there) / "model.onnx"
    network.write_bytes(b"other")
    shutil.rmtree(packs.pack_directory(SPEC.texts[1], there))
    found = damage.check(SPEC, there)
    assert found.damaged == (network,)


def test_a_pack_without_its_list_is_damaged(exported: Path, tmp_path: Path) -> None:
    manifest = packs.pack_directory(SPEC.image, tmp_path / "there") / packs.MANIFEST_FILE
    manifest.write_text("[", encoding="utf-8")
    assert damage.check(SPEC, tmp_path / "there").damaged == (manifest,)


@pytest.mark.parametrize("named", ["small", "folder"])
def test_a_file_that_differs_or_lacks_is_named_with_what_was_expected(
    tmp_path: Path, named: str
) -> None:
    folder = fill(tmp_path / named, {**SHARED_FILES, "model.safetensors": WEIGHTS[:-5]})
    (folder / "vocabulary.txt").unlink()
    with pytest.raises(UsageError, match="no whole model") as caught:
        transfer.import_(folder, tmp_path / "here", [SPEC])
    sizes = f"has {len(WEIGHTS) - 5:,} bytes instead of {len(WEIGHTS):,}"
    assert caught.value.message.endswith(f"model.safetensors of makers/both-towers {sizes}.")
    more = fill(tmp_path / "more", {"linear.pkl": LINEAR})
    with pytest.raises(UsageError, match=r"sub/model\.safetensors of makers/.* is missing"):
        transfer.import_(more, tmp_path / "here", [SPEC])


def test_a_folder_that_cannot_be_read_is_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(tmp_path / "folder", {"sub/a": b"a"})
    real = os.scandir

    def scandir(path: str | os.PathLike[str]) -> object:
        if str(path).endswith("sub"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(UsageError, match=r"sub cannot be read: Permission denied"):
        transfer.import_(folder, tmp_path / "here", [SPEC])


def test_a_file_that_cannot_be_read_is_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(tmp_path / "folder", SHARED_FILES)
    real = Path.open

    def refuse(path: Path, *arguments: str, **options: str) -> object:
        if path == folder / "model.safetensors":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match=r"model\.safetensors cannot be read: Permission"):
        transfer.import_(folder, tmp_path / "here", [SPEC])
    assert left_over(tmp_path / "here") == []


def test_what_was_killed_a_day_ago_goes(exported: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    old = [".importing-a", "packs/making-a", ".removing-a", "packs/.removing-a", "b/.removing-a"]
    for name in (*old, ".importing-new", "b/kept.part"):
        fill(here / name, {"weights.bin": b"w"})
    for name in (*old, "b/kept.part"):
        os.utime(here / name, (0, 0))
    transfer.import_(exported, here, [SPEC])
    assert [name for name in old if (here / name).exists()] == []
    assert (here / ".importing-new").exists()
    assert (here / "b/kept.part").exists(), "a download goes on from it"


def test_a_damaged_list_is_not_exported(exported: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    (packs.pack_directory(SPEC.image, there) / packs.MANIFEST_FILE).write_text("[")
    with pytest.raises(ModelError) as caught:
        exporting.export(SPEC, there, tmp_path / "new.zip")
    assert "models verify makers --repair" in caught.value.hint
    assert not list(tmp_path.glob("new.zip*"))


def test_an_export_into_a_missing_directory_says_so(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no directory"):
        exporting.export(SPEC, tmp_path / "there", tmp_path / "nowhere" / "makers.zip")


def test_a_models_directory_that_cannot_be_written_is_not_called_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(convert_lock, "FileLock", refuse)
    with pytest.raises(ModelMissingError, match="Permission denied") as caught:
        conversion.convert(SPEC.towers, tmp_path)
    assert "permissions" in caught.value.hint


def test_a_repository_that_lacks_a_small_file_is_told_which(tmp_path: Path) -> None:
    spec = catalogue.find("clip-ViT-B-32")
    folder = tmp_path / "by hand"
    fill(folder, {file.path: b"{}" for file in spec.image.files})
    with (folder / "0_CLIPModel/model.safetensors").open("wb") as file:
        file.truncate(next(file.size_bytes for file in spec.image.files if file.size_bytes))
    (folder / "0_CLIPModel/vocab.json").unlink()
    for models in ([spec], catalogue.known()):
        with pytest.raises(UsageError, match=r"0_CLIPModel/vocab\.json of \S+ is missing"):
            transfer.import_(folder, tmp_path / "here", models)
    (folder / "0_CLIPModel/model.safetensors").write_bytes(b"another size")
    with pytest.raises(UsageError, match=r"0_CLIPModel/vocab\.json of \S+ is missing"):
        transfer.import_(folder, tmp_path / "here", [spec])
