"""kill -9 at random points of a write load, again and again, on one library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

KILL_COUNT = 50
TIMEOUT_S = 300


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the writers are forked")
def test_fifty_kills_leave_a_library_in_which_everything_agrees(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.store.kills", str(tmp_path / "library")]
    done = subprocess.run(
        [*command, str(KILL_COUNT), "1"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == str(KILL_COUNT)
