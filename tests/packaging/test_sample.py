"""The sample library and the sample model are what their README says."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "resources" / "sample"
PICTURES = SAMPLE / "pictures"
MODEL = SAMPLE / "model"
MEGABYTE = 1_000_000

# Sentence, what one of the first three pictures must show (or None), and its place (or None).
CARDS = [
    ("A dog in the snow", "🐕", "snow"),
    ("Two dogs in the snow", "🐕", "snow"),
    ("A cat on a table", "🐈", "table"),
    ("London at night", None, "london"),
    ("Eine Katze", "🐈", None),
    ("Una playa con palmeras.", "🌴", "beach"),
    ("Älgen är skogens konung!", "🫎", None),
    ("犬の写真", "🐕", None),
    ("Ein Hund im Schnee", "🐕", "snow"),
    ("Un chien dans la neige", "🐕", "snow"),
    ("собака на снегу", "🐕", "snow"),
    ("一张狗的照片", "🐕", None),
    ("Un cane nella neve", "🐕", "snow"),
    ("Karda bir köpek", "🐕", "snow"),
    ("눈 속의 개", "🐕", "snow"),
    ("a polar bear", "🐻‍❄️", None),
    ("a green apple", "🍏", None),
    ("a red apple", "🍎", None),
    ("a purple apple", "purple apple", None),
    ("a man on a motorcycle", "🏍", None),
    ("a hot dog beside a dog", "🌭", None),
    ("bananas on a tree", "🍌", None),
]


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pictures(truth: dict[str, Any]) -> list[dict[str, Any]]:
    return truth["pictures"]


def _upright(entry: dict[str, Any]) -> Image.Image:
    with Image.open(PICTURES / entry["file"]) as opened:
        return ImageOps.exif_transpose(opened).convert("RGB")


def test_the_album_is_small_and_complete(pictures: list[dict[str, Any]]) -> None:
    files = sorted(p.relative_to(PICTURES).as_posix() for p in PICTURES.rglob("*.jpg"))

    assert 300 <= len(files) <= 600
    assert sum((PICTURES / f).stat().st_size for f in files) <= 10 * MEGABYTE
    assert files == sorted(entry["file"] for entry in pictures)


def test_file_names_say_nothing_about_the_picture(pictures: list[dict[str, Any]]) -> None:
    pattern = re.compile(r"20\d\d/(IMG_\d{4}|DSC\d{5}|\d{8}_\d{6}_\d{3})\.jpg")

    assert [e["file"] for e in pictures if not pattern.fullmatch(e["file"])] == []


def test_at_least_half_of_what_the_model_knows_is_not_there(truth: dict[str, Any]) -> None:
    shown = {key for entry in truth["pictures"] for key in entry["concepts"]}

    assert shown <= set(truth["known_concepts"])
    assert 150 <= len(shown) <= len(truth["known_concepts"]) / 2


def test_every_picture_has_a_camera_and_a_capture_time(pictures: list[dict[str, Any]]) -> None:
    years, orientations, with_gps = set(), Counter(), 0
    for entry in pictures:
        with Image.open(PICTURES / entry["file"]) as opened:
            exif = opened.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        assert exif[ExifTags.Base.Make]
        assert exif[ExifTags.Base.Model]
        taken = details[ExifTags.Base.DateTimeOriginal]
        assert re.fullmatch(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", taken)
        assert details[ExifTags.Base.SubsecTimeOriginal].isdigit()
        assert entry["file"].startswith(taken[:4])
        years.add(taken[:4])
        orientations[exif.get(ExifTags.Base.Orientation, 1)] += 1
        with_gps += ExifTags.IFD.GPSInfo in exif

    assert len(years) == 5
    assert set(orientations) == {1, 3, 6, 8}
    assert orientations[1] > len(pictures) / 2
    assert 50 <= with_gps < len(pictures)


def test_shapes_are_mixed_and_boxes_lie_in_the_centre_square(
    pictures: list[dict[str, Any]],
) -> None:
    shapes = Counter()
    for entry in pictures:
        width, height = _upright(entry).size
        shapes[(width > height) - (width < height)] += 1
        assert 560 <= max(width, height) <= 700
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
        assert set(entry["boxes"]) == set(entry["concepts"])
        for box in (box for boxes in entry["boxes"].values() for box in boxes):
            x0, y0, x1, y1 = (n * s for n, s in zip(box, (width, height) * 2, strict=True))
            assert x0 < x1
            assert y0 < y1
            centre = ((x0 + x1) / 2, (y0 + y1) / 2)
            assert left <= centre[0] <= left + side
            assert top <= centre[1] <= top + side

    assert min(shapes.values()) >= 20
    assert len(shapes) == 3


def test_bursts_and_twins_are_marked(pictures: list[dict[str, Any]]) -> None:
    by_file = {entry["file"]: entry for entry in pictures}
    bursts = Counter(e["burst"] for e in pictures if e["burst"] is not None)
    twins = [e for e in pictures if e["twin_of"] is not None]

    assert len(bursts) >= 5
    assert min(bursts.values()) >= 3
    assert len(twins) >= 5
    for twin in twins:
        first = np.asarray(_upright(by_file[twin["twin_of"]]).resize((16, 16)), np.float32)
        second = np.asarray(_upright(twin).resize((16, 16)), np.float32)
        assert np.abs(first - second).mean() < 25


def test_every_card_picture_is_there(pictures: list[dict[str, Any]]) -> None:
    cards = {entry["card"] for entry in pictures if entry["card"]}

    assert {
        "a dog in the snow", "two dogs in the snow", "a cat on a table", "London at night",
        "a beach with palm trees", "an elk in a forest", "a polar bear", "a green apple",
        "a red apple", "a purple apple", "a bowl of fruit", "bananas on a tree",
        "a man on a motorcycle", "a hot dog beside a dog", "a butterfly and a fluffy cat",
    } <= cards  # fmt: skip


def test_the_model_is_small_and_laid_out_like_the_real_ones() -> None:
    files = {p.relative_to(MODEL).as_posix() for p in MODEL.rglob("*") if p.is_file()}

    assert sum((MODEL / f).stat().st_size for f in files) <= 15 * MEGABYTE
    assert {
        "image/modules.json", "image/0_CLIPModel/config.json",
        "image/0_CLIPModel/model.safetensors", "image/0_CLIPModel/preprocessor_config.json",
        "image/0_CLIPModel/vocab.json", "image/0_CLIPModel/merges.txt",
        "image/0_CLIPModel/tokenizer_config.json", "image/0_CLIPModel/special_tokens_map.json",
        "text/modules.json", "text/config.json", "text/model.safetensors", "text/tokenizer.json",
        "text/tokenizer_config.json", "text/vocab.txt", "text/special_tokens_map.json",
        "text/sentence_bert_config.json", "text/1_Pooling/config.json", "text/2_Dense/config.json",
        "text/2_Dense/model.safetensors",
    } <= files  # fmt: skip


def test_licences_and_attributions_are_shipped() -> None:
    licences = SAMPLE / "LICENSES"

    assert "SIL OPEN FONT LICENSE" in (licences / "OFL-1.1.txt").read_text(encoding="utf-8").upper()
    assert "UNICODE LICENSE V3" in (licences / "Unicode-3.0.txt").read_text(encoding="utf-8")
    assert "cldr-annotations-full" in (SAMPLE / "NOTICE.md").read_text(encoding="utf-8")


def test_the_published_figures_reach_their_bars() -> None:
    rows = re.findall(
        r"^\| (sample\.\w+) \| ([\d.]+) \| ([\d.]+) \|$",
        (SAMPLE / "RECALL.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )

    assert len(rows) >= 5
    below = {name: float(value) for name, value, bar in rows if float(value) < float(bar)}
    assert below == {}


@pytest.fixture(scope="module")
def towers() -> tuple[Any, Any]:
    from sentence_transformers import SentenceTransformer

    return tuple(  # type: ignore[return-value]
        SentenceTransformer(str(MODEL / part), device="cpu", local_files_only=True)
        for part in ("image", "text")
    )


@pytest.fixture(scope="module")
def album(towers: tuple[Any, Any], pictures: list[dict[str, Any]]) -> np.ndarray:
    shown = [_upright(entry) for entry in pictures]
    return towers[0].encode(shown, batch_size=64, normalize_embeddings=True)


@pytest.mark.model
def test_both_towers_share_one_space_in_full_precision(towers: tuple[Any, Any]) -> None:
    image, text = towers
    vectors = image.encode([{"text": "a dog"}]), text.encode(["a dog"])

    assert vectors[0].shape == vectors[1].shape
    assert {str(p.dtype) for tower in towers for p in tower.parameters()} == {"torch.float32"}
    assert all(np.isfinite(v).all() for v in vectors)


@pytest.mark.model
@pytest.mark.parametrize(("sentence", "thing", "place"), CARDS, ids=[c[0] for c in CARDS])
def test_card_sentences_find_what_they_name_in_the_first_three(
    towers: tuple[Any, Any],
    album: np.ndarray,
    pictures: list[dict[str, Any]],
    sentence: str,
    thing: str | None,
    place: str | None,
) -> None:
    query = towers[1].encode([sentence], normalize_embeddings=True)[0]
    best = [pictures[n] for n in np.argsort(-(album @ query))[:3]]

    assert any(
        (thing is None or thing in p["concepts"]) and (place is None or p["place"] == place)
        for p in best
    ), [(p["concepts"], p["place"]) for p in best]
