"""Messages, their templates and bulk sends as staff see them."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from participants.errors import PlaceholderUnknown, ReleasedAlready, StrayBraces, TooLongForChannel
from participants.models import BulkSend, Notification, NotificationTemplate
from participants.services import bulk as bulks
from participants.services import templates
from participants.services.notices import notify
from seoul_health.core.models import AccessLog
from tests.conftest import JOB

pytestmark = pytest.mark.django_db
RECEIVED = {"round": "2026년 1차", "receipt_no": "A-1"}
WORDS = {"subject": "점검 안내", "text": "오늘 밤 잠시 멈춥니다."}


def page(model, *args, kind="change"):
    return reverse(f"admin:participants_{model}_{kind}", args=args)


def act(client, row, verb, **values):
    name = f"admin:participants_{row._meta.model_name}_act"
    return client.post(reverse(name, args=[row.pk, verb]), values)


@pytest.fixture
def officer(client_of):
    return client_of("recruitment_officer")


@pytest.fixture
def walker(make_participant):
    return make_participant(name="남궁민수")


def draft(by, **audience):
    template = NotificationTemplate.objects.get(code="announcement")
    audience = {"of": "everybody", **audience}
    row = BulkSend(name="점검", template=template, values=WORDS, audience=audience)
    return bulks.draft(row, by=by)


def test_messages_are_listed_without_names(officer, walker, django_assert_max_num_queries):
    for number in range(30):
        notify(walker, "application_received", RECEIVED, key=str(number))

    with django_assert_max_num_queries(15):
        shown = officer.get(page("notification", kind="changelist")).content.decode()

    assert walker.number in shown
    assert "남궁" not in shown
    assert AccessLog.objects.get(action="list").subjects == [walker.number]


def test_a_message_shows_its_words_to_a_masked_name(officer, walker):
    notify(walker, "application_received", RECEIVED, key="1")

    shown = officer.get(page("notification", Notification.objects.get().pk)).content.decode()

    assert "남**수님" in shown
    assert "남궁민수" not in shown


def test_a_link_that_opens_a_seat_is_not_shown(officer, walker):
    values = {"round": "1차", "until": "내일", "link": "https://example.org/secret"}
    notify(walker, "seat_offered", values, key="1")

    shown = officer.get(page("notification", Notification.objects.get().pk)).content.decode()

    assert "secret" not in shown


@pytest.mark.parametrize("filters", ["status=planned", "category=recruitment", "reason=no_app"])
def test_messages_are_filtered(officer, walker, filters):
    notify(walker, "application_received", RECEIVED, key="1")

    answer = officer.get(f"{page('notification', kind='changelist')}?{filters}")

    assert answer.status_code == 200


def test_staff_of_one_district_see_their_own(client_of, make_participant):
    theirs = make_participant(district="중구")
    notify(theirs, "application_received", RECEIVED, key="1")
    clerk = client_of("recruitment_officer", scope="district", district="종로구")

    assert theirs.number not in clerk.get(page("notification", kind="changelist")).content.decode()
    assert clerk.get(page("notification", Notification.objects.get().pk)).status_code != 200


def test_a_template_shows_each_channel_with_its_length(officer):
    template = NotificationTemplate.objects.get(code="waitlisted")

    shown = officer.get(page("notificationtemplate", template.pk)).content.decode()

    assert "예비 〈rank〉번입니다" in shown
    assert "· SMS" in shown


def test_a_released_template_can_only_be_copied(officer):
    template = NotificationTemplate.objects.get(code="waitlisted")
    act(officer, template, "copy")
    copy = NotificationTemplate.objects.get(code="waitlisted", version=2)
    assert (copy.sms, copy.released_at) == (template.sms, None)

    act(officer, copy, "release")

    copy.refresh_from_db()
    assert copy.released_by == officer.user.actor_name
    with pytest.raises(ReleasedAlready):
        templates.write(copy, by=JOB)


def test_the_database_keeps_what_was_released():
    released = NotificationTemplate.objects.filter(code="waitlisted")

    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        released.update(sms="다른 말")


def test_the_database_wants_one_version_once_and_some_words():
    words = {"code": "waitlisted", "category": "news", "title": "가"}
    with pytest.raises(IntegrityError, match="one_template"), transaction.atomic():
        NotificationTemplate.objects.create(**words, version=1, sms="가")
    with pytest.raises(IntegrityError, match="speaks_on_some_channel"), transaction.atomic():
        NotificationTemplate.objects.create(**words, version=9)


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ({"sms": "안녕 {nickname}"}, PlaceholderUnknown),
        ({"sms": "안녕", "title": "{nickname}"}, PlaceholderUnknown),
        ({"sms": "안녕 {subject"}, StrayBraces),
        ({"sms": "안녕 {subject.__class__}"}, StrayBraces),
        ({"sms": "안녕 {0}"}, StrayBraces),
        ({"sms": "가" * 1001}, TooLongForChannel),
    ],
    ids=["unknown", "title", "open", "attribute", "number", "long"],
)
def test_words_nobody_can_fill_in_are_refused(words, refusal):
    title = words.pop("title", "제목")
    draft = NotificationTemplate(
        code="new_one", category="news", title=title, placeholders=["subject"], **words
    )

    with pytest.raises(refusal):
        templates.write(draft, by=JOB)

    assert not NotificationTemplate.objects.filter(code="new_one").exists()


def test_a_template_is_written_on_its_page(officer):
    words = {
        "code": "new_one", "category": "news", "title": "{subject}", "placeholders": "subject",
        "sms": "안녕하세요 {participant_name}님 {subject}", "push": "", "alimtalk": "",
        "letter": "",
    }  # fmt: skip

    refused = officer.post(page("notificationtemplate", kind="add"), {**words, "sms": "{what}"})
    assert refused.status_code == 200
    officer.post(page("notificationtemplate", kind="add"), words)

    draft = NotificationTemplate.objects.get(code="new_one")
    assert (draft.version, draft.written_by) == (1, officer.user.actor_name)


def test_a_bulk_send_goes_from_draft_to_sending_by_two_people(officer, client_of, walker):
    template = NotificationTemplate.objects.get(code="announcement")
    form = {
        "name": "점검", "template": template.pk, "per_minute": 600, "of": "everybody", **WORDS,
    }  # fmt: skip
    officer.post(page("bulksend", kind="add"), form)
    bulk = BulkSend.objects.get()
    shown = officer.get(page("bulksend", bulk.pk)).content.decode()
    assert "남**수" in shown
    assert "남궁민수" not in shown
    assert AccessLog.objects.get(action="preview").subjects == [walker.number]

    act(officer, bulk, "request")
    act(officer, bulk, "approve")
    bulk.refresh_from_db()
    assert bulk.status == "requested"
    second = client_of("recruitment_officer")
    act(second, bulk, "approve")
    act(second, bulk, "start")

    bulk.refresh_from_db()
    assert (bulk.status, bulk.people) == ("running", 1)
    assert Notification.objects.get().bulk == bulk
    assert second.get(page("bulksend", bulk.pk)).status_code == 200

    act(second, bulk, "stop")
    assert BulkSend.objects.get().status == "stopped"
    act(second, bulk, "start")
    assert BulkSend.objects.get().status == "running"


def test_a_bulk_send_to_nobody_clear_is_refused_on_its_page(officer):
    template = NotificationTemplate.objects.get(code="announcement")
    form = {
        "name": "점검", "template": template.pk, "per_minute": 600, "of": "applicants", **WORDS,
    }  # fmt: skip

    assert officer.post(page("bulksend", kind="add"), form).status_code == 200
    assert not BulkSend.objects.exists()


def test_only_whole_city_staff_send_to_many(client_of, make_staff):
    bulk = draft(make_staff("recruitment_officer"))
    clerk = client_of("recruitment_officer", scope="district", district="종로구")

    assert clerk.get(page("bulksend", kind="add")).status_code == 403
    assert act(clerk, bulk, "request").status_code == 404
    assert BulkSend.objects.get().status == "draft"


@pytest.mark.parametrize("role", ["agent", "finance_officer", "privacy_officer"])
def test_others_send_nothing(client_of, make_staff, role):
    bulk = draft(make_staff("recruitment_officer"))

    assert act(client_of(role), bulk, "start").status_code in (403, 404)
    assert BulkSend.objects.get().status == "draft"
