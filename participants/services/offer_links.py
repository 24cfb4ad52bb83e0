"""Links by which an offer is answered without the app: signed, and free of personal data."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from participants.models import Offer

SIGNER = Signer(salt="participants.offers.link")
RELATED = (
    "application__round", "application__lane", "application__rule", "application__continues",
    "application__participant__profile",
)  # fmt: skip


def token_of(offer: Offer) -> str:
    return SIGNER.sign(offer.application.public_id.hex)


def link_of(offer: Offer) -> str:
    return f"{settings.PUBLIC_URL}{reverse('public:offer', args=[token_of(offer)])}"


def offer_of(token: str) -> Offer | None:
    """Find the offer of a link; forged, cut short or signed for something else, there is none."""
    try:
        public_id = UUID(SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Offer.objects.select_related(*RELATED).filter(application__public_id=public_id).first()
