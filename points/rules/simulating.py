"""A rule looked at before it is in force: what it is exactly, and a past in which it had been."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date

from points.rules.earning import ONE_DAY, Rule


def fingerprint(rule: Rule) -> str:
    """Give a short sign of every term and limit of a rule; any change gives another one."""
    terms = asdict(rule)
    terms["caps"] = sorted(terms["caps"], key=lambda cap: str(cap["group"]))
    for cap in terms["caps"]:
        cap["items"] = sorted(cap["items"])
    text = json.dumps(terms, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def as_if(rules: Iterable[Rule], draft: Rule, first: date, last: date) -> tuple[Rule, ...]:
    """Give the rules of a past in which a draft had been in force from the first day to the last.

    Like every rule it starts its limits anew on its first day.
    """
    past: list[Rule] = []
    for rule in rules:
        ends = rule.effective_to or date.max
        if rule.effective_from < first:
            past.append(replace(rule, effective_to=min(ends, first - ONE_DAY)))
        if ends > last:
            past.append(replace(rule, effective_from=max(rule.effective_from, last + ONE_DAY)))
    return (*past, replace(draft, effective_from=first, effective_to=last))
