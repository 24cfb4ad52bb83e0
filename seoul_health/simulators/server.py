"""The simulated partners behind one port of the loopback."""

import json
import re
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from . import signatures
from .answers import Answer, Refusal, Silence, as_json
from .courier import Courier
from .identity import IdentityProvider
from .sms import MessageGateway
from .wallet import WalletOperator

LARGEST_BODY = 65_536
HEALTHY = as_json(200, {"status": "ok"})
NOWHERE = Refusal(404, "not_found", "There is nothing at this address.")


class Simulators:
    """Every partner of the city in one process, started and stopped like a fixture."""

    def __init__(
        self,
        port: int = 0,
        *,
        state_dir: Path,
        identity_secret: str,
        wallet_secret: str,
        courier_secret: str,
        host: str = "127.0.0.1",
        patience: float = 30.0,
    ) -> None:
        self.identity = IdentityProvider(identity_secret, slow_seconds=patience)
        self.wallet = WalletOperator(state_dir, hang_seconds=patience)
        self.wallet_b = WalletOperator(
            state_dir, hang_seconds=patience, operator="b", journal="wallet-b.jsonl"
        )
        self._wallets = {"wallet": self.wallet, "wallet-b": self.wallet_b}
        self.courier = Courier(state_dir)
        self.sms = MessageGateway(state_dir, hang_seconds=patience)
        self._secrets = {
            "wallet": wallet_secret,
            "wallet-b": wallet_secret,
            "courier": courier_secret,
        }
        self._server = _Server((host, port), _handler(self))
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.daemon = True
        self._thread.start()
        return self

    def stop(self) -> None:
        for wallet in self._wallets.values():
            wallet.stopping.set()
        self.sms.stopping.set()
        self.identity.stopping.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def answer(self, request: "Request") -> Answer:
        """Find the partner a request is for and let it speak."""
        partner, *rest = request.path.strip("/").split("/")
        if partner in self._secrets:
            signatures.check(request.headers, request.body, secret=self._secrets[partner])
        match (request.method, partner, *rest):
            case ("GET", "health"):
                return HEALTHY
            case ("POST", "control", *words):
                return self._control(words, request.json())
            case ("POST", "identity", "verify"):
                return self.identity.verify(request.json())
            case ("POST", "identity", "residence"):
                return self.identity.residence(request.json())
            case ("POST", "wallet" | "wallet-b", "transfers"):
                key = request.headers.get("idempotency-key", "")
                return self._wallets[partner].pay(request.json(), key=key)
            case ("GET", "wallet" | "wallet-b", "transfers", reference):
                return self._wallets[partner].inquire(unquote(reference))
            case ("GET", "wallet" | "wallet-b", "files", name) if name.endswith(".csv"):
                return self._wallets[partner].daily_file(name.removesuffix(".csv"))
            case ("POST", "courier", "shipments"):
                return self.courier.ship(request.json())
            case ("GET", "courier", "shipments", tracking_no):
                return self.courier.track(unquote(tracking_no))
            case ("POST", "sms", "messages"):
                return self.sms.accept(request.json())
            case ("POST", "sms", "receipts"):
                return self.sms.receipts(request.json())
            case ("GET", "sms", "phones", to_hash):
                return self.sms.phone(to_hash)
        raise NOWHERE

    def _control(self, words: list[str], body: dict[str, object]) -> Answer:
        controls: dict[tuple[str, ...], Callable[[dict[str, object]], Answer]] = {
            ("identity",): self.identity.control,
            ("wallet",): self.wallet.control,
            ("wallet-b",): self.wallet_b.control,
            ("courier", "deliver"): self.courier.deliver,
            ("sms",): self.sms.control,
        }
        if tuple(words) not in controls:
            raise NOWHERE
        return controls[tuple(words)](body)


class Request:
    """What a partner needs to know of an HTTP request."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body

    def json(self) -> dict[str, object]:
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as exc:
            raise Refusal(400, "invalid", "The body must be JSON.") from exc
        if not isinstance(found, dict):
            raise Refusal(400, "invalid", "The body must be a JSON object.")
        return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client hangs up first; that is its right."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as given


def _handler(simulators: Simulators) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = 60

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            try:
                self._send(simulators.answer(self._read()))
            except Refusal as refusal:
                self._send(refusal.answer())
            except Silence:
                self.close_connection = True

        def _read(self) -> Request:
            text = self.headers.get("Content-Length", "0")
            length = int(text) if re.fullmatch("[0-9]{1,8}", text) else LARGEST_BODY + 1
            if length > LARGEST_BODY or "Transfer-Encoding" in self.headers:
                self._hang_up(length)
                raise Refusal(413, "too_large", "The body is too large or has no length.")
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            return Request(self.command, urlsplit(self.path).path, headers, body)

        def _hang_up(self, length: int) -> None:
            """Let the client finish its sentence within reason, so that it hears the answer."""
            self.close_connection = True
            self.connection.settimeout(1)
            with suppress(OSError):
                self.rfile.read(min(length, 2 * 1024 * 1024))

        def _send(self, answer: Answer) -> None:
            with suppress(ConnectionError):
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — its name
            """Keep quiet: paths carry references, and the journals say enough."""

    return Handler
