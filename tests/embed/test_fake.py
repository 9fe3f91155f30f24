from __future__ import annotations

import numpy as np

from photosearch.embed.fake import FakeEncoder


def test_words_land_on_their_colours() -> None:
    encoder = FakeEncoder()
    crops = np.zeros((2, 32, 32, 3), dtype=np.uint8)
    crops[0, ..., 0] = 255
    crops[1, ..., 2] = 255
    scores = encoder.encode_texts(["red", "blue"]) @ encoder.encode_images(crops).T
    assert scores.argmax(axis=1).tolist() == [0, 1]
