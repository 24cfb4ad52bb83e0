"""How a seat or an offer is refused."""

from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError


class OfferLapsed(Conflict):
    code = "offer_lapsed"
    message = _("The time to accept this seat is over, so it can no longer be taken.")


class OfferClosed(Conflict):
    code = "offer_closed"
    message = _("This offer is no longer open.")


class TooLateForOffer(DomainError):
    code = "offer_not_extended"
    message = _("The new end must be later than the present one and before the round starts.")


class RoundStarted(Conflict):
    code = "round_started"
    message = _("The round has started, so its seats are no longer given.")


class NobodyToOffer(Conflict):
    code = "nobody_to_offer"
    message = _("No seat is free, or nobody waits for one.")


class NoLaneToCarryTo(DomainError):
    code = "no_lane_to_carry_to"
    message = _("This lane names no other lane that still takes its waiting list.")


class StillDeciding(Conflict):
    code = "still_deciding"
    message = _("Applications of this lane are still open, so its waiting list is not final.")


class DrawnByLot(DomainError):
    code = "drawn_by_lot"
    message = _("The seats of this lane are given by lot, not in order of arrival.")
