"""Makes `open_clip.npz`: what OpenCLIP computes with the tiny weights of `tiny_open_clip`.

The tests need no OpenCLIP, for it needs torchvision. To make the vectors anew, in an environment
that has `open_clip_torch` as well: `python -m tests.embed.golden.make_open_clip`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from photosearch.embed import probes
from photosearch.embed.tokens import tokens_of
from tests.embed import tiny_models as tiny
from tests.embed import tiny_open_clip


def main() -> None:
    import open_clip

    with tempfile.TemporaryDirectory() as name:
        both = tiny_open_clip.open_clip_xlm(Path(name) / "xlm")
        resnet = tiny_open_clip.open_clip_resnet(Path(name) / "resnet")
        base = both.directory / "xlm-roberta-base"
        text = tiny_open_clip.OPEN_CLIP_TEXT | {"hf_model_name": str(base)}
        model = open_clip.model.CustomTextCLIP(
            tiny.DIM, tiny_open_clip.OPEN_CLIP_VISION, text | {"hf_model_pretrained": False}
        ).eval()
        weights = torch.load(both.directory / "open_clip_pytorch_model.bin", weights_only=True)
        missing, unexpected = model.load_state_dict(weights, strict=False)
        assert not missing, missing
        assert not unexpected, unexpected
        tower = open_clip.modified_resnet.ModifiedResNet(
            layers=tiny_open_clip.OPEN_CLIP_RESNET["layers"],
            output_dim=tiny.DIM,
            heads=tiny_open_clip.OPEN_CLIP_RESNET["width"] * 32 // 64,
            image_size=tiny.SIZE_PX,
            width=tiny_open_clip.OPEN_CLIP_RESNET["width"],
        ).eval()
        from safetensors.torch import load_file

        state = load_file(resnet.directory / "open_clip_model.safetensors")
        tower.load_state_dict({key.removeprefix("visual."): value for key, value in state.items()})
        pixels = torch.from_numpy(probes.crops(tiny.SIZE_PX)).permute(0, 3, 1, 2) / 255
        mean, std = (torch.tensor(part)[:, None, None] for part in (tiny.CLIP_MEAN, tiny.CLIP_STD))
        pixels = (pixels - mean) / std
        tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
        tokenizer.enable_truncation(77)
        tokenizer.enable_padding(pad_id=1, pad_token="<pad>", length=77)
        ids = torch.from_numpy(tokens_of(tokenizer, probes.TEXTS)[0])
        with torch.inference_mode():
            vectors = {
                "pictures": model.encode_image(pixels),
                "texts": model.encode_text(ids),
                "resnet": tower(pixels),
            }
    path = Path(__file__).with_name("open_clip.npz")
    np.savez_compressed(path, **{key: value.numpy() for key, value in vectors.items()})


if __name__ == "__main__":
    main()
