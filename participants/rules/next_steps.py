"""Who acts next on an application, and what they do, said to the citizen."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

YOU, OFFICE, NOBODY = "you", "office", "nobody"

NEXT_STEPS: Mapping[str, tuple[str, Promise]] = {
    "draft": (YOU, _("Please submit your application before the window closes.")),
    "submitted": (OFFICE, _("We check your application. There is nothing for you to do.")),
    "under_review": (OFFICE, _("We are checking your application and your documents.")),
    "on_hold": (YOU, _("Something is missing. Please read the reason and send it.")),
    "approved": (OFFICE, _("Your application is approved. Seats are given in order of arrival.")),
    "waitlisted": (OFFICE, _("You are on the waiting list. We write when a seat is free.")),
    "selected": (YOU, _("A seat is yours. Please accept or decline it.")),
    "confirmed": (NOBODY, _("You are taking part.")),
    "rejected": (NOBODY, _("Your application was rejected. Please read the reason.")),
    "declined": (NOBODY, _("You declined the seat.")),
    "lapsed": (NOBODY, _("The offer was not accepted in time.")),
    "carried_over": (NOBODY, _("You wait on in the next round. It has a receipt of its own.")),
    "withdrawn": (NOBODY, _("You took this application back.")),
}
