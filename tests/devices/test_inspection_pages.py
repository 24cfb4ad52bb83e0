import html
import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from PIL import Image

from devices.errors import (
    GradeNeedsNote,
    NotWiped,
    ProofNeeded,
    TooLateToUndo,
    TooManyPapers,
    UnknownSerial,
)
from devices.models import (
    Checklist,
    DataWipe,
    Device,
    DisposalBatch,
    Inspection,
    RepairTicket,
    WatchPaper,
)
from devices.services import checklists, disposals, inspections, repairs, scans, watch_papers
from seoul_health.core import clock
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import AccessLog
from tests.conftest import JOB

from .builders import (
    inspected_watch,
    live_loan,
    make_lot,
    make_site,
    make_watch,
    returned_loan,
    standing,
)

LISTS = [
    "stations:inspections", "stations:inspections-file", "stations:repairs",
    "stations:repairs-file", "stations:disposals",
]  # fmt: skip


def picture(colour="red"):
    kept = io.BytesIO()
    Image.new("RGB", (60, 60), colour).save(kept, "JPEG")
    return SimpleUploadedFile("watch.jpg", kept.getvalue(), content_type="image/jpeg")


def said(refusal):
    """What a screen says of a refusal; tests see screens in Korean."""
    with translation.override("ko"):
        return str(refusal)


def findings(**changed):
    checklist = Checklist.objects.in_force().get(model=None)
    told = {f"item-{item.pk}": "fine" for item in checklist.items.all()}
    for fault, verdict in changed.items():
        told[f"item-{checklist.items.get(fault=fault).pk}"] = verdict
    return {"checklist": checklist.pk, "to": "leave", "why": "", "method": ""} | told


@pytest.fixture
def desk(client_of):
    return client_of("device_officer", username="kim")


@pytest.mark.parametrize("name", LISTS)
def test_the_pages_are_for_those_who_may(client, client_of, name):
    page = reverse(name)

    assert client.get(page).status_code == 302
    assert client_of("finance_officer").get(page).status_code == 403
    assert client_of("device_officer").get(page).status_code == 200


def test_one_submission_inspects_wipes_photographs_and_shelves(desk, walker):
    loan = returned_loan(walker)
    page = reverse("stations:inspect", args=[loan.device.serial])
    told = findings(casing="fault") | {
        "method": "factory_reset", "proof": "Set-up screen seen", "to": "shelve",
        "photos": [picture("red"), picture("blue")],
    }  # fmt: skip

    answer = desk.post(page, told)

    assert answer.headers["Location"] == f"{reverse('stations:inspections')}?stage=inspect"
    assert standing(loan) == ("closed", "in_stock")
    found = Inspection.objects.get()
    assert (found.grade, found.faults, found.papers.count()) == ("B", ["casing"], 2)
    assert DataWipe.objects.get().proof == "Set-up screen seen"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"to": "shelve"}, lambda serial: NotWiped(serial=serial)),
        ({"method": "vendor_tool"}, lambda serial: ProofNeeded()),
        ({"grade": "D"}, lambda serial: GradeNeedsNote(grade="A")),
        ({"to": "repair"}, lambda serial: ReasonNeeded()),
    ],
    ids=["unwiped", "unproved", "ungrounded", "without_reason"],
)
def test_a_refusal_leaves_everything_as_it_was(desk, walker, changed, refusal):
    loan = returned_loan(walker)
    page = reverse("stations:inspect", args=[loan.device.serial])

    answer = desk.post(page, findings() | {"photos": [picture()]} | changed)

    assert answer.status_code == 422
    assert said(refusal(loan.device.serial)) in html.unescape(answer.content.decode())
    assert standing(loan) == ("returned", "awaiting_inspection")
    assert not Inspection.objects.exists()
    assert not DataWipe.objects.exists()
    assert not WatchPaper.objects.exists()


@pytest.mark.parametrize("first", ["leave", "shelve"])
def test_findings_of_a_watch_somebody_else_inspected_are_not_dropped_in_silence(
    desk, walker, first
):
    loan = returned_loan(walker)
    page = reverse("stations:inspect", args=[loan.device.serial])
    desk.post(page, findings() | {"method": "factory_reset", "to": first})

    answer = desk.post(page, findings(screen="fault"), follow=True)

    assert "그사이 상태가 바뀌어" in answer.content.decode()
    assert Inspection.objects.get().faults == []


def test_an_open_question_is_asked_again(desk, walker):
    loan = returned_loan(walker)
    told = findings()
    told.popitem()

    answer = desk.post(reverse("stations:inspect", args=[loan.device.serial]), told)

    assert answer.status_code == 422
    assert not Inspection.objects.exists()


def test_only_pictures_are_taken(desk, walker):
    loan = returned_loan(walker)
    trap = SimpleUploadedFile("x.svg", b"<svg/>", content_type="image/svg+xml")

    answer = desk.post(
        reverse("stations:inspect", args=[loan.device.serial]), findings() | {"photos": [trap]}
    )

    assert answer.status_code == 422
    assert standing(loan) == ("returned", "awaiting_inspection")


def test_findings_by_the_list_the_page_showed_are_taken(desk, walker):
    loan = returned_loan(walker)
    told = findings()
    checklists.release(checklists.draft_next(loan.device.lot.model, by=JOB), by=JOB)

    desk.post(reverse("stations:inspect", args=[loan.device.serial]), told)

    assert Inspection.objects.get().checklist.model is None


def test_a_watch_of_another_site_is_not_found(client_of, walker):
    loan = returned_loan(walker)
    Device.objects.update(site=make_site("jongno"))
    elsewhere = client_of("device_officer", scope="site", site_code="mapo")

    for name in ("stations:inspect", "stations:passport", "stations:passport-sheet"):
        assert elsewhere.get(reverse(name, args=[loan.device.serial])).status_code == 404


def test_the_work_list_sorts_watches_by_what_is_next(desk, make_participant):
    to_inspect = returned_loan(make_participant()).device
    to_wipe = inspected_watch(make_participant())
    ready = inspected_watch(make_participant())
    inspections.wipe(ready, method="factory_reset", by=JOB)
    live_loan(make_participant())

    shown = {
        stage: [row.serial for row in desk.get(
            reverse("stations:inspections"), {"stage": stage}).context["rows"]]
        for stage in ("inspect", "wipe", "ready", "apart")
    }  # fmt: skip

    assert shown == {
        "inspect": [to_inspect.serial], "wipe": [to_wipe.serial], "ready": [ready.serial],
        "apart": [],
    }  # fmt: skip


def test_a_watch_that_is_still_lent_leads_to_its_passport(desk, walker):
    loan = live_loan(walker)

    answer = desk.get(reverse("stations:inspect", args=[loan.device.serial]))

    assert answer.headers["Location"] == reverse("stations:passport", args=[loan.device.serial])
    assert standing(loan) == ("live", "on_loan")


def test_all_that_are_ready_go_into_stock_at_once(desk, make_participant):
    for _number in range(3):
        inspections.wipe(inspected_watch(make_participant()), method="factory_reset", by=JOB)
    inspected_watch(make_participant())

    desk.post(reverse("stations:shelve-ready"))

    assert Device.objects.filter(status="in_stock").count() == 3
    assert Device.objects.filter(status="awaiting_inspection").count() == 1


def test_a_scan_leads_to_the_watch_or_says_why_not(desk, walker):
    loan = returned_loan(walker)
    find = reverse("stations:inspect-find")

    found = desk.get(find, {"serial": loan.device.serial.lower()})
    missed = desk.get(find, {"serial": "SW-999999"}, follow=True)

    assert found.headers["Location"] == reverse("stations:inspect", args=[loan.device.serial])
    assert said(UnknownSerial(serial="SW-999999")) in missed.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_lists_read_as_often_for_many_as_for_few(
    desk, name, batch_of_watches, django_assert_max_num_queries
):
    with django_assert_max_num_queries(22):
        assert desk.get(reverse(name)).status_code == 200


@pytest.fixture
def batch_of_watches(make_staff):
    officer = make_staff("device_officer")
    lot = make_lot()
    for number in range(8):
        watch = make_watch(f"SW-Q{number}", lot=lot, status="awaiting_inspection")
        inspections.send_to_repair(watch, by=JOB, why="No charge")
        make_watch(f"SW-A{number}", lot=lot, status="awaiting_inspection")
        batch = disposals.start(method="sold", recycler="x", reason="x", by=officer)
        make_watch(f"SW-D{number}", lot=lot, status="quarantined", grade="D")
        disposals.add_watches(batch, [f"SW-D{number}"], by=officer)


def test_ticked_repairs_are_sent_and_one_comes_back_with_its_invoice(desk):
    for number in range(2):
        watch = make_watch(f"SW-{number}", status="awaiting_inspection")
        inspections.send_to_repair(watch, by=JOB, why="No charge")
    tickets = list(RepairTicket.objects.order_by("pk"))

    desk.post(reverse("stations:repairs"), {
        "repair": [ticket.pk for ticket in tickets], "workshop": "다온서비스",
        "expected_on": clock.today().isoformat(),
    })  # fmt: skip
    one = tickets[0].pk
    desk.post(reverse("stations:repair-act", args=[one, "back"]), {
        "outcome": "repaired", "cost": "12000", "note": "",
    })  # fmt: skip
    desk.post(reverse("stations:repair-act", args=[one, "paper"]), {"papers": [picture()]})

    assert list(RepairTicket.objects.order_by("pk").values_list("status", "cost")) == [
        ("back", 12_000), ("sent", 0),
    ]  # fmt: skip
    assert WatchPaper.objects.get().repair_id == one
    assert desk.get(reverse("stations:repair", args=[one])).status_code == 200


@pytest.mark.parametrize("ticked", ["9" * 5_000, "x", "-1"])
def test_a_tick_that_is_no_repair_sends_nothing(desk, ticked):
    inspections.send_to_repair(make_watch(status="awaiting_inspection"), by=JOB, why="No charge")

    answer = desk.post(reverse("stations:repairs"), {"repair": [ticked], "workshop": "다온서비스"})

    assert answer.status_code == 302
    assert RepairTicket.objects.get().status == "open"


def test_a_disposal_runs_through_the_screens_by_two(client_of, desk):
    head = client_of("device_officer", username="noh")
    for number in range(2):
        make_watch(f"SW-{number}", status="quarantined", grade="D")
    desk.post(reverse("stations:disposals"), {
        "method": "recycled", "recycler": "한강", "reason": "노후",
    })  # fmt: skip
    batch = DisposalBatch.objects.get()

    def act(browser, verb, **told):
        return browser.post(reverse("stations:disposal-act", args=[batch.pk, verb]), told)

    wrong = act(desk, "add", serials="SW-0\nSW-77")
    assert (wrong.status_code, batch.units.count()) == (422, 0)
    act(desk, "add", serials="SW-0\n")
    act(desk, "add-ready")
    act(desk, "ask")
    act(desk, "approve")
    assert DisposalBatch.objects.get().status == "requested"
    act(head, "approve")
    act(
        desk, "hand-over", weight_grams="82", certificate_no="RC-1", on=clock.today().isoformat(),
        papers=[picture()],
    )  # fmt: skip

    assert DisposalBatch.objects.get().status == "done"
    assert set(Device.objects.values_list("status", flat=True)) == {"disposed"}
    printed = desk.get(reverse("stations:disposal-certificate", args=[batch.pk]))
    assert (printed.headers["Content-Type"], printed.content[:5]) == ("application/pdf", b"%PDF-")
    lines = desk.get(reverse("stations:disposal-serials", args=[batch.pk])).content.decode()
    assert [line.split(",")[0] for line in lines.splitlines()[1:]] == ['"SW-0"', '"SW-1"']


def test_an_auditor_looks_and_changes_nothing(client_of, desk):
    auditor = client_of("auditor")
    batch = disposals.start(method="sold", recycler="x", reason="x", by=desk.user)

    assert auditor.get(reverse("stations:disposal", args=[batch.pk])).status_code == 200
    for verb in ("ask", "approve", "withdraw"):
        act = reverse("stations:disposal-act", args=[batch.pk, verb])
        assert auditor.post(act, {"why": "x"}).status_code == 403
    assert DisposalBatch.objects.get().status == "draft"


def test_a_passport_tells_the_whole_story_and_hides_the_name(desk, walker):
    watch = inspected_watch(walker)
    inspections.wipe(watch, method="vendor_tool", proof="T-9", by=desk.user)
    inspections.send_to_repair(watch, by=JOB, why="No charge")
    ticket = RepairTicket.objects.get()
    repairs.send([ticket], workshop="다온서비스", by=JOB)
    repairs.take_back(ticket, outcome="repaired", cost=7_000, by=JOB)

    answer = desk.get(reverse("stations:passport", args=[watch.serial]))

    page = answer.content.decode()
    for told in (watch.serial, "2026-0099", "55,000", "다온서비스", "T-9", walker.number):
        assert told in page
    assert "김걷기" not in page
    assert answer.context["passport"].money.total == 62_000
    assert AccessLog.objects.get(what="devices:passport").subjects == [walker.number]
    printed = desk.get(reverse("stations:passport-sheet", args=[watch.serial]))
    assert printed.content[:5] == b"%PDF-"


def test_a_wipe_has_its_certificate(desk, walker):
    watch = inspected_watch(walker)
    wipe = inspections.wipe(watch, method="factory_reset", by=desk.user)

    printed = desk.get(reverse("stations:wipe-certificate", args=[wipe.pk]))

    assert printed.content[:5] == b"%PDF-"
    assert (
        printed.headers["Content-Disposition"] == f'attachment; filename="wipe-{wipe.pk:07d}.pdf"'
    )


def test_a_photo_is_shown_sealed_and_its_reading_is_kept(desk, client_of, walker):
    loan = returned_loan(walker)
    page = reverse("stations:inspect", args=[loan.device.serial])
    desk.post(page, findings() | {"photos": [picture()]})
    paper = WatchPaper.objects.get()
    address = reverse("stations:paper", args=[paper.public_id, 1])

    shown = desk.get(address)

    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert AccessLog.objects.filter(what=f"devices:paper:{paper.pk}:1").count() == 1
    assert desk.get(reverse("stations:paper", args=[paper.public_id, 2])).status_code == 404
    assert client_of("site_clerk").get(address).status_code == 403


@pytest.mark.parametrize(
    ("name", "owners"),
    [
        ("a_paper_of_a_watch_belongs_to_one_event", []),
        ("a_paper_of_a_watch_belongs_to_one_event", ["inspection", "wipe"]),
        ("a_paper_of_a_watch_is_kept_once", ["inspection"]),
    ],
    ids=["none", "two", "again"],
)
def test_a_paper_belongs_to_one_event_and_is_kept_once(walker, name, owners):
    watch = inspected_watch(walker)
    events = {
        "inspection": watch.inspections.get(),
        "wipe": inspections.wipe(watch, method="factory_reset", by=JOB),
    }
    terms = {"media_type": "image/jpeg", "size": 1, "sha256": "a" * 64, "uploaded_by": "x"}
    WatchPaper.objects.create(inspection=events["inspection"], **terms)
    chosen = {owner: events[owner] for owner in owners}

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        WatchPaper.objects.create(**chosen, **terms)


def test_a_scan_whose_inspection_has_a_photo_is_not_undone(desk, walker):
    loan = live_loan(walker)
    scan = scans.record_scan(uuid.uuid4(), text=loan.device.serial, grade="B", by=desk.user)
    watch_papers.attach(Inspection.objects.get(), picture().read(), "image/jpeg", by=desk.user)

    with pytest.raises(TooLateToUndo):
        scans.undo_scan(scan.client_id, by=desk.user)

    assert standing(loan) == ("closed", "awaiting_inspection")


def test_an_event_has_so_many_papers_and_no_more(desk, walker, monkeypatch):
    monkeypatch.setattr(watch_papers, "MOST", 1)
    event = inspected_watch(walker).inspections.get()
    watch_papers.attach(event, picture("red").read(), "image/jpeg", by=desk.user)

    same = watch_papers.attach(event, picture("red").read(), "image/jpeg", by=desk.user)
    with pytest.raises(TooManyPapers):
        watch_papers.attach(event, picture("blue").read(), "image/jpeg", by=desk.user)

    assert list(event.papers.all()) == [same]
