"""The program's entry: which arguments open the window, and which are commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from photosearch import __main__ as entry
from photosearch import paths

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


class Entered:
    """Stands for the entry of the window or of the command line."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def __call__(self, arguments: list[str]) -> int:
        self.calls.append(arguments)
        return 0


@pytest.mark.gui
@pytest.mark.parametrize(
    ("arguments", "passed_on"),
    [
        ([], []),
        (["--library", "/photos"], ["--library", "/photos"]),
        (["--library=/photos"], ["--library=/photos"]),
        ([paths.RUN_GUI, "--library", "/photos"], ["--library", "/photos"]),
    ],
)
def test_without_a_command_the_window_opens(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], passed_on: list[str]
) -> None:
    window = Entered()
    monkeypatch.setattr("photosearch.gui.main.main", window)
    monkeypatch.setattr(sys, "argv", ["photosearch", *arguments])
    assert entry.main() == 0
    assert window.calls == [passed_on]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["--library=/photos", "status"],
        ["--library", "/photos", "status"],
    ],
)
def test_commands_open_no_window(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    command_line = Entered()
    monkeypatch.setattr("photosearch.cli.main.main", command_line)
    monkeypatch.setattr(sys, "argv", ["photosearch", *arguments])
    assert entry.main() == 0
    assert command_line.calls == [arguments]


@pytest.mark.skipif(sys.platform == "win32", reason="no Ctrl-C for one process alone")
@pytest.mark.parametrize("module", ["photosearch.paths", "typer", "photosearch.cli.output"])
def test_ctrl_c_before_the_command_is_loaded_ends_it_quietly(module: str) -> None:
    code = (
        "import builtins, os, signal, sys\n"
        "from photosearch.__main__ import main\n"
        "class Slow:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "sys.argv = ['photosearch', 'status']\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_ctrl_c_is_the_commands_own_once_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_arguments: list[str]) -> int:
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        raise KeyboardInterrupt

    monkeypatch.setattr("photosearch.cli.main.main", interrupted)
    monkeypatch.setattr(sys, "argv", ["photosearch", "status"])
    assert entry.main() == 130


@pytest.mark.gui
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only here Qt may lack a screen")
@pytest.mark.parametrize("options", [[], ["--library={}"], ["--library", "{}"]])
def test_where_there_is_no_screen_it_is_said(tmp_path: Path, options: list[str]) -> None:
    library = tmp_path / "my library"
    environment = {key: value for key, value in os.environ.items() if key not in _SCREENS}
    done = subprocess.run(
        [sys.executable, "-m", "photosearch", *(option.format(library) for option in options)],
        env=environment | {"PHOTOSEARCH_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.startswith("There is no screen to open the window on.")
    assert library.exists() == bool(options), "the library that was asked for"


def leaving(code: str, stdout: object) -> subprocess.CompletedProcess[str]:
    """Runs a command that leaves at once, with something that an orderly end would do."""
    program = (
        "import atexit, sys\n"
        "from photosearch.__main__ import _leaving\n"
        "atexit.register(print, 'an orderly end')\n"
        f"def run():\n    {code}\n    return 3\n"
        "sys.exit(_leaving(run))\n"
    )
    command = [sys.executable, "-c", program]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)  # type: ignore[call-overload, no-any-return]


def test_a_search_ends_with_its_answer() -> None:
    done = leaving("print('the answer')", subprocess.PIPE)
    assert (done.returncode, done.stdout, done.stderr) == (3, "the answer\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_answer_that_cannot_be_written_is_no_success() -> None:
    with Path("/dev/full").open("w") as full:
        done = leaving("print('the answer')", full)
    assert done.returncode != 0
    assert "No space left" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "is_search"),
    [
        (["search", "boat"], True),
        (["--library", "/l", "search", "boat"], True),
        (["models", "list"], False),
        (["index", "--watch"], False),
    ],
)
def test_only_a_search_ends_so(arguments: list[str], is_search: bool) -> None:
    assert entry._is_search(arguments) is is_search
