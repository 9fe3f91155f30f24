"""Reads the tokenizer of a model as transformers writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import BertTokenizer, CLIPTokenizer


def read_tokenizer(directory: Path) -> tuple[Tokenizer, int]:
    """Reads a tokenizer.

    Args:
        directory: Holds `tokenizer.json`, else `vocab.json` and `merges.txt` (CLIP), else
            `vocab.txt` (BERT).

    Returns:
        The tokenizer, and the number of the token that fills up.

    Raises:
        FileNotFoundError: There is none of these.
        ValueError: A file is damaged, or says nothing of the token that fills up.
    """
    settings = _settings(directory)
    if (directory / "tokenizer.json").is_file():
        try:
            tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        except Exception as error:
            raise ValueError(f"tokenizer.json is damaged: {error}") from error
    elif (directory / "merges.txt").is_file():
        tokenizer = CLIPTokenizer.from_pretrained(
            str(directory), local_files_only=True
        ).backend_tokenizer
    elif (directory / "vocab.txt").is_file():
        tokenizer = _of_word_pieces(directory / "vocab.txt", settings)
    else:
        raise FileNotFoundError(f"{directory} holds no tokenizer that can be read")
    pad_id = tokenizer.token_to_id(_pad_token(settings, tokenizer))
    if pad_id is None:
        raise ValueError("the tokenizer lacks the token that fills up")
    return tokenizer, pad_id


def _settings(directory: Path) -> dict[str, Any]:
    """What the repository says of its tokenizer, in whichever of its two files."""
    settings: dict[str, Any] = {}
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        if (directory / name).is_file():
            settings |= json.loads((directory / name).read_text(encoding="utf-8"))
    return settings


def _pad_token(settings: dict[str, Any], tokenizer: Tokenizer) -> str:
    named = settings.get("pad_token")
    if isinstance(named, dict):
        named = named.get("content")
    if isinstance(named, str):
        return named
    known = ("<pad>", "[PAD]", "<|endoftext|>")
    return next((token for token in known if tokenizer.token_to_id(token) is not None), known[0])


def _of_word_pieces(path: Path, settings: dict[str, Any]) -> Tokenizer:
    # Not `splitlines`: there are words of one character that it takes for the end of a line.
    words = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    # Where the repository is silent, transformers takes every BERT for one of small letters.
    keeps_case = any(word.isalpha() and word != word.lower() for word in words)
    return BertTokenizer(
        vocab={word: number for number, word in enumerate(words)},
        do_lower_case=settings.get("do_lower_case", not keeps_case),
        strip_accents=settings.get("strip_accents"),
    ).backend_tokenizer
