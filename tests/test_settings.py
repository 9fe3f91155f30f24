from __future__ import annotations

from pathlib import Path

import pytest

from photosearch.errors import UsageError
from photosearch.settings import LibrarySettings


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert LibrarySettings.load(tmp_path / "none.toml") == LibrarySettings()


def test_what_was_saved_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "library.toml"
    LibrarySettings(model="other").save(path)
    assert LibrarySettings.load(path) == LibrarySettings(model="other")


def test_saving_keeps_comments_and_unknown_keys(tmp_path: Path) -> None:
    path = tmp_path / "library.toml"
    path.write_text('# mine\nmodel = "old"\nlater = 3\n', encoding="utf-8")
    LibrarySettings(model="new").save(path)
    text = path.read_text(encoding="utf-8")
    assert "# mine" in text
    assert "later = 3" in text
    assert LibrarySettings.load(path).model == "new"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("model = [", "not valid TOML"),
        ("model = 3", "wrong value"),
        ("watch_in_background = 1", "wrong value"),
        ("version = 99", "newer"),
    ],
)
def test_a_bad_file_is_an_error_that_names_it(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "library.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=part) as caught:
        LibrarySettings.load(path)
    assert str(path) in caught.value.message


def test_patterns_are_a_list_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "library.toml"
    path.write_text('exclude = ["Screenshots", "*/cache/*"] # mine\n')
    settings = LibrarySettings.load(path)
    assert settings.exclude == ("Screenshots", "*/cache/*")
    settings.save(path)
    assert LibrarySettings.load(path) == settings


@pytest.mark.parametrize("value", ["[1]", '"Screenshots"', '["a", ["b"]]'])
def test_patterns_must_be_texts(tmp_path: Path, value: str) -> None:
    path = tmp_path / "library.toml"
    path.write_text(f"exclude = {value}")
    with pytest.raises(UsageError, match="exclude"):
        LibrarySettings.load(path)
