"""The small pieces every staff screen shares: icons, chips, moments, figures."""

import re
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
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from seoul_health.core import clock, masking
from seoul_health.core.tones import tone_of
from seoul_health.core.verbs import words_for

register = template.Library()

STYLES = re.compile(r" style=\"[^\"<>]*\"")

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
    return format_html(
        '<time datetime="{}" title="{}">{} {}</time>',
        moment.isoformat(timespec="seconds"),
        moment.strftime("%Y-%m-%d %H:%M:%S KST"),
        day_in_words(moment.date()),
        moment.strftime("%H:%M"),
    )


def day(value: date) -> SafeString:
    shape = '<time datetime="{0}" title="{0}">{1}</time>'
    return format_html(shape, value.isoformat(), day_in_words(value))


def day_in_words(value: date) -> str:
    """11월 22일 (일); a day of another year says its year."""
    shape = _("M j") if value.year == clock.today().year else _("M j, Y")
    weekday = _("Mon Tue Wed Thu Fri Sat Sun").split()[value.weekday()]
    return f"{dateformat.format(value, shape)} ({weekday})"


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
def person_name(user: Any) -> str:
    """Write a member of staff's name in the order of the language: 김서연, Seoyeon Kim."""
    if get_language() == "ko" and user.last_name:
        return f"{user.last_name}{user.first_name}"
    return str(user.get_full_name() or user.get_username())


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
    buttons = [
        {
            "name": name,
            "label": _("Delete") if name == "delete_selected" else label,
            "confirm": getattr(function, "confirm", ""),
            "tone": getattr(function, "tone", "danger" if name == "delete_selected" else ""),
        }
        for function, name, label in offered.values()
    ]
    return sorted(buttons, key=lambda button: button["tone"] == "danger")


@register.filter
def verb(name: str, row: Any = None) -> str:
    """Name what happened: a status by its label, anything else by its words for it."""
    label = row.status_label(name) if hasattr(row, "status_label") else name
    return words_for(name) if label == name else label


@register.filter
def actor(name: str) -> str:
    """Show who acted: a member of staff by name, a job or a participant as such."""
    kind, _sep, who = name.partition(":")
    if kind == "system":
        return _("Automatic job ({name})").format(name=who)
    return _("Participant") if kind == "participant" else who or name


@register.filter
def without_styles(difference: SafeString) -> SafeString:
    """Drop the inline colours of an import's difference; ours come from the stylesheet."""
    plain = STYLES.sub("", difference)
    return mark_safe(plain)  # noqa: S308  (django-import-export has escaped the values)
