import csv
import io
import json
import uuid

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from devices.models import ArrivalScan, Device, Lot, Manifest, Site, StagedWatch, Stocktake
from devices.services import manifests, stocktake
from seoul_health.core.models import AuditEvent

from .builders import make_lot, make_site, make_watch
from .supplies import announced, drafted, listed, scanned

MANIFESTS = reverse("stations:manifests")
STOCKTAKES = reverse("stations:stocktakes")
LABELS = reverse("stations:labels")
LOTS = reverse("stations:lots")


@pytest.fixture
def desk(client_of):
    return client_of("device_officer")


@pytest.fixture
def delivery(desk):
    return announced("SW-1", "SW-2", by=desk.user)


def send(browser, content, **fields):
    terms = {"lot": "LOT-2026-1", "site": "jongno", "due_on": "2026-12-01"} | fields
    return browser.post(MANIFESTS, {**terms, "file": SimpleUploadedFile("../납품.csv", content)})


def say(browser, name, pk, **body):
    body = {"client_id": str(uuid.uuid4()), **body}
    return browser.post(
        reverse(f"stations:{name}", args=[pk]), json.dumps(body), "application/json"
    )


def table(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
def ground(db):
    make_lot()
    make_site()


def test_a_list_is_sent_looked_at_and_announced(desk, ground):
    answer = send(desk, listed("SW-1", "SW-2"))

    manifest = Manifest.objects.get()
    page = reverse("stations:manifest", args=[manifest.pk])
    assert answer.headers["Location"] == page
    assert (manifest.status, str(manifest.due_on)) == ("draft", "2026-12-01")
    assert "/" not in manifest.file_name
    desk.post(page, {"do": "expect"})
    assert Manifest.objects.get().status == "expected"
    assert desk.get(page).context["tally"]["short"] == 2


def test_faults_are_shown_by_row_and_kind_and_as_a_file(desk, ground):
    send(desk, listed("SW-1", "SW 2", "SW-1"))
    pk = Manifest.objects.get().pk

    page = desk.get(reverse("stations:manifest", args=[pk]))
    assert [row.line for row, _words in page.context["items"]] == [3, 4]
    assert sorted(code for code, _label, _count in page.context["kinds"]) == [
        "strange_sign", "twice",
    ]  # fmt: skip
    one_kind = desk.get(reverse("stations:manifest", args=[pk]), {"problem": "twice"})
    assert [row.line for row, _words in one_kind.context["items"]] == [4]
    rows = table(desk.get(reverse("stations:manifest-faults", args=[pk])))
    assert [row[:2] for row in rows[1:]] == [["3", "SW 2"], ["4", "SW-1"]]
    desk.post(reverse("stations:manifest", args=[pk]), {"do": "register"})
    assert not Device.objects.exists()


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (b"", {}),
        (b"PK\x03\x04 no zip", {}),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", {}),
        (listed("SW-1"), {"lot": "NO-LOT"}),
        (listed("SW-1"), {"site": "nowhere"}),
        (listed("SW-1"), {"due_on": "soon"}),
        (b"name\nx\n", {}),
    ],
    ids=["empty", "broken", "old-excel", "no-lot", "no-site", "no-day", "no-serials"],
)
def test_what_cannot_be_read_is_said_on_the_page(desk, ground, content, fields):
    answer = send(desk, content, **fields)

    assert answer.status_code == 422
    assert answer.context["error"]
    assert not Manifest.objects.exists()


@pytest.mark.parametrize("query", ["?status=odd", "?before=x", "?before=1e9"])
def test_a_wrong_filter_is_refused(desk, query):
    assert desk.get(MANIFESTS + query).status_code == 400


def test_the_scanner_speaks_json(desk, delivery):
    answer = say(desk, "receiving-scan", delivery.pk, text="sw-1")

    assert answer.status_code == 200
    told = answer.json()
    assert (told["outcome"], told["serial"], told["units"]) == ("received", "SW-1", 1)
    assert told["tally"] == {
        "received": 1, "short": 1, "over": 0, "unexpected": 0, "elsewhere": 0,
    }  # fmt: skip
    undone = say(desk, "receiving-undo", delivery.pk, client_id=told["client_id"])
    assert undone.json()["outcome"] == "undone"
    assert not Device.objects.exists()


@pytest.mark.parametrize(
    "body", ["{", "[]", "{}", '{"client_id": 1, "text": "A"}', '{"client_id": "x", "text": 1}']
)
def test_a_broken_message_of_a_scanner_is_400(desk, delivery, body):
    answer = desk.post(
        reverse("stations:receiving-scan", args=[delivery.pk]), body, "application/json"
    )

    assert answer.status_code == 400
    assert not ArrivalScan.objects.exists()


def test_a_scanner_is_told_to_sign_in_again(client, delivery):
    assert say(client, "receiving-scan", delivery.pk, text="SW-1").status_code == 401


def test_lists_of_a_delivery_come_alone(desk, delivery):
    scanned(delivery, "SW-9", by=desk.user)

    fragment = desk.get(reverse("stations:receiving", args=[delivery.pk]), {"lists": ""})

    body = fragment.content.decode()
    assert "SW-9" in body
    assert "SW-2" in body
    assert "<html" not in body


def test_a_stranger_is_decided_about_on_the_page(desk, delivery):
    scan = scanned(delivery, "SW-9", by=desk.user)
    address = reverse("stations:receiving-question", args=[delivery.pk, scan.pk])

    desk.post(address, {"do": "accept"})

    assert Device.objects.get().serial == "SW-9"
    assert desk.post(address, {"do": "nothing"}).status_code == 404


def test_the_receipt_lists_what_is_short(desk, delivery):
    scanned(delivery, "SW-1", by=desk.user)
    desk.post(reverse("stations:receiving", args=[delivery.pk]))

    answer = desk.get(reverse("stations:receipt", args=[delivery.pk]))
    text = "".join(
        page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content)
    )
    assert "SW-2" in text
    assert "SW-1" not in text.replace("SW-2", "")
    rows = table(desk.get(reverse("stations:missing", args=[delivery.pk])))
    assert [row[1] for row in rows[1:]] == ["SW-2"]


def test_a_count_is_begun_scanned_ended_and_settled(desk):
    site = make_site()
    make_watch("SW-1", site=site)
    make_watch("SW-2", site=site)
    desk.post(STOCKTAKES, {"site": "jongno"})
    row = Stocktake.objects.get()

    assert say(desk, "stocktake-scan", row.pk, text="SW-1").json()["tally"] == {
        "found": 1, "surplus": 0, "unknown": 0, "missing": 1,
    }  # fmt: skip
    desk.post(reverse("stations:stocktake", args=[row.pk]), {"do": "end"})
    page = reverse("stations:differences", args=[row.pk])
    [one] = desk.get(page).context["undecided"]
    desk.post(page, {"do": "lost", "watch": [one["row"].pk], "note": "찾지 못함"})
    desk.post(page, {"do": "close"})

    assert Stocktake.objects.get().status == "closed"
    assert Device.objects.get(serial="SW-2").status == "lost"
    rows = table(desk.get(reverse("stations:differences-file", args=[row.pk])))
    assert [(row[0], row[5]) for row in rows[1:]] == [("SW-2", "찾지 못함")]


def test_a_blind_count_does_not_say_how_many(desk):
    make_watch("SW-1", site=make_site())
    desk.post(STOCKTAKES, {"site": "jongno", "blind": "on"})
    row = Stocktake.objects.get()

    assert "missing" not in say(desk, "stocktake-scan", row.pk, text="X").json()["tally"]
    assert desk.get(reverse("stations:differences-file", args=[row.pk])).status_code == 404


def test_a_clerk_counts_the_own_site_only_and_decides_nothing(client_of, desk):
    far = stocktake.start(make_site("mapo"), is_blind=False, by=desk.user)
    clerk = client_of("site_clerk", scope="site", site_code="jongno")
    make_watch("SW-1", site=make_site())
    clerk.post(STOCKTAKES, {"site": "jongno"})
    own = Stocktake.objects.get(site__code="jongno")

    assert clerk.get(reverse("stations:stocktake", args=[far.pk])).status_code == 404
    assert say(clerk, "stocktake-scan", far.pk, text="SW-1").status_code == 404
    assert clerk.post(STOCKTAKES, {"site": "mapo"}).status_code == 404
    stocktake.end_count(own, by=clerk.user)
    clerk.post(reverse("stations:differences", args=[own.pk]), {"do": "close"})
    assert Stocktake.objects.get(pk=own.pk).status == "settling"


def test_labels_are_counted_then_printed(desk):
    make_watch("SW-1")
    make_watch("SW-2")
    asked = {"serials": "sw-1\nSW-2\nSW-9", "paper": "a4-24"}

    page = desk.post(LABELS, asked)
    assert (page.context["count"], page.context["missing"]) == (2, ["SW-9"])
    answer = desk.post(LABELS, {**asked, "print": "1"})

    assert answer["Content-Type"] == "application/pdf"
    text = pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    assert "SW-1" in text
    assert "SW-2" in text
    assert AuditEvent.objects.get(verb="labels_printed").detail == {"labels": 2}


@pytest.mark.parametrize(
    "asked",
    [
        {"paper": "a4-24"},
        {"paper": "odd", "serials": "SW-1"},
        {"paper": "a4-24", "serials": "ＳＷ"},
        {"paper": "a4-24", "serials": "SW-1", "skip": "-1"},
        {"paper": "a4-24", "serials": "SW-404", "print": "1"},
        {"paper": "a4-24", "lot": "NO-LOT"},
    ],
    ids=["nothing", "paper", "letters", "skip", "nobody", "lot"],
)
def test_labels_that_cannot_be_printed_say_why(desk, asked):
    assert desk.post(LABELS, asked).status_code == 422


def test_lots_are_counted_from_rows(desk, delivery):
    Lot.objects.update(ordered=10)
    scanned(delivery, "SW-1", by=desk.user)
    make_watch("SW-7", status="lost")

    [line] = desk.get(LOTS).context["rows"]

    row = line["row"]
    assert (row.entered, row.coming, row.short, row.still_due) == (2, 1, 0, 7)
    assert row.shelves == {"in_stock": 1, "out": 0, "in_house": 0, "gone": 1}
    assert row.spent == 110_000
    assert table(desk.get(LOTS, {"csv": 1}))[1][0] == "LOT-2026-1"
    assert desk.get(LOTS, {"supplier": "없음"}).context["rows"] == []


def test_lots_cost_the_same_however_many(desk, django_assert_max_num_queries):
    for number in range(12):
        make_lot(f"LOT-{number}")

    with django_assert_max_num_queries(20):
        desk.get(LOTS)


def test_deliveries_cost_the_same_however_many(desk, ground, django_assert_max_num_queries):
    for number in range(8):
        drafted(listed(f"SW-{number}"), by=desk.user)

    with django_assert_max_num_queries(20):
        desk.get(MANIFESTS)


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("manifests", ["site_clerk", "agent", "finance_officer"]),
        ("arriving", ["site_clerk", "agent"]),
        ("stocktakes", ["agent", "auditor"]),
        ("lots", ["agent"]),
        ("labels", ["recruitment_officer"]),
    ],
)
def test_only_those_who_may_come_in(client, client_of, name, roles):
    address = reverse(f"stations:{name}")

    assert client.get(address).status_code == 302
    assert [client_of(role).get(address).status_code for role in roles] == [403] * len(roles)


@pytest.mark.parametrize(
    "name", ["manifest", "manifest-faults", "receiving", "missing", "receipt", "stocktake"]
)
def test_what_is_not_there_is_404(desk, name):
    assert desk.get(reverse(f"stations:{name}", args=[999_999])).status_code == 404


def test_a_district_sees_its_own_deliveries_only(client_of, desk):
    manifest = announced("SW-1", by=desk.user)
    manifests.undo(manifest, why="시험", by=desk.user)
    near = client_of("device_officer", scope="district", district="종로구")
    far = client_of("device_officer", scope="district", district="마포구")
    address = reverse("stations:manifest", args=[manifest.pk])

    assert near.get(address).status_code == 200
    assert far.get(address).status_code == 404


def test_a_district_sends_watches_to_its_own_sites_only(client_of, ground):
    make_site("mapo")
    Site.objects.filter(code="mapo").update(district="마포구")
    near = client_of("device_officer", scope="district", district="종로구")

    send(near, listed(("SW-1", "mapo"), ("SW-2", "jongno"), header=("일련번호", "거점")))

    rows = StagedWatch.objects.order_by("line").values_list("serial", "problem")
    assert list(rows) == [("SW-1", "unknown_site"), ("SW-2", "")]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("manifests", {"lot": "a\0b"}),
        ("stocktakes", {"site": "a\0b"}),
        ("shipping", {"carrier": "a\0b"}),
        ("courier-files", {"carrier": "a\0b"}),
    ],
    ids=["manifests", "stocktakes", "shipping", "courier-files"],
)
def test_a_sign_no_text_holds_is_refused(desk, name, told):
    assert desk.post(reverse(f"stations:{name}"), told).status_code == 400


def test_a_reason_with_a_sign_no_text_holds_takes_nothing_back(desk, delivery):
    page = reverse("stations:manifest", args=[delivery.pk])

    assert desk.post(page, {"do": "undo", "why": "a\0b"}).status_code == 400

    assert Manifest.objects.get().status == "expected"
