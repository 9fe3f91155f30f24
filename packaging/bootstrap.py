"""Set up Photosearch from a bare checkout and run one thing in it.

    python3 packaging/bootstrap.py VERB [ARGUMENT ...]

Without a verb it lists them. `make VERB` calls this, so does a person on a system without make.
Each verb first makes sure of what it needs, and does nothing where that is there already:

1. system packages: Qt's libraries, and Python's own `venv` where the distribution splits it off;
   installed where that needs no password, otherwise the one command to type is printed;
2. a virtual environment in `.venv`;
3. the packages of pyproject.toml in the versions of packaging/constraints.txt.

Only the standard library, and syntax that old Pythons can read: on those this file has to run far
enough to say so. Everything that the installers print goes to build/setup.log.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import io
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOG = ROOT / "build" / "setup.log"
# What set-up has done, with which lock: the reason why a second call starts at once.
STAMP = VENV / "photosearch-setup.json"
# Relative to ROOT: pip splits PIP_CONSTRAINT at spaces, which an absolute path may contain.
CONSTRAINTS = "packaging/constraints.txt"

OLDEST_PYTHON = (3, 11)
# The newest Python that the locked torch has wheels for.
NEWEST_PYTHON = (3, 14)


class SetupError(Exception):
    """Set-up cannot go on; the text tells why and what to type. Shown without a traceback."""


class SystemItem(NamedTuple):
    """Something from outside Python, and the package that brings it on each family of Linux."""

    name: str
    apt: str
    dnf: str
    pacman: str
    required: bool = True


# Everything that PySide6-Essentials' libraries and its xcb, wayland and offscreen platforms load
# and do not carry themselves (found with ldd). Even offscreen needs the first six.
QT_LIBRARIES = (
    SystemItem("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    SystemItem("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    SystemItem("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    SystemItem("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
    SystemItem("libglib-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    SystemItem("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    SystemItem("libbrotlidec.so.1", "libbrotli1", "libbrotli", "brotli"),
    SystemItem("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb", "libx11"),
    SystemItem(
        "libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"
    ),
    SystemItem("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    SystemItem("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    SystemItem("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    SystemItem("libxcb-image.so.0", "libxcb-image0", "xcb-util-image", "xcb-util-image"),
    SystemItem(
        "libxcb-render-util.so.0",
        "libxcb-render-util0",
        "xcb-util-renderutil",
        "xcb-util-renderutil",
    ),
    SystemItem("libxcb-randr.so.0", "libxcb-randr0", "libxcb", "libxcb"),
    SystemItem("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
    SystemItem("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb"),
    SystemItem("libwayland-client.so.0", "libwayland-client0", "libwayland-client", "wayland"),
    SystemItem("libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor", "wayland"),
)
FONT = SystemItem("a font", "fonts-dejavu-core", "dejavu-sans-fonts", "ttf-dejavu", required=False)
# PyInstaller reads libraries with objdump; strip takes what no program needs out of torch's.
BINUTILS = SystemItem("objdump", "binutils", "binutils", "binutils")
XVFB = SystemItem("Xvfb", "xvfb", "xorg-x11-server-Xvfb", "xorg-server-xvfb", required=False)

INSTALL_COMMANDS: Mapping[str, str] = {
    "apt-get": "apt-get install -y --no-install-recommends",
    "dnf": "dnf install -y",
    "pacman": "pacman -S --needed",
}

# The first pattern that the output of a failed apt or pip contains explains the failure.
EXPLANATIONS = (
    (
        r"No space left on device|Disk quota exceeded|not have enough free space",
        "The disk is full. The packages take about 2 GB, with CUDA about 8 GB, in this folder, and "
        "while they are unpacked also in the folder for temporary files (TMPDIR chooses another).",
    ),
    (
        r"Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock directory",
        "Another program is installing packages right now. Wait for it, then try again.",
    ),
    (
        r"Temporary failure (in name resolution|resolving)|Could not resolve|getaddrinfo failed"
        r"|nodename nor servname|NewConnectionError|Network is unreachable|ConnectTimeout"
        r"|Read timed out|Connection (refused|timed out|reset)|ProxyError|Failed to fetch"
        r"|Could not connect|CERTIFICATE_VERIFY_FAILED",
        "The package server cannot be reached. Check the network connection (and the proxy, if you "
        "use one), then try again: what is already there is kept.",
    ),
    (
        r"Unable to locate package|has no installation candidate",
        "This distribution does not know one of these packages.",
    ),
    (
        r"No matching distribution found|Could not find a version that satisfies",
        "A package has no build for this Python and system. Needed is a 64-bit Python 3.11 to 3.14 "
        "on Windows, on macOS 14 or newer with Apple silicon, or on Linux with glibc 2.34 or newer "
        "(2.39 on ARM).",
    ),
    (
        r"Permission denied|Access is denied",
        "A file or folder may not be written. Does the folder belong to another user?",
    ),
)

CUDA_NOTE = (
    "pip takes PyTorch with CUDA, which is several GB, and there seems to be no NVIDIA card here. "
    "With PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu it takes the small CPU build."
)

# Tests never open a window on the developer's screen and never ask the network for a model.
TEST_ENVIRONMENT = {"QT_QPA_PLATFORM": "offscreen", "HF_HUB_OFFLINE": "1"}
# The script `lint-imports` itself breaks when the folder is moved: its first line is a full path.
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


BUILD_PACKAGE = (
    "-m",
    "PyInstaller",
    "--noconfirm",
    "--log-level=WARN",
    "--distpath=build/package",
    "--workpath=build/package-work",
    "packaging/photosearch.spec",
)


class Verb(NamedTuple):
    """One word on the command line: what it needs, and the commands that it runs in the venv."""

    summary: str
    commands: tuple[tuple[str, ...], ...] = ()
    # Of pyproject.toml's optional dependencies, those that it needs.
    extras: tuple[str, ...] = ()
    system: tuple[SystemItem, ...] = ()
    environment: Mapping[str, str] = {}
    takes_arguments: bool = True


VERBS: Mapping[str, Verb] = {
    "demo": Verb(
        "show the main job on the sample library",
        (("-m", "photosearch", "demo"),),
        system=(*QT_LIBRARIES, FONT),
    ),
    "run": Verb("start the application", (("-m", "photosearch"),), system=(*QT_LIBRARIES, FONT)),
    "test": Verb(
        "run the tests, as many at once as there are processors, four at most",
        (("-m", "pytest", "-n", "logical", "--maxprocesses=4", "--dist=loadfile"),),
        extras=("dev",),
        system=(*QT_LIBRARIES, FONT, XVFB),
        environment=TEST_ENVIRONMENT,
    ),
    "lint": Verb(
        "check style, types and the direction of imports",
        (
            ("-m", "ruff", "check", "."),
            ("-m", "ruff", "format", "--check", "."),
            ("-m", "mypy"),
            ("-m", "mypy", "packaging/bootstrap.py"),
            ("-m", "mypy", "packaging/contents.py", "packaging/smoke.py"),
            ("-c", LINT_IMPORTS),
        ),
        extras=("dev",),
        takes_arguments=False,
    ),
    "bench": Verb(
        "measure speed and quality, all areas or those named",
        (("-m", "tests.benchmarks"),),
        extras=("dev",),
        system=(*QT_LIBRARIES, FONT),
        environment=TEST_ENVIRONMENT,
    ),
    "bench-quick": Verb(
        "the short form of bench",
        (("-m", "tests.benchmarks", "--quick"),),
        extras=("dev",),
        system=(*QT_LIBRARIES, FONT),
        environment=TEST_ENVIRONMENT,
    ),
    "fuzz": Verb(
        "take damaged pictures through the decoders (--count, --seed, --only)",
        (("-m", "tests.hostile.fuzz"),),
        extras=("dev",),
        environment=TEST_ENVIRONMENT,
    ),
    "soak": Verb(
        "let folders change without rest, and see whether the library follows (--minutes, --seed)",
        (("-m", "tests.hostile.soak"),),
        extras=("dev",),
        environment=TEST_ENVIRONMENT,
    ),
    "package": Verb(
        "build the program for this system, with its own Python, into build/package",
        (BUILD_PACKAGE,),
        extras=("package",),
        system=(*QT_LIBRARIES, BINUTILS),
        takes_arguments=False,
    ),
    "package-smoke": Verb(
        "build it, and try it as somebody without Python would",
        (("packaging/smoke.py",),),
        extras=("package",),
        system=(*QT_LIBRARIES, BINUTILS, FONT),
    ),
    "setup": Verb(
        "only set up, for work without a network later",
        extras=("dev",),
        system=(*QT_LIBRARIES, FONT, XVFB),
        takes_arguments=False,
    ),
    "clean": Verb("remove .venv, build results and caches", takes_arguments=False),
}

CLEANED = (
    ".venv",
    "build",
    "dist",
    "demo.png",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
)


# Python ---------------------------------------------------------------------------------------


def is_supported(version: Sequence[int]) -> bool:
    """Tell whether Photosearch runs on this version of Python, given as (major, minor, ...)."""
    return OLDEST_PYTHON <= tuple(version[:2]) <= NEWEST_PYTHON


def find_supported_python() -> list[str] | None:
    """Look for a supported Python beside the one that runs this; newest first, None if none."""
    versions = [
        f"{OLDEST_PYTHON[0]}.{minor}" for minor in range(NEWEST_PYTHON[1], OLDEST_PYTHON[1] - 1, -1)
    ]
    candidates = [[f"python{version}"] for version in versions]
    if sys.platform == "win32":
        candidates += [["py", f"-{version}"] for version in versions]
    for candidate in candidates:
        program = shutil.which(candidate[0])
        # A name on PATH proves little: version switchers leave names that only say "not active".
        if program and _succeeds([program, *candidate[1:], "-c", "import venv"]):
            return [program, *candidate[1:]]
    return None


def hand_over_to_supported_python(arguments: Sequence[str]) -> int:
    """Run this file again in a Python that Photosearch supports.

    Raises:
        SetupError: there is none.
    """
    python = find_supported_python()
    if python is None:
        raise SetupError(
            f"Photosearch needs Python {_dotted(OLDEST_PYTHON)} to {_dotted(NEWEST_PYTHON)}. "
            f"This is Python {platform.python_version()} ({sys.executable}), and no other is on "
            "PATH. Install one from your system's packages or from https://www.python.org/ and "
            "try again."
        )
    return _run_plainly([*python, str(Path(__file__).resolve()), *arguments])


# System packages ------------------------------------------------------------------------------


def can_load(library: str) -> bool:
    """Tell whether the system's loader finds a shared library, as it will have to for Qt."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_font() -> bool:
    """Tell whether any font is installed where fontconfig looks; Qt draws boxes without one."""
    home = Path.home()
    folders = (
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".local/share/fonts",
        home / ".fonts",
    )
    endings = {".ttf", ".otf", ".ttc", ".pfb"}
    return any(path.suffix in endings for folder in folders for path in folder.rglob("*"))


def is_here(item: SystemItem) -> bool:
    """Tell whether a system item needs no installing."""
    if item == FONT:
        return has_font()
    if item in (XVFB, BINUTILS):
        return shutil.which(item.name) is not None
    return can_load(item.name)


def missing_items(verb: Verb, *, need_venv: bool) -> list[SystemItem]:
    """List what has to be installed outside Python before a verb can run; always [] off Linux.

    Args:
        verb: what is going to run.
        need_venv: whether `.venv` still has to be made.
    """
    if not sys.platform.startswith("linux"):
        return []
    missing = [item for item in verb.system if not is_here(item)]
    if need_venv and not (
        importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")
    ):
        version = _dotted(sys.version_info[:2])
        missing.append(
            SystemItem("Python's venv", f"python{version}-venv", "python3-libs", "python")
        )
    return missing


def install_line(manager: str, items: Sequence[SystemItem]) -> str:
    """Write the shell command, without sudo, that installs items with `apt-get`, `dnf` ..."""
    packages = [{"dnf": item.dnf, "pacman": item.pacman}.get(manager, item.apt) for item in items]
    return " ".join([INSTALL_COMMANDS[manager], *dict.fromkeys(packages)])


def line_to_type(manager: str, items: Sequence[SystemItem], *, has_sudo: bool) -> str:
    """Write the one line that a person types to install items."""
    install = install_line(manager, items)
    if not has_sudo:
        lines = f"apt-get update && {install}" if manager == "apt-get" else install
        return f'su -c "{lines}"'
    if manager == "apt-get":
        return f"sudo apt-get update && sudo {install}"
    return f"sudo {install}"


def explain_missing(items: Sequence[SystemItem], manager: str | None, *, has_sudo: bool) -> str:
    """Say what is missing and what to type, for a person who has to install it."""
    text = f"Missing on this system: {', '.join(item.name for item in items)}."
    if manager is None:
        return (
            f"{text}\nInstall them with your distribution's package manager (on Debian they are "
            f"called {' '.join(dict.fromkeys(item.apt for item in items))}), then try again."
        )
    line = line_to_type(manager, items, has_sudo=has_sudo)
    return f"{text}\nType this once, then try again:\n\n    {line}\n"


def ensure_system(verb: Verb, *, need_venv: bool) -> None:
    """Install the system packages that a verb lacks, or tell how.

    Raises:
        SetupError: a required one is missing and may not be installed from here.
    """
    missing = missing_items(verb, need_venv=need_venv)
    if not missing:
        return
    manager = next((name for name in INSTALL_COMMANDS if shutil.which(name)), None)
    has_sudo = shutil.which("sudo") is not None
    prefix = _root_prefix() if manager == "apt-get" else None
    if prefix is not None:
        _install_with_apt(missing, prefix)
        missing = missing_items(verb, need_venv=need_venv)
    if any(item.required for item in missing):
        raise SetupError(explain_missing(missing, manager, has_sudo=has_sudo))
    if missing:
        print(explain_missing(missing, manager, has_sudo=has_sudo))
        print("It goes on without: text may show as boxes, tests that need it are skipped.")


def _root_prefix() -> list[str] | None:
    """What to put before a command to run it as root: nothing, sudo, or None where it may not."""
    if sys.platform == "win32":
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and _succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    return None


def _install_with_apt(items: Sequence[SystemItem], prefix: Sequence[str]) -> None:
    # Goes on after a failed update: one broken third-party source need not matter for these.
    script = f"apt-get update; {install_line('apt-get', items)}"
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", script]
    run_step(f"{len(items)} system packages", command)


# The virtual environment ----------------------------------------------------------------------


def venv_python() -> Path:
    """The interpreter in `.venv`."""
    return VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def venv_version(config: str) -> tuple[int, ...]:
    """Read the version of Python from the text of a pyvenv.cfg; () where it names none."""
    match = re.search(r"^version(?:_info)?\s*=\s*(\d+)\.(\d+)", config, re.MULTILINE)
    return (int(match[1]), int(match[2])) if match else ()


def is_venv_usable() -> bool:
    """Tell whether `.venv` holds a supported Python that starts and has pip."""
    try:
        config = (VENV / "pyvenv.cfg").read_text("utf-8")
    except OSError:
        return False
    if not is_supported(venv_version(config)) or not venv_python().exists():
        return False
    # A stamp was only ever written by a venv that worked.
    return STAMP.exists() or _succeeds([str(venv_python()), "-m", "pip", "--version"])


def lock_digest() -> str:
    """Digest of all that decides what gets installed, and of where.

    Only the parts of pyproject.toml that pip reads count: a new lint rule installs nothing. The
    folder counts because the editable install holds its path.
    """
    import tomllib  # not in the Pythons that only get as far as hand_over_to_supported_python

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    read_by_pip = {
        "build-system": project["build-system"],
        "project": project["project"],
        "hatch": project.get("tool", {}).get("hatch"),
    }
    digest = hashlib.sha256()
    for part in (
        json.dumps(read_by_pip, sort_keys=True).encode(),
        (ROOT / CONSTRAINTS).read_bytes(),
        (VENV / "pyvenv.cfg").read_bytes(),
        os.fsencode(ROOT),
    ):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def installed_extras(stamp: str, digest: str) -> set[str] | None:
    """Read from a stamp which optional dependencies are installed, None where this lock is not.

    Args:
        stamp: text of the stamp file, "" where there is none.
        digest: `lock_digest` now.
    """
    try:
        written = json.loads(stamp)
    except ValueError:
        return None
    if not isinstance(written, dict) or written.get("digest") != digest:
        return None
    extras = written.get("extras")
    return set(map(str, extras)) if isinstance(extras, list) else None


def ensure_packages(extras: Sequence[str] = ()) -> None:
    """Install the locked packages into `.venv` unless the stamp says that they are there.

    What is there already stays, so that the stamp goes on telling all of it.

    Args:
        extras: which optional dependencies are needed.

    Raises:
        SetupError: pip failed.
    """
    digest = lock_digest()
    stamp = STAMP.read_text("utf-8") if STAMP.exists() else ""
    present = installed_extras(stamp, digest)
    if present is not None and present.issuperset(extras):
        return
    wanted = sorted({*extras, *(present or ())})
    STAMP.unlink(missing_ok=True)
    command = [str(venv_python()), "-m", "pip", "install", "--only-binary=:all:", "--no-compile"]
    command += ["-c", CONSTRAINTS, "-e", f".[{','.join(wanted)}]" if wanted else "."]
    environment = {
        # These two also lock the packages that build the project: older pips read the first for
        # that, newer ones the second.
        "PIP_CONSTRAINT": CONSTRAINTS,
        "PIP_BUILD_CONSTRAINT": CONSTRAINTS,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        # A personal pip configuration with user = true would make pip refuse any venv.
        "PIP_USER": "0",
    }
    run_step("Python packages into .venv", command, environment)
    STAMP.write_text(json.dumps({"digest": digest, "extras": wanted}), "utf-8")


def ensure(verb: Verb) -> None:
    """Make sure of everything that a verb needs.

    Raises:
        SetupError: something is missing that cannot be installed from here.
    """
    usable = is_venv_usable()
    ensure_system(verb, need_venv=not usable)
    if not usable:
        run_step("Virtual environment", [sys.executable, "-m", "venv", "--clear", str(VENV)])
    ensure_packages(verb.extras)


# Running things -------------------------------------------------------------------------------


def known_cause(output: str) -> str | None:
    """Find the sentence that explains the output of an installer or system call that failed."""
    for pattern, sentence in EXPLANATIONS:
        if re.search(pattern, output):
            return sentence
    return None


def run_step(
    title: str, command: Sequence[str], environment: Mapping[str, str] | None = None
) -> None:
    """Run one installer: a line on the screen with the seconds it took, all else in the log.

    Raises:
        SetupError: it failed.
    """
    started = time.monotonic()
    on_terminal = sys.stdout.isatty()
    print(f"{title} ...", end="", flush=True)
    output: list[str] = []
    noted = False
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a", encoding="utf-8", errors="replace") as log:
        log.write(f"\n$ {shlex.join(command)}\n")
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        assert process.stdout is not None
        with process:
            for line in process.stdout:
                log.write(line)
                output.append(line)
                if not noted and line.startswith("Collecting nvidia-") and not _has_nvidia():
                    noted = True
                    print(f"\n{CUDA_NOTE}\n{title} ...", end="", flush=True)
                if on_terminal:
                    _show_progress(title, line)
    elapsed_s = time.monotonic() - started
    if on_terminal:
        _show_progress(title, "")
        print(f"\r{title} ...", end="")
    if process.returncode != 0:
        print(f" failed after {elapsed_s:.0f} s", flush=True)
        cause = known_cause("".join(output)) or f"Its last lines:\n{''.join(output[-12:])}"
        raise SetupError(
            f"{cause}\nThe command was: {shlex.join(command)}\nAll of its output is in {LOG}."
        )
    print(f" {elapsed_s:.0f} s", flush=True)


def _show_progress(title: str, line: str) -> None:
    """Show what an installer says right now behind the title, in place, cut to one line."""
    # One column stays free: a full line would wrap and scroll.
    width = shutil.get_terminal_size().columns - 1
    print("\r" + f"{title} ... {line.strip()}"[:width].ljust(width), end="", flush=True)


def _has_nvidia() -> bool:
    return Path("/proc/driver/nvidia").exists() or shutil.which("nvidia-smi") is not None


def _succeeds(command: Sequence[str]) -> bool:
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return False
    return result.returncode == 0


def _run_plainly(command: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Run a command in the top folder with our own input and output; its exit code."""
    sys.stdout.flush()
    code = subprocess.call(command, cwd=ROOT, env={**os.environ, **(environment or {})})
    # A shell's way to say "ended by a signal".
    return code if code >= 0 else 128 - code


def _dotted(version: Sequence[int]) -> str:
    return ".".join(str(part) for part in version)


def run_verb(verb: Verb, arguments: Sequence[str]) -> int:
    """Run all commands of a verb, even after one failed; 0, or the code of the first failure."""
    codes = []
    for command in verb.commands:
        if len(verb.commands) > 1:
            print(f"\n$ {shlex.join(['python', *command])}")
        full = [str(venv_python()), *command, *arguments]
        codes.append(_run_plainly(full, verb.environment))
    return next((code for code in codes if code != 0), 0)


def clean() -> None:
    """Remove everything that set-up, tests and builds wrote."""
    for name in CLEANED:
        path = ROOT / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for folder in ("photosearch", "tests", "packaging"):
        for cache in list((ROOT / folder).rglob("__pycache__")):
            shutil.rmtree(cache)


def usage() -> str:
    """What to type, with every verb."""
    lines = [f"  {name:12} {verb.summary}" for name, verb in VERBS.items()]
    return "\n".join(["usage: python3 packaging/bootstrap.py VERB [ARGUMENT ...]", "", *lines])


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says.

    Args:
        arguments: a verb, then what is passed on to its command.

    Returns:
        The exit code: that of the verb's command, 1 where set-up fails, 2 for wrong usage.
    """
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if arguments else 2
    name, *rest = arguments
    verb = VERBS.get(name)
    if verb is None or (rest and not verb.takes_arguments):
        print(f"{name} takes no arguments" if verb else f"unknown verb: {name}", file=sys.stderr)
        print(usage(), file=sys.stderr)
        return 2
    for stream in (sys.stdout, sys.stderr):
        # A path or an installer's line that the console's encoding lacks must not end set-up.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        if not is_supported(sys.version_info[:2]):
            return hand_over_to_supported_python(arguments)
        if name == "clean":
            clean()
            return 0
        ensure(verb)
        return run_verb(verb, rest)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except OSError as error:
        reason = error.strerror or str(error)
        print(f"\n{known_cause(reason) or reason} ({error.filename or ROOT})", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
