from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule of the programme said no. Views and admin show it; nothing swallows it."""

    code = "rejected"
    message: str | Promise = _("The request was rejected.")
    fields: Mapping[str, list[str]] = {}

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message).format(**self.params)


class Conflict(DomainError):
    """Somebody else got there first, or the thing is no longer in that state."""

    code = "conflict"


class IllegalMove(Conflict):
    code = "illegal_move"
    message = _("{what} can no longer become “{to}”.")


class SamePerson(Conflict):
    code = "same_person"
    message = _("Somebody else must decide this: you asked for it yourself.")


class NotFound(DomainError):
    """Unknown, or somebody else's: the caller cannot tell which."""

    code = "not_found"
    message = _("There is nothing at this address.")


class Unavailable(DomainError):
    """A partner or the database does not answer now; trying later is right."""

    code = "unavailable"
    message = _("The service is not available right now. Please try again in a moment.")
    retry_after = 30


class PartnerUnavailable(Unavailable):
    code = "partner_unavailable"
    message = _("{partner} does not answer right now. Please try again in a few minutes.")


class KeyReused(DomainError):
    code = "key_reused"
    message = _("This Idempotency-Key was already used for another request.")


class Malformed(DomainError):
    """The request does not have the documented shape."""

    code = "invalid"
    message = _("The request does not have the documented shape.")

    def __init__(self, fields: Mapping[str, list[str]] | None = None, **params: object) -> None:
        super().__init__(**params)
        self.fields = fields or {}


UNFIT: Mapping[str, Promise] = {
    "kind": _("Please send a JPEG, PNG or PDF file of at most 10 MB."),
    "broken": _("This file is damaged or incomplete. Please save or photograph it again."),
    "picture_too_large": _("This picture has more than 25 megapixels. Please send a smaller one."),
    "animated": _("This picture moves. Please send a still picture of the document."),
    "encrypted": _("This PDF is locked with a password. Please send it without one."),
    "active": _(
        "This PDF contains scripts, attachments or other active parts. Please print it to a new"
        " PDF, or send a photograph of it."
    ),
    "pages": _("Please send a PDF of 1 to 20 pages."),
    "mixed": _("Another file is hidden inside this PDF. Please save the document again."),
}


class UnfitFile(Malformed):
    """A file that we may not keep; the sentence says what to do."""

    def __init__(self, why: str = "kind") -> None:
        super().__init__()
        self.why = why

    def __str__(self) -> str:
        return str(UNFIT.get(self.why, UNFIT["kind"]))


class ReasonNeeded(DomainError):
    code = "reason_needed"
    message = _("Please write a reason; it is kept with the record.")
