"""The contract of a store: files that could not be taken in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from photosearch.core.failure import FailureCode
from photosearch.core.photo import FilePlace, FileStamp
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch, KnownFile
from photosearch.errors import StoreError

from .samples import OTHER_SPACE, SPACE, STAMP, failure, ids_by_name, photo, write

NEWER = FileStamp(2000, STAMP.mtime_ns + 1)


class FailuresContract:
    def test_a_failure_comes_back_as_it_was(
        self, store: Store, open_again: Callable[[], Store], folder_id: int, tmp_path: Path
    ) -> None:
        reported = failure(folder_id, b"\xff/a.jpg", detail="\udcff☾", width_px=3, ratio=0.5)
        store.write(SPACE, IndexBatch(failures=[reported]))
        (found,) = open_again().failures()
        assert found.place == reported.place
        assert found.stamp == reported.stamp
        assert found.stage == reported.stage
        assert found.reason == reported.reason
        assert found.space_key == ""
        assert found.tries == 1
        assert found.first_seen_ns > 0
        assert found.path == tmp_path / "photos" / "\udcff" / "a.jpg"

    def test_a_failure_seen_again_keeps_when_it_was_first_seen(
        self, store: Store, folder_id: int
    ) -> None:
        for name in (b"a.jpg", b"b.jpg"):
            store.write(SPACE, IndexBatch(failures=[failure(folder_id, name)]))
        newest_first = store.failures()
        assert [found.place.rel_path for found in newest_first] == [b"b.jpg", b"a.jpg"]
        again = failure(folder_id, b"a.jpg", FailureCode.TIMED_OUT, stamp=NEWER, limit_s=30)
        store.write(SPACE, IndexBatch(failures=[again]))
        first, second = store.failures()
        assert first.place.rel_path == b"a.jpg"
        assert (first.tries, first.stamp, first.reason) == (2, NEWER, again.reason)
        assert first.first_seen_ns == newest_first[1].first_seen_ns
        assert second.tries == 1

    @pytest.mark.parametrize(
        ("code", "is_done"),
        [
            (FailureCode.UNSUPPORTED, False),
            (FailureCode.NOT_AN_IMAGE, False),
            (FailureCode.DAMAGED, False),
            (FailureCode.EMPTY, True),
            (FailureCode.TIMED_OUT, True),
        ],
    )
    def test_what_an_earlier_program_could_not_read_is_tried_once_more(
        self,
        store: Store,
        folder_id: int,
        monkeypatch: pytest.MonkeyPatch,
        code: FailureCode,
        is_done: bool,
    ) -> None:
        from photosearch.store.sqlite import failures, known

        batch = IndexBatch(failures=[failure(folder_id, b"a.jpg", code)])
        store.write(SPACE, batch)
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done
        for module in (failures, known):
            monkeypatch.setattr(module, "READING_VERSION", known.READING_VERSION + 1)
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done == is_done
        store.write(SPACE, batch)
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done
        assert store.failures()[0].tries == 2

    @pytest.mark.parametrize(
        ("code", "is_done"),
        [(FailureCode.DAMAGED, True), (FailureCode.NO_PERMISSION, False)],
    )
    def test_a_failed_file_is_done_where_only_a_change_can_mend_it(
        self, store: Store, folder_id: int, code: FailureCode, is_done: bool
    ) -> None:
        batch = IndexBatch(
            failures=[
                failure(folder_id, b"a.jpg", code),
                failure(folder_id, b"b.jpg", code, stamp=None),
            ]
        )
        store.write(SPACE, batch)
        assert store.known_files(folder_id, SPACE) == {
            b"a.jpg": KnownFile(STAMP, is_done, is_failed=True),
            b"b.jpg": KnownFile(None, is_done, is_failed=True),
        }

    def test_a_stored_file_that_fails_keeps_what_is_stored(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        store.write(SPACE, IndexBatch(failures=[failure(folder_id, b"a.jpg", stamp=NEWER)]))
        assert list(ids_by_name(store)) == ["a.jpg"]
        assert store.counts(SPACE).vector_count == 1
        assert store.counts(SPACE).failure_count == 1
        assert store.known_files(folder_id, SPACE) == {
            b"a.jpg": KnownFile(NEWER, is_done=True, is_failed=True)
        }

    def test_success_forgets_failures_of_the_file_but_not_of_other_spaces(
        self, store: Store, folder_id: int
    ) -> None:
        code = FailureCode.ENCODE_FAILED
        for space in (SPACE, OTHER_SPACE):
            reported = [
                failure(folder_id, b"a.jpg"),
                failure(folder_id, b"a.jpg", code, space_key=space.key),
                failure(folder_id, b"b.jpg"),
            ]
            store.write(space, IndexBatch(failures=reported))
        write(store, photo(folder_id, b"a.jpg", 1))
        assert {(found.place.rel_path, found.space_key) for found in store.failures()} == {
            (b"a.jpg", OTHER_SPACE.key),
            (b"b.jpg", ""),
        }
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done
        assert store.known_files(folder_id, OTHER_SPACE)[b"a.jpg"].is_done

    def test_a_file_may_be_stored_and_fail_to_be_encoded_at_once(
        self, store: Store, folder_id: int
    ) -> None:
        key = SPACE.key
        batch = IndexBatch(
            files=[photo(folder_id, b"a.jpg", 1, has_vector=False)],
            failures=[failure(folder_id, b"a.jpg", FailureCode.ENCODE_FAILED, space_key=key)],
        )
        store.write(SPACE, batch)
        store.write(SPACE, batch)
        (found,) = store.failures()
        assert (found.space_key, found.tries) == (key, 2)
        assert list(ids_by_name(store)) == ["a.jpg"]
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done
        assert not store.known_files(folder_id, OTHER_SPACE)[b"a.jpg"].is_done

    def test_a_place_that_is_gone_takes_its_failures_along(
        self, store: Store, folder_id: int
    ) -> None:
        for space in (SPACE, OTHER_SPACE):
            reported = failure(folder_id, b"a.jpg", FailureCode.ENCODE_FAILED, space_key=space.key)
            store.write(space, IndexBatch(failures=[reported, failure(folder_id, b"a.jpg")]))
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        assert store.failures() == []
        assert store.known_files(folder_id, SPACE) == {}

    def test_a_failure_of_another_space_is_refused(self, store: Store, folder_id: int) -> None:
        reported = failure(folder_id, b"a.jpg", space_key=OTHER_SPACE.key)
        with pytest.raises(StoreError):
            store.write(SPACE, IndexBatch(failures=[reported]))

    def test_failures_are_tried_again_on_request(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"encode.jpg", 1, has_vector=False))
        failures = [
            failure(folder_id, b"bad.jpg"),
            failure(folder_id, b"worse.jpg"),
            failure(folder_id, b"encode.jpg", FailureCode.ENCODE_FAILED, space_key=SPACE.key),
        ]
        store.write(SPACE, IndexBatch(failures=failures))
        first = store.failures()
        assert store.missing_count(SPACE) == len(store.missing_vectors(SPACE)) == 0
        assert store.forget_failures([FilePlace(folder_id, b"bad.jpg")]) == 1
        known = store.known_files(folder_id, SPACE)
        assert not known[b"bad.jpg"].is_done
        assert known[b"worse.jpg"].is_done
        assert store.failures() == first, "they are not mended yet"
        assert store.forget_failures() == 3
        assert not any(found.is_done for found in store.known_files(folder_id, SPACE).values())
        assert store.missing_count(SPACE) == len(store.missing_vectors(SPACE)) == 1

        store.write(SPACE, IndexBatch(failures=failures[:2]))
        again = {found.place.rel_path: found for found in store.failures()}
        assert (again[b"bad.jpg"].tries, again[b"worse.jpg"].tries) == (2, 2)
        assert again[b"bad.jpg"].first_seen_ns == first[0].first_seen_ns
        assert store.known_files(folder_id, SPACE)[b"bad.jpg"].is_done
        write(store, photo(folder_id, b"encode.jpg", 1), photo(folder_id, b"bad.jpg", 2))
        assert [found.place.rel_path for found in store.failures()] == [b"worse.jpg"]
        assert store.forget_failures([]) == 0
