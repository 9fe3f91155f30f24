from __future__ import annotations

import pytest

from photosearch.core.failure import unread_sentence


@pytest.mark.parametrize(
    ("file_count", "folder_count", "sentence"),
    [
        (0, 0, "Everything could be read"),
        (1, 0, "1 file could not be read"),
        (0, 1, "1 folder could not be read"),
        (3, 1, "3 files and 1 folder could not be read"),
        (1_204, 2, "1,204 files and 2 folders could not be read"),
    ],
)
def test_files_and_folders_are_told_apart(
    file_count: int, folder_count: int, sentence: str
) -> None:
    assert unread_sentence(file_count, folder_count) == sentence
