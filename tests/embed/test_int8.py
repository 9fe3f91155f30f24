"""Image towers rounded to eight bits: a pack, an id and a space of their own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photosearch.embed import catalogue, convert, exporting, inventory, packs, probes, transfer
from photosearch.embed.convert import convert_here
from photosearch.embed.device import DEVICE_VARIABLE
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.inventory import ModelState
from photosearch.embed.quantise import sums_saturate
from photosearch.embed.spec import ModelSpec, Precision, TowerKind
from photosearch.errors import ModelError, ModelMissingError
from tests.embed import tiny_clip, tiny_models

pytestmark = pytest.mark.model

SAMPLE = "sample+int8"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tiny_models.Tiny:
    return tiny_clip.clip(tmp_path_factory.mktemp("clip") / "clip")


@pytest.fixture(scope="module")
def ready(tiny: tiny_models.Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of models in which the tiny one is converted, in both precisions."""
    directory = tmp_path_factory.mktemp("models")
    for tower in (*tiny.model().towers, rounded(tiny).image):
        convert_here(tower, directory)
    return directory


@pytest.fixture
def models(ready: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return Path(shutil.copytree(ready, tmp_path / "models"))


def rounded(tiny: tiny_models.Tiny) -> ModelSpec:
    return tiny.model().at(Precision.INT8)


def test_an_id_ends_with_the_precision() -> None:
    exact, eight = catalogue.find("sample"), catalogue.find(SAMPLE)
    assert (eight.id, eight.precision) == (SAMPLE, Precision.INT8)
    assert eight.space.key == f"{exact.space.key}+int8"
    assert eight.name != exact.name
    assert eight.texts == exact.texts
    assert eight.at(Precision.FP32) == exact
    assert eight.at(Precision.INT8) is eight
    with pytest.raises(ModelError, match='no model "nope"'):
        catalogue.find("nope+int8")


def test_a_folder_may_be_rounded_too_and_may_even_be_called_so(
    tiny: tiny_models.Tiny, tmp_path: Path
) -> None:
    path = str(tiny.directory)
    eight = catalogue.find(f"{path}+int8")
    assert (eight.id, eight.precision) == (f"{path}+int8", Precision.INT8)
    called_so = shutil.copytree(tiny.directory, tmp_path / "mine+int8")
    assert catalogue.find(str(called_so)).precision is Precision.FP32


def test_its_vectors_are_near_the_exact_ones_and_not_the_same(
    tiny: tiny_models.Tiny, ready: Path
) -> None:
    crops = probes.crops(tiny_models.SIZE_PX)
    exact = ModelEncoder(tiny.model(), ready).encode_images(crops)
    eight = ModelEncoder(rounded(tiny), ready).encode_images(crops)
    cosines = probes.centred_cosines(eight, exact)
    assert 0.9 < cosines.min() < 0.99999
    np.testing.assert_allclose(np.linalg.norm(eight, axis=1), 1.0, atol=1e-5)


def test_its_weights_take_a_fraction_and_lie_beside_the_network(
    tiny: tiny_models.Tiny, ready: Path
) -> None:
    import onnx

    exact = packs.find_pack(tiny.model().image, ready)
    eight = packs.find_pack(rounded(tiny).image, ready)
    assert exact
    assert eight
    assert eight.manifest()["precision"] == "int8"
    network = onnx.load(str(eight.network), load_external_data=False)
    products = [node for node in network.graph.node if node.op_type == "MatMulInteger"]
    assert len(products) >= 12, "two layers of six products"
    assert len(list(eight.directory.iterdir())) == 3
    weights = [(pack.directory / packs.WEIGHTS_FILE).stat().st_size for pack in (exact, eight)]
    # Most of a network this small is the cutting into patches, which is no matrix product.
    assert weights[1] < 0.9 * weights[0]
    assert eight.lacking_file() is None


def test_texts_are_the_exact_model_s(tiny: tiny_models.Tiny) -> None:
    assert rounded(tiny).texts == tiny.model().texts
    text = tiny.model().texts[0]
    assert text.at(Precision.INT8) is text


def test_it_computes_by_the_cpu_whatever_else_is_there(
    tiny: tiny_models.Tiny, ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, "cuda")
    encoder = ModelEncoder(rounded(tiny), ready)
    encoder.encode_images(probes.crops(tiny_models.SIZE_PX)[:1])
    assert encoder.device_label.startswith("CPU")
    assert "int8" in encoder.device_label


def test_a_child_makes_it_from_the_exact_pack_alone(
    tiny: tiny_models.Tiny, models: Path, tmp_path: Path
) -> None:
    """What was imported has no files to convert."""
    towers = [replace(tower, path=None, repo="gone") for tower in rounded(tiny).towers]
    spec = replace(rounded(tiny), image=towers[0], texts=(towers[1],))
    shutil.rmtree(packs.pack_directory(spec.image, models))
    exact = packs.pack_directory(spec.image.at(Precision.FP32), models)
    (tmp_path / "backup").hardlink_to(exact / packs.WEIGHTS_FILE)  # onnx itself refuses these
    assert inventory.holding(spec, models).state is ModelState.PRESENT
    encoder = ModelEncoder(spec, models)
    assert encoder.encode_images(probes.crops(tiny_models.SIZE_PX)[:2]).shape == (2, 32)
    assert inventory.holding(spec, models).state is ModelState.CONVERTED


def test_what_changes_too_much_is_refused_and_not_replaced_by_the_exact_one(
    tiny: tiny_models.Tiny, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = rounded(tiny)
    shutil.rmtree(packs.pack_directory(spec.image, models))
    monkeypatch.setattr(convert, "LEAST_INT8_COSINE", 1.1)
    monkeypatch.setattr(
        convert, "_in_child", lambda towers, where, _: convert._convert_all(towers, where)
    )
    with pytest.raises(ModelMissingError, match="changed by its conversion"):
        ModelEncoder(spec, models).encode_images(probes.crops(tiny_models.SIZE_PX)[:1])
    assert [path.name for path in (models / "packs").glob("making-*")] == []


def test_it_goes_alone_and_the_exact_model_takes_it_along(
    tiny: tiny_models.Tiny, models: Path
) -> None:
    exact, eight = tiny.model(), rounded(tiny)
    assert inventory.remove(eight, models, []) > 0
    assert inventory.holding(exact, models).state is ModelState.CONVERTED
    assert packs.find_pack(eight.image, models) is None
    convert_here(eight.image, models)
    inventory.remove(exact, models, [])
    assert list((models / "packs").iterdir()) == []


def test_it_travels_and_is_not_taken_for_the_exact_one(
    tiny: tiny_models.Tiny, models: Path, tmp_path: Path
) -> None:
    exact, eight = tiny.model(), rounded(tiny)
    archive = tmp_path / "model.zip"
    exporting.export(eight, models, archive)
    there = tmp_path / "there"
    assert transfer.import_(archive, there, [exact]) == [eight]
    assert inventory.holding(eight, there).state is ModelState.CONVERTED
    assert packs.find_pack(exact.image, there) is None
    exporting.export(exact, models, archive)
    assert transfer.import_(archive, there, [exact]) == [exact]
    assert packs.find_pack(exact.image, there) is not None


def test_only_image_towers_are_rounded() -> None:
    for spec in catalogue.load().values():
        towers = spec.at(Precision.INT8).towers
        eight = [tower for tower in towers if tower.precision is Precision.INT8]
        assert [tower.kind for tower in eight] == [TowerKind.IMAGE]


def test_sums_are_right_where_the_processor_says_so() -> None:
    flags = Path("/proc/cpuinfo")
    if not (flags.is_file() and "vnni" in flags.read_text(encoding="utf-8")):
        pytest.skip("nothing here says what the processor can do")
    assert not sums_saturate()
