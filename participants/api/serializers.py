from datetime import date
from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from participants.models import Appeal, Application, Basis, Consent, EvidenceDocument, Lane, Offer
from participants.rules.next_steps import NEXT_STEPS
from participants.services.appeals import can_appeal_until
from participants.services.judging import open_failures
from participants.services.waiting import position_of
from seoul_health.core.api.fields import PlainText, StrictBoolean

VERSION = RegexValidator(r"\A[A-Za-z0-9.\-]+\Z")
HAD_AN_OFFER = ("selected", "confirmed", "declined", "lapsed", "withdrawn")
UNDECIDED_YET = ("draft", "submitted")
SLUG = RegexValidator(r"\A[A-Za-z0-9_\-]+\Z")


class ConsentRequest(serializers.Serializer[Any]):
    """A yes to one purpose in the version the citizen has read."""

    purpose = serializers.ChoiceField(choices=Consent.Purpose.choices)
    version = PlainText(max_length=12, validators=[VERSION])


class ChoiceRequest(serializers.Serializer[Any]):
    """Which way into the round, whose seats, and why the citizen may."""

    lane = serializers.ChoiceField(choices=Lane.Kind.choices)
    quota = PlainText(max_length=30, validators=[SLUG], required=False, allow_null=True)
    basis = serializers.ChoiceField(choices=Basis.choices)


class ApplicationRequest(ChoiceRequest):
    consents = ConsentRequest(many=True, required=False, default=list)
    submit = StrictBoolean(required=False, default=False)


class ApplicationChange(ChoiceRequest):
    """What may be changed about a draft; what is not sent stays."""

    lane = serializers.ChoiceField(choices=Lane.Kind.choices, required=False)
    basis = serializers.ChoiceField(choices=Basis.choices, required=False)


class LeaveRequest(serializers.Serializer[Any]):
    reason = PlainText(max_length=200, required=False, default="", allow_blank=True)


class EvidenceRequest(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=EvidenceDocument.Kind.choices)
    file = serializers.FileField(allow_empty_file=False, use_url=False)


class EvidenceAnswer(serializers.ModelSerializer[EvidenceDocument]):
    id = serializers.UUIDField(source="public_id")
    kind_label = serializers.CharField(source="get_kind_display")

    class Meta:
        model = EvidenceDocument
        fields = ("id", "kind", "kind_label", "media_type", "size", "uploaded_at")


class NextStep(serializers.Serializer[Any]):
    who = serializers.ChoiceField(choices=["you", "office", "nobody"])
    what = serializers.CharField()


class ApplicationLine(serializers.ModelSerializer[Application]):
    id = serializers.UUIDField(source="public_id")
    round = serializers.CharField(source="round.code")
    lane = serializers.CharField(source="lane.kind")
    quota = serializers.CharField(source="quota.code", default=None, allow_null=True)
    status_label = serializers.CharField(source="get_status_display")
    reason_code = serializers.CharField(source="reason_code.code", default=None, allow_null=True)
    next = serializers.SerializerMethodField()

    class Meta:
        model = Application
        fields: tuple[str, ...] = (
            "id", "receipt_no", "round", "lane", "quota", "basis", "status", "status_label",
            "sequence", "created_at", "submitted_at", "promised_on", "decided_at", "rank", "reason",
            "reason_code", "next",
        )  # fmt: skip

    @extend_schema_field(NextStep)
    def get_next(self, application: Application) -> dict[str, str]:
        who, what = NEXT_STEPS[application.status]
        return {"who": who, "what": str(what)}


class OfferAnswer(serializers.ModelSerializer[Offer]):
    """Until when an offered seat is kept."""

    class Meta:
        model = Offer
        fields = ("status", "made_at", "expires_at")


class AppealAnswer(serializers.ModelSerializer[Appeal]):
    """Where an objection stands, and what was answered."""

    status_label = serializers.CharField(source="get_status_display")

    class Meta:
        model = Appeal
        fields = ("status", "status_label", "text", "filed_at", "answer", "decided_at")


class ApplicationAnswer(ApplicationLine):
    failed_rules = serializers.SerializerMethodField()
    position = serializers.SerializerMethodField()
    offer = serializers.SerializerMethodField()
    appeal = serializers.SerializerMethodField()
    appeal_until = serializers.SerializerMethodField()
    evidence = EvidenceAnswer(many=True)

    class Meta(ApplicationLine.Meta):
        fields = (
            *ApplicationLine.Meta.fields, "failed_rules", "position", "offer", "appeal",
            "appeal_until", "evidence",
        )  # fmt: skip

    @extend_schema_field(AppealAnswer(allow_null=True))
    def get_appeal(self, application: Application) -> dict[str, Any] | None:
        """The newest objection to a decision about this application."""
        if application.status in UNDECIDED_YET:
            return None
        appeal = Appeal.objects.filter(decision__application=application).order_by("-pk").first()
        return dict(AppealAnswer(appeal).data) if appeal else None

    def get_appeal_until(self, application: Application) -> date | None:
        """The last day on which the rejection can still be appealed."""
        return can_appeal_until(application)

    def get_failed_rules(self, application: Application) -> list[str]:
        """What stands in the way, in words."""
        return open_failures(application)

    def get_position(self, application: Application) -> int | None:
        """The place on the waiting list, as it is now."""
        return position_of(application)

    @extend_schema_field(OfferAnswer(allow_null=True))
    def get_offer(self, application: Application) -> dict[str, Any] | None:
        if application.status not in HAD_AN_OFFER:
            return None
        offer = Offer.objects.filter(application=application).first()
        return None if offer is None else dict(OfferAnswer(offer).data)
