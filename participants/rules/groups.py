"""Who may take a seat that is kept for a group, as far as the register can tell."""

from collections.abc import Callable, Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .eligibility import Failure, age_on

SENIOR_AGE = 65
Fits = Callable[[str, date, str, date], bool]


def is_senior(_value: str, birth: date, _district: str, day: date) -> bool:
    return age_on(birth, day) >= SENIOR_AGE


def lives_in(value: str, _birth: date, district: str, _day: date) -> bool:
    return district == value


def is_of_age(value: str, birth: date, _district: str, day: date) -> bool:
    """Read a band like 20-29; both ends belong to it."""
    youngest, _sep, oldest = value.partition("-")
    return int(youngest) <= age_on(birth, day) <= int(oldest)


CHECKS: Mapping[str, tuple[Fits, Promise]] = {
    "senior": (is_senior, _("These seats are kept for people aged {limit} or older.")),
    "district": (lives_in, _("These seats are kept for people of {value}.")),
    "age_band": (is_of_age, _("These seats are kept for people aged {value}.")),
}


def group_failure(
    group: str, value: str, *, birth: date, district: str, day: date
) -> Failure | None:
    """Say why a person is not of a group; groups no register tells of are for staff to check."""
    if group not in CHECKS:
        return None
    fits, sentence = CHECKS[group]
    if fits(value, birth, district, day):
        return None
    return Failure("not_in_group", sentence, {"value": value, "limit": SENIOR_AGE})
