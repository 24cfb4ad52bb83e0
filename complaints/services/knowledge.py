"""Which articles speak to a question, and which complaints of a person are much the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Max

from complaints.models import Category, Complaint, KnowledgeArticle
from complaints.rules.likeness import covered, likeness, pairs
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

MOST_SUGGESTED, MOST_ALIKE, MOST_COMPARED = 4, 5, 30
ENOUGH, SAME_ENOUGH = 0.18, 0.45
OWN_CATEGORY = 0.15
REMEMBERED_FOR = 600
LOOKS_BACK = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as it is compared: by its title, its text, and every phrase citizens use."""

    pk: int
    category: int | None
    title: frozenset[str]
    body: frozenset[str]
    phrases: tuple[frozenset[str], ...]

    def fits(self, asked: frozenset[str], category: Category | None) -> float:
        said = 0.5 * covered(asked, self.phrases) + 0.4 * covered(asked, [self.title])
        own = category is not None and self.category == category.pk
        return said + 0.3 * likeness(asked, self.body) + (OWN_CATEGORY if own else 0.0)


def index() -> Sequence[Entry]:
    """Give all articles in use ready to compare; kept until one of them changes."""
    rows = KnowledgeArticle.objects.in_use().order_by()
    newest = rows.aggregate(newest=Max("pk"))["newest"]
    key = f"desk:articles:{newest}:{rows.count()}"
    found: Sequence[Entry] | None = cache.get(key)
    if found is None:
        found = [entry_of(row) for row in rows]
        cache.set(key, found, REMEMBERED_FOR)
    return found


def entry_of(row: KnowledgeArticle) -> Entry:
    return Entry(
        row.pk,
        row.category_id,
        pairs(row.title),
        pairs(f"{row.text} {row.answer}"),
        tuple(pairs(phrase) for phrase in row.words.split(",")),
    )


def suggest(text: str, *, category: Category | None = None) -> list[KnowledgeArticle]:
    """Find the articles that speak to what was written, the best first."""
    asked = pairs(text)
    scored = [(entry.fits(asked, category), entry.pk) for entry in index()]
    best = sorted((one for one in scored if one[0] >= ENOUGH), key=lambda one: (-one[0], one[1]))
    chosen = [pk for _score, pk in best[:MOST_SUGGESTED]]
    rows = KnowledgeArticle.objects.select_related("category").in_bulk(chosen)
    return [rows[pk] for pk in chosen]


def alike(
    complaint: Complaint | None = None,
    *,
    participant_id: int,
    category: Category | None,
    text: str,
    by: StaffUser,
) -> list[Complaint]:
    """Find complaints of one person that are much the same as a text, the most alike first."""
    seen = Complaint.objects.visible_to(by).filter(
        participant=participant_id, arrived_at__gte=clock.now() - LOOKS_BACK
    )
    if complaint is not None:
        seen = seen.exclude(pk=complaint.pk)
    asked = pairs(text)
    scored = []
    for row in seen.select_related("category").order_by("-arrived_at")[:MOST_COMPARED]:
        same = OWN_CATEGORY if category and row.category_id == category.pk else 0.0
        score = likeness(asked, pairs(f"{row.title} {row.text}")) + same
        if score >= SAME_ENOUGH or (same and row.is_open):
            scored.append((score, row))
    scored.sort(key=lambda one: (-one[0], -one[1].pk))
    return [row for _score, row in scored[:MOST_ALIKE]]
