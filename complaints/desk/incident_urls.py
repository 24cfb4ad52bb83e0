from django.urls import URLPattern, path

from . import incident_board, incident_pages, make_good

one = "incidents/<uuid:public_id>/"
check = "incidents/checks/<uuid:public_id>/"
notice = "notices/<uuid:public_id>/"
run = "incidents/runs/<uuid:public_id>/"

urlpatterns: list[URLPattern] = [
    path("incidents/", incident_board.BoardOfIncidentsView.as_view(), name="incidents"),
    path("incidents/open/", incident_board.OpenIncidentView.as_view(), name="open-incident"),
    path("incidents/dismiss/", incident_board.DismissView.as_view(), name="dismiss-incident"),
    path(one, incident_pages.IncidentView.as_view(), name="incident"),
    path(f"{one}tell/", incident_pages.TellView.as_view(), name="incident-tell"),
    path(f"{one}note/", incident_pages.NoteView.as_view(), name="incident-note"),
    path(f"{one}promise/", incident_pages.PromiseView.as_view(), name="incident-promise"),
    path(f"{one}notice/", incident_pages.NoticeView.as_view(), name="incident-notice"),
    path(f"{one}link/", incident_pages.LinkView.as_view(), name="incident-link"),
    path(f"{one}link-all/", incident_pages.LinkAllView.as_view(), name="incident-link-all"),
    path(
        f"{one}unlink/<str:receipt_no>/",
        incident_pages.UnlinkView.as_view(),
        name="incident-unlink",
    ),
    path(f"{one}answer/", incident_pages.AnswerView.as_view(), name="incident-answer"),
    path(f"{one}check/", incident_pages.CheckView.as_view(), name="incident-check"),
    path(f"{one}mine/", incident_pages.HandOverView.as_view(), name="incident-mine"),
    path(
        "incidents/promises/<int:pk>/done/",
        incident_pages.PromiseDoneView.as_view(),
        name="promise-done",
    ),
    path("incidents/alarms/<int:pk>/take/", incident_pages.AlarmView.as_view(), name="alarm-take"),
    path(check, make_good.MemberCheckView.as_view(), name="member-check"),
    path(f"{check}tell/", make_good.TellAffectedView.as_view(), name="member-check-tell"),
    path(run, make_good.MakeGoodView.as_view(), name="make-good"),
    path(f"{run}list.csv", make_good.MakeGoodFileView.as_view(), name="make-good-file"),
    path(
        f"{run}approve/",
        make_good.DecideView.as_view(step="approve"),
        name="make-good-approve",
    ),
    path(
        f"{run}decline/",
        make_good.DecideView.as_view(step="decline"),
        name="make-good-decline",
    ),
    path("notices/", incident_board.NoticesView.as_view(), name="notices"),
    path(
        f"{notice}publish/",
        incident_board.NoticeStepView.as_view(),
        {"step": "publish"},
        name="notice-publish",
    ),
    path(
        f"{notice}withdraw/",
        incident_board.NoticeStepView.as_view(),
        {"step": "withdraw"},
        name="notice-withdraw",
    ),
]
