"""Runs the benchmarks: `python -m tests.benchmarks [--quick] [AREA ...]`.

Prints tables for people and merges the figures into `build/bench.json`, one flat object, for
machines. Each area is a module here with `run(quick) -> {figure name: number}`.
"""

from __future__ import annotations

import argparse
import importlib
import time

from tests.benchmarks import figures

AREAS = ("sample", "calibration", "engine", "index", "reconcile", "living", "search", "gui", "idle")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Measure Photosearch.")
    parser.add_argument("--quick", action="store_true", help="a small version of everything")
    parser.add_argument("areas", nargs="*", metavar="AREA", help=f"of: {', '.join(AREAS)}")
    options = parser.parse_args()
    unknown = set(options.areas) - set(AREAS)
    if unknown:
        parser.error(f"no such area: {', '.join(sorted(unknown))}")
    for area in options.areas or AREAS:
        started_s = time.monotonic()
        print(f"== {area}", flush=True)
        measured = importlib.import_module(f"tests.benchmarks.{area}").run(quick=options.quick)
        for name, value in sorted(measured.items()):
            print(f"{name:<44} {value:>10.4g}")
        figures.record(measured)
        print(f"   ({time.monotonic() - started_s:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
