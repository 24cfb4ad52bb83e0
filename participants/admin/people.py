import re
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from participants.rules.districts import DISTRICTS
from seoul_health.core import masking
from seoul_health.core.access import log_read
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action

PHONE = re.compile(r"[0-9]{9,11}")


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), min_length=5, max_length=200)


def found_by(text: str) -> Q:
    """Read what staff typed: a number, a whole phone, its last four digits, or a whole name."""
    squeezed = re.sub(r"[\s-]", "", text)
    if text.upper().startswith("P-"):
        return Q(number__startswith=text.upper())
    people = Participant.objects
    if PHONE.fullmatch(squeezed):
        return Q(pk__in=people.with_phone(squeezed))
    if re.fullmatch(r"[0-9]{4}", squeezed):
        return Q(pk__in=people.with_phone_tail(squeezed))
    return Q(pk__in=people.with_name(text))


def whole_story(person: Participant) -> str:
    """Link to the one page about a person."""
    return format_html('<a href="{}">{}</a>', reverse("person", args=[person.number]), person)


class DistrictFilter(admin.SimpleListFilter):
    """The 25 districts by name; the table is not asked which ones there are."""

    title = _("District")
    parameter_name = "district"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        return [(name, name) for name in DISTRICTS]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Participant]
    ) -> QuerySet[Participant]:
        return queryset.filter(district=self.value()) if self.value() else queryset


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin[Participant]):
    """People, masked. A whole phone number, its tail or a whole name finds them."""

    list_display = ("number", "name", "phone", "district", "verified_at", "joined_at")
    list_filter = (DistrictFilter,)
    list_select_related = ("profile",)
    search_fields = ("number",)
    search_help_text = _("Number, whole name, phone or its last four digits")
    fields = (
        "number", "name", "phone", "birth_date", "address", "district", "verified_at",
        "joined_at", "withdrawn_at", "person_page",
    )  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Participant], search_term: str
    ) -> tuple[QuerySet[Participant], bool]:
        text = search_term.strip()
        return (queryset.filter(found_by(text)) if text else queryset), False

    def subjects_of(self, rows: Iterable[Participant]) -> list[str]:
        return [row.number for row in rows]

    @admin.display(description=_("Everything on one page"))
    def person_page(self, row: Participant) -> str:
        return whole_story(row)

    @admin.display(description=_("Name"))
    def name(self, row: Participant) -> str:
        return masking.mask_name(row.profile.name)

    @admin.display(description=_("Phone"))
    def phone(self, row: Participant) -> str:
        return masking.mask_phone(row.profile.phone)

    @admin.display(description=_("Birth date"))
    def birth_date(self, row: Participant) -> str:
        return masking.mask_birth(date.fromisoformat(row.profile.birth_date))

    @admin.display(description=_("Address"))
    def address(self, row: Participant) -> str:
        return masking.mask_address(row.profile.address)

    @row_action(_("Show unmasked"), permission="participants.unmask_participant", form=ReasonForm)
    def unmask(self, request: HttpRequest, row: Participant, **values: Any) -> None:
        """Show once what is masked; the reason stays with the record."""
        log_read(
            request,
            [row.number],
            by=staff_of(request),
            action="unmask",
            what="admin:participants.participant",
            reason=values["reason"],
        )
        profile = row.profile
        shown = gettext("{name} · {phone} · {birth_date} · {address}").format(
            name=profile.name,
            phone=profile.phone,
            birth_date=profile.birth_date,
            address=profile.address,
        )
        self.message_user(request, shown, messages.INFO)


class PersonsRowAdmin(ReadOnlyAdmin[Any]):
    """Rows about one participant each; whoever sees them is written down."""

    list_select_related: ClassVar[tuple[str, ...]] = ("participant",)

    def subjects_of(self, rows: Iterable[Any]) -> list[str]:
        return [row.participant.number for row in rows]

    @admin.display(description=_("Everything on one page"))
    def person_page(self, row: Any) -> str:
        return whole_story(row.participant)
