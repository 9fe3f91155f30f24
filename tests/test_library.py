"""The whole core in one process: real pictures, a real store, a model of colours."""

from __future__ import annotations

import os
import queue
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PIL import Image

from photosearch.core.events import (
    FolderOffline,
    IndexFinished,
    IndexProgress,
    LibraryEvent,
    PhotosEdited,
    WorkerError,
)
from photosearch.core.failure import FailureCode
from photosearch.core.photo import FACTS_VERSION
from photosearch.core.query import ImageTerm, PhotoTerm, PixelsTerm, Query, TextTerm
from photosearch.core.store import Store
from photosearch.core.userdata import UserChange
from photosearch.embed import catalogue, inventory
from photosearch.embed.batch_size import DEFAULT_BATCH_SIZE as BATCH_SIZE
from photosearch.embed.calibrations import KeptCalibrations
from photosearch.embed.fake import FakeEncoder
from photosearch.embed.spec import ModelSpec
from photosearch.errors import ModelError, ModelMissingError, QueryError, StoreError, UsageError
from photosearch.images import identity
from photosearch.index.idle import IDLE_VARIABLE
from photosearch.library import Library
from photosearch.search.calibrate import Calibrator
from photosearch.settings import LIBRARY_FILE, LibrarySettings
from photosearch.store.open import open_store
from tests.conftest import MakePicture
from tests.decoding import InlineDecoder

TIMEOUT_S = 30


class Opened:
    """A library with everything that a test looks at."""

    def __init__(self, directory: Path, encoder: FakeEncoder | None = None) -> None:
        self.encoder = encoder or FakeEncoder()
        self.others = {"clip-ViT-B-32-multilingual-v1": FakeEncoder("other")}
        self.decoder = InlineDecoder()
        self.store = open_store(directory)
        self.library = Library(directory, self.store, self.decoder, self._encoder_of)
        self.events: queue.SimpleQueue[LibraryEvent] = queue.SimpleQueue()
        self.seen: list[LibraryEvent] = []
        self.library.subscribe(self.events.put)

    def _encoder_of(self, spec: ModelSpec, on_device_lost: Callable[[str], None]) -> FakeEncoder:
        """Another model is another space of the same colours."""
        self.on_device_lost = on_device_lost
        return self.encoder if spec.id == "sample" else self.others[spec.id]

    def index(self, *folders: Path) -> IndexFinished:
        for folder in folders:
            self.library.add_folder(folder)
        ticket = self.library.start_index()
        return self.wait_for_run(ticket)

    def wait_for_run(self, ticket: int) -> IndexFinished:
        while True:
            event = self.next_event()
            if isinstance(event, IndexFinished) and event.ticket >= ticket:
                return event

    def next_event(self) -> LibraryEvent:
        event = self.events.get(timeout=TIMEOUT_S)
        self.seen.append(event)
        return event

    def found(self, *terms: TextTerm | ImageTerm | PhotoTerm | PixelsTerm) -> list[str]:
        result = self.library.search(Query(terms))
        return [photo.path.name for photo in self.library.photos(result.ids.tolist())]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    opened = Opened(tmp_path / "library")
    yield opened
    opened.library.close()


@pytest.fixture
def photos(tmp_path: Path, make_picture: MakePicture) -> Path:
    root = tmp_path / "photos"
    make_picture(root / "red.jpg", (230, 10, 10))
    make_picture(root / "sub" / "blue.png", (10, 10, 230))
    make_picture(root / "green.webp", (10, 230, 10))
    return root


def test_a_text_finds_the_photo_it_describes(opened: Opened, photos: Path) -> None:
    run = opened.index(photos)
    assert opened.library.status().counts.photo_count == 3
    assert not run.was_stopped
    for colour, name in (("red", "red.jpg"), ("blue", "blue.png"), ("green", "green.webp")):
        assert opened.found(TextTerm(f"something {colour}"))[0] == name


def test_a_photo_finds_itself_by_file_bytes_and_id(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    path = photos / "sub" / "blue.png"
    for term in (ImageTerm(path), PixelsTerm(path.read_bytes())):
        result = opened.library.search(Query((term,)))
        assert opened.library.photos(result.ids.tolist())[0].path == path
        assert result.scores[0] > 0.999
    best = int(opened.library.search(Query((ImageTerm(path),))).ids[0])
    assert opened.library.search(Query((PhotoTerm(best),))).ids[0] == best


def test_a_photo_on_a_disk_that_is_away_is_an_example(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    path = photos / "sub" / "blue.png"
    photos.rename(photos.with_name("unplugged"))
    opened.wait_for_run(opened.library.start_index())
    reads = opened.decoder.read_count
    for query in (Query((ImageTerm(path),)), Query(text=f'like:"{path}"')):
        result = opened.library.search(query)
        assert opened.library.photos(result.ids[:1].tolist())[0].path == path
        assert result.scores[0] > 0.999
    assert opened.decoder.read_count == reads
    with pytest.raises(QueryError, match="Its file cannot be reached now"):
        opened.library.search(Query(text=f'like:"{path}"[0,0,0.5,0.5]'))
    with pytest.raises(QueryError, match="It does not exist"):
        opened.library.search(Query((ImageTerm(path.with_name("other.png")),)))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Photo", "Did you mean “photos”"),
        ("Disk A", "Did you mean “DiskA”"),
        ("photos/Subb", "Did you mean “sub”"),
        ("Zürich", "The watched folders are “photos”, “DiskA”"),
    ],
)
def test_only_on_an_unknown_disk_is_an_error(
    opened: Opened, photos: Path, tmp_path: Path, name: str, hint: str
) -> None:
    (tmp_path / "DiskA").mkdir()
    opened.index(photos, tmp_path / "DiskA")
    for typed in (f'only-on:"{name}"', f'red -only-on:"{name}"', f'only-on:"{name}" OR is:square'):
        with pytest.raises(QueryError, match=f"No disk or folder .* called “{name}”") as raised:
            opened.library.search(Query(text=typed))
        assert hint in raised.value.hint


def test_only_on_a_disk_without_photos_of_its_own_finds_nothing(
    opened: Opened, photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "DiskA").mkdir()
    opened.index(photos, tmp_path / "DiskA")
    for typed, count in (("diska", 0), ("SUB", 1), ("photos", 3), (tmp_path.name, 3)):
        result = opened.library.search(Query(text=f'only-on:"{typed}"'))
        assert result.total_count == count


def test_a_negative_weight_steers_away(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    order = opened.found(TextTerm("red and blue"), TextTerm("blue", -1.0))
    assert order[0] == "red.jpg"
    assert order[-1] == "blue.png"


@pytest.mark.parametrize(
    ("terms", "part"),
    [
        ((), "nothing to search for"),
        ((ImageTerm(Path("/nowhere/x.jpg")),), "cannot be used as an example"),
        ((PixelsTerm(b"no picture"),), "cannot be used as an example"),
        ((TextTerm("red", 0.5), TextTerm("red", -0.5)), "cancel each other out"),
        ((PhotoTerm(12345),), "no longer in the library"),
    ],
)
def test_a_query_without_sense_is_said(
    opened: Opened, terms: tuple[TextTerm | ImageTerm, ...], part: str
) -> None:
    with pytest.raises(QueryError, match=part):
        opened.library.search(Query(terms))


def test_a_second_run_reads_nothing(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    reads = opened.decoder.read_count
    run = opened.wait_for_run(opened.library.start_index())
    assert (run.done, run.encoded) == (0, 0)
    assert opened.decoder.read_count == reads


def test_renamed_and_copied_photos_cost_no_inference(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    ids = opened.library.photo_ids().tolist()
    encoded = opened.encoder.image_count
    (photos / "red.jpg").rename(photos / "sub" / "rot.jpg")
    shutil.copy(photos / "green.webp", photos / "copy of green.webp")
    run = opened.wait_for_run(opened.library.start_index())
    assert (run.moved, run.gone) == (1, 0)
    assert opened.library.photo_ids().tolist() == ids
    assert opened.encoder.image_count == encoded
    assert opened.found(TextTerm("red"))[0] == "rot.jpg"
    assert opened.library.status().counts.file_count == 4


def test_headers_that_an_older_program_read_are_read_again_and_nothing_is_encoded(
    opened: Opened, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.index(photos)
    encoded = opened.encoder.image_count
    library = opened.library
    for version, done in ((FACTS_VERSION, 0), (FACTS_VERSION + 1, 3)):
        for module in ("known", "contents", "saying"):
            monkeypatch.setattr(f"photosearch.store.sqlite.{module}.FACTS_VERSION", version)
        assert opened.wait_for_run(library.start_index()).done == done
    assert opened.wait_for_run(library.start_index()).done == 0
    assert opened.encoder.image_count == encoded


def test_photos_that_an_older_program_named_by_the_whole_file_keep_their_vectors_and_tags(
    opened: Opened, tmp_path: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / "old" / name for name in ("red.tif", "green.gif", "blue.jp2")]
    for path, colour in zip(files, ((230, 10, 10), (10, 230, 10), (10, 10, 230)), strict=True):
        make_picture(path, colour)
    with monkeypatch.context() as patch:
        patch.setattr(identity, "way_of", lambda _encoded: (b"", None))
        assert opened.index(tmp_path / "old").encoded == 3
    library, ids = opened.library, opened.library.photo_ids_of(files)
    library.change_photos([ids[files[0]]], UserChange(is_favourite=True))
    for module in ("known", "contents", "saying"):  # for this the next run reads them again
        monkeypatch.setattr(f"photosearch.store.sqlite.{module}.FACTS_VERSION", FACTS_VERSION + 1)
    assert opened.wait_for_run(library.start_index()).done == 3
    assert library.photo_ids_of(files) == ids
    for photo in library.photos(list(ids.values())):
        assert photo.content_hash == identity.content_hash(photo.path.read_bytes())
    with Image.open(files[0]) as image:
        image.save(files[0], tiffinfo={0x010E: "Oma am Meer"})
    assert opened.wait_for_run(library.start_index()).encoded == 0
    (tagged,) = library.photos([ids[files[0]]])
    assert (tagged.facts.caption, tagged.user.is_favourite) == ("Oma am Meer", True)
    assert opened.encoder.image_count == 3


def test_a_photo_that_another_program_tags_keeps_what_the_user_said(
    opened: Opened, photos: Path
) -> None:
    opened.index(photos)
    path = photos / "red.jpg"
    red = opened.library.photo_ids_of([path])[path]
    opened.library.change_photos([red], UserChange(is_favourite=True, add_tags=("Rome",)))
    exif = Image.Exif()
    exif[0x4746], exif[0x010E] = 4, "Oma am Meer"
    with Image.open(path) as image:
        image.save(path, exif=exif, quality="keep")
    opened.wait_for_run(opened.library.start_index())
    tagged = opened.library.photo_ids_of([path])[path]
    (shown,) = opened.library.photos([tagged])
    assert shown.facts.caption == "Oma am Meer"
    assert (shown.user.is_favourite, shown.user.rating, shown.user.tags) == (True, 4, ("Rome",))


def test_a_deleted_photo_is_gone_and_its_neighbours_stay(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    (photos / "red.jpg").unlink()
    opened.wait_for_run(opened.library.start_index())
    assert "red.jpg" not in opened.found(TextTerm("red"))
    assert opened.library.status().counts.photo_count == 2


def test_changed_content_is_read_again(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    opened.index(photos)
    make_picture(photos / "red.jpg", (10, 10, 230), size_px=(80, 80))
    opened.wait_for_run(opened.library.start_index())
    assert "red.jpg" in opened.found(TextTerm("blue"))[:2]
    assert opened.library.status().counts.photo_count == 3


def test_a_vanished_folder_is_offline_and_stays_searchable(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    photos.rename(photos.with_name("unplugged"))
    opened.wait_for_run(opened.library.start_index())
    assert any(isinstance(event, FolderOffline) for event in opened.seen)
    assert not opened.library.folders()[0].is_online
    assert opened.found(TextTerm("red"))[0] == "red.jpg"
    photos.with_name("unplugged").rename(photos)
    opened.wait_for_run(opened.library.start_index())
    assert opened.library.folders()[0].is_online


def test_bad_files_cost_themselves_only(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    (photos / "empty.jpg").touch()
    (photos / "text.jpg").write_text("no picture", encoding="utf-8")
    whole = make_picture(photos / "whole.jpg", size_px=(400, 300)).read_bytes()
    (photos / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (photos / "notes.txt").write_text("notes", encoding="utf-8")
    (photos / "film.mp4").touch()
    opened.index(photos)
    failures = {
        failure.path.name: failure.reason.code
        for failure in opened.library.failures()
        if failure.path
    }
    assert failures == {
        "empty.jpg": FailureCode.EMPTY,
        "text.jpg": FailureCode.NOT_AN_IMAGE,
        "cut.jpg": FailureCode.TRUNCATED,
    }
    counts = opened.library.status().counts
    assert counts.photo_count == 4
    assert (counts.ignored, counts.not_yet) == ({".txt": 1}, {".mp4": 1})
    reads = opened.decoder.read_count
    opened.wait_for_run(opened.library.start_index())
    assert opened.decoder.read_count == reads, "only a change makes these worth another try"
    (photos / "text.jpg").write_bytes(whole)
    opened.wait_for_run(opened.library.start_index())
    assert len(opened.library.failures()) == 2


def test_one_picture_the_model_refuses_does_not_cost_its_batch(
    tmp_path: Path, make_picture: MakePicture
) -> None:
    opened = Opened(tmp_path / "library", FakeEncoder(refuse_over_mean=200.0))
    for number in range(7):
        make_picture(tmp_path / "photos" / f"{number}.png", (50, 0, 20 * number))
    make_picture(tmp_path / "photos" / "white.png", (255, 255, 255))
    opened.index(tmp_path / "photos")
    assert [f.reason.code for f in opened.library.failures()] == [FailureCode.ENCODE_FAILED]
    assert opened.library.status().counts.vector_count == 7
    opened.library.close()


def test_a_model_that_cannot_be_loaded_fails_the_run_not_the_photos(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Opened(tmp_path / "library")

    def refuse(crops: object) -> None:
        raise ModelMissingError("There is no model.", "Fetch it.")

    with monkeypatch.context() as patched:
        patched.setattr(opened.encoder, "encode_images", refuse)
        assert opened.index(photos).was_stopped
    assert any(isinstance(event, WorkerError) for event in opened.seen)
    assert opened.library.failures() == []
    opened.wait_for_run(opened.library.start_index())
    assert opened.library.status().counts.vector_count == 3
    opened.library.close()


def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Opened(tmp_path / "library")

    def refuse(*_: object) -> None:
        raise StoreError("The disk is full.", "Make room.")

    with monkeypatch.context() as patched:
        patched.setattr(opened.store, "write", refuse)
        assert opened.index(photos).was_stopped
    run = opened.wait_for_run(opened.library.start_index())
    assert run.encoded == 3
    opened.library.close()


def test_a_stopped_run_keeps_what_it_did_and_goes_on(
    tmp_path: Path, make_picture: MakePicture
) -> None:
    opened = Opened(tmp_path / "library")
    total = 3 * BATCH_SIZE
    for number in range(total):
        make_picture(tmp_path / "photos" / f"{number:03}.png", (number, 0, 0), size_px=(16, 16))
    opened.library.add_folder(tmp_path / "photos")
    while opened.store.counts(opened.encoder.space).vector_count == 0:
        opened.next_event()
    opened.library.stop_index()
    first = opened.wait_for_run(0)
    assert first.was_stopped
    assert BATCH_SIZE <= first.done < total
    second = opened.wait_for_run(opened.library.start_index())
    assert first.encoded + second.encoded == total
    assert opened.library.status().counts.vector_count == total
    opened.library.close()


def test_taking_one_request_back_leaves_the_others(
    opened: Opened, tmp_path: Path, make_picture: MakePicture
) -> None:
    roots = [tmp_path / "first", tmp_path / "second", tmp_path / "third"]
    for root in roots:
        for number in range(2 * BATCH_SIZE):
            make_picture(root / f"{number:03}.png", (number, 0, 0), size_px=(16, 16))
    first, second, third = (opened.library.start_index([root]) for root in roots)
    opened.library.stop_index(second)
    while opened.wait_for_run(first).ticket < third:
        pass
    counts = {folder.path.name: folder.photo_count for folder in opened.library.folders()}
    assert counts["first"] == counts["third"] == 2 * BATCH_SIZE
    assert counts["second"] in {0, 2 * BATCH_SIZE}, "it may have been under way with another"


def test_a_request_that_was_taken_back_ends_as_stopped(opened: Opened, photos: Path) -> None:
    opened.library.add_folder(photos)
    ticket = opened.library.start_index()
    opened.library.stop_index()
    assert opened.wait_for_run(ticket).was_stopped


def test_a_folder_can_be_removed_while_another_is_indexed(
    opened: Opened, photos: Path, tmp_path: Path, make_picture: MakePicture
) -> None:
    opened.index(photos)
    for number in range(4 * BATCH_SIZE):
        make_picture(tmp_path / "many" / f"{number:03}.png", (number, 0, 0), size_px=(16, 16))
    opened.library.start_index([tmp_path / "many"])
    opened.library.remove_folder(photos)
    assert opened.library.status().counts.photo_count < 4 * BATCH_SIZE, "it did not wait for all"
    opened.wait_for_run(opened.library.start_index())
    assert opened.library.status().counts.photo_count == 4 * BATCH_SIZE


def test_a_folder_that_went_and_came_back_is_watched_again(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    opened.index(photos)
    shutil.rmtree(photos)
    opened.wait_for_run(opened.library.start_index())
    assert not opened.library.folders()[0].is_online
    make_picture(photos / "back.jpg", (10, 10, 10))
    opened.wait_for_run(opened.library.start_index())
    make_picture(photos / "yellow.jpg", (240, 240, 10))
    while "yellow.jpg" not in opened.found(TextTerm("yellow")):
        opened.next_event()


def test_nothing_is_forgotten_when_a_whole_folder_goes(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    shutil.rmtree(photos)  # the watcher hears of every file; no scan was asked for
    while opened.library.folders()[0].is_online:
        opened.next_event()
    assert opened.library.status().counts.photo_count == 3


def test_progress_counts_up_to_the_total(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    progress = [event for event in opened.seen if isinstance(event, IndexProgress)]
    assert (3, 3) in {(event.done, event.total) for event in progress}
    assert opened.library.status().indexing is None


def test_folders_are_checked_before_they_are_added(opened: Opened, photos: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        opened.library.add_folder(photos / "missing")
    with pytest.raises(UsageError, match="is no folder"):
        opened.library.add_folder(photos / "red.jpg")
    opened.library.add_folder(photos)
    with pytest.raises(UsageError):
        opened.library.add_folder(photos / "sub")
    with pytest.raises(UsageError, match="not a watched folder"):
        opened.library.remove_folder(photos / "sub")


def test_a_removed_folder_takes_its_photos_with_it(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    opened.library.remove_folder(photos)
    assert opened.library.folders() == []
    assert len(opened.library.photo_ids()) == 0
    assert (photos / "red.jpg").exists()


def test_a_new_photo_in_a_watched_folder_is_found_without_asking(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    opened.index(photos)
    make_picture(photos / "sub" / "yellow.jpg", (240, 240, 10))
    make_picture(photos / "new" / "cyan.jpg", (10, 240, 240))
    (photos / "red.jpg").unlink()
    names: set[str] = set()
    while names != {"blue.png", "green.webp", "yellow.jpg", "cyan.jpg"}:
        opened.next_event()
        ids = opened.library.photo_ids().tolist()
        names = {photo.path.name for photo in opened.library.photos(ids)}
    assert opened.found(TextTerm("yellow"))[0] == "yellow.jpg"


def test_thumbnails_are_kept(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    ids = opened.library.photo_ids()
    thumbnails = opened.library.thumbnails(ids.tolist())
    assert sorted(thumbnails) == sorted(ids.tolist())
    assert all(jpeg.startswith(b"\xff\xd8") for jpeg in thumbnails.values())


def test_lost_thumbnails_are_made_again_without_the_model(tmp_path: Path, photos: Path) -> None:
    first = Opened(tmp_path / "library")
    first.index(photos)
    first.library.close()
    (tmp_path / "library" / "thumbs.db").unlink()
    second = Opened(tmp_path / "library")
    ids = second.library.photo_ids().tolist()
    assert second.store.thumbnails(ids) == {}
    run = second.index()
    assert (run.done, run.encoded, second.encoder.image_count) == (3, 0, 0)
    assert sorted(second.library.thumbnails(ids)) == sorted(ids)
    assert second.library.photo_ids().tolist() == ids
    assert second.index().done == 0, "once is enough"
    second.library.close()


def test_two_spaces_live_side_by_side(tmp_path: Path, photos: Path) -> None:
    first = Opened(tmp_path / "library")
    first.index(photos)
    first.library.close()
    second = Opened(tmp_path / "library", FakeEncoder(revision="2"))
    run = second.index()
    assert run.encoded == 3
    second.library.close()
    again = Opened(tmp_path / "library")
    assert again.index().encoded == 0
    assert again.library.status().counts.vector_count == 3
    again.library.close()


def test_a_name_that_is_no_text_is_indexed_and_found(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    plain = make_picture(photos / "plain.jpg", (240, 240, 10))
    odd = Path(os.fsdecode(os.fsencode(photos) + b"/caf\xe9 100%_.jpg"))
    plain.rename(odd)
    opened.index(photos)
    result = opened.library.search(Query((ImageTerm(odd),)))
    assert opened.library.photos(result.ids.tolist())[0].path == odd
    assert np.isclose(result.scores[0], 1.0, atol=1e-3)


def test_a_model_is_chosen_only_if_it_is_here(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOSEARCH_MODELS", str(tmp_path / "models"))
    absent = "clip-ViT-B-32-multilingual-v1"
    with pytest.raises(ModelMissingError, match="not on this machine") as caught:
        opened.library.use_model(absent)
    assert f"photosearch models download {absent}" in caught.value.hint
    with pytest.raises(ModelError, match='no model "nope"'):
        opened.library.use_model("nope")
    settings = tmp_path / "library" / LIBRARY_FILE
    assert not settings.exists()
    opened.library.use_model("sample")
    assert LibrarySettings.load(settings).model == "sample"


def test_a_model_answers_at_once_where_there_are_no_photos(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "require_usable", lambda *_: None)
    other = "clip-ViT-B-32-multilingual-v1"
    opened.library.use_model(other)
    assert opened.library.status().space == opened.others[other].space


def test_what_another_model_learnt_can_be_forgotten(
    opened: Opened, tmp_path: Path, photos: Path
) -> None:
    opened.index(photos)
    sample = catalogue.find("sample").space
    opened.store.ensure_space(sample)
    understood = opened.store.counts(opened.encoder.space).vector_count
    assert opened.library.remove_space("sample") == 0
    assert opened.store.counts(opened.encoder.space).vector_count == understood > 0
    of_fake = replace(catalogue.find("sample"), space=opened.encoder.space)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "find", lambda _: of_fake)
        with pytest.raises(UsageError, match="The library uses Sample model"):
            opened.library.remove_space("sample")
    assert opened.store.counts(opened.encoder.space).vector_count == understood


def test_the_image_tower_is_let_go_when_nobody_needs_it(
    tmp_path: Path, models_dir: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(IDLE_VARIABLE, "0.05")
    encoder = FakeEncoder()
    released: queue.SimpleQueue[int] = queue.SimpleQueue()
    monkeypatch.setattr(encoder, "release_images", lambda: released.put(encoder.image_count))
    # What its scores are worth is learnt from pictures, too: once, and not here.
    kept = KeptCalibrations(models_dir)
    Calibrator(FakeEncoder(), cast("Store", None), kept).prepare()
    opened = Opened(tmp_path / "library", encoder)
    opened.found(TextTerm("red"))
    opened.index(photos)
    assert released.get(timeout=TIMEOUT_S) == 3
    opened.found(PixelsTerm((photos / "red.jpg").read_bytes()))
    assert released.get(timeout=TIMEOUT_S) == 4
    opened.found(TextTerm("red"))
    assert opened.index().encoded == 0
    opened.library.close()
    assert released.empty(), "only pictures wake it"


def test_background_watching_is_as_the_settings_say_just_now(opened: Opened) -> None:
    assert not opened.library.watches_in_background
    LibrarySettings(watch_in_background=True).save(opened.library.status().path / LIBRARY_FILE)
    assert opened.library.watches_in_background


def test_what_the_user_says_is_told_to_everybody(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    library = opened.library
    red = library.photo_ids_of([photos / "red.jpg", photos / "none.jpg"])[photos / "red.jpg"]
    assert library.change_photos([red, 999], UserChange(rating=3, add_tags=("Rome",))) == 1
    while not isinstance(event := opened.next_event(), PhotosEdited):
        pass
    assert event == PhotosEdited((red, 999))
    assert library.photos([red])[0].user.rating == 3
    assert library.vocabulary().tags == ("Rome",)
    library.back_up(photos.parent / "copy.db")
    assert (photos.parent / "copy.db").stat().st_size > 0


def test_a_library_that_is_only_read_answers_and_refuses(
    opened: Opened, photos: Path, tmp_path: Path
) -> None:
    opened.index(photos)
    store = open_store(tmp_path / "library", is_read_only=True)
    second = Library(tmp_path / "library", store, InlineDecoder(), opened._encoder_of)
    try:
        assert second.status().is_read_only
        assert len(second.photo_ids()) == 3
        (known,) = second.folders()
        for change in (
            lambda: second.start_index(),
            lambda: second.add_folder(known.path),
            lambda: second.remove_folder(known.path),
            lambda: second.use_model("sample"),
            lambda: second.change_photos([1], UserChange(rating=3)),
        ):
            with pytest.raises(StoreError, match="may only be read") as caught:
                change()
            assert "close the other Photosearch" in caught.value.hint
    finally:
        second.close()
    assert len(opened.library.photo_ids()) == 3


def test_what_an_index_run_learns_keeps_no_text_tower_unless_somebody_may_ask(
    tmp_path: Path, photos: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = FakeEncoder()
    released: queue.SimpleQueue[bool] = queue.SimpleQueue()
    monkeypatch.setattr(encoder, "release_texts", lambda: released.put(True))
    opened = Opened(tmp_path / "library", encoder)
    opened.index(photos)
    assert released.get(timeout=TIMEOUT_S)
    opened.library.warm_up()
    make_picture(photos / "again.jpg", (230, 10, 10))
    assert opened.index().encoded == 1
    opened.library.close()
    assert released.empty()


def test_a_key_that_means_nothing_is_logged_once(
    tmp_path: Path, photos: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = tmp_path / "slips"
    directory.mkdir()
    (directory / LIBRARY_FILE).write_text("excludes = []\n", encoding="utf-8")
    slipped = Opened(directory)
    try:
        slipped.index(photos)
        slipped.index(photos)
    finally:
        slipped.library.close()
    assert len([said for said in caplog.messages if '"exclude" may be meant' in said]) == 1
