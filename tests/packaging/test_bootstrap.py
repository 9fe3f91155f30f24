"""Tests of packaging/bootstrap.py that neither install anything nor need a network."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "packaging" / "bootstrap.py"


@pytest.fixture
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", BOOTSTRAP)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what set-up reads, with a venv that is only its configuration file."""
    root = tmp_path / "my photos"
    (root / "packaging").mkdir(parents=True)
    (root / ".venv").mkdir()
    for name in ("pyproject.toml", "packaging/constraints.txt"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    (root / ".venv/pyvenv.cfg").write_text("version = 3.11.2\n")
    monkeypatch.setattr(bootstrap, "ROOT", root)
    monkeypatch.setattr(bootstrap, "VENV", root / ".venv")
    monkeypatch.setattr(bootstrap, "STAMP", root / ".venv/photosearch-setup.json")
    monkeypatch.setattr(bootstrap, "LOG", root / "build/setup.log")
    return root


class StepRecorder:
    """Stands for `run_step`: keeps the commands instead of running them."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []

    def __call__(self, title: str, command: list[str], environment: object = None) -> None:
        self.commands.append(list(command))


@pytest.fixture
def steps(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> StepRecorder:
    recorder = StepRecorder()
    monkeypatch.setattr(bootstrap, "run_step", recorder)
    return recorder


class BareSystem:
    """A Debian-like system on which only the named programs and libraries are there."""

    def __init__(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        self.programs = {"apt-get"}
        self.libraries: set[str] = set()
        self.has_font = False
        self.prefix: list[str] | None = None
        monkeypatch.setattr(bootstrap.sys, "platform", "linux")
        monkeypatch.setattr(
            bootstrap.shutil, "which", lambda name: name if name in self.programs else None
        )
        monkeypatch.setattr(bootstrap, "can_load", lambda name: name in self.libraries)
        monkeypatch.setattr(bootstrap, "has_font", lambda: self.has_font)
        monkeypatch.setattr(bootstrap, "_root_prefix", lambda: self.prefix)


@pytest.fixture
def bare_system(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> BareSystem:
    return BareSystem(bootstrap, monkeypatch)


# Python


@pytest.mark.parametrize(
    ("version", "supported"),
    [((3, 10, 13), False), ((3, 11, 0), True), ((3, 14), True), ((3, 15), False), ((), False)],
)
def test_supported_versions(
    bootstrap: ModuleType, version: tuple[int, ...], supported: bool
) -> None:
    assert bootstrap.is_supported(version) is supported


def test_the_file_is_readable_by_an_old_python() -> None:
    ast.parse(BOOTSTRAP.read_text("utf-8"), feature_version=(3, 7))


def test_an_old_python_is_told_what_it_needs(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "is_supported", lambda version: False)
    monkeypatch.setattr(bootstrap, "find_supported_python", lambda: None)
    assert bootstrap.main(["demo"]) == 1
    assert "needs Python 3.11 to 3.14" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("config", "version"),
    [
        ("home = /usr/bin\nversion = 3.11.2\n", (3, 11)),
        ("home = /usr/bin\nversion_info = 3.12.1.final.0\n", (3, 12)),
        ("home = /usr/bin\n", ()),
    ],
)
def test_version_of_a_venv(bootstrap: ModuleType, config: str, version: tuple[int, ...]) -> None:
    assert bootstrap.venv_version(config) == version


# System packages


def test_only_what_is_missing_is_asked_for(bootstrap: ModuleType, bare_system: BareSystem) -> None:
    bare_system.libraries = {item.name for item in bootstrap.QT_LIBRARIES} - {"libxcb-icccm.so.4"}
    bare_system.has_font = True
    missing = bootstrap.missing_items(bootstrap.VERBS["demo"], need_venv=False)
    assert bootstrap.install_line("apt-get", missing) == (
        "apt-get install -y --no-install-recommends libxcb-icccm4"
    )


def test_lint_needs_no_qt(bootstrap: ModuleType, bare_system: BareSystem) -> None:
    assert bootstrap.missing_items(bootstrap.VERBS["lint"], need_venv=False) == []


def test_windows_and_macos_need_no_system_packages(
    bootstrap: ModuleType, bare_system: BareSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.sys, "platform", "darwin")
    assert bootstrap.missing_items(bootstrap.VERBS["test"], need_venv=True) == []


@pytest.mark.parametrize(
    ("programs", "line"),
    [
        (
            {"apt-get", "sudo"},
            "    sudo apt-get update && "
            "sudo apt-get install -y --no-install-recommends libegl1 libgl1 ",
        ),
        (
            {"apt-get"},
            '    su -c "apt-get update && '
            "apt-get install -y --no-install-recommends libegl1 libgl1 ",
        ),
        # libEGL and libGL come in one package there: named once.
        ({"pacman", "sudo"}, "    sudo pacman -S --needed libglvnd fontconfig "),
        ({"dnf", "sudo"}, "    sudo dnf install -y libglvnd-egl libglvnd-glx fontconfig "),
    ],
)
def test_who_may_not_install_is_told_the_one_command(
    bootstrap: ModuleType,
    bare_system: BareSystem,
    steps: StepRecorder,
    programs: set[str],
    line: str,
) -> None:
    bare_system.programs = programs
    with pytest.raises(bootstrap.SetupError) as raised:
        bootstrap.ensure_system(bootstrap.VERBS["test"], need_venv=False)
    commands = [text for text in str(raised.value).splitlines() if text.startswith("    ")]
    assert len(commands) == 1
    assert commands[0].startswith(line)
    assert steps.commands == []


def test_an_unknown_distribution_is_told_the_libraries(
    bootstrap: ModuleType, bare_system: BareSystem
) -> None:
    bare_system.programs = set()
    with pytest.raises(bootstrap.SetupError, match=r"libEGL\.so\.1.*libxcb-cursor\.so\.0"):
        bootstrap.ensure_system(bootstrap.VERBS["demo"], need_venv=False)


@pytest.mark.parametrize("prefix", [[], ["sudo", "-n"]])
def test_who_may_install_gets_it_installed(
    bootstrap: ModuleType,
    bare_system: BareSystem,
    steps: StepRecorder,
    monkeypatch: pytest.MonkeyPatch,
    prefix: list[str],
) -> None:
    bare_system.prefix = prefix

    def install(title: str, command: list[str], environment: object = None) -> None:
        steps(title, command)
        bare_system.libraries = {item.name for item in bootstrap.QT_LIBRARIES}
        bare_system.has_font = True

    monkeypatch.setattr(bootstrap, "run_step", install)
    bootstrap.ensure_system(bootstrap.VERBS["demo"], need_venv=False)
    (command,) = steps.commands
    assert command[: len(prefix)] == prefix
    assert "libegl1" in command[-1]


def test_an_install_that_leaves_a_library_missing_stops(
    bootstrap: ModuleType, bare_system: BareSystem, steps: StepRecorder
) -> None:
    bare_system.prefix = []
    with pytest.raises(bootstrap.SetupError, match=r"Missing on this system: libEGL\.so\.1"):
        bootstrap.ensure_system(bootstrap.VERBS["demo"], need_venv=False)


def test_a_missing_xvfb_does_not_stop_the_tests(
    bootstrap: ModuleType, bare_system: BareSystem, capsys: pytest.CaptureFixture[str]
) -> None:
    bare_system.libraries = {item.name for item in bootstrap.QT_LIBRARIES}
    bare_system.has_font = True
    bootstrap.ensure_system(bootstrap.VERBS["test"], need_venv=False)
    assert "install -y --no-install-recommends xvfb" in capsys.readouterr().out


def test_a_library_that_is_nowhere_does_not_load(bootstrap: ModuleType) -> None:
    assert not bootstrap.can_load("libphotosearch-of-nobody.so.7")


# The stamp


def test_a_second_call_installs_nothing(
    bootstrap: ModuleType, checkout: Path, steps: StepRecorder
) -> None:
    bootstrap.ensure_packages(["dev"])
    bootstrap.ensure_packages(["dev"])
    bootstrap.ensure_packages()
    (command,) = steps.commands
    assert command[-2:] == ["-e", ".[dev]"]


def test_the_developers_tools_come_on_top(
    bootstrap: ModuleType, checkout: Path, steps: StepRecorder
) -> None:
    bootstrap.ensure_packages()
    bootstrap.ensure_packages(["dev"])
    assert [command[-1] for command in steps.commands] == [".", ".[dev]"]


def test_one_extra_does_not_make_another_forgotten(
    bootstrap: ModuleType, checkout: Path, steps: StepRecorder
) -> None:
    bootstrap.ensure_packages(["dev"])
    bootstrap.ensure_packages(["package"])
    bootstrap.ensure_packages(["dev"])
    assert [command[-1] for command in steps.commands] == [".[dev]", ".[dev,package]"]


def test_an_install_that_fails_is_tried_again(
    bootstrap: ModuleType, checkout: Path, steps: StepRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.ensure_packages(["dev"])
    (checkout / "packaging/constraints.txt").write_text("torch==2.13.0\n")

    def fail(*_: object) -> None:
        raise bootstrap.SetupError

    monkeypatch.setattr(bootstrap, "run_step", fail)
    for _ in range(2):
        with pytest.raises(bootstrap.SetupError):
            bootstrap.ensure_packages(["dev"])


@pytest.mark.parametrize(
    ("name", "old", "new", "changes"),
    [
        ("pyproject.toml", "watchdog>=7.1", "watchdog>=7.0", True),
        ("pyproject.toml", "line-length = 100", "line-length = 99", False),
        ("packaging/constraints.txt", "torch==2.13.0", "torch==2.12.0", True),
        (".venv/pyvenv.cfg", "3.11.2", "3.12.1", True),
    ],
)
def test_what_asks_for_a_new_install(
    bootstrap: ModuleType, checkout: Path, name: str, old: str, new: str, changes: bool
) -> None:
    before = bootstrap.lock_digest()
    text = (checkout / name).read_text("utf-8")
    assert old in text
    (checkout / name).write_text(text.replace(old, new), "utf-8")
    assert (bootstrap.lock_digest() != before) is changes


def test_a_moved_folder_asks_for_a_new_install(
    bootstrap: ModuleType, checkout: Path, steps: StepRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.ensure_packages(["dev"])
    moved = checkout.rename(checkout.with_name("moved"))
    monkeypatch.setattr(bootstrap, "ROOT", moved)
    monkeypatch.setattr(bootstrap, "VENV", moved / ".venv")
    monkeypatch.setattr(bootstrap, "STAMP", moved / ".venv/photosearch-setup.json")
    bootstrap.ensure_packages(["dev"])
    assert len(steps.commands) == 2


@pytest.mark.parametrize(
    "stamp",
    [
        "",
        "{",
        "[]",
        '"text"',
        '{"digest": 7}',
        '{"digest": "abc"}',
        '{"digest": "abc", "extras": 7}',
    ],
)
def test_a_damaged_stamp_counts_as_none(bootstrap: ModuleType, stamp: str) -> None:
    assert bootstrap.installed_extras(stamp, "abc") is None


# Messages


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "disk is full"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend.", "Another program is installing"),
        (
            # apt's update goes on without a network; the package that it then misses is no cause.
            "W: Temporary failure resolving 'deb.debian.org'\nE: Unable to locate package libegl1",
            "cannot be reached",
        ),
        (
            "Retrying after connection broken by 'NewConnectionError'\n"
            "ERROR: No matching distribution found for torch",
            "cannot be reached",
        ),
        ("ERROR: No matching distribution found for torch==2.13.0", "no build for this Python"),
    ],
)
def test_known_failures_are_said_plainly(bootstrap: ModuleType, output: str, said: str) -> None:
    assert said in bootstrap.known_cause(output)


def test_an_unknown_failure_shows_its_end_and_its_log(
    bootstrap: ModuleType, checkout: Path
) -> None:
    script = "print('first'); [print('line', i) for i in range(20)]; raise SystemExit(3)"
    with pytest.raises(bootstrap.SetupError) as raised:
        bootstrap.run_step("A step", [sys.executable, "-c", script])
    assert "line 19" in str(raised.value)
    assert "first" not in str(raised.value).partition("The command was")[0]
    assert "first\n" in (checkout / "build/setup.log").read_text("utf-8")


def test_a_full_disk_is_no_traceback(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(verb: object) -> None:
        raise OSError(28, "No space left on device", "/here/.venv")

    monkeypatch.setattr(bootstrap, "ensure", fail)
    assert bootstrap.main(["demo"]) == 1
    error = capsys.readouterr().err
    assert "The disk is full" in error
    assert "/here/.venv" in error


# The command line


@pytest.mark.parametrize("arguments", [[], ["fly"], ["lint", "photosearch"]])
def test_wrong_usage_is_answered_with_the_verbs(arguments: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, str(BOOTSTRAP), *arguments], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "bench-quick" in result.stdout + result.stderr


def test_every_command_runs_and_the_first_failure_counts(
    bootstrap: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "venv_python", lambda: sys.executable)
    script = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch(); sys.exit(int(sys.argv[1]))"
    verb = bootstrap.Verb("", tuple(("-c", script, code) for code in ("0", "5", "7")))
    assert bootstrap.run_verb(verb, []) == 5
    assert {path.name for path in checkout.iterdir()} >= {"0", "5", "7"}


def test_arguments_and_environment_reach_the_command(
    bootstrap: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "venv_python", lambda: sys.executable)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    script = (
        "import os, pathlib, sys;"
        "pathlib.Path('seen').write_text(' '.join([*sys.argv[1:], os.environ['QT_QPA_PLATFORM']]))"
    )
    verb = bootstrap.Verb("", (("-c", script),), environment=bootstrap.VERBS["test"].environment)
    assert bootstrap.run_verb(verb, ["-k", "two words"]) == 0
    assert (checkout / "seen").read_text() == "-k two words offscreen"


def test_make_offers_every_verb(bootstrap: ModuleType) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    match = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert match is not None
    assert set(match[1].split()) == set(bootstrap.VERBS)


def test_clean_leaves_only_what_is_ours(bootstrap: ModuleType, checkout: Path) -> None:
    kept = checkout / "photosearch" / "search.py"
    cache = checkout / "photosearch" / "__pycache__"
    cache.mkdir(parents=True)
    kept.touch()
    bootstrap.clean()
    assert not (checkout / ".venv").exists()
    assert not cache.exists()
    assert kept.exists()
    assert (checkout / "pyproject.toml").exists()


# The lock


def pins() -> dict[str, list[Requirement]]:
    lines = (ROOT / "packaging/constraints.txt").read_text("utf-8").splitlines()
    found: dict[str, list[Requirement]] = {}
    for line in lines:
        if line and not line.startswith("#"):
            pin = Requirement(line)
            found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def test_every_pin_is_one_exact_public_version() -> None:
    for pin in (pin for group in pins().values() for pin in group):
        (specifier,) = pin.specifier
        assert specifier.operator == "==", pin
        assert "+" not in specifier.version, pin


def test_the_lock_covers_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = [
        *project["build-system"]["requires"],
        # hatchling asks for it when the install is editable.
        "editables~=0.3",
        *project["project"]["dependencies"],
        *(text for extra in project["project"]["optional-dependencies"].values() for text in extra),
    ]
    locked = pins()
    for requirement in map(Requirement, asked):
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        candidates = [
            pin
            for pin in locked.get(canonicalize_name(requirement.name), [])
            if pin.marker is None or pin.marker.evaluate()
        ]
        assert len(candidates) == 1, requirement
        (specifier,) = candidates[0].specifier
        assert specifier.version in requirement.specifier, requirement


def test_torch_is_the_agreed_one_and_alone() -> None:
    locked = pins()
    assert str(locked["torch"][0].specifier) == "==2.13.0"
    assert not {"torchvision", "torchao", "torchaudio"} & set(locked)
