"""Readings are looked at before they are kept: whose, what, when, and with which instrument."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from devices.models import Calibration, Instrument, Reading, Site
from devices.rules.measures import (
    Refused,
    check_moment,
    in_own_unit,
    pressures_fit,
    read_number,
    read_unit,
)
from devices.rules.reading_words import INSTRUMENTS, sentence
from participants.models import Consent, Participant
from seoul_health.core import clock

Moment = tuple[int, str, datetime]


@dataclass(frozen=True, slots=True)
class Told:
    """One value as it was stated: nothing of it is believed yet."""

    number: str
    kind: str
    value: str
    measured_at: datetime | None
    unit: str = ""
    instrument: str = ""
    sex: str = ""


@dataclass(slots=True)
class Item:
    """What became of one value: accepted, duplicate or rejected, and why."""

    told: Told
    outcome: str = "accepted"
    reason: str = ""
    terms: dict[str, str] = field(default_factory=dict)
    participant: Participant | None = None
    instrument: Instrument | None = None
    value: Decimal = Decimal(0)
    stated: Decimal = Decimal(0)
    unit: str = ""
    is_overdue: bool = False

    @property
    def at(self) -> datetime:
        assert self.told.measured_at is not None, "only what has a moment is kept"
        return self.told.measured_at

    @property
    def message(self) -> str:
        return sentence(self.reason, self.terms)

    def reject(self, reason: str, **terms: str) -> None:
        self.outcome, self.reason, self.terms = "rejected", reason, terms


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known about everybody and everything the values name: one query each."""

    site: Site
    now: datetime
    people: dict[str, Participant]
    consenting: frozenset[int]
    instruments: dict[str, Instrument]
    calibrations: dict[int, list[tuple[date, date]]]
    kept: dict[Moment, Decimal]


def ground(site: Site, told: Sequence[Told]) -> Ground:
    numbers = {one.number for one in told}
    people = {row.number: row for row in Participant.objects.filter(number__in=numbers)}
    ids = [row.pk for row in people.values()]
    consents = Consent.objects.filter(
        participant__in=ids, purpose=Consent.Purpose.HEALTH, withdrawn_at=None
    )
    instruments = {row.serial: row for row in Instrument.objects.in_use().filter(site=site)}
    return Ground(
        site=site,
        now=clock.now(),
        people=people,
        consenting=frozenset(consents.values_list("participant", flat=True)),
        instruments=instruments,
        calibrations=calibrations_of(instruments.values()),
        kept=kept_for(ids, [one.measured_at for one in told if one.measured_at]),
    )


def calibrations_of(instruments: Iterable[Instrument]) -> dict[int, list[tuple[date, date]]]:
    known: dict[int, list[tuple[date, date]]] = defaultdict(list)
    rows = Calibration.objects.filter(instrument__in=[row.pk for row in instruments])
    for pk, done_on, until in rows.values_list("instrument", "done_on", "valid_until"):
        known[pk].append((done_on, until))
    return known


def kept_for(people: Sequence[int], moments: Sequence[datetime]) -> dict[Moment, Decimal]:
    if not moments:
        return {}
    rows = Reading.objects.standing().filter(
        participant__in=people, measured_at__range=(min(moments), max(moments))
    )
    return {
        (person, kind, at): value
        for person, kind, at, value in rows.values_list(
            "participant", "kind", "measured_at", "value"
        )
    }


def examine(told: Sequence[Told], known: Ground) -> list[Item]:
    """Judge every value by itself, then together with the others of its moment."""
    items = [examine_one(one, known) for one in told]
    mark_swapped_pressures(items)
    mark_repeated(items, known)
    return items


def examine_one(told: Told, known: Ground) -> Item:
    item = Item(told)
    try:
        identify(item, known)
        item.unit = read_unit(told.kind, told.unit)
        item.stated = read_number(told.value)
        item.value = in_own_unit(told.kind, item.stated, item.unit)
        if told.measured_at is None:
            raise Refused("bad_time")
        check_moment(told.measured_at, known.now)
        find_instrument(item, known)
    except Refused as refusal:
        item.reject(refusal.reason, **refusal.terms)
    return item


def identify(item: Item, known: Ground) -> None:
    """Find the person, who must have agreed to the use of health data."""
    person = known.people.get(item.told.number)
    if person is None or person.withdrawn_at is not None:
        raise Refused("unknown_person")
    if person.pk not in known.consenting:
        raise Refused("no_consent")
    item.participant = person


def find_instrument(item: Item, known: Ground) -> None:
    """Find the instrument; without a calibration for the day the reading is marked."""
    if not item.told.instrument:
        return
    found = known.instruments.get(item.told.instrument)
    if found is None:
        raise Refused("unknown_instrument")
    if item.told.kind not in INSTRUMENTS.get(found.kind, frozenset()):
        raise Refused("wrong_instrument")
    day = clock.seoul_day(item.at)
    item.instrument = found
    item.is_overdue = not any(
        done_on <= day <= until for done_on, until in known.calibrations.get(found.pk, [])
    )
    if item.is_overdue:
        item.reason = "calibration_overdue"


def mark_swapped_pressures(items: Iterable[Item]) -> None:
    pairs: dict[tuple[str, datetime | None], dict[str, Item]] = defaultdict(dict)
    for item in items:
        if item.outcome == "accepted" and item.told.kind in {"systolic", "diastolic"}:
            pairs[item.told.number, item.told.measured_at][item.told.kind] = item
    for pair in pairs.values():
        if len(pair) == 2 and not pressures_fit(pair["systolic"].value, pair["diastolic"].value):
            for item in pair.values():
                item.reject("pressures_swapped")


def mark_repeated(items: Iterable[Item], known: Ground) -> None:
    """Tell what is already kept from what contradicts it, also inside one file."""
    kept = dict(known.kept)
    for item in items:
        if item.outcome != "accepted" or item.participant is None:
            continue
        moment = (item.participant.pk, item.told.kind, item.at)
        if moment not in kept:
            kept[moment] = item.value
        elif kept[moment] == item.value:
            item.outcome, item.reason = "duplicate", "repeated"
        else:
            item.reject("another_value", known=f"{kept[moment]}")
