"""What staff do in the story, each through their own screens."""

import re
import uuid
from datetime import date
from functools import cached_property
from typing import Any

import httpx

from .people import Staff, expect, refusals, told, until


class BackOffice:
    """The members of staff, signed in when first needed."""

    def __init__(self, base_url: str, *, password: str, simulators_url: str) -> None:
        self.base_url, self.password = base_url, password
        self.partners = httpx.Client(base_url=simulators_url, timeout=10)

    def staff(self, username: str) -> Staff:
        return Staff(self.base_url, username, self.password)

    @cached_property
    def recruitment(self) -> Staff:
        return self.staff("recruit")

    @cached_property
    def devices(self) -> Staff:
        return self.staff("device")

    @cached_property
    def finance(self) -> Staff:
        return self.staff("finance")

    @cached_property
    def agent(self) -> Staff:
        return self.staff("agent")

    def approve(self, receipt_no: str) -> None:
        row = self.recruitment.find("participants/application", receipt_no)
        self.recruitment.act("participants/application", row, "approve")

    def ship(self, serial: str) -> None:
        row = self.devices.find("devices/loan", serial)
        self.devices.act("devices/loan", row, "ship")

    def deliver(self, serial: str, tracking_no: str) -> None:
        answer = self.partners.post("/control/courier/deliver", json={"tracking_no": tracking_no})
        expect(answer.status_code < 300, "the courier delivers", told(answer))
        row = self.devices.find("devices/loan", serial)
        page = self.devices.page(f"/admin/devices/loan/{row}/change/")
        if "/act/deliver/" in page:
            self.devices.submit(f"/admin/devices/loan/{row}/act/deliver/", page)

    def recall(self, serial: str) -> None:
        row = self.devices.find("devices/loan", serial)
        self.devices.act("devices/loan", row, "recall", why="참여 종료에 따른 회수")

    def scan_in(self, serial: str) -> str:
        page = self.devices.page("/stock/scan/")
        body = {"client_id": str(uuid.uuid4()), "text": serial}
        return self.devices.send_json("/stock/scan/in/", page, body).text

    def device(self, serial: str) -> int:
        return self.devices.find("devices/device", serial)

    def shelve(self, serial: str) -> list[str]:
        """Try to put a watch into stock; give the refusals shown."""
        row = self.device(serial)
        page = self.devices.page(f"/admin/devices/device/{row}/change/")
        answer = self.devices.submit(f"/admin/devices/device/{row}/act/shelve/", page)
        return refusals(answer.text)

    def inspect_and_wipe(self, serial: str) -> None:
        row, model = self.device(serial), "devices/device"
        self.devices.act(model, row, "inspect", grade="B", faults=["strap"], note="줄 마모")
        self.devices.act(model, row, "wipe", method="factory_reset")

    def settle(self, day: date) -> str:
        """Run the sweep of a day; give the page of its row once it is done."""
        return self.run("points/settlement", day=day.isoformat(), kind="day")

    def reconcile(self, day: date) -> list[str]:
        """Compare a day with the partner's file; give the references that differ."""
        page = self.run("points/reconciliation", day=day.isoformat())
        return re.findall(r'<td class="[^"]*field-reference[^"]*">(.*?)</td>', page, re.DOTALL)

    def prove(self) -> bool:
        """Have every point derived again; say whether the proof holds."""
        page = self.run("points/proof")
        return "chip danger" not in page and "icon-no" not in page

    def run(self, model: str, **values: str) -> str:
        """Press the button above a list and wait for the row that comes of it."""
        before = self.newest(model)
        page = self.finance.page(f"/admin/{model}/run/")
        self.finance.submit(f"/admin/{model}/run/", page, **values)
        row = until(f"a new row in {model}", lambda: self.newer(model, than=before))
        return self.finance.page(f"/admin/{model}/{row}/change/")

    def newest(self, model: str) -> int:
        page = self.finance.page(f"/admin/{model}/")
        return max(map(int, re.findall(rf'href="/admin/{model}/(\d+)/change/', page)), default=0)

    def newer(self, model: str, *, than: int) -> int:
        found = self.newest(model)
        return found if found > than else 0

    def evidence(self, receipt_no: str, day: date) -> str:
        page = self.agent.page(f"/desk/complaints/{receipt_no}/")
        found = re.search(r"/desk/people/([^/\"]+)/", page)
        expect(found is not None, "the complaint shows whose it is", page[:300])
        assert found is not None, "expect() has raised"
        return self.agent.page(f"/desk/people/{found[1]}/evidence/", day=day.isoformat())

    def answer(self, receipt_no: str) -> None:
        """Take the complaint and answer it, as the agent does at the desk."""
        path = f"/desk/complaints/{receipt_no}/"
        self.step(path, "take")
        self.step(
            path, "answer", text="확인 결과 정상 적립되었습니다. 상세 내역을 함께 보내 드립니다."
        )

    def step(self, path: str, verb: str, **values: Any) -> None:
        page = self.agent.page(path)
        version = re.search(r'name="version" value="(\d+)"', page)
        if version:
            values["version"] = version[1]
        self.agent.submit(f"{path}{verb}/", page, **values)
