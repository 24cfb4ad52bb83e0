"""Every URL × every caller → status. A URL without a row in the matrix fails."""

import json
import re
from pathlib import Path

import pytest
from django.urls import NoReverseMatch, reverse

from tests.sweeps.world import ROLES, World, fill, model_of, routes

pytestmark = pytest.mark.serial
MATRIX = Path(__file__).with_name("matrix.json")
CALLERS = ["anonymous", "participant", *ROLES]


def table() -> dict[str, dict[str, int]]:
    return json.loads(MATRIX.read_text())


def ours():
    return sorted({route.pattern: route for route in routes()}.values(), key=lambda r: r.pattern)


def test_every_url_has_its_row():
    assert sorted(table()) == [route.pattern for route in ours()]


def observed(world: World) -> dict[str, dict[str, int]]:
    callers = world.callers()
    seen = {}
    for route in ours():
        path = fill(route, world)
        seen[route.pattern] = {
            name: client.get(path).status_code for name, client in callers.items()
        }
    return seen


def test_everybody_gets_exactly_what_the_matrix_says(world):
    """Regenerate with SWEEP_WRITE=1 and read the difference like code."""
    import os

    seen = observed(world)
    if os.environ.get("SWEEP_WRITE"):
        MATRIX.write_text(json.dumps(seen, indent=1, sort_keys=True) + "\n")
    expected = table()
    wrong = {
        pattern: {
            name: (status, expected.get(pattern, {}).get(name))
            for name, status in row.items()
            if status != expected.get(pattern, {}).get(name)
        }
        for pattern, row in seen.items()
    }
    assert {pattern: row for pattern, row in wrong.items() if row} == {}


def test_lists_open_for_whoever_may_view_and_for_nobody_else(world):
    """The matrix is written by hand or by machine; this derives it from the permission table."""
    for role in ROLES:
        client = world.staff_of(role)
        user = world.user_of(role)
        for route in ours():
            model = model_of(route.name)
            if model is None or not route.name.endswith("_changelist"):
                continue
            may = user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
            status = client.get("/" + route.pattern).status_code
            assert status == (200 if may else 403), (role, route.pattern)


def test_a_participant_never_opens_a_staff_page(world):
    app = world.app_of(world.citizen)
    for route in ours():
        if route.pattern in {"admin/login/", "admin/jsi18n/"}:
            continue
        if route.pattern.startswith(("admin/", "desk/", "stock/")):
            assert app.get(fill(route, world)).status_code in {302, 403, 404, 405}, route.pattern


def test_a_strangers_rows_do_not_exist(world):
    app = world.app_of(world.stranger)
    for route in ours():
        if route.pattern.startswith("api/v1/me/") and "<" in route.pattern:
            path = fill(route, world)
            answer = app.get(path)
            assert answer.status_code in {404, 405}, (path, answer.status_code)
            if answer.status_code == 404:
                assert answer.json()["code"] == "not_found"


def test_every_verb_of_every_row_needs_its_permission(world):
    """POST each button as somebody without any role: nothing happens."""
    from django.contrib import admin

    from seoul_health.core.admin.row_actions import RowActions

    nobody = world.staff_without_roles()
    for model, site in admin.site._registry.items():
        if not isinstance(site, RowActions):
            continue
        row = model._default_manager.order_by("pk").first()
        for action in site.row_actions():
            assert re.fullmatch(r"[a-z]+\.[a-z_]+", action.permission)
            if row is None:
                continue
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_act"
            try:
                path = reverse(name, args=[row.pk, action.name])
            except NoReverseMatch:
                continue
            assert nobody.post(path).status_code == 403, path
