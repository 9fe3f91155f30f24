"""Many files that go elsewhere at once: not one of them is read."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from photosearch.core.userdata import UserChange
from tests.test_library import Opened

COUNT = 10_000


def test_ten_thousand_renamed_files_cost_no_reading_and_no_inference(tmp_path: Path) -> None:
    before, after = tmp_path / "photos" / "before", tmp_path / "photos" / "after"
    before.mkdir(parents=True)
    for number in range(COUNT):
        Image.new("RGB", (4, 4), (number % 256, number // 256, 90)).save(before / f"{number}.png")
    opened = Opened(tmp_path / "library")
    assert opened.index(tmp_path / "photos").encoded == COUNT
    ids = opened.library.photo_ids().tolist()
    opened.library.change_photos(ids[:100], UserChange(add_tags=("kept",)))
    reads = opened.decoder.read_count, opened.decoder.listed_count

    before.rename(after)
    run = opened.wait_for_run(opened.library.start_index())

    assert (run.moved, run.gone, run.done, run.encoded) == (COUNT, 0, 0, 0)
    assert (opened.decoder.read_count, opened.decoder.listed_count) == reads
    assert opened.library.photo_ids().tolist() == ids
    photos = opened.library.photos(ids)
    assert {photo.path.parent for photo in photos} == {after}
    assert all(photo.user.tags == ("kept",) for photo in photos[:100])
    opened.library.close()
