"""Packs: replaced in one step, and refused where a file of them is gone or cut."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from photosearch.embed import inventory, packs
from photosearch.errors import ModelMissingError

from .hub import model

SPEC = model("http://hub.invalid")
CONTENT = b"network" * 100


def make(models_dir: Path, content: bytes = CONTENT) -> packs.Pack:
    """Makes packs of all towers; returns that of the image tower."""
    for tower in reversed(SPEC.towers):
        draft = models_dir / "draft"
        draft.mkdir(parents=True)
        (draft / packs.NETWORK_FILE).write_bytes(content)
        (draft / packs.WEIGHTS_FILE).write_bytes(content)
        pack = packs.finish_pack(draft, packs.pack_directory(tower, models_dir), {})
    return pack


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def edit_manifest(pack: packs.Pack, without: str) -> None:
    manifest = pack.manifest()
    del manifest[without]
    (pack.directory / packs.MANIFEST_FILE).write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize("harm", [cut, Path.unlink])
@pytest.mark.parametrize("name", [packs.NETWORK_FILE, packs.WEIGHTS_FILE])
def test_a_pack_without_all_of_its_files_is_refused(
    harm: object, name: str, tmp_path: Path
) -> None:
    pack = make(tmp_path)
    inventory.require_usable(SPEC, tmp_path)
    harm(pack.directory / name)  # type: ignore[operator]
    with pytest.raises(ModelMissingError, match="missing or cut short") as caught:
        inventory.require_usable(SPEC, tmp_path)
    assert str(pack.directory / name) in caught.value.message
    assert caught.value.hint == f"photosearch models verify {SPEC.id} --repair"


def test_a_pack_whose_list_is_damaged_is_refused(tmp_path: Path) -> None:
    cut(make(tmp_path).directory / packs.MANIFEST_FILE)
    with pytest.raises(ModelMissingError, match="is damaged") as caught:
        inventory.require_usable(SPEC, tmp_path)
    assert caught.value.hint == f"photosearch models verify {SPEC.id} --repair"


def test_a_pack_of_before_sizes_were_noted_is_fine_while_its_files_are_there(
    tmp_path: Path,
) -> None:
    pack = make(tmp_path)
    edit_manifest(pack, without="bytes")
    inventory.require_usable(SPEC, tmp_path)
    (pack.directory / packs.WEIGHTS_FILE).unlink()
    with pytest.raises(ModelMissingError, match=packs.WEIGHTS_FILE):
        inventory.require_usable(SPEC, tmp_path)


def test_a_new_pack_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    make(tmp_path)
    pack = make(tmp_path, b"other")
    assert pack.network.read_bytes() == b"other"
    assert len(list((tmp_path / "packs").iterdir())) == len(SPEC.towers)


def test_the_old_pack_stays_where_the_new_one_cannot_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = make(tmp_path)
    rename = Path.rename

    def refuse_drafts(path: Path, target: Path) -> Path:
        if path.name == "draft":
            raise PermissionError(13, "in use")
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse_drafts)
        with pytest.raises(PermissionError):
            make(tmp_path, b"other")
    assert pack.network.read_bytes() == CONTENT
    inventory.require_usable(SPEC, tmp_path)
