from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from participants.models import Application, Basis, Consent, EvidenceDocument, Lane, Offer
from participants.rules.next_steps import NEXT_STEPS
from participants.services.judging import open_failures
from participants.services.waiting import position_of
from seoul_health.core.api.fields import PlainText, StrictBoolean

VERSION = RegexValidator(r"\A[A-Za-z0-9.\-]+\Z")
HAD_AN_OFFER = ("selected", "confirmed", "declined", "lapsed", "withdrawn")
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


class ApplicationAnswer(ApplicationLine):
    failed_rules = serializers.SerializerMethodField()
    position = serializers.SerializerMethodField()
    offer = serializers.SerializerMethodField()
    evidence = EvidenceAnswer(many=True)

    class Meta(ApplicationLine.Meta):
        fields = (*ApplicationLine.Meta.fields, "failed_rules", "position", "offer", "evidence")

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
