"""The sample library: plan the events of `album.toml`, compose, and write JPEGs with EXIF.

Called by `build.py album`.  `truth.json` is for tests and figures; the application never reads it.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from camera import CAMERAS, exif_bytes, stored_pixels
from PIL import Image
from places import ALBUM_SEED
from scenes import Composed, Item, compose
from specials import SPECIALS, with_specials

ALBUM_TOML = Path(__file__).with_name("album.toml")
JPEG_QUALITY = 77
HEIGHTS = {"tiny": 0.36, "small": 0.46, "medium": 0.56, "large": 0.7}
SHAPES = ((640, 480), (640, 480), (640, 427), (480, 640), (427, 640), (600, 600), (640, 400))
NUMBER_OF_THINGS = (1, 1, 1, 1, 2, 2, 2, 3)
BUST_HEIGHT = 0.72
NEUTRAL_OFFSET_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of the album, before it is painted.

    Attributes:
        place: The painted place.
        items: What is in it.
        taken: Local capture time.
        event: Number of its event.
        size: Width and height in px, upright.
        seed: Of the scene.
        wobble: Displaces things, for the further shots of a burst.
        burst: Number of its burst, or None.
        twin_of: Position in the album of the picture it nearly repeats, or None.
        card: The model card's text it illustrates, or None.
    """

    place: str
    items: tuple[Item, ...]
    taken: datetime
    event: int
    size: tuple[int, int]
    seed: int
    wobble: int | None = None
    burst: int | None = None
    twin_of: int | None = None
    card: str | None = None


class Plan:
    """Decides every shot of the album."""

    def __init__(self, table: dict[str, Any], keys: list[str], seed: int) -> None:
        """Read the plan.

        Args:
            table: `album.toml`.
            keys: Every concept's key, to tell the characters of a string apart.
            seed: Of every choice.
        """
        self._table = table
        self._keys = sorted([*keys, *SPECIALS], key=len, reverse=True)
        self._rng = np.random.default_rng(seed)
        self._sizes = {
            key: HEIGHTS[name] for name, text in table["sizes"].items() for key in self._split(text)
        }
        self.shots: list[Shot] = []
        self._bursts = 0

    def _split(self, text: str) -> list[str]:
        """Cut a run of emoji into concepts; emoji that are no concept are dropped."""
        found = []
        while text:
            key = next((k for k in self._keys if text.startswith(k)), None)
            if key is not None:
                found.append(key)
            text = text[len(key or text[0]) :]
        return found

    def _item(self, key: str, role: str = "ground") -> Item:
        height = BUST_HEIGHT if role == "bust" else self._sizes.get(key, HEIGHTS["medium"])
        return Item(key, height * float(self._rng.uniform(0.9, 1.1)), role)

    def _size(self) -> tuple[int, int]:
        return SHAPES[int(self._rng.integers(len(SHAPES)))]

    def fill(self) -> None:
        """Plan every event, then the card pictures among them."""
        for number, event in enumerate(self._table["events"]["list"]):
            self._event(number, event)
        self._cards()
        self.shots.sort(key=lambda shot: shot.taken)

    def _event(self, number: int, event: list[Any]) -> None:
        name, first_day, days, count = event[:4]
        habitat = self._table["habitat"][name]
        place = habitat.get("place", name)
        things = [(key, "ground") for key in self._split(habitat.get("ground", ""))]
        things += [(key, "air") for key in self._split(habitat.get("air", ""))]
        things += [(key, "bust") for key in self._split(habitat.get("bust", ""))]
        self._rng.shuffle(things)
        start = datetime.fromisoformat(first_day)
        minutes = np.sort(self._rng.integers(9 * 60, 20 * 60, count))
        taken_days = np.sort(self._rng.integers(0, days, count))
        position = 0
        for picture in range(count):
            wanted = int(self._rng.choice(NUMBER_OF_THINGS))
            chosen = [things[(position + n) % len(things)] for n in range(wanted)]
            position += wanted
            if any(role == "bust" for _, role in chosen):
                chosen = [next(c for c in chosen if c[1] == "bust")]
            items = tuple(self._item(key, role) for key, role in chosen)
            at = start + timedelta(
                days=int(taken_days[picture]),
                minutes=int(minutes[picture]),
                milliseconds=int(self._rng.integers(60_000)),
            )
            seed = ALBUM_SEED + int(self._rng.integers(900_000))
            shot = Shot(place, items, at, number, self._size(), seed)
            self.shots.append(shot)
            if picture == count // 2 and number % 3 == 0:
                self._burst_after(shot)
            elif picture == count // 3 and number % 3 == 1:
                self._twin_after(shot)

    def _burst_after(self, shot: Shot) -> None:
        """Add two or three more shots within two seconds."""
        self.shots[-1] = replace(shot, burst=self._bursts)
        for further in range(1, int(self._rng.integers(3, 5))):
            at = shot.taken + timedelta(milliseconds=380 * further + int(self._rng.integers(120)))
            self.shots.append(replace(shot, taken=at, wobble=further, burst=self._bursts))
        self._bursts += 1

    def _twin_after(self, shot: Shot) -> None:
        """Add a near-duplicate, a little cropped and lighter, some seconds later."""
        at = shot.taken + timedelta(seconds=9)
        self.shots.append(replace(shot, taken=at, twin_of=len(self.shots) - 1))

    def _cards(self) -> None:
        """Plan the card pictures, each on a day of an event in the same place."""
        events = self._table["events"]["list"]
        for number, (card, place, keys) in enumerate(self._table["cards"]["list"]):
            names = [n for n, event in enumerate(events) if event[0] == place]
            event = names[number % len(names)]
            start = datetime.fromisoformat(events[event][1])
            at = start + timedelta(hours=13, minutes=3 * number, milliseconds=137 * number)
            seed = ALBUM_SEED + 950_000 + number
            items = tuple(
                replace(self._item(key), height=max(0.5, self._sizes.get(key, 0.6)), spot=spot)
                for key, spot in zip(keys, _card_spots(len(keys)), strict=True)
            )
            self.shots.append(Shot(place, items, at, event, (640, 480), seed, card=card))


def _card_spots(count: int) -> list[tuple[float, float]]:
    return {0: [], 1: [(0.5, 0.75)]}.get(count, [(0.27, 0.7), (0.73, 0.75)])


def _twin(picture: Image.Image) -> Image.Image:
    """Return the picture cropped by three percent and a little lighter."""
    width, height = picture.size
    cropped = picture.crop((width // 33, height // 33, width - width // 33, height - height // 33))
    return cropped.point(lambda value: min(255, int(value * 1.05 + 3)))


def write_album(
    target: Path,
    truth_path: Path,
    sprites: dict[str, Image.Image],
    known: list[str],
    seed: int = 20,
) -> None:
    """Paint and write the whole album, and what its pictures show.

    Args:
        target: Folder to fill; must be empty or absent.
        truth_path: JSON file that lists what each picture shows.
        sprites: Every concept's RGBA picture.
        known: All concepts of the model, places included.
        seed: Of the plan.
    """
    table = tomllib.loads(ALBUM_TOML.read_text(encoding="utf-8"))
    plan = Plan(table, list(sprites), seed)
    plan.fill()
    all_sprites = with_specials(sprites)
    rng = np.random.default_rng([seed, 3])
    originals: dict[tuple[int, datetime], str] = {}
    counters = {number: int(rng.integers(200, 900)) for number in range(len(CAMERAS))}
    truth: list[dict[str, Any]] = []
    for shot in plan.shots:
        event = table["events"]["list"][shot.event]
        camera = CAMERAS[event[4]]
        counters[event[4]] += 1 + int(rng.integers(3) == 0)
        name = camera.file_name(shot.taken, counters[event[4]])
        path = target / str(shot.taken.year) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        done = compose(shot.place, list(shot.items), shot.size, shot.seed, all_sprites, shot.wobble)
        twin_of = originals.get((shot.seed, shot.taken - timedelta(seconds=9)))
        picture = _twin(done.image) if shot.twin_of is not None else done.image
        originals[(shot.seed, shot.taken)] = f"{shot.taken.year}/{name}"
        orientation = int(rng.choice([1, 1, 1, 1, 1, 6, 8, 3])) if camera.rotates else 1
        place = (event[5], event[6]) if camera.has_gps else None
        offset = event[7] if rng.random() < NEUTRAL_OFFSET_SHARE else None
        exif = exif_bytes(camera, shot.taken, orientation, place, offset, rng)
        stored_pixels(picture, orientation).save(
            path, quality=JPEG_QUALITY, exif=exif, optimize=True
        )
        truth.append(_truth(shot, f"{shot.taken.year}/{name}", done, twin_of))
    text = json.dumps(
        {"pictures": truth, "known_concepts": known}, ensure_ascii=False, separators=(",", ":")
    )
    truth_path.write_text(text.replace('{"file"', '\n{"file"') + "\n", encoding="utf-8")


def _truth(shot: Shot, file: str, done: Composed, twin_of: str | None) -> dict[str, Any]:
    """Return one picture's entry; a special counts as each of its parts."""
    boxes: dict[str, list[list[float]]] = {}
    for key, box in done.boxes:
        for part in SPECIALS[key].parts if key in SPECIALS else (key,):
            boxes.setdefault(part, []).append([round(side, 4) for side in box])
    return {
        "file": file,
        "concepts": list(boxes),
        "place": shot.place,
        "boxes": boxes,
        "burst": shot.burst,
        "twin_of": twin_of,
        "event": shot.event,
        "card": shot.card,
    }
