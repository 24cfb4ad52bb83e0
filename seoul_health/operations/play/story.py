"""A citizen's half-year, chapter by chapter; every chapter ends with what it proved."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.management import call_command

from seoul_health.operations.demo.papers import photo

from .back_office import BackOffice
from .people import BrokenPromise, Citizen, expect, until
from .walk import Walk


class Story:
    """The path through the whole programme, played over HTTP."""

    def __init__(
        self, base_url: str, *, simulators_url: str, password: str, tell: Callable[[str], None]
    ) -> None:
        self.base_url, self.tell = base_url, tell
        self.office = BackOffice(base_url, password=password, simulators_url=simulators_url)
        self.subject = f"new-{secrets.token_hex(5)}"
        self.chapter, self.proved = "", 0
        self.walk = Walk()

    def play(self) -> None:
        early = "the Seoul day is long enough to walk the goal; play again after 00:50"
        expect(self.walk.is_possible, early, self.walk.room)
        for chapter in (
            self.sign_in, self.apply, self.be_selected, self.receive_the_watch, self.walk_today,
            self.sweep, self.pay_out, self.complain, self.give_back, self.prove,
        ):  # fmt: skip
            self.chapter = chapter.__name__.replace("_", " ")
            self.tell(f"— {self.chapter}")
            chapter()

    def kept(self, held: bool, promise: str, found: object = "") -> None:
        expect(held, promise, found)
        self.proved += 1
        self.tell(f"  ✓ {promise}")

    def assertion(self, subject: str) -> str:
        """Ask the identity simulator's own command for a fresh assertion."""
        lines: list[str] = []
        call_command("issue_assertion", subject, stdout=Lines(lines))
        return "".join(lines).strip().splitlines()[-1]

    def sign_in(self) -> None:
        assertion = self.assertion(self.subject)
        self.citizen = Citizen.sign_in(self.base_url, assertion)
        me = self.citizen.get("/api/v1/me/")
        self.kept(bool(me), "the identity provider's word opens the app")
        body = {"provider": "simulator", "assertion": assertion + "x", "device": "forged"}
        Citizen(self.base_url).post("/api/v1/auth/verify/", body, status=401, key=None)
        self.kept(True, "a forged assertion opens nothing")
        Citizen(self.base_url).get("/api/v1/me/", status=401)
        self.kept(True, "nobody gets in without a token")

    def apply(self) -> None:
        self.round, lane = self.open_round()
        body = {
            "lane": lane,
            "basis": "worker",
            "consents": [
                {"purpose": "service", "version": "2026-01"},
                {"purpose": "health", "version": "2026-01"},
            ],
            "submit": True,
        }
        path, key = f"/api/v1/rounds/{self.round}/applications/", self.walk.new_key()
        self.application = self.citizen.post(path, body, status=201, key=key)
        again = self.citizen.post(path, body, status=201, key=key)
        self.kept(again == self.application, "sending an application twice files it once")
        self.citizen.post(path, body, status=409)
        self.kept(True, "one person applies once per round")
        self.citizen.post(
            f"/api/v1/me/applications/{self.application['id']}/evidence/",
            status=201,
            data={"kind": "employment"},
            files={"file": ("certificate.jpg", photo("CERTIFICATE (PLAY)"), "image/jpeg")},
        )
        self.kept(True, "a certificate of employment is taken as evidence")

    def open_round(self) -> tuple[str, str]:
        """Find an open round that lends watches."""
        for found in self.citizen.get("/api/v1/rounds/")["results"]:
            if found["status"] == "open":
                detail = self.citizen.get(f"/api/v1/rounds/{found['code']}/")
                kinds = [lane["kind"] for lane in detail["lanes"]]
                if "needs_watch" in kinds:
                    return found["code"], "needs_watch"
        raise BrokenPromise("a round that lends watches is open — none is")

    def be_selected(self) -> None:
        path = f"/api/v1/me/applications/{self.application['id']}/"
        self.office.approve(self.application["receipt_no"])
        until("an approved application is selected", lambda: self.status_of(path) == "selected")
        self.kept(True, "staff approve, and the seat is given in order of arrival")
        self.citizen.post(f"{path}accept-offer/", {}, status=200)
        self.kept(self.status_of(path) == "confirmed", "the citizen takes the seat")

    def status_of(self, path: str) -> str:
        return str(self.citizen.get(path)["status"])

    def receive_the_watch(self) -> None:
        self.loan = until("a watch is reserved", self.loan_now)
        self.kept(self.loan["status"] == "reserved", "a watch is reserved for the participation")
        self.office.ship(self.loan["serial"])
        parcel = until("the courier books the parcel", self.parcel_now)
        self.kept(bool(parcel), "the parcel has a tracking number")
        self.office.deliver(self.loan["serial"], parcel)
        self.citizen.post("/api/v1/me/loan/accept/", {"terms": "2026-01"}, status=200)
        loan = self.loan_now()
        self.kept(
            loan["status"] == "live" and loan["accepted_terms"] == "2026-01",
            "the citizen accepts the watch and the accepted text is kept",
            loan,
        )

    def loan_now(self) -> Any:
        answer = self.citizen.http.get("/api/v1/me/loan/")
        return answer.json() if answer.status_code == 200 else None

    def parcel_now(self) -> str:
        parcels = self.citizen.get("/api/v1/me/loan/")["parcels"]
        return next((str(p["tracking_no"]) for p in parcels if p["tracking_no"]), "")

    def sync(self, samples: list[dict[str, Any]], **more: Any) -> Any:
        body = self.walk.batch(samples, **more)
        return self.citizen.post("/api/v1/me/steps/", body, status=202)

    def today(self, answer: Any) -> Any:
        return next(day for day in answer["days"] if day["date"] == self.walk.day.isoformat())

    def walk_today(self) -> None:
        first = self.today(self.sync(self.walk.morning(3000)))
        self.kept(
            first["points"] == 0 and first["reason"] and first["steps"] == 3000,
            "zero points come with a reason",
            first,
        )
        crossed = self.today(self.sync(self.walk.rest(first["goal"] - 3000)))
        self.kept(
            crossed["qualified"] and crossed["points"] > 0,
            "points are posted at once when the goal is crossed",
            crossed,
        )
        self.earned = crossed["points"]
        again = self.sync(self.walk.morning(3000))
        self.kept(again["items"][0]["outcome"] == "duplicate", "a repeat is told as one", again)
        lower = self.sync(self.walk.morning(0))
        self.kept(
            self.today(lower)["steps"] == crossed["steps"], "an empty upload erases nothing", lower
        )
        point = self.sync([self.walk.open_mhealth(3000)])
        self.kept(
            self.today(point)["steps"] == crossed["steps"],
            "the same walk as an Open mHealth data point counts once",
            point,
        )
        balance = self.citizen.get("/api/v1/me/points/")["balance"]
        self.kept(balance == self.earned, "the purse holds what was earned", balance)
        self.receipt_no = again["receipt_no"]
        receipt = self.citizen.get(f"/api/v1/me/receipts/{self.receipt_no}/")
        self.kept(receipt["receipt_no"] == self.receipt_no, "every upload has a receipt")

    def sweep(self) -> None:
        self.office.settle(self.walk.day - timedelta(days=1))
        entries = self.citizen.get("/api/v1/me/points/entries/")["results"]
        self.kept(len(entries) == 1, "the sweep over everybody finds nothing missing", entries)

    def pay_out(self) -> None:
        walker, before = self.somebody_with_points()
        payout = walker.post("/api/v1/me/payouts/", {"amount": 5000}, status=202)
        paid = until("the payout is paid", lambda: self.paid(walker, payout["id"]))
        self.kept(paid["status"] == "paid", "Seoul Pay pays what was asked for")
        after = walker.get("/api/v1/me/points/")["balance"]
        self.kept(after == before - 5000, "the points left the purse once", (before, after))
        differing = self.office.reconcile(self.walk.day)
        self.kept(not differing, "our book and the partner's file agree", differing[:3])

    def somebody_with_points(self) -> tuple[Citizen, int]:
        """Take a demo member with months of walking behind them."""
        for number in range(9, 0, -1):
            walker = Citizen.sign_in(self.base_url, self.assertion(f"demo-{number}"))
            points = walker.get("/api/v1/me/points/")
            if points["payable"] >= 5000:
                return walker, points["balance"]
        raise BrokenPromise("a demo member has 5,000 payable points — load the demo data again")

    def paid(self, walker: Citizen, payout: str) -> Any:
        found = walker.get(f"/api/v1/me/payouts/{payout}/")
        return found if found["status"] in {"paid", "refused"} else None

    def complain(self) -> None:
        body = {
            "category": self.category(),
            "title": "걷기 0으로 나옵니다",
            "text": "오늘 걸었는데 어제는 0걸음입니다. 확인 부탁드립니다.",
            "about": {"date": self.walk.day.isoformat()},
        }
        filed = self.citizen.post("/api/v1/me/complaints/", body, status=201)
        self.kept(
            bool(filed["due_at"]) and bool(filed["clock"]["article"]),
            "the complaint has a deadline and the article it comes from",
            filed,
        )
        number = filed["receipt_no"]
        panel = self.office.evidence(number, self.walk.day)
        self.kept(
            self.receipt_no in panel and f"{self.earned:,}" in panel,
            "the agent sees uploads, merge, rule and transfer on one screen",
        )
        self.office.answer(number)
        answered = self.citizen.get(f"/api/v1/me/complaints/{number}/")
        self.kept(answered["status"] == "answered", "the answer arrives before the deadline")
        stranger = Citizen.sign_in(self.base_url, self.assertion("demo-1"))
        stranger.get(f"/api/v1/me/complaints/{number}/", status=404)
        self.kept(True, "somebody else's complaint does not exist")

    def category(self) -> str:
        found = self.citizen.get("/api/v1/complaint-categories/")
        rows = found["results"] if isinstance(found, dict) else found
        return str(rows[0]["code"])

    def give_back(self) -> None:
        serial = self.loan["serial"]
        self.office.recall(serial)
        self.kept(self.loan_now()["status"] == "recall_requested", "the watch is called back")
        self.citizen.post("/api/v1/me/loan/return/", {}, status=200)
        told = self.office.scan_in(serial)
        self.kept(serial in told, "the scan station takes it in", told)
        refused = self.office.shelve(serial)
        self.kept(bool(refused), "an unwiped watch cannot go back to the shelf")
        self.office.inspect_and_wipe(serial)
        self.kept(not self.office.shelve(serial), "inspected and wiped, it can")

    def prove(self) -> None:
        self.kept(self.office.prove(), "every point is proved")


class Lines:
    """A stream that only remembers."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def write(self, text: str) -> None:
        self.lines.append(text)

    def flush(self) -> None:
        """Nothing waits."""
