"""A text tower that takes the mean of its encoder's token vectors and projects it."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import BertModel, PreTrainedConfig, PreTrainedModel, XLMRobertaModel

from photosearch.embed.loaders.weights import filled

_ENCODERS = {"bert": BertModel, "xlm-roberta": XLMRobertaModel}
#: Found in files of weights, and without a part in the mean.
_IDLE = ("pooler.", "embeddings.position_ids")


class MeanText(nn.Module):
    """Token numbers in, vectors out.

    Args:
        encoder: A BERT or XLM-R of transformers.
        head: Projects float (n, width) to (n, dim).
    """

    def __init__(self, encoder: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.encoder: Any = encoder
        self.head: Any = head

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Embeds int64 (n, tokens), whose mask is 0 at padding; returns (n, dim)."""
        tokens = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(tokens.dtype)
        vectors: torch.Tensor = self.head((tokens * weights).sum(1) / weights.sum(1))
        return vectors


def mean_encoder(config: PreTrainedConfig, weights: dict[str, torch.Tensor]) -> PreTrainedModel:
    """Returns the encoder of such a tower.

    Args:
        config: Its shape.
        weights: By the names of transformers; more than needed is no fault.

    Raises:
        ValueError: It is of an unknown type, or weights are missing.
    """
    try:
        model_class = _ENCODERS[config.model_type]
    except KeyError:
        raise ValueError(f"a text encoder of the type {config.model_type} is not known") from None
    busy = {name: value for name, value in weights.items() if not name.startswith(_IDLE)}
    return filled(model_class, config, busy, add_pooling_layer=False)
