"""What `status` says of a model that is not ready, or not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.cli import session
from photosearch.cli.main import main
from photosearch.core.photo import Folder
from photosearch.core.status import Filling, LibraryStatus, StoreCounts

STATUS = LibraryStatus(
    path=Path("/library"),
    counts=StoreCounts(photo_count=10),
    folders=(Folder(1, Path("/here")), Folder(2, Path("/usb"), is_online=False)),
    space=None,
    model_id="sample",
    model_name="Sample model",
    model_note="",
    device="",
    indexing=None,
)


class Told:
    """A client of a library that is doing like this."""

    def __init__(self, status: LibraryStatus) -> None:
        self._status = status

    def status(self) -> LibraryStatus:
        return self._status

    def close(self) -> None:
        pass


def said(
    status: LibraryStatus, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    monkeypatch.setattr(session, "connect", lambda _library, *, warm: Told(status))
    assert main(["status"]) == 0
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(("offline_count", "is_said"), [(3, True), (0, False)])
def test_folders_that_hold_a_change_of_model_up_are_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    offline_count: int,
    is_said: bool,
) -> None:
    status = replace(STATUS, filling=Filling("other", "Other", 6, 4, offline_count))
    told = (
        "3 of them lie in folders that are offline: /usb; "
        "answer without them: photosearch models use ID --at-once"
    )
    assert (told in said(status, monkeypatch, capsys)) == is_said


def test_a_model_that_cannot_be_found_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status = replace(STATUS, model_trouble="The model x cannot be found: it is away.")
    told = "The model x cannot be found: it is away. Choose another one: photosearch models use ID"
    assert told in said(status, monkeypatch, capsys)
