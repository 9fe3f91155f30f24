"""Imports sentence-transformers without the parts that cost the most and are never called here."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn


def _not_loaded(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("scikit-learn is not loaded in this process")


@contextmanager
def without_scikit_learn() -> Iterator[None]:
    """Keeps imports in the block from loading scikit-learn, and SciPy with it.

    WORKAROUND https://github.com/UKPLab/sentence-transformers: its `util.similarity` imports
    scikit-learn for `pairwise_distances`, which nothing here calls, and that is a quarter of the
    seconds until the first answer. Remove when it imports it where it uses it.
    """
    if "sklearn" in sys.modules:
        yield
        return
    package, metrics = ModuleType("sklearn"), ModuleType("sklearn.metrics")
    package.__spec__, metrics.__spec__ = (
        ModuleSpec("sklearn", None, is_package=True),
        ModuleSpec("sklearn.metrics", None),
    )
    package.__path__ = []
    metrics.pairwise_distances = _not_loaded  # type: ignore[attr-defined]
    sys.modules.update({"sklearn": package, "sklearn.metrics": metrics})
    try:
        yield
    finally:
        for name in ("sklearn", "sklearn.metrics"):
            del sys.modules[name]
        importlib.invalidate_caches()
