import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from complaints.models import Alarm, Category, Complaint, FormGuide
from devices.models import CourierFile, DaySteps, Device, Loan, ParcelBatch, SyncReceipt
from devices.rules.samples import parse_samples
from devices.rules.spans import union
from devices.rules.steps import add_samples
from devices.services.courier_files import preview
from devices.services.walking import Upload, digest_of, plausibility
from participants.gateways.identity import Identity
from participants.models import Application, Lane, Participant, Participation, RecruitmentRound
from participants.services.identity import recognise
from points.models import Account, Payout, Proof
from seoul_health.core import clock
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Role
from seoul_health.simulators.people import person

SIZE = 60
HEROES = [f"demo-{number}" for number in range(1, 10)]


def load(**options: Any) -> str:
    said = io.StringIO()
    call_command("load_demo", participants=SIZE, days=3, stdout=said, **options)
    return said.getvalue()


@pytest.fixture(scope="module")
def town(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Sixty demo people, loaded once for all tests here and rolled back after them."""
    papers = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("papers"))
    with django_db_blocker.unblock(), papers, transaction.atomic():
        yield load()
        transaction.set_rollback(True)


def identity_of(subject: str) -> Identity:
    known = person(subject)
    return Identity(
        ci=known.ci,
        name=known.name,
        birth_date=known.birth_date,
        phone=known.phone,
        address=known.address,
        district=known.district,
        resident=known.resident,
    )


def heroes() -> list[Participant]:
    return [recognise(identity_of(subject)) for subject in HEROES]


def snapshot() -> list[Any]:
    """What the demo says, without row numbers and nonces."""
    people = Participant.objects.select_related("profile").order_by("pk")
    return [
        [(each.ci_hash, each.profile.name, each.profile.phone, each.district) for each in people],
        list(Application.objects.order_by("pk").values_list("public_id", "status", "basis")),
        list(Loan.objects.order_by("pk").values_list("public_id", "status", "due_on")),
        list(Device.objects.order_by("pk").values_list("serial", "status", "grade")),
        list(DaySteps.objects.order_by("pk").values_list("activity_date", "source", "hours")),
        list(Complaint.objects.order_by("pk").values_list("receipt_no", "status", "title")),
        list(Account.objects.order_by("participant_id", "code").values_list("kind", "balance")),
    ]


def test_every_constraint_holds_in_the_end(town: str) -> None:
    connection.check_constraints()

    assert Participant.objects.count() == SIZE


def test_every_state_of_every_thing_can_be_seen(town: str) -> None:
    for model in (Application, Participation, Loan, Device, Complaint):
        found = set(model.objects.values_list("status", flat=True))

        assert found == set(model.Status.values), model


def test_every_complaint_category_has_a_complaint(town: str) -> None:
    used = set(Complaint.objects.values_list("category__code", flat=True))

    assert used == set(Category.objects.values_list("code", flat=True))


def test_calls_for_help_and_guides_can_be_looked_at_and_nothing_rings(town: str) -> None:
    assert set(Alarm.objects.values_list("status", flat=True)) == {"closed", "passed_on"}
    assert FormGuide.objects.offered().count() == 3
    assert [guide.slug for guide in FormGuide.objects.stale(clock.today())] == ["points-objection"]


def test_a_list_of_parcels_waits_for_its_numbers_and_one_of_them_is_wrong(town: str) -> None:
    batch, found = ParcelBatch.objects.get(), CourierFile.objects.get()
    items = preview(found)

    assert (batch.status, found.status) == ("open", "draft")
    assert [item.outcome for item in items[:-1]] == ["good"] * (batch.parcels.count() - 1)
    assert items[-1].problem == "unknown_parcel"


def test_the_points_are_proved(town: str) -> None:
    assert list(Proof.objects.values_list("ok", flat=True)) == [True]


def test_the_demo_people_are_those_the_identity_provider_knows(town: str) -> None:
    assert [(each.profile.name, each.is_verified) for each in heroes()] == [
        (person(subject).name, True) for subject in HEROES
    ]
    assert Participant.objects.count() == SIZE


def test_each_demo_person_takes_part_with_a_watch_and_payable_points(town: str) -> None:
    for hero in heroes():
        assert hero.participations.live().count() == 1
        assert hero.loans.live().get().status == Loan.Status.LIVE
        assert hero.purse.balance > 5_000
        assert hero.days.filter(activity_date__gte=clock.today()).count() < 3


def test_receipts_say_what_the_days_say(town: str) -> None:
    for receipt in SyncReceipt.objects.order_by("-pk")[:40]:
        samples, refusals = parse_samples(receipt.payload, received_at=receipt.received_at)
        told = add_samples({}, samples, received_at=receipt.received_at, limits=plausibility())
        kept = DaySteps.objects.get(
            participant=receipt.participant, source=receipt.source, activity_date=receipt.days[0]
        )

        assert refusals == []
        assert told.days[receipt.days[0]].hours == kept.hours
        assert union(kept.spans) in (kept.hours, [0] * 24)
        assert [list(item) for item in receipt.items] == [
            [item.index, item.outcome, item.reason] for item in told.items
        ]
        upload = Upload(batch_id=receipt.batch_id, source=receipt.source, items=receipt.payload)
        assert len(digest_of(upload)) == len(bytes(receipt.digest))


def test_there_is_a_log_in_per_role_and_two_where_two_must_decide(town: str) -> None:
    roles = [role for user in StaffUser.objects.all() for role in user.roles_on(clock.today())]

    assert set(roles) == set(Role.values)
    twice = {role for role in roles if roles.count(role) > 1}
    assert twice >= {Role.RECRUITMENT_OFFICER, Role.FINANCE_APPROVER}


def test_somebody_new_can_apply_in_both_lanes_now(town: str) -> None:
    lanes = Lane.objects.accepting(clock.now())

    assert sorted(lanes.values_list("kind", flat=True)) == ["needs_watch", "own_device"]


def test_the_real_rounds_are_there(town: str) -> None:
    codes = RecruitmentRound.objects.values_list("code", flat=True)

    assert {"2021-1", "2022-2", "2023-3", "2023-3-more", "2024-standing"} < set(codes)


def test_payouts_wait_for_the_worker(town: str) -> None:
    fresh = Payout.objects.filter(requested_at__gt=clock.now() - timedelta(hours=1))
    assert set(fresh.values_list("status", flat=True)) <= {Payout.Status.REQUESTED}
    assert not Payout.objects.open().difference(fresh).exists()


def test_a_second_load_is_refused_and_changes_nothing(town: str) -> None:
    before = snapshot()

    with pytest.raises(CommandError, match="already holds participants"):
        load()

    assert snapshot() == before


def test_the_log_ins_are_printed_with_their_roles(town: str) -> None:
    said = io.StringIO()

    call_command("demo_logins", stdout=said)

    assert "demo-9988-demo" in said.getvalue()
    assert "approver" in said.getvalue()


def test_nothing_is_loaded_or_told_in_production(town: str, settings: Any) -> None:
    settings.PRODUCTION = True

    for command in ("load_demo", "demo_logins"):
        with pytest.raises(CommandError):
            call_command(command)
