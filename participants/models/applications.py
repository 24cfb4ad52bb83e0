import uuid
from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.rules.eligibility import Applicant
from seoul_health.core.models import KeptFile, StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .people import Participant, Participation
from .reasons import ReasonCode
from .rounds import Basis, EligibilityRule, Lane, Quota, RecruitmentRound

NO_SUCH_SEAT = """
    IF EXISTS (
        SELECT 1 FROM {taken} LEFT JOIN participants_quota AS quota ON quota.id = {row}.seat_id
        WHERE {row}.seat_no > coalesce(quota.seats, 0)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'every_seat_exists',
            MESSAGE = 'every_seat_exists: a quota has no seat of this number';
    END IF;
    RETURN NULL;
"""


ONLY_AN_APPEAL = """
    IF NOT EXISTS (
        SELECT 1 FROM participants_appeal AS appeal
        JOIN participants_decision AS decision ON decision.id = appeal.decision_id
        WHERE appeal.status = 'upheld' AND decision.id = (
            SELECT max(id) FROM participants_decision WHERE application_id = NEW.id
        )
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'only_an_appeal_reopens',
            MESSAGE = 'only_an_appeal_reopens: this application was rejected';
    END IF;
    RETURN NEW;
"""


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)

    def live(self) -> Self:
        """Applications that may still come to something."""
        return self.filter(status__in=Application.LIVE)

    def to_review(self) -> Self:
        """The review queue, oldest first."""
        return self.filter(
            status__in=[Application.Status.SUBMITTED, Application.Status.UNDER_REVIEW]
        ).order_by("sequence")


class Application(Stateful):
    """One person's application to one round."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        UNDER_REVIEW = "under_review", _("Under review")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        ON_HOLD = "on_hold", _("On hold")
        SELECTED = "selected", _("Selected")
        WAITLISTED = "waitlisted", _("On the waiting list")
        CONFIRMED = "confirmed", _("Confirmed")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Lapsed")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CARRIED_OVER = "carried_over", _("Carried over")

    LIVE = (
        Status.DRAFT,
        Status.SUBMITTED,
        Status.UNDER_REVIEW,
        Status.ON_HOLD,
        Status.APPROVED,
        Status.SELECTED,
        Status.WAITLISTED,
    )
    NEXT = {
        Status.DRAFT: frozenset({Status.SUBMITTED, Status.WITHDRAWN}),
        Status.SUBMITTED: frozenset(
            {Status.UNDER_REVIEW, Status.APPROVED, Status.REJECTED, Status.ON_HOLD}
            | {Status.WITHDRAWN}
        ),
        Status.UNDER_REVIEW: frozenset(
            {Status.APPROVED, Status.REJECTED, Status.ON_HOLD, Status.WITHDRAWN}
        ),
        Status.ON_HOLD: frozenset({Status.UNDER_REVIEW, Status.REJECTED, Status.WITHDRAWN}),
        Status.APPROVED: frozenset({Status.SELECTED, Status.WAITLISTED, Status.WITHDRAWN}),
        Status.WAITLISTED: frozenset({Status.SELECTED, Status.WITHDRAWN, Status.CARRIED_OVER}),
        Status.SELECTED: frozenset(
            {Status.CONFIRMED, Status.DECLINED, Status.LAPSED, Status.WITHDRAWN}
        ),
        # Only an upheld appeal leads back; the database looks for it.
        Status.REJECTED: frozenset({Status.UNDER_REVIEW}),
    }

    # What the rules were just put before, while one request writes and answers: asked once.
    facts: Applicant | None = None

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    receipt_no = models.CharField(_("Receipt number"), max_length=20, unique=True)
    # Keys without an index of their own are the first column of one in Meta.
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="applications", verbose_name=_("Participant"),
        db_index=False,
    )  # fmt: skip
    round = models.ForeignKey(
        RecruitmentRound, models.PROTECT, related_name="applications", verbose_name=_("Round"),
        db_index=False,
    )  # fmt: skip
    lane = models.ForeignKey(Lane, models.PROTECT, related_name="+", verbose_name=_("Lane"))
    quota = models.ForeignKey(
        Quota, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Quota"),
        db_index=False,
    )  # fmt: skip
    basis = models.CharField(_("Basis"), max_length=16, choices=Basis)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.DRAFT)
    # The participation that goes on into this round, if the citizen asked for that.
    continues = models.ForeignKey(
        Participation, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Goes on from"), db_index=False,
    )  # fmt: skip
    # The number printed on a paper application taken at a counter.
    paper_no = models.CharField(_("Paper number"), max_length=30, blank=True)
    # Order of arrival, drawn from a database sequence when submitted; gaps mean nothing.
    sequence = models.BigIntegerField(_("Sequence"), null=True, blank=True, unique=True)
    created_at = models.DateTimeField(_("Created at"), db_default=Now())
    submitted_at = models.DateTimeField(_("Submitted at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    rule = models.ForeignKey(
        EligibilityRule, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    failed_rules = ArrayField(
        models.CharField(max_length=40), verbose_name=_("Failed rules"), default=list, blank=True
    )
    reason = models.CharField(_("Reason"), max_length=400, blank=True)
    reason_code = models.ForeignKey(
        ReasonCode, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Reason code"), db_index=False,
    )  # fmt: skip
    rank = models.PositiveIntegerField(_("Rank"), null=True, blank=True)
    # The seat held: by spill-over it may be another quota's than the one applied for.
    # every_seat_exists keeps the reference, per statement instead of row by row.
    seat = models.ForeignKey(
        Quota, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Seat of"),
        db_index=False, db_constraint=False,
    )  # fmt: skip
    seat_no = models.PositiveIntegerField(_("Seat number"), null=True, blank=True)
    # The member of staff who wrote it for the citizen at a counter.
    assisted_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Written by"), db_index=False,
    )  # fmt: skip
    # The day by which the citizen was promised a decision.
    promised_on = models.DateField(_("Promised by"), null=True, blank=True)
    # When the applicant was told of being on the waiting list.
    wait_told_at = models.DateTimeField(_("Told at"), null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        permissions = [
            ("review_application", _("Can review applications")),
            ("select_application", _("Can run selections")),
            ("import_application", _("Can import applications")),
            ("export_application", _("Can export applications")),
            ("assist_application", _("Can apply for citizens at a counter")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "round"], name="one_application_per_person_and_round"
            ),
            models.UniqueConstraint(
                fields=["paper_no"],
                condition=~Q(paper_no=""),
                name="one_application_per_paper",
            ),
            models.UniqueConstraint(
                fields=["seat", "seat_no"],
                condition=Q(seat__isnull=False),
                name="one_application_per_seat",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["selected", "confirmed"], seat__isnull=False, seat_no__gte=1
                )
                | Q(~Q(status__in=["selected", "confirmed"]), seat=None, seat_no=None),
                name="who_is_selected_has_a_seat",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="inserted_seats_exist",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="seated"),
                func=NO_SUCH_SEAT.format(taken="seated", row="seated"),
            ),
            pgtrigger.Trigger(
                name="only_an_appeal_reopens",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status="rejected")
                & ~pgtrigger.Q(new__status="rejected"),
                func=ONLY_AN_APPEAL,
            ),
            # Once per statement: a selection seats a hundred thousand people in one.
            pgtrigger.Trigger(
                name="updated_seats_exist",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="seated"),
                func=NO_SUCH_SEAT.format(taken="seated", row="seated"),
            ),
        ]
        indexes = [
            models.Index(fields=["status", "sequence"], name="review_queue"),
            models.Index(
                fields=["sequence"],
                condition=Q(status__in=["submitted", "under_review"]),
                name="applications_to_review",
            ),
            models.Index(fields=["quota", "status", "sequence"], name="first_come_order"),
            models.Index(
                fields=["id"],
                condition=Q(status="waitlisted", wait_told_at=None),
                name="waiting_untold",
            ),
            models.Index(fields=["status", "id"], name="applications_by_status"),
            models.Index(
                fields=["id"],
                condition=Q(status="selected", continues__isnull=False),
                name="applications_that_go_on",
            ),
            models.Index(fields=["round", "id"], name="applications_of_a_round"),
            models.Index(fields=["basis", "id"], name="applications_by_basis"),
        ]

    def __str__(self) -> str:
        return self.receipt_no


class EvidenceDocument(KeptFile):
    """A paper a citizen sent to support an application; frozen when it is approved."""

    class Kind(models.TextChoices):
        EMPLOYMENT = "employment", _("Certificate of employment")
        BUSINESS_CARD = "business_card", _("Business card")
        STUDENT_CARD = "student_card", _("Student card")
        BUSINESS = "business", _("Business registration")
        RESIDENCE = "residence", _("Proof of residence")
        OTHER = "other", _("Other paper")

    FOLDER = "evidence"

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="evidence", verbose_name=_("Application")
    )
    kind = models.CharField(_("Kind"), max_length=16, choices=Kind)
    frozen_at = models.DateTimeField(_("Frozen at"), null=True, blank=True)

    class Meta:
        verbose_name = _("evidence document")
        verbose_name_plural = _("evidence documents")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "sha256"], name="one_document_per_content"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="frozen_evidence_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__frozen_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"document {self.pk}"
