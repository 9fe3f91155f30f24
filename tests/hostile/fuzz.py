"""Seeded mutations through the decoder pool: `make fuzz ARGS="--count 20000 --seed 1"`.

Each file may cost itself, never its neighbours or us. Ends with 1 where our side broke: a wrong
exception, a file that hangs beyond its limit, a decoder whose death is no codec's doing, processes
or files left over. What went wrong, what killed a decoder and what took too long is kept in
build/fuzz, by seed and index. The same seed makes the same files with the same versions of the
codecs that write them.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from photosearch.core.failure import FailureCode
from photosearch.images.decoders import DecoderPool
from tests.benchmarks import figures
from tests.hostile import trial
from tests.hostile.autopsy import examine
from tests.hostile.corpus import WHOLE, write_corpus
from tests.hostile.corpus_trial import troubles
from tests.hostile.mutations import Mutation, mutation

KEPT = Path(__file__).parents[2] / "build" / "fuzz"
#: A small file that takes longer has met a codec's endless loop.
LIMIT_S = 20.0
CHILD_COUNT = 2
_SLOWEST_COUNT = 5
_COSTLY = frozenset({FailureCode.TIMED_OUT, FailureCode.DECODER_DIED, FailureCode.OUT_OF_MEMORY})
_PROGRESS_EVERY = 2_000


@dataclass
class Report:
    """What came of all files.

    Attributes:
        codes: How often each kind ended how, "decoded" included.
        notes: What is worth a line, by the file's name.
        faults: How often our side broke.
        slowest: Seconds and file, the slowest first.
        peak_bytes: The most memory that a decoder took.
    """

    codes: dict[str, Counter[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    faults: int = 0
    slowest: list[tuple[float, str]] = field(default_factory=list)
    peak_bytes: int = 0

    def count(self, code: FailureCode) -> int:
        return sum(counter[code.value] for counter in self.codes.values())

    def total(self, name: str) -> int:
        return sum(counter[name] for counter in self.codes.values())


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2_000, help="how many files (2000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", action="store_true", help="the tests' corpus, all of it, too")
    parser.add_argument("--only", type=int, metavar="N", help="the one file of this index")
    options = parser.parse_args(argv)
    indices = range(options.count) if options.only is None else [options.only]
    started_s = time.monotonic()
    with _codecs_silent():
        report = fuzz(options.seed, indices)
        if options.corpus:
            report.notes += (wrong := _corpus_troubles())
            report.faults += len(wrong)
    elapsed_s = time.monotonic() - started_s
    _print(report, len(indices), elapsed_s)
    if options.only is None:
        figures.record(
            {
                "fuzz.mutations_count": len(indices),
                "fuzz.decoded_count": report.total("decoded"),
                "fuzz.decoder_deaths_count": report.count(FailureCode.DECODER_DIED),
                "fuzz.timed_out_count": report.count(FailureCode.TIMED_OUT),
                "fuzz.out_of_memory_count": report.count(FailureCode.OUT_OF_MEMORY),
                "fuzz.faults_count": report.faults,
                "fuzz.slowest_ms": 1000 * max((s for s, _ in report.slowest), default=0.0),
                "fuzz.decoder_peak_mb": report.peak_bytes / 1e6,
                "fuzz.files_per_s": len(indices) / elapsed_s,
            }
        )
    return 1 if report.faults else 0


def fuzz(seed: int, indices: Sequence[int], kept: Path = KEPT) -> Report:
    """Takes the mutations of these numbers through a pool, listing and reading each.

    Args:
        seed: Of the mutations.
        indices: Their numbers.
        kept: Where offending files are kept.
    """
    report = Report()
    before = set(trial.children())
    with tempfile.TemporaryDirectory(prefix="photosearch-fuzz-") as name:
        directory, left = Path(name), Path(name) / "left"
        with trial.temporary_files_in(left):
            pool = DecoderPool(CHILD_COUNT, time_limit_s=LIMIT_S)
            try:
                with trial.MemoryWatch() as memory:
                    for through in (trial.listed, trial.decoded):
                        files = _files(seed, indices, directory)
                        for outcome in through(pool, files, LIMIT_S, CHILD_COUNT):
                            _note(report, through, seed, outcome, directory, kept)
            finally:
                pool.close()
            report.peak_bytes = memory.peak_bytes
        _note_leftovers(report, before, left)
    return report


@contextlib.contextmanager
def _codecs_silent() -> Iterator[None]:
    """Sends what the codecs grumble in the children to a file: a line for every other picture."""
    KEPT.mkdir(parents=True, exist_ok=True)
    sys.stderr.flush()
    before = os.dup(2)
    try:
        with (KEPT / "codecs.log").open("wb") as log:
            os.dup2(log.fileno(), 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


def _corpus_troubles() -> list[str]:
    """Takes the whole corpus through a pool; what came out other than it may."""
    with tempfile.TemporaryDirectory(prefix="photosearch-corpus-") as name:
        cases = write_corpus(Path(name), WHOLE)
        print(f"   a corpus of {len(cases):,}", flush=True)
        pool = DecoderPool(CHILD_COUNT, time_limit_s=LIMIT_S)
        try:
            return [
                trouble
                for is_listing in (True, False)
                for trouble in troubles(pool, cases, LIMIT_S, CHILD_COUNT, is_listing=is_listing)
            ]
        finally:
            pool.close()


def _files(seed: int, indices: Sequence[int], directory: Path) -> Iterator[tuple[Mutation, Path]]:
    for number, index in enumerate(indices):
        made = mutation(seed, index)
        path = _path(made, directory)
        path.write_bytes(made.encoded)
        yield made, path
        if (number + 1) % _PROGRESS_EVERY == 0:
            print(f"   {number + 1:,} of {len(indices):,}", flush=True)


def _path(made: Mutation, directory: Path) -> Path:
    return directory / f"{made.index}{made.suffix}"


def _note(
    report: Report,
    through: Callable[..., object],
    seed: int,
    outcome: trial.Outcome[Mutation],
    directory: Path,
    kept: Path,
) -> None:
    made = outcome.item
    path = _path(made, directory)
    name = f"{seed}-{made.index} {made.kind} {made.recipe} ({through.__name__})"
    if through is trial.decoded:
        ending = outcome.code.value if outcome.code else "decoded"
        report.codes.setdefault(made.kind, Counter())[ending] += 1
    report.slowest = sorted([*report.slowest, (outcome.elapsed_s, name)], reverse=True)
    del report.slowest[_SLOWEST_COUNT:]
    fault, note = outcome.fault, ""
    if outcome.code is FailureCode.DECODER_DIED:
        found = examine(path, LIMIT_S)
        note = f"a decoder died: {found.ending} in {found.place or '?'}"
        if found.is_codecs:
            note += "; it cost that file only"
        else:
            fault = "a decoder died, and no codec of it alone"
    elif outcome.code in _COSTLY:
        note = f"{outcome.detail} It cost that file only"
    if fault or note:
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, kept / f"{seed}-{made.index}{made.suffix}")
        report.notes.append(f"{name}: {' '.join(filter(None, (fault, note)))}")
        report.faults += bool(fault)
    path.unlink()


def _note_leftovers(report: Report, before: set[int], left: Path) -> None:
    running = [pid for pid in set(trial.children()) - before if not trial.is_tracker(pid)]
    files = [path.name for path in left.rglob("*")]
    for what in ([f"processes left over: {running}"] if running else []) + (
        [f"files left over: {files[:5]}"] if files else []
    ):
        report.notes.append(what)
        report.faults += 1


def _print(report: Report, count: int, elapsed_s: float) -> None:
    endings = sorted({ending for counter in report.codes.values() for ending in counter})
    print(f"{'':20}" + "".join(f"{ending[:13]:>14}" for ending in endings))
    for kind, counter in sorted(report.codes.items()):
        print(f"{kind:20}" + "".join(f"{counter[ending] or '':>14}" for ending in endings))
    print(f"{'all':20}" + "".join(f"{report.total(ending):>14,}" for ending in endings))
    print("slowest:")
    for slow_s, name in report.slowest:
        print(f"   {1000 * slow_s:8.0f} ms  {name}")
    print(f"most memory of a decoder: {report.peak_bytes / 1e6:,.0f} MB")
    for note in report.notes:
        print(note)
    print(f"{count:,} files, {report.faults} faults of ours, in {elapsed_s:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
