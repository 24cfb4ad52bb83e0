"""Django's list of rows with the house's cells: chips, Seoul moments, figures to the right."""

from datetime import date
from typing import Any

from django import template
from django.contrib.admin.helpers import AdminReadonlyField
from django.contrib.admin.templatetags.admin_list import result_list
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from seoul_health.core.tones import tone_of

from .ui import chip, icon, kst, number

register = template.Library()

FIGURES = (models.IntegerField, models.DecimalField, models.FloatField)


def column(model: type[models.Model], name: Any) -> models.Field[Any, Any] | None:
    """Find the plain field behind a column; a computed one has none."""
    try:
        found = model._meta.get_field(name) if isinstance(name, str) else None
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, models.Field) else None


def is_figure(field: models.Field[Any, Any] | None) -> bool:
    return isinstance(field, FIGURES) and not field.primary_key and not field.choices


def house_value(field: models.Field[Any, Any], row: models.Model) -> SafeString | str | None:
    """Show a stored value the house's way, or leave it to Django."""
    value = getattr(row, field.attname)
    if value is None:
        return None
    if isinstance(field, models.DateField) and isinstance(value, date):
        return kst(value)
    if is_figure(field):
        return number(value)
    if isinstance(field, models.BooleanField):
        return yes_or_no(value)
    if field.choices and field.name in {"status", "state", "outcome", "result"}:
        return chip(getattr(row, f"get_{field.name}_display")(), tone_of(str(value)))
    return None


def yes_or_no(value: bool) -> SafeString:
    """Draw a sign and say it for those who cannot see it."""
    sign, word = (icon("check"), _("Yes")) if value else (icon("minus", "muted"), _("No"))
    return format_html('{}<span class="visually-hidden">{}</span>', sign, word)


def house_cell(cell: str, field: models.Field[Any, Any] | None, row: models.Model) -> str:
    """Put the house's value where Django wrote its own, keeping the link around it."""
    if field is None:
        return cell
    if is_figure(field):
        cell = mark_safe(cell.replace('class="', 'class="num ', 1))  # noqa: S308  (Django's own cell)
    shown = house_value(field, row)
    if shown is None:
        return cell
    head, _sep, _rest = cell.partition(">")
    tag = "th" if head.startswith("<th") else "td"
    link = _rest.partition(">")[0] + ">" if _rest.startswith("<a ") else ""
    inner = format_html("{}{}{}", mark_safe(link), shown, mark_safe("</a>" if link else ""))  # noqa: S308
    return format_html("{}>{}</{}>", mark_safe(head), inner, mark_safe(tag))  # noqa: S308


@register.inclusion_tag("admin/change_list_results.html", takes_context=True)
def staff_result_list(context: template.Context, cl: Any) -> dict[str, Any]:
    """Lay out a page of a list."""
    listed: dict[str, Any] = {**result_list(cl)}
    columns = [column(cl.model, name) for name in cl.list_display]
    for header, field in zip(listed["result_headers"], columns, strict=True):
        header["is_figure"] = is_figure(field)
        header["sortable"] = header["sortable"] and not hasattr(cl, "next_url")
    if not cl.formset:
        listed["results"] = [
            [house_cell(cell, field, row) for cell, field in zip(cells, columns, strict=False)]
            for row, cells in zip(cl.result_list, listed["results"], strict=True)
        ]
    return {**listed, "request": context["request"]}


@register.filter
def fact(field: AdminReadonlyField) -> Any:
    """Show one read-only value of a form."""
    try:
        found, _attr, _value = lookup_field(
            field.field["field"], field.form.instance, field.model_admin
        )
    except (AttributeError, ValueError, ObjectDoesNotExist):
        return field.contents()
    if isinstance(found, models.Field) and not found.remote_field:
        return house_value(found, field.form.instance) or field.contents()
    return field.contents()
