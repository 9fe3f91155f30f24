"""Spellings that folding undoes but typing does not: Greek final sigma and German sharp s.

Training text is case-folded, which turns them into the other sigma and a double s; a query is
only lower-cased.  So each token that can stand for such a spelling gets a double with the same
embedding.
"""

from __future__ import annotations

import json

import torch
from tokenizers import Tokenizer

SIGMA, FINAL_SIGMA = "\u03c3", "\u03c2"
SHARP_S = "\u00df"


def _respelt(token: str) -> list[str]:
    found = [token.replace("ss", SHARP_S)] if "ss" in token else []
    if token.endswith(SIGMA):
        found.append(token[:-1] + FINAL_SIGMA)
    return found


def with_spellings(
    tokenizer: Tokenizer, embeddings: torch.Tensor
) -> tuple[Tokenizer, torch.Tensor]:
    """Add the doubles.

    Args:
        tokenizer: The vocabulary as trained.
        embeddings: float32 (tokens, width).

    Returns:
        The larger vocabulary, and its embeddings.
    """
    table = json.loads(tokenizer.to_str())
    vocabulary: dict[str, int] = table["model"]["vocab"]
    sources: list[int] = []
    for token, number in sorted(vocabulary.items(), key=lambda entry: entry[1]):
        for double in _respelt(token):
            if double not in vocabulary:
                vocabulary[double] = len(embeddings) + len(sources)
                sources.append(number)
    larger = Tokenizer.from_str(json.dumps(table, ensure_ascii=False))
    return larger, torch.cat([embeddings, embeddings[torch.tensor(sources)]])
