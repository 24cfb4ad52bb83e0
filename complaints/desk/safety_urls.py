from django.urls import URLPattern, path

from . import alarms, guides

alarm = "alarms/<uuid:public_id>/"
urlpatterns: list[URLPattern] = [
    path("alarms/", alarms.AlarmBoard.as_view(), name="alarms"),
    path("alarms/ringing.json", alarms.BellView.as_view(), name="ringing"),
    path(alarm, alarms.AlarmView.as_view(), name="alarm"),
    path(f"{alarm}photos/<uuid:photo>/", alarms.AlarmPhotoView.as_view(), name="alarm-photo"),
    path(f"{alarm}<slug:step>/", alarms.AlarmStep.as_view(), name="alarm-step"),
    path("guides/", guides.GuidesView.as_view(), name="guides"),
    path("guides/<slug:slug>/", guides.GuideView.as_view(), name="guide"),
    path("guides/<slug:slug>/sheet.pdf", guides.GuideSheet.as_view(), name="guide-sheet"),
]
