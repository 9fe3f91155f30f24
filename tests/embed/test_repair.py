from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.embed import damage, loaders, packs, repair
from photosearch.embed.convert import ConversionError
from photosearch.embed.packs import Pack
from photosearch.embed.spec import ModelSpec, Precision, TowerSpec
from photosearch.errors import ModelError, ModelMissingError

from .hub import SHARED, WEIGHTS, Hub, model, resolve


def make(tower: TowerSpec, models_dir: Path) -> Pack:
    draft = models_dir / "draft"
    draft.mkdir(parents=True)
    (draft / "model.onnx").write_bytes(b"network")
    (draft / "weights.bin").write_bytes(b"weights")
    about = {"pack_version": packs.PACK_VERSION, "tower": tower.id}
    return packs.finish_pack(draft, packs.pack_directory(tower, models_dir), about)


@pytest.fixture
def converted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Converts in no time; says which towers it was asked for."""
    asked = []

    def convert(towers: Sequence[TowerSpec], models_dir: Path, *, is_again: bool) -> None:
        assert is_again or not towers
        for tower in towers:
            asked.append(tower.key)
            make(tower, models_dir)

    monkeypatch.setattr(repair, "convert", convert)
    return asked


def damaged_pack(spec: ModelSpec, models_dir: Path) -> Path:
    for tower in spec.towers:
        make(tower, models_dir)
    weights = packs.pack_directory(spec.image, models_dir) / "weights.bin"
    weights.write_bytes(b"wei")
    return weights


def test_a_pack_is_converted_again_from_what_is_fetched(
    hub: Hub, tmp_path: Path, converted: list[str]
) -> None:
    spec = model(hub.url)
    damaged_pack(spec, tmp_path)
    assert repair.repair(spec, tmp_path, damage.check(spec, tmp_path).damaged) == 2
    assert converted == [spec.image.key]
    assert damage.check(spec, tmp_path).damaged == ()


def test_what_cannot_be_fetched_leaves_everything(
    hub: Hub, tmp_path: Path, converted: list[str]
) -> None:
    spec = model(hub.url)
    weights = damaged_pack(spec, tmp_path)
    hub.files.clear()
    with pytest.raises(ModelError, match="Makers is not repaired") as caught:
        repair.repair(spec, tmp_path, (weights,))
    assert caught.value.hint.startswith("Nothing was deleted.")
    assert weights.read_bytes() == b"wei"
    assert len(list((tmp_path / "packs").glob("*/tower.json"))) == 3


def test_a_file_that_cannot_be_fetched_again_stays(
    hub: Hub, tmp_path: Path, converted: list[str]
) -> None:
    spec = model(hub.url)
    assert repair.repair(spec, tmp_path, ()) == 5
    (weights,) = (tmp_path / "makers--both-towers").rglob("model.safetensors")
    weights.write_bytes(WEIGHTS[:-1] + b"\0")
    kept = hub.files.pop(resolve(SHARED, "model.safetensors"))
    with pytest.raises(ModelError):
        repair.repair(spec, tmp_path, damage.check(spec, tmp_path).damaged)
    assert weights.is_file()
    hub.files[resolve(SHARED, "model.safetensors")] = kept
    assert repair.repair(spec, tmp_path, damage.check(spec, tmp_path).damaged) == 1
    assert weights.read_bytes() == WEIGHTS


def test_a_conversion_that_fails_leaves_the_pack(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = model(hub.url)
    weights = damaged_pack(spec, tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise ConversionError("It changed.")

    monkeypatch.setattr(repair, "convert", fail)
    with pytest.raises(ModelError, match="It changed"):
        repair.repair(spec, tmp_path, (weights,))
    assert weights.is_file()


def test_a_rounded_pack_is_made_from_the_exact_one(
    hub: Hub, tmp_path: Path, converted: list[str]
) -> None:
    spec = model(hub.url)
    rounded = spec.at(Precision.INT8)
    weights = damaged_pack(rounded, tmp_path)
    make(spec.image, tmp_path)
    assert repair.repair(rounded, tmp_path, (weights,)) == 0
    assert converted == [rounded.image.key]
    (packs.pack_directory(spec.image, tmp_path) / "weights.bin").unlink()
    weights.write_bytes(b"")
    assert repair.repair(rounded, tmp_path, (weights,)) == 2
    assert converted[1:] == [spec.image.key, rounded.image.key]


@pytest.mark.parametrize(
    ("name", "what"), [("weights.bin", "damaged"), ("model.onnx", "missing"), ("", "")]
)
def test_the_damaged_file_is_named_with_the_command(tmp_path: Path, name: str, what: str) -> None:
    spec = replace(model("").image, path=tmp_path / "own")
    pack = make(spec, tmp_path)
    if what == "damaged":
        (pack.directory / name).write_bytes(b"w")
    elif what == "missing":
        (pack.directory / name).unlink()
    raw = ModelMissingError("[ONNXRuntimeError] : 1 : FAIL : model.onnx", "raw")
    told = damage.named(raw, spec, pack)
    if not name:
        assert told is raw
        return
    model_id = tmp_path / "own"
    assert told.message == f"The model {model_id}'s file {name} is {what}."
    assert told.hint == f"photosearch models verify {model_id} --repair"


@pytest.mark.parametrize(
    ("path", "hint"), [(None, "Fetch makers/both-towers again"), ("/own", "choose it again")]
)
def test_a_folder_without_its_files_is_told_what_helps(
    tmp_path: Path, path: str | None, hint: str
) -> None:
    spec = replace(model("").image, path=None if path is None else Path(path).absolute())
    with pytest.raises(ModelMissingError, match="no whole model") as caught:
        loaders.load(spec, tmp_path)
    assert hint in caught.value.hint
