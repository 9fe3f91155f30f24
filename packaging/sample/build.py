"""Build the sample library and the sample model.

Run as `python packaging/sample/build.py STEP --work DIR`.  Inputs, installed by name:

- Debian's `fonts-noto-color-emoji` (2.042), for the pictures of things: `apt-get install`;
- the npm package `cldr-annotations-full` (48.2.0), for their names and keywords in many languages:
  `npm pack cldr-annotations-full`, unpacked in DIR (so that DIR/package/annotations exists).

Steps, in this order; `all` takes each once, one after the other (about two hours on two cores).
The committed text tower was trained on after that, which `all` does not do: three runs, and two
more from their mean:

- `prepare`: sprites, painted backgrounds and the vocabulary, into DIR;
- `album`: `resources/sample/pictures`;
- `kit`: `tests/data/recall`;
- `calibration`: `tests/data/calibration` and `resources/calibration`;
- `calibrated`: what the finished sample model's scores are worth, into `resources/calibration`;
- `train-image`: the image tower, into DIR; when stopped, the next call goes on to the end of the
  budget;
- `train-text`: the text tower, into DIR; each further call trains it on, with many misspelt words;
- `export`: `resources/sample/model`: the image tower, the mean of the text tower after each of its
  calls (the last two count twice), and CLIP's own small English text tower;
- `measure`: `resources/sample/RECALL.md`.

All seeds are fixed.  Training goes by the clock, so two builds with as many calls give equally
good but not equal weights.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import os
import shutil
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concepts import Concepts
    from corpus import Corpus
    from PIL import Image

# glibc gives large blocks back after every use; taking them anew costs more than the sums.
ALLOCATOR = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000"}

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = ROOT / "resources" / "sample"
KIT = ROOT / "tests" / "data" / "recall"
CALIBRATION_KIT = ROOT / "tests" / "data" / "calibration"
CALIBRATION_WORDS = ROOT / "resources" / "calibration" / "words.json"
IMAGE_MINUTES, TEXT_MINUTES, CLIP_TEXT_MINUTES = 60.0, 25.0, 2.0
VARIANTS_PER_CONCEPT = 40
#: The cosine classifier's scale, as the checkpoint's logit scale.
LOGIT_SCALE = 20.0

log = logging.getLogger("sample")


class Build:
    """The steps, with what several of them need."""

    def __init__(self, work: Path, minutes: float | None, threads: int) -> None:
        """Remember where to work.

        Args:
            work: Folder for everything that is not committed.
            minutes: Budget of a training step, or None for its usual one.
            threads: Torch threads.
        """
        self.work = work
        self.minutes = minutes
        self.threads = threads

    @cached_property
    def concepts(self) -> Concepts:
        """The concept list."""
        from concepts import load_concepts

        return load_concepts()

    @cached_property
    def sprites(self) -> dict[str, Image.Image]:
        """Each thing's picture by key."""
        from concepts import draw_sprites

        return dict(
            zip([c.key for c in self.concepts.things], draw_sprites(self.concepts), strict=True)
        )

    @cached_property
    def corpus(self) -> Corpus:
        """The training text."""
        from corpus import Corpus
        from names import load_words

        return Corpus(load_words(self.work / "package", self.concepts), self.concepts)

    def prepare(self) -> None:
        """Render the sprites' variants, paint the backgrounds, learn the vocabulary."""
        from backgrounds import write_backgrounds
        from sprites import build_bank
        from wordpiece import train_tokenizer

        build_bank(list(self.sprites.values()), VARIANTS_PER_CONCEPT, seed=1).save(
            self.work / "bank.npz"
        )
        write_backgrounds(self.work / "backgrounds.npz", self.concepts.index())
        tokenizer = train_tokenizer(self.corpus.all_training_text())
        tokenizer.save(str(self.work / "tokenizer.json"))

    def album(self) -> None:
        """Paint the sample library."""
        from album import write_album
        from export import replace_folder

        built = RESOURCES / ".pictures.part"
        shutil.rmtree(built, ignore_errors=True)
        built.mkdir(parents=True)
        write_album(built, RESOURCES / "truth.json", self.sprites, list(self.concepts.keys))
        replace_folder(built, RESOURCES / "pictures")

    def kit(self) -> None:
        """Write the measuring kit, and its gallery where training can watch itself with it."""
        from kit import write_gallery_array, write_kit

        write_kit(KIT, self.sprites, self.corpus)
        write_gallery_array(KIT, len(self.sprites), self.work / "gallery.npz")

    def calibration(self) -> None:
        """Write what models are calibrated on beside the album, and what measures it."""
        from calibration_kit import write_calibration_kit
        from reference_words import write_reference_words

        truth = RESOURCES / "truth.json"
        write_calibration_kit(CALIBRATION_KIT, truth, self.sprites, self.corpus)
        write_reference_words(CALIBRATION_WORDS, truth, self.corpus)

    def calibrated(self) -> None:
        """Write what the sample model's scores are worth, as the program would learn it."""
        from calibrated import write_sample_calibration

        write_sample_calibration(CALIBRATION_WORDS.parent)

    def train_image(self) -> None:
        """Train the image tower."""
        from image_tower import ImageRun, train

        minutes = self.minutes or IMAGE_MINUTES
        train(ImageRun(self.work, len(self.concepts.keys), minutes, threads=self.threads))

    def train_text(self) -> None:
        """Train the text tower against the finished image tower, or train it further."""
        import torch
        from kit import kit_words
        from names import folded
        from text_tower import TextRun, train
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.work / "tokenizer.json"))
        directions = torch.load(self.work / "image.pt", weights_only=False)["directions"]
        go_on = (self.work / "text.pt").exists()
        never = frozenset(folded(text) for text in kit_words(KIT))
        run = TextRun(self.work, self.minutes or TEXT_MINUTES, go_on, never, threads=self.threads)
        train(run, self.corpus, tokenizer, directions)

    def export(self) -> None:
        """Teach CLIP's own text tower and write the model."""
        import numpy as np
        import torch
        from clip_text import load_clip_tokenizer, train_bpe, train_clip_text
        from export import export_image, export_text, replace_folder
        from text_tower import TextTower, averaged
        from tokenizers import Tokenizer
        from transformers import CLIPVisionModelWithProjection
        from vision import vision_config

        torch.set_num_threads(self.threads)
        tokenizer = Tokenizer.from_file(str(self.work / "tokenizer.json"))
        image = CLIPVisionModelWithProjection(vision_config())
        image.load_state_dict(torch.load(self.work / "image.pt", weights_only=False)["tower"])
        text = TextTower(tokenizer.get_vocab_size())
        text.load_state_dict(averaged(self.work))
        vocabulary, merges = train_bpe(self.corpus.english(20_000, np.random.default_rng(1)))
        clip_tokenizer = load_clip_tokenizer(self.work / "bpe", vocabulary, merges)
        clip_text = train_clip_text(
            tokenizer,
            text.eval(),
            self.corpus,
            clip_tokenizer,
            len(vocabulary),
            self.minutes or CLIP_TEXT_MINUTES,
        )
        built = RESOURCES / ".model.part"
        shutil.rmtree(built, ignore_errors=True)
        export_image(built / "image", image, clip_text, vocabulary, merges, LOGIT_SCALE)
        export_text(built / "text", text, tokenizer)
        replace_folder(built, RESOURCES / "model")

    def measure(self) -> None:
        """Write RECALL.md with the benchmark that the tests and `make bench` use."""
        spec = importlib.util.spec_from_file_location(
            "sample_benchmark", ROOT / "tests" / "benchmarks" / "sample.py"
        )
        if spec is None or spec.loader is None:
            raise FileNotFoundError("tests/benchmarks/sample.py")
        benchmark = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = benchmark
        spec.loader.exec_module(benchmark)
        report = benchmark.measure()
        benchmark.REPORT.write_text(benchmark.markdown(report), encoding="utf-8")
        log.info("%s", json.dumps(report.figures, indent=1))

    def all(self) -> None:
        """Take every step."""
        for name in STEPS[:-1]:
            log.info("step %s", name)
            getattr(self, name.replace("-", "_"))()


STEPS = (
    "prepare",
    "album",
    "kit",
    "calibration",
    "calibrated",
    "train-image",
    "train-text",
    "export",
    "measure",
    "all",
)


def main() -> None:
    """Take one step."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--work", type=Path, required=True, help="folder for what is not committed")
    parser.add_argument("--minutes", type=float, help="budget of a training step")
    parser.add_argument("--threads", type=int, default=2, help="torch threads")
    options = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ALLOCATOR.items()):
        # The allocator reads its settings at the start of a process only.
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ALLOCATOR)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options.work.mkdir(parents=True, exist_ok=True)
    build = Build(options.work, options.minutes, options.threads)
    getattr(build, options.step.replace("-", "_"))()


if __name__ == "__main__":
    main()
