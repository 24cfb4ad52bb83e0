"""What the desk knows about a question, said while it is being answered or filed."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from complaints.models import Category, Complaint
from complaints.services import knowledge

from .base import DeskView
from .contacts import ContactPart

LONGEST = 4_000


def alike_to(view: DeskView, complaint: Complaint) -> dict[str, Any]:
    """Give the person's complaints that are much the same as this one."""
    if complaint.participant_id is None or not complaint.is_open:
        return {"alike": []}
    found = knowledge.alike(
        complaint,
        participant_id=complaint.participant_id,
        category=complaint.category,
        text=f"{complaint.title} {complaint.text}",
        by=view.staff,
    )
    return {"alike": found}


class SuggestView(DeskView):
    """POST …/suggest/ — articles that speak to the complaint and to what is being typed."""

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        complaint = self.complaint(receipt_no)
        typed = request.POST.get("text", "")[:LONGEST]
        asked = f"{complaint.title} {complaint.text[:LONGEST]} {typed}"
        found = knowledge.suggest(asked, category=complaint.category)
        return self.show("suggest.html", {"articles": found})


class AlikeView(ContactPart):
    """POST …/alike/ — what this caller has complained about before, and what to say to it."""

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        contact = self.contact(public_id)
        typed = f"{request.POST.get('title', '')} {request.POST.get('text', '')}"
        typed = typed[:LONGEST]
        code = request.POST.get("category", "")[:40]
        category = Category.objects.filter(code=code).first()
        found = []
        if contact.participant is not None:
            self.write_down_new([contact.participant.number], what="alike")
            found = knowledge.alike(
                participant_id=contact.participant.pk, category=category, text=typed, by=self.staff
            )
        articles = knowledge.suggest(typed, category=category) if typed.strip() else []
        return self.show("alike.html", {"alike": found, "articles": articles})
