"""Multilingual-CLIP against its published formula, computed here from the same weights.

The formula (`pt_multilingual_clip.py`): the tokens' last vectors, their mean over the mask, and
one linear layer.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, BertTokenizer, XLMRobertaConfig, XLMRobertaModel

from photosearch.core.ports import Vectors
from photosearch.embed import loaders, probes
from photosearch.errors import ModelMissingError
from tests.embed import parity, tiny_texts

pytestmark = pytest.mark.model


def formula(
    model: torch.nn.Module, token_ids: list[list[int]], weight: Vectors, bias: Vectors
) -> Vectors:
    """One text at a time, so that nothing is padded or masked."""
    rows = []
    for ids in token_ids:
        with torch.inference_mode():
            tokens = model.eval()(input_ids=torch.tensor([ids])).last_hidden_state[0].numpy()
        rows.append(weight @ tokens.mean(axis=0) + bias)
    return np.stack(rows)


def test_bert_with_a_pickled_layer(tmp_path: Path) -> None:
    tiny = tiny_texts.multilingual_clip_bert(tmp_path / "bert", seed=4)
    model = BertModel(BertConfig.from_pretrained(tiny.directory))
    model.load_state_dict(torch.load(tiny.directory / "pytorch_model.bin", weights_only=True))
    words = (tiny.directory / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]
    tokenizer = BertTokenizer({word: n for n, word in enumerate(words)}, do_lower_case=False)
    ids = tokenizer(list(probes.TEXTS))["input_ids"]
    kernel, bias = tiny_texts.linear_arrays(seed=4)
    assert tiny.text
    parity.assert_texts_match(tiny.text, tmp_path, formula(model, ids, kernel.T, bias))


def test_xlm_roberta_with_the_layer_among_its_weights(tmp_path: Path) -> None:
    tiny = tiny_texts.multilingual_clip_xlm(tmp_path / "xlm")
    state = torch.load(tiny.directory / "pytorch_model.bin", weights_only=True)
    model = XLMRobertaModel(XLMRobertaConfig.from_pretrained(tiny.directory / "xlm-roberta-large"))
    prefix = "transformer."
    model.load_state_dict({k[len(prefix) :]: v for k, v in state.items() if k.startswith(prefix)})
    tokenizer = Tokenizer.from_file(str(tiny.directory / "tokenizer.json"))
    ids = [tokenizer.encode(text).ids for text in probes.TEXTS]
    weight, bias = (state[f"LinearTransformation.{part}"].numpy() for part in ("weight", "bias"))
    assert tiny.text
    parity.assert_texts_match(tiny.text, tmp_path, formula(model, ids, weight, bias))


def test_capitals_are_kept_where_the_words_have_them(tmp_path: Path) -> None:
    tiny = tiny_texts.multilingual_clip_bert(tmp_path / "bert")
    assert tiny.text
    tokenizer = loaders.load(tiny.text, tiny.directory).tokenizer
    assert tokenizer
    assert tokenizer.encode("London").tokens == ["[CLS]", "London", "[SEP]"]


def test_weights_that_are_code_are_refused(tmp_path: Path) -> None:
    tiny = tiny_texts.multilingual_clip_bert(tmp_path / "bert")
    (tiny.directory / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    assert tiny.text
    with pytest.raises(ModelMissingError, match="something else than weights"):
        loaders.load(tiny.text, tiny.directory)
