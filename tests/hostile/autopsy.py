"""Finds out what a decoder died of: the same file again, in a process of its own.

A death is a codec's where the innermost Python frame at the end is a foreign library's, or where
the system killed for memory that such a library asked for. Any other death is ours to explain.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = """
import faulthandler, sys
from pathlib import Path
from photosearch.core.ports import DecodeError
from photosearch.core.space import ImageInput
from photosearch.images.child import start_child, run_decode
from photosearch.images.decode import decode
start_child()
faulthandler.enable()
try:
    run_decode(decode, Path(sys.argv[1]), ImageInput(32), None)
except DecodeError as error:
    print(error.reason.code.value)
"""
_FRAME = re.compile(r'File "([^"]+)", line (\d+) in (\S+)')


@dataclass(frozen=True)
class Autopsy:
    """What a file did to a decoder that had nothing else to do.

    Attributes:
        ending: "returned 0", "SIGSEGV", "timed out".
        place: The innermost Python frame at the end, "" where none is known.
        is_codecs: It can be put down to a foreign library.
    """

    ending: str
    place: str
    is_codecs: bool


def examine(path: Path, limit_s: float) -> Autopsy:
    """Reads a file in a process of its own, which may die of it.

    Args:
        path: The file.
        limit_s: After so many seconds it is killed.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", _PROGRAM, path],
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Autopsy("timed out", "", is_codecs=True)
    if done.returncode >= 0:
        return Autopsy(f"returned {done.returncode}", done.stdout.strip(), is_codecs=False)
    frames = _FRAME.findall(done.stderr)
    place = "{}:{} {}".format(*frames[0]) if frames else ""
    is_foreign = bool(frames) and "site-packages" in frames[0][0]
    return Autopsy(signal.Signals(-done.returncode).name, place, is_codecs=is_foreign)
