"""What belongs to a complaint: attachments, what is merged with it, and what was split off."""

from typing import Any

from complaints.models import Complaint, Merge, Split


def relations_of(complaint: Complaint) -> dict[str, Any]:
    """Give what a complaint's page shows besides its own words."""
    as_child = Merge.objects.live().filter(child=complaint).select_related("lead__handler").first()
    splits = Split.objects.filter(origin=complaint).select_related("part").order_by("pk")
    return {
        "attachments": list(complaint.attachments.order_by("pk")),
        "merge": as_child,
        "merged_count": Merge.objects.into(complaint).count(),
        "splits": list(splits),
        "split_of": Split.objects.filter(part=complaint).select_related("origin").first(),
    }
