"""How a payout ends, without an operator to ask."""

from points.models import Payout
from points.services.operators import in_force
from points.services.payouts import refuse_payout
from points.services.sending import claim_due
from tests.conftest import JOB


def refuse_next() -> Payout:
    """Claim the payout that waits longest and take the operator's definite no."""
    operator = in_force()
    assert operator
    payout = claim_due(operator, by=JOB)
    assert payout
    refuse_payout(payout, by=JOB, code="blocked")
    return payout
