from django.urls import URLPattern, path

from . import attachments, board, bulk, joining, worklist

case = "complaints/<str:receipt_no>/"

urlpatterns: list[URLPattern] = [
    path("list/", worklist.ListView.as_view(), name="list"),
    path("board/", board.BoardView.as_view(), name="board"),
    path("bulk/", bulk.BulkStepsView.as_view(), name="bulk-steps"),
    path("bulk/<uuid:public_id>/", bulk.BulkStepView.as_view(), name="bulk-step"),
    path("bulk/<uuid:public_id>/stop/", bulk.StopView.as_view(), name="bulk-stop"),
    path(f"{case}merged/", joining.MergedView.as_view(), name="merged"),
    path(f"{case}merge/", joining.MergeView.as_view(), name="merge"),
    path(f"{case}unmerge/", joining.UnmergeView.as_view(), name="unmerge"),
    path(f"{case}split/", joining.SplitView.as_view(), name="split"),
    path(f"{case}attachments/", attachments.AttachView.as_view(), name="attach"),
    path(
        f"{case}attachments/<uuid:public_id>/<int:page>/",
        attachments.AttachmentView.as_view(),
        name="attachment",
    ),
]
