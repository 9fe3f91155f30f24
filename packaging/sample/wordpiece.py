"""The text tower's vocabulary: WordPiece, as DistilBERT has, learnt from the training text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

VOCABULARY = 22_000
#: Scripts with thousands of characters would otherwise take up the vocabulary.
ALPHABET = 3_200
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
MAX_TOKENS = 48


def train_tokenizer(lines: Iterable[str]) -> Tokenizer:
    """Learn the vocabulary.

    Args:
        lines: Training text; what should weigh more comes more often.

    Returns:
        A lower-casing tokenizer that keeps accents and vowel signs.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=VOCABULARY,
        limit_alphabet=ALPHABET,
        special_tokens=list(SPECIAL_TOKENS),
        min_frequency=2,
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    ends = [(t, tokenizer.token_to_id(t)) for t in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def write_vocabulary(tokenizer: Tokenizer, path: Path) -> None:
    """Write `vocab.txt`, one token a line in the order of their numbers."""
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    path.write_text("".join(f"{token}\n" for token, _ in vocabulary), encoding="utf-8")
