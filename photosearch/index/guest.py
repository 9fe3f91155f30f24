"""Lets index work go on only where it is welcome: the engine is a guest on the computer.

The index thread asks between two files and two batches; calls from any thread pause it, resume
it, and tell it of searches.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from photosearch.core.cancel import CancelToken
from photosearch.core.events import Waiting
from photosearch.errors import LibraryError
from photosearch.index.manners import BatteryRule, Manners
from photosearch.index.meanwhile import Errand, Meanwhile
from photosearch.index.probes import Probes

log = logging.getLogger(__name__)

#: In the library's directory while its user wants no index work: the next engine knows.
PAUSE_FILE = "paused"
#: Room that is left to others on the library's disk.
LEAST_FREE_BYTES = 1_000_000_000
#: Below this charge, in percent, work waits for the mains.
LEAST_BATTERY_PERCENT = 30.0
#: Somebody who types searches again and again: work begins when he has stopped for so long.
SEARCH_QUIET_S = 1.0
#: Somebody who never stops must not hold work up for ever: after so long it may go on...
_SEARCH_HOLD_S = 2.0
#: ...for so long, though never while a search is being answered.
_SEARCH_SLICE_S = 1.0
#: A search that takes longer waits for something else, e.g. a model that is made ready.
_SEARCH_LONGEST_S = 10.0
#: Work that pauses to spare the battery rests for as long as it worked, but no longer than this.
_REST_MAX_S = 2.0
#: How often the surroundings are looked at while they are in the way; the probes keep answers, too.
_LOOK_EVERY_S = 2.0
#: Waiting for searches is told only where it lasts: most are over at once.
_TELL_AFTER_S = 0.5

Tell = Callable[[Waiting | None], None]


class Gate:
    """Stands between two pieces of index work.

    Args:
        probes: What the computer is busy with.
        manners: How politely to work; `use` changes them.
        limit: Told how many decoders may work at once, whenever that changes, on the index thread.
        pause_file: Remembers that the user wants a pause; None where nothing may be written.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        probes: Probes,
        manners: Manners,
        limit: Callable[[int], None],
        pause_file: Path | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._probes = probes
        self._manners = manners
        self._limit = limit
        self._pause_file = pause_file
        self._clock = clock
        self._changed = threading.Condition()
        self._is_paused = pause_file is not None and pause_file.exists()
        self._is_overridden = False
        self._is_closed = False
        self._is_called = False
        self._search_count = 0
        self._search_since_s = self._quiet_at_s = self._slice_until_s = float("-inf")
        self._limited_to: int | None = None
        self._is_sparing = False
        self._passed_s = clock()

    @property
    def is_paused(self) -> bool:
        """Whether the user wants no index work."""
        return self._is_paused

    def use(self, manners: Manners) -> None:
        """Works more or less politely from the next file on."""
        with self._changed:
            self._manners = manners
            self._changed.notify_all()

    def pause(self) -> None:
        """Holds what reads photos until `resume`, in the next engines, too.

        Raises:
            LibraryError: That cannot be noted in the library's directory.
        """
        self._note_paused(is_paused=True)

    def resume(self) -> None:
        """Lets index work go on. Calling it twice is harmless.

        Raises:
            LibraryError: That cannot be noted in the library's directory.
        """
        self._note_paused(is_paused=False)

    def override(self) -> None:
        """Lets work go on whatever battery and screen say, until the end of the run."""
        with self._changed:
            self._is_overridden = True
            self._changed.notify_all()

    def end_run(self) -> None:
        """Ends what `override` began; the index thread calls it after each run."""
        with self._changed:
            self._is_overridden = False

    @contextmanager
    def searching(self) -> Iterator[None]:
        """Holds index work while somebody searches, and for a moment after."""
        with self._changed:
            if not self._search_count:
                self._search_since_s = self._clock()
            self._search_count += 1
        try:
            yield
        finally:
            with self._changed:
                self._search_count -= 1
                self._quiet_at_s = self._clock() + SEARCH_QUIET_S
                self._changed.notify_all()

    def close(self) -> None:
        """Lets go of whoever waits, for good."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def wake(self) -> None:
        """Something came that can be dealt with while work waits. Must be quick: called often."""
        with self._changed:
            if not self._is_called:
                self._is_called = True
                self._changed.notify_all()

    def is_held(self) -> bool:
        """True where work had better be put down now: the user paused it, or somebody searches.

        Costs next to nothing; the surroundings are looked at by `wait` alone.
        """
        with self._changed:
            now_s = self._clock()
            return self._is_paused or self._search_hold_s(now_s, now_s) > 0

    def wait(
        self,
        cancel: CancelToken,
        tell: Tell,
        meanwhile: Callable[[], Meanwhile] = lambda: Meanwhile.WAIT,
    ) -> None:
        """Returns when work may go on, is not wanted any more, or makes way.

        Args:
            cancel: Ends the wait at once.
            tell: Told why work stands still, and None when it goes on; nothing where it does not
                stand still.
            meanwhile: Does what may be done although work waits, on this thread: at first, after
                `wake`, and in a moment where it wants that. Not while somebody searches, nor while
                the disk is full, since it writes to the library.
        """
        with cancel.waking(self._wake):
            if self._wait_until_welcome(cancel, tell, Errand(meanwhile, self._clock)):
                self._rest(cancel)
        self._passed_s = self._clock()

    def _wait_until_welcome(self, cancel: CancelToken, tell: Tell, errand: Errand) -> bool:
        """Waits; returns False where the work makes way."""
        began_s = self._clock()
        told: Waiting | None = None
        while not errand.is_leaving:
            in_the_way = self._surroundings()
            with self._changed:
                now_s = self._clock()
                if cancel.is_cancelled or self._is_closed:
                    break
                if self._is_paused:
                    why, look_s = Waiting.PAUSED, None
                elif (hold_s := self._search_hold_s(now_s, began_s)) > 0:
                    why, look_s = Waiting.SEARCHING, hold_s
                elif in_the_way is not None:
                    why, look_s = in_the_way, _LOOK_EVERY_S
                else:
                    break
                is_searching = why is Waiting.SEARCHING
                if is_searching and now_s - began_s < _TELL_AFTER_S:
                    self._changed.wait(_least(look_s, _TELL_AFTER_S))
                    continue
                if why is told:
                    due_s = None if is_searching else self._due_in_s(errand, now_s, in_the_way)
                    if due_s != 0:
                        self._changed.wait(_least(look_s, due_s))
                        continue
                    self._is_called = False
            if why is told:
                errand.run()
                continue
            # A search holds work up for seconds: a line for each would bury all others.
            level = logging.DEBUG if is_searching else logging.INFO
            log.log(level, "index work waits: %s", why)
            tell(why)
            told = why
        if told is not None:
            tell(None)
        return not errand.is_leaving

    def _search_hold_s(self, now_s: float, began_s: float) -> float:
        """For how long searches hold work up, with the lock held; 0 where they do not."""
        if self._search_count:
            return max(0.0, self._search_since_s + _SEARCH_LONGEST_S - now_s)
        if now_s < self._slice_until_s or now_s >= self._quiet_at_s:
            return 0.0
        if now_s - began_s >= _SEARCH_HOLD_S:
            self._slice_until_s = now_s + _SEARCH_SLICE_S
            return 0.0
        return min(self._quiet_at_s, began_s + _SEARCH_HOLD_S) - now_s

    def _due_in_s(self, errand: Errand, now_s: float, in_the_way: Waiting | None) -> float | None:
        """How long until an errand may be due, with the lock held; None where not by itself."""
        if in_the_way is Waiting.DISK_FULL:
            return _LOOK_EVERY_S
        if self._search_count and now_s < self._search_since_s + _SEARCH_LONGEST_S:
            return self._search_since_s + _SEARCH_LONGEST_S - now_s
        return errand.due_in_s(now_s, is_called=self._is_called)

    def _surroundings(self) -> Waiting | None:
        """Looks around, without the lock: what is in the way, and how many decoders may work."""
        manners = self._manners
        free = self._probes.free_bytes()
        if free is not None and free < LEAST_FREE_BYTES:
            return Waiting.DISK_FULL  # the user cannot want a damaged library
        charge = None
        if not self._is_overridden and manners.on_battery is not BatteryRule.IGNORE:
            charge = self._probes.battery_percent()
        self._is_sparing = charge is not None
        self._be_limited(1 if self._is_sparing else manners.thread_count)
        if charge is not None and (
            manners.on_battery is BatteryRule.WAIT or charge < LEAST_BATTERY_PERCENT
        ):
            return Waiting.ON_BATTERY
        if manners.waits_in_full_screen and not self._is_overridden:
            return Waiting.FULL_SCREEN if self._probes.is_full_screen() else None
        return None

    def _be_limited(self, count: int) -> None:
        if count != self._limited_to:
            self._limited_to = count
            self._limit(count)

    def _rest(self, cancel: CancelToken) -> None:
        """Rests as long as was worked since the last rest, where the battery is to be spared."""
        if not self._is_sparing:
            return
        until_s = self._clock() + min(self._clock() - self._passed_s, _REST_MAX_S)
        with self._changed:
            while not (cancel.is_cancelled or self._is_closed or self._is_overridden):
                left_s = until_s - self._clock()
                if left_s <= 0:
                    return
                self._changed.wait(left_s)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _note_paused(self, *, is_paused: bool) -> None:
        try:
            if self._pause_file is not None and is_paused:
                self._pause_file.touch()
            elif self._pause_file is not None:
                self._pause_file.unlink(missing_ok=True)
        except OSError as error:
            raise LibraryError(
                f"The pause cannot be noted in {self._pause_file}: {error.strerror}.",
                "Check whether the library's directory may be written to.",
            ) from error
        with self._changed:
            self._is_paused = is_paused
            self._changed.notify_all()


def _least(*seconds: float | None) -> float | None:
    """The shortest of some times; None stands for ever."""
    return min((each for each in seconds if each is not None), default=None)
