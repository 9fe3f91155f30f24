"""When a photo was taken, by how phones, messengers and people name files.

Called by `capture_time` in a decoder process. Where the name leaves a doubt, it says nothing.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from photosearch.core.photo import CaptureTime

OLDEST_YEAR = 1826  # the first photograph
#: Before it, no camera and no phone named files by eight digits.
_OLDEST_BARE_YEAR = 1990
_NEWEST_YEAR = 2099
#: A day without a time: noon is wrong by half a day at most, and never on another day.
_NOON = 12

_TIME = re.compile(
    r"(?<!\d)(?P<year>1[89]\d\d|20\d\d)(?P<sep>[-_.:]?)(?P<month>\d\d)(?P=sep)(?P<day>\d\d)"
    r"(?:(?:_-_|[ ]at[ ]|,[ ]|[-_ T.])?"
    r"(?P<hour>\d\d?)(?P<between>[-_.:h]?)(?P<minute>\d\d)(?P<between2>[-_.:m]?)(?P<second>\d\d)"
    r"(?:[-_.]?(?P<milli>\d{3}))?(?!\d)(?:\s?(?P<half>[AaPp])[Mm]\b)?)?"
    r"(?!\d)"
)
#: What stands before eight bare digits that are a day, where no time follows: nothing, or these.
_DAY_PREFIX = re.compile(
    r"(?:^|^(?:IMG|VID|PHOTO|PIC|PANO|MVIMG|DSC|SCAN|WA|Screenshot|.*[ _(-]))[-_ ]?$",
    re.IGNORECASE,
)
#: Google's camera names files by UTC.
_IN_UTC = "PXL_"


def time_in_name(name: bytes) -> CaptureTime | None:
    """Reads a date, with its time where there is one, out of a file's name.

    `IMG_20190714_153012`, `PXL_20210504_181530123` (in UTC), `2019-07-14 15.30.12`,
    `Screenshot_20210504-181530`, `signal-2021-05-04-181530`, `IMG-20190714-WA0001` (a day: noon),
    `1965-07-14 Oma`.

    Args:
        name: File name, as the bytes the file system uses.
    """
    text = name.decode("utf-8", "replace")
    for match in _TIME.finditer(text):
        taken = _taken(text, match)
        if taken is not None:
            return taken
    return None


def _taken(text: str, match: re.Match[str]) -> CaptureTime | None:
    year, month, day = (int(match[part]) for part in ("year", "month", "day"))
    is_bare = not match["sep"]
    if not (_OLDEST_BARE_YEAR if is_bare else OLDEST_YEAR) <= year <= _NEWEST_YEAR:
        return None
    has_time = match["hour"] is not None
    if is_bare and not has_time and _DAY_PREFIX.search(text[: match.start()]) is None:
        return None
    try:
        local = datetime(year, month, day, _NOON)
        if has_time:
            local = datetime(
                *(year, month, day, _hour(match), int(match["minute"]), int(match["second"]))
            )
    except ValueError:
        return None  # 20191399, 25.61.61
    local += timedelta(milliseconds=int(match["milli"] or 0))
    is_utc = has_time and text[: match.start()] == _IN_UTC
    return CaptureTime(local, 0 if is_utc else None, "name")


def _hour(match: re.Match[str]) -> int:
    hour = int(match["hour"])
    if match["half"] is None:
        return hour
    return hour % 12 + (12 if match["half"] in "Pp" else 0)
