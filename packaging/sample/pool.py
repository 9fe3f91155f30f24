"""The text tower's training strings, tokenised once and drawn from again and again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from corpus import Corpus, Target
from tokenizers import Tokenizer

#: Longer strings and fuller targets are cut.
POOL_TOKENS, POOL_CLASSES = 24, 16
#: What a batch is made of: clean strings, varied ones, clean ones with tokens cut in pieces, and
#: noisy ones.
SHARES = (0.5, 0.42, 0.08, 0.0)
#: The same towards the end, where misspelt and bent words come in.
NOISY_SHARES = (0.3, 0.2, 0.0, 0.5)
#: Strings tokenised at a time.
PART = 4096


def tokenised(tokenizer: Tokenizer, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return token numbers and mask, int64 (n, longest)."""
    encoded = tokenizer.encode_batch(texts)
    longest = max(len(e.ids) for e in encoded)
    ids = torch.zeros(len(texts), longest, dtype=torch.int64)
    for row, one in enumerate(encoded):
        ids[row, : len(one.ids)] = torch.tensor(one.ids)
    return ids, (ids != 0).long()


def _token_splits(tokenizer: Tokenizer) -> dict[int, list[tuple[int, int]]]:
    """Return, for each token, the pairs of tokens that spell the same."""
    vocabulary = tokenizer.get_vocab()
    splits: dict[int, list[tuple[int, int]]] = {}
    for token, number in vocabulary.items():
        head, letters = ("##", token[2:]) if token.startswith("##") else ("", token)
        for cut in range(1, len(letters)):
            first = vocabulary.get(head + letters[:cut])
            second = vocabulary.get("##" + letters[cut:])
            if first is not None and second is not None and not token.startswith("["):
                splits.setdefault(number, []).append((first, second))
    return splits


class Pool:
    """Many training strings, tokenised once and drawn from again and again."""

    def __init__(
        self, corpus: Corpus, tokenizer: Tokenizer, count: int, rng: np.random.Generator
    ) -> None:
        """Draw and tokenise.

        Args:
            corpus: Where the strings come from.
            tokenizer: The vocabulary.
            count: How many varied strings, beside every clean one.
            rng: Source of chance.
        """
        self._rng = rng
        clean_texts, clean_targets = corpus.clean(rng)
        self._clean = len(clean_texts)
        count += self._clean
        self._ids = torch.zeros(count, POOL_TOKENS, dtype=torch.int64)
        self._classes = torch.zeros(count, POOL_CLASSES, dtype=torch.int64)
        self._shares = torch.zeros(count, POOL_CLASSES)
        for first in range(0, len(clean_texts), PART):
            part = slice(first, first + PART)
            self._fill(first, tokenizer, clean_texts[part], clean_targets[part])
        for first in range(len(clean_texts), count, PART):
            self._fill(first, tokenizer, *corpus.sample(min(PART, count - first), rng))
        self._lengths = (self._ids != 0).sum(1)
        self._add_split(tokenizer)
        self._split_end = len(self._ids)

    def add_noisy(self, tokenizer: Tokenizer, texts: list[str], targets: list[Target]) -> None:
        """Add strings as the noisy part, in place of any that were there."""
        first, more = self._split_end, len(texts)
        self._ids = torch.cat([self._ids[:first], torch.zeros(more, POOL_TOKENS).long()])
        self._classes = torch.cat([self._classes[:first], torch.zeros(more, POOL_CLASSES).long()])
        self._shares = torch.cat([self._shares[:first], torch.zeros(more, POOL_CLASSES)])
        for start in range(0, more, PART):
            part = slice(start, start + PART)
            self._fill(first + start, tokenizer, texts[part], targets[part])
        self._lengths = (self._ids != 0).sum(1)

    def _add_split(self, tokenizer: Tokenizer) -> None:
        """Add the clean strings again, twice, with one or two of their tokens cut in pieces.

        A typo or an ending makes the tokenizer cut a word where it never did before; so every piece
        has to know what it may be a part of.
        """
        splits = _token_splits(tokenizer)
        rows = np.tile(np.arange(self._clean), 2)
        ids = self._ids[torch.from_numpy(rows)].numpy().copy()
        lengths = self._lengths[torch.from_numpy(rows)].numpy()
        for row in range(len(ids)):
            for _ in range(1 + int(self._rng.random() < 0.4)):
                at = int(self._rng.integers(1, max(2, lengths[row] - 1)))
                pieces = splits.get(int(ids[row, at]))
                if not pieces or lengths[row] >= POOL_TOKENS:
                    continue
                ids[row, at + 2 :] = ids[row, at + 1 : -1]
                ids[row, at : at + 2] = pieces[int(self._rng.integers(len(pieces)))]
                lengths[row] += 1
        chosen = torch.from_numpy(rows)
        self._ids = torch.cat([self._ids, torch.from_numpy(ids)])
        self._classes = torch.cat([self._classes, self._classes[chosen]])
        self._shares = torch.cat([self._shares, self._shares[chosen]])
        self._lengths = (self._ids != 0).sum(1)

    def _fill(
        self, first: int, tokenizer: Tokenizer, texts: list[str], targets: list[Target]
    ) -> None:
        ids = tokenised(tokenizer, texts)[0][:, :POOL_TOKENS]
        self._ids[first : first + len(texts), : ids.shape[1]] = ids
        for row, target in enumerate(targets, first):
            several = len(target.classes)
            kept = np.arange(several)
            if several > POOL_CLASSES:
                kept = self._rng.permutation(several)[:POOL_CLASSES]
            shares = torch.tensor([target.weights[n] for n in kept])
            self._classes[row, : len(kept)] = torch.tensor([target.classes[n] for n in kept])
            self._shares[row, : len(kept)] = shares / shares.sum()

    def batches(
        self, size: int, classes: int
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """Yield token numbers, mask and target shares, alike in length, without end."""
        while True:
            split = self._split_end
            ends = (0, self._clean, split - 2 * self._clean, split, len(self._ids))
            mixture = SHARES if ends[3] == ends[4] else NOISY_SHARES
            counts = [int(share * size * 8) for share in mixture]
            counts[0] += size * 8 - sum(counts)
            parts = [
                self._rng.integers(ends[n], ends[n + 1], count)
                for n, count in enumerate(counts)
                if count
            ]
            drawn = torch.from_numpy(np.concatenate(parts))
            drawn = drawn[self._lengths[drawn].argsort()]
            for part in self._rng.permutation(8):
                rows = drawn[part * size : (part + 1) * size]
                ids = self._ids[rows, : int(self._lengths[rows].max())]
                shares = torch.zeros(size, classes)
                shares.scatter_add_(1, self._classes[rows], self._shares[rows])
                yield ids, (ids != 0).long(), shares
