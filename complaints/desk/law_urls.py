from django.urls import URLPattern, path

from . import days_off, duties, ended, inbound, law

case = "complaints/<str:receipt_no>/"
urlpatterns: list[URLPattern] = [
    path(f"{case}law/", law.LawPanelView.as_view(), name="law"),
    path(f"{case}law/<slug:step>/", law.LawStepView.as_view(), name="law-step"),
    path("contacts/<uuid:public_id>/refuse/", ended.EndContactView.as_view(), name="end-contact"),
    path("duties/", duties.DutyBoard.as_view(), name="duties"),
    path("duties/duties.csv", duties.DutyFile.as_view(), name="duties-file"),
    path("duties/drafts/<int:pk>/approve/", duties.ApproveView.as_view(), name="draft-approve"),
    path(
        "duties/drafts/<int:pk>/send-back/", duties.SendBackView.as_view(), name="draft-send-back"
    ),
    path(
        "duties/drafts/<int:pk>/take-back/", duties.TakeBackView.as_view(), name="draft-take-back"
    ),
    path("duties/reminders/<int:pk>.pdf", duties.ReminderSheet.as_view(), name="reminder-sheet"),
    path(
        "duties/reminders/<int:pk>/explain/", duties.ExplainView.as_view(), name="reminder-explain"
    ),
    path("days-off/", days_off.DaysOffView.as_view(), name="days-off"),
    path("days-off/<int:pk>/", days_off.DayOffView.as_view(), name="day-off"),
    path("days-off/<int:pk>/changes.csv", days_off.DayOffFile.as_view(), name="day-off-file"),
    path("inbound/", inbound.InboundView.as_view(), name="inbound"),
    path("inbound/<int:pk>/meaning/", inbound.MeaningView.as_view(), name="inbound-meaning"),
    path("paper/", inbound.PaperView.as_view(), name="paper"),
]
