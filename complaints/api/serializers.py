from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from complaints.models import Category, Complaint, Message
from complaints.services.deadlines import deadline_of
from complaints.services.intake import Slip
from seoul_health.core.api.fields import (
    PlainText,
    PublicId,
    StrictBoolean,
    StrictDate,
    StrictInteger,
)
from seoul_health.core.clock import KST


class CategoryAnswer(serializers.ModelSerializer[Category]):
    name = serializers.CharField(source="label")
    kind = serializers.CharField(source="default_kind")

    class Meta:
        model = Category
        fields = ["code", "name", "kind"]


class Subject(serializers.Serializer[Any]):
    """What a complaint is about; whose it is, is checked where it is filed."""

    date = StrictDate(required=False)
    loan = PublicId(required=False)
    transfer = PlainText(required=False, max_length=120)


class ComplaintRequest(serializers.Serializer[Any]):
    category = PlainText(max_length=40)
    title = PlainText(max_length=100)
    text = PlainText(max_length=10_000)
    about = Subject(required=False)

    def validate_category(self, code: str) -> Category:
        category = Category.objects.offered().filter(code=code).first()
        if category is None:
            raise serializers.ValidationError(_("There is no such category."))
        return category


class CountedDay(serializers.Serializer[Any]):
    day = serializers.DateField()
    label = serializers.CharField()  # type: ignore[assignment]  # shadows Field.label


class SkippedDay(serializers.Serializer[Any]):
    day = serializers.DateField()
    reason = serializers.CharField()


class ClockAnswer(serializers.Serializer[Any]):
    """Why the answer is due then: the article, each counted and each skipped day."""

    article = serializers.CharField()
    working = CountedDay(many=True)
    skipped = SkippedDay(many=True)


class SlipAnswer(serializers.Serializer[Slip]):
    receipt_no = serializers.CharField(source="complaint.receipt_no")
    secret = serializers.CharField()
    status = serializers.CharField(source="complaint.status")
    due_at = serializers.DateTimeField(source="deadline.due_at", default_timezone=KST)
    clock = ClockAnswer(source="deadline.as_json")


class MessageAnswer(serializers.ModelSerializer[Message]):
    author = serializers.CharField()
    at = serializers.DateTimeField(default_timezone=KST)

    class Meta:
        model = Message
        fields = [
            "author", "purpose", "text", "reason", "remedy", "department", "signed_by", "contact",
            "at",
        ]  # fmt: skip


class ComplaintLine(serializers.ModelSerializer[Complaint]):
    """One complaint in a list. Before the receipt, the due time is the one it would have."""

    status_text = serializers.CharField(source="get_status_display")
    category = serializers.CharField(source="category.code")
    arrived_at = serializers.DateTimeField(default_timezone=KST)
    due_at = serializers.DateTimeField(default_timezone=KST)
    answered_at = serializers.DateTimeField(default_timezone=KST)

    class Meta:
        model = Complaint
        fields = [
            "receipt_no", "status", "status_text", "category", "title", "arrived_at", "due_at",
            "answered_at",
        ]  # fmt: skip


class AgentAnswer(serializers.Serializer[Any]):
    department = serializers.CharField()
    name = serializers.SerializerMethodField()
    contact = serializers.CharField(source="office_phone")

    def get_name(self, agent: Any) -> str:
        return f"{agent.last_name}{agent.first_name}"


class AboutAnswer(serializers.Serializer[Complaint]):
    date = serializers.DateField(source="about_date")
    loan = serializers.UUIDField(source="loan.public_id", default=None)
    transfer = serializers.CharField(source="transfer.key", default=None)


class ComplaintAnswer(ComplaintLine):
    about = AboutAnswer(source="*")
    received_at = serializers.DateTimeField(default_timezone=KST)
    clock = serializers.SerializerMethodField()
    agent = AgentAnswer(source="handler", allow_null=True)
    messages = serializers.SerializerMethodField()

    class Meta(ComplaintLine.Meta):
        fields = [
            *ComplaintLine.Meta.fields,
            "text", "about", "received_at", "clock", "agent", "messages", "satisfaction",
        ]  # fmt: skip

    def get_clock(self, complaint: Complaint) -> ClockAnswer:
        return ClockAnswer(deadline_of(complaint).as_json()).data  # type: ignore[return-value]

    @extend_schema_field(MessageAnswer(many=True))
    def get_messages(self, complaint: Complaint) -> list[MessageAnswer]:
        told = complaint.messages.for_the_citizen()
        return MessageAnswer(told, many=True).data  # type: ignore[return-value]


class MessageRequest(serializers.Serializer[Any]):
    text = PlainText(max_length=10_000)


class WithdrawRequest(serializers.Serializer[Any]):
    reason = PlainText(max_length=200, required=False, default="", allow_blank=True)


class SatisfactionRequest(serializers.Serializer[Any]):
    """A score of one to five; `reopen` asks for a further answer and needs a comment."""

    score = StrictInteger(min_value=1, max_value=5)
    comment = PlainText(max_length=2_000, required=False, default="", allow_blank=True)
    reopen = StrictBoolean(required=False, default=False)


class LookupRequest(serializers.Serializer[Any]):
    receipt_no = PlainText(max_length=40)
    secret = PlainText(max_length=60)


class StateAnswer(serializers.ModelSerializer[Complaint]):
    due_at = serializers.DateTimeField(default_timezone=KST)

    class Meta:
        model = Complaint
        fields = ["receipt_no", "status", "due_at", "satisfaction"]
