"""The window of models over a command line that does as it is told, and the library's model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from photosearch import paths
from photosearch.core.events import ModelChanged, WorkerError
from photosearch.core.status import Filling
from photosearch.errors import ModelMissingError
from photosearch.gui.dialogs.models import Models
from photosearch.gui.widgets import language_chooser
from photosearch.gui.widgets.model_row import ModelRow
from photosearch.gui.widgets.notice import Topic
from tests.gui import models_cli
from tests.gui.conftest import OpenWindow, Shown
from tests.gui.fake_client import FakeClient, sample

PROGRESS = {"done_bytes": 492_000_000, "total_bytes": 1_145_000_000, "rate": 12e6, "eta_s": 54.0}
LACKING = "Error: model.safetensors cannot be had from huggingface.co: no route.\nBring it along."


def entry(model_id: str, **values: Any) -> dict[str, Any]:
    return {
        "model": model_id,
        "name": model_id.title(),
        "note": "",
        "languages": ["en"],
        "understands": {"de": "not"},
        "state": "absent",
        "is_usable": False,
        "comes_along": False,
        "missing": [],
        "download_bytes": 1_145_000_000,
        "is_download_known": True,
        "missing_bytes": 1_145_000_000,
        "is_missing_known": True,
        "originals_bytes": 0,
        "converted_bytes": 0,
        "shared_bytes": 0,
        "shared_with": [],
        "is_int8": False,
        "damaged_file": "",
        "is_space_in_use": False,
    } | values


HERE = {"state": "converted", "is_usable": True, "converted_bytes": 1_200_000_000}
OTHER = entry("other", languages=["de", "en", "ja"], understands={"de": "well"})
ENGLISH = entry("english", **HERE)
FAKE = entry("fake", languages=[], understands={"de": "not"}, comes_along=True, **HERE)


class Cli:
    """What the command line is to do, and what it was asked."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.plan("list", answer=[OTHER, ENGLISH, FAKE])

    def plan(self, command: str, **plan: Any) -> None:
        text = json.dumps(plan)
        aside = self._directory / "aside"
        aside.write_text(text, encoding="utf-8")
        aside.replace(self._directory / f"{command}.json")

    def go_on(self) -> None:
        (self._directory / "go").touch()

    @property
    def calls(self) -> list[list[str]]:
        """The arguments after `models`, of everything but the lists."""
        lines = (self._directory / "calls").read_text(encoding="utf-8").splitlines()
        calls = [json.loads(line) for line in lines]
        return [call[call.index("models") + 1 :] for call in calls if "list" not in call]

    @property
    def lists(self) -> list[list[str]]:
        lines = (self._directory / "calls").read_text(encoding="utf-8").splitlines()
        return [call for call in map(json.loads, lines) if "list" in call]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    directory = tmp_path / "cli"
    directory.mkdir()
    stub = [sys.executable, "-S", "-I", models_cli.__file__, str(directory)]
    monkeypatch.setattr(paths, "program", lambda _part: stub)
    monkeypatch.setattr(language_chooser, "system_languages", lambda: ["de"])
    return Cli(directory)


@pytest.fixture
def opened(cli: Cli, open_window: OpenWindow) -> Shown:
    """A library of the model `fake`, with the window of models open."""
    shown = open_window(FakeClient(20))
    shown.until(lambda: shown.window.session.status)
    shown.window.status_line.model_button.click()
    shown.until(lambda: len(shown.window.models.rows) == 3)
    return shown


def models(shown: Shown) -> Models:
    return shown.window.models


def row(shown: Shown, model_id: str) -> ModelRow:
    return models(shown).rows[model_id]


def offered(shown: Shown, model_id: str) -> list[str]:
    """Texts of everything that a row offers, the button first."""
    one = row(shown, model_id)
    button = [one.main_button.text()] if one.main_button.isVisibleTo(one) else []
    return button + [a.text() for a in one.menu.actions() if a.isVisible()]


def choose(shown: Shown, path: Path, ask: Callable[[], object]) -> None:
    """Answers the file dialog that a call brings up."""
    ask()
    (dialog,) = models(shown).findChildren(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_models_are_listed_for_the_users_languages(opened: Shown, cli: Cli) -> None:
    assert cli.lists == [["--library", "/library", "models", "list", "--language", "de", "--json"]]
    assert list(models(opened).rows) == ["other", "english", "fake"]
    assert row(opened, "other").text.splitlines() == [
        "Other",
        "German and 2 more languages",
        "1.1 GB to download, about 2.3 GB on disk",
        "Not here",
    ]
    assert row(opened, "english").text.splitlines() == [
        "English",
        "English only",
        "Not German",
        "1.2 GB on disk",
        "Here",
    ]
    assert row(opened, "fake").text.splitlines()[-1] == "In use"


def test_each_row_offers_what_makes_sense(opened: Shown) -> None:
    imports = ["Import from a file…", "Import from a folder…"]
    assert offered(opened, "other") == ["Download", *imports]
    assert offered(opened, "english") == [
        "Use",
        "Use at once…",
        "Try a faster form on my photos…",
        "Export…",
        "Verify",
        "Forget what it learnt…",
        "Remove…",
    ]
    check = "Try a faster form on my photos…"
    assert offered(opened, "fake") == [check, "Export…", "Verify"]


def test_a_form_in_eight_bits_says_so_and_what_it_takes_itself(opened: Shown, cli: Cli) -> None:
    rounded = {"is_int8": True, "name": "English", "converted_bytes": 400_000_000}
    shared = {"shared_bytes": 250_000_000, "shared_with": ["english"]}
    cli.plan("list", answer=[ENGLISH, entry("english+int8", **HERE | rounded | shared), FAKE])
    models(opened)._files.refresh()
    opened.until(lambda: "english+int8" in models(opened).rows)
    assert row(opened, "english+int8").text.splitlines() == [
        "English",
        "smaller and faster, 8 bits",
        "English only",
        "Not German",
        "150 MB on disk · 250 MB shared with english",
        "Here",
    ]
    assert "8 bits" not in row(opened, "english").text


def test_a_damaged_model_is_repaired_by_its_button(opened: Shown, cli: Cli) -> None:
    damaged = FAKE | {
        "state": "damaged",
        "is_usable": False,
        "damaged_file": "/models/packs/fake/model.onnx",
    }
    cli.plan("list", answer=[OTHER, ENGLISH, damaged])
    models(opened)._files.refresh()
    opened.until(lambda: "Damaged: model.onnx." in row(opened, "fake").text)
    assert row(opened, "fake").text.splitlines()[-1] == "Damaged"
    good = {"is_good": True, "proved_count": 5, "unproved": [], "damaged": [], "missing": []}
    cli.plan("verify", answer=good)
    cli.plan("list", answer=[OTHER, ENGLISH, FAKE])
    assert offered(opened, "fake") == ["Repair", "Verify"]
    assert "1.2 GB on disk" in row(opened, "fake").text
    before = opened.client.calls.count("start_index")
    row(opened, "fake").main_button.click()
    opened.until(lambda: "In use" in row(opened, "fake").text)
    assert cli.calls == [["verify", "fake", "--repair", "--json"]]
    opened.until(lambda: opened.client.calls.count("start_index") == before + 1)


def test_a_search_with_a_damaged_model_leads_to_its_repair(
    cli: Cli, open_window: OpenWindow
) -> None:
    client = FakeClient(20)
    hint = "photosearch models verify fake --repair"
    client.errors["cat"] = ModelMissingError("The model fake's file model.onnx is damaged.", hint)
    shown = open_window(client)
    shown.search("cat")
    notices = shown.window.notices
    text = "The model fake's file model.onnx is damaged. Photosearch can mend it."
    assert notices.text(Topic.TROUBLE) == text
    button = notices.line(Topic.TROUBLE).action_button
    assert button.text() == "Repair…"
    button.click()
    shown.until(lambda: "fake" in shown.window.models.rows)
    fake = row(shown, "fake")
    assert fake.notice.notice.text == text
    good = {"is_good": True, "proved_count": 5, "unproved": [], "damaged": [], "missing": []}
    cli.plan("verify", answer=good)
    del client.errors["cat"]
    fake.notice.action_button.click()
    shown.until(lambda: notices.text(Topic.TROUBLE) == "")  # it was asked again
    shown.until(lambda: client.texts() == ["cat", "cat"])
    shown.until(lambda: models(shown)._files.job is None)


def test_indexing_that_met_a_damaged_model_leads_to_its_repair(
    cli: Cli, open_window: OpenWindow
) -> None:
    shown = open_window(FakeClient(20))
    hint = "Fetch it again: photosearch models verify /my models/a b --repair"
    shown.client.tell(WorkerError("Cut short.", hint, is_about_model=True))
    notices = shown.window.notices
    shown.until(lambda: notices.text(Topic.WORK) == "Cut short. Photosearch can mend it.")
    mine = entry("/my models/a b", **HERE)
    cli.plan("list", answer=[OTHER, ENGLISH, FAKE, mine])
    notices.line(Topic.WORK).action_button.click()
    shown.until(lambda: len(models(shown).rows) == 4)
    assert row(shown, "/my models/a b").notice.notice.action == "Repair"


def test_what_the_present_model_needs_cannot_be_forgotten(opened: Shown, cli: Cli) -> None:
    assert row(opened, "english").menu.forget.isEnabled()
    cli.plan("list", answer=[OTHER, ENGLISH | {"is_space_in_use": True}, FAKE])
    models(opened)._files.refresh()
    menu = row(opened, "english").menu
    opened.until(lambda: not menu.forget.isEnabled())
    assert "in the same way" in menu.forget.toolTip()


def test_other_languages_make_another_list(opened: Shown, cli: Cli) -> None:
    chooser = models(opened).languages
    assert not chooser.chips["de"].remove_button.isVisibleTo(chooser)
    cli.plan("list", answer=[ENGLISH, FAKE, OTHER])
    names = [chooser.list.itemText(number) for number in range(chooser.list.count())]
    assert names == ["English", "Japanese"]
    chooser.list.activated.emit(1)
    opened.until(lambda: len(cli.lists) == 2)
    assert cli.lists[1][-5:] == ["--language", "de", "--language", "ja", "--json"]
    column = models(opened)._column
    opened.until(lambda: column.itemAt(0).widget() is row(opened, "english"))
    chooser.chips["de"].remove_button.click()
    opened.until(lambda: cli.lists[-1][-3:] == ["--language", "ja", "--json"])


def test_a_download_tells_bytes_rate_and_time_and_ends_as_a_model(opened: Shown, cli: Cli) -> None:
    cli.plan(
        "download",
        lines=["Warning: no JSON", json.dumps(PROGRESS)],
        waits=True,
        answer=[OTHER | HERE],
    )
    other = row(opened, "other")
    opened.qtbot.mouseClick(other.main_button, Qt.MouseButton.LeftButton)
    opened.until(lambda: other.work.text == "492 MB of 1.1 GB · 12 MB/s · 54 s left")
    assert other.work.isVisible()
    assert not other.main_button.isVisible()
    assert not row(opened, "english").more_button.isEnabled()
    assert row(opened, "english").main_button.isEnabled()  # using one is another matter
    cli.plan("list", answer=[OTHER | HERE, ENGLISH, FAKE])
    cli.go_on()
    opened.until(lambda: offered(opened, "other")[:1] == ["Use"])
    assert not other.work.isVisible()
    assert other.notice.notice.text == "Ready to be used: Other."
    assert cli.calls == [["download", "other", "--json"]]


def test_a_cancelled_download_keeps_what_came(opened: Shown, cli: Cli) -> None:
    cli.plan("download", lines=[json.dumps(PROGRESS)], waits=True)
    other = row(opened, "other")
    other.main_button.click()
    opened.until(lambda: "492 MB" in other.work.text)
    partial = OTHER | {"state": "partial", "originals_bytes": 492_000_000}
    cli.plan("list", answer=[partial, ENGLISH, FAKE])
    other.work.cancel_button.click()
    assert not other.work.cancel_button.isEnabled()
    opened.until(lambda: offered(opened, "other")[0] == "Download the rest")
    assert "What has come is kept" in other.notice.notice.text
    assert "492 MB of 1.1 GB here" in other.text


def test_what_a_download_complains_of_is_told_and_tried_again(opened: Shown, cli: Cli) -> None:
    cli.plan("download", error=LACKING, code=4)
    other = row(opened, "other")
    other.main_button.click()
    opened.until(lambda: other.notice.notice)
    assert other.notice.notice.text == (
        "model.safetensors cannot be had from huggingface.co: no route. Bring it along."
    )
    assert "Fake model" in opened.window.status_line.text  # it goes on answering
    opened.search("cat")
    cli.plan("download", answer=[OTHER | HERE])
    other.notice.action_button.click()
    opened.until(lambda: other.notice.notice and "Ready" in other.notice.notice.text)


def test_a_bug_of_the_command_is_no_riddle(
    opened: Shown, cli: Cli, caplog: pytest.LogCaptureFixture
) -> None:
    cli.plan("download", lines=["Traceback"], code=1)
    other = row(opened, "other")
    other.main_button.click()
    opened.until(lambda: other.notice.notice)
    assert "an error of its own" in other.notice.notice.text
    assert "Traceback" in caplog.text


def test_a_program_that_is_not_there_is_told(
    cli: Cli, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paths, "program", lambda _part: [str(tmp_path / "nothing")])
    shown = open_window(FakeClient(3))
    shown.window.models.open_up()
    notice = shown.window.models.notice
    shown.until(lambda: notice.notice and "cannot be started" in notice.notice.text)


def test_files_are_checked_and_repaired(opened: Shown, cli: Cli) -> None:
    bad = {
        "is_good": False,
        "proved_count": 4,
        "unproved": [],
        "damaged": ["/models/makers/model.safetensors"],
        "missing": [],
    }
    cli.plan("verify", answer=bad, code=4)
    english = row(opened, "english")
    english.menu.verify.trigger()
    opened.until(lambda: english.notice.notice)
    assert english.notice.notice.text == "Damaged: model.safetensors."
    cli.plan("verify", answer=bad | {"is_good": True, "proved_count": 5, "damaged": []})
    english.notice.action_button.click()
    opened.until(lambda: english.notice.notice and "5 files are what" in english.notice.notice.text)
    assert cli.calls[1] == ["verify", "english", "--repair", "--json"]


def test_nothing_is_removed_before_a_second_click(opened: Shown, cli: Cli) -> None:
    cli.plan("remove", answer={"model": "english", "freed_bytes": 1_200_000_000})
    english = row(opened, "english")
    english.menu.remove.trigger()
    assert "Delete 1.2 GB?" in english.notice.notice.text
    english.notice.close_button.click()
    assert english.notice.notice is None
    english.menu.remove.trigger()
    english.notice.action_button.click()
    opened.until(lambda: english.notice.notice and "1.2 GB are free" in english.notice.notice.text)
    assert cli.calls == [["remove", "english", "--json"]]


def test_a_model_is_carried_in_and_out(opened: Shown, cli: Cli, tmp_path: Path) -> None:
    target = tmp_path / "english.zip"
    cli.plan("export", answer={"model": "english", "path": str(target), "bytes": 1_200_000_000})
    choose(opened, target, row(opened, "english").menu.export.trigger)
    opened.until(lambda: row(opened, "english").notice.notice)
    assert f"Written to {target} (1.2 GB)" in row(opened, "english").notice.notice.text
    cli.plan("import", lines=[json.dumps(PROGRESS)], waits=True, answer=[OTHER | HERE])
    menu = models(opened).import_button.menu()
    choose(opened, target, menu.actions()[0].trigger)
    opened.until(lambda: "492 MB" in models(opened).work.text)
    cli.go_on()
    notice = models(opened).notice
    opened.until(lambda: notice.notice and notice.notice.text == "Ready to be used: Other.")
    choose(opened, tmp_path, row(opened, "other").menu.import_folder.trigger)
    opened.until(lambda: len(cli.calls) == 3)
    assert cli.calls[0] == ["export", "english", str(target), "--json"]
    assert cli.calls[1] == ["import", str(target), "--json"]
    assert cli.calls[2] == ["import", str(tmp_path), "--model", "other", "--json"]
    opened.until(lambda: models(opened)._files.job is None)


def test_a_chosen_model_is_prepared_while_the_old_one_answers(opened: Shown) -> None:
    row(opened, "english").main_button.click()
    opened.until(lambda: offered(opened, "english")[0] == "Go back")
    assert opened.client.used == ["english"]
    assert "Being prepared: 30 %" in row(opened, "english").text
    assert "In use until the next is ready" in row(opened, "fake").text
    status_line = opened.window.status_line
    assert "Preparing Other: 30 % · Fake model answers until then" in status_line.text
    row(opened, "english").main_button.click()
    opened.until(lambda: not status_line.go_back_button.isVisible())
    assert opened.client.used == ["english", "fake"]
    assert "In use" in row(opened, "fake").text.splitlines()


def test_the_status_line_goes_back_too(cli: Cli, open_window: OpenWindow) -> None:
    client = FakeClient(20)
    client.filling = Filling("english", "English", 3, 7)
    shown = open_window(client)
    status_line = shown.window.status_line
    shown.until(lambda: status_line.go_back_button.isVisible())
    status_line.go_back_button.click()
    shown.until(lambda: client.used == ["fake"])
    shown.until(lambda: not status_line.go_back_button.isVisible())


def test_a_model_that_takes_over_is_told_at_once(opened: Shown) -> None:
    row(opened, "english").main_button.click()
    opened.until(lambda: offered(opened, "english")[0] == "Go back")
    opened.client.model_id, opened.client.filling = "english", None
    opened.client.tell(ModelChanged("English"))
    opened.until(lambda: "In use" in row(opened, "english").text.splitlines())
    assert offered(opened, "fake")[0] == "Use"


def test_a_refused_model_is_told_in_its_row(opened: Shown) -> None:
    error = ModelMissingError("English is not on this machine.", "Download it.")
    opened.client.errors["use_model"] = error
    row(opened, "english").main_button.click()
    notice = row(opened, "english").notice
    opened.until(lambda: notice.notice)
    assert notice.notice.text == "English is not on this machine. Download it."


def test_the_notice_about_the_sample_model_leads_to_the_real_ones(
    cli: Cli, open_window: OpenWindow
) -> None:
    shown = open_window(sample(FakeClient(20)))
    shown.until(lambda: shown.window.notices.text(Topic.SAMPLE))
    shown.window.notices.line(Topic.SAMPLE).action_button.click()
    assert shown.window.models.isVisible()
    shown.until(lambda: shown.window.models.rows)


def test_closing_the_main_window_stops_a_download(opened: Shown, cli: Cli) -> None:
    cli.plan("download", lines=[json.dumps(PROGRESS)], waits=True)
    other = row(opened, "other")
    other.main_button.click()
    opened.until(lambda: "492 MB" in other.work.text)
    work = models(opened)._files._work
    models(opened).close()
    assert models(opened)._files.job is not None  # only the list was closed
    opened.window.close()
    assert work._process.processId() == 0


def test_a_window_with_its_models_loads_nothing_that_computes() -> None:
    code = "import sys, photosearch.gui.main; print(*{n.split('.')[0] for n in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"torch", "onnxruntime", "huggingface_hub", "httpx2", "tokenizers"}


def test_what_models_share_is_not_counted_twice(opened: Shown, cli: Cli) -> None:
    shared = {"shared_bytes": 605_000_000, "shared_with": ["other"]}
    absent = OTHER | {"missing_bytes": 540_000_000, **shared, "shared_with": ["english"]}
    cli.plan("list", answer=[absent, ENGLISH | shared, FAKE])
    models(opened)._files.refresh()
    opened.until(lambda: "595 MB on disk · 605 MB shared with other" in row(opened, "english").text)
    assert "540 MB to download, about 1.1 GB on disk" in row(opened, "other").text
    row(opened, "english").menu.remove.trigger()
    assert "Delete 595 MB?" in row(opened, "english").notice.notice.text


def test_a_model_answers_at_once_after_a_second_click(opened: Shown, cli: Cli) -> None:
    cli.plan("use", answer={"model": "english", "missing_count": 1200})
    english = row(opened, "english")
    english.menu.use_at_once.trigger()
    assert "only the photos that it knows" in english.notice.notice.text
    english.notice.action_button.click()
    opened.until(lambda: english.notice.notice and "1,200" in english.notice.notice.text)
    assert cli.calls == [["use", "english", "--at-once", "--json"]]


def test_what_a_model_learnt_is_forgotten_after_a_second_click(opened: Shown, cli: Cli) -> None:
    cli.plan("remove", answer={"model": "english", "forgotten_photo_count": 423})
    english = row(opened, "english")
    english.menu.forget.trigger()
    english.notice.action_button.click()
    opened.until(lambda: english.notice.notice and "423 photos" in english.notice.notice.text)
    assert cli.calls == [["remove", "english", "--space", "--json"]]


def test_a_folder_of_the_users_is_used(opened: Shown, cli: Cli, tmp_path: Path) -> None:
    cli.plan("use", answer={"model": str(tmp_path), "missing_count": 20})
    choose(opened, tmp_path, models(opened).import_button.menu().actions()[2].trigger)
    notice = models(opened).notice
    opened.until(lambda: notice.notice and "being prepared" in notice.notice.text)
    assert cli.calls == [["use", str(tmp_path), "--json"]]
    cli.plan("use", error=f"Error: {tmp_path} holds no model.\nChoose another.", code=4)
    choose(opened, tmp_path, models(opened).import_button.menu().actions()[2].trigger)
    opened.until(lambda: notice.notice and "holds no model" in notice.notice.text)


def test_the_faster_form_is_offered_once_it_was_compared(
    opened: Shown, cli: Cli, tmp_path: Path
) -> None:
    found = {
        "verdict": "nearly_the_same",
        "photo_count": 200,
        "overlap_at_10": 0.97,
        "fp32": {"photos_per_s": 10.0},
        "int8": {"photos_per_s": 19.0},
    }
    cli.plan("check", answer=found)
    english = row(opened, "english")
    choose(opened, tmp_path, english.menu.check.trigger)
    opened.until(lambda: english.notice.notice and "nearly the same" in english.notice.notice.text)
    assert "97% of the ten nearest in common, on 200 photos" in english.notice.notice.text
    assert "1.9 times as fast" in english.notice.notice.text
    cli.plan("use", answer={"model": "english+int8", "missing_count": 20})
    rounded = entry("english+int8", **HERE | {"is_int8": True})
    cli.plan("list", answer=[OTHER, ENGLISH, rounded, FAKE])
    english.notice.action_button.click()
    opened.until(lambda: len(cli.calls) == 2)
    assert cli.calls == [
        ["check", "english", "--photos", str(tmp_path), "--json"],
        ["use", "english+int8", "--json"],
    ]
    opened.until(lambda: "english+int8" in models(opened).rows)
    assert "Try a faster form on my photos…" not in offered(opened, "english+int8")


def test_the_chosen_languages_are_kept(
    cli: Cli, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = open_window(FakeClient(3))
    shown.window.models.languages.offer(["de", "en", "ja"])
    shown.window.models.languages.list.activated.emit(1)
    assert shown.window.models.languages.codes == ["de", "ja"]
    shown.window.close()
    monkeypatch.setattr(language_chooser, "system_languages", lambda: ["fr"])
    again = open_window(FakeClient(3))
    assert again.window.models.languages.codes == ["de", "ja"]
