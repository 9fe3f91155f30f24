"""The default model in full size, with random weights, in the very layout of its repositories.

Speed and parity do not depend on what the weights mean.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from photosearch.embed import catalogue
from photosearch.embed.spec import ModelSpec

#: Keeps what takes long to make from one benchmark to the next.
CACHE = Path(tempfile.gettempdir()) / "photosearch-bench"
#: The number changes whenever something else is written.
MODELS = CACHE / "models-2"
DEFAULT_ID = "clip-ViT-B-32-multilingual-v1"
_TEXT_WIDTH, _TEXT_VOCABULARY = 768, 119_547
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_PARTS = "sentence_transformers.models."

#: What is asked in benchmarks. The tokenizers know these words whole: the real ones cut a word
#: into 1.3 pieces, and an encoder's time goes with their number.
SENTENCES = (
    "a dog in the snow",
    "eine Katze",
    "una playa con palmeras",
    "雪",
    "красное яблоко",
    "cars",
    "собака на снегу",
    "a sentence that was never asked before",
)
_WORDS = sorted({word for sentence in SENTENCES for word in sentence.split()})


def make_default_model(models_dir: Path) -> ModelSpec:
    """Writes both towers where they would be fetched to, if they are not there yet (1.1 GB)."""
    spec = catalogue.find(DEFAULT_ID)
    image, text = (tower.directory(models_dir) for tower in (spec.image, spec.texts[0]))
    if not (image / "modules.json").is_file():
        _write_image_tower(image)
    if not (text / "modules.json").is_file():
        _write_text_tower(text, spec.space.dim)
    return spec


def _write_image_tower(directory: Path) -> None:
    import torch
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(0)
    tower = directory / "0_CLIPModel"
    config = CLIPConfig(
        text_config={"bos_token_id": 49406, "eos_token_id": 49407, "pad_token_id": 49407},
        vision_config={"patch_size": 32, "projection_dim": 512},
        projection_dim=512,
    )
    CLIPModel(config).save_pretrained(tower)
    _write_clip_tokenizer(tower)
    _write_json(
        tower / "preprocessor_config.json",
        {
            "feature_extractor_type": "CLIPFeatureExtractor",
            "do_resize": True,
            "do_center_crop": True,
            "do_normalize": True,
            "resample": 3,
            "size": 224,
            "crop_size": 224,
            "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "image_std": [0.26862954, 0.26130258, 0.27577711],
        },
    )
    _write_json(directory / "modules.json", [_part(0, "0_CLIPModel", "CLIPModel")])


def _write_clip_tokenizer(directory: Path) -> None:
    letters = [chr(code) for code in range(33, 127)]
    letters += sorted(set("".join(_WORDS)) - set(letters))
    words = letters + [f"{letter}</w>" for letter in letters]
    merges: dict[tuple[str, str], None] = {}
    for word in _WORDS:
        made = word[0]
        for at, letter in enumerate(word[1:], start=2):
            following = letter if at < len(word) else f"{letter}</w>"
            merges[made, following] = None
            made += following
    words += sorted({"".join(pair) for pair in merges} - set(words))
    words += [f"filler{number}</w>" for number in range(49_406 - len(words))]
    words += ["<|startoftext|>", "<|endoftext|>"]
    _write_json(directory / "vocab.json", {word: number for number, word in enumerate(words)})
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (directory / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = dict.fromkeys(("eos_token", "unk_token", "pad_token"), "<|endoftext|>")
    special["bos_token"] = "<|startoftext|>"
    _write_json(directory / "special_tokens_map.json", special)
    _write_json(
        directory / "tokenizer_config.json",
        {**special, "model_max_length": 77, "tokenizer_class": "CLIPTokenizer"},
    )


def _write_text_tower(directory: Path, dim: int) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import DistilBertConfig, DistilBertModel

    torch.manual_seed(1)
    config = DistilBertConfig(vocab_size=_TEXT_VOCABULARY, pad_token_id=0)
    DistilBertModel(config).save_pretrained(directory)
    _write_wordpiece(directory)
    _write_json(directory / "sentence_bert_config.json", {"max_seq_length": 128})
    _write_json(
        directory / "1_Pooling" / "config.json",
        {"word_embedding_dimension": _TEXT_WIDTH, "pooling_mode_mean_tokens": True},
    )
    _write_json(
        directory / "2_Dense" / "config.json",
        {
            "in_features": _TEXT_WIDTH,
            "out_features": dim,
            "bias": False,
            "activation_function": "torch.nn.modules.linear.Identity",
        },
    )
    weight = torch.randn(dim, _TEXT_WIDTH) * 0.02
    save_file({"linear.weight": weight}, directory / "2_Dense" / "model.safetensors")
    parts = [_part(0, "", "Transformer"), _part(1, "1_Pooling", "Pooling")]
    _write_json(directory / "modules.json", [*parts, _part(2, "2_Dense", "Dense")])


def _write_wordpiece(directory: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    ranges = [(33, 127), (0xA1, 0x180), (0x391, 0x3CA), (0x410, 0x460), (0x4E00, 0x9FA6)]
    letters = [chr(code) for first, last in ranges for code in range(first, last)]
    words = [*_SPECIAL, *letters, *(f"##{letter}" for letter in letters)]
    words += [word for word in _WORDS if word not in letters]
    words += [f"filler{number}" for number in range(_TEXT_VOCABULARY - len(words))]
    (directory / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    numbers = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", None, [("[CLS]", numbers["[CLS]"]), ("[SEP]", numbers["[SEP]"])]
    )
    tokenizer.save(str(directory / "tokenizer.json"))
    special = {f"{word.strip('[]').lower()}_token": word for word in _SPECIAL}
    _write_json(directory / "special_tokens_map.json", special)
    _write_json(
        directory / "tokenizer_config.json",
        {**special, "model_max_length": 512, "tokenizer_class": "DistilBertTokenizer"},
    )


def _part(number: int, path: str, kind: str) -> dict[str, Any]:
    return {"idx": number, "name": str(number), "path": path, "type": _PARTS + kind}


def _write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
