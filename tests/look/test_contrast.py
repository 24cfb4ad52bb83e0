import re
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
STATUSES = ("info", "ok", "warn", "danger", "neutral")
TEXT_ON_GROUND = [
    *product(("ink", "ink-2", "ink-3"), ("surface", "surface-2", "surface-3", "canvas")),
    *product(("primary",), ("surface", "surface-2", "canvas")),
    *((status, f"{status}-soft") for status in STATUSES),
    *((status, "surface") for status in ("warn", "danger")),
    ("primary-strong", "primary-soft"),
    ("on-primary", "primary"),
    ("on-primary", "primary-strong"),
    ("white", "danger-fill"),
    ("white", "danger-fill-strong"),
    *((f"chart-{place}", "surface") for place in range(1, 6)),
]
SHAPES_ON_GROUND = [
    ("control-line", "surface"),
    ("primary", "surface"),
]


def block(selector: str) -> dict[str, str]:
    body = TOKENS.split(selector, 1)[1].split("}", 1)[0]
    return {"white": "#ffffff", **dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))}


MODES = {"light": block(":root {"), "dark": block(':root[data-theme="dark"] {')}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_every_text_can_be_read_on_its_ground(mode: str, text: str, ground: str) -> None:
    colours = MODES[mode]

    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("shape", "ground"), SHAPES_ON_GROUND)
def test_every_shape_stands_out_from_its_ground(mode: str, shape: str, ground: str) -> None:
    colours = MODES[mode]

    assert contrast(colours[shape], colours[ground]) >= 3


def test_the_dark_of_the_system_is_the_dark_of_the_choice() -> None:
    assert block(":root:not([data-theme]) {") == MODES["dark"]
    assert MODES["dark"].keys() == MODES["light"].keys()
