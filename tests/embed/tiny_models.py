"""Writes models of the real on-disk layouts, with small random weights.

What a directory holds is what the hub's repository of that kind holds, file by file; only the
sizes differ. Torch is imported here and nowhere else at a test module's top.
"""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    CLIPConfig,
    CLIPModel,
    DistilBertConfig,
    DistilBertModel,
    SiglipConfig,
    SiglipModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)

from photosearch.core.space import EmbeddingSpace, ImageInput, Resize, space_key
from photosearch.embed.spec import Layout, ModelSpec, TowerKind, TowerSpec

SIZE_PX = 64
DIM = 32
WIDTH = 64
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
HALVES = (0.5, 0.5, 0.5)

#: Letters of the scripts that the built-in texts are written in.
_ALPHABET = "".join(
    chr(code)
    for first, last in ((33, 127), (0xA1, 0x180), (0x386, 0x3D0), (0x400, 0x460), (0x905, 0x940))
    for code in range(first, last)
)
_WORDS = ["a", "the", "in", "on", "with", "dog", "cat", "beach", "snow", "two", "dogs", "eine"]

_ENCODER = {
    "hidden_size": WIDTH,
    "intermediate_size": 2 * WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}


@dataclass(frozen=True)
class Tiny:
    """A model on disk: where, and what the catalogue would say of it."""

    directory: Path
    image: TowerSpec | None
    text: TowerSpec | None

    def model(self) -> ModelSpec:
        assert self.image is not None
        assert self.text is not None
        space = EmbeddingSpace(space_key(self.image.weights), DIM, self.image.id, (self.text.id,))
        return ModelSpec("tiny", "Tiny", "", "CC0-1.0", space, self.image, (self.text,))


def fill(state: dict[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    """Fills weights with noise of a size at which every part of a network shows in its result.

    Depends on the names, shapes and seed alone, so that the same weights can be made elsewhere.
    """
    rng = np.random.default_rng(seed)
    filled = {}
    for name in sorted(state):
        shape = tuple(state[name].shape)
        if state[name].dtype == torch.int64:
            filled[name] = state[name]
            continue
        noise = torch.from_numpy(rng.standard_normal(shape).astype(np.float32))
        if name.endswith("running_var"):
            filled[name] = 0.5 + noise.abs()
        elif len(shape) > 1:
            filled[name] = noise / float(np.prod(shape[1:])) ** 0.5
        elif name.endswith("weight"):
            filled[name] = 1 + 0.1 * noise
        else:
            filled[name] = 0.1 * noise
    return filled


def randomise(module: nn.Module, seed: int) -> Any:
    module.load_state_dict(fill(module.state_dict(), seed))
    return module.eval()


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def image_tower(layout: Layout, directory: Path, *, is_siglip: bool = False) -> TowerSpec:
    return TowerSpec(
        id=f"tiny-{directory.name}-images",
        kind=TowerKind.IMAGE,
        layout=layout,
        repo="tiny",
        revision="1",
        weights="tiny@1",
        dim=DIM,
        image_input=ImageInput(SIZE_PX, Resize.SQUASH if is_siglip else Resize.CENTRE_CROP),
        mean=HALVES if is_siglip else CLIP_MEAN,
        std=HALVES if is_siglip else CLIP_STD,
        path=directory,
    )


def text_tower(
    layout: Layout, directory: Path, max_tokens: int, *, pads_to_max: bool = False
) -> TowerSpec:
    return TowerSpec(
        id=f"tiny-{directory.name}-texts",
        kind=TowerKind.TEXT,
        layout=layout,
        repo="tiny",
        revision="1",
        weights="tiny-texts@1",
        dim=DIM,
        max_tokens=max_tokens,
        pads_to_max=pads_to_max,
        path=directory,
    )


# CLIP, as transformers and as sentence-transformers write it


def clip(directory: Path, seed: int = 1) -> Tiny:
    _clip_files(directory, seed)
    return Tiny(
        directory,
        image_tower(Layout.TRANSFORMERS, directory),
        text_tower(Layout.TRANSFORMERS, directory, 77),
    )


def sentence_clip(directory: Path, seed: int = 1) -> Tiny:
    _clip_files(directory / "0_CLIPModel", seed)
    _modules(directory, ("0_CLIPModel", "CLIPModel"))
    return Tiny(
        directory,
        image_tower(Layout.SENTENCE_TRANSFORMERS, directory),
        text_tower(Layout.SENTENCE_TRANSFORMERS, directory, 77),
    )


def _clip_files(directory: Path, seed: int) -> None:
    vocab_size = _clip_tokenizer(directory)
    last = vocab_size - 1
    config = CLIPConfig(
        text_config=_ENCODER
        | {
            "vocab_size": vocab_size,
            "max_position_embeddings": 77,
            "projection_dim": DIM,
            "bos_token_id": last - 1,
            "eos_token_id": last,
            "pad_token_id": last,
        },
        vision_config=_ENCODER | {"image_size": SIZE_PX, "patch_size": 32, "projection_dim": DIM},
        projection_dim=DIM,
    )
    randomise(CLIPModel(config), seed).save_pretrained(directory)
    write_json(
        directory / "preprocessor_config.json",
        {
            "feature_extractor_type": "CLIPFeatureExtractor",
            "do_resize": True,
            "size": SIZE_PX,
            "do_center_crop": True,
            "crop_size": SIZE_PX,
            "do_normalize": True,
            "image_mean": CLIP_MEAN,
            "image_std": CLIP_STD,
            "resample": 3,
        },
    )


def _clip_tokenizer(directory: Path) -> int:
    """Writes vocab.json and merges.txt, as the older repositories have them."""
    letters = [token for token, _ in sorted(_byte_letters().items(), key=lambda pair: pair[1])]
    merges = [(first, f"{second}</w>") for first in "abdeghinosty" for second in "aeinost"]
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    tokens += ["".join(merge) for merge in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    write_json(directory / "vocab.json", {token: number for number, token in enumerate(tokens)})
    lines = "".join(f"{first} {second}\n" for first, second in merges)
    (directory / "merges.txt").write_text(f"#version: 0.2\n{lines}", encoding="utf-8")
    special = {
        "bos_token": "<|startoftext|>",
        "eos_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>",
        "pad_token": "<|endoftext|>",
    }
    write_json(directory / "special_tokens_map.json", special)
    write_json(
        directory / "tokenizer_config.json",
        special | {"model_max_length": 77, "tokenizer_class": "CLIPTokenizer"},
    )
    return len(tokens)


def _byte_letters() -> dict[str, int]:
    """GPT-2's letters for the 256 bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {chr(byte): byte for byte in plain}
    for number, byte in enumerate(byte for byte in range(256) if byte not in plain):
        letters[chr(256 + number)] = byte
    return letters


# SigLIP 2


def siglip(directory: Path, seed: int = 2) -> Tiny:
    vocab_size = _siglip_tokenizer(directory)
    config = SiglipConfig(
        text_config=_ENCODER
        | {
            "vocab_size": vocab_size,
            "max_position_embeddings": 64,
            "projection_size": DIM,
            "pad_token_id": 0,
            "eos_token_id": 1,
            "bos_token_id": 2,
        },
        vision_config=_ENCODER | {"image_size": SIZE_PX, "patch_size": 32},
    )
    # The picture's vector is as wide as its encoder: SigLIP projects texts only.
    config.vision_config.hidden_size = DIM
    randomise(SiglipModel(config), seed).save_pretrained(directory)
    write_json(
        directory / "preprocessor_config.json",
        {
            "image_processor_type": "SiglipImageProcessor",
            "processor_class": "SiglipProcessor",
            "do_resize": True,
            "size": {"height": SIZE_PX, "width": SIZE_PX},
            "do_normalize": True,
            "image_mean": HALVES,
            "image_std": HALVES,
            "resample": 2,
        },
    )
    return Tiny(
        directory,
        image_tower(Layout.TRANSFORMERS, directory, is_siglip=True),
        text_tower(Layout.TRANSFORMERS, directory, 64, pads_to_max=True),
    )


def _siglip_tokenizer(directory: Path) -> int:
    """Writes a tokenizer.json like Gemma's: bytes for the unknown, "▁" for blanks, an end."""
    directory.mkdir(parents=True, exist_ok=True)
    tokens = ["<pad>", "<eos>", "<bos>", "<unk>"]
    tokens += [f"<0x{byte:02X}>" for byte in range(256)]
    tokens += ["▁", *_ALPHABET]
    merges = [("d", "o"), ("do", "g"), ("▁", "a"), ("i", "n")]
    tokens += ["".join(merge) for merge in merges]
    vocab = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = Tokenizer(models.BPE(vocab, merges, byte_fallback=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Replace("▁", " ")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <eos>", special_tokens=[("<eos>", 1)]
    )
    tokenizer.add_special_tokens(["<pad>", "<eos>", "<bos>", "<unk>"])
    tokenizer.save(str(directory / "tokenizer.json"))
    special = {f"{name}_token": f"<{name}>" for name in ("pad", "eos", "bos", "unk")}
    write_json(
        directory / "special_tokens_map.json",
        {name: {"content": token, "lstrip": False} for name, token in special.items()},
    )
    write_json(
        directory / "tokenizer_config.json",
        special
        | {
            "padding_side": "right",
            "model_max_length": 64,
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
    )
    return len(vocab)


# A sentence-transformers text tower: DistilBERT, mean, linear


def sentence_distilbert(directory: Path, seed: int = 3) -> Tiny:
    vocab = _word_pieces(directory)
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
    _modules(directory, ("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Dense", "Dense"))
    return Tiny(directory, None, text_tower(Layout.SENTENCE_TRANSFORMERS, directory, 128))


def _modules(directory: Path, *parts: tuple[str, str]) -> None:
    modules = [
        {
            "idx": number,
            "name": str(number),
            "path": path,
            "type": f"sentence_transformers.models.{kind}",
        }
        for number, (path, kind) in enumerate(parts)
    ]
    write_json(directory / "modules.json", modules)


def _word_pieces(directory: Path) -> dict[str, int]:
    """Writes vocab.txt of a BERT that keeps capitals, and what says so."""
    directory.mkdir(parents=True, exist_ok=True)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_ALPHABET]
    tokens += [f"##{letter}" for letter in _ALPHABET] + [*_WORDS, "Two", "London", "Katze"]
    tokens = list(dict.fromkeys(tokens))
    (directory / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    names = ("unk", "sep", "pad", "cls", "mask")
    special = {f"{name}_token": f"[{name.upper()}]" for name in names}
    write_json(directory / "special_tokens_map.json", special)
    return {token: number for number, token in enumerate(tokens)}


# Multilingual-CLIP


def multilingual_clip_bert(directory: Path, seed: int = 4) -> Tiny:
    """The older layout: a BERT, its vocab.txt, and the last layer in a pickle."""
    vocab = _word_pieces(directory)
    config = BertConfig(vocab_size=len(vocab), max_position_embeddings=512, **_ENCODER)
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


def xlm_roberta(directory: Path) -> XLMRobertaConfig:
    """Writes config.json and tokenizer.json of an XLM-R; returns the former."""
    directory.mkdir(parents=True, exist_ok=True)
    tokens = ["<s>", "<pad>", "</s>", "<unk>", "▁", *_ALPHABET]
    tokens += [f"▁{word}" for word in _WORDS] + ["<mask>"]
    scores = [(token, -float(number)) for number, token in enumerate(dict.fromkeys(tokens))]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.save(str(directory / "tokenizer.json"))
    config = XLMRobertaConfig(
        vocab_size=len(scores),
        max_position_embeddings=514,
        type_vocab_size=1,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        **_ENCODER,
    )
    config.save_pretrained(directory)
    return config


# OpenCLIP

OPEN_CLIP_VISION = {"image_size": SIZE_PX, "layers": 2, "width": WIDTH, "patch_size": 32}
OPEN_CLIP_TEXT = {
    "hf_model_name": "xlm-roberta-base",
    "hf_tokenizer_name": "xlm-roberta-base",
    "hf_pooler_type": "mean_pooler",
}
OPEN_CLIP_RESNET = {"image_size": SIZE_PX, "layers": [1, 2, 1, 2], "width": 16, "patch_size": None}


def open_clip_xlm(directory: Path, seed: int = 6) -> Tiny:
    """A vision transformer and an XLM-R with two layers on top, in torch's own file."""
    config = xlm_roberta(directory / "xlm-roberta-base")
    text = nn.ModuleDict({"transformer": XLMRobertaModel(config, add_pooling_layer=False)})
    middle = (WIDTH + DIM) // 2
    shapes = {f"visual.{name}": shape for name, shape in _vision_transformer_shapes().items()}
    shapes |= {"text.proj.0.weight": (middle, WIDTH), "text.proj.2.weight": (DIM, middle)}
    state = {name: torch.empty(shape) for name, shape in shapes.items()}
    state |= {f"text.{name}": value for name, value in text.state_dict().items()}
    state["logit_scale"] = torch.empty(())
    torch.save(fill(state, seed), directory / "open_clip_pytorch_model.bin")
    _open_clip_config(directory, OPEN_CLIP_VISION, OPEN_CLIP_TEXT)
    return Tiny(
        directory,
        image_tower(Layout.OPEN_CLIP, directory),
        text_tower(Layout.OPEN_CLIP, directory, 77),
    )


def _vision_transformer_shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "class_embedding": (WIDTH,),
        "positional_embedding": ((SIZE_PX // 32) ** 2 + 1, WIDTH),
        "proj": (WIDTH, DIM),
        "conv1.weight": (WIDTH, 3, 32, 32),
    }
    norms = ["ln_pre", "ln_post"]
    for number in range(2):
        block = f"transformer.resblocks.{number}"
        norms += [f"{block}.ln_1", f"{block}.ln_2"]
        shapes |= {
            f"{block}.attn.in_proj_weight": (3 * WIDTH, WIDTH),
            f"{block}.attn.in_proj_bias": (3 * WIDTH,),
            f"{block}.attn.out_proj.weight": (WIDTH, WIDTH),
            f"{block}.attn.out_proj.bias": (WIDTH,),
            f"{block}.mlp.c_fc.weight": (4 * WIDTH, WIDTH),
            f"{block}.mlp.c_fc.bias": (4 * WIDTH,),
            f"{block}.mlp.c_proj.weight": (WIDTH, 4 * WIDTH),
            f"{block}.mlp.c_proj.bias": (WIDTH,),
        }
    for norm in norms:
        shapes |= {f"{norm}.weight": (WIDTH,), f"{norm}.bias": (WIDTH,)}
    return shapes


def open_clip_resnet(directory: Path, seed: int = 7) -> Tiny:
    """One of OpenAI's ResNets, in safetensors; its text tower is there and never read."""
    from photosearch.embed.loaders.clip_resnet import ClipResNet

    directory.mkdir(parents=True, exist_ok=True)
    tower = ClipResNet((1, 2, 1, 2), width=16, dim=DIM, heads=8, size_px=SIZE_PX)
    state = {f"visual.{name}": value for name, value in tower.state_dict().items()}
    save_file(fill(state, seed), directory / "open_clip_model.safetensors")
    _open_clip_config(
        directory, OPEN_CLIP_RESNET, {"context_length": 77, "vocab_size": 99, "width": 64}
    )
    return Tiny(directory, image_tower(Layout.OPEN_CLIP, directory), None)


def _open_clip_config(directory: Path, vision: dict[str, Any], text: dict[str, Any]) -> None:
    write_json(
        directory / "open_clip_config.json",
        {
            "model_cfg": {"embed_dim": DIM, "vision_cfg": vision, "text_cfg": text},
            "preprocess_cfg": {"mean": CLIP_MEAN, "std": CLIP_STD},
        },
    )
