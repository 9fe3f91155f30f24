"""The networks that the catalogue's models are made of, by transformers' names for them.

transformers imports a network's modules by name when a file asks for them, so nothing written here
or there leads to them: the package for people without Python is told by this list.
"""

from __future__ import annotations

#: Folders of `transformers.models`: the catalogue's own, and what tokenizers of them come from.
ARCHITECTURES = (
    "bert",
    "clip",
    "distilbert",
    "gemma",
    "m2m_100",
    "mpnet",
    "roberta",
    "siglip",
    "siglip2",
    "xlm_roberta",
)


def load_all() -> list[str]:
    """Imports the networks and tokenizers of all architectures, and every loader.

    Returns:
        The names of the classes. Loads torch; for checks that a package is whole.

    Raises:
        ImportError: One is missing.
    """
    from importlib import import_module
    from pkgutil import iter_modules

    from photosearch.embed import loaders

    for module in iter_modules(loaders.__path__):
        import_module(f"{loaders.__name__}.{module.name}")
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING
    from transformers.models.auto.modeling_auto import MODEL_MAPPING
    from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING

    classes = []
    for name in ARCHITECTURES:
        config = CONFIG_MAPPING[name.replace("_", "-") if name == "xlm_roberta" else name]
        classes.append(MODEL_MAPPING[config])
        if config in TOKENIZER_MAPPING:
            classes.append(TOKENIZER_MAPPING[config])
    return [str(getattr(found, "__name__", found)) for found in classes]
