"""Answers of the walking and points endpoints: the documented shapes, and how they are filled."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rest_framework import serializers

from devices.models import Source, SyncReceipt
from devices.rules import reasons
from devices.rules.steps import Item, ItemOutcome
from devices.services.walking import items_of
from points.models import Payout
from points.rules.earning import Outcome
from points.rules.sentences import sentence
from points.services.account_statements import Line
from points.services.promises import promise
from points.services.statements import DayStatement
from points.services.syncs import Synced
from seoul_health.core import clock
from seoul_health.core.api.fields import StrictInteger

REACHED = frozenset({"goal_reached", "cap_reached", "budget_spent", "on_hold", "hold_confirmed"})
Rows = list[dict[str, Any]]


class SampleShape(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    steps = serializers.IntegerField(min_value=0)


class StepsRequest(serializers.Serializer[Any]):
    """Documentation only: points.api.parsing reads it, for speed."""

    batch_id = serializers.UUIDField()
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]  # its name
    app_version = serializers.CharField(max_length=20, required=False)
    os = serializers.CharField(max_length=30, required=False)
    device_model = serializers.CharField(max_length=40, required=False)
    device_id = serializers.CharField(
        max_length=64,
        required=False,
        help_text="What the app calls this device, or the serial number of a loaned watch. "
        "Only a keyed hash is kept.",
    )
    samples = serializers.ListField(
        child=SampleShape(),
        max_length=1_000,
        required=False,
        help_text="Our own samples, Open mHealth omh:step-count data points, Health Connect "
        "StepsRecords or HealthKit step-count samples, also mixed.",
    )
    data_points = serializers.ListField(
        child=serializers.DictField(),
        max_length=1_000,
        required=False,
        help_text="Open mHealth omh:step-count data points.",
    )


class ItemAnswer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in ItemOutcome])
    reason = serializers.CharField(required=False)
    message = serializers.CharField(required=False)


class DayAnswer(serializers.Serializer[Any]):
    date = serializers.DateField()
    steps = serializers.IntegerField()
    goal = serializers.IntegerField()
    qualified = serializers.BooleanField()
    points = serializers.IntegerField()
    reason = serializers.CharField()
    message = serializers.CharField()


class StepsAnswer(serializers.Serializer[Any]):
    receipt_no = serializers.CharField()
    received_at = serializers.DateTimeField()
    items = ItemAnswer(many=True)
    days = DayAnswer(many=True)


class WalkedDayAnswer(DayAnswer):
    sources = serializers.ListField(child=serializers.CharField())
    last_received_at = serializers.DateTimeField(allow_null=True)


class ReceiptAnswer(serializers.Serializer[Any]):
    receipt_no = serializers.CharField()
    received_at = serializers.DateTimeField()
    batch_id = serializers.UUIDField()
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]  # its name
    app_version = serializers.CharField()
    os = serializers.CharField()
    device_model = serializers.CharField()
    samples = serializers.ListField(child=serializers.JSONField())
    items = ItemAnswer(many=True)
    days = serializers.ListField(child=serializers.DateField())


class CapAnswer(serializers.Serializer[Any]):
    group = serializers.CharField()
    used = serializers.IntegerField()
    limit = serializers.IntegerField()


class ExpiringAnswer(serializers.Serializer[Any]):
    on = serializers.DateField()
    amount = serializers.IntegerField()


class PointsAnswer(serializers.Serializer[Any]):
    balance = serializers.IntegerField()
    payable = serializers.IntegerField()
    pending = serializers.IntegerField()
    earned_this_period = serializers.IntegerField()
    caps = CapAnswer(many=True)
    expiring = ExpiringAnswer(many=True)


class PointsThenAnswer(serializers.Serializer[Any]):
    """What a person had at a past moment; once final it is the same for ever."""

    as_of = serializers.DateTimeField()
    final = serializers.BooleanField(
        help_text="False while a movement dated at the moment or before may still appear."
    )
    balance = serializers.IntegerField()
    payable = serializers.IntegerField()
    pending = serializers.IntegerField()
    earned_this_period = serializers.IntegerField()
    caps = CapAnswer(many=True)


class EntryAnswer(serializers.Serializer[Line]):
    """A movement of points, or the day on which the rule of earning changed (amount 0)."""

    id = serializers.CharField(source="key")
    kind = serializers.ChoiceField(choices=["transfer", "rule_change"])
    at = serializers.DateTimeField()
    date = serializers.DateField()
    amount = serializers.IntegerField()
    balance = serializers.IntegerField()
    reason = serializers.CharField()
    message = serializers.CharField()


class StatementAnswer(serializers.Serializer[Any]):
    vars()["from"] = serializers.DateField()
    to = serializers.DateField()
    as_of = serializers.DateTimeField()
    final = serializers.BooleanField()
    opening = serializers.IntegerField()
    closing = serializers.IntegerField()
    came_in = serializers.IntegerField()
    went_out = serializers.IntegerField()
    is_cut = serializers.BooleanField(help_text="True when only the last lines are given.")
    lines = EntryAnswer(many=True)


class PayoutRequest(serializers.Serializer[Any]):
    amount = StrictInteger(min_value=1, max_value=10_000_000)


class WalletAnswer(serializers.Serializer[Any]):
    """The wallet that is paid into, and whether payouts go out now."""

    operator = serializers.CharField(allow_null=True)
    needs_link = serializers.BooleanField()
    is_linked = serializers.BooleanField()
    is_answering = serializers.BooleanField()
    since = serializers.DateTimeField(allow_null=True)
    resumes_at = serializers.DateTimeField(allow_null=True)
    message = serializers.CharField()


class PayoutAnswer(serializers.ModelSerializer[Payout]):
    id = serializers.UUIDField(source="public_id")
    operator = serializers.CharField(source="operator.name")
    message = serializers.SerializerMethodField(help_text="What the citizen is told about it.")

    class Meta:
        model = Payout
        fields = (
            "id", "status", "amount", "requested_at", "paid_at", "receipt_no", "operator",
            "message",
        )  # fmt: skip

    def get_message(self, payout: Payout) -> str:
        return promise(payout, self.context["outlook"])


def steps_answer(synced: Synced) -> dict[str, Any]:
    received = synced.received
    return {
        "receipt_no": received.receipt_no,
        "received_at": seoul_time(received.received_at),
        "items": item_rows(received.items),
        "days": day_rows(received.totals, synced.outcomes),
    }


def seoul_time(moment: datetime) -> datetime:
    return moment.astimezone(clock.KST)


def item_rows(items: list[Item]) -> Rows:
    return [
        {"index": item.index, "outcome": item.outcome.value}
        if item.outcome is ItemOutcome.ACCEPTED
        else {
            "index": item.index,
            "outcome": item.outcome.value,
            "reason": item.reason or item.outcome.value,
            "message": reasons.sentence(item),
        }
        for item in items
    ]


def day_rows(totals: Mapping[date, int], outcomes: Mapping[date, Outcome]) -> Rows:
    return [day_row(day, totals[day], outcomes[day]) for day in sorted(totals)]


def day_row(day: date, steps: int, outcome: Outcome) -> dict[str, Any]:
    return {
        "date": day,
        "steps": steps,
        "goal": outcome.goal,
        "qualified": outcome.reason in REACHED,
        "points": outcome.points,
        "reason": outcome.reason,
        "message": sentence(outcome),
    }


def walked_row(told: DayStatement) -> dict[str, Any]:
    return {
        **day_row(told.day, told.steps, told.outcome),
        "sources": told.sources,
        "last_received_at": seoul_time(told.last_received_at) if told.last_received_at else None,
    }


def receipt_row(receipt: SyncReceipt) -> dict[str, Any]:
    names = ("receipt_no", "batch_id", "source", "app_version", "os", "device_model")
    return {
        **{name: getattr(receipt, name) for name in names},
        "received_at": seoul_time(receipt.received_at),
        "samples": receipt.payload,
        "items": item_rows(items_of(receipt)),
        "days": receipt.days,
    }
