"""Writes CLIP, as transformers and as sentence-transformers have it, and SigLIP 2."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, processors
from transformers import (
    CLIPConfig,
    CLIPModel,
    SiglipConfig,
    SiglipModel,
)

from photosearch.embed.spec import Layout
from tests.embed.tiny_models import (
    ALPHABET,
    CLIP_MEAN,
    CLIP_STD,
    DIM,
    ENCODER,
    HALVES,
    SIZE_PX,
    Tiny,
    image_tower,
    randomise,
    text_tower,
    write_json,
    write_modules,
)


def clip(directory: Path, seed: int = 1) -> Tiny:
    _clip_files(directory, seed)
    return Tiny(
        directory,
        image_tower(Layout.TRANSFORMERS, directory),
        text_tower(Layout.TRANSFORMERS, directory, 77),
    )


def sentence_clip(directory: Path, seed: int = 1) -> Tiny:
    _clip_files(directory / "0_CLIPModel", seed)
    write_modules(directory, ("0_CLIPModel", "CLIPModel"))
    return Tiny(
        directory,
        image_tower(Layout.SENTENCE_TRANSFORMERS, directory),
        text_tower(Layout.SENTENCE_TRANSFORMERS, directory, 77),
    )


def _clip_files(directory: Path, seed: int) -> None:
    vocab_size = _clip_tokenizer(directory)
    last = vocab_size - 1
    config = CLIPConfig(
        text_config=ENCODER
        | {
            "vocab_size": vocab_size,
            "max_position_embeddings": 77,
            "projection_dim": DIM,
            "bos_token_id": last - 1,
            "eos_token_id": last,
            "pad_token_id": last,
        },
        vision_config=ENCODER | {"image_size": SIZE_PX, "patch_size": 32, "projection_dim": DIM},
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


def siglip(directory: Path, seed: int = 2) -> Tiny:
    vocab_size = _siglip_tokenizer(directory)
    config = SiglipConfig(
        text_config=ENCODER
        | {
            "vocab_size": vocab_size,
            "max_position_embeddings": 64,
            "projection_size": DIM,
            "pad_token_id": 0,
            "eos_token_id": 1,
            "bos_token_id": 2,
        },
        vision_config=ENCODER | {"image_size": SIZE_PX, "patch_size": 32},
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
    tokens += ["▁", *ALPHABET]
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
