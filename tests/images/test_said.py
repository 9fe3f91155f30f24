"""Stars, keywords, captions, people: as programs write them, in the file or beside it."""

from __future__ import annotations

from datetime import datetime

import pytest

from photosearch.core.photo import CaptureTime, PhotoFacts
from photosearch.images.metadata import read_facts

from .packets import (
    bag,
    in_languages,
    microsoft_regions,
    packet,
    photo,
    regions,
    with_iptc,
)

DESCRIPTION, RATING, XP_KEYWORDS = 0x010E, 0x4746, 0x9C9E


def facts(whole: bytes, sidecar: bytes | None = None) -> PhotoFacts:
    return read_facts(whole, "JPEG", (96, 64), None, sidecar)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_everything_that_is_said_is_read_from_every_format(name: str) -> None:
    said = packet(
        "<xmp:Rating>4</xmp:Rating>"
        + bag("dc:subject", "Meer", "Urlaub")
        + in_languages("dc:description", default="Oma am Meer")
        + regions(("Oma", "Face"))
    )
    found = facts(photo(said, name))
    assert (found.rating, found.caption) == (4, "Oma am Meer")
    assert (found.keywords, found.people) == (("Meer", "Urlaub"), ("Oma",))


def test_keywords_of_all_programs_are_one_list_without_doubles() -> None:
    said = packet(
        bag("dc:subject", "Meer", "Urlaub", "MEER")
        + bag("lr:hierarchicalSubject", "Orte|Italien|Rom", "Urlaub", "darktable|format|jpg")
        + bag("digiKam:TagsList", "Tiere/Hund", "Orte/Italien/Rom", kind="Seq")
        + bag("MicrosoftPhoto:LastKeywordXMP", "Tiere/Katze")
    )
    whole = photo(said, exif={XP_KEYWORDS: "Strand;meer;\0".encode("utf-16-le")})
    whole = with_iptc(
        whole, [("Application2.Keywords", "Sonne"), ("Application2.Keywords", "Meer")]
    )
    beside = packet(bag("dc:subject", "Familie", "urlaub"))
    assert facts(whole, beside).keywords == (
        *("Familie", "urlaub", "Meer", "Rom", "Hund", "Katze", "Strand", "Sonne"),
    )


def test_iptc_in_any_encoding() -> None:
    by_latin = with_iptc(photo(), [("Application2.Keywords", "Gr_=e")])
    assert facts(by_latin.replace(b"Gr_=e", b"Gr\xfc\xdfe")).keywords == ("Grüße",)
    by_utf8 = with_iptc(
        photo(), [("Envelope.CharacterSet", "\x1b%G"), ("Application2.Keywords", "Grüße")]
    )
    assert facts(by_utf8).keywords == ("Grüße",)


@pytest.mark.parametrize(
    ("said", "people"),
    [
        (regions(("Oma", "Face"), ("Bello", "Pet"), ("", "Face"), ("Opa", "Face")), ("Oma", "Opa")),
        (regions(("oma", "Face"), ("Oma", "Face"), ("Unknown", "Face"), ("f", "Focus")), ("oma",)),
        (microsoft_regions("Oma", "Jürgen"), ("Oma", "Jürgen")),
        (bag("Iptc4xmpExt:PersonInImage", "Oma", "Opa"), ("Oma", "Opa")),
        (bag("Iptc4xmpExt:PersonInImage", "Oma") + regions(("Opa", "Face")), ("Oma", "Opa")),
        (microsoft_regions("Oma") + regions(("Oma", "Face")), ("Oma",)),
        ("", ()),
    ],
)
def test_people(said: str, people: tuple[str, ...]) -> None:
    assert facts(photo(packet(said))).people == people
    assert facts(photo(), packet(said)).people == people


@pytest.mark.parametrize(
    ("said", "stars"),
    [
        ("<xmp:Rating>3</xmp:Rating>", 3),
        ("<xmp:Rating>4.0</xmp:Rating>", 4),
        ("<xmp:Rating>0</xmp:Rating>", 0),
        ("<xmp:Rating>-1</xmp:Rating>", 0),  # rejected
        ("<xmp:Rating>99</xmp:Rating>", 2),
        ("<xmp:Rating>nan</xmp:Rating>", 2),
        ("<xmp:Rating>five</xmp:Rating><MicrosoftPhoto:Rating>75</MicrosoftPhoto:Rating>", 4),
        ("", 2),
    ],
)
def test_stars(said: str, stars: int) -> None:
    assert facts(photo(packet(said), exif={RATING: 2})).rating == stars


def test_the_sidecar_goes_before_the_file_and_xmp_before_exif_and_iptc() -> None:
    inside = "<xmp:Rating>2</xmp:Rating>" + in_languages("dc:description", de="im XMP")
    whole = photo(
        packet(inside + regions(("Opa", "Face"))), exif={DESCRIPTION: "im EXIF", RATING: 1}
    )
    whole = with_iptc(whole, [("Application2.Caption", "im IPTC")])
    beside = packet(
        "<xmp:Rating>5</xmp:Rating>"
        + in_languages("dc:description", en="beside, too", default="beside")
        + regions(("Oma", "Face"))
    )
    found = facts(whole, beside)
    assert (found.rating, found.caption, found.people) == (5, "beside", ("Oma",))
    found = facts(whole)
    assert (found.rating, found.caption, found.people) == (2, "im XMP", ("Opa",))
    found = facts(with_iptc(photo(), [("Application2.Caption", "im IPTC")]))
    assert (found.rating, found.caption) == (None, "im IPTC")
    found = facts(whole, packet(""))
    assert (found.rating, found.caption, found.people) == (2, "im XMP", ("Opa",))


#: As darktable 4 writes it: attributes, EXIF's colons in times, tags of its own.
DARKTABLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:darktable="http://darktable.sf.net/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   exif:DateTimeOriginal="2021:05:04 18:15:30.120"
   exif:GPSLatitude="52,31.2N" exif:GPSLongitude="13,24.6E"
   xmp:Rating="4" darktable:xmp_version="5" darktable:history_end="11">
   <dc:subject><rdf:Seq><rdf:li>Rom</rdf:li><rdf:li>darktable</rdf:li></rdf:Seq></dc:subject>
   <lr:hierarchicalSubject><rdf:Seq><rdf:li>Orte|Rom</rdf:li>
    <rdf:li>darktable|exported|jpeg</rdf:li></rdf:Seq></lr:hierarchicalSubject>
   <darktable:history><rdf:Seq>
    <rdf:li darktable:num="0" darktable:operation="exposure" darktable:params="00008040"/>
   </rdf:Seq></darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""


def test_a_sidecar_of_darktable() -> None:
    found = facts(photo(), DARKTABLE)
    assert found.taken == CaptureTime(datetime(2021, 5, 4, 18, 15, 30, 120_000), None, "xmp")
    assert (found.rating, found.keywords) == (4, ("Rom",))
    assert (found.city, found.country) == ("Berlin", "Germany")


def test_a_title_is_a_caption_where_nothing_better_is_there() -> None:
    title = in_languages("dc:title", default="Sommer 2019")
    assert facts(photo(packet(title))).caption == "Sommer 2019"
    assert facts(photo(packet(title), exif={DESCRIPTION: "Oma am Meer"})).caption == "Oma am Meer"
    camera = in_languages("dc:description", default="OLYMPUS DIGITAL CAMERA")
    assert facts(photo(packet(camera + title))).caption == "Sommer 2019"


def test_camera_and_settings_of_a_file_without_exif() -> None:
    said = (
        "<tiff:Make>Canon</tiff:Make><tiff:Model>Canon EOS R5</tiff:Model>"
        "<aux:Lens>RF100-500mm F4.5-7.1 L IS USM</aux:Lens><exif:FNumber>71/10</exif:FNumber>"
        "<exif:ExposureTime>1/4000</exif:ExposureTime><exif:FocalLength>500/1</exif:FocalLength>"
        + bag("exif:ISOSpeedRatings", "1000", kind="Seq")
    )
    found = facts(photo(packet(said)))
    assert (found.camera_make, found.camera_model) == ("Canon", "Canon EOS R5")
    assert (found.lens, found.iso) == ("RF100-500mm F4.5-7.1 L IS USM", 1000)
    assert (found.aperture, found.exposure_s, found.focal_mm) == (7.1, 0.00025, 500.0)


def test_a_place_in_the_sidecar_counts_and_gives_its_town() -> None:
    beside = packet(
        "<exif:GPSLatitude>41,54.054N</exif:GPSLatitude>"
        "<exif:GPSLongitude>12,28,60E</exif:GPSLongitude>"
        "<photoshop:City>Elsewhere</photoshop:City>"
    )
    found = facts(photo(), beside)
    assert found.latitude_deg == pytest.approx(41.9009)
    assert found.longitude_deg == pytest.approx(12.48333, abs=1e-4)
    assert (found.city, found.country) == ("Rome", "Italy")


def test_a_town_that_somebody_wrote_counts_where_no_position_is_known() -> None:
    said = "<photoshop:City>Orvieto</photoshop:City><photoshop:Country>Italia</photoshop:Country>"
    found = facts(photo(packet(said)))
    assert (found.latitude_deg, found.city, found.country) == (None, "Orvieto", "Italia")
    written = [("Application2.City", "Orvieto"), ("Application2.CountryName", "Italien")]
    found = facts(with_iptc(photo(), written))
    assert (found.city, found.country) == ("Orvieto", "Italien")


@pytest.mark.parametrize(
    "position",
    [
        "<exif:GPSLatitude>41,54.054N</exif:GPSLatitude>",
        "<exif:GPSLatitude>0,0N</exif:GPSLatitude><exif:GPSLongitude>0,0E</exif:GPSLongitude>",
        "<exif:GPSLatitude>91,0N</exif:GPSLatitude><exif:GPSLongitude>9,0E</exif:GPSLongitude>",
        "<exif:GPSLatitude>41,0E</exif:GPSLatitude><exif:GPSLongitude>9,0N</exif:GPSLongitude>",
        "<exif:GPSLatitude>41.5</exif:GPSLatitude><exif:GPSLongitude>9.5</exif:GPSLongitude>",
    ],
)
def test_no_place_rather_than_a_wrong_one(position: str) -> None:
    found = facts(photo(packet(position)))
    assert (found.latitude_deg, found.longitude_deg, found.city) == (None, None, None)


def test_there_is_an_end_to_keywords_and_people_and_texts() -> None:
    said = packet(
        bag("dc:subject", *(f"keyword {number}" for number in range(900)), "k" * 900)
        + regions(*((f"person {number}", "Face") for number in range(300)))
        + in_languages("dc:description", default="word " * 9000)
    )
    found = facts(photo(), said)
    assert (len(found.keywords), len(found.people)) == (200, 100)
    assert 400 < len(found.caption or "") <= 500
    assert max(map(len, facts(photo(), packet(bag("dc:subject", "k" * 900))).keywords)) == 100
