import pytest

from devices.models import DaySteps, SyncReceipt
from devices.services.walking import receive_steps
from seoul_health.core.models import AccessLog
from tests.points.builders import ERA, at, sample, upload, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def walked(walker):
    receive_steps(walker, upload(sample(ERA, 4_000), {"steps": 1}), received_at=at(ERA, 20))
    return walker


@pytest.mark.parametrize("role", ["agent", "finance_officer", "auditor"])
def test_days_and_receipts_can_be_looked_up(walked, client_of, role):
    browser = client_of(role)
    for name, row in [("daysteps", DaySteps), ("syncreceipt", SyncReceipt)]:
        listed = browser.get(f"/admin/devices/{name}/", {"q": walked.number})
        shown = browser.get(f"/admin/devices/{name}/{row.objects.get().pk}/change/")

        assert (listed.status_code, shown.status_code) == (200, 200)
        assert walked.number in listed.content.decode()
    assert AccessLog.objects.filter(subjects=[walked.number]).count() == 4


def test_a_receipt_says_what_became_of_its_records(walked, client_of):
    page = client_of("agent", username="kim").get(
        f"/admin/devices/syncreceipt/{SyncReceipt.objects.get().pk}/change/"
    )

    assert SyncReceipt.objects.get().receipt_no in page.content.decode()
    assert page.content.decode().count(": 1</li>") == 2


def test_nobody_types_steps(walked, client_of):
    browser = client_of("finance_officer")
    pk = DaySteps.objects.get().pk

    assert browser.get("/admin/devices/daysteps/add/").status_code == 403
    browser.post(f"/admin/devices/daysteps/{pk}/change/", {"steps": 99_999})
    assert DaySteps.objects.get().steps == 4_000


def test_a_district_sees_its_own_people(walked, client_of, make_participant):
    walk(make_participant(district="강남구"), ERA, 100)
    browser = client_of("finance_officer", scope="district", district="강남구")

    assert walked.number not in browser.get("/admin/devices/daysteps/").content.decode()
