"""How a message, its template or a bulk send is refused."""

from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError


class NoSuchTemplate(DomainError):
    code = "no_such_template"
    message = _("There is no released message template “{template}”.")


class ValuesMissing(DomainError):
    code = "values_missing"
    message = _("The message “{template}” cannot be planned without these values: {missing}.")


class PlaceholderUnknown(DomainError):
    code = "placeholder_unknown"
    message = _("The text for “{channel}” names what nobody will fill in: {names}.")


class StrayBraces(DomainError):
    code = "stray_braces"
    message = _("The text for “{channel}” has a brace that belongs to no placeholder.")


class TooLongForChannel(DomainError):
    code = "too_long_for_channel"
    message = _("The text message is longer than {limit} bytes.")


class AudienceUnclear(DomainError):
    code = "audience_unclear"
    message = _("It is not clear who is to be told. {why}")


class NobodyToTell(DomainError):
    code = "nobody_to_tell"
    message = _("Nobody is on this list, so there is nothing to approve.")


class OwnRequest(DomainError):
    code = "own_request"
    message = _("Whoever asked for a bulk send cannot approve it. Please ask a second person.")


class ListChanged(Conflict):
    code = "list_changed"
    message = _(
        "The list has changed since. Please take it back to the draft and ask for approval anew."
    )


class LegalNoticesStay(DomainError):
    code = "legal_notices_stay"
    message = _("Legal notices cannot be turned off.")
