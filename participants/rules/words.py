"""The rules of a round, said in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _

from .eligibility import BASES, AnyOf


class RuleInForce(Protocol):
    """What a rule asks; the row of it has these."""

    @property
    def min_age(self) -> int: ...
    @property
    def max_age(self) -> int | None: ...
    @property
    def reference_date(self) -> date: ...
    @property
    def bases(self) -> list[str]: ...
    @property
    def evidence_needed(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def no_unreturned_watch(self) -> bool: ...
    @property
    def no_live_participation(self) -> bool: ...


def in_words(rule: RuleInForce) -> list[str]:
    return list(sentences(rule))


def sentences(rule: RuleInForce) -> Iterator[str]:
    yield age_sentence(rule)
    yield _("Who may apply: {bases}.").format(bases=", ".join(names(rule.bases)))
    for basis in rule.bases:
        if papers := frozenset(rule.evidence_needed.get(basis, ())):
            needed = _("{basis}: please attach this document: {document}.")
            yield needed.format(basis=BASES[basis], document=AnyOf(papers))
    if rule.no_unreturned_watch:
        yield _("A watch borrowed earlier must have been returned.")
    if rule.no_live_participation:
        yield _("You cannot take part in two rounds at once.")


def names(bases: Iterable[str]) -> list[str]:
    return [str(BASES.get(basis, basis)) for basis in bases]


def age_sentence(rule: RuleInForce) -> str:
    if rule.max_age is None:
        sentence = _("You are {youngest} or older on {day}.")
        return sentence.format(youngest=rule.min_age, day=rule.reference_date)
    sentence = _("You are between {youngest} and {oldest} years old on {day}.")
    return sentence.format(youngest=rule.min_age, oldest=rule.max_age, day=rule.reference_date)
