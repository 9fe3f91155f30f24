from __future__ import annotations

from dataclasses import replace

import pytest

from photosearch.embed import catalogue, languages
from photosearch.embed.languages import Grade
from photosearch.embed.spec import ModelSpec


def speaking(*codes: str, weak: tuple[str, ...] = (), model_id: str = "m") -> ModelSpec:
    sample = catalogue.find("sample")
    text = replace(sample.texts[0], languages=codes, weak_languages=weak)
    space = replace(sample.space, is_sample=False)
    return replace(sample, id=model_id, space=space, texts=(text,))


@pytest.mark.parametrize(
    ("variables", "codes"),
    [
        ({"LANG": "de_DE.UTF-8"}, ["de"]),
        ({"LANG": "de_DE", "LC_ALL": "sr_RS@latin"}, ["sr"]),
        ({"LANGUAGE": "pt_BR:en:pt", "LANG": "de_DE"}, ["pt", "en"]),
        ({"LANG": "nn_NO"}, ["nb"]),
        ({"LANG": "C.UTF-8"}, ["en"]),
        ({"LANG": "POSIX"}, ["en"]),
    ],
)
def test_the_users_languages_are_the_systems(variables: dict[str, str], codes: list[str]) -> None:
    assert languages.of_user(variables) == codes


def test_a_system_that_says_nothing_gives_some_language() -> None:
    assert languages.of_user({})


def test_regions_do_not_matter() -> None:
    assert languages.grade(speaking("zh-cn", "pt-br"), "zh_TW") is Grade.WELL
    assert languages.grade(speaking("de", weak=("de",)), "de-AT") is Grade.WEAKLY
    assert languages.grade(speaking("de"), "ja") is Grade.NOT


def test_the_better_of_two_text_towers_counts() -> None:
    spec = speaking("de", weak=("de",))
    better = replace(spec.texts[0], weak_languages=())
    assert languages.grade(replace(spec, texts=(*spec.texts, better)), "de") is Grade.WELL


def test_models_come_in_the_order_of_their_fit() -> None:
    sample = catalogue.find("sample")
    none = speaking("fr", model_id="none")
    weak = speaking("de", "ja", weak=("ja",), model_id="weak")
    one = speaking("de", model_id="one")
    both = speaking("de", "ja", model_id="both")
    ordered = languages.by_fit([sample, none, one, weak, both], ["de", "ja"])
    assert [spec.id for spec in ordered] == ["both", "weak", "one", "none", "sample"]


@pytest.mark.parametrize(
    ("spec", "asked", "text"),
    [
        (speaking("en"), ["en"], "English only"),
        (speaking("en"), ["de"], "English only; not German"),
        (speaking("en", "de", "ja"), ["de"], "German and 2 more"),
        (speaking("en", "de", weak=("de",)), ["de"], "German (finds less) and 1 more"),
        (speaking("en", "ja"), ["de"], "2 others; not German"),
        (speaking(), ["de"], ""),
    ],
)
def test_languages_are_said_in_words(spec: ModelSpec, asked: list[str], text: str) -> None:
    assert languages.described(spec, asked) == text


def test_every_language_of_the_catalogue_has_a_name() -> None:
    known = languages.names()
    for spec in catalogue.load().values():
        assert [code for code in spec.languages if languages.primary(code) not in known] == []
