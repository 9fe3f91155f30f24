"""What the package is told to hold exists, and what it leaves out is nothing that it needs."""

from __future__ import annotations

import importlib
import importlib.util
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from types import ModuleType

import pytest

from photosearch.embed import architectures, loaders

CONTENTS = Path(__file__).resolve().parents[2] / "packaging" / "contents.py"


@pytest.fixture(scope="module")
def contents() -> ModuleType:
    spec = importlib.util.spec_from_file_location("contents", CONTENTS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exists(module: str) -> bool:
    """Tells whether a module is installed, without importing it: that may load torch."""
    top, *inner = module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None:
        return False
    if not inner:
        return True
    place = PurePosixPath(*inner)
    return any(
        (Path(root) / place / "__init__.py").is_file()
        or (Path(root) / place).with_suffix(".py").is_file()
        for root in spec.submodule_search_locations or ()
    )


def test_what_is_told_to_come_along_exists(contents: ModuleType) -> None:
    assert [name for name in contents.HIDDEN_IMPORTS if not exists(name)] == []
    assert [name for name in contents.DATA_PACKAGES if not exists(name)] == []
    assert [name for name in contents.METADATA if not version(name)] == []


def test_nothing_is_both_in_and_out(contents: ModuleType) -> None:
    out = set(contents.excluded())
    assert len(out) > 100, "the models of transformers that nobody asks for"
    for name in contents.HIDDEN_IMPORTS:
        parents = {name, *(str(parent) for parent in PurePosixPath(name.replace(".", "/")).parents)}
        assert not {parent.replace("/", ".") for parent in parents} & out, name


@pytest.mark.parametrize(
    "place",
    [
        "torch/lib/libtorch_cpu.so",
        "torch/bin/torch_shm_manager",
        "sqlite_vec/vec0.so",
        "onnxruntime/capi/onnxruntime_pybind11_state.cpython-311-x86_64-linux-gnu.so",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "photosearch/_resources/models.toml",
        "photosearch/_resources/sample/LICENSES/OFL-1.1.txt",
        "photosearch-0.1.0.dist-info/METADATA",
    ],
)
def test_what_the_program_needs_stays(contents: ModuleType, place: str) -> None:
    assert not contents.is_dropped(place)


@pytest.mark.parametrize(
    "place",
    [
        "torch/bin/test_jit",
        "torch\\include\\ATen\\ATen.h",
        "onnxruntime/capi/libonnxruntime.so.1.31.1",
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "PySide6/Qt/lib/libQt6EglFsKmsSupport.so.6",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "photosearch-0.1.0.dist-info/direct_url.json",
    ],
)
def test_what_nothing_reads_is_dropped(contents: ModuleType, place: str) -> None:
    assert contents.is_dropped(place)


def test_the_licences_come_along_each_under_its_own_name(contents: ModuleType) -> None:
    files = contents.licence_files()
    places = [f"{folder}/{Path(file).name}" for file, folder in files]
    assert len(set(places)) == len(places)
    assert "licences/LICENSE" in places
    assert {"licences/torch", "licences/pillow-heif", "licences/numpy"} <= {
        str(PurePosixPath(place).parents[-3]) for place in places if place.count("/") > 1
    }
    assert [file for file, _ in files if not Path(file).is_file()] == []


@pytest.mark.model
@pytest.mark.slow
def test_every_architecture_can_be_imported() -> None:
    names = architectures.load_all()
    assert {"CLIPModel", "DistilBertModel", "XLMRobertaModel", "SiglipModel"} <= set(names)
    assert importlib.import_module(f"{loaders.__name__}.sentence_transformers")


def test_the_quantisation_finds_its_neighbours(contents: ModuleType) -> None:
    """onnxruntime.quantization imports a module that does `from fusion_utils import ...`."""
    paths = contents.import_paths()
    assert any((Path(path) / "fusion_utils.py").is_file() for path in paths)
    assert not {"onnxruntime.quantization", *contents.FLAT_PACKAGES} & set(contents.excluded())
