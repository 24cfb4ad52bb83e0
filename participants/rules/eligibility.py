"""Who may take part: age, basis, evidence, window and weekday, answered in plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from seoul_health.core.clock import KST, seoul_day

RESIDENT = "resident"


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known about a person who applies; residence is None while nobody can say."""

    birth_date: date
    basis: str
    district: str | None = None
    evidence: frozenset[str] = frozenset()
    holds_unreturned_watch: bool = False
    has_live_participation: bool = False
    residence_verified: bool | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What one round asks of everybody, as it was in force on its reference date."""

    min_age: int
    reference_date: date
    bases: frozenset[str]
    max_age: int | None = None
    # By basis, the papers of which any one will do.
    evidence_needed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    no_unreturned_watch: bool = True
    no_live_participation: bool = True
    # A decision needs the register's yes or a paper; until then its silence is nobody's fault.
    residence_proven: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """One rule that was not met: a code for machines and a sentence for people."""

    code: str
    sentence: Promise
    fields: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.sentence).format(**self.fields)


BASES: Mapping[str, Promise] = {
    RESIDENT: _("Resident of Seoul"),
    "worker": _("Works in Seoul"),
    "student": _("Studies in Seoul"),
    "self_employed": _("Runs a business in Seoul"),
}
EVIDENCE: Mapping[str, Promise] = {
    "employment": _("Certificate of employment"),
    "business_card": _("Business card"),
    "student_card": _("Student card"),
    "business": _("Business registration"),
    "residence": _("Proof of residence"),
}
RESIDENCE_PAPERS = frozenset({"residence"})
EVIDENCE_BY_BASIS: Mapping[str, frozenset[str]] = {
    "worker": frozenset({"employment"}),
    "student": frozenset({"student_card"}),
    "self_employed": frozenset({"business"}),
}


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Papers of which one is enough, named when they are read."""

    kinds: frozenset[str]

    def __str__(self) -> str:
        return str(_(" or ")).join(str(EVIDENCE.get(kind, kind)) for kind in sorted(self.kinds))


def failed_rules(applicant: Applicant, rule: Rule) -> list[Failure]:
    """List every rule the applicant does not meet; an empty list is a yes."""
    return [*_age(applicant, rule), *_basis(applicant, rule), *_conduct(applicant, rule)]


def age_on(birth_date: date, day: date) -> int:
    """Count full years; who was born on 29 February is a year older on 1 March."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (not had_birthday)


def _age(applicant: Applicant, rule: Rule) -> Iterator[Failure]:
    age = age_on(applicant.birth_date, rule.reference_date)
    facts = {"age": age, "day": rule.reference_date}
    if age < rule.min_age:
        sentence = _("You must be at least {limit} years old on {day}; you are {age}.")
        yield Failure("too_young", sentence, {**facts, "limit": rule.min_age})
    if rule.max_age is not None and age > rule.max_age:
        sentence = _("You may be at most {limit} years old on {day}; you are {age}.")
        yield Failure("too_old", sentence, {**facts, "limit": rule.max_age})


def _basis(applicant: Applicant, rule: Rule) -> Iterator[Failure]:
    basis = BASES.get(applicant.basis, applicant.basis)
    if applicant.basis not in rule.bases:
        sentence = _("This round does not accept applications on the basis “{basis}”.")
        yield Failure("basis_not_accepted", sentence, {"basis": basis})
        return
    if applicant.basis == RESIDENT and applicant.residence_verified is False:
        sentence = _("Your registered address is not in Seoul. Please choose another basis.")
        yield Failure("not_resident", sentence)
    if rule.residence_proven and is_unproven(applicant):
        sentence = _(
            "Your address could not be confirmed yet. We ask the register again by ourselves;"
            " you can also attach this document: {document}."
        )
        yield Failure("residence_unconfirmed", sentence, {"document": AnyOf(RESIDENCE_PAPERS)})
    papers = rule.evidence_needed.get(applicant.basis, frozenset())
    if papers and not papers & applicant.evidence:
        sentence = _("Please attach this document for the basis “{basis}”: {document}.")
        yield Failure("evidence_missing", sentence, {"basis": basis, "document": AnyOf(papers)})


def is_unproven(applicant: Applicant) -> bool:
    """Tell whether nobody has said yet that a resident is one."""
    unknown = applicant.basis == RESIDENT and applicant.residence_verified is None
    return unknown and not applicant.evidence & RESIDENCE_PAPERS


def _conduct(applicant: Applicant, rule: Rule) -> Iterator[Failure]:
    if rule.no_unreturned_watch and applicant.holds_unreturned_watch:
        sentence = _("Please return the watch you borrowed before you apply again.")
        yield Failure("watch_not_returned", sentence)
    if rule.no_live_participation and applicant.has_live_participation:
        sentence = _("You are already taking part, so you cannot apply a second time.")
        yield Failure("already_taking_part", sentence)


def window_failure(now: datetime, opens_at: datetime, closes_at: datetime) -> Failure | None:
    """Say why an application is too early or too late; the closing moment itself is too late."""
    if now < opens_at:
        sentence = _("Applications open on {moment} (Seoul time).")
        return Failure("not_open_yet", sentence, {"moment": _moment(opens_at)})
    if now >= closes_at:
        sentence = _("Applications closed on {moment} (Seoul time).")
        return Failure("already_closed", sentence, {"moment": _moment(closes_at)})
    return None


def _moment(at: datetime) -> str:
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M:%S}"


WEEKDAYS_BY_DECADE: Mapping[int, int] = MappingProxyType({10: 1, 20: 1, 30: 2, 40: 3, 50: 4, 60: 5})
WEEKDAYS: Mapping[int, Promise] = {
    1: _("Monday"),
    2: _("Tuesday"),
    3: _("Wednesday"),
    4: _("Thursday"),
    5: _("Friday"),
    6: _("Saturday"),
    7: _("Sunday"),
}


def weekday_failure(
    birth_date: date,
    now: datetime,
    *,
    weekdays: Mapping[int, int] = WEEKDAYS_BY_DECADE,
) -> Failure | None:
    """Hold people to the weekday of their decade; above the last decade, its weekday holds."""
    day = seoul_day(now)
    decade = min(age_on(birth_date, day) // 10 * 10, max(weekdays))
    expected = weekdays.get(decade)
    if expected is None or expected == day.isoweekday():
        return None
    sentence = _("People of your age can apply on {weekday}. Please come back on that day.")
    return Failure("other_weekday", sentence, {"weekday": WEEKDAYS[expected]})
