"""Writes text towers that speak into another model's space: sentence-transformers', M-CLIP's."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    XLMRobertaModel,
)

from photosearch.embed.spec import Layout
from tests.embed.tiny_models import (
    DIM,
    ENCODER,
    WIDTH,
    Tiny,
    fill,
    randomise,
    text_tower,
    word_pieces,
    write_json,
    write_modules,
    xlm_roberta,
)


def sentence_distilbert(directory: Path, seed: int = 3) -> Tiny:
    vocab = word_pieces(directory)
    config = DistilBertConfig(
        vocab_size=len(vocab), dim=WIDTH, hidden_dim=2 * WIDTH, n_layers=2, n_heads=4
    )
    randomise(DistilBertModel(config), seed).save_pretrained(directory)
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])],
    )
    tokenizer.save(str(directory / "tokenizer.json"))
    write_json(
        directory / "tokenizer_config.json",
        {"do_lower_case": False, "tokenizer_class": "DistilBertTokenizer"},
    )
    write_json(directory / "sentence_bert_config.json", {"max_seq_length": 128})
    write_json(
        directory / "1_Pooling" / "config.json",
        {"word_embedding_dimension": WIDTH, "pooling_mode_mean_tokens": True},
    )
    write_json(
        directory / "2_Dense" / "config.json",
        {
            "in_features": WIDTH,
            "out_features": DIM,
            "bias": False,
            "activation_function": "torch.nn.modules.linear.Identity",
        },
    )
    weight = fill({"linear.weight": torch.empty(DIM, WIDTH)}, seed)
    save_file(weight, directory / "2_Dense" / "model.safetensors")
    write_modules(directory, ("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Dense", "Dense"))
    return Tiny(directory, None, text_tower(Layout.SENTENCE_TRANSFORMERS, directory, 128))


def multilingual_clip_bert(directory: Path, seed: int = 4) -> Tiny:
    """The older layout: a BERT, its vocab.txt, and the last layer in a pickle."""
    vocab = word_pieces(directory)
    config = BertConfig(vocab_size=len(vocab), max_position_embeddings=512, **ENCODER)
    model = randomise(BertModel(config), seed)
    config.architectures = ["BertModel"]
    config.save_pretrained(directory)
    torch.save(model.state_dict(), directory / "pytorch_model.bin")
    kernel, bias = linear_arrays(seed)
    with (directory / "linear.pkl").open("wb") as file:
        pickle.dump([kernel, bias], file, protocol=4)
    return Tiny(directory, None, text_tower(Layout.MULTILINGUAL_CLIP, directory, 512))


def linear_arrays(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A layer's kernel (width, dim) and bias, as Keras keeps them."""
    rng = np.random.default_rng(seed)
    kernel = rng.standard_normal((WIDTH, DIM)).astype(np.float32) / WIDTH**0.5
    return kernel, rng.standard_normal(DIM).astype(np.float32) * np.float32(0.1)


def multilingual_clip_xlm(directory: Path, seed: int = 5) -> Tiny:
    """The newer layout: all weights in one file, the encoder's shape named after its base."""
    config = xlm_roberta(directory / "xlm-roberta-large")
    (directory / "xlm-roberta-large" / "tokenizer.json").rename(directory / "tokenizer.json")
    whole = nn.ModuleDict(
        {"transformer": XLMRobertaModel(config), "LinearTransformation": nn.Linear(WIDTH, DIM)}
    )
    torch.save(randomise(whole, seed).state_dict(), directory / "pytorch_model.bin")
    write_json(
        directory / "config.json",
        {
            "_name_or_path": "M-CLIP/XLM-Roberta-Large-Vit-B-32",
            "model_type": "M-CLIP",
            "modelBase": "xlm-roberta-large",
            "transformerDimensions": WIDTH,
            "numDims": DIM,
        },
    )
    return Tiny(directory, None, text_tower(Layout.MULTILINGUAL_CLIP, directory, 512))
