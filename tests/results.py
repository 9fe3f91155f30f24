"""Answers of a library, made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch.core.query import Query, Reading
from photosearch.core.result import Band, SearchResult, Why


def result_of(
    query: Query,
    ids: npt.ArrayLike,
    *,
    space_key: str = "fake@1+p1",
    searched_count: int | None = None,
    reading: Reading = Reading.AUTO,
    **others: Any,
) -> SearchResult:
    """Makes an answer: the first photo is the best, all stand out, unless told otherwise."""
    found = np.asarray(ids, np.int64)
    count = len(found)
    fields: dict[str, Any] = {
        "scores": np.linspace(0.9, 0.1, count, dtype=np.float32),
        "confidences": np.linspace(0.99, 0.6, count, dtype=np.float32),
        "bands": np.full(count, Band.STRONG, np.uint8),
        "whys": np.full(count, Why.IMAGE, np.uint8),
        "total_count": count,
        "elapsed_ms": 14.2,
    }
    fields |= others
    return SearchResult(
        query=query,
        space_key=space_key,
        ids=found,
        searched_count=count if searched_count is None else searched_count,
        reading=reading,
        **fields,
    )
