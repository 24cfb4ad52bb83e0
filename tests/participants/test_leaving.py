import pytest

from participants.models import Application, Participant, Participation
from participants.services import participations, selection, tokens
from tests.conftest import JOB
from tests.participants.builders import App
from tests.participants.recruiting import approved, open_lane, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(make_participant):
    return make_participant(is_resident=True)


def test_leaving_ends_everything(me):
    lane = open_lane()
    application = approved(me, lane)
    submitted(me, open_lane(), submit=False)
    selection.select_lane(lane, by=JOB)
    application.refresh_from_db()
    participations.confirm(application, by=me)
    pair = tokens.issue(me, device="phone")

    answer = App(me).post("me/withdrawal/", {"reason": "그만두겠습니다"})

    assert answer.status_code == 200
    assert answer.json()["withdrawn_at"] is not None
    assert Participation.objects.get().status == "withdrawn"
    assert sorted(Application.objects.values_list("status", flat=True)) == [
        "confirmed",
        "withdrawn",
    ]
    assert Participant.objects.get().withdrawn_at is not None
    with pytest.raises(tokens.TokenRefused):
        tokens.refresh(pair.refresh)


def test_others_stay(me, make_participant):
    other = make_participant(is_resident=True)
    submitted(other, open_lane())

    App(me).post("me/withdrawal/")

    assert Application.objects.get().status == "submitted"
    assert Participant.objects.get(pk=other.pk).withdrawn_at is None


@pytest.mark.parametrize("reason", [7, "x" * 201, "\u202e", None])
def test_a_malformed_reason_keeps_everything(me, reason):
    answer = App(me).post("me/withdrawal/", {"reason": reason})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["reason"])
    assert Participant.objects.get().withdrawn_at is None


def test_a_district_is_changed_to_one_of_the_city(me):
    app = App(me)

    assert app.patch("me/", {"district": "마포구"}).json()["district"] == "마포구"
    assert app.patch("me/", {"district": "수원시"}).status_code == 400
    assert Participant.objects.get().district == "마포구"
