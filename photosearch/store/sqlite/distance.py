"""How far photos were taken from a place. Used by `filters`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from photosearch.core.filters import Near

#: Mean radius of the earth (IUGG).
_EARTH_KM = 6371.0088


def is_near(
    latitude: npt.NDArray[np.float32], longitude: npt.NDArray[np.float32], place: Near
) -> npt.NDArray[np.bool_]:
    """Which positions lie within a distance of a place.

    Args:
        latitude: Degrees, (n,); NaN where it is unknown.
        longitude: Degrees, (n,); NaN where it is unknown.
        place: Where, and how far around.

    Returns:
        bool (n,).
    """
    met = np.zeros(len(latitude), np.bool_)
    # A band of latitudes first: it needs no trigonometry.
    band_deg = np.degrees(place.within_km / _EARTH_KM) + 0.001
    # Rounded like the columns, so that a photo is at no distance from its own place.
    lat_0, lon_0 = np.float32(place.latitude_deg), np.float32(place.longitude_deg)
    close = np.flatnonzero(np.abs(latitude - lat_0) <= band_deg)
    lat, lon = (np.radians(deg[close].astype(np.float64)) for deg in (latitude, longitude))
    lat_0, lon_0 = np.radians(float(lat_0)), np.radians(float(lon_0))
    # The haversine formula.
    square = np.sin((lat - lat_0) / 2) ** 2
    square += np.cos(lat) * np.cos(lat_0) * np.sin((lon - lon_0) / 2) ** 2
    met[close] = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(square, 0, 1))) <= place.within_km
    return met
