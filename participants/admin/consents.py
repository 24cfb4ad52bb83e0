from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from participants.models import Consent, ConsentText
from participants.services import consent_texts
from seoul_health.core import audit
from seoul_health.core.admin.base import BigListAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.templatetags.ui import number

from .people import PersonsRowAdmin


@admin.register(Consent)
class ConsentAdmin(PersonsRowAdmin):
    list_display = ("participant", "purpose", "version", "given_at", "withdrawn_at")
    list_filter = ("purpose",)
    search_fields = ("participant__number__exact",)


@admin.register(ConsentText)
class ConsentTextAdmin(BigListAdmin[ConsentText]):
    """The words people agree to. A released text stays as it is; a change is a new version."""

    list_display = (
        "title", "purpose", "version", "effective_from", "is_required", "is_printed", "released_at",
    )  # fmt: skip
    list_filter = ("purpose",)
    list_per_page = 20
    fields = (
        "purpose", "version", "effective_from", "title", "text", "is_required", "is_printed",
        "released_at", "agreed", "outdated",
    )  # fmt: skip
    readonly_fields = ("released_at", "agreed", "outdated")

    def has_change_permission(self, request: HttpRequest, obj: ConsentText | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.released_at is None)

    def save_model(
        self, request: HttpRequest, obj: ConsentText, form: ModelForm[ConsentText], change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "drafted"
        audit.record(verb, obj, by=staff_of(request), fields=form.changed_data)

    @admin.display(description=_("Agreed (people)"))
    def agreed(self, row: ConsentText) -> str:
        return self.people(row)["agreed"]

    @admin.display(description=_("Only an older version (people)"))
    def outdated(self, row: ConsentText) -> str:
        return self.people(row)["outdated"]

    def people(self, row: ConsentText) -> dict[str, str]:
        """Count the people behind both figures; a text not yet saved has none."""
        if row._state.adding:
            return {"agreed": "–", "outdated": "–"}
        counts = consent_texts.agreed_to(row)
        return {name: number(count) for name, count in counts.items()}

    @row_action(
        _("Release"),
        permission="participants.release_consenttext",
        confirm=_("From its first day on, people are asked to agree to these words."),
    )
    def release(self, request: HttpRequest, row: ConsentText) -> None:
        consent_texts.release(row, by=staff_of(request))
