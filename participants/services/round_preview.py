"""A round as citizens will read it, for the official who writes it."""

from dataclasses import dataclass
from typing import Any

from participants.models import EligibilityRule, Lane, Quota, RecruitmentRound
from participants.rules.lane_words import lane_sentences, quota_window
from participants.rules.words import in_words
from participants.services.round_checks import shape_of


@dataclass(frozen=True)
class LanePreview:
    name: str
    sentences: list[str]
    seats: int
    quotas: list[dict[str, Any]]


def preview(round_: RecruitmentRound) -> dict[str, Any]:
    """Give lanes with their windows and seats, the total, and each version of the rules."""
    lanes = [of_lane(lane) for lane in lanes_of(round_)]
    rules = round_.rules.order_by("effective_from", "pk")
    return {
        "lanes": lanes,
        "seats": sum(lane.seats for lane in lanes),
        "rules": [of_rule(rule) for rule in rules],
    }


def lanes_of(round_: RecruitmentRound) -> list[Lane]:
    return list(round_.lanes.order_by("opens_at", "pk").prefetch_related("quotas"))


def of_lane(lane: Lane) -> LanePreview:
    shape = shape_of(lane)
    quotas = sorted(lane.quotas.all(), key=lambda quota: (quota.spill_order, quota.pk))
    windows = {each.code: quota_window(each) for each in shape.quotas}
    return LanePreview(
        name=str(lane.get_kind_display()),
        sentences=list(lane_sentences(shape)),
        seats=sum(quota.seats for quota in quotas),
        quotas=[of_quota(quota, windows[quota.code]) for quota in quotas],
    )


def of_quota(quota: Quota, window: str) -> dict[str, Any]:
    name = f"{quota.get_group_display()} {quota.value}".strip()
    return {"name": name, "code": quota.code, "seats": quota.seats, "window": window,
            "spill_order": quota.spill_order}  # fmt: skip


def of_rule(rule: EligibilityRule) -> dict[str, Any]:
    return {"rule": rule, "sentences": in_words(rule)}
