"""XMP as programs write it, and files that hold it."""

from __future__ import annotations

from typing import Any

import exiv2
from PIL import Image, PngImagePlugin, TiffImagePlugin

from .samples import encoded, quartered

_OPEN = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:lr="http://ns.adobe.com/lightroom/1.0/" xmlns:digiKam="http://www.digikam.org/ns/1.0/"
 xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:MP="http://ns.microsoft.com/photo/1.2/"
 xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
 xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"
 xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
"""
_CLOSE = "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"


def packet(inner: str) -> bytes:
    """A packet with these properties."""
    return (_OPEN + inner + _CLOSE).encode()


def bag(name: str, *items: str, kind: str = "Bag") -> str:
    """A property of several texts."""
    inside = "".join(f"<rdf:li>{item}</rdf:li>" for item in items)
    return f"<{name}><rdf:{kind}>{inside}</rdf:{kind}></{name}>"


def in_languages(name: str, **texts: str) -> str:
    """A text in several languages; `default` stands for x-default."""
    inside = "".join(
        f'<rdf:li xml:lang="{"x-default" if code == "default" else code}">{text}</rdf:li>'
        for code, text in texts.items()
    )
    return f"<{name}><rdf:Alt>{inside}</rdf:Alt></{name}>"


def regions(*named: tuple[str, str]) -> str:
    """Regions as digiKam, Lightroom and Picasa write them: name and type each."""
    area = '<mwg-rs:Area stArea:x="0.5" stArea:y="0.5" stArea:w="0.1" stArea:h="0.1"/>'
    inside = "".join(
        f'<rdf:li><rdf:Description mwg-rs:Name="{name}" mwg-rs:Type="{kind}">{area}'
        "</rdf:Description></rdf:li>"
        for name, kind in named
    )
    return (
        '<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>'
        f"{inside}</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    )


def microsoft_regions(*names: str) -> str:
    """Regions as Windows Live Photo Gallery writes them."""
    inside = "".join(
        f'<rdf:li><rdf:Description MPReg:PersonDisplayName="{name}" '
        'MPReg:Rectangle="0.1, 0.1, 0.1, 0.1"/></rdf:li>'
        for name in names
    )
    return (
        '<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag>'
        f"{inside}</rdf:Bag></MPRI:Regions></MP:RegionInfo>"
    )


def photo(
    xmp: bytes | None = None, name: str = "JPEG", exif: dict[int, object] | None = None
) -> bytes:
    """A file with XMP and EXIF in it."""
    options: dict[str, Any] = {}
    if xmp is not None and name == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode())
    elif xmp is not None and name == "TIFF":
        options["tiffinfo"] = TiffImagePlugin.ImageFileDirectory_v2()
        options["tiffinfo"].tagtype[700] = 1
        options["tiffinfo"][700] = xmp
    elif xmp is not None:
        options["xmp"] = xmp
    if exif is not None:
        written = Image.Exif()
        written.update({tag: value for tag, value in exif.items() if tag < 0x8000 or tag >= 0x9C00})
        written.get_ifd(0x8769).update(exif)
        options["exif"] = written.tobytes()
    return encoded(quartered(), name, **options)


def with_iptc(whole: bytes, fields: list[tuple[str, str]]) -> bytes:
    """The same file with IPTC fields, by exiv2's names."""
    image = exiv2.ImageFactory.open(whole)
    image.readMetadata()
    data = image.iptcData()
    for key, value in fields:
        datum = exiv2.Iptcdatum(exiv2.IptcKey(f"Iptc.{key}"))
        datum.setValue(value)
        data.add(datum)
    image.setIptcData(data)
    image.writeMetadata()
    stream = image.io()
    stream.open()
    with stream.mmap() as written:
        return bytes(written)
