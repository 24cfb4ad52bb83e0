"""Run the partners of the city on one port.

GET  /health
POST /identity/verify                   {assertion}
POST /wallet/transfers                  {reference, amount, member}, signed, Idempotency-Key
GET  /wallet/transfers/REFERENCE        signed
GET  /wallet/files/YYYY-MM-DD.csv       signed; a Seoul day's settlement
                                        /wallet-b is another operator with a book of its own
POST /courier/shipments                 {reference, direction, serial}, signed
GET  /courier/shipments/TRACKING_NO     signed
POST /sms/messages                      {id, channel, to, title, text}
POST /sms/receipts                      {ids}
GET  /sms/phones/HASH                   what a phone has received; HASH is the beginning (32
                                        signs) of the hex SHA-256 of its digits
POST /control/identity                  {mode: ok | slow | 5xx | dark}
POST /control/wallet                    {mode: ok | timeout_after_success | 5xx |
                                        5xx_after_success | duplicate | dark | reorder |
                                        closed, operator: a | b}
POST /control/wallet-b                  the same for the other operator
POST /control/courier/deliver           {tracking_no}
POST /control/sms                       {mode: ok | timeout_after_accepting | 5xx |
                                        5xx_after_accepting | dark | lose_receipts,
                                        fail: {CHANNEL: REASON}, receipt_seconds: {CHANNEL: n}}

Signed means X-Timestamp (seconds) and X-Signature, the hex HMAC-SHA256 of
timestamp, a dot and the raw body. Secrets come from IDENTITY_SECRET, WALLET_SECRET
and COURIER_SECRET, or from the file --secrets names.
"""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from .server import Simulators

NAMES = ("IDENTITY_SECRET", "WALLET_SECRET", "COURIER_SECRET")
LOCAL = Path(os.environ.get("LOCAL_DIR", ".local"))


def main() -> None:
    """Serve until somebody says stop."""
    options = _options()
    identity, wallet, courier = _secrets(options.secrets)
    try:
        simulators = Simulators(
            options.port,
            state_dir=options.state,
            identity_secret=identity,
            wallet_secret=wallet,
            courier_secret=courier,
            host=options.host,
        )
    except OSError as exc:
        sys.exit(f"The simulators cannot start on port {options.port}: {exc.strerror}.")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with simulators:
        print(f"partners at {simulators.url}", flush=True)
        stop.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m seoul_health.simulators")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--state", type=Path, default=LOCAL / "simulators")
    parser.add_argument("--secrets", type=Path, default=LOCAL / "dev-secrets.json")
    return parser.parse_args()


def _secrets(path: Path) -> list[str]:
    known = json.loads(path.read_text()) if path.exists() else {}
    found = {name: os.environ.get(name) or known.get(name, "") for name in NAMES}
    missing = [name for name, secret in found.items() if not secret]
    if missing:
        sys.exit(f"Set {', '.join(missing)}, or name a file of secrets with --secrets.")
    return list(found.values())


if __name__ == "__main__":
    main()
