from django.urls import URLPattern, URLResolver, include, path

from . import (
    cases,
    contacts,
    core_urls,
    incident_urls,
    law_urls,
    people,
    queue,
    relation_urls,
    safety_urls,
    steps,
)

app_name = "desk"
case = "complaints/<str:receipt_no>/"
contact = "contacts/<uuid:public_id>/"
person = "people/<str:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", cases.HomeView.as_view(), name="home"),
    path("queue/", queue.QueueView.as_view(), name="queue"),
    path("next/", cases.TakeNextView.as_view(), name="next"),
    path("find/", people.FindView.as_view(), name="find"),
    path(case, cases.CaseView.as_view(), name="case"),
    path(f"{case}guest/", cases.GuestView.as_view(), name="guest"),
    path(f"{case}presence/", cases.PresenceView.as_view(), name="presence"),
    path(f"{case}take/", steps.TakeView.as_view(), name="take"),
    path(f"{case}answer/", steps.AnswerView.as_view(), name="answer"),
    path(f"{case}refuse/", steps.RefuseView.as_view(), name="refuse"),
    path(f"{case}supplement/", steps.SupplementView.as_view(), name="supplement"),
    path(f"{case}arrived/", steps.SupplementArrivedView.as_view(), name="arrived"),
    path(f"{case}extend/", steps.ExtendView.as_view(), name="extend"),
    path(f"{case}note/", steps.NoteView.as_view(), name="note"),
    path(f"{case}fill/", steps.FillView.as_view(), name="fill"),
    path(f"{case}preview/", steps.PreviewView.as_view(), name="preview"),
    path(person, people.PersonView.as_view(), name="person"),
    path(f"{person}unmask/", people.UnmaskView.as_view(), name="unmask"),
    path(f"{person}evidence/", people.EvidenceView.as_view(), name="evidence"),
    path("contacts/", contacts.OpenContactView.as_view(), name="contacts"),
    path(contact, contacts.ContactView.as_view(), name="contact"),
    path(f"{contact}close/", contacts.CloseContactView.as_view(), name="close-contact"),
    path(f"{contact}promote/", contacts.PromoteView.as_view(), name="promote"),
    path("", include(core_urls)),
    path("", include(law_urls)),
    path("", include(incident_urls)),
    path("", include(relation_urls)),
    path("", include(safety_urls)),
]
