import pytest
from django.core.cache import cache
from django.urls import reverse

from complaints.desk import pulse
from complaints.desk.queue import TABS, counts_of
from complaints.services import desk
from participants.models import Participant
from seoul_health.core import clock
from tests.complaints.builders import AGENT, receive_one

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgetful():
    cache.clear()


@pytest.fixture
def browser(client_of):
    return client_of("agent", **AGENT)


def ask(browser, mark="", **query):
    headers = {"If-None-Match": mark} if mark else {}
    return browser.get(reverse("desk:pulse"), query, headers=headers)


def test_nothing_new_is_told_in_no_words(browser, complaint):
    first = ask(browser, tab="waiting")

    again = ask(browser, first["ETag"], tab="waiting")

    assert (again.status_code, again.content) == (304, b"")
    assert first.json()["counts"]["waiting"] == 1


def test_the_pulse_counts_what_the_queue_counts(browser, walker, complaint, colleague):
    desk.take(complaint, by=browser.user)
    desk.take(receive_one(walker), by=colleague)
    receive_one(walker)

    counts, _digest = pulse.standing(browser.user, "mine")

    assert counts == {key: counts_of(browser.user, clock.now())[key] for key in TABS}


def test_the_digest_of_a_tab_changes_only_with_the_tab(browser, walker, complaint, colleague):
    desk.take(complaint, by=browser.user)
    mine, waiting = (pulse.standing(browser.user, tab)[1] for tab in ("mine", "waiting"))
    receive_one(walker)
    cache.clear()

    assert pulse.standing(browser.user, "mine")[1] == mine
    assert pulse.standing(browser.user, "waiting")[1] != waiting


def test_a_change_of_my_complaint_is_noticed(browser, complaint):
    desk.take(complaint, by=browser.user)
    before = pulse.standing(browser.user, "mine")[1]
    desk.add_note(complaint, "메모", by=browser.user)
    cache.clear()

    assert pulse.standing(browser.user, "mine")[1] != before


def test_the_opened_complaint_tells_its_version_and_who_else_looks(browser, client_of, complaint):
    other = client_of("agent", username="other", **(AGENT | {"first_name": "동료"}))
    ask(other, case=complaint.receipt_no)

    told = ask(browser, case=complaint.receipt_no).json()

    assert (told["version"], told["others"]) == (complaint.version, ["이동료"])


def test_the_complaint_of_another_district_tells_nothing(client_of, complaint):
    Participant.objects.update(district="종로구")
    theirs = client_of("agent", scope="district", district="강남구", **AGENT)

    told = ask(theirs, case=complaint.receipt_no, tab="waiting").json()

    assert "version" not in told
    assert told["counts"]["waiting"] == 0


@pytest.mark.parametrize("query", [{"tab": "x"}, {"case": "C-NONE"}, {"case": "9" * 400}])
def test_strange_questions_get_plain_answers(browser, query):
    assert ask(browser, **query).status_code == 200


def test_the_pulse_is_for_the_desk(client, client_of):
    assert client.get(reverse("desk:pulse")).status_code == 302
    assert client_of("finance_officer").get(reverse("desk:pulse")).status_code == 403


def test_a_pulse_costs_few_queries(browser, complaint, django_assert_max_num_queries):
    first = ask(browser, case=complaint.receipt_no)

    with django_assert_max_num_queries(7):
        ask(browser, first["ETag"], case=complaint.receipt_no)
