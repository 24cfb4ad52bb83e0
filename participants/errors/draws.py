"""How a step of a lottery is refused."""

from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError


class NotALottery(DomainError):
    code = "not_a_lottery"
    message = _("The seats of this lane are not given by lot.")


class RoundNotClosed(Conflict):
    code = "round_not_closed"
    message = _("Close the round first: while people can still apply, the roster is not final.")


class ApplicationsUndecided(Conflict):
    code = "applications_undecided"
    message = _("{count} applications of this lane are not decided yet; decide them first.")


class NoQuotaChosen(Conflict):
    code = "no_quota_chosen"
    message = _("{count} approved applications of this lane belong to no quota; assign them first.")


class AlreadyFrozen(Conflict):
    code = "already_frozen"
    message = _("The roster of this lane is already frozen; a lane is drawn only once.")


class SeedTooSoon(DomainError):
    code = "seed_too_soon"
    message = _("The seed must become known on a later day than today, after the roster is out.")


class SeedNotKnownYet(Conflict):
    code = "seed_not_known_yet"
    message = _("The announced seed is not known before {day}.")


class SeedMisspelt(DomainError):
    code = "seed_misspelt"
    message = _("Please type the seed exactly as announced: {form}.")


class SeedsDiffer(Conflict):
    code = "seeds_differ"
    message = _(
        "This is not what the first person typed. Nothing was changed; please compare both"
        " entries with the announced source."
    )


class OnePersonTwice(Conflict):
    code = "one_person_twice"
    message = _("The second entry of the seed must come from another person.")


class DrawNotReady(Conflict):
    code = "draw_not_ready"
    message = _("This draw is not at this step, or it is already past it.")


class RosterChanged(Conflict):
    code = "roster_changed"
    message = _("The stored roster no longer has the published hash; the draw was stopped.")
