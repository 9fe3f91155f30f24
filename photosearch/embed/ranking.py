"""Tries a model on built-in pictures and texts: the right text has to be nearest to each picture.

This needs no values that somebody recorded: weights that were trained pass, noise does not, and
neither does a tower that is put together wrongly, or a text tower of another model. The pictures
are some of the sample album, with texts as the model cards' examples have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from photosearch import resources
from photosearch.core.ports import Crops, Encoder

#: Pictures that have little in common, and what each shows.
_PAIRS = {
    "2020/IMG_0536.jpg": "a dog in the snow",
    "2021/IMG_0653.jpg": "a cat on a table",
    "2021/20211022_130900_665.jpg": "London at night",
    "2024/20240727_131500_775.jpg": "a beach with palm trees",
    "2022/DSC00665.jpg": "a red apple",
    "2020/IMG_0595.jpg": "a sailing boat on the sea",
    "2022/DSC00651.jpg": "a bicycle",
    "2022/20220811_141156_713.jpg": "an airplane in the sky",
    "2022/IMG_0711.jpg": "a train at night",
    "2023/20230429_154822_753.jpg": "an elephant",
    "2021/DSC00650.jpg": "a birthday cake",
    "2020/IMG_0543.jpg": "a snowman",
}
#: Weights without training come so far once in ten million times; a trained model may mistake a
#: drawing now and then.
LEAST_RIGHT = 9


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a model did.

    Attributes:
        count: Pictures.
        mistaken: What a picture shows, and the text that came before that, for each mistake.
    """

    count: int
    mistaken: tuple[tuple[str, str], ...]

    @property
    def right_count(self) -> int:
        """Pictures whose own text was the nearest."""
        return self.count - len(self.mistaken)

    @property
    def is_good(self) -> bool:
        """The model understands pictures and texts."""
        return self.right_count >= LEAST_RIGHT


def pictures() -> list[Path]:
    """Returns the files of the built-in pictures."""
    return [resources.sample_pictures() / name for name in _PAIRS]


def rank(encoder: Encoder, crops: Crops) -> Ranking:
    """Tries a model.

    Args:
        encoder: Computes it.
        crops: Of `pictures`, in their order.

    Raises:
        ModelError: It cannot be computed.
    """
    texts = list(_PAIRS.values())
    cosines = encoder.encode_images(crops) @ encoder.encode_texts(texts).T
    nearest = cosines.argmax(axis=1)
    mistaken = [
        (text, texts[best])
        for row, (text, best) in enumerate(zip(texts, nearest, strict=True))
        if best != row
    ]
    return Ranking(len(texts), tuple(mistaken))
