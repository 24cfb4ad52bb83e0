"""The courier: takes parcels both ways and says where they are."""

import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from .answers import Answer, Refusal, as_json, text_of
from .journal import Journal

CARRIER = "한강택배"
DIRECTIONS = ("out", "back")
COLLECTED_AFTER = 30.0


@dataclass(slots=True)
class Parcel:
    reference: str
    direction: str
    serial: str
    tracking_no: str
    accepted: float
    delivered: float | None = None


class Courier:
    """One courier whose parcels arrive when the control says so."""

    def __init__(self, state_dir: Path) -> None:
        self._journal = Journal(state_dir / "courier.jsonl")
        self._lock = threading.Lock()
        self._by_reference: dict[str, Parcel] = {}
        self._by_number: dict[str, Parcel] = {}
        for event in self._journal:
            self._remember(Parcel(**event))  # type: ignore[arg-type]  # our own journal's columns

    def ship(self, body: dict[str, object]) -> Answer:
        """Accept a parcel once per reference."""
        reference, serial = text_of(body, "reference", longest=100), text_of(body, "serial")
        direction = text_of(body, "direction")
        if direction not in DIRECTIONS:
            raise Refusal(400, "invalid", "direction must be out or back.")
        with self._lock:
            parcel = self._by_reference.get(reference)
            is_new = parcel is None
            if parcel is None:
                number = f"{68_000_000_000 + len(self._by_reference) + 1}"
                parcel = Parcel(reference, direction, serial, number, time.time())
                self._keep(parcel)
        if (parcel.direction, parcel.serial) != (direction, serial):
            raise Refusal(409, "duplicate_mismatch", "The reference belongs to another parcel.")
        told = {"carrier": CARRIER, "tracking_no": parcel.tracking_no, "reference": reference}
        return as_json(201 if is_new else 200, told)

    def track(self, tracking_no: str) -> Answer:
        parcel = self._find(tracking_no)
        status, at = "accepted", parcel.accepted
        if parcel.delivered is not None:
            status, at = "delivered", parcel.delivered
        elif time.time() - parcel.accepted > COLLECTED_AFTER:
            status, at = "in_transit", parcel.accepted + COLLECTED_AFTER
        moment = datetime.fromtimestamp(at, UTC).isoformat()
        return as_json(200, {"tracking_no": tracking_no, "status": status, "at": moment})

    def deliver(self, body: dict[str, object]) -> Answer:
        """Let a parcel arrive now."""
        parcel = self._find(text_of(body, "tracking_no"))
        with self._lock:
            if parcel.delivered is None:
                parcel.delivered = time.time()
                self._keep(parcel)
        return self.track(parcel.tracking_no)

    def _find(self, tracking_no: str) -> Parcel:
        parcel = self._by_number.get(tracking_no)
        if parcel is None:
            raise Refusal(404, "unknown_tracking_no", "There is no such parcel.")
        return parcel

    def _keep(self, parcel: Parcel) -> None:
        self._journal.append(asdict(parcel))
        self._remember(parcel)

    def _remember(self, parcel: Parcel) -> None:
        self._by_reference[parcel.reference] = parcel
        self._by_number[parcel.tracking_no] = parcel
