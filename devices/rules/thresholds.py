"""From which value on a reading needs care."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold as values; ages are whole years, both ends included."""

    pk: int
    kind: str
    side: str
    value: Decimal
    level: int
    sex: str = ""
    age_from: int = 0
    age_to: int = 150

    def is_for(self, *, age: int | None, sex: str) -> bool:
        """Tell whether it is about somebody; what nobody knows of a person meets no condition."""
        if self.sex and self.sex != sex:
            return False
        if (self.age_from, self.age_to) == (0, 150):
            return True
        return age is not None and self.age_from <= age <= self.age_to

    def is_met_by(self, value: Decimal) -> bool:
        return value >= self.value if self.side == "from" else value < self.value


def limits_for(
    limits: Iterable[Limit], kind: str, *, age: int | None, sex: str = ""
) -> list[Limit]:
    return [limit for limit in limits if limit.kind == kind and limit.is_for(age=age, sex=sex)]


def judge(
    value: Decimal, kind: str, limits: Iterable[Limit], *, age: int | None, sex: str = ""
) -> Limit | None:
    """Give the gravest threshold a value has met; of equal ones the narrower age band."""
    met = [limit for limit in limits_for(limits, kind, age=age, sex=sex) if limit.is_met_by(value)]
    return max(met, key=lambda limit: (limit.level, limit.age_from - limit.age_to), default=None)
