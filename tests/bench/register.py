"""A supplier's list of watches into the register, and the register's list at any size.

The list is the same 200,000 serials for all three: read, judged, held against the register and
entered with line and history by us; the bare rows by COPY into the same table with the same
indexes and keys; and a part of the file by django-import-export as it comes, row by row.
"""

import itertools
import time
from datetime import date
from typing import Any

import tablib
from django.db import connection
from import_export import resources

from devices.models import Device, DeviceModel, Lot, Manifest, Site
from devices.services import manifests
from seoul_health.core.models import StaffUser
from tests.bench.city import analyse
from tests.bench.measure import Figure, alternate, say

SIZE, PEER_SIZE = 200_000, 2_000
LIST = "/admin/devices/device/"
PAGES = {
    "first": "",
    "filtered": "status__exact=lost",
    "filtered_lot": "lot__id__exact={lot}",
    "searched": "q=SWB-0000",
    "found": "q=SWB-00004999",
}
CALLS = 5
EMPTY = "TRUNCATE devices_device, devices_expectedwatch, devices_manifest, core_auditevent CASCADE"
COPY = """
COPY devices_device (serial, asset_no, imei, mac, lot_id, site_id, status, holds_personal_data,
    grade, registered_at) FROM STDIN
"""
# Lost watches lie all over the table.
WATCHES = """
INSERT INTO devices_device (serial, asset_no, imei, mac, lot_id, site_id, status,
    holds_personal_data, grade, registered_at)
SELECT 'SWB-' || lpad(n::text, 8, '0'), '', '', '', {lot} + n %% 2, {site},
    CASE WHEN n %% 100 = 7 THEN 'lost' ELSE 'in_stock' END, false, 'A', now()
FROM generate_series(1, %(count)s) AS n
"""
turns = itertools.count()


def ground() -> tuple[Lot, Site, StaffUser]:
    model, _ = DeviceModel.objects.get_or_create(
        code="bench", defaults={"name": "Bench", "maker": "Bench"}
    )
    terms: dict[str, Any] = {
        "model": model, "supplier": "S", "contract_no": "1", "unit_price": 1,
        "received_on": date(2026, 1, 1),
    }  # fmt: skip
    lot, _ = Lot.objects.get_or_create(code="bench-1", defaults=terms)
    Lot.objects.get_or_create(code="bench-2", defaults=terms)
    site, _ = Site.objects.get_or_create(
        code="bench", defaults={"name": "B", "kind": Site.Kind.DEPOT, "district": "종로구",
        "address": "B", "lat": "37.5", "lng": "127.0"},
    )  # fmt: skip
    by, _ = StaffUser.objects.get_or_create(username="bench-importer")
    return lot, site, by


def run(statement: str, **terms: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, terms or None)


def serials(count: int) -> list[str]:
    return [f"SW26-{number:09d}" for number in range(count)]


def file_of(count: int, lot: Lot, site: Site) -> bytes:
    rows = (f"{serial},{lot.code},{site.code}" for serial in serials(count))
    return "\n".join(["serial,lot,site", *rows]).encode()


def seconds_to_import(content: bytes, count: int) -> float:
    """Look at the file, then enter it: what an officer waits for, twice."""
    lot, site, by = ground()
    run(EMPTY)
    started = time.perf_counter()
    manifest = manifests.read_manifest(
        content, name="bench.csv", lot=lot, site=site, due_on=None, by=by
    )
    manifests.register_at_once(manifest, by=by)
    seconds = time.perf_counter() - started
    assert Device.objects.count() == count
    assert Manifest.objects.get().status == "received"
    return seconds


def seconds_to_copy(count: int) -> float:
    lot, site, _by = ground()
    run(EMPTY)
    lines = "".join(
        f"{serial}\t\t\t\t{lot.pk}\t{site.pk}\tin_stock\tf\tA\t2026-01-01 00:00+09\n"
        for serial in serials(count)
    )
    started = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        copy.write(lines)
    seconds = time.perf_counter() - started
    assert Device.objects.count() == count
    return seconds


def import_units_vs_copy() -> None:
    """200,000 rows read, judged and entered, against a bare COPY of them; rows a second."""
    lot, site, _by = ground()
    content = file_of(SIZE, lot, site)
    alternate(
        "import_units_vs_copy",
        ours=lambda: SIZE / seconds_to_import(content, SIZE),
        baseline=lambda: SIZE / seconds_to_copy(SIZE),
        unit="rows/s",
        better="higher",
        n=SIZE,
    )
    run(EMPTY)


class AsItComes(resources.ModelResource):  # type: ignore[misc]
    """django-import-export with its defaults: row by row, looked up by the serial."""

    class Meta:
        model = Device
        fields = ("serial", "lot", "site")
        import_id_fields = ("serial",)


def seconds_of_peer(content: bytes, count: int) -> float:
    lot, site, _by = ground()
    run(EMPTY)
    table = tablib.Dataset().load(content.decode(), format="csv")
    rows = [(serial, lot.pk, site.pk) for serial in table["serial"][:count]]
    started = time.perf_counter()
    result = AsItComes().import_data(tablib.Dataset(*rows, headers=["serial", "lot", "site"]))
    seconds = time.perf_counter() - started
    assert not result.has_errors()
    assert Device.objects.count() == count
    return seconds


def import_units_vs_import_export() -> None:
    """The same file: ours whole, the peer its first rows, both by rows a second."""
    lot, site, _by = ground()
    content = file_of(SIZE, lot, site)
    alternate(
        "import_units_vs_import_export",
        ours=lambda: SIZE / seconds_to_import(content, SIZE),
        baseline=lambda: PEER_SIZE / seconds_of_peer(content, PEER_SIZE),
        unit="rows/s",
        better="higher",
        n=SIZE,
    )
    run(EMPTY)


def fill(count: int) -> None:
    lot, site, _by = ground()
    run(EMPTY)
    run(WATCHES.format(lot=lot.pk, site=site.pk), count=count)
    analyse(Device)


def page_time(client: Any, query: str, *, schema: str) -> float:
    run(f"SET search_path TO {schema}, public")
    client.get(f"{LIST}?{query}")
    spent = []
    for _ in range(CALLS):
        started = time.perf_counter()
        answer = client.get(f"{LIST}?{query}")
        spent.append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.status_code
        assert answer.context_data["cl"].result_list, f"{query}: an empty page measures nothing"
    run("SET search_path TO public")
    return min(spent) * 1000


def compare(name: str, count: int) -> None:
    """Both sizes stand in one database; the search path chooses."""
    fill(count)
    run("CREATE SCHEMA small")
    run("CREATE TABLE small.devices_device (LIKE public.devices_device INCLUDING ALL)")
    some = f"SELECT * FROM public.devices_device ORDER BY id LIMIT {count // 100}"
    run(f"INSERT INTO small.devices_device {some}")
    run("ANALYZE small.devices_device")
    client, lot = officer_of_devices(), ground()[0]
    figures = [
        alternate(
            f"{name}:{page}",
            ours=lambda q=query: page_time(client, q, schema="public"),
            baseline=lambda q=query: page_time(client, q, schema="small"),
            unit="ms",
            better="lower",
            n=count,
        )
        for page, query in ((page, text.format(lot=lot.pk)) for page, text in PAGES.items())
    ]
    worst = max(figures, key=lambda figure: figure.ratio)
    say(f"worst page: {worst.name}")
    Figure(name, worst.ratio, "lower", worst.ours, worst.baseline, "ms", count).show()
    run("DROP SCHEMA small CASCADE")
    run(EMPTY)


def officer_of_devices() -> Any:
    """Sign a device officer in."""
    from django.test import Client

    from seoul_health.core.models import RoleGrant

    user = StaffUser.objects.create_user(
        f"bench-officer-{next(turns)}", password="Demo-pass-9988", is_staff=True
    )
    RoleGrant.objects.create(user=user, role="device_officer", granted_by="system:bench")
    client = Client()
    client.force_login(user, backend="seoul_health.core.roles.RoleBackend")
    return client


def device_list_200k_vs_2k() -> None:
    compare("device_list_200k_vs_2k", 200_000)


def device_list_1m_vs_10k() -> None:
    compare("device_list_1m_vs_10k", 1_000_000)
