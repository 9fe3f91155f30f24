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
        ("model = [", "not valid TOML in line 1, column 1: unexpected end of file"),
        (
            'threads = 2\nmodel = "a\n',
            "in line 2, column 10: the closing quote of a text is missing",
        ),
        ("threads = 1\nthreads = 2", "in line 2, .*already exists"),
        ("threads = true", "wrong value: True"),
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


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('exclude = "foo"', 'Write a list of patterns: exclude = ["foo"].'),
        ("exclude = 3", 'Write a list of patterns, such as ["Screenshots", "*/cache/*"].'),
        ("threads = 1.5", "Write a whole number."),
        ("follow_links = 1", "Write true or false."),
        ("on_battery = 3", "Write a text in quotes."),
    ],
)
def test_a_wrong_value_says_what_is_meant(tmp_path: Path, text: str, hint: str) -> None:
    path = tmp_path / "library.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        LibrarySettings.load(path)
    assert caught.value.hint == hint


def test_keys_that_mean_nothing_are_told_with_the_one_that_may_be_meant(tmp_path: Path) -> None:
    path = tmp_path / "library.toml"
    assert LibrarySettings.unknown_keys(path) == []
    path.write_text('version = 1\nexcludes = []\nrescan-minutes = 5\nmodel = "m"\nxyz = 1\n')
    assert LibrarySettings.load(path).model == "m"
    assert LibrarySettings.unknown_keys(path) == [
        f'"excludes" in {path} is no setting; "exclude" may be meant',
        f'"rescan-minutes" in {path} is no setting; "rescan_minutes" may be meant',
        f'"xyz" in {path} is no setting',
    ]
