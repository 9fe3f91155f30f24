"""A library that never gets any rest: `make soak ARGS="--minutes 10 --seed 1"`.

A real engine with a model of colours watches folders in which files come, go, move and change,
while it and its decoders are killed and folders are unplugged. At the end all is quiet, and the
library has to say what the disk says. Ends with 1 where it does not. What was done depends on the
seed alone; when it was done, also on the machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import figures
from tests.hostile.soaking import SAMPLE, WATCHED_WITHIN_S, Log, Soak, Soaked, set_up


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (10)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", choices=("colours", SAMPLE), default="colours")
    options = parser.parse_args(argv)
    log = Log(figures.FILE.parent / "soak" / f"seed-{options.seed}.log")
    with (
        tempfile.TemporaryDirectory(prefix="photosearch-soak-") as name,
        tempfile.TemporaryDirectory(prefix="ps-") as runtime,
    ):
        set_up(Path(name), runtime)
        soaked = Soak(Path(name), options.seed, options.model, log).run(
            60 * options.minutes, WATCHED_WITHIN_S
        )
    log.close()
    _print(soaked, log.path)
    figures.record(
        {
            "soak.actions_count": soaked.actions.total(),
            "soak.engine_kills_count": soaked.engine_kills,
            "soak.decoder_kills_count": soaked.decoder_kills,
            "soak.differences_count": len(soaked.comparison.differences),
            "soak.troubles_count": len(soaked.troubles),
            "soak.photos_count": soaked.comparison.photo_count,
            "soak.files_count": soaked.comparison.file_count,
            "soak.blamed_count": soaked.blamed_count,
            "soak.encoded_count": soaked.encoded_count,
            "soak.watched_s": -1.0 if soaked.watched_s is None else soaked.watched_s,
        }
    )
    return 1 if soaked.comparison.differences or soaked.troubles else 0


def _print(soaked: Soaked, log_path: Path) -> None:
    found = soaked.comparison
    for action, count in soaked.actions.most_common():
        print(f"{action:24} {count:6}")
    print(f"{'kills of the engine':24} {soaked.engine_kills:6}")
    print(f"{'kills of decoders':24} {soaked.decoder_kills:6}")
    print(
        f"{found.file_count} files with {found.photo_count} photos, {found.broken_count} broken "
        f"ones, {found.user_count} with the user's words; {soaked.encoded_count} encoded, "
        f"{soaked.blamed_count} blamed for kills"
    )
    watched_s = soaked.watched_s
    print(
        "watching alone did not bring the library to the truth"
        if watched_s is None
        else f"true by watching alone {watched_s:.1f} s after the last change"
    )
    for line in [*soaked.troubles, *found.differences[:40]]:
        print(f"   {line}")
    verdict = "differences" if found.differences else "the library says what the disk says"
    print(f"{len(found.differences) or ''} {verdict}; all that was done is in {log_path}".strip())


if __name__ == "__main__":
    sys.exit(main())
