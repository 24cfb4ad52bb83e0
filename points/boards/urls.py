from django.urls import URLPattern, path, register_converter

from . import (
    budget,
    campaigns,
    days,
    expiry,
    hold_steps,
    holds,
    moments,
    payouts,
    reconciliations,
    rule_people,
    rules,
    settlements,
    statements,
)


class Month:
    """A month as 2026-11."""

    regex = "20[0-9]{2}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Month, "month")
app_name = "boards"
urlpatterns: list[URLPattern] = [
    path("days/<str:number>/", days.DayView.as_view(), name="day"),
    path("at/", moments.MomentView.as_view(), name="moment"),
    path("expiry/", expiry.ExpiryBoard.as_view(), name="expiry"),
    path("expiry/days.csv", expiry.ForecastFile.as_view(), name="expiry-days"),
    path("expiry/run/", expiry.RunOrder.as_view(), name="expiry-run"),
    path("expiry/count/", expiry.CountOrder.as_view(), name="expiry-count"),
    path("expiry/announce/", expiry.AnnounceOrder.as_view(), name="expiry-announce"),
    path("expiry/extensions/", expiry.ExtensionOrder.as_view(), name="expiry-extend"),
    path(
        "expiry/extensions/<int:pk>/approve/",
        expiry.ApproveOrder.as_view(),
        name="expiry-approve",
    ),
    path(
        "expiry/extensions/<int:pk>/decline/",
        expiry.DeclineOrder.as_view(),
        name="expiry-decline",
    ),
    path("expiry/<str:month>/", expiry.MonthView.as_view(), name="expiry-month"),
    path("payouts/", payouts.PayoutBoard.as_view(), name="payouts"),
    path(
        "payouts/operators/<slug:code>/<slug:verb>/",
        payouts.OperatorAct.as_view(),
        name="operator-act",
    ),
    path("payouts/changes/", payouts.ChangeAsked.as_view(), name="change-asked"),
    path(
        "payouts/changes/<int:pk>/<slug:verb>/",
        payouts.ChangeDecided.as_view(),
        name="change-decided",
    ),
    path("reconciliation/", reconciliations.ReconciliationBoard.as_view(), name="reconciliation"),
    path(
        "reconciliation/differences.csv",
        reconciliations.DifferenceFile.as_view(),
        name="differences-file",
    ),
    path(
        "reconciliation/differences/<int:pk>/<slug:verb>/",
        reconciliations.DifferenceAct.as_view(),
        name="difference-act",
    ),
    path("settlement/", settlements.SettlementBoard.as_view(), name="settlement"),
    path("settlement/runs/", settlements.Runs.as_view(), name="settlement-runs"),
    path("settlement/<int:pk>/", settlements.RunPage.as_view(), name="settlement-run"),
    path("settlement/<int:pk>/resume/", settlements.Resume.as_view(), name="settlement-resume"),
    path("holds/", holds.HoldBoard.as_view(), name="holds"),
    path("holds/holds.csv", holds.HoldFile.as_view(), name="holds-file"),
    path("holds/raise/", hold_steps.RaiseView.as_view(), name="hold-raise"),
    path("holds/<uuid:public_id>/", holds.HoldPage.as_view(), name="hold"),
    path("holds/<uuid:public_id>/release/", hold_steps.Release.as_view(), name="hold-release"),
    path("holds/<uuid:public_id>/confirm/", hold_steps.Confirm.as_view(), name="hold-confirm"),
    path("holds/<uuid:public_id>/uphold/", hold_steps.Uphold.as_view(), name="hold-uphold"),
    path("holds/<uuid:public_id>/dismiss/", hold_steps.Dismiss.as_view(), name="hold-dismiss"),
    path("rules/", rules.RulesView.as_view(), name="rules"),
    path("rules/new/", rules.EditView.as_view(), name="rule-new"),
    path("rules/<slug:code>/", rules.RuleView.as_view(), name="rule"),
    path("rules/<slug:code>/edit/", rules.EditView.as_view(), name="rule-edit"),
    path("rules/<slug:code>/simulate/", rules.SimulateView.as_view(), name="rule-simulate"),
    path("rules/<slug:code>/release/", rules.ReleaseView.as_view(), name="rule-release"),
    path("rules/<slug:code>/discard/", rules.DiscardView.as_view(), name="rule-discard"),
    path("rules/<slug:code>/people/", rule_people.PeopleView.as_view(), name="rule-people"),
    path("campaigns/", campaigns.CampaignsView.as_view(), name="campaigns"),
    path("campaigns/<slug:code>/", campaigns.CampaignView.as_view(), name="campaign"),
    path("budget/", budget.BudgetBoard.as_view(), name="budget"),
    path("budget/days.csv", budget.BudgetFile.as_view(), name="budget-days"),
    path("budget/ask/", budget.AskOrder.as_view(), name="budget-ask"),
    path("budget/foresee/", budget.ForecastOrder.as_view(), name="budget-foresee"),
    path("budget/<int:pk>/release/", budget.ReleaseOrder.as_view(), name="budget-release"),
    path("budget/<int:pk>/refuse/", budget.RefuseOrder.as_view(), name="budget-refuse"),
    path("budget/<month:month>/", budget.MonthBoard.as_view(), name="budget-month"),
    path("statements/", statements.StatementList.as_view(), name="statements"),
    path("statements/close/", statements.CloseOrder.as_view(), name="statement-close"),
    path(
        "statements/corrections/<int:pk>/approve/",
        statements.ApproveOrder.as_view(),
        name="correction-approve",
    ),
    path(
        "statements/corrections/<int:pk>/refuse/",
        statements.RefuseOrder.as_view(),
        name="correction-refuse",
    ),
    path("statements/<month:month>.pdf", statements.StatementFile.as_view(), name="statement-pdf"),
    path("statements/<month:month>/", statements.StatementPage.as_view(), name="statement"),
    path(
        "statements/<month:month>/correct/",
        statements.CorrectOrder.as_view(),
        name="statement-correct",
    ),
]
