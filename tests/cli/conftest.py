from __future__ import annotations

from collections.abc import Callable

import pytest

from photosearch.cli import session
from photosearch.cli.main import main
from tests.cli.fake import FakeClient
from tests.embed.hub import hub as hub

#: Runs a command over a client; returns its exit status, what it printed, and its notes.
RunCommand = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    def run(client: FakeClient, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(session, "connect", lambda _library, *, warm: client)
        code = main(list(arguments))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run
