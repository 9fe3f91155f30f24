"""One soak of a library: what happens to its folders and its engine, and what is left to be true.

Used by `soak`, the command, and by a short test in `end_to_end`.
"""

from __future__ import annotations

import os
import queue
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from photosearch import paths
from photosearch.core.events import IndexFinished
from photosearch.core.space import EmbeddingSpace
from photosearch.core.userdata import UserChange, UserData
from photosearch.embed import catalogue
from photosearch.embed.fake import FakeEncoder
from photosearch.engine.client import ClientEvent, ConnectionChanged, EngineClient, connect
from photosearch.engine.life import LINGER_VARIABLE
from photosearch.index.idle import IDLE_VARIABLE
from tests.engine.colour_engine import command
from tests.hostile import marks, trial
from tests.hostile.compare import Comparison, compare, inside_troubles
from tests.hostile.disk import Disk
from tests.processes import engine_pids_of

#: For all that was done to show in the library, with nobody asking for it.
WATCHED_WITHIN_S = 60.0
#: For a look at everything, and for an engine to end.
DEADLINE_S = 180.0
_LOOK_EVERY_S = 1.0
#: Between two kills of the engine: a client gives it up that dies six times within a minute.
_SPARED_S = 15.0
SAMPLE = "sample"


@dataclass
class Soaked:
    """What came of it.

    Attributes:
        comparison: Library and disk at the end.
        troubles: What was wrong beside.
        actions: What was done to the disk, how often.
        engine_kills: How often the engine was killed.
        decoder_kills: How often one of its decoders was.
        watched_s: How long the watching alone took to come to the end; None where it did not.
        blamed_count: Sound files that were left out since kills hit them, and came in again when
            they changed.
        encoded_count: Pictures that went through the model.
    """

    comparison: Comparison = field(default_factory=Comparison)
    troubles: list[str] = field(default_factory=list)
    actions: Counter[str] = field(default_factory=Counter)
    engine_kills: int = 0
    decoder_kills: int = 0
    watched_s: float | None = None
    blamed_count: int = 0
    encoded_count: int = 0


class Soak:
    """One soak, on one thread; call `set_up` before.

    Args:
        directory: Empty; everything is below it.
        seed: Decides what happens.
        model: "colours", or "sample" for the real one.
        log: Gets a line for everything that is done.
    """

    def __init__(self, directory: Path, seed: int, model: str, log: Log) -> None:
        self._dice = random.Random(f"soak {seed}")
        self._library = directory / "library"
        self._disk = Disk(directory, random.Random(f"disk {seed}"))
        self._disk.fill()
        self._command = None if model == SAMPLE else command(self._library)
        self._space = _space_of(model)
        self._log = log
        self._said: dict[int, UserData] = {}
        self._events: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
        self._soaked = Soaked()
        self._spared_until_s = 0.0

    def run(self, duration_s: float, watched_within_s: float) -> Soaked:
        """Does all of it.

        Args:
            duration_s: How long the disk is busy; the end takes its time beyond that.
            watched_within_s: How long to wait whether watching alone is enough.
        """
        with connect(self._library, command=self._command) as client:
            client.subscribe(self._events.put)
            for root in self._disk.roots:
                client.add_folder(root)
            self._be_busy(client, duration_s)
            self._disk.plug_all_in()
            self._log("the disk is quiet")
            self._soaked.watched_s = self._watched_alone(client, watched_within_s)
            self._look(client)
            self._soaked.comparison = self._settled(client)
            self._mend_blamed(client)
            self._note_events(client)
            engines = engine_pids_of(self._library)
        self._wait_for_end(engines)
        self._soaked.troubles += inside_troubles(self._library, self._space)
        return self._soaked

    def _be_busy(self, client: EngineClient, duration_s: float) -> None:
        end_s = time.monotonic() + duration_s
        # However short it is, each of these happens.
        owed: list[tuple[float, Callable[[], bool]]] = [
            (0.3, lambda: self._say_of(client, client.photo_ids_of(self._disk.anchors).values())),
            (0.5, self._kill_engine),
            (0.8, self._kill_decoder),
        ]
        while (left_s := end_s - time.monotonic()) > (-DEADLINE_S if owed else 0):
            if owed and left_s < (1 - owed[0][0]) * duration_s and owed[0][1]():
                del owed[0]
            done = self._disk.act()
            self._soaked.actions[done.split()[0]] += 1
            self._log(done)
            chance = self._dice.random()
            if chance < 0.01:
                self._kill_engine()
            elif chance < 0.03:
                self._kill_decoder()
            elif chance < 0.15:
                self._say_of(client, client.photo_ids().tolist())
            self._note_events(client)
            # Mostly quick, as programs are; now and then long enough for files to be taken in.
            pause_s = self._dice.choice((0.0, 0.02, 0.1, 0.3, 4.0 if chance > 0.95 else 0.1))
            time.sleep(min(pause_s, max(left_s, 0.1)))

    def _kill_engine(self) -> bool:
        """Whether there was one, and it had its time."""
        if time.monotonic() < self._spared_until_s:
            return False
        pids = engine_pids_of(self._library)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            self._soaked.engine_kills += 1
            self._log(f"kill engine {pid}")
            self._spared_until_s = time.monotonic() + _SPARED_S
        return bool(pids)

    def _kill_decoder(self) -> bool:
        """Whether there was one."""
        for engine in engine_pids_of(self._library):
            children = [pid for pid in trial.children(engine) if not trial.is_tracker(pid)]
            if children:
                pid = self._dice.choice(children)
                os.kill(pid, signal.SIGKILL)
                self._soaked.decoder_kills += 1
                self._log(f"kill decoder {pid}")
                return True
        return False

    def _say_of(self, client: EngineClient, ids: Collection[int]) -> bool:
        """The user rates one of these photos and tags it; its thumbnail tells which it is."""
        if not ids:
            return False
        photo_id = self._dice.choice(sorted(ids))
        encoded = client.thumbnails([photo_id]).get(photo_id)
        number = marks.number_in(encoded) if encoded else None
        if number is None:
            return False
        rating, tag = self._dice.randint(1, 5), f"tag {self._dice.randrange(20)}"
        change = UserChange(rating=rating, add_tags=(tag,))
        if not client.change_photos([photo_id], change) and number not in self._said:
            return False
        tags = {*self._said.get(number, UserData()).tags, tag}
        self._said[number] = UserData(rating=rating, tags=tuple(sorted(tags)))
        self._log(f"say of picture {number}: {rating} stars, {tag}")
        return True

    def _note_events(self, client: EngineClient) -> None:
        while not self._events.empty():
            match self._events.get():
                case ConnectionChanged(is_connected=True):
                    client.start_index()  # as every window does
                case IndexFinished(encoded=encoded):
                    self._soaked.encoded_count += encoded

    def _watched_alone(self, client: EngineClient, within_s: float) -> float | None:
        """Waits whether the library comes to the truth by itself."""
        started_s = time.monotonic()
        while (waited_s := time.monotonic() - started_s) < within_s:
            self._note_events(client)
            found = compare(client, self._disk.roots, self._said)
            if not found.differences and client.status().indexing is None:
                self._log(f"the library is true after {waited_s:.1f} s")
                return waited_s
            time.sleep(_LOOK_EVERY_S)
        for difference in found.differences[:20]:
            self._log(f"before it was asked to look: {difference}")
        return None

    def _look(self, client: EngineClient) -> None:
        """Asks for a look through all folders, and waits for its end."""
        ticket = client.start_index()
        give_up_at = time.monotonic() + DEADLINE_S
        while (left_s := give_up_at - time.monotonic()) > 0:
            try:
                event = self._events.get(timeout=left_s)
            except queue.Empty:
                break
            if isinstance(event, IndexFinished):
                self._soaked.encoded_count += event.encoded
                if event.ticket >= ticket and not event.was_stopped:
                    return
            elif isinstance(event, ConnectionChanged) and event.is_connected:
                ticket = client.start_index()
        self._soaked.troubles.append("the last look through the folders did not end")

    def _settled(self, client: EngineClient) -> Comparison:
        """Compares until there is no difference, or no time."""
        give_up_at = time.monotonic() + WATCHED_WITHIN_S
        while True:
            found = compare(client, self._disk.roots, self._said)
            if not found.differences or time.monotonic() > give_up_at:
                return found
            time.sleep(_LOOK_EVERY_S)

    def _mend_blamed(self, client: EngineClient) -> None:
        """Touches the sound files that kills were put down to: then they have to come in."""
        for _ in range(5):
            blamed = self._soaked.comparison.blamed
            if not blamed:
                return
            self._soaked.blamed_count += len(blamed)
            for path in blamed:
                self._log(f"mend {path}")
                os.utime(path)
            self._look(client)
            self._soaked.comparison = self._settled(client)
        self._soaked.troubles.append("files stay blamed though they changed")

    def _wait_for_end(self, engines: list[int]) -> None:
        """The engine has to end with its client, and its children with it."""
        running = set(engines)
        give_up_at = time.monotonic() + DEADLINE_S
        while running and time.monotonic() < give_up_at:
            time.sleep(0.1)
            running = {pid for pid in running if Path(f"/proc/{pid}/cwd").exists()}
        if running:
            self._soaked.troubles.append(f"engines are left over: {running}")


class Log:
    """Writes what is done into a file, each line with its second."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", errors="backslashreplace", buffering=1)
        self._started_s = time.monotonic()
        self.path = path

    def __call__(self, line: str) -> None:
        self._file.write(f"{time.monotonic() - self._started_s:8.2f}  {line}\n")

    def close(self) -> None:
        self._file.close()


def _space_of(model: str) -> EmbeddingSpace:
    return catalogue.find(SAMPLE).space if model == SAMPLE else FakeEncoder().space


def set_up(directory: Path, runtime: str) -> None:
    """Keeps everything of ours below a directory, and lets idle parts go soon."""
    os.environ[paths.HOME_VARIABLE] = str(directory / "home")
    os.environ["XDG_RUNTIME_DIR"] = runtime
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ[IDLE_VARIABLE] = "2"
    os.environ[LINGER_VARIABLE] = "0"
