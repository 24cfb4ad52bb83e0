from django.test import RequestFactory

from seoul_health import menu
from seoul_health.menu_entries import Group, Link

JOB = Group(
    "operations",
    "Operations",
    "settings",
    (
        Link("Home", "admin:index"),
        Link("Password", "admin:password_change", "core.operate"),
        Link("Missing", "no-such:page"),
    ),
)


class Person:
    def __init__(self, *permissions: str) -> None:
        self.permissions = permissions

    def has_perm(self, permission: str) -> bool:
        return permission in self.permissions


def labels(sections: list[menu.Section]) -> list[list[str]]:
    return [[entry.label for entry in section.entries] for section in sections][1:]


def request_of(person: Person, path: str = "/admin/"):
    request = RequestFactory().get(path)
    request.user = person
    return request


def test_an_entry_is_hidden_without_its_permission() -> None:
    assert labels(menu.build(request_of(Person()), [], (JOB,))) == [["Home"]]


def test_an_entry_is_shown_with_its_permission_and_a_missing_page_is_not() -> None:
    shown = menu.build(request_of(Person("core.operate")), [], (JOB,))

    assert labels(shown) == [["Home", "Password"]]


def test_the_longest_fitting_address_is_the_current_page() -> None:
    request = request_of(Person("core.operate"), "/admin/password_change/done/")

    shown = menu.build(request, [], (JOB,))

    current = [entry.label for part in shown for entry in part.entries if entry.current]
    assert current == ["Password"]


def test_a_list_nobody_placed_appears_with_its_app() -> None:
    apps = [
        {"app_label": "points", "models": [{"name": "Splits", "admin_url": "/admin/points/split/"}]}
    ]
    groups = (Group("points", "Points", "coins"), JOB)

    assert labels(menu.build(request_of(Person()), apps, groups)) == [["Splits"], ["Home"]]


def test_a_group_without_entries_is_not_shown() -> None:
    nothing = Group("points", "Points", "coins", (Link("P", "admin:index", "points.never"),))

    shown = menu.build(request_of(Person()), [], (nothing, JOB))

    assert [section.key for section in shown] == ["home", "operations"]
