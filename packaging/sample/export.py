"""Write both towers in the on-disk layout of the real models, so that the same code loads them.

`image/` is laid out as clip-ViT-B-32, `text/` as clip-ViT-B-32-multilingual-v1.  Weights are
stored as fp16 and declared as float32, which is what they are loaded as.  Called by `build.py
export`.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from augment import FRAME_PX
from safetensors.torch import save_file
from spelling import with_spellings
from text_tower import WIDTH, TextTower
from tokenizers import Tokenizer
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionModelWithProjection
from vision import PIXEL_MEAN, PIXEL_STD, SPACE_DIM, vision_config
from wordpiece import MAX_TOKENS, SPECIAL_TOKENS, write_vocabulary

MODULE_TYPES = "sentence_transformers.models."
#: What the layout's own first release wrote; readers only compare it with their own version.
VERSIONS = {"sentence_transformers": "2.0.0", "transformers": "4.7.0", "pytorch": "1.9.0+cu102"}
CLIP_TEXT_WIDTH, CLIP_TEXT_LAYERS, CLIP_TEXT_HEADS, CLIP_TEXT_MLP = 96, 2, 4, 192
CLIP_START, CLIP_END = "<|startoftext|>", "<|endoftext|>"
CLIP_MAX_TOKENS = 77


def _write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _half(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name: (t.half() if t.is_floating_point() else t).contiguous().clone()
        for name, t in state.items()
    }


def clip_text_config(vocabulary: int) -> CLIPTextConfig:
    """Return the architecture of CLIP's own English text tower."""
    return CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=CLIP_TEXT_WIDTH,
        intermediate_size=CLIP_TEXT_MLP,
        num_hidden_layers=CLIP_TEXT_LAYERS,
        num_attention_heads=CLIP_TEXT_HEADS,
        max_position_embeddings=CLIP_MAX_TOKENS,
        projection_dim=SPACE_DIM,
        hidden_act="quick_gelu",
        bos_token_id=vocabulary - 2,
        eos_token_id=vocabulary - 1,
        pad_token_id=vocabulary - 1,
    )


def export_image(
    target: Path,
    tower: CLIPVisionModelWithProjection,
    clip_text: dict[str, torch.Tensor],
    vocabulary: dict[str, int],
    merges: list[tuple[str, str]],
    logit_scale: float,
) -> None:
    """Write the CLIP model.

    Args:
        target: Folder to fill.
        tower: The trained image tower.
        clip_text: Weights of the English text tower, named as in `CLIPModel`.
        vocabulary: Its byte-pair tokens.
        merges: Its merges, in order.
        logit_scale: The factor that turns cosines into logits.
    """
    folder = target / "0_CLIPModel"
    folder.mkdir(parents=True)
    config = CLIPConfig(
        text_config=clip_text_config(len(vocabulary)).to_dict(),
        vision_config=vision_config().to_dict(),
        projection_dim=SPACE_DIM,
        logit_scale_init_value=float(torch.tensor(logit_scale).log()),
    )
    model = CLIPModel(config)
    state = model.state_dict()
    state.update(tower.state_dict())
    state.update(clip_text)
    state["logit_scale"] = torch.tensor(logit_scale).log()
    model.load_state_dict(state)
    kept = {k: v for k, v in model.state_dict().items() if not k.endswith("position_ids")}
    save_file(_half(kept), folder / "model.safetensors", metadata={"format": "pt"})
    written = config.to_dict() | {"architectures": ["CLIPModel"], "dtype": "float32"}
    for part in ("text_config", "vision_config"):
        written[part] = written[part] | {"dtype": "float32"}
    _write_json(folder / "config.json", written)
    _write_json(
        folder / "preprocessor_config.json",
        {
            "image_processor_type": "CLIPImageProcessor",
            "do_resize": True,
            "do_center_crop": True,
            "do_normalize": True,
            "do_rescale": True,
            "do_convert_rgb": True,
            "rescale_factor": 1 / 255,
            "resample": 3,
            "size": {"shortest_edge": FRAME_PX},
            "crop_size": {"height": FRAME_PX, "width": FRAME_PX},
            "image_mean": [PIXEL_MEAN] * 3,
            "image_std": [PIXEL_STD] * 3,
        },
    )
    _write_json(folder / "vocab.json", vocabulary)
    lines = "".join(f"{first} {second}\n" for first, second in merges)
    (folder / "merges.txt").write_text("#version: 0.2\n" + lines, encoding="utf-8")
    special = {
        "bos_token": CLIP_START,
        "eos_token": CLIP_END,
        "unk_token": CLIP_END,
        "pad_token": CLIP_END,
    }
    _write_json(folder / "special_tokens_map.json", special)
    _write_json(
        folder / "tokenizer_config.json",
        special
        | {
            "add_prefix_space": False,
            "errors": "replace",
            "do_lower_case": True,
            "model_max_length": CLIP_MAX_TOKENS,
            "tokenizer_class": "CLIPTokenizer",
        },
    )
    _write_json(
        target / "modules.json",
        [
            {"idx": 0, "name": "0", "path": "0_CLIPModel", "type": MODULE_TYPES + "CLIPModel"},
        ],
    )
    _write_json(target / "config_sentence_transformers.json", {"__version__": VERSIONS})


def export_text(target: Path, tower: TextTower, tokenizer: Tokenizer) -> None:
    """Write the multilingual text model.

    Args:
        target: Folder to fill.
        tower: The trained text tower.
        tokenizer: Its vocabulary.
    """
    target.mkdir(parents=True)
    embedding = "embeddings.word_embeddings.weight"
    tokenizer, table = with_spellings(tokenizer, tower.bert.state_dict()[embedding])
    state = {k: v for k, v in tower.bert.state_dict().items() if not k.endswith("position_ids")}
    state[embedding] = table
    save_file(_half(state), target / "model.safetensors", metadata={"format": "pt"})
    _write_json(
        target / "config.json",
        tower.bert.config.to_dict()
        | {
            "architectures": ["DistilBertModel"],
            "model_type": "distilbert",
            "vocab_size": len(table),
            "dtype": "float32",
        },
    )
    (target / "tokenizer.json").write_text(tokenizer.to_str(pretty=False), encoding="utf-8")
    write_vocabulary(tokenizer, target / "vocab.txt")
    special = {f"{t[1:-1].lower()}_token": t for t in SPECIAL_TOKENS}
    _write_json(target / "special_tokens_map.json", special)
    _write_json(
        target / "tokenizer_config.json",
        special
        | {
            "do_lower_case": True,
            "strip_accents": False,
            "tokenize_chinese_chars": True,
            "model_max_length": MAX_TOKENS,
            "tokenizer_class": "DistilBertTokenizer",
        },
    )
    _write_json(
        target / "sentence_bert_config.json", {"max_seq_length": MAX_TOKENS, "do_lower_case": False}
    )
    _write_json(
        target / "1_Pooling" / "config.json",
        {
            "word_embedding_dimension": WIDTH,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    )
    _write_json(
        target / "2_Dense" / "config.json",
        {
            "in_features": WIDTH,
            "out_features": SPACE_DIM,
            "bias": False,
            "activation_function": "torch.nn.modules.linear.Identity",
        },
    )
    save_file(
        {"linear.weight": tower.dense.weight.detach().half().contiguous()},
        target / "2_Dense" / "model.safetensors",
    )
    _write_json(
        target / "modules.json",
        [
            {"idx": 0, "name": "0", "path": "", "type": MODULE_TYPES + "Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": MODULE_TYPES + "Pooling"},
            {"idx": 2, "name": "2", "path": "2_Dense", "type": MODULE_TYPES + "Dense"},
        ],
    )
    _write_json(target / "config_sentence_transformers.json", {"__version__": VERSIONS})


def replace_folder(built: Path, target: Path) -> None:
    """Put a finished folder in the place of an older one, by renaming."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    built.rename(target)
    shutil.rmtree(old, ignore_errors=True)
