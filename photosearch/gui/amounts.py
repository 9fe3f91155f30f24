"""Sizes and times as people read them. Any thread."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

_MINUTE_S = 60
_HOUR_S = 3600
_GIGABYTE = 1_000_000_000


def size_text(size_bytes: float) -> str:
    """Returns a size: "540 MB", "1.2 GB"; no digits that nobody reads."""
    digits = 1 if size_bytes >= _GIGABYTE else 0
    return QLocale().formattedDataSize(
        round(size_bytes), digits, QLocale.DataSizeFormat.DataSizeSIFormat
    )


def share_text(share: float) -> str:
    """Returns a share of 0..1 in percent: "93 %"; 100 only where it is all."""
    percent = 100 if share >= 1 else min(99, round(share * 100))
    return QCoreApplication.translate("Amounts", "%1 %").replace("%1", QLocale().toString(percent))


def time_left(eta_s: float) -> str:
    """Returns how long something takes yet: "23 s left", "3 min left"."""
    translate = QCoreApplication.translate
    if eta_s < _MINUTE_S:
        return translate("Amounts", "%Ln s left", "", max(1, round(eta_s)))
    if eta_s < _HOUR_S:
        return translate("Amounts", "%Ln min left", "", round(eta_s / _MINUTE_S))
    return translate("Amounts", "%Ln h left", "", round(eta_s / _HOUR_S))


def every_text(seconds: float) -> str:
    """Returns how long something takes each time: "40 s", "15 min", "24 h"."""
    translate = QCoreApplication.translate
    if seconds < _MINUTE_S:
        return translate("Amounts", "%Ln s", "", max(1, round(seconds)))
    if seconds < _HOUR_S:
        return translate("Amounts", "%Ln min", "", round(seconds / _MINUTE_S))
    return translate("Amounts", "%Ln h", "", round(seconds / _HOUR_S))
