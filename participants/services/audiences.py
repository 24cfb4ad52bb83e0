"""Who a bulk send is for: described as data, found by one query."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from participants.errors import AudienceUnclear
from participants.models import Application, Participant, Participation, RecruitmentRound
from participants.rules.districts import DISTRICTS

Audience: TypeAlias = Mapping[str, str | list[str]]
EVERYBODY, TAKING_PART, APPLICANTS = "everybody", "taking_part", "applicants"
KINDS = (EVERYBODY, TAKING_PART, APPLICANTS)
FIELDS = {"of", "round", "statuses", "districts"}


def check(audience: Audience) -> None:
    """Refuse an audience that says less, more or something else than it should."""
    wrong = list(mistakes(audience))
    if wrong:
        raise AudienceUnclear(why=" ".join(wrong))


def mistakes(audience: Audience) -> Iterator[str]:
    if set(audience) - FIELDS or audience.get("of") not in KINDS:
        yield _("Choose everybody, people taking part or applicants.")
        return
    round_, applicants = audience.get("round"), audience["of"] == APPLICANTS
    if applicants and not (round_ and audience.get("statuses")):
        yield _("Applicants need a round and at least one status.")
    if round_ and not RecruitmentRound.objects.filter(code=round_).exists():
        yield _("There is no such round.")
    if not set(audience.get("statuses") or ()) <= set(Application.Status.values):
        yield _("There is no such status of an application.")
    if not set(audience.get("districts") or ()) <= set(DISTRICTS):
        yield _("There is no such district in Seoul.")


def people_of(audience: Audience) -> QuerySet[Participant]:
    """Find the people of an audience who have not left the programme."""
    check(audience)
    people = Participant.objects.filter(withdrawn_at=None)
    if districts := audience.get("districts"):
        people = people.filter(district__in=districts)
    if audience["of"] == TAKING_PART:
        people = people.filter(pk__in=taking_part(audience).values("participant"))
    if audience["of"] == APPLICANTS:
        applied = Application.objects.filter(
            round__code=audience["round"], status__in=audience["statuses"]
        )
        people = people.filter(pk__in=applied.values("participant"))
    return people.order_by()


def taking_part(audience: Audience) -> QuerySet[Participation]:
    live = Participation.objects.live()
    return live.filter(round__code=audience["round"]) if audience.get("round") else live
