import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from participants.models import Participation
from participants.services import participations, selection
from participants.services.headcounts import count_heads
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.recruiting import approved, open_lane

pytestmark = pytest.mark.django_db
PAGE = "/people/headcounts/"


def take_part(person, **terms):
    lane = open_lane(**terms)
    application = approved(person, lane, basis=terms.pop("basis", "resident"))
    selection.select_lane(lane, by=JOB)
    application.refresh_from_db()
    return participations.confirm(application, by=person)


@pytest.fixture
def town(make_participant):
    """Two people with three participations between them, and one who never took part."""
    loyal = make_participant(is_resident=True, district="종로구")
    participations.complete(take_part(loyal), by=JOB)
    take_part(loyal)
    left = make_participant(is_resident=True, district="중구", phone="010-5555-0004")
    participations.withdraw(take_part(left), by=JOB, why="이사")
    make_participant(verified=False, district="중구", phone="010-5555-0005")


def test_people_and_participations_are_counted_apart(town):
    heads = count_heads()

    people = heads.people
    assert (people.known, people.verified, people.unverified) == (3, 2, 1)
    assert (people.took_part, people.live, people.repeat) == (2, 1, 1)
    assert people.participations == heads.total.total == 3
    assert (heads.total.active, heads.total.completed, heads.total.withdrawn) == (1, 1, 1)
    assert heads.total.again == 1


def test_a_round_counts_its_own_participations(town):
    rounds = count_heads().rounds

    assert [one.total for one in rounds] == [1, 1, 1]
    assert sum(one.again for one in rounds) == 1


def test_a_basis_tells_people_from_participations(town):
    (basis, people), *rest = count_heads().bases

    assert (basis.key, basis.total, people, rest) == ("resident", 3, 2, [])


def test_a_district_is_counted_by_itself(town):
    heads = count_heads(district="중구")

    assert (heads.people.known, heads.total.total) == (2, 1)
    assert [row.district for row in heads.districts] == ["중구"]


def test_nobody_is_zero():
    heads = count_heads()

    assert (heads.people.known, heads.total.total, heads.rounds, heads.bases) == (0, 0, [], [])


def test_staff_of_a_district_see_their_own(town, client_of):
    page = client_of("recruitment_officer", scope="district", district="중구").get(PAGE)

    assert (page.status_code, page.context["heads"].people.known) == (200, 2)


def test_the_page_costs_few_queries(town, client_of):
    officer = client_of("recruitment_officer")
    officer.get("/admin/")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        officer.get(PAGE)

    assert len(queries) <= 14


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_figures_are_taken_along_for_a_reason(town, client_of, kind):
    answer = client_of("recruitment_officer").post(PAGE, {"reason": "의회 제출", "kind": kind})

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
    assert AuditEvent.objects.get(verb="exported").detail["reason"] == "의회 제출"


def test_the_file_says_the_same_as_the_page(town, client_of):
    answer = client_of("recruitment_officer").post(PAGE, {"reason": "의회 제출", "kind": "csv"})

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    units = {row[3] for row in rows[1:]}
    assert len(units) == 2
    assert str(Participation.objects.count()) in {row[4] for row in rows[1:]}


def test_without_a_reason_nothing_is_taken(town, client_of):
    answer = client_of("recruitment_officer").post(PAGE, {"reason": "", "kind": "csv"})

    assert answer.status_code == 400
    assert not AuditEvent.objects.filter(verb="exported").exists()


def test_who_may_look_may_not_take(client_of):
    assert client_of("agent").get(PAGE).status_code == 200
    assert client_of("agent").post(PAGE, {"reason": "의회 제출", "kind": "csv"}).status_code == 403


def test_strangers_are_sent_to_sign_in(client, client_of):
    assert client.get(PAGE).status_code == 302
    assert client_of("site_clerk").get(PAGE).status_code == 403
