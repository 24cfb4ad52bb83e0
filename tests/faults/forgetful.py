"""python -m tests.faults.forgetful — an operator that pays whatever it is asked, every time."""

from seoul_health.simulators import __main__ as program
from seoul_health.simulators.answers import Answer, Refusal
from seoul_health.simulators.wallet import Payment, WalletOperator


class Forgetful(WalletOperator):
    """The negative control: no memory of references, neither for paying nor for inquiries."""

    def inquire(self, reference: str) -> Answer:
        self._suffer_before()
        raise Refusal(404, "unknown_reference", "This reference has never been paid.")

    def _book_once(self, body: dict[str, object], key: str) -> tuple[Payment, bool]:
        with self._lock:
            return self._book_new(str(body["reference"]), int(str(body["amount"]))), True


if __name__ == "__main__":
    from seoul_health.simulators import server

    server.WalletOperator = Forgetful  # type: ignore[misc]  # the control is exactly this swap
    program.main()
