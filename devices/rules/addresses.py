"""What part of an address a reader of the feed asked for."""

from dataclasses import dataclass

from participants.rules.districts import DISTRICTS

CITY = ("서울특별시", "서울시", "서울")


class NoDistrict(ValueError):
    """An address that names no district of Seoul: the city alone is everybody."""


@dataclass(frozen=True, slots=True)
class Asked:
    district: str
    rest: tuple[str, ...]

    def fits(self, *, district: str, address: str, name: str) -> bool:
        """Say whether a place lies in the district and has every other word asked for."""
        text = f"{address} {name}"
        return district == self.district and all(word in text for word in self.rest)


def read_address(text: str) -> Asked:
    """Split “서울특별시 종로구 건강로” into the district and what else must be in the address."""
    words = text.split()
    if words and words[0] in CITY:
        words = words[1:]
    if not words or words[0] not in DISTRICTS:
        raise NoDistrict(text)
    return Asked(words[0], tuple(words[1:]))
