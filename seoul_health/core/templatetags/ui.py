"""The small pieces every staff screen shares: icons, chips, moments, figures."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.admin.helpers import Fieldset
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.context import Context
from django.utils import dateformat
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from seoul_health.core import clock, masking
from seoul_health.core.tones import tone_of

register = template.Library()

MASKS = {
    "name": masking.mask_name,
    "phone": masking.mask_phone,
    "birth": masking.mask_birth,
    "address": masking.mask_address,
}


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Draw one icon of the sprite; it is decoration, the word stands beside it."""
    sprite = staticfiles_storage.url("icons/sprite.svg")
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>', extra, sprite, name
    )


@register.simple_tag
def chip(label: object, tone: str = "neutral", icon_name: str = "") -> SafeString:
    mark = icon(icon_name) if icon_name else ""
    return format_html('<span class="chip {}">{}{}</span>', tone, mark, label)


@register.filter
def status_chip(row: Any) -> SafeString:
    """Show where a row stands as a word in its tone."""
    return chip(row.get_status_display(), tone_of(row.status))


@register.filter
def tone(status: str) -> str:
    return tone_of(status)


@register.filter
def kst(value: datetime | date | None) -> SafeString | str:
    """11월 22일 (일) 14:05, the whole moment on hover; other years say their year."""
    if value is None:
        return "–"
    if not isinstance(value, datetime):
        return day(value)
    moment = value.astimezone(clock.KST)
    shape = _("M j (D) H:i") if moment.year == clock.today().year else _("M j, Y (D) H:i")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        moment.strftime("%Y-%m-%d %H:%M:%S KST"),
        dateformat.format(moment, shape),
    )


def day(value: date) -> SafeString:
    shape = _("M j (D)") if value.year == clock.today().year else _("M j, Y (D)")
    text = dateformat.format(value, shape)
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', value.isoformat(), text)


@register.filter
def ago(value: datetime | None) -> str:
    """Say how long ago something was in its largest unit."""
    return "" if value is None else lasted(max(clock.now() - value, timedelta()))


def lasted(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("{count} min ago").format(count=minutes)
    if minutes < 48 * 60:
        return _("{count} h ago").format(count=minutes // 60)
    return _("{count} days ago").format(count=number(minutes // (24 * 60)))


@register.filter
def number(value: int | float | Decimal | None) -> str:
    return "–" if value is None else number_format(value, force_grouping=True)


@register.filter
def points(value: int | None) -> str:
    return "–" if value is None else f"{number(value)}P"


@register.filter
def masked(value: Any, kind: str) -> str:
    """Hide what the programme's one masking pattern hides of a name, phone, birth or address."""
    return "–" if value in (None, "") else MASKS[kind](value)  # type: ignore[operator]


@register.filter
def initial(name: str) -> str:
    return name.strip()[:1].upper()


@register.filter
def has_only_facts(fieldset: Fieldset) -> bool:
    """Tell whether nothing in a part of a form can be typed into."""
    fields = [each for line in fieldset for each in line]
    return bool(fields) and all(getattr(each, "is_readonly", False) for each in fields)


@register.simple_tag(takes_context=True)
def bulk_actions(context: Context) -> list[dict[str, Any]]:
    """Give a list's actions as buttons; a function may carry `confirm` and `tone`."""
    page, request = context["cl"], context["request"]
    offered = page.model_admin.get_actions(request)
    return [
        {
            "name": name,
            "label": str(label) % {"verbose_name_plural": page.opts.verbose_name_plural},
            "confirm": getattr(function, "confirm", ""),
            "tone": getattr(function, "tone", "danger" if name == "delete_selected" else ""),
        }
        for function, name, label in offered.values()
    ]


@register.filter
def verb(name: str, row: Any = None) -> str:
    """Name what happened: a status by its label, anything else by its translated word."""
    label = row.status_label(name) if hasattr(row, "status_label") else name
    return _(label.replace("_", " ").capitalize()) if label == name else label


@register.filter
def actor(name: str) -> str:
    """Show who acted: a member of staff by name, a job or a participant as such."""
    kind, _sep, who = name.partition(":")
    if kind == "system":
        return _("Automatic job ({name})").format(name=who)
    return _("Participant") if kind == "participant" else who or name
