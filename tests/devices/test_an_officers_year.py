"""A thousand watches from the box to the recycler, through the screens alone."""

import csv
import io
import json
import uuid
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from devices.models import Checklist, Device, DisposalBatch, Loan, Manifest, RecoveryStep
from devices.services import loans
from devices.tasks import reserve_waiting
from seoul_health.core import clock

from .builders import join, make_lot, make_site
from .supplies import listed

WATCHES, LENT, BROKEN = 1_000, 12, 5


def press(browser, action, rows, **values):
    body = {"action": action, "_selected_action": [row.pk for row in rows], **values}
    return browser.post(reverse("admin:devices_loan_changelist"), body)


def receive(browser, serials):
    file = SimpleUploadedFile("list.csv", listed(*serials), content_type="text/csv")
    told = {"lot": make_lot().code, "site": make_site().code, "file": file}
    browser.post(reverse("stations:manifests"), told)
    browser.post(reverse("stations:manifest", args=[Manifest.objects.get().pk]), {"do": "register"})


def lend(browser, people):
    """Watches in stock find who waits by themselves; staff ship them, citizens accept."""
    for person in people:
        join(person)
    reserve_waiting()
    press(browser, "ship_all", Loan.objects.all())
    press(browser, "deliver_all", Loan.objects.all())
    for loan in Loan.objects.select_related("device", "participant"):
        loans.accept(loan, terms="2026-01", by=loan.participant)


def scan_in(browser, serial):
    body = json.dumps({"client_id": str(uuid.uuid4()), "text": serial})
    answer = browser.post(reverse("scan:take_in"), body, content_type="application/json")
    assert answer.json()["outcome"] == "taken_in"


def inspect(browser, serial, *, broken):
    checklist = Checklist.objects.in_force().get(model=None)
    told = {f"item-{item.pk}": "fine" for item in checklist.items.all()}
    if broken:
        told[f"item-{checklist.items.get(fault='screen').pk}"] = "fault"
        told |= {"method": "crushed", "proof": "R-1", "to": "leave"}
    else:
        told |= {"method": "factory_reset", "proof": "", "to": "shelve"}
    page = reverse("stations:inspect", args=[serial])
    assert browser.post(page, told | {"checklist": checklist.pk}).status_code == 302


def dispose(browser, head):
    told = {"method": "recycled", "recycler": "한강자원순환센터", "reason": "사업 종료"}
    browser.post(reverse("stations:disposals"), told)
    batch = DisposalBatch.objects.get()

    def act(person, verb, **values):
        page = reverse("stations:disposal-act", args=[batch.pk, verb])
        assert person.post(page, values).status_code == 302

    act(browser, "add-ready")
    left = Device.objects.filter(status="in_stock").values_list("serial", flat=True)
    act(browser, "add", serials="\n".join(left))
    act(browser, "ask")
    act(head, "approve")
    day = clock.today().isoformat()
    act(browser, "hand-over", weight_grams="41000", certificate_no="RC-1", on=day)
    return batch


def council_rows(browser, name):
    pack = zipfile.ZipFile(io.BytesIO(browser.get(reverse("stations:council-pack")).content))
    found = next(each for each in pack.namelist() if name in each)
    return list(csv.reader(pack.read(found).decode("utf-8-sig").splitlines()))


@pytest.fixture
def officer(client_of):
    return client_of("device_officer", username="kim")


def test_an_officer_needs_no_developer(officer, client_of, make_participant):
    receive(officer, [f"SW26-{number:07d}" for number in range(WATCHES)])
    assert Device.objects.filter(status="in_stock").count() == WATCHES
    lend(officer, [make_participant() for _ in range(LENT)])
    assert set(Loan.objects.values_list("status", flat=True)) == {"live"}
    press(officer, "recall_all", Loan.objects.all(), why="회차 종료", apply="1")
    serials = list(Loan.objects.order_by("pk").values_list("device__serial", flat=True))
    for serial in serials[:-1]:
        scan_in(officer, serial)
    for place, serial in enumerate(serials[:-1]):
        inspect(officer, serial, broken=place < BROKEN)
    batch = dispose(officer, client_of("device_officer", username="noh"))

    counted = {
        status: Device.objects.filter(status=status).count() for status in ("disposed", "on_loan")
    }
    assert counted == {"disposed": WATCHES - 1, "on_loan": 1}
    assert batch.units.filter(wipe__isnull=False).count() == LENT - 1
    out = Loan.objects.exclude(status__in=["reserved", "cancelled"])
    cost = sum(RecoveryStep.objects.values_list("cost", flat=True))
    whole = council_rows(officer, "lot")[-1]
    assert whole[1:4] == [str(out.count()), str(LENT), str(out.exclude(returned_at=None).count())]
    assert whole[7] == str(cost)


def test_a_thousand_watches_on_the_bench_are_listed_as_fast_as_ten(
    officer, django_assert_max_num_queries
):
    lot = make_lot()
    Device.objects.bulk_create(
        Device(serial=f"SW26-{n:07d}", lot=lot, status="awaiting_inspection", grade="B")
        for n in range(WATCHES)
    )

    with django_assert_max_num_queries(20):
        page = officer.get(reverse("stations:inspections"))

    assert (len(page.context["rows"]), page.context["count"]) == (50, WATCHES)
    rest = officer.get(reverse("stations:inspections") + page.context["more"])
    assert rest.context["rows"][0].serial == "SW26-0000050"
