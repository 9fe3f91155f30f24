"""Who writes next."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from photosearch.core.stored import IndexBatch
from photosearch.core.userdata import UserChange
from photosearch.store.sqlite import batches
from photosearch.store.sqlite.turns import WriteTurns

from .inside import Library
from .samples import SPACE, photo, write

TIMEOUT_S = 10


def started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def wait_for(turns: WriteTurns, waiting_count: int) -> None:
    """Until so many threads wait in line."""
    for _ in range(1000):
        with turns._changed:
            if len(turns._changed._waiters) >= waiting_count:  # type: ignore[attr-defined]
                return
        threading.Event().wait(0.005)
    pytest.fail("nobody waits")


def test_an_urgent_writer_goes_before_those_who_wait_longer() -> None:
    turns = WriteTurns()
    order: list[str] = []

    def ordinary() -> None:
        with turns:
            order.append("ordinary")

    def urgent() -> None:
        with turns.urgently():
            order.append("urgent")

    with turns:
        threads = [started(ordinary) for _ in range(3)]
        wait_for(turns, 3)
        threads.append(started(urgent))
        wait_for(turns, 4)
        assert order == []
    for thread in threads:
        thread.join(TIMEOUT_S)
    assert order == ["urgent", "ordinary", "ordinary", "ordinary"]


def test_its_holder_may_take_it_again_either_way() -> None:
    turns = WriteTurns()
    taken = threading.Event()

    def other() -> None:
        with turns:
            taken.set()

    with turns:
        with turns.urgently(), turns:
            pass
        thread = started(other)
        assert not taken.wait(0.05), "it was given away too early"
    thread.join(TIMEOUT_S)
    assert taken.is_set()


def test_an_error_gives_it_back() -> None:
    turns = WriteTurns()
    with pytest.raises(KeyboardInterrupt), turns.urgently():
        raise KeyboardInterrupt
    with pytest.raises(ValueError, match="x"), turns:
        raise ValueError("x")
    thread = started(lambda: turns._take(is_urgent=False))
    thread.join(TIMEOUT_S)
    assert not thread.is_alive()


def test_a_rating_is_stored_before_the_batches_that_wait(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = library.store.add_folder(library.directory.parent)
    write(library.store, photo(folder.id, b"a.jpg", 1))
    (photo_id,) = library.store.photo_ids().tolist()
    order: list[str] = []
    is_inside, go_on = threading.Event(), threading.Event()
    real_write = batches.write

    def slow_write(*args: object) -> object:
        is_inside.set()
        assert go_on.wait(TIMEOUT_S)
        order.append("batch")
        return real_write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(batches, "write", slow_write)

    def index() -> None:
        library.store.write(SPACE, IndexBatch([photo(folder.id, b"b.jpg", 2)]))

    def rate() -> None:
        library.store.change_user_data([photo_id], UserChange(rating=5))
        order.append("rating")

    threads = [started(index)]
    assert is_inside.wait(TIMEOUT_S)
    threads += [started(index) for _ in range(3)]
    wait_for(library.database.write_lock, 3)
    threads.append(started(rate))
    wait_for(library.database.write_lock, 4)
    go_on.set()
    for thread in threads:
        thread.join(TIMEOUT_S)
    assert order == ["batch", "rating", "batch", "batch", "batch"]
    assert library.store.photos([photo_id])[0].user.rating == 5
