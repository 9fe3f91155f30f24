"""How far a confidence can be trusted: is it there, how sure is that, and what is together.

Libraries are drawn from `tests/data/calibration`, of pictures and things that calibration did not
learn from. Figures are those of one half of the things; constants are chosen on the other one, of
which `--tuning` prints the tables. `make bench` prints them; `--write` puts them into
`resources/sample/CALIBRATION.md`.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosearch.core.ports import Vectors
from photosearch.core.space import EmbeddingSpace
from photosearch.embed import catalogue
from photosearch.embed.encoder import ModelEncoder
from photosearch.search.calibrate import Calibrator, evidence, nothing_stands_out, strong_from
from photosearch.search.examples import QueryKind
from tests.benchmarks import calibration_report
from tests.benchmarks.calibration_kit import LIBRARY_COUNT, Material, drawn, load_material
from tests.benchmarks.calibration_large import Growth, measure_growth
from tests.benchmarks.calibration_pairs import Pairs, measure_pairs

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ru", "ja", "zh-cn", "ar", "hi", "tr", "ko", "pl")
QUICK_LANGUAGES = ("en", "de", "ja")
#: What part of a library shows the thing.
SHARES = (0.001, 0.01, 0.1, 0.5, 0.9)
_BINS = 10
#: Of so many photos a ranking knows the confidence exactly.
_HEAD = 400

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """One language's answers; arrays have a row for each thing asked for.

    Attributes:
        top: The best cosine of each library, float64 (n, libraries): one for each share, then the
            library without the thing and its relatives, then the one without the thing.
        best: The best confidence.
        odds: The evidence that it is there.
        is_right: Whether the best photo shows it.
        is_lost: Whether it is said that nothing stands out.
        strong: Photos in the strong band.
        strong_right: Those of them that show it.
    """

    top: Floats
    best: Floats
    odds: Floats
    is_right: Floats
    is_lost: Floats
    strong: Floats
    strong_right: Floats


class NoLibrary:
    """What a calibrator needs of a store and of kept calibrations, without any."""

    def read(self, space: EmbeddingSpace) -> str | None:
        """Nothing was kept."""
        return None

    def keep(self, space: EmbeddingSpace, text: str) -> None:
        """Keeps nothing."""

    def sample_vectors(self, space: EmbeddingSpace, count: int) -> Vectors:
        """There are no photos."""
        return np.empty((0, space.dim), np.float32)


def area(there: Floats, absent: Floats) -> float:
    """Return the ROC area: how often one that is there has more than one that is not."""
    both = np.concatenate([there, absent])
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    found = ranks[: len(there)].sum() - len(there) * (len(there) + 1) / 2
    return float(found / (len(there) * len(absent)))


def expected_error(sure: Floats, is_right: Floats, shares: Floats) -> float:
    """Return the expected calibration error: ten bins, the mean gap between said and true."""
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [abs((shares * (sure - is_right))[bins == n].sum()) for n in range(_BINS)]
    return float(sum(gaps) / shares.sum())


def ask(material: Material, language: str, calibrator: Calibrator) -> Asked:
    """Ask for every thing in a language, in libraries with and without it."""
    rows = []
    for thing, direction in material.names[language].items():
        judge = calibrator.judge(direction, QueryKind.TEXT)
        own = material.renderings[thing]
        scores = np.concatenate([own, material.album]) @ direction
        row = []
        for library, count in drawn(material, thing, SHARES):
            cosines = scores[library]
            sure = judge.confidence(cosines)
            best = np.sort(sure)[-_HEAD:]
            is_strong = sure >= strong_from(sure, LIBRARY_COUNT)
            row.append(
                (
                    float(cosines.max()),
                    float(sure.max()),
                    evidence(best, LIBRARY_COUNT),
                    int(sure.argmax()) < count,
                    nothing_stands_out(best, LIBRARY_COUNT),
                    int(is_strong.sum()),
                    int(is_strong[:count].sum()),
                )
            )
        rows.append(row)
    return Asked(*np.moveaxis(np.array(rows, np.float64), 2, 0))


def figures_of(asked: dict[str, Asked], pairs: Pairs, growth: Growth) -> dict[str, float]:
    """Return the flat figures."""
    tables = calibration_report.tables_of(asked, SHARES, area, expected_error)
    mean = {name: float(np.mean([row[name] for row in tables.values()])) for name in tables["en"]}
    return {
        "calibration.auc": tables["en"]["auc"],
        "calibration.auc_mean": mean["auc"],
        "calibration.auc_all_absent": mean["auc_all_absent"],
        "calibration.auc_best_photo": mean["auc_best"],
        "calibration.auc_top_cosine": tables["en"]["auc_top"],
        "calibration.auc_top_cosine_mean": mean["auc_top"],
        "calibration.auc_gain": tables["en"]["auc"] - tables["en"]["auc_top"],
        "calibration.auc_gain_mean": mean["auc"] - mean["auc_top"],
        "calibration.ece": mean["ece"],
        "calibration.absent_said": mean["absent_said"],
        "calibration.present_refused": max(mean[f"refused {share:g}"] for share in SHARES),
        "calibration.present_refused_1percent": mean["refused 0.01"],
        "calibration.and_precision5": pairs.and_precision5,
        "calibration.sum_precision5": pairs.sum_precision5,
        "calibration.excluded_gone20": pairs.gone20,
        "calibration.excluded_sum_gone20": pairs.sum_gone20,
        "calibration.strangers_power": growth.power,
    }


def measure(quick: bool = False, *, is_tuning: bool = False) -> tuple[dict[str, float], str]:
    """Measure everything: the figures, and the report."""
    languages = QUICK_LANGUAGES if quick else LANGUAGES
    with tempfile.TemporaryDirectory() as models:
        encoder = ModelEncoder(catalogue.find("sample"), Path(models))
        calibrator = Calibrator(encoder, NoLibrary(), NoLibrary())  # type: ignore[arg-type]
        calibrator.prepare()
        material = load_material(encoder, languages, is_tuning=is_tuning)
        asked = {language: ask(material, language, calibrator) for language in languages}
        pairs = measure_pairs(encoder, calibrator, material, languages, is_tuning=is_tuning)
        growth = measure_growth(calibrator, material)
        encoder.close()
    figures = figures_of(asked, pairs, growth)
    tables = calibration_report.tables_of(asked, SHARES, area, expected_error)
    return figures, calibration_report.markdown(figures, tables, pairs, growth, SHARES)


def run(quick: bool = False) -> dict[str, float]:
    """Measure, print the tables and return the figures by flat name."""
    figures, text = measure(quick)
    print(text)
    return figures


def main() -> None:
    """Print the tables, and with `--write` put them into CALIBRATION.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three languages only")
    parser.add_argument("--write", action="store_true", help="write CALIBRATION.md")
    parser.add_argument("--tuning", action="store_true", help="the other half of the things")
    options = parser.parse_args()
    if options.write and (options.quick or options.tuning):
        parser.error("what is written is the whole of the reported half")
    _, text = measure(options.quick, is_tuning=options.tuning)
    print(text)
    if options.write:
        calibration_report.REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
