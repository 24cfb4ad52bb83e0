"""An application found by whoever holds its receipt and knows one thing of its applicant."""

import hmac
import re

from participants.models import Application
from participants.models.people import Profile
from seoul_health.core import crypto

BIRTH, TAIL = re.compile(r"[0-9]{8}"), re.compile(r"[0-9]{4}")
TAIL_PLACE = "profile.phone_tail"


def find_for_guest(receipt_no: str, proof: str) -> Application | None:
    """Give an application for its number and the applicant's birth date or phone tail.

    An unknown number takes the same steps as a wrong proof, so that neither the answer nor its
    time tells which numbers exist.
    """
    rows = Application.objects.filter(receipt_no=receipt_no).select_related(
        "round", "lane__round", "quota", "rule", "participant__profile"
    )
    found = rows.first()
    profile = found.participant.profile if found else nobody()
    fits = proves(profile, proof)
    return found if fits else None


def proves(profile: Profile, proof: str) -> bool:
    """Compare both things that may be known, whichever was given."""
    signs = "".join(sign for sign in proof if sign in "0123456789")
    born = "".join(sign for sign in profile.birth_date if sign.isdigit())
    tails = crypto.blind_indexes(signs, place=TAIL_PLACE)
    is_birth = hmac.compare_digest(born.encode(), signs.encode())
    is_tail = any(hmac.compare_digest(profile.phone_tail_index, tail) for tail in tails)
    return bool((BIRTH.fullmatch(signs) and is_birth) or (TAIL.fullmatch(signs) and is_tail))


def nobody() -> Profile:
    """Unseal a profile that fits nobody, as reading a real one would."""
    empty = {name: unsealed(name) for name in ("name", "phone", "birth_date", "address")}
    return Profile(phone_tail_index="-", **empty)


def unsealed(name: str) -> str:
    place = f"{Profile._meta.db_table}.{name}"
    return crypto.decrypt(crypto.encrypt("-", place=place), place=place)
