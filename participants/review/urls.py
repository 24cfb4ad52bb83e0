from django.urls import URLPattern, path

from . import assist, desk, pictures

app_name = "review"
item = "<str:receipt_no>/"

urlpatterns: list[URLPattern] = [
    path("", desk.HomeView.as_view(), name="home"),
    path("queue/", desk.QueueView.as_view(), name="queue"),
    path("next/", desk.NextView.as_view(), name="next"),
    path("papers/<uuid:public_id>/<int:page>/", pictures.PictureView.as_view(), name="picture"),
    path("assist/", assist.AssistView.as_view(), name="assist"),
    path(f"assist/{item}", assist.SlipView.as_view(), name="slip"),
    path(item, desk.ItemView.as_view(), name="item"),
    path(f"{item}take/", desk.TakeView.as_view(), name="take"),
    path(f"{item}decide/", desk.DecideView.as_view(), name="decide"),
    path(f"{item}release/", desk.ReleaseView.as_view(), name="release"),
]
