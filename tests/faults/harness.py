"""Rounds of load, kills and judgement: safety and liveness are looked at apart."""

import contextlib
import http.client
import itertools
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import redis

from seoul_health.local.place import CHECKOUT
from tests.faults import checker, deeds
from tests.faults.books import Books
from tests.faults.checker import Findings
from tests.faults.client import Phone
from tests.faults.deeds import A_ROUND
from tests.faults.figures import Figures
from tests.faults.journal import Journal, read_events, read_promises
from tests.faults.kills import strike
from tests.faults.site import Doomed

PROCESSES, THREADS = 4, 5
MOODS = ("ok", "ok", "5xx_after_success", "timeout_after_success", "dark", "5xx")
REPLAYED = 200
BACK_WITHIN = 60.0  # On a machine to itself it is seconds; a shared one must not lie.
DRAINED_WITHIN = 120.0
CALM = 25  # Doorbells: beat rings a few every second, and workers answer them.
OPEN = f"""
SELECT (SELECT count(*) FROM points_payout WHERE status IN ('requested', 'sending', 'unknown'))
    + ({deeds.OPEN})
"""


class Harness:
    """One doomed site, its phones, and the checker outside."""

    def __init__(self, site: Doomed, seed: str) -> None:
        self.site = site
        self.dice = random.Random(seed)
        self.figures = Figures(seed)
        self.folder = site.place.local / "journals"
        self.folder.mkdir()
        self.people: list[dict[str, Any]] = json.loads(site.people.read_text())
        self.deeds: dict[str, Any] = json.loads(site.people.with_name("deeds.json").read_text())
        numbers = [person["pk"] for person in self.people]
        self.books = Books(site, numbers, self.deeds["rounds"])
        self.phones: list[subprocess.Popen[bytes]] = []
        self.load_began = 0.0
        self.turn = 0
        self.answered = 0
        self.read_up_to: Counter[Path] = Counter()

    def round(self, kills: list[str], *, pause: float = 1.0) -> Findings:
        """Load the site, kill these one after the other, then stop, drain and compare."""
        with self.load():
            for kind in kills:
                time.sleep(self.dice.uniform(0.2, 1.0) * pause)
                self.set_mood(self.dice.choice(MOODS))
                self.kill(kind)
            time.sleep(pause)
        self.drain()
        self.figures.rounds += 1
        found = self.judge()
        self.figures.findings.update(found.all())
        return found

    def lose_without_durability(self, most: int = 4) -> int:
        """Negative control: answer before commits are on disk, and count what is lost."""
        for _attempt in range(most):
            self._set_durability("off")
            with self.load():
                self.strike("whole database")
                self._set_durability("on")
            if lost := self.check().lost:
                return lost
        return 0

    def pay_twice_without_memory(self) -> int:
        """Negative control: an operator that forgets references, and answers that get lost."""
        self.site.swap_partners("tests.faults.forgetful")
        self.set_mood("5xx_after_success")
        with self.load():
            time.sleep(2)
        self.drain()
        return self.check().paid_twice

    def kill(self, kind: str) -> None:
        """Kill, and wait until all of it is back and phones are answered again."""
        began, told = time.monotonic(), self.answers_so_far()
        self.strike(kind)
        self.figures.kills[kind] += 1
        while self.answers_so_far() == told:
            assert time.monotonic() - began < BACK_WITHIN, f"Nobody was answered after: {kind}"
            time.sleep(0.05)
        slowest = self.figures.slowest_return
        slowest[kind] = round(max(slowest.get(kind, 0.0), time.monotonic() - began), 2)

    def strike(self, kind: str) -> None:
        """Kill something that runs, and wait until it runs again."""
        for _ in range(50):
            with contextlib.suppress(psycopg.Error):
                if strike(self.site, kind, self.dice):
                    break
            time.sleep(0.1)
        else:
            raise AssertionError(f"There was nothing to kill: {kind}")
        time.sleep(0.3)
        self.site.wait_until_ready(BACK_WITHIN)

    @contextlib.contextmanager
    def load(self) -> Iterator[None]:
        """Keep phones busy inside; whatever happens, none is left behind."""
        self.start_phones()
        try:
            self.wait_for_answers()
            yield
            self.stop_phones()
        finally:
            for phone in self.phones:
                phone.kill()

    def start_phones(self) -> None:
        self.turn += 1
        self.load_began = time.time()
        (self.folder / "stop").unlink(missing_ok=True)
        for number in range(PROCESSES):
            people = self.site.place.local / f"people-{number}.json"
            people.write_text(json.dumps(self.people[number::PROCESSES]))
            name, seed = f"r{self.turn}p{number}", f"{self.figures.seed}:{self.turn}"
            self.phones.append(
                subprocess.Popen(
                    [
                        sys.executable, "-m", "tests.faults.client", str(self.site.port),
                        str(people), str(self.folder), name, seed, str(THREADS),
                    ],
                    cwd=CHECKOUT,
                )
            )  # fmt: skip
        self.start_staff()

    def start_staff(self) -> None:
        """Let an officer draw lots and write to many while everything dies around them."""
        first = (self.turn - 1) * A_ROUND
        todo = [
            [act, pk]
            for act, name in (("draw", "draws"), ("bulk", "bulks"))
            for pk in self.deeds[name][first : first + A_ROUND]
        ]
        command = [sys.executable, "-m", "tests.faults.staff", str(self.folder), f"s{self.turn}"]
        self.phones.append(
            subprocess.Popen(
                [*command, f"{self.figures.seed}:{self.turn}", json.dumps(todo)],
                cwd=CHECKOUT, env=self.site.env,
            )
        )  # fmt: skip

    def wait_for_answers(self) -> None:
        deadline, told = time.monotonic() + BACK_WITHIN, self.answers_so_far()
        while self.answers_so_far() < told + 50:
            assert time.monotonic() < deadline, f"The phones get no answers: {self.site.tails()}"
            time.sleep(0.1)

    def stop_phones(self) -> None:
        (self.folder / "stop").touch()
        for phone in self.phones:
            assert phone.wait(150) == 0
        self.phones = []
        self._measure_silence()

    def drain(self, within: float = DRAINED_WITHIN) -> None:
        """Let the workers finish: nothing may be left open once the operator answers again."""
        began = time.monotonic()
        self.set_mood("ok")
        figures = self.figures
        while True:
            waiting, left = self._queue(), self.books.scalar(OPEN)
            figures.longest_queue = max(figures.longest_queue, waiting)
            if waiting <= CALM and not left:
                break
            told = f"{waiting} doorbells, {left} open: {self.site.tails()}"
            assert time.monotonic() - began < within, f"It does not drain: {told}"
            time.sleep(0.2)
        figures.slowest_drain = max(figures.slowest_drain, time.monotonic() - began)

    def judge(self) -> Findings:
        found, promises = self.check(), read_promises(self.folder)
        told = [one for one in promises.values() if one.acknowledged]
        found.replays_differ = self.replay(self.dice.sample(told, min(len(told), REPLAYED)))
        self.site.python("manage.py", "prove_points")
        figures = self.figures
        figures.proofs += 1
        figures.acknowledged = len(told)
        figures.refused = sum(1 for one in promises.values() if checker.refused(one))
        figures.retried = sum(1 for one in promises.values() if one.tries > 1)
        figures.server_errors = sum(
            1 for event in read_events(self.folder) if event["what"] == "fault"
        )
        return found

    def check(self) -> Findings:
        promises = read_promises(self.folder).values()
        sources = {person["pk"]: person["source"] for person in self.people}
        kept, figures = self.books.read(), self.figures
        found = checker.check(promises, kept, sources=sources)
        told = [event for event in read_events(self.folder) if event["what"] == "did"]
        self.books.check_deeds(told, found)
        figures.applications, figures.complaints = len(kept.applications), len(kept.complaints)
        figures.paid = sum(1 for row in kept.payouts if row[5] == "paid")
        figures.deeds, figures.earned = len(told), self.books.earned()
        return found

    def replay(self, promises: list[Any]) -> int:
        """Ask again under the same keys; count the answers that are not the first ones."""
        tokens = {person["pk"]: person["token"] for person in self.people}

        def differs(promise: Any) -> bool:
            phone = Phone(self.site.port, [], _Silent(), promise.key)
            told = phone.send(tokens[promise.person], promise.path, promise.key, promise.body)
            return told != (promise.status, promise.answer)

        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(differs, promises))

    def set_mood(self, mood: str) -> None:
        """Ask the simulated operator to behave; a killed one begins again in good spirits."""
        line = http.client.HTTPConnection("127.0.0.1", self.site.partners or 0, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException):
            line.request("POST", "/control/wallet", json.dumps({"mode": mood}))
            line.getresponse().read()
        line.close()

    def answers_so_far(self) -> int:
        """Count the answers in the journals, reading on from where the last look ended."""
        for path in self.folder.glob("*.jsonl"):
            with path.open("rb") as journal:
                journal.seek(self.read_up_to[path])
                told = journal.read()
            whole = told[: told.rfind(b"\n") + 1]
            self.read_up_to[path] += len(whole)
            self.answered += whole.count(b'"what": "answered"')
        return self.answered

    def _measure_silence(self) -> None:
        moments = sorted(
            event["at"]
            for event in read_events(self.folder)
            if event["what"] == "answered" and event["at"] >= self.load_began
        )
        gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
        figures = self.figures
        figures.longest_silence = max([figures.longest_silence, *gaps])
        figures.loaded_seconds += moments[-1] - moments[0]

    def _set_durability(self, state: str) -> None:
        """Turn waiting for the disk off, with a writer that takes its time; or on again."""
        settings = {"synchronous_commit": state, "wal_writer_delay": "10s"}
        with self.site.database() as connection:
            for name, value in settings.items():
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute("SELECT pg_reload_conf()")

    def _queue(self) -> int:
        """Count the doorbells nobody has answered yet; a broker just killed has none."""
        assert self.site.services.valkey
        line = redis.Redis(unix_socket_path=str(self.site.services.valkey.socket))
        with contextlib.closing(line):
            return int(line.llen("default"))


class _Silent(Journal):
    """A journal for questions that promise nothing new."""

    def __init__(self) -> None:
        pass

    def write(self, what: str, **event: Any) -> None:
        pass
