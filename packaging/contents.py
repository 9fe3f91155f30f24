"""What goes into the package beside what PyInstaller finds, and what stays out. Read by the spec.

PyInstaller follows the imports that are written down. What is imported by a name that only the
running program knows has to be told here; so has what is reachable and never used.
"""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from photosearch.embed.architectures import ARCHITECTURES

ROOT = Path(__file__).resolve().parent.parent

#: Modules that are imported by name. All of Photosearch's own come on top.
HIDDEN_IMPORTS = (
    "onnx",
    "sqlite_vec",
    # exiv2's native parts import these.
    "exiv2._enum_data",
    "exiv2.extras",
    # What modules.json of a sentence-transformers model names lies here.
    "sentence_transformers.sentence_transformer.modules",
    *(f"transformers.models.{name}" for name in ARCHITECTURES),
)

#: Packages some of whose modules import their neighbours as if those lay at the top.
FLAT_PACKAGES = ("onnxruntime.transformers",)

#: Packages that are asked for their version or presence while the program runs.
METADATA = ("photosearch", "onnxruntime", "sqlite-vec", "torch", "transformers")

#: Packages that read files of their own which are no modules.
DATA_PACKAGES = ("py3langid",)

#: What the catalogue's architectures import from others of transformers, and what its registry of
#: models and sentence-transformers import.
_TRANSFORMERS_BESIDES = (
    "aimv2",
    "auto",
    "blenderbot",
    "blenderbot_small",
    "encoder_decoder",
    "longt5",
    "marian",
    "moonshine",
    "mt5",
    "paligemma",
    "pegasus",
    "pegasus_x",
    "prophetnet",
    "switch_transformers",
    "t5",
    "t5gemma",
    "t5gemma2",
    "timm_wrapper",
    "udop",
    "umt5",
    "whisper",
)

#: Never loaded, though something reachable imports it: a conversion of the sample model and
#: `photosearch --run-probe loaders` go well without.
EXCLUDED = (
    "IPython",
    "_pytest",
    "datasets",
    "hf_xet",
    "hypothesis",
    "joblib",
    "lxml",
    "matplotlib",
    "mypy",
    "narwhals",
    "networkx",
    "onnx.backend.test",
    "onnxruntime.tools",
    "pandas",
    "pip",
    "pydantic",
    "pydantic_core",
    "pytest",
    "scipy.integrate",
    "scipy.interpolate",
    "scipy.io",
    "scipy.ndimage",
    "scipy.signal",
    "scipy.stats",
    "setuptools",
    "sklearn",
    "tensorboard",
    "threadpoolctl",
    "tkinter",
    "torch.utils.benchmark",
    "torch.utils.tensorboard",
    "torchaudio",
    "torchvision",
    "transformers.cli",
    "triton",
    "PySide6.QtConcurrent",
    "PySide6.QtDesigner",
    "PySide6.QtHelp",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtPrintSupport",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtQuickControls2",
    "PySide6.QtQuickWidgets",
    "PySide6.QtSql",
    "PySide6.QtTest",
    "PySide6.QtUiTools",
    "PySide6.QtXml",
)

#: Files of the package, by their place in it, that nothing there reads.
_DROPPED = re.compile(
    r"""
    .*\.(a|cmake|cpp|cu|cuh|h|hpp|jinja|lib|pyi)$
    | .*/(direct_url\.json|RECORD|REQUESTED|INSTALLER)$
    | torch/(include|share|test)/
    | torch/bin/(?!torch_shm_manager)
    | onnxruntime/capi/libonnxruntime\.so   # for other languages; Python's has all of it inside
    | (scipy|numpy)/.*/tests/
    | PySide6/(Qt/)?(qml|resources)/
    | PySide6/(Qt/)?translations/(?!qtbase_)
    | PySide6/(Qt/)?plugins/(
        designer|egldeviceintegrations|generic|networkinformation|printsupport|qmllint|qmltooling
        |sqldrivers|virtualkeyboard|wayland-graphics-integration-server|webview)/
    | PySide6/(Qt/)?plugins/platforms/libq(eglfs|linuxfb|minimal|minimalegl|vkkhrdisplay|vnc)\.
    | PySide6/(Qt/)?plugins/platforminputcontexts/libqtvirtualkeyboard
    | PySide6/(Qt/)?plugins/platformthemes/libqgtk3
    | PySide6/(Qt/)?plugins/imageformats/libqpdf
    | PySide6/(Qt/lib/lib)?Qt6(
        Designer|Egl[Ff][Ss]|OpenGLWidgets|Pdf|Qml|Quick|Sql|Test|VirtualKeyboard|WaylandCompositor)
    | lib(cuda|cudart|nvrtc)\.so          # the driver's: of the machine that runs it
    | lib(stdc\+\+|gcc_s|mvec)\.so        # every system's own, and its drivers need the newest
    """,
    re.VERBOSE,
)


#: Where the licences of everything in the package lie in it.
LICENCES = "licences"
#: Names of the files in a distribution that tell how it may be used.
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice|thirdparty|authors)", re.IGNORECASE)


def excluded() -> list[str]:
    """Lists the modules that stay out, with those models of transformers that nobody asks for."""
    models = Path(str(distribution("transformers").locate_file("transformers/models")))
    kept = {*ARCHITECTURES, *_TRANSFORMERS_BESIDES}
    unused = sorted(
        path.name
        for path in models.iterdir()
        if (path / "__init__.py").is_file() and path.name not in kept
    )
    return [*EXCLUDED, *(f"transformers.models.{name}" for name in unused)]


def import_paths() -> list[str]:
    """Returns where PyInstaller looks for modules beside the environment's own places."""
    flat = [
        Path(root).joinpath(*inner)
        for top, *inner in (name.split(".") for name in FLAT_PACKAGES)
        if (spec := find_spec(top)) is not None
        for root in spec.submodule_search_locations or ()
    ]
    return [str(path) for path in (ROOT, *flat)]


def is_dropped(place: str) -> bool:
    """Tells whether a file stays out.

    Args:
        place: Where it would lie in the package, with any system's separators.
    """
    return _DROPPED.match(place.replace("\\", "/")) is not None


def licence_files() -> list[tuple[str, str]]:
    """Lists the licences of Photosearch, Python and all that is installed for Photosearch.

    Returns:
        Pairs of a file and the folder of the package where it goes.
    """
    files = [(str(ROOT / "LICENSE"), LICENCES)]
    python = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    if python.is_file():
        files.append((str(python), f"{LICENCES}/python"))
    for found in _installed_for("photosearch"):
        for file in found.files or ():
            inner = PurePosixPath(*file.parts[1:])
            is_beside = file.parts[0].endswith(".dist-info") or len(inner.parts) == 1
            if is_beside and _LICENCE_FILE.match(file.name) and file.suffix != ".py":
                place = PurePosixPath(LICENCES, canonicalize_name(found.name), inner.parent)
                files.append((str(file.locate()), str(place)))
    return files


def _installed_for(name: str) -> Iterator[Distribution]:
    """Yields the distributions that one depends on, itself left out, each once."""
    seen = {canonicalize_name(name)}
    waiting = [name]
    while waiting:
        for line in distribution(waiting.pop()).requires or ():
            requirement = Requirement(line)
            key = canonicalize_name(requirement.name)
            if key in seen or (
                requirement.marker and not requirement.marker.evaluate({"extra": ""})
            ):
                continue
            seen.add(key)
            try:
                yield distribution(key)
            except PackageNotFoundError:
                continue  # its marker is another system's
            waiting.append(key)
