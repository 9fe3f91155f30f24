"""The commands about models, in this process, against a hub on this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photosearch import paths
from photosearch.cli.main import main
from photosearch.embed import catalogue, exporting, inventory, originals, packs, transfer
from photosearch.embed.spec import ModelSpec, Precision
from photosearch.errors import ModelMissingError
from photosearch.settings import LIBRARY_FILE, LibrarySettings
from tests.embed import tiny_clip
from tests.embed.hub import LINEAR, MORE_WEIGHTS, SHARED, WEIGHTS, Hub, model, resolve

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "models"
    monkeypatch.setenv("PHOTOSEARCH_MODELS", str(directory))
    monkeypatch.setenv("LANGUAGE", "")
    monkeypatch.setenv("LC_ALL", "de_AT.UTF-8")
    return directory


@pytest.fixture
def run(hub: Hub, own_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; returns its exit status, what it printed, and its messages."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["--library", str(tmp_path / "library"), "models", *arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture(autouse=True)
def makers(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> ModelSpec:
    """Puts the hub's model into the catalogue, and a like one in English only."""
    spec = model(hub.url)
    sample = catalogue.find("sample")
    english = replace(spec, id="english", licence="CC-BY-NC-4.0", texts=spec.texts[:1])
    models = {one.id: one for one in (sample, english, spec)}
    monkeypatch.setattr(catalogue, "load", lambda: models)
    return spec


def of(answer: tuple[int, str, str]) -> Any:
    assert answer[0] == 0, answer[2]
    return json.loads(answer[1])


def test_the_list_begins_with_what_suits_the_users_languages(run: Run) -> None:
    listed = of(run("list", "--json"))
    assert [one["model"] for one in listed] == ["makers", "english", "sample"]
    assert listed[0]["understands"] == {"de": "well"}
    assert listed[0]["download_bytes"] > len(WEIGHTS)
    assert [one["is_in_use"] for one in listed] == [False, False, True]
    listed = of(run("list", "--language", "en-GB", "--json"))
    assert [one["model"] for one in listed] == ["english", "makers", "sample"]
    _, printed, _ = run("list")
    assert "photos, in German and 2 more" in printed
    assert "not here, 3 MB to download" in printed
    assert "photos, not for commercial use, in English only; not German" in printed


def test_a_model_is_fetched_listed_and_fetched_no_more(run: Run, hub: Hub) -> None:
    status, printed, messages = run("download", "makers")
    assert status == 0
    assert "Makers: 5 files, 3 MB to download, 7 MB on disk once prepared. Licence: MIT" in messages
    assert "photosearch models use makers" in printed
    hub.asked.clear()
    again = of(run("download", "makers", "--json"))
    assert (again[0]["state"], again[0]["fetched_count"], hub.asked) == ("present", 0, [])


def test_a_program_reads_how_far_a_download_is(run: Run) -> None:
    status, printed, messages = run("download", "makers", "--json")
    assert status == 0
    assert json.loads(printed)[0]["is_usable"]  # the answer stands alone on stdout
    lines = [json.loads(line) for line in messages.splitlines()]
    assert all(set(line) == {"done_bytes", "total_bytes", "rate", "eta_s"} for line in lines)
    assert lines[-1]["done_bytes"] == lines[-1]["total_bytes"] > len(WEIGHTS)


def test_a_model_in_a_folder_of_the_users_is_listed_while_it_is_in_use(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, makers: ModelSpec
) -> None:
    own = replace(makers, id="/own/model", name="Own")
    monkeypatch.setattr(catalogue, "find", {"/own/model": own}.__getitem__)
    LibrarySettings(model="/own/model").save(tmp_path / "library" / LIBRARY_FILE)
    (listed,) = [one for one in of(run("list", "--json")) if one["model"] == "/own/model"]
    assert listed["is_in_use"]


def test_a_download_that_fails_ends_in_a_sentence_and_goes_on(run: Run, hub: Hub) -> None:
    weights = hub.files.pop(resolve(SHARED, "model.safetensors"))
    status, _, messages = run("download", "makers")
    assert status == 4
    assert "has no model.safetensors" in messages
    assert "photosearch models import" in messages
    hub.files[resolve(SHARED, "model.safetensors")] = weights
    assert of(run("download", "makers", "--json"))[0]["is_usable"]


def test_damage_is_named_and_repaired(run: Run, hub: Hub, own_models: Path) -> None:
    run("download", "makers")
    assert of(run("verify", "makers", "--json"))["proved_count"] == 5
    (damaged,) = (own_models / "makers--more-languages").rglob("model.safetensors")
    damaged.write_bytes(MORE_WEIGHTS[:-1] + b"\0")
    status, printed, _ = run("verify", "makers")
    assert status == 4
    assert f"Damaged: {damaged}" in printed
    assert "photosearch models verify makers --repair" in printed
    assert of(run("verify", "makers", "--repair", "--json"))["damaged"] == []
    assert damaged.read_bytes() == MORE_WEIGHTS


def test_a_model_that_is_not_here_fails_the_check(run: Run) -> None:
    status, printed, _ = run("verify", "makers")
    assert status == 1
    assert "Missing: makers/both-towers/config.json" in printed
    assert "is not here: photosearch models download makers" in printed
    assert "--repair" not in printed


def test_what_was_fetched_by_hand_is_imported(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "by hand"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "model.safetensors").write_bytes(MORE_WEIGHTS)
    status, _, messages = run("import", str(folder))
    assert status == 2
    assert "linear.pkl of makers/more-languages is missing" in messages
    (folder / "linear.pkl").write_bytes(LINEAR)
    status, printed, _ = run("import", str(folder))
    assert status == 0
    assert "still missing: makers/both-towers/config.json" in printed


def test_the_model_in_use_stays(run: Run, tmp_path: Path, own_models: Path) -> None:
    run("download", "makers")
    LibrarySettings(model="makers").save(tmp_path / "library" / LIBRARY_FILE)
    status, _, messages = run("remove", "makers")
    assert status == 2
    assert "The library uses Makers" in messages
    LibrarySettings().save(tmp_path / "library" / LIBRARY_FILE)
    freed_bytes = of(run("remove", "makers", "--json"))["freed_bytes"]
    assert len(MORE_WEIGHTS) < freed_bytes < len(WEIGHTS), "another model needs the rest"
    assert of(run("remove", "english", "--json"))["freed_bytes"] > len(WEIGHTS)
    assert originals.size_bytes(own_models) == 0
    assert run("remove", "sample")[0] == 2


def test_originals_stay_until_they_are_converted(
    run: Run, makers: ModelSpec, own_models: Path
) -> None:
    run("download", "makers")
    status, _, messages = run("remove", "makers", "--originals")
    assert status == 2
    assert "is not converted yet" in messages
    for tower in makers.towers:
        place = packs.pack_directory(tower, own_models)
        place.mkdir(parents=True)
        (place / packs.NETWORK_FILE).write_bytes(b"network")
        (place / packs.MANIFEST_FILE).write_text('{"sha256": {}}', encoding="utf-8")
    assert run("remove", "makers", "--originals")[0] == 0
    assert of(run("list", "--json"))[0]["state"] == "converted"


@pytest.mark.parametrize("command", ["download", "verify", "use", "remove"])
def test_an_unknown_model_is_said_with_the_known_ones(run: Run, command: str) -> None:
    status, _, messages = run(command, "nope")
    assert status == 4
    assert 'no model "nope"' in messages
    assert "sample" in messages


@pytest.mark.model
def test_the_samples_vectors_are_the_recorded_ones(
    run: Run, tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOSEARCH_MODELS", str(models_dir))
    recorded = tmp_path / "recorded.json"
    assert run("verify", "sample", "--record", str(recorded))[0] == 0
    assert json.loads(recorded.read_text(encoding="utf-8"))["model"] == "sample"
    found = of(run("verify", "sample", "--golden", "--json"))
    assert found["golden"]["is_same"]
    assert found["golden"]["cosines_difference"] < 0.005


@pytest.mark.model
def test_a_model_that_was_trained_finds_the_right_text(
    run: Run, models_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PHOTOSEARCH_MODELS", str(models_dir))
    found = of(run("verify", "sample", "--golden", "--json"))
    assert found["ranking"]["is_good"]
    assert found["ranking"]["right_count"] >= found["ranking"]["picture_count"] - 2
    missing = tmp_path / "missing.json"
    status, _, messages = run("verify", "sample", "--recorded", str(missing))
    assert status == 2
    assert f"{missing} does not exist" in messages


@pytest.mark.model
def test_noise_in_the_place_of_weights_is_found_out(run: Run, tmp_path: Path) -> None:
    from tests.embed import tiny_clip

    folder = str(tiny_clip.clip(tmp_path / "noise").directory)
    status, printed, _ = run("verify", folder, "--golden")
    assert status == 1
    assert "It does NOT understand pictures and texts" in printed
    assert "There are no recorded values for noise" in printed
    assert f"photosearch models verify {folder} --record FILE" in printed
    recorded = str(tmp_path / "noise.json")
    assert run("verify", folder, "--record", recorded)[0] == 0
    found = json.loads(run("verify", folder, "--recorded", recorded, "--json")[1])
    assert found["golden"]["is_same"]
    assert not found["is_good"], "what was recorded was noise, too"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("use", ""), "No model is named"),
        (("list", "--language", "Deutsch"), "Use a code like de"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, arguments: tuple[str, ...], said: str) -> None:
    status, _, messages = run(*arguments)
    assert status == 2
    assert said in messages


def test_two_signs_of_int8_are_one(run: Run) -> None:
    assert catalogue.find("makers+int8+int8").id == "makers+int8"


@pytest.mark.parametrize("command", ["import", "export"])
def test_ctrl_c_says_what_became_of_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(transfer, "import_", stop)
    monkeypatch.setattr(exporting, "export", stop)
    arguments = ["makers"] if command == "export" else []
    status, _, messages = run(command, *arguments, str(tmp_path / "makers.zip"))
    assert status == 130
    assert "is kept" not in messages
    assert {"import": "thrown away", "export": "Nothing was exported"}[command] in messages


def test_what_models_share_is_fetched_and_counted_once(run: Run) -> None:
    run("download", "english")
    makers, english, _ = sorted(of(run("list", "--json")), key=lambda one: one["model"] != "makers")
    assert (makers["state"], makers["shared_with"]) == ("absent", ["english"])
    assert makers["missing_bytes"] == len(MORE_WEIGHTS) + len(LINEAR)
    assert makers["download_bytes"] > len(WEIGHTS) + makers["missing_bytes"]
    assert english["shared_bytes"] == 0, "the other one is not here"
    _, printed, _ = run("list")
    assert "not here, 3 MB shared with english, 450 kB to download" in printed
    run("download", "makers")
    _, printed, _ = run("list")
    assert "here, 450 kB on disk, and 3 MB shared with english" in printed
    assert "All of them together take 3 MB on disk." in printed


def test_forms_in_eight_bits_are_listed_once_they_are_made_or_asked_for(
    run: Run, makers: ModelSpec, own_models: Path
) -> None:
    assert not [one for one in of(run("list", "--json")) if one["is_int8"]]
    asked = [one["model"] for one in of(run("list", "--all", "--json")) if one["is_int8"]]
    assert sorted(asked) == ["english+int8", "makers+int8"]
    place = packs.pack_directory(makers.at(Precision.INT8).image, own_models)
    place.mkdir(parents=True)
    (place / packs.MANIFEST_FILE).write_text("{}", encoding="utf-8")
    assert not [one for one in of(run("list", "--json")) if one["is_int8"]], (
        "its texts are not here"
    )
    for text in makers.texts:
        packs.pack_directory(text, own_models).mkdir()
        (packs.pack_directory(text, own_models) / packs.MANIFEST_FILE).touch()
    listed = {one["model"]: one for one in of(run("list", "--json"))}
    assert "makers+int8" in listed
    assert listed["makers"]["is_int8_made"]
    (place / "weights.bin").write_bytes(bytes(1000))
    run("download", "makers")
    listed = {one["model"]: one for one in of(run("list", "--json"))}
    assert listed["makers+int8"]["converted_bytes"] == 1002
    assert "makers" in listed["makers+int8"]["shared_with"], "what it is made of"
    assert listed["makers"]["converted_bytes"] == 0


def test_a_damaged_folder_is_named_by_all_who_look(run: Run, tmp_path: Path) -> None:
    folder = tiny_clip.clip(tmp_path / "mine").directory
    (weights,) = folder.rglob("model.safetensors")
    weights.write_bytes(weights.read_bytes()[:-100])
    status, printed, _ = run("verify", str(folder))
    assert status == 4
    assert f"Damaged: {weights}" in printed
    assert "Copy model.safetensors there again" in printed
    status, _, messages = run("verify", str(folder), "--repair")
    assert status == 4
    assert f"{weights} is damaged" in messages
    with pytest.raises(ModelMissingError, match=re.escape(f"{weights} is missing or cut short")):
        inventory.require_usable(catalogue.find(str(folder)), paths.models_dir())


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(b"n"), Path.unlink])
def test_a_damaged_converted_form_is_listed_as_damaged(
    harm: Callable[[Path], object], run: Run, own_models: Path, makers: ModelSpec
) -> None:
    for tower in makers.towers:
        draft = own_models / "draft"
        draft.mkdir(parents=True)
        (draft / "model.onnx").write_bytes(b"network")
        packs.finish_pack(draft, packs.pack_directory(tower, own_models), {})
    harmed = packs.pack_directory(makers.texts[-1], own_models) / "model.onnx"
    harm(harmed)
    (listed,) = [one for one in of(run("list", "--json")) if one["model"] == "makers"]
    assert (listed["state"], listed["is_usable"]) == ("damaged", False)
    assert listed["damaged_file"] == str(harmed)
    printed = run("list")[1]
    assert "damaged: model.onnx is missing or cut short" in printed
    assert "photosearch models verify makers --repair" in printed


def test_a_model_that_shares_the_space_in_use_is_told(run: Run, tmp_path: Path) -> None:
    LibrarySettings(model="makers").save(tmp_path / "library" / LIBRARY_FILE)
    shares = {one["model"]: one["is_space_in_use"] for one in of(run("list", "--json"))}
    assert shares == {"makers": True, "english": True, "sample": False}


def test_a_converted_form_that_is_gone_is_one_sentence(
    run: Run, own_models: Path, makers: ModelSpec
) -> None:
    text = packs.pack_directory(makers.texts[-1], own_models)
    text.mkdir(parents=True)
    (text / packs.NETWORK_FILE).write_bytes(b"network")
    (text / packs.MANIFEST_FILE).write_text('{"sha256": {}}', encoding="utf-8")
    status, printed, _ = run("verify", "makers")
    assert status == 1
    assert "A converted form of Makers is gone; download or import it again." in printed
    assert "Missing" not in printed
