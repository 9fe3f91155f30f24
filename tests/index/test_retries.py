from __future__ import annotations

from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.photo import FilePlace, FileStamp
from photosearch.index.retries import RETRY_AFTER_S, Retries

PLACE = FilePlace(1, b"a.jpg")


def failure(code: FailureCode = FailureCode.TRUNCATED, place: FilePlace = PLACE) -> PhotoFailure:
    return PhotoFailure(place, FileStamp(1, 1), Stage.DECODE, FailureReason(code))


def test_a_file_is_tried_again_less_and_less_often_and_then_no_more() -> None:
    retries = Retries()
    now_s = 100.0
    for after_s in RETRY_AFTER_S:
        retries.note_failure(failure(), now_s)
        assert retries.remaining_s(now_s) == after_s
        assert retries.take_due(now_s + after_s - 0.1) == []
        now_s += after_s
        assert retries.take_due(now_s) == [PLACE]
        assert retries.take_due(now_s) == []
    retries.note_failure(failure(), now_s)
    assert retries.remaining_s(now_s) is None


def test_a_file_that_was_read_starts_anew() -> None:
    retries = Retries()
    retries.note_failure(failure(), 0.0)
    retries.note_failure(failure(), 5.0)
    retries.forget(PLACE)
    assert retries.take_due(1000.0) == []
    retries.note_failure(failure(), 1000.0)
    assert retries.remaining_s(1000.0) == RETRY_AFTER_S[0]


def test_what_no_patience_can_mend_is_not_tried_again() -> None:
    retries = Retries()
    retries.note_failure(failure(FailureCode.TOO_LARGE), 0.0)
    assert retries.remaining_s(0.0) is None


def test_a_failure_of_another_kind_ends_the_tries() -> None:
    retries = Retries()
    retries.note_failure(failure(), 0.0)
    retries.note_failure(failure(FailureCode.VANISHED), 1.0)
    assert retries.take_due(1000.0) == []


def test_a_forgotten_folder_leaves_nothing() -> None:
    retries = Retries()
    other = FilePlace(2, b"a.jpg")
    retries.note_failure(failure(), 0.0)
    retries.note_failure(failure(place=other), 0.0)
    retries.forget_folder(1)
    assert retries.take_due(1000.0) == [other]
