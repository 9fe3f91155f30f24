"""What the command line says and does of a library that goes on by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.core.events import FolderProgress, IndexPhase, IndexProgress, Waiting
from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.photo import GONE_KEPT_NS, FilePlace, Folder, GonePhoto, MountPoint
from photosearch.core.status import FolderWatch, WatchMode
from tests.cli.conftest import RunCommand
from tests.cli.fake import STATUS, FakeClient

NOON_NS = 1_777_809_600 * 10**9  # 2026-05-03 12:00 UTC
RUN = IndexProgress(
    IndexPhase.INDEXING,
    12,
    744,
    1,
    26.3,
    90.0,
    (FolderProgress(1, 700, 10, 1), FolderProgress(2, 44, 2, 0)),
)


def failed(path: str, tries: int = 1, seen_ns: int = NOON_NS) -> PhotoFailure:
    return PhotoFailure(
        FilePlace(1, path.encode()),
        None,
        Stage.DECODE,
        FailureReason(FailureCode.TRUNCATED),
        tries=tries,
        first_seen_ns=seen_ns,
        path=Path(path),
    )


def test_pause_and_resume_tell_the_engine_and_say_how_to_go_on(run_command: RunCommand) -> None:
    client = FakeClient()
    _, said, _ = run_command(client, "pause")
    assert "photosearch resume" in said
    _, said, _ = run_command(client, "resume")
    assert "photosearch index" in said
    assert client.calls == [("pause_index",), ("resume_index",)]


def test_a_run_can_be_stopped_from_another_terminal(run_command: RunCommand) -> None:
    client = FakeClient(replace(STATUS, indexing=RUN))
    code, said, _ = run_command(client, "index", "--stop")
    assert code == 0
    assert "What is done is kept" in said
    assert client.calls == [("stop_index", None)]
    _, said, _ = run_command(client, "index", "--stop", "--json")
    assert json.loads(said) == {"was_running": True}


def test_where_nothing_runs_nothing_is_said_to_be_stopped(run_command: RunCommand) -> None:
    client = FakeClient()
    code, said, _ = run_command(client, "index", "--stop")
    assert (code, said) == (0, "Nothing was running.\n")
    assert client.calls == [("stop_index", None)], "one may just have begun"
    _, said, _ = run_command(client, "index", "--stop", "--json")
    assert json.loads(said) == {"was_running": False}


def test_folders_that_are_away_are_named(run_command: RunCommand) -> None:
    for command in ("status", "index"):
        _, said, _ = run_command(FakeClient(), command)
        assert said.count("/usb cannot be reached now") == 1
        _, said, _ = run_command(FakeClient(), command, "--json")
        assert json.loads(said)["offline_folders"] == ["/usb"]
        here = replace(STATUS, folders=STATUS.folders[:1])
        _, said, _ = run_command(FakeClient(here), command)
        assert "reached" not in said


@pytest.mark.parametrize("command", ["add", "remove", "index"])
@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_no_folder(run_command: RunCommand, command: str, name: str) -> None:
    client = FakeClient()
    code, _, error = run_command(client, command, name)
    assert code == 2
    assert "an empty name is no folder" in error
    assert client.calls == []


def test_folders_are_taken_from_where_one_is(run_command: RunCommand) -> None:
    client = FakeClient()
    run_command(client, "add", ".", "a b/ü")
    assert client.calls == [("start_index", [Path.cwd(), Path.cwd() / "a b/ü"])]


def test_machines_learn_what_was_removed_paused_and_resumed(run_command: RunCommand) -> None:
    client = FakeClient()
    _, said, _ = run_command(client, "remove", "/here", "/usb", "--json")
    assert json.loads(said) == {"removed": [{"path": "/here"}, {"path": "/usb"}]}
    assert client.calls == [("remove_folder", Path("/here")), ("remove_folder", Path("/usb"))]
    for command, is_paused in (("pause", True), ("resume", False)):
        _, said, _ = run_command(client, command, "--json")
        assert json.loads(said) == {"is_paused": is_paused}


@pytest.mark.parametrize(
    ("why", "part", "is_overridden"),
    [
        (Waiting.PAUSED, "photosearch resume", False),
        (Waiting.ON_BATTERY, "mains power", True),
        (Waiting.FULL_SCREEN, "fills the screen", True),
        (Waiting.DISK_FULL, "1 GB", False),
    ],
)
def test_whoever_waits_for_a_run_learns_why_it_stands_still(
    run_command: RunCommand, why: Waiting, part: str, is_overridden: bool
) -> None:
    client = FakeClient()
    client.events = [replace(RUN, waiting=why)] * 3
    _, _, said = run_command(client, "index")
    assert said.count(part) == 1, "once is enough"
    assert ("index_anyway",) not in client.calls

    _, _, said = run_command(client, "index", "--anyway")
    assert (("index_anyway",) in client.calls) == is_overridden
    assert (part in said) != is_overridden


def test_a_search_that_goes_first_is_no_news(run_command: RunCommand) -> None:
    client = FakeClient()
    client.events = [replace(RUN, waiting=Waiting.SEARCHING)]
    _, _, said = run_command(client, "index")
    assert "searches" not in said


def test_status_tells_the_run_by_folder_and_why_it_waits(run_command: RunCommand) -> None:
    status = replace(STATUS, indexing=replace(RUN, waiting=Waiting.ON_BATTERY), gone_count=1200)
    _, said, _ = run_command(FakeClient(status), "status")
    assert "Indexing 12 of 744, 26 photos/s, 2 min left" in said
    assert "Waiting for mains power" in said
    assert "10 of 700 in /here, 1 problem" in said
    assert "2 of 44 in /usb\n" in said
    assert "1,200 without a file, kept for 30 days: photosearch gone" in said

    _, said, _ = run_command(FakeClient(status), "status", "--json")
    told = json.loads(said)
    assert told["gone_count"] == 1200
    assert told["is_paused"] is False
    assert told["indexing"]["waiting"] == "on_battery"
    assert told["indexing"]["folders"][1] == {"path": "/usb", "found": 44, "done": 2, "failed": 0}


def test_status_tells_a_pause_between_runs_too_and_once(run_command: RunCommand) -> None:
    status = replace(STATUS, is_paused=True)
    _, said, _ = run_command(FakeClient(status), "status")
    assert said.count("photosearch resume") == 1
    waiting = replace(status, indexing=replace(RUN, waiting=Waiting.PAUSED))
    _, said, _ = run_command(FakeClient(waiting), "status")
    assert said.count("photosearch resume") == 1
    _, said, _ = run_command(FakeClient(STATUS), "status")
    assert "resume" not in said
    assert "Gone" not in said


def test_disks_inside_folders_that_are_away_are_named(run_command: RunCommand) -> None:
    mounts = (MountPoint(b"nas", "uuid 1"), MountPoint(b"a stick", "uuid 2", is_away=True))
    status = replace(STATUS, folders=(Folder(1, Path("/here"), photo_count=7, mounts=mounts),))
    _, said, _ = run_command(FakeClient(status), "folders")
    assert said.splitlines()[1] == "           /here/a stick cannot be reached now"
    _, said, _ = run_command(FakeClient(status), "status")
    assert said.count("/here/a stick cannot be reached now") == 1
    assert "nas" not in said


def test_folders_say_how_they_are_watched_and_what_to_change(run_command: RunCommand) -> None:
    rescanned = FolderWatch(
        1,
        WatchMode.RESCANNED,
        900.0,
        "it lies on a network disk (cifs)",
        "Nothing to do.",
    )
    status = replace(STATUS, watching=(rescanned, FolderWatch(2, WatchMode.OFFLINE)))
    _, said, _ = run_command(FakeClient(status), "folders")
    assert said.splitlines() == [
        "        7  /here",
        "           looked through every 15 min: it lies on a network disk (cifs)",
        "           Nothing to do.",
        "        0  /usb (cannot be reached)",
    ]
    _, said, _ = run_command(FakeClient(status), "folders", "--json")
    here, usb = json.loads(said)
    assert here["watching"] == {
        "mode": "rescanned",
        "every_s": 900.0,
        "why": "it lies on a network disk (cifs)",
        "hint": "Nothing to do.",
    }
    assert usb["watching"]["mode"] == "offline"
    assert usb["is_online"] is False


def test_a_folder_that_is_watched_live_needs_no_words(run_command: RunCommand) -> None:
    status = replace(STATUS, watching=(FolderWatch(1, WatchMode.LIVE),))
    _, said, _ = run_command(FakeClient(status), "folders")
    assert said.splitlines()[0] == "        7  /here"
    assert len(said.splitlines()) == 2


def test_failures_say_where_why_since_when_and_how_often(run_command: RunCommand) -> None:
    client = FakeClient(failures=[failed("/here/a.jpg", 3), failed("/usb/b.jpg", seen_ns=0)])
    _, said, _ = run_command(client, "failures")
    assert said.splitlines() == [
        "/here/a.jpg",
        "    The file ends too early; the copy may be incomplete.",
        "    while decoding the picture, tried 3 times, first on 2026-05-03",
        "/usb/b.jpg",
        "    The file ends too early; the copy may be incomplete.",
        "    while decoding the picture, tried once",
    ]
    _, said, _ = run_command(client, "failures", "--json")
    one, other = json.loads(said)
    assert (one["stage"], one["code"], one["tries"]) == ("decode", "truncated", 3)
    assert one["first_seen"].startswith("2026-05-0")
    assert other["first_seen"] is None


def test_failures_can_be_asked_for_below_a_path(run_command: RunCommand) -> None:
    client = FakeClient(failures=[failed("/here/a.jpg"), failed("/here/sub/b.jpg")])
    _, said, _ = run_command(client, "failures", "/here/sub")
    assert "b.jpg" in said
    assert "a.jpg" not in said
    code, _, error = run_command(client, "failures", "/no/where")
    assert code == 2
    assert "There is no /no/where" in error


def test_failures_are_tried_again_and_what_is_left_is_listed(run_command: RunCommand) -> None:
    client = FakeClient(failures=[failed("/here/a.jpg"), failed("/here/sub/b.jpg")])
    client.failures_after = [failed("/here/sub/b.jpg", 2)]
    _, said, note = run_command(client, "failures", "--retry")
    assert client.calls == [("retry_failures", None)]
    assert "1 of 2 problems solved" in note
    assert "b.jpg" in said
    assert "a.jpg" not in said


def test_only_the_failures_that_are_named_are_tried_again(run_command: RunCommand) -> None:
    client = FakeClient(failures=[failed("/here/a.jpg"), failed("/here/sub/b.jpg")])
    client.failures_after = [failed("/here/a.jpg")]
    _, said, note = run_command(client, "failures", "--retry", "/here/sub")
    assert client.calls == [("retry_failures", [Path("/here/sub/b.jpg")])]
    assert "1 of 1 problem solved" in note
    assert said == ""


def test_nothing_is_run_where_nothing_failed(run_command: RunCommand) -> None:
    client = FakeClient()
    _, _, note = run_command(client, "failures", "--retry")
    assert client.calls == []
    assert "Every photo could be read" in note


def test_what_is_gone_is_listed_with_its_last_day_and_can_be_forgotten(
    run_command: RunCommand,
) -> None:
    client = FakeClient()
    client.known_gone = [GonePhoto(3, Path("/here/old.jpg"), NOON_NS)]
    _, said, _ = run_command(client, "gone")
    assert said.splitlines() == [
        "/here/old.jpg",
        "    gone since 2026-05-03, kept until 2026-06-02",
    ]
    _, said, _ = run_command(client, "gone", "--json")
    (told,) = json.loads(said)
    assert told["path"] == "/here/old.jpg"
    assert told["kept_until"].startswith("2026-06-0")
    assert client.known_gone[0].kept_until_ns == NOON_NS + GONE_KEPT_NS

    _, said, _ = run_command(client, "gone", "--forget")
    assert said == "Forgot 1 photo.\n"
    assert client.calls == [("forget_gone",)]


def test_nothing_gone_is_said(run_command: RunCommand) -> None:
    _, said, note = run_command(FakeClient(), "gone")
    assert (said, note) == ("", "No photo is gone.\n")
