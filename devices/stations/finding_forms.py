"""What the page of one watch asks: findings by a list, a wipe, and where the watch goes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from devices.errors import TooManyPapers
from devices.models import CheckAnswer, CheckItem, Checklist, DataWipe, Device
from devices.models.stock import GRADES
from devices.services.settling import Findings, Next, Wiped
from devices.services.watch_papers import MOST
from seoul_health.core.errors import UnfitFile
from seoul_health.core.files import Sent, cleaned
from seoul_health.core.media import LARGEST

PICTURES = {"image/jpeg", "image/png"}


def photos_of(request: HttpRequest, name: str = "photos") -> list[Sent]:
    """Read the photographs that came along; each is drawn anew before anything is kept."""
    return files_of(request, name, PICTURES)


def files_of(request: HttpRequest, name: str, kinds: set[str]) -> list[Sent]:
    sent = request.FILES.getlist(name)
    if len(sent) > MOST:
        raise TooManyPapers(limit=MOST)
    if any((file.size or 0) > LARGEST or file.content_type not in kinds for file in sent):
        raise UnfitFile
    return [cleaned(file.read(), file.content_type or "") for file in sent]


class FindingsForm(forms.Form):
    """One question for each thing on the list."""

    grade = forms.ChoiceField(
        label=_("Grade"),
        required=False,
        choices=[("", _("As the findings give it")), *((each, each) for each in GRADES)],
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, checklist: Checklist, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.checklist = checklist
        self.items: list[CheckItem] = list(checklist.items.all())
        for item in self.items:
            self.fields[f"item-{item.pk}"] = forms.ChoiceField(
                label=item.question, choices=CheckAnswer.Verdict.choices
            )

    @property
    def checks(self) -> list[tuple[CheckItem, forms.BoundField]]:
        return [(item, self[f"item-{item.pk}"]) for item in self.items]

    def findings(self, photos: Sequence[Sent]) -> Findings:
        told = self.cleaned_data
        return Findings(
            self.checklist,
            {item.pk: told[f"item-{item.pk}"] for item in self.items},
            grade=told["grade"],
            note=told["note"],
            photos=photos,
        )


class WipeForm(forms.Form):
    method = forms.ChoiceField(
        label=_("Wipe method"),
        required=False,
        choices=[("", _("Not wiped yet")), *DataWipe.Method.choices],
    )
    proof = forms.CharField(
        label=_("Proof"),
        max_length=100,
        required=False,
        help_text=_("Number of the tool’s report or of the receipt, or what was seen after."),
    )

    def wiped(self, photos: Sequence[Sent]) -> Wiped | None:
        method = self.cleaned_data["method"]
        return Wiped(method, self.cleaned_data["proof"], photos) if method else None


class PutForm(forms.Form):
    """Where the watch goes; only where it may go from where it stands."""

    TARGETS = {
        Next.SHELVE: Device.Status.IN_STOCK,
        Next.REPAIR: Device.Status.IN_REPAIR,
        Next.QUARANTINE: Device.Status.QUARANTINED,
    }

    to = forms.ChoiceField(label=_("Then"))
    why = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("Needed for repair and quarantine."),
    )

    def __init__(self, *args: Any, device: Device, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [one for one, status in self.TARGETS.items() if device.may(status)]
        choices = [(one.value, one.label) for one in (Next.LEAVE, *offered)]
        self.fields["to"] = forms.ChoiceField(label=_("Then"), choices=choices, initial=Next.LEAVE)
