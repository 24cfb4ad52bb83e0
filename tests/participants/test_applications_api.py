import hashlib
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from participants.models import Application, EvidenceDocument, Lane, Participation, Quota
from participants.services import applications, selection
from participants.services.numbers import SIGNS, check_sign, receipt_signs
from seoul_health.core.media import LARGEST, media_type_of
from tests.conftest import JOB
from tests.participants import papers
from tests.participants.builders import App
from tests.participants.recruiting import (
    CONSENTS,
    add_lane,
    draft_round,
    open_lane,
    submitted,
    thawed,
)

pytestmark = pytest.mark.django_db
BODY = {"lane": "own_device", "basis": "resident", "consents": CONSENTS, "submit": True}
PNG, JPEG, PDF = papers.picture(kind="PNG"), papers.picture(), papers.pdf()


@pytest.fixture
def me(make_participant):
    return make_participant(is_resident=True)


@pytest.fixture
def app(me):
    return App(me)


@pytest.fixture
def lane():
    return open_lane()


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def apply(app, lane, /, *, key="", **changes):
    return app.post(f"rounds/{lane.round.code}/applications/", {**BODY, **changes}, key=key)


def own(application, verb=""):
    return f"me/applications/{application.public_id}/{verb}"


def test_applying_gives_a_receipt(app, lane):
    answer = apply(app, lane)

    row = Application.objects.get()
    assert answer.status_code == 201
    body = answer.json()
    assert (body["id"], body["receipt_no"]) == (str(row.public_id), row.receipt_no)
    assert (body["status"], body["sequence"], body["quota"]) == (
        "submitted",
        row.sequence,
        "general",
    )
    assert body["next"]["who"] == "office"


def test_the_rush_reads_what_was_announced_from_memory(
    app, lane, make_participant, settings, django_assert_max_num_queries
):
    settings.REMEMBER_SECONDS = 60
    assert apply(app, lane).status_code == 201
    second = App(make_participant(is_resident=True))
    # With the consents, and the savepoints a test adds; read anew it would be seven more.
    with django_assert_max_num_queries(32):
        assert apply(second, lane).status_code == 201


def test_the_same_key_applies_once_and_another_is_a_conflict(app, lane):
    key = str(uuid.uuid4())
    first = apply(app, lane, key=key)

    again = apply(app, lane, key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotency-Replayed"] == "true"

    other = apply(app, lane)
    assert (other.status_code, other.json()["code"]) == (409, "already_applied")
    assert Application.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lane": "any"}, "lane"),
        ({"lane": None}, "lane"),
        ({"basis": "rich"}, "basis"),
        ({"submit": "true"}, "submit"),
        ({"submit": 1}, "submit"),
        ({"consents": "all"}, "consents.non_field_errors"),
        ({"consents": [{"purpose": "health"}]}, "consents.0.version"),
        ({"consents": [{"purpose": "health", "version": "１"}]}, "consents.0.version"),
        ({"quota": "no such!"}, "quota"),
        ({"quota": 7}, "quota"),
    ],
)
def test_a_malformed_application_names_its_field(app, lane, change, field):
    answer = apply(app, lane, **change)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["fields"]) == [field]
    assert not Application.objects.exists()


def test_what_the_caller_may_not_decide_is_ignored(app, lane, make_participant):
    other = make_participant()

    apply(app, lane, status="selected", sequence=1, participant=str(other.public_id), rank=1)

    row = Application.objects.get()
    assert (row.status, row.rank) == ("submitted", None)
    assert row.participant != other


def test_unknown_rounds_lanes_and_seats(app, lane):
    drafted = add_lane(draft_round())

    assert apply(app, drafted).status_code == 404
    assert apply(app, lane, lane="needs_watch").json()["code"] == "unknown_lane"
    assert apply(app, lane, quota="nothing").json()["code"] == "unknown_quota"
    assert not Application.objects.exists()


def test_every_failed_rule_is_said_in_words(make_participant):
    lane = open_lane(rule={"min_age": 60, "bases": ["worker"]})

    answer = apply(App(make_participant(is_resident=True)), lane)

    assert (answer.status_code, answer.json()["code"]) == (422, "not_eligible")
    sentences = answer.json()["fields"]["eligibility"]
    assert len(sentences) == 2
    assert not any("{" in sentence for sentence in sentences)


def test_a_draft_is_changed_and_submitted(app, lane):
    with thawed():
        add_lane(lane.round, kind=Lane.Kind.NEEDS_WATCH)
    draft = apply(app, lane, submit=False).json()
    path = f"me/applications/{draft['id']}/"
    assert (draft["status"], draft["sequence"], draft["next"]["who"]) == ("draft", None, "you")

    changed = app.patch(path, {"lane": "needs_watch", "basis": "worker"}).json()
    assert (changed["lane"], changed["quota"], changed["basis"]) == (
        "needs_watch", "general", "worker",
    )  # fmt: skip
    assert app.patch(path, {}).json()["basis"] == "worker"
    assert len(app.get(path).json()["failed_rules"]) == 1

    assert app.post(f"{path}submit/").json()["status"] == "submitted"
    assert app.post(f"{path}submit/").status_code == 409
    assert app.patch(path, {"basis": "resident"}).json()["code"] == "already_submitted"


def test_a_draft_can_name_another_quota(app, lane):
    with thawed():
        Quota.objects.create(lane=lane, code="mothers", group="new_mother", seats=3)
    draft = apply(app, lane, submit=False).json()

    changed = app.patch(f"me/applications/{draft['id']}/", {"quota": "mothers"})

    assert changed.json()["quota"] == "mothers"


def test_own_applications_are_listed_newest_first(app, me, make_participant):
    first, second = (submitted(me, open_lane()) for _ in range(2))
    submitted(make_participant(is_resident=True), open_lane())

    rows = app.get("me/applications/").json()["results"]

    assert [row["receipt_no"] for row in rows] == [second.receipt_no, first.receipt_no]


@pytest.mark.parametrize(
    "verb", ["submit/", "withdraw/", "evidence/", "accept-offer/", "decline-offer/"]
)
def test_somebody_elses_application_is_nowhere(app, make_participant, verb):
    theirs = submitted(make_participant(is_resident=True), open_lane())

    assert app.get(own(theirs)).status_code == 404
    assert app.patch(own(theirs), {"basis": "worker"}).status_code == 404
    form = {"format": "multipart"} if verb == "evidence/" else {}
    assert app.post(own(theirs, verb), **form).status_code == 404
    assert app.get(f"me/applications/{uuid.uuid4()}/").status_code == 404
    assert Application.objects.get().status == "submitted"


def test_nobody_gets_in_without_a_token(lane, me):
    application = submitted(me, lane)

    assert apply(App(), lane).status_code == 401
    assert App().get(own(application)).status_code == 401
    assert App().post(own(application, "withdraw/")).status_code == 401


def test_an_application_is_taken_back(app, me, lane):
    application = submitted(me, lane)

    answer = app.post(own(application, "withdraw/"), {"reason": "이사합니다"})

    assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")
    assert app.post(own(application, "withdraw/")).json()["code"] == "illegal_move"


def test_an_offer_is_accepted(app, me, lane):
    application = submitted(me, lane)
    assert app.post(own(application, "accept-offer/")).json()["code"] == "illegal_move"
    applications.approve(application, by=JOB)
    selection.select_lane(lane, by=JOB)
    assert app.get(own(application)).json()["next"]["who"] == "you"

    answer = app.post(own(application, "accept-offer/"))

    assert (answer.status_code, answer.json()["status"]) == (200, "confirmed")
    assert Participation.objects.get().participant == me
    assert app.post(own(application, "decline-offer/")).status_code == 409


def test_an_offer_is_declined(app, me, lane):
    application = submitted(me, lane)
    applications.approve(application, by=JOB)
    selection.select_lane(lane, by=JOB)

    assert app.post(own(application, "decline-offer/")).json()["status"] == "declined"
    assert not Participation.objects.exists()


def send(app, application, content, *, name="a.png", media_type="image/png", kind="employment"):
    paper = SimpleUploadedFile(name, content, content_type=media_type)
    body = {"kind": kind, "file": paper}
    return app.post(own(application, "evidence/"), body, format="multipart")


@pytest.mark.parametrize(
    ("content", "media_type", "suffix"),
    [(PNG, "image/png", ".png"), (PDF, "application/pdf", ".pdf"), (JPEG, "image/jpeg", ".jpg")],
)
def test_a_paper_is_kept_under_a_name_of_our_own(
    app, me, lane, private_files, content, media_type, suffix
):
    application = submitted(me, lane)

    answer = send(app, application, content, name="../../김하늘.exe", media_type=media_type)

    assert answer.status_code == 201
    document = EvidenceDocument.objects.get()
    assert answer.json()["id"] == str(document.public_id)
    assert "김하늘" not in document.file.name
    stored = private_files / document.file.name
    assert stored.suffix == suffix
    assert media_type_of(stored.read_bytes()) == media_type
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == document.kept_sha256
    assert [row["id"] for row in app.get(own(application)).json()["evidence"]] == [
        answer.json()["id"]
    ]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", "image/png"),
        (b"<svg onload=alert(1)>", "image/png"),
        (b"GIF89a;/*<?php", "image/gif"),
        (PNG, "application/pdf"),
        (PDF, "image/png"),
        (b"MZ\x90\x00", "application/octet-stream"),
        (PNG + b"\0" * LARGEST, "image/png"),
    ],
)
def test_what_is_no_paper_is_refused(app, me, lane, private_files, content, media_type):
    application = submitted(me, lane)

    answer = send(app, application, content, media_type=media_type)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not EvidenceDocument.objects.exists()
    assert not [path for path in private_files.rglob("*") if path.is_file()]


def test_the_same_content_is_the_same_document(app, me, lane):
    application = submitted(me, lane)

    first, second = (send(app, application, PNG).json() for _ in range(2))

    assert first == second
    assert EvidenceDocument.objects.count() == 1


def test_a_paper_needs_its_kind_and_its_file(app, me, lane):
    application = submitted(me, lane)

    assert send(app, application, PNG, kind="selfie").status_code == 400
    missing = app.post(own(application, "evidence/"), {"kind": "other"}, format="multipart")
    assert list(missing.json()["fields"]) == ["file"]
    as_json = app.post(own(application, "evidence/"), {"kind": "other"})
    assert as_json.status_code == 415


def test_an_application_takes_ten_papers(app, me, lane):
    application = submitted(me, lane)
    for number in range(10):
        assert send(app, application, PNG + bytes([number])).status_code == 201

    answer = send(app, application, PNG + b"one more")

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_documents")


def test_a_receipt_number_shows_every_single_slip():
    signs = receipt_signs(123_456)
    body, check = signs[:-1], signs[-1]

    for place in range(len(body)):
        for wrong in set(SIGNS) - {body[place]}:
            assert check_sign(body[:place] + wrong + body[place + 1 :]) != check
    for place in range(len(body) - 1):
        swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
        assert swapped == body or check_sign(swapped) != check


def test_receipt_numbers_do_not_repeat():
    assert len({receipt_signs(number) for number in range(50_000)}) == 50_000
