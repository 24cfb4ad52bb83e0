import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db

OURS = {"participants", "devices", "points", "complaints", "core", "operations"}
LISTS = sorted(m._meta.label_lower for m in admin.site._registry if m._meta.app_label in OURS)


def test_the_log_in_page_is_ours(client: Client) -> None:
    page = client.get(reverse("admin:login")).content.decode()

    assert 'class="gate"' in page
    assert "admin/css/" not in page


def test_a_stranger_sees_no_menu(client: Client) -> None:
    assert "menu-link" not in client.get(reverse("admin:login")).content.decode()


def test_the_menu_shows_only_the_work_of_the_role(client_of) -> None:
    pages = {
        role: client_of(role).get(reverse("admin:index")).content.decode()
        for role in ("agent", "privacy_officer")
    }
    log = f'href="{reverse("admin:core_accesslog_changelist")}"'

    assert log in pages["privacy_officer"]
    assert log not in pages["agent"]


def test_an_app_has_no_page_of_its_own(client_of) -> None:
    answer = client_of("auditor").get("/admin/core/")

    assert answer.status_code == 302
    assert answer.url == reverse("admin:index")


# Health readings are for those who take and answer them.
READERS = {"devices.reading": "site_clerk", "devices.riskalert": "site_clerk"}


@pytest.mark.parametrize("label", LISTS)
def test_every_list_wears_the_frame(client_of, label: str) -> None:
    name = f"admin:{label.replace('.', '_')}_changelist"

    page = client_of(READERS.get(label, "auditor")).get(reverse(name)).content.decode()

    assert 'class="card list-card"' in page
    assert 'aria-current="page"' in page
    assert "breadcrumbs" not in page
    assert "admin/css/base.css" not in page


def test_an_empty_search_says_why_and_what_next(client_of) -> None:
    page = client_of("auditor").get("/admin/core/staffuser/?q=nothing-like-it").content.decode()

    assert 'class="empty"' in page
    assert 'href="?"' in page


def test_the_narrow_menu_and_the_dark_are_remembered_without_script(client_of) -> None:
    client = client_of("auditor")
    client.cookies["sidebar"] = "narrow"
    client.cookies["theme"] = "dark"

    page = client.get(reverse("admin:index")).content.decode()

    assert 'class="frame narrow"' in page
    assert 'data-theme="dark"' in page


def test_a_made_up_theme_is_ignored(client: Client) -> None:
    client.cookies["theme"] = '"><script>'

    page = client.get(reverse("admin:login")).content.decode()

    assert "data-theme=" not in page
    assert '"><script>' not in page


def test_a_page_that_is_not_there_is_said_in_our_words(client: Client) -> None:
    answer = client.get("/no-such-page/")

    assert answer.status_code == 404
    assert 'class="gate"' in answer.content.decode()


def test_logging_out_takes_a_form(client_of) -> None:
    client = client_of("auditor")

    assert client.get(reverse("admin:logout")).status_code == 405
    assert client.post(reverse("admin:logout")).status_code == 200
    assert client.get(reverse("admin:index")).status_code == 302
