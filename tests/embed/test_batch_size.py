from __future__ import annotations

from photosearch.embed.batch_size import DEFAULT_BATCH_SIZE, BatchSize


def test_it_doubles_while_full_batches_are_quick_up_to_its_limit() -> None:
    size = BatchSize(most=100)
    assert size.now == DEFAULT_BATCH_SIZE == 32
    size.succeeded(31, 0.01)
    assert size.now == 32, "a batch that was not full proves nothing"
    size.succeeded(32, 0.9)
    assert size.now == 32, "twice that would take too long"
    size.succeeded(32, 0.1)
    assert size.now == 64
    size.succeeded(64, 0.1)
    assert size.now == 100


def test_what_did_not_fit_is_never_tried_again() -> None:
    size = BatchSize(most=128)
    size.succeeded(32, 0.1)
    size.failed(64)
    assert size.now == 32
    size.succeeded(32, 0.1)
    assert size.now == 32
    size.failed(5)
    assert size.now == 2


def test_on_a_processor_it_stays_as_it_is() -> None:
    size = BatchSize()
    size.succeeded(32, 0.001)
    assert size.now == 32
