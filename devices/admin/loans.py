from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from devices.admin.bulk import StagedButtons, bulk_action
from devices.admin.forms import ReasonForm, RecoveryForm
from devices.models import Device, Loan, LoanTerms
from devices.models.loans import LoanQuerySet
from devices.services import exchanges, loans
from devices.services.passport import borrower_of
from participants.models import Participant
from seoul_health.core import clock
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.keyset import KeysetChangeList
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.templatetags.ui import chip, kst

Status = Loan.Status
LEND, RECALL = "devices.lend_loan", "devices.recall_loan"


def due_of(loan: Loan) -> SafeString:
    """Show the due day, and how far over it a watch is."""
    late = (clock.today() - loan.due_on).days
    if late <= 0 or loan.status not in {Status.DELIVERED, Status.LIVE, Status.RECALL_REQUESTED}:
        return format_html("{}", kst(loan.due_on))
    overdue = gettext("{days} days overdue").format(days=late)
    return format_html("{} {}", kst(loan.due_on), chip(overdue, "danger"))


class Standing(admin.SimpleListFilter):
    """Loans that need somebody come first; the rest is one click away."""

    title = _("Standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", _("Overdue")),
            ("reserved", _("To be shipped")),
            ("recalled", _("Recalled")),
            ("back", _("To be inspected")),
            ("lost", _("Lost or damaged")),
            ("replaced", _("Replaced, not back yet")),
            ("all", _("All loans")),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *rest = super().choices(changelist)
        yield {**first, "display": _("Open loans")}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Loan]) -> QuerySet[Loan]:
        rows = cast(LoanQuerySet, queryset)
        chosen = self.value() or ("all" if request.GET.get("q") else "open")
        chain: dict[str, Callable[[], QuerySet[Loan]]] = {
            "open": lambda: rows.live(),
            "overdue": lambda: rows.overdue(clock.today()),
            "reserved": lambda: rows.filter(status=Status.RESERVED),
            "recalled": lambda: rows.filter(status=Status.RECALL_REQUESTED),
            "back": lambda: rows.filter(status=Status.RETURNED),
            "lost": lambda: rows.filter(status__in=[Status.LOST, Status.DAMAGED]),
            "replaced": lambda: rows.filter(status=Status.REPLACED),
        }
        return chain[chosen]() if chosen in chain else rows


class LoanList(KeysetChangeList):
    def count(self, shown: int) -> int | None:
        """The list opens on the open loans; the size of the table says nothing about them."""
        return None


@admin.register(Loan)
class LoanAdmin(StagedButtons[Loan], ReadOnlyAdmin[Loan]):
    """Loans in the order they fall due."""

    keyset = "due_on"
    list_display = ("device", "due", "status", "borrower", "accepted_at", "recalled_at")
    list_select_related = ("device", "participant__profile")
    list_filter = (Standing,)
    # What the measures of recovery lead to.
    drilled = frozenset(
        {
            "participation__round__code",
            "device__lot__code",
            "participant__district",
            "device__lot__supplier",
            "allocation__id__exact",
        }
    )
    search_fields = ("device__serial__exact",)
    search_help_text = _("Serial number or participant number")
    change_form_template = "devices/loan.html"
    fields = (
        "device",
        "borrower",
        "due",
        "reserved_at",
        "accepted_at",
        "accepted_terms",
        "recalled_at",
        "returned_at",
        "closed_at",
    )
    actions = ("ship_all", "deliver_all", "recall_all", "take_in_all")
    stages = {
        "ship": {Status.RESERVED},
        "deliver": {Status.RESERVED, Status.SHIPPED},
        "recall": {Status.SHIPPED, Status.DELIVERED, Status.LIVE},
        "take_in": {
            Status.SHIPPED,
            Status.DELIVERED,
            Status.LIVE,
            Status.RECALL_REQUESTED,
            Status.RETURNING,
            Status.REPLACED,
            Status.LOST,
            Status.DAMAGED,
        },
        "book_return": {
            Status.DELIVERED,
            Status.LIVE,
            Status.RECALL_REQUESTED,
            Status.DAMAGED,
        },
        "log_step": {
            Status.DELIVERED,
            Status.LIVE,
            Status.RECALL_REQUESTED,
            Status.RETURNING,
            Status.LOST,
        },
        "damaged": {Status.DELIVERED, Status.LIVE, Status.RECALL_REQUESTED, Status.RETURNED},
        "lost": {
            Status.SHIPPED,
            Status.DELIVERED,
            Status.LIVE,
            Status.RECALL_REQUESTED,
            Status.RETURNING,
        },
        "buy_out": {Status.LIVE, Status.RECALL_REQUESTED},
        "cancel": {Status.RESERVED},
        "accept": {Status.DELIVERED},
        "exchange_here": {Status.DELIVERED, Status.LIVE, Status.RECALL_REQUESTED},
        "exchange_post": {Status.DELIVERED, Status.LIVE, Status.RECALL_REQUESTED},
    }

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in self.drilled or super().lookup_allowed(
            lookup, value, cast(HttpRequest, request)
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LoanList

    def subjects_of(self, rows: Iterable[Loan]) -> list[str]:
        return [loan.participant.number for loan in rows]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Loan], search_term: str
    ) -> tuple[QuerySet[Loan], bool]:
        """Find the watch or the person first: each look-up has its own index."""
        term = search_term.strip().upper()
        if not term:
            return queryset, False
        devices = Device.objects.filter(serial=term).values_list("pk", flat=True)
        people = Participant.objects.filter(number=term).values_list("pk", flat=True)
        found = Q(device_id__in=list(devices)) | Q(participant_id__in=list(people))
        return queryset.filter(found), False

    @admin.display(description=_("Borrower"))
    def borrower(self, loan: Loan) -> str:
        return borrower_of(loan)

    @admin.display(description=_("Due on"))
    def due(self, loan: Loan) -> SafeString:
        return due_of(loan)

    def page_context(self, request: HttpRequest, row: Loan) -> dict[str, Any]:
        return {
            "terms": LoanTerms.objects.filter(version=row.accepted_terms).first(),
            "parcels": row.shipments.order_by("pk"),
            "reports": row.reports.order_by("-pk"),
            "steps": row.recovery.order_by("-pk"),
        }

    def has_lend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(LEND)

    def has_recall_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(RECALL)

    def has_scan_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("devices.scan_device")

    ship_all = bulk_action(_("Ship"), permission="lend", service=loans.ship)
    deliver_all = bulk_action(
        _("Delivered or handed over"), permission="lend", service=loans.mark_delivered
    )
    recall_all = bulk_action(
        _("Recall"), permission="recall", service=loans.recall, form=ReasonForm
    )
    take_in_all = bulk_action(
        _("Take in"),
        permission="scan",
        service=lambda loan, by: loans.scan_in(loan.device.serial, by=by),
    )

    @row_action(_("Ship"), permission=LEND, to=Status.SHIPPED)
    def ship(self, request: HttpRequest, row: Loan) -> None:
        loans.ship(row, by=staff_of(request))

    @row_action(_("Delivered or handed over"), permission=LEND, to=Status.DELIVERED)
    def deliver(self, request: HttpRequest, row: Loan) -> None:
        loans.mark_delivered(row, by=staff_of(request))

    @row_action(
        _("Signed at the counter"),
        permission=LEND,
        to=Status.LIVE,
        confirm=_("The citizen has signed the terms in force on paper."),
    )
    def accept(self, request: HttpRequest, row: Loan) -> None:
        terms = LoanTerms.objects.in_force(clock.today())[0]
        loans.accept(row, terms=terms.version, by=staff_of(request))

    @row_action(_("Exchange at the counter"), permission=LEND, to=Status.REPLACED, form=ReasonForm)
    def exchange_here(self, request: HttpRequest, row: Loan, **values: Any) -> None:
        exchanges.exchange_at_counter(row, by=staff_of(request), **values)

    @row_action(_("Exchange by parcel"), permission=LEND, to=Status.REPLACED, form=ReasonForm)
    def exchange_post(self, request: HttpRequest, row: Loan, **values: Any) -> None:
        exchanges.exchange_by_parcel(row, by=staff_of(request), **values)

    @row_action(_("Recall"), permission=RECALL, to=Status.RECALL_REQUESTED, form=ReasonForm)
    def recall(self, request: HttpRequest, row: Loan, **values: Any) -> None:
        loans.recall(row, by=staff_of(request), **values)

    @row_action(_("Take in"), permission="devices.scan_device", to=Status.RETURNED)
    def take_in(self, request: HttpRequest, row: Loan) -> None:
        loans.scan_in(row.device.serial, by=staff_of(request))

    @row_action(_("Book a return parcel"), permission=LEND, to=Status.RETURNING)
    def book_return(self, request: HttpRequest, row: Loan) -> None:
        loans.start_return(row, by=staff_of(request))

    @row_action(_("Log a recovery step"), permission=RECALL, form=RecoveryForm)
    def log_step(self, request: HttpRequest, row: Loan, **values: Any) -> None:
        loans.log_recovery(row, by=staff_of(request), **values)

    @row_action(_("Damaged"), permission=RECALL, to=Status.DAMAGED, form=ReasonForm, danger=True)
    def damaged(self, request: HttpRequest, row: Loan, **values: Any) -> None:
        loans.mark_damaged(row, by=staff_of(request), **values)

    @row_action(_("Lost"), permission=RECALL, to=Status.LOST, form=ReasonForm, danger=True)
    def lost(self, request: HttpRequest, row: Loan, **values: Any) -> None:
        loans.mark_lost(row, by=staff_of(request), **values)

    @row_action(
        _("Bought out"), permission=RECALL, to=Status.BOUGHT_OUT, form=ReasonForm, danger=True
    )
    def buy_out(self, request: HttpRequest, row: Loan, **values: Any) -> None:
        loans.buy_out(row, by=staff_of(request), **values)

    @row_action(
        _("Cancel the reservation"),
        permission=LEND,
        to=Status.CANCELLED,
        form=ReasonForm,
        danger=True,
    )
    def cancel(self, request: HttpRequest, row: Loan, **values: Any) -> None:
        loans.cancel_reservation(row, by=staff_of(request), **values)
