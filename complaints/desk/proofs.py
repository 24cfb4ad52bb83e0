"""Why a watch or a payout stands where it stands, beside the evidence of a day."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from devices.models import Loan
from devices.services import lending_evidence
from points.models import Payout
from points.services import payout_evidence

from .base import DeskView


class ProofView(DeskView):
    """What the proofs share: two permissions, and a row that is the person's own."""

    needs: str
    part: str

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        if not request.user.has_perm(self.needs):
            raise PermissionDenied
        person = self.person(number)
        self.write_down([person.number], action="view", what=self.part)
        context = {"person": person, **self.proof(person, request.GET.get("id", ""))}
        return self.show(f"proof_{self.part}.html", context)

    def proof(self, person: Any, key: str) -> dict[str, Any]:
        raise NotImplementedError


class WatchView(ProofView):
    """GET …/watch/ — where the person's watch is, and how it came there."""

    needs, part = "devices.view_loan", "watch"

    def proof(self, person: Any, key: str) -> dict[str, Any]:
        loan = own(Loan.objects.filter(participant=person), key)
        others = person.loans.select_related("device").order_by("-pk")[:5]
        return {"proof": lending_evidence.panel(person, loan), "others": others}


class PayoutView(ProofView):
    """GET …/payout/ — what became of the person's payouts."""

    needs, part = "points.view_payout", "payout"

    def proof(self, person: Any, key: str) -> dict[str, Any]:
        payout = own(Payout.objects.filter(participant=person), key)
        return {"proof": payout_evidence.panel(person, payout)}


def own(rows: Any, key: str) -> Any:
    """Find the named row of the person; none named means the last one."""
    if not key:
        return None
    found = rows.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 18 else None
    if found is None:
        raise Http404
    return found
