import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from participants.services import consents, participations, selection
from seoul_health.core.models import AccessLog
from tests.conftest import JOB
from tests.participants.recruiting import approved, open_lane

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(make_participant):
    found = make_participant(is_resident=True, name="김걷기", phone="010-1234-5678")
    lane = open_lane()
    application = approved(found, lane)
    selection.select_lane(lane, by=JOB)
    application.refresh_from_db()
    participations.confirm(application, by=found)
    consents.give(found, purpose="marketing", version="2026-01", by=found)
    return found


def page_of(person):
    return f"/people/{person.number}/"


def sections(answer):
    return [section.key for section in answer.context["sections"]]


def test_everything_about_a_person_is_on_one_page(client_of, person):
    answer = client_of("auditor").get(page_of(person))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"consents", "applications", "participations", "loans", "steps", "points"} <= set(
        sections(answer)
    )


def test_what_identifies_a_person_is_masked(client_of, person):
    page = client_of("auditor").get(page_of(person)).content.decode()

    assert "김*기" in page
    assert "010-****-5678" in page
    for secret in ("김걷기", "1234-5678", "1980-05-17", "세종대로"):
        assert secret not in page


def test_each_role_sees_its_own_sections(client_of, person):
    device = sections(client_of("device_officer").get(page_of(person)))
    agent = sections(client_of("agent").get(page_of(person)))

    assert "loans" in device
    assert not {"points", "consents", "trail", "readers"} & set(device)
    assert {"voices", "points", "steps"} <= set(agent)
    assert "readers" not in agent


def test_opening_the_page_is_written_down_with_what_was_shown(client_of, person):
    client_of("device_officer").get(page_of(person))

    log = AccessLog.objects.get(action="view")
    assert (log.subjects, log.what) == ([person.number], "person:participations,loans")


def test_another_district_does_not_exist(client_of, person):
    officer = client_of("recruitment_officer", scope="district", district="중구")

    assert officer.get(page_of(person)).status_code == 404
    assert not AccessLog.objects.filter(action="view").exists()


def test_somebody_unknown_does_not_exist(client_of):
    assert client_of("auditor").get("/people/P-0000-0000000/").status_code == 404


def test_who_may_not_see_people_is_refused(client, client_of, person):
    assert client.get(page_of(person)).status_code == 302
    assert client_of("site_clerk").get(page_of(person)).status_code == 403


def test_the_page_costs_few_queries(client_of, person):
    auditor = client_of("auditor")
    auditor.get("/admin/")

    with CaptureQueriesContext(connection) as queries:
        auditor.get(page_of(person))

    assert len(queries) <= 45


@pytest.mark.parametrize("kind", ["participant", "application", "participation"])
def test_rows_lead_to_the_page(client_of, person, kind):
    from django.apps import apps

    model = apps.get_model("participants", kind)
    row = person if kind == "participant" else model.objects.get(participant=person)

    page = client_of("auditor").get(f"/admin/participants/{kind}/{row.pk}/change/")

    assert f'href="{page_of(person)}"' in page.content.decode()
