from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.index.rules import FolderRules, ScanRules


def rules(*exclude: str) -> FolderRules:
    return ScanRules(exclude).below(b"/photos")


@pytest.mark.parametrize(
    "name",
    [
        *(".thumbnails", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information"),
        *("lost+found", "node_modules", "Mine.photoslibrary", "Catalog Previews.lrdata"),
    ],
)
def test_directories_of_other_programs_are_pruned(name: str) -> None:
    path = f"2019/{name}"
    assert rules().prunes(path.encode())
    assert not rules().admits(f"{path}/a.jpg".encode())
    assert not rules().admits(f"{path}/deep/down".encode(), is_directory=True)


@pytest.mark.parametrize(
    "name", [".a.jpg", "a.jpg.part", "a.jpg.crdownload", "A.TMP", "~a.jpg", ".trashed-1-a.jpg"]
)
def test_hidden_and_unfinished_files_are_left_out(name: str) -> None:
    assert rules().leaves_out(b"2019/" + name.encode())
    assert not rules().admits(name.encode())


def test_ordinary_names_are_admitted() -> None:
    assert rules().admits(b"2019/Summer/a.jpg")
    assert rules().admits(b"2019/Summer", is_directory=True)
    assert rules().admits(b"", is_directory=True)
    assert rules().admits(b"part/tmp/a~.jpg")


@pytest.mark.parametrize(
    ("pattern", "excluded", "admitted"),
    [
        ("Screenshots", ["Screenshots/", "a/b/screenshots/", "Screenshots"], ["Screenshots2/"]),
        ("Screenshots/", ["a/Screenshots/"], ["Screenshots", "a/Screenshots"]),
        ("/raw", ["raw/", "raw"], ["2019/raw/"]),
        ("2019/raw", ["2019/raw/"], ["raw/", "a/2019/raw/", "2019/raw2/"]),
        ("*/cache/*", ["a/cache/b.jpg", "a/cache/c/"], ["cache/b.jpg", "a/b/cache/c.jpg"]),
        ("**/cache/*", ["cache/b.jpg", "a/b/cache/c.jpg"], ["cache/"]),
        ("2019/**", ["2019/a.jpg", "2019/b/"], ["2019/", "2020/a.jpg"]),
        ("a/**/b", ["a/b/", "a/x/b/", "a/x/y/b/"], ["b/", "x/a/b/"]),
        ("*.gif", ["a.gif", "b/c.GIF"], ["a.gif.jpg"]),
        ("IMG_???.jpg", ["IMG_001.jpg"], ["IMG_0001.jpg", "IMG_/01.jpg"]),
        ("IMG_[0-4]*", ["IMG_3.jpg"], ["IMG_5.jpg"]),
        ("IMG_[!0-4]*", ["IMG_5.jpg"], ["IMG_3.jpg"]),
        ("a[b", ["a[b"], ["ab"]),
        ("100% (1).jpg", ["100% (1).jpg"], ["100% 1.jpg"]),
        ("Gr\u00f6\u00dfe", ["Gro\u0308\u00dfe/"], ["Grosse/"]),
        ("line\nbreak*", ["line\nbreak\n.jpg"], ["linebreak.jpg"]),
    ],
)
def test_patterns_mean_what_they_do_in_a_gitignore(
    pattern: str, excluded: list[str], admitted: list[str]
) -> None:
    one = rules(pattern)

    def is_out(path: str) -> bool:
        raw = os.fsencode(path.rstrip("/"))
        return one.prunes(raw) if path.endswith("/") else one.leaves_out(raw)

    assert [path for path in excluded if not is_out(path)] == []
    assert [path for path in admitted if is_out(path)] == []


def test_a_pattern_may_take_back_what_an_earlier_one_excluded() -> None:
    one = rules("*", "!2023", "!2023/**", "2023/raw")
    assert one.admits(b"2023/a.jpg")
    assert not one.admits(b"2022/a.jpg")
    assert not one.admits(b"2023/raw/a.jpg")


def test_empty_patterns_exclude_nothing() -> None:
    assert not rules("", " ", "/", "!").has_patterns


def test_names_that_are_no_text_can_be_excluded() -> None:
    assert rules("caf*").leaves_out(b"caf\xe9.jpg")


def test_our_own_library_is_left_out(tmp_path: Path) -> None:
    library = tmp_path / "photos" / "library"
    library.mkdir(parents=True)
    one = ScanRules(own_directories=(os.fsencode(library),)).below(os.fsencode(tmp_path / "photos"))
    assert one.prunes(b"library")
    assert not one.prunes(b"2019/library")


def test_rules_can_be_compared() -> None:
    assert ScanRules(("a",)) == ScanRules(("a",))
    assert ScanRules(("a",)) != ScanRules(("a",), follow_links=True)


@given(st.text(max_size=12), st.binary(min_size=1, max_size=20))
def test_no_pattern_and_no_name_is_too_strange(pattern: str, name: bytes) -> None:
    try:
        one = rules(pattern)
        one.leaves_out(name)
        one.prunes(name)
    except re.error as error:
        pytest.fail(str(error))


@given(st.text(st.characters(exclude_characters="*?[]!#/", exclude_categories=["Cs"]), min_size=1))
def test_a_name_without_signs_excludes_itself(name: str) -> None:
    if name == name.strip() and name != "**":
        assert rules(name).leaves_out(b"sub/" + os.fsencode(name))
