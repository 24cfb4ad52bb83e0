"""Metres between two points of the earth."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS = 6_371_000


def metres_between(lat: float, lng: float, other_lat: float, other_lng: float) -> float:
    """Measure along a great circle; good to half a percent anywhere."""
    low, high = radians(lat), radians(other_lat)
    half = sin((high - low) / 2) ** 2
    half += cos(low) * cos(high) * sin(radians(other_lng - lng) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(sqrt(min(1.0, half)))


def on_earth(lat: float, lng: float) -> tuple[float, float, float]:
    """Place a point on a ball, as the index of sites does."""
    flat = EARTH_RADIUS * cos(radians(lat))
    return (
        flat * cos(radians(lng)),
        flat * sin(radians(lng)),
        EARTH_RADIUS * sin(radians(lat)),
    )
