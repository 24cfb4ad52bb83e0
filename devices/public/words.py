"""Levels of stock in words and tones; a colour never stands alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, tuple[str | Promise, str]] = {
    "plenty": (_("Plenty"), "ok"),
    "some": (_("Some"), "info"),
    "few": (_("Few"), "warn"),
    "empty": (_("None left"), "neutral"),
    "break": (_("Handing out stopped"), "danger"),
    "unknown": (_("To be checked"), "neutral"),
}
IN_STOCK = frozenset({"plenty", "some", "few"})
# Where each district lies, row by row from the north; a dash is a gap.
MAP = (
    "- - - 강북구 도봉구 노원구",
    "- - 은평구 종로구 성북구 중랑구",
    "- 마포구 서대문구 중구 동대문구 광진구",
    "강서구 양천구 영등포구 용산구 성동구 강동구",
    "- 구로구 동작구 서초구 강남구 송파구",
    "- 금천구 관악구 - - -",
)
TILES: dict[str, str | Promise] = {
    "many": _("At most places"),
    "some": _("At some places"),
    "none": _("None left"),
    "unknown": _("To be checked"),
}


@dataclass(slots=True)
class Tile:
    """A district on the map: at how many of its places there is something."""

    district: str
    stocked: int = 0
    empty: int = 0
    unknown: int = 0

    @property
    def places(self) -> int:
        return self.stocked + self.empty + self.unknown

    @property
    def kind(self) -> str:
        if self.stocked:
            return "many" if 2 * self.stocked > self.places else "some"
        return "none" if self.empty > self.unknown else "unknown"

    @property
    def word(self) -> str | Promise:
        return TILES[self.kind]

    @property
    def short_name(self) -> str:
        """Name it as maps do; 중구 alone would lose its only syllable."""
        return self.district.removesuffix("구") if len(self.district) > len("중구") else "중구"

    def count(self, level: str) -> None:
        if level in IN_STOCK:
            self.stocked += 1
        elif level == "unknown":
            self.unknown += 1
        else:
            self.empty += 1


def lay_map(rows: Iterable[dict[str, Any]]) -> list[list[Tile | None]]:
    """Count the places of each district and lay the districts out as they lie."""
    tiles = {name: Tile(name) for line in MAP for name in line.split() if name != "-"}
    for row in rows:
        tiles[row["district"]].count(row["level"])
    return [[tiles.get(name) for name in line.split()] for line in MAP]


def worded(row: dict[str, Any]) -> dict[str, Any]:
    """Add the word and tone of a row's level, and of what was said last."""
    word, tone = WORDS[row["level"]]
    return {**row, "word": word, "tone": tone, "last_word": WORDS[row["last_level"]][0]}
