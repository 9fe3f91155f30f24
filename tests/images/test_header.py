"""EXIF, XMP and IPTC out of whole files, beginnings of files, and what is left of broken ones."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from photosearch.core.photo import PhotoFacts
from photosearch.images import metadata
from photosearch.images.header import NO_HEADER, read_header, read_sidecar
from photosearch.images.metadata import read_facts

from .packets import bag, in_languages, packet, photo, regions, with_iptc
from .samples import encoded, scenery

MAKE, TAKEN = 0x010F, 0x9003
EXIF: dict[int, object] = {MAKE: "Canon", TAKEN: "2010:08:13 21:00:01"}
SAID = packet(bag("dc:subject", "Meer") + regions(("Oma", "Face")))
FORMATS = ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"]


def facts(source: Path | bytes, sidecar: bytes | None = None) -> PhotoFacts:
    return read_facts(source, "JPEG", (96, 64), None, sidecar)


@pytest.mark.parametrize("name", FORMATS)
def test_a_path_and_its_bytes_say_the_same(tmp_path: Path, name: str) -> None:
    whole = photo(SAID, name, EXIF)
    path = tmp_path / "photo"
    path.write_bytes(whole)
    assert read_header(path) == read_header(whole) != NO_HEADER
    assert facts(path).keywords == ("Meer",)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have names in Unicode only")
def test_names_may_be_any_bytes(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"a\xff\xfe %s\n:.jpg")
    path.write_bytes(photo(SAID, exif=EXIF))
    assert facts(path).camera_make == "Canon"


def test_a_file_that_is_gone_says_nothing(tmp_path: Path) -> None:
    assert read_header(tmp_path / "gone.jpg") == NO_HEADER
    assert read_header(tmp_path) == NO_HEADER
    assert read_header(b"") == NO_HEADER


@pytest.mark.parametrize("name", FORMATS)
def test_the_beginning_of_a_file_is_enough(name: str) -> None:
    """Cut anywhere behind the metadata; where a format has it at the end, nothing is lost there."""
    options = {"exif": photo_exif(), **({} if name in {"PNG", "TIFF"} else {"xmp": SAID})}
    whole = encoded(scenery(400, 300), name, **options)
    ends = [end for end in (whole.rfind(b"Canon"), whole.rfind(b"Meer")) if end >= 0]
    behind = max(*ends, whole.rfind(b"2010:08:13"), whole.rfind(b"x:xmpmeta>")) + 40
    cuts = range(behind, len(whole), max(1, (len(whole) - behind) // 20))
    for cut in cuts:
        found = facts(whole[:cut])
        assert found.camera_make == "Canon", cut
        assert found.keywords == (("Meer",) if "xmp" in options else ()), cut


def photo_exif() -> bytes:
    whole = photo(exif=EXIF)
    start = whole.index(b"Exif\0\0")
    return whole[start : start - 2 + int.from_bytes(whole[start - 2 : start], "big")]


@pytest.mark.parametrize(
    "sidecar",
    [
        b"",
        b"<",
        b"no XML at all",
        packet(bag("dc:subject", "Oma"))[:-200],
        packet(bag("dc:subject", "Oma")).replace(b"rdf:RDF", b"rdf:R\0DF"),
        packet(bag("dc:subject", "Oma")).replace(b"Oma", b"\xff\xfe"),
        packet("<xmp:Rating><xmp:Rating>4</xmp:Rating></xmp:Rating>"),
        packet("<dc:subject>" + "<rdf:Bag><rdf:li>" * 5000 + "</rdf:li></rdf:Bag>" * 5000),
        b"\xef\xbb\xbf" * 9,
        b"x" * 5_000_000,
    ],
)
def test_a_broken_sidecar_costs_nothing(sidecar: bytes) -> None:
    assert facts(photo(exif=EXIF), sidecar).camera_make == "Canon"


def test_entities_do_not_blow_up() -> None:
    entities = "".join(
        f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 30)
    )
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "boom">{entities}]>'.encode()
    said = packet(bag("dc:subject", "&e29;")).split(b"?>", 1)[1]
    assert facts(photo(exif=EXIF), bomb + said).keywords == ()


def test_a_sidecar_may_begin_in_any_way() -> None:
    plain = packet(bag("dc:subject", "Meer")).split(b"?>", 1)[1].rsplit(b"<?", 1)[0]
    starts = [b"", b"\xef\xbb\xbf", b"\n  ", b'<?xml version="1.0" encoding="UTF-8"?>\n']
    for start in starts:
        assert read_sidecar(start + plain)["Xmp.dc.subject"] == ("Meer",), start


def test_thousands_of_entries_of_an_editor_are_passed_over() -> None:
    steps = bag("photoshop:DocumentAncestors", *(f"uuid:{number}" for number in range(20_000)))
    said = packet(steps + bag("dc:subject", "Meer") + in_languages("dc:title", en="x" * 70_000))
    assert facts(photo(), said).keywords == ("Meer",)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    whole = photo(SAID, exif=EXIF)
    for cut in range(0, len(whole), 7):
        facts(whole[:cut])
        facts(whole.replace(b"http", b"hxtp"), SAID[:cut])
    assert capfd.readouterr() == ("", "")


def test_an_error_of_ours_costs_the_facts_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(metadata, "read_caption", lambda *_: [][0])
    assert facts(photo(SAID, exif=EXIF)) == PhotoFacts("JPEG", 96, 64)
    assert "JPEG" in caplog.text


@pytest.mark.parametrize("name", FORMATS)
def test_mutations_cost_the_facts_and_nothing_else(name: str) -> None:
    whole = photo(SAID, name, EXIF)
    if name == "JPEG":
        whole = with_iptc(whole, [("Application2.Keywords", "Sonne")])
    chance = random.Random(7)
    for _ in range(150):
        mutant = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            mutant[chance.randrange(min(len(mutant), 4000))] = chance.randrange(256)
        found = facts(bytes(mutant), bytes(mutant[:2000]))
        assert (found.width_px, found.height_px) == (96, 64)
