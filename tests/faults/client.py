"""python -m tests.faults.client PORT PEOPLE FOLDER NAME SEED THREADS — phones that never give up.

Each thread is the phone of some people: it sends steps and asks for payouts, repeats a request
under the same key until it is answered for good, and stops when the file `stop` appears.
"""

import http.client
import json
import os
import random
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from tests.faults.journal import Journal

STEPS, PAYOUTS = "/api/v1/me/steps/", "/api/v1/me/payouts/"
COMPLAINTS, ROUND = "/api/v1/me/complaints/", "/api/v1/rounds/{code}/applications/"
CONSENTS = [{"purpose": one, "version": "2026-01"} for one in ("service", "health")]
APPLY = {"lane": "own_device", "basis": "resident", "consents": CONSENTS, "submit": True}
SLOTS_A_DAY, SLOT_MINUTES = 144, 10
PATIENCE = 12.0
GIVE_UP_AFTER = 120.0


class Phone:
    def __init__(
        self, port: int, people: list[dict[str, Any]], journal: Journal, seed: str
    ) -> None:
        self.port = port
        self.walkers = [person for person in people if person["source"]]
        self.newcomers = [person for person in people if not person["source"]]
        self.journal = journal
        self.dice = random.Random(seed)
        self.line: http.client.HTTPConnection | None = None
        self.slots = {person["pk"]: self._slots(person) for person in self.walkers}

    def act(self) -> None:
        chance = self.dice.random()
        if chance < 0.12 and self.newcomers:
            person = self.dice.choice(self.newcomers)
            self.ask(person, ROUND.format(code=self.dice.choice(person["rounds"])), APPLY)
            return
        person = self.dice.choice(self.walkers)
        if chance < 0.35:
            amount = self.dice.randrange(5_000, 5_010)
            self.ask(person, PAYOUTS, {"amount": amount})
        elif chance < 0.43:
            self.ask(person, COMPLAINTS, self._complaint())
        else:
            self.ask(person, STEPS, self._upload(person))

    def _complaint(self) -> dict[str, Any]:
        number = self.dice.getrandbits(32)
        return {
            "category": "step_mismatch",
            "title": f"{number:x}",
            "text": "걸음이 보이지 않습니다.",
        }

    def ask(self, person: dict[str, Any], path: str, body: dict[str, Any]) -> None:
        """Ask under one key until there is a final answer; all of it goes into the journal."""
        key = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        self.journal.write("sent", key=key, person=person["pk"], path=path, body=body)
        began, tries = time.monotonic(), 0
        while time.monotonic() - began < GIVE_UP_AFTER:
            tries += 1
            status, answer = self.send(person["token"], path, key, body)
            if 200 <= status < 500 and status != 429:
                self.journal.write("answered", key=key, status=status, answer=answer, tries=tries)
                return
            if status and status != 503:
                self.journal.write("fault", key=key, status=status)
            time.sleep(self.dice.uniform(0.05, 0.4))
        self.journal.write("gave_up", key=key)

    def send(self, token: str, path: str, key: str, body: dict[str, Any]) -> tuple[int, Any]:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            if self.line is None:
                self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            self.line.request("POST", path, json.dumps(body), headers)
            answer = self.line.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if answer.status < 500 else None
        except (OSError, http.client.HTTPException, ValueError):
            if self.line is not None:
                self.line.close()
            self.line = None
            return 0, None

    def _upload(self, person: dict[str, Any]) -> dict[str, Any]:
        """Tell of some stretches nobody has told of, and now and then of one told before."""
        slots = self.slots[person["pk"]]
        fresh = [slots["fresh"].pop() for _ in range(min(len(slots["fresh"]), 3))]
        again = self.dice.sample(slots["told"], 1) if slots["told"] else []
        slots["told"] += fresh
        return {
            "batch_id": str(uuid.UUID(int=self.dice.getrandbits(128), version=4)),
            "source": person["source"],
            "samples": fresh + (again if self.dice.random() < 0.3 or not fresh else []),
        }

    def _slots(self, person: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        fresh = [
            {**stretch(day, slot), "steps": steps_of(person["pk"], day, slot)}
            for day in person["days"]
            for slot in range(SLOTS_A_DAY)
        ]
        self.dice.shuffle(fresh)
        return {"fresh": fresh, "told": []}


def steps_of(person: int, day: str, slot: int) -> int:
    """Give the same steps whenever a stretch is told of, also by another phone in a later round."""
    return random.Random(f"{person}:{day}:{slot}").randrange(100, 600)


def stretch(day: str, slot: int) -> dict[str, str]:
    hour, minute = divmod(slot * SLOT_MINUTES, 60)
    return {
        "start": f"{day}T{hour:02}:{minute:02}:00+09:00",
        "end": f"{day}T{hour:02}:{minute + SLOT_MINUTES - 1:02}:59+09:00",
    }


def main(port: str, people: str, folder: str, name: str, seed: str, threads: str) -> None:
    everybody, count = json.loads(Path(people).read_text()), int(threads)
    stop, keeper = Path(folder) / "stop", os.getppid()

    def carry(number: int) -> None:
        journal = Journal(Path(folder) / f"{name}-{number}.jsonl")
        phone = Phone(int(port), everybody[number::count], journal, f"{seed}:{name}:{number}")
        while not stop.exists() and os.getppid() == keeper:
            phone.act()

    phones = [threading.Thread(target=carry, args=(number,)) for number in range(count)]
    for phone in phones:
        phone.start()
    for phone in phones:
        phone.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
