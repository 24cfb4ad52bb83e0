import uuid
from datetime import timedelta

import pytest
import time_machine
from django.utils.translation import override

from points.models import Breaker, Operator, Payout, WalletLink
from points.services.operators import in_force
from points.services.payouts import request_payout
from points.services.promises import outlook, promise
from points.services.sending import send_due_payouts
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.test_api_steps import app_of

pytestmark = pytest.mark.django_db
LATER = timedelta(hours=9)


@pytest.fixture
def app(saver):
    return app_of(saver)


def said(payout):
    with override("en"):
        return promise(Payout.objects.get(pk=payout.pk), outlook())


@pytest.fixture
def payout(saver):
    return request_payout(saver, amount=5_000, key=uuid.uuid4())


def test_a_payout_is_promised_soon_then_told_as_paid(payout, wallet):
    assert said(payout) == "Received. It is usually paid within a few minutes."
    send_due_payouts(in_force(), wallet=wallet, by=JOB)

    assert said(payout) == "Paid into your wallet."


def test_a_refused_payout_says_where_the_points_are(saver, wallet):
    saver.number = "blocked-3"
    saver.save(update_fields=["number"])
    refused = request_payout(saver, amount=5_000, key=uuid.uuid4())
    send_due_payouts(in_force(), wallet=wallet, by=JOB)

    assert said(refused).endswith("The points are back in your account.")


def test_a_silent_operator_is_named_as_the_reason(payout):
    Breaker.objects.update(status="open", next_try_at=clock.now())

    assert "does not answer right now. It is paid once" in said(payout)


def test_a_payout_without_an_answer_promises_one_of_two_ends(payout, simulators, wallet):
    simulators.wallet.mode = "timeout_after_success"
    send_due_payouts(in_force(), wallet=wallet, by=JOB)

    assert said(payout).endswith("It will be paid once, or your points come back.")


def test_a_change_of_operator_names_the_moment(saver):
    now = clock.now()
    Operator.objects.update(ends_at=now)
    heir = Operator.objects.create(code="next", name="N", starts_at=now + LATER)
    Breaker.objects.create(operator=heir)
    waiting = request_payout(saver, amount=5_000, key=uuid.uuid4())

    assert f"{heir.starts_at.astimezone(clock.KST):%Y-%m-%d %H:%M}" in said(waiting)


def test_the_app_asks_while_the_operator_is_silent_and_hears_the_promise(app, saver):
    Breaker.objects.update(status="open", next_try_at=clock.now())
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answer = app.post("/api/v1/me/payouts/", {"amount": 5_000}, format="json", headers=key)

    assert answer.status_code == 202
    assert answer.json()["status"] == "requested"
    assert answer.json()["operator"] == "서울페이"
    assert answer.json()["message"] == promise(Payout.objects.get(), outlook())


def test_the_app_tells_that_the_new_wallet_is_open(app, saver):
    Operator.objects.update(needs_link=True)
    request_payout(saver, amount=5_000, key=uuid.uuid4())
    with override("en"):
        assert "open the wallet" in promise(Payout.objects.get(), outlook())
    before = app.get("/api/v1/me/wallet/").json()
    key = {"Idempotency-Key": str(uuid.uuid4())}
    after = app.post("/api/v1/me/wallet/", format="json", headers=key).json()
    app.post("/api/v1/me/wallet/", format="json", headers=key)

    assert (before["is_linked"], after["is_linked"]) == (False, True)
    assert (before["operator"], before["is_answering"]) == ("서울페이", True)
    assert WalletLink.objects.get().participant == saver
    with time_machine.travel(clock.now() + timedelta(seconds=1)):
        assert Payout.objects.due(clock.now()).count() == 1
