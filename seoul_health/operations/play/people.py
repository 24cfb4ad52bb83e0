"""The players: a citizen with an app, and staff with a browser. Both speak plain HTTP."""

import html
import re
import time
import uuid
from collections.abc import Callable
from typing import Any, Self

import httpx

PATIENCE = 60.0


class BrokenPromise(Exception):
    """The server did not keep its word; the message says which and what came instead."""


def expect(held: bool, promise: str, found: object = "") -> None:
    if not held:
        raise BrokenPromise(f"{promise} — found: {found}"[:900])


def until(promise: str, look: Callable[[], Any], *, patience: float = PATIENCE) -> Any:
    """Look again until something is there; what never comes is a broken promise."""
    deadline = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise BrokenPromise(f"{promise} — not within {patience:.0f} seconds")
        time.sleep(0.5)


class Citizen:
    """Somebody with the mobile app."""

    def __init__(self, base_url: str, access: str = "") -> None:
        headers = {"Authorization": f"Bearer {access}"} if access else {}
        self.http = httpx.Client(base_url=base_url, headers=headers, timeout=30)

    @classmethod
    def sign_in(cls, base_url: str, assertion: str) -> Self:
        """Prove who one is; the answer carries the app's keys."""
        guest = cls(base_url)
        body = {"provider": "simulator", "assertion": assertion, "device": "play-citizen"}
        session = guest.post("/api/v1/auth/verify/", body, status=200, key=None)
        citizen = cls(base_url, session["access"])
        citizen.refresh_token = session["refresh"]
        return citizen

    refresh_token = ""

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.http.get(path)
        expect(answer.status_code == status, f"GET {path} answers {status}", told(answer))
        return answer.json()

    def post(
        self,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        status: int,
        key: str | None = "",
        **kwargs: Any,
    ) -> Any:
        """Write once; an empty key makes a new one, None sends none."""
        headers = {} if key is None else {"Idempotency-Key": key or str(uuid.uuid4())}
        if body is not None:
            kwargs["json"] = body
        answer = self.http.post(path, headers=headers, **kwargs)
        expect(answer.status_code == status, f"POST {path} answers {status}", told(answer))
        return answer.json() if answer.content else None


class Staff:
    """A member of staff at a browser: signs in, opens pages, presses buttons."""

    def __init__(self, base_url: str, username: str, password: str) -> None:
        self.http = httpx.Client(base_url=base_url, timeout=30, follow_redirects=True)
        page = self.page("/admin/login/")
        answer = self.submit("/admin/login/", page, username=username, password=password)
        expect("sessionid" in self.http.cookies, f"{username} can sign in", told(answer))

    def page(self, path: str, **query: str) -> str:
        answer = self.http.get(path, params=query or None)
        expect(answer.status_code == 200, f"the page {path} opens", told(answer))
        return answer.text

    def submit(self, path: str, page: str, **values: Any) -> httpx.Response:
        """Send a form of a page, with the page's own CSRF token."""
        form = {"csrfmiddlewaretoken": csrf_token(page, path), **values}
        return self.taken(self.http.post(path, data=form, headers=self.sent_from(path)))

    def send_json(self, path: str, page: str, body: dict[str, Any]) -> httpx.Response:
        """Send what a script of the page would send."""
        headers = {**self.sent_from(path), "X-CSRFToken": csrf_token(page, path)}
        return self.taken(self.http.post(path, json=body, headers=headers))

    def sent_from(self, path: str) -> dict[str, str]:
        return {"Referer": str(self.http.base_url) + path}

    def taken(self, answer: httpx.Response) -> httpx.Response:
        expect(answer.status_code < 400, f"the form at {answer.url.path} is taken", told(answer))
        return answer

    def find(self, model: str, text: str) -> int:
        """Search a list of the admin and give the number of the newest row found."""
        page = self.page(f"/admin/{model}/", q=text)
        rows = re.findall(rf'href="/admin/{model}/(\d+)/change/', page)
        expect(bool(rows), f"staff find {text} in {model}", "no row")
        return max(map(int, rows))

    def act(self, model: str, row: int, verb: str, **values: Any) -> str:
        """Press one of the buttons of a row; a refusal shown in red breaks the promise."""
        page = self.page(f"/admin/{model}/{row}/change/")
        answer = self.submit(f"/admin/{model}/{row}/act/{verb}/", page, **values)
        expect(not refusals(answer.text), f"{verb} works on {model}", refusals(answer.text))
        return answer.text


def csrf_token(page: str, path: str) -> str:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    expect(token is not None, f"the page before {path} has a form", page[:200])
    assert token is not None, "expect() has raised"
    return token[1]


def refusals(page: str) -> list[str]:
    found = re.findall(r'<li class="[^"]*error[^"]*"[^>]*>(.*?)</li>', page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", " ", text)).strip() for text in found]


def told(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.text[:500]}"
