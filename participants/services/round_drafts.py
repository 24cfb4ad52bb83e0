"""A new round made from an old one."""

from datetime import date, timedelta

from django.db import transaction

from participants.errors import CodeTaken
from participants.models import EligibilityRule, Lane, Quota, RecruitmentRound
from seoul_health.core import audit
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint


@transaction.atomic
def copy_round(
    past: RecruitmentRound, *, code: str, name: str, starts_on: date, by: Actor
) -> RecruitmentRound:
    """Make a draft like a round of before; every day and window moves by as many days."""
    later = starts_on - past.starts_on
    with constraint("participants_recruitmentround_code_key", CodeTaken(round=code)):
        draft = RecruitmentRound.objects.create(
            code=code, name=name, starts_on=starts_on, ends_on=past.ends_on + later
        )
    lanes = {lane.pk: copy_lane(lane, draft, later) for lane in past.lanes.order_by("pk")}
    keep_carrying(past, lanes)
    copy_rule(past, draft, later)
    audit.record("copied", draft, by=by, source=past.code)
    return draft


def copy_lane(lane: Lane, draft: RecruitmentRound, later: timedelta) -> Lane:
    """Copy a lane and its quotas; lanes of other rounds are not carried over to."""
    copied = Lane.objects.create(
        round=draft,
        kind=lane.kind,
        method=lane.method,
        opens_at=lane.opens_at + later,
        closes_at=lane.closes_at + later,
        offer_hours=lane.offer_hours,
        weekdays=lane.weekdays,
    )
    Quota.objects.bulk_create(
        Quota(
            lane=copied,
            code=quota.code,
            group=quota.group,
            value=quota.value,
            seats=quota.seats,
            spill_order=quota.spill_order,
            opens_at=quota.opens_at and quota.opens_at + later,
            closes_at=quota.closes_at and quota.closes_at + later,
        )
        for quota in lane.quotas.order_by("spill_order", "pk")
    )
    return copied


def keep_carrying(past: RecruitmentRound, lanes: dict[int, Lane]) -> None:
    for pk, onto in past.lanes.values_list("pk", "carries_over_to"):
        if onto in lanes:
            Lane.objects.filter(pk=lanes[pk].pk).update(carries_over_to=lanes[onto])


def copy_rule(past: RecruitmentRound, draft: RecruitmentRound, later: timedelta) -> None:
    """Take over the last released rules as the draft's first version."""
    rule = past.rules.released().order_by("-effective_from", "-pk").first()
    if rule is None:
        return
    EligibilityRule.objects.create(
        round=draft,
        effective_from=rule.effective_from + later,
        reference_date=rule.reference_date + later,
        min_age=rule.min_age,
        max_age=rule.max_age,
        bases=rule.bases,
        evidence_needed=rule.evidence_needed,
        no_unreturned_watch=rule.no_unreturned_watch,
        no_live_participation=rule.no_live_participation,
    )
