"""Models in folders of the user's, brought to another machine."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from photosearch.embed import catalogue, exporting, inventory, originals, own, packs, probes
from photosearch.embed.convert import convert_here
from photosearch.embed.download import plan
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.inventory import ModelState
from photosearch.embed.own import DESCRIPTION_FILE, Description
from photosearch.embed.spec import Precision, TowerSpec
from photosearch.embed.transfer import import_
from photosearch.errors import ModelError, ModelMissingError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "my model", b"weights")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the models of the other machine are, which is this one from now on."""
    directory = tmp_path / "here"
    monkeypatch.setenv("PHOTOSEARCH_MODELS", str(directory))
    return directory


def make_folder(path: Path, weights: bytes) -> Path:
    path.mkdir(parents=True)
    config = {"model_type": "clip", "projection_dim": 96}
    (path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (path / "model.safetensors").write_bytes(weights)
    return path


def make_pack(tower: TowerSpec, models_dir: Path) -> None:
    draft = models_dir / "draft"
    draft.mkdir(parents=True)
    (draft / "model.onnx").write_bytes(tower.id.encode())
    about = {
        "pack_version": packs.PACK_VERSION,
        "tower": tower.id,
        "revision": tower.revision,
        "weights": tower.weights,
        "precision": tower.precision,
    }
    packs.finish_pack(draft, packs.pack_directory(tower, models_dir), about)


def export(folder: Path, there: Path) -> Path:
    spec = catalogue.find(str(folder))
    for tower in spec.towers:
        make_pack(tower, there)
    target = there / f"{folder.parent.name}.zip"
    exporting.export(spec, there, target)
    return target


def test_an_imported_model_has_a_name_and_its_old_space(
    folder: Path, here: Path, tmp_path: Path
) -> None:
    before = catalogue.find(str(folder))
    archive = export(folder, tmp_path / "there")
    assert [spec.id for spec in import_(archive, here, catalogue.known())] == ["own/my-model"]
    spec = catalogue.find("own/my-model")
    assert spec.space == before.space
    assert Description.of_spec(spec) == Description.of_spec(before)
    assert inventory.holding(spec, here).state is ModelState.CONVERTED
    assert not inventory.holding(spec, here).comes_along
    assert spec.id in [one.id for one in catalogue.known()]
    assert catalogue.find(str(here / "own" / "my-model")) == spec
    assert catalogue.find("own/my-model+int8").precision is Precision.INT8
    assert [one.id for one in import_(archive, here, catalogue.known())] == ["own/my-model"] * 2


def test_an_unpacked_export_is_to_be_imported(folder: Path, here: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(export(folder, tmp_path / "there")) as archive:
        archive.extractall(unpacked)
    with pytest.raises(ModelError, match="was exported") as caught:
        catalogue.find(str(unpacked))
    assert caught.value.hint == f"Import it first: photosearch models import {unpacked}"
    assert [spec.id for spec in import_(unpacked, here, [])] == ["own/my-model"]


def test_two_models_of_one_name_stay_apart(folder: Path, here: Path, tmp_path: Path) -> None:
    other = make_folder(tmp_path / "elsewhere" / "my model", b"further")
    import_(export(folder, tmp_path / "there"), here, [])
    (second,) = import_(export(other, tmp_path / "yonder"), here, [])
    assert second.id.startswith("own/my-model-")
    assert second.space == catalogue.find(str(other)).space
    assert own.every() == ["own/my-model", second.id]


def test_an_imported_model_can_be_removed_but_fetched_from_nowhere(
    folder: Path, here: Path, tmp_path: Path
) -> None:
    import_(export(folder, tmp_path / "there"), here, [])
    spec = catalogue.find("own/my-model")
    packs.find_pack(spec.image, here).network.unlink()  # type: ignore[union-attr]
    with pytest.raises(ModelMissingError, match="is missing or cut short"):
        inventory.require_usable(spec, here)
    originals.delete(packs.pack_directory(spec.image, here))
    with pytest.raises(ModelMissingError, match="only partly") as caught:
        inventory.require_usable(spec, here)
    assert caught.value.hint.startswith("Import it")
    with pytest.raises(ModelError, match="came from another machine"):
        plan(spec, here)
    assert inventory.remove(spec, here, catalogue.known()) > 0
    assert own.every() == []
    with pytest.raises(ModelError, match="There is no model"):
        catalogue.find("own/my-model")


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../../outside"},
        {"name": "..", "format": 1},
        {"image_revision": "../../../x"},
        {"format": 2},
        {"layout": "pickle"},
    ],
)
def test_a_description_that_points_elsewhere_is_refused(
    folder: Path, here: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    archive = export(folder, tmp_path / "there")
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(evil, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == DESCRIPTION_FILE:
                data = json.dumps(json.loads(data) | change).encode()
            target.writestr(name, data)
    with pytest.raises(ModelError, match="is not understood"):
        import_(evil, here, [])
    assert not (here / "own").exists()


def test_a_damaged_description_is_said(folder: Path, here: Path, tmp_path: Path) -> None:
    import_(export(folder, tmp_path / "there"), here, [])
    (here / "own" / "my-model" / DESCRIPTION_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="is damaged"):
        catalogue.find("own/my-model")
    assert "own/my-model" not in [spec.id for spec in catalogue.known()]


@pytest.mark.model
@pytest.mark.parametrize("is_half", [False, True])
def test_an_imported_model_gives_the_vectors_of_the_folder(
    tmp_path: Path, here: Path, is_half: bool
) -> None:
    from tests.embed import tiny_clip

    tiny = tiny_clip.clip(tmp_path / "tiny clip")
    spec = catalogue.find(str(tiny.directory))
    there = tmp_path / "there"
    for tower in spec.towers:
        convert_here(tower, there)
    archive = tmp_path / "tiny.zip"
    exporting.export(spec, there, archive, is_half=is_half)
    (found,) = import_(archive, here, [])
    crops = probes.crops(spec.image_input.size_px)
    vectors = []
    for model, directory in ((spec, there), (found, here)):
        encoder = ModelEncoder(model, directory)
        vectors.append((encoder.encode_images(crops), encoder.encode_texts(probes.TEXTS)))
        encoder.close()
    for theirs, ours in zip(*vectors, strict=True):
        assert probes.centred_cosines(ours, theirs).min() >= 0.9999
        assert np.array_equal(ours, theirs) is not is_half
    if is_half:
        manifest = packs.find_pack(found.image, here).manifest()  # type: ignore[union-attr]
        assert manifest["fp16_cosine"] >= 0.9999
        assert packs.STORED not in manifest
        whole = originals.size_bytes(packs.pack_directory(found.image, here))
        assert archive.stat().st_size < 0.75 * 2 * whole
