"""The list of applicants as staff use it, with a million rows and with a hundredth of them.

Both stand in one database: a second schema holds copies of the tables with the same indexes, and
the search path chooses. What is measured is the whole page, made by the admin's own view.
"""

import time
from collections.abc import Callable
from typing import Any

import pgtrigger
from django.db import connection

from tests.bench.city import analyse, copy_row
from tests.bench.measure import Figure, alternate, say

SMALL = "small"
TABLES = ("participants_participant", "participants_profile", "participants_application")
LIST = "/admin/participants/application/"
PAGES = {
    "first": "",
    "filtered": "status__exact=rejected",
    "filtered_old": "status__exact=declined",
    "filtered_lane": "lane__kind__exact=needs_watch",
    "filtered_two": "status__exact=approved&basis__exact=worker",
    "receipt": "q=A-9999-FIND",
    "phone_tail": "q=5678",
    "name": "q=김찾음",
}
CALLS = 4
# Rejections and the watch lane lie all over the table; what was declined lies at its old end.
STATUS = """CASE WHEN n < {count} * 0.05 THEN 'declined'
    WHEN n::bigint * 7919 % 100 < 5 THEN 'rejected'
    WHEN n::bigint * 7919 % 100 < 60 THEN 'approved' ELSE 'submitted' END"""


def build(count: int) -> None:
    """Write so many applicants into the one schema, and a hundredth of them into the other."""
    from participants.models import Application, Lane, Participant, Profile
    from tests.bench.people import running_round, walking_people

    first = walking_people(1)[0]
    found, own, _rule = running_round()
    with pgtrigger.ignore("participants.Lane:what_was_announced_stays"):
        lane = Lane.objects.create(
            round=found,
            kind=Lane.Kind.NEEDS_WATCH,
            opens_at=own.opens_at,
            closes_at=own.closes_at,
        )
    profile = Profile(
        participant=first, name="김찾음", phone="010-1234-5678", birth_date="1980-05-17",
        address="서울특별시 종로구 세종대로 209",
    )  # fmt: skip
    profile.index()
    profile.save()
    Participant.objects.filter(pk=first.pk).update(number="P-9999-FIND")
    application = Application.objects.get(participant=first)
    Application.objects.filter(pk=application.pk).update(
        receipt_no="A-9999-FIND", status="submitted", seat=None, seat_no=None, sequence=None
    )
    application.refresh_from_db()
    copy_row(
        first,
        count,
        public_id="gen_random_uuid()",
        number="'P-C-' || lpad(n::text, 8, '0')",
        ci_hash="md5('a' || n) || md5('b' || n)",
        district="CASE WHEN n % 25 = 0 THEN '중구' ELSE '종로구' END",
    )
    copy_profiles(first.pk, count)
    copy_row(
        application,
        count,
        public_id="gen_random_uuid()",
        receipt_no="'A-2611-' || lpad(n::text, 9, '0')",
        participant_id=f"{first.pk} + n",
        status=STATUS.format(count=count),
        basis="CASE WHEN n % 10 = 3 THEN 'worker' ELSE 'resident' END",
        lane_id=f"CASE WHEN n % 20 = 7 THEN {lane.pk} ELSE lane_id END",
        sequence="n",
    )
    analyse(Participant, Profile, Application)
    copy_small(first.pk, count // 100)


def copy_profiles(first: int, count: int) -> None:
    """Give everybody a sealed profile and blind indexes of their own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO participants_profile SELECT"
            " (jsonb_populate_record(profile, jsonb_build_object('participant_id', %s + n,"
            " 'name_index', '01' || md5('name' || n), 'phone_index', '01' || md5('phone' || n),"
            " 'phone_tail_index', '01' || md5('tail' || n %% 9999)))).*"
            " FROM participants_profile AS profile, generate_series(1, %s) AS n"
            " WHERE participant_id = %s",
            [first, count, first],
        )


def copy_small(person: int, count: int) -> None:
    """Copy the searched person and the next few, evenly out of the whole table."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SMALL}")
        for table in TABLES:
            cursor.execute(f"CREATE TABLE {SMALL}.{table} (LIKE public.{table} INCLUDING ALL)")
        cursor.execute(
            f"INSERT INTO {SMALL}.participants_participant"
            f" SELECT * FROM public.participants_participant WHERE id = {person}"
            f" OR id IN (SELECT {person} + k * 100 + k % 100"
            f" FROM generate_series(0, {count}) AS k)"
        )
        cursor.execute(
            f"INSERT INTO {SMALL}.participants_profile SELECT profile.* FROM"
            f" public.participants_profile AS profile JOIN {SMALL}.participants_participant"
            " AS person ON person.id = profile.participant_id"
        )
        cursor.execute(
            f"INSERT INTO {SMALL}.participants_application SELECT one.* FROM"
            f" public.participants_application AS one JOIN {SMALL}.participants_participant"
            " AS person ON person.id = one.participant_id"
        )
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {SMALL}.{table}")


def officer(**scope: str) -> Any:
    """Sign a recruitment officer in."""
    from django.test import Client

    from seoul_health.core.models import RoleGrant, StaffUser

    name = f"bench-{scope.get('scope', 'city')}"
    user = StaffUser.objects.create_user(name, password="Demo-pass-9988", is_staff=True)
    StaffUser.objects.filter(pk=user.pk).update(**scope)
    RoleGrant.objects.create(user=user, role="recruitment_officer", granted_by="system:bench")
    client = Client()
    client.force_login(user, backend="seoul_health.core.roles.RoleBackend")
    return client


def page_time(client: Any, query: str, *, schema: str) -> Callable[[], float]:
    """Give what measures one page in milliseconds, in one of the two schemas."""

    def measure() -> float:
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path TO {schema}, public")
        started = time.perf_counter()
        for _ in range(CALLS):
            answer = client.get(f"{LIST}?{query}")
        spent = time.perf_counter() - started
        with connection.cursor() as cursor:
            cursor.execute("SET search_path TO public")
        assert answer.status_code == 200, answer.status_code
        rows = len(answer.context_data["cl"].result_list)
        assert rows, f"{query}: an empty page measures nothing"
        shown[query, schema] = rows
        return spent / CALLS * 1000

    return measure


shown: dict[tuple[str, str], int] = {}


def compare(name: str, count: int) -> None:
    build(count)
    say(f"{count:,} applicants are there")
    city, district = officer(), officer(scope="district", district="중구")
    visits = [(page, city, query) for page, query in PAGES.items()]
    visits.append(("district", district, ""))
    figures = []
    for page, client, query in visits:
        figures.append(
            alternate(
                f"{name}:{page}",
                ours=page_time(client, query, schema="public"),
                baseline=page_time(client, query, schema=SMALL),
                unit="ms",
                better="lower",
                n=count,
            )
        )
        say(f"{page}: rows {shown[query, 'public']} and {shown[query, SMALL]}")
    worst = max(figures, key=lambda figure: figure.ratio)
    Figure(name, worst.ratio, "lower", worst.ours, worst.baseline, "ms", count).show()


def applicant_list_200k_vs_2k() -> None:
    compare("applicant_list_200k_vs_2k", 200_000)


def applicant_list_1m_vs_10k() -> None:
    compare("applicant_list_1m_vs_10k", 1_000_000)
