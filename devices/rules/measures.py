"""Measured values: their units, what a human body can show, and which unit was meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

SKEW = timedelta(minutes=15)
OLDEST = timedelta(days=366)
TENTH = Decimal("0.1")
MOST_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Measure:
    """A kind of reading: its unit, what other units are worth in it, what bodies can show."""

    unit: str
    low: Decimal
    high: Decimal
    others: Mapping[str, tuple[Decimal, Decimal]]

    def factors(self) -> dict[str, tuple[Decimal, Decimal]]:
        return {self.unit: (Decimal(1), Decimal(0)), **self.others}


def measure(unit: str, low: str, high: str, **others: str | tuple[str, str]) -> Measure:
    """Write a measure down: other units as a factor, or as a factor and what is added after it."""
    worth = {
        name.replace("_per_", "/"): (
            (Decimal(factor), Decimal(0))
            if isinstance(factor, str)
            else (Decimal(factor[0]), Decimal(factor[1]))
        )
        for name, factor in others.items()
    }
    return Measure(unit, Decimal(low), Decimal(high), worth)


MMHG_OF_KPA, KG_OF_LB, CM_OF_IN, MGDL_OF_MMOL = "7.50062", "0.45359237", "2.54", "18.0156"
FAHRENHEIT = ("0.5555555556", "-17.7777777778")
MEASURES: Mapping[str, Measure] = {
    "systolic": measure("mmHg", "50", "300", kPa=MMHG_OF_KPA),
    "diastolic": measure("mmHg", "25", "200", kPa=MMHG_OF_KPA),
    "pulse": measure("bpm", "25", "250"),
    "weight": measure("kg", "20", "300", lb=KG_OF_LB, g="0.001"),
    "height": measure("cm", "80", "250", m="100", **{"in": CM_OF_IN}),
    "waist": measure("cm", "35", "250", **{"in": CM_OF_IN}),
    "body_fat": measure("%", "2", "75"),
    "bmi": measure("kg/m2", "8", "90"),
    "glucose_fasting": measure("mg/dL", "20", "900", mmol_per_L=MGDL_OF_MMOL),
    "glucose": measure("mg/dL", "20", "900", mmol_per_L=MGDL_OF_MMOL),
    "grip": measure("kg", "1", "100", lb=KG_OF_LB, N="0.101972"),
    "temperature": measure("C", "30", "45", F=FAHRENHEIT),
}
# Spelled as instruments and offices spell them.
SPELLINGS = {
    "mmhg": "mmHg", "kpa": "kPa", "kg": "kg", "kgf": "kg", "lb": "lb", "lbs": "lb", "cm": "cm",
    "m": "m", "in": "in", "inch": "in", "mg/dl": "mg/dL", "mmol/l": "mmol/L", "%": "%",
    "bpm": "bpm", "/min": "bpm", "n": "N", "g": "g", "c": "C", "℃": "C", "°c": "C", "f": "F",
    "℉": "F", "°f": "F", "kg/m2": "kg/m2", "kg/m²": "kg/m2",
}  # fmt: skip


class Refused(ValueError):
    """A value that is not kept: why, and what would help."""

    def __init__(self, reason: str, **terms: str) -> None:
        super().__init__(reason)
        self.reason, self.terms = reason, terms


def read_number(text: str) -> Decimal:
    """Read a plain decimal number: ASCII digits, one point, at most eight signs."""
    spelled = text.strip()
    plain = spelled.lstrip("-").replace(".", "", 1)
    if not plain.isascii() or not plain.isdigit() or len(spelled) > MOST_DIGITS:
        raise Refused("not_a_number")
    try:
        return Decimal(spelled)
    except InvalidOperation:
        raise Refused("not_a_number") from None


def read_unit(kind: str, text: str) -> str:
    """Read a unit of a kind; none given means the kind's own."""
    if kind not in MEASURES:
        raise Refused("unknown_kind")
    spelled = text.strip()
    unit = SPELLINGS.get(spelled.lower(), spelled) if spelled else MEASURES[kind].unit
    if unit not in MEASURES[kind].factors():
        raise Refused("unknown_unit", units=", ".join(MEASURES[kind].factors()))
    return unit


def converted(kind: str, value: Decimal, unit: str) -> Decimal:
    factor, added = MEASURES[kind].factors()[unit]
    return (value * factor + added).quantize(TENTH, ROUND_HALF_UP)


def is_human(kind: str, value: Decimal) -> bool:
    return MEASURES[kind].low <= value <= MEASURES[kind].high


def meant_unit(kind: str, value: Decimal, unit: str) -> str:
    """Name another unit in which the number would be a human one; empty if none or unclear."""
    fitting = [
        other
        for other in MEASURES[kind].factors()
        if other != unit and is_human(kind, converted(kind, value, other))
    ]
    return fitting[0] if len(fitting) == 1 else ""


def in_own_unit(kind: str, value: Decimal, unit: str) -> Decimal:
    """Convert to the kind's own unit; refuse what no human body shows, and say what was meant."""
    own = converted(kind, value, unit)
    if is_human(kind, own):
        return own
    measure_ = MEASURES[kind]
    terms = {"low": f"{measure_.low}", "high": f"{measure_.high}", "unit": measure_.unit}
    meant = meant_unit(kind, value, unit)
    if meant:
        raise Refused("other_unit", meant=meant, **terms)
    raise Refused("out_of_range", **terms)


def check_moment(measured_at: datetime, now: datetime) -> None:
    """Refuse a moment that lies ahead by more than clocks differ, or too far back."""
    if measured_at > now + SKEW:
        raise Refused("from_the_future", minutes=str(int(SKEW.total_seconds() // 60)))
    if measured_at < now - OLDEST:
        raise Refused("too_old", days=str(OLDEST.days))


def pressures_fit(systolic: Decimal, diastolic: Decimal) -> bool:
    """Tell whether two values can be one blood pressure; swapped columns cannot."""
    return diastolic < systolic
