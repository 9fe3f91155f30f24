"""Texts to token numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from photosearch.errors import ModelMissingError

Tokens = npt.NDArray[np.int64]


def read_tokenizer(path: Path) -> Tokenizer:
    """Reads a tokenizer with how it cuts and pads.

    Raises:
        ModelMissingError: The file is missing or damaged.
    """
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:
        raise ModelMissingError(
            f"The tokenizer {path} cannot be read: {error}.", "Fetch or convert the model again."
        ) from error


def tokens_of(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Tokens, Tokens]:
    """Cuts texts into tokens.

    Returns:
        Token numbers and mask (0 at padding), both int64 (n, tokens).
    """
    encodings = tokenizer.encode_batch(list(texts))
    return (
        np.array([encoding.ids for encoding in encodings], dtype=np.int64),
        np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64),
    )
