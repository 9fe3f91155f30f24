from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.embed import inventory, packs
from photosearch.embed.spec import ModelSpec, Precision, TowerSpec
from photosearch.errors import UsageError

from .hub import model

SPEC = model("http://hub.invalid")
#: Its pictures are understood by another tower; its texts by one of the same.
OTHER = replace(
    SPEC,
    id="other",
    name="Other",
    image=replace(SPEC.image, id="others/pictures"),
    texts=SPEC.texts[:1],
)
TWIN = replace(SPEC, id="twin", name="Twin", texts=SPEC.texts[:1])


def make(models_dir: Path, *towers: TowerSpec) -> None:
    for tower in towers:
        place = packs.pack_directory(tower, models_dir)
        place.mkdir(parents=True)
        (place / packs.NETWORK_FILE).write_bytes(b"network")
        (place / packs.MANIFEST_FILE).write_text('{"sha256": {}}', encoding="utf-8")


def is_here(tower: TowerSpec, models_dir: Path) -> bool:
    return packs.find_pack(tower, models_dir) is not None


@pytest.mark.parametrize("precision", list(Precision))
def test_what_the_model_in_use_needs_stays(tmp_path: Path, precision: Precision) -> None:
    used = OTHER.at(precision)
    make(tmp_path, *SPEC.towers, used.image)
    inventory.remove(SPEC, tmp_path, [SPEC, OTHER], in_use=[used])
    assert [is_here(tower, tmp_path) for tower in SPEC.towers] == [False, True, False]
    assert is_here(used.image, tmp_path)


def test_what_is_here_in_eight_bits_only_keeps_its_parts(tmp_path: Path) -> None:
    other = OTHER.at(Precision.INT8)
    make(tmp_path, *SPEC.towers, other.image)
    inventory.remove(SPEC, tmp_path, [SPEC, OTHER])
    assert all(is_here(tower, tmp_path) for tower in other.towers)
    assert not is_here(SPEC.image, tmp_path)


@pytest.mark.parametrize("used", [SPEC, SPEC.at(Precision.INT8), TWIN, TWIN.at(Precision.INT8)])
def test_an_image_tower_in_use_is_refused(tmp_path: Path, used: ModelSpec) -> None:
    make(tmp_path, *SPEC.towers, SPEC.image.at(Precision.INT8))
    with pytest.raises(UsageError, match=f"The library uses {used.name}"):
        inventory.remove(SPEC, tmp_path, [SPEC, TWIN], in_use=[used])
    assert all(is_here(tower, tmp_path) for tower in SPEC.towers)


def test_the_rounded_form_goes_while_the_exact_one_is_in_use(tmp_path: Path) -> None:
    rounded = SPEC.at(Precision.INT8)
    make(tmp_path, *SPEC.towers, rounded.image)
    inventory.remove(rounded, tmp_path, [SPEC, TWIN], in_use=[SPEC])
    assert not is_here(rounded.image, tmp_path)
    assert all(is_here(tower, tmp_path) for tower in SPEC.towers)
