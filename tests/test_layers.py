"""The promises that import-linter cannot see: what a start must not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "sentence_transformers", "sklearn", "scipy")


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "photosearch.library",
        "photosearch.gui",
        "photosearch.gui.main",
        "photosearch.engine.client",
        "photosearch.cli.main",
        "photosearch.images.decoders",
    ],
)
def test_a_start_loads_no_torch(module: str) -> None:
    assert not loaded_by(f"import {module}").intersection(HEAVY)


def test_the_window_loads_neither_database_nor_pillow() -> None:
    assert not loaded_by("import photosearch.gui.main").intersection({"apsw", "PIL", "sqlite_vec"})


def test_the_core_needs_no_qt() -> None:
    assert "PySide6" not in loaded_by("import photosearch.library, photosearch.cli.main")


def test_a_search_by_command_line_loads_nothing_slow() -> None:
    # All that `photosearch search TEXT` needs where an engine runs.
    code = "import photosearch.cli.main, photosearch.cli.commands.search;"
    code += "from photosearch.engine.calls import call_shape as shape;"
    slow = {"numpy", "rich", "pydantic", "platformdirs", "tomlkit", "PIL", "apsw"}
    assert not loaded_by(code + "shape('find')").intersection(slow)
