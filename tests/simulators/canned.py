"""A server that answers every request with the same bytes: a partner gone wrong."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


@contextmanager
def partner_that_says(
    body: bytes,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    drip: float = 0.0,
) -> Iterator[tuple[str, list[str]]]:
    """Serve one answer for ever; yields the address and the paths that were asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            for octet in body if drip else b"":
                self.wfile.write(bytes([octet]))
                self.wfile.flush()
                time.sleep(drip)
            self.wfile.write(b"" if drip else body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — its name
            pass

    class Quiet(HTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
