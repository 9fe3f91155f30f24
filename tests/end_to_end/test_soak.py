"""Half a minute of the soak: folders that never rest, kills, and a library that is true at the end.

`make soak` takes ten minutes; see docs/hardening.md.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch import paths
from photosearch.engine.life import LINGER_VARIABLE
from photosearch.index.idle import IDLE_VARIABLE
from tests.hostile.soaking import Log, Soak

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc"),
]

DURATION_S = 12.0
WATCHED_WITHIN_S = 8.0
SEED = 5


@pytest.fixture
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="ps-") as runtime:
        monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        monkeypatch.setenv(LINGER_VARIABLE, "0")
        monkeypatch.setenv(IDLE_VARIABLE, "2")
        yield


@pytest.mark.usefixtures("_apart")
def test_a_library_says_what_the_disk_says_after_a_soak(tmp_path: Path) -> None:
    log = Log(tmp_path / "soak.log")
    try:
        soak = Soak(tmp_path / "soak", SEED, "colours", log)
        soaked = soak.run(DURATION_S, WATCHED_WITHIN_S)
    finally:
        log.close()
    assert soaked.comparison.differences == []
    assert soaked.troubles == []
    assert soaked.actions.total() > 20
    assert soaked.engine_kills
    assert soaked.decoder_kills
    assert soaked.comparison.file_count > 10
    assert soaked.comparison.user_count
