"""Participants with their sealed profiles and consents, written as signing in would."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from participants.models import Consent, Participant, Profile
from participants.models.people import digits, hash_ci
from participants.rules.seniority import senior_from
from seoul_health.core import crypto

from .copy import copy_rows, draw, next_ids, public_id
from .plans import Chunk, Plan

SEALED = ("name", "phone", "birth_date", "address")
PLACES = {name: f"{Profile._meta.db_table}.{name}" for name in SEALED}
PERSON = (
    "id", "public_id", "number", "ci_hash", "district", "verified_at", "is_resident",
    "senior_from", "joined_at",
)  # fmt: skip
CONSENT = ("participant", "purpose", "version", "given_at", "recorded_by")
INDEXES = ("name_index", "phone_index", "phone_tail_index")
VERSION = "2026-01"
ALWAYS = (Consent.Purpose.SERVICE, Consent.Purpose.HEALTH)


def copy_people(chunk: Chunk) -> int:
    """Write one chunk of participants; their plans learn their numbers."""
    count, dice = len(chunk.plans), chunk.dice("people")
    ids, numbers = next_ids(Participant, count), draw("participants_number", count)
    for plan, row, number in zip(chunk.plans, ids, numbers, strict=True):
        plan.participant_id = row
        plan.number = f"P-{plan.joined_at:%y%m}-{number:07d}"
    today = chunk.world.today
    copy_rows(Participant, PERSON, (_person(plan, dice, today) for plan in chunk.plans))
    copy_rows(Profile, ("participant", *SEALED, *INDEXES), (_profile(plan) for plan in chunk.plans))
    return copy_rows(Consent, CONSENT, _consents(chunk))


def _person(plan: Plan, dice: Random, today: date) -> tuple[Any, ...]:
    return (
        plan.participant_id,
        public_id(dice),
        plan.number,
        hash_ci(plan.ci),
        plan.district,
        plan.joined_at if plan.is_verified else None,
        plan.basis == "resident" if plan.is_verified else None,
        senior_from(plan.birth_date, joined=plan.joined_at.date(), today=today),
        plan.joined_at,
    )


def _profile(plan: Plan) -> tuple[Any, ...]:
    phone = digits(plan.phone)
    return (
        plan.participant_id,
        crypto.encrypt(plan.name, place=PLACES["name"]),
        crypto.encrypt(plan.phone, place=PLACES["phone"]),
        crypto.encrypt(plan.birth_date.isoformat(), place=PLACES["birth_date"]),
        crypto.encrypt(plan.address, place=PLACES["address"]),
        crypto.blind_index(plan.name, place="profile.name"),
        crypto.blind_index(phone, place="profile.phone"),
        crypto.blind_index(phone[-4:], place="profile.phone_tail"),
    )


def _consents(chunk: Chunk) -> Iterator[tuple[Any, ...]]:
    dice = chunk.dice("consents")
    for plan in chunk.plans:
        purposes = [*ALWAYS, Consent.Purpose.MARKETING] if dice.random() < 0.2 else ALWAYS
        for purpose in purposes:
            yield (
                plan.participant_id, purpose, VERSION, plan.joined_at,
                f"participant:{plan.number}",
            )  # fmt: skip
