"""Who may do what: one table, read by the role backend, the menu and the permission matrix."""

from collections.abc import Iterable

ACTIONS = ("view", "add", "change")


def of(app: str, *models: str, may: Iterable[str] = ("view",)) -> frozenset[str]:
    return frozenset(f"{app}.{verb}_{model}" for model in models for verb in may)


RECRUITMENT = (
    "recruitmentround", "lane", "quota", "eligibilityrule", "application", "offer",
    "evidencedocument", "participation", "participant", "consent", "draw", "consenttext",
    "decision", "appeal", "approvalbatch", "batchitem", "reasoncode",
    "roundchange", "ruletrial", "trialresult", "fairnessreport", "fairnessline",
)  # fmt: skip
STOCK = ("site", "devicemodel", "lot", "device", "manifest", "stocktake")
FEED = (
    "stockfeed", "stockreport", "quarantinedreport", "sitekey", "consumerkey", "feednotice",
)  # fmt: skip
MESSAGES = ("notification", "notificationtemplate", "bulksend")
LENDING = (
    "loan", "shipment", "inspection", "datawipe", "recoverystep", "loanreport",
    "recoverypolicy", "recoverytask", "recallcampaign",
    "compensationpolicy", "compensationcase", "compensationwaiver",
    "checklist", "checkitem", "checkanswer", "repairticket", "disposalbatch", "disposalunit",
    "watchpaper", "carrier", "loanterms", "allocation",
)  # fmt: skip
WALKING = ("syncreceipt", "daysteps")
SLOTS = ("resource", "slotplan", "slot", "reservation", "waiting", "priorityrule", "noshowrule")
ZONES = ("instrument", "threshold")
READINGS = ("reading", "readingbatch", "riskalert")
MONEY = (
    "budget", "budgetforecast", "sharecorrection",
    "account", "costshare", "statement", "transfer", "earningrule", "award", "settlement",
    "payout", "reconciliation", "reconciliationline", "proof", "adjustment", "difference",
    "expiryrun", "expiryextension",
    "hold", "holdappeal", "holdrelease", "signalscan", "awardreview", "clawback",
    "simulation", "simulatedperson", "campaign", "campaignplace", "activityrate", "partnerevent",
)  # fmt: skip
ALARMS = ("alarm", "alarmentry", "trip")
GUIDES = ("formguide", "guidetext")
INCIDENTS = ("incident", "promise", "notice", "membercheck", "makegoodrun")
LAW = (
    "holidaychange", "clockevent", "answerdraft", "consultation", "dunningnotice",
    "supplementdemand", "transferral", "repeatclosure", "inboundrecord", "inboundbatch",
    "inboundcategory", "outboundanswer", "contactrefusal",
)  # fmt: skip
VOICES = (
    "complaint", "contact", "category", "replytemplate", "holiday",
    "attachment", "merge", "split", "bulkjob", "macro", "knowledgearticle",
    *INCIDENTS, *ALARMS, *GUIDES,
)  # fmt: skip

SEES_ALL = (
    of("participants", *RECRUITMENT, *MESSAGES)
    | of("devices", *STOCK, *FEED, *LENDING, *WALKING, *SLOTS, *ZONES)
    | of("points", *MONEY)
    | of("complaints", *VOICES, *LAW)
)

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "recruitment_officer": of("participants", *RECRUITMENT, *MESSAGES)
    | of("participants", "notificationtemplate", "bulksend", may=ACTIONS)
    | of("participants", "recruitmentround", "lane", "quota", "eligibilityrule", may=ACTIONS)
    | of("participants", "reasoncode", may=ACTIONS)
    | of("devices", "loan")
    | {
        "participants.review_application",
        "participants.propose_approvalbatch",
        "participants.decide_approvalbatch",
        "participants.decide_appeal",
        "participants.select_application",
        "participants.run_draw",
        "participants.manage_offer",
        "participants.decide_roundchange",
        "participants.run_ruletrial",
        "participants.run_fairnessreport",
        "participants.export_fairnessreport",
        "participants.manage_participation",
        "participants.export_participation",
        "participants.import_application",
        "participants.export_application",
        "participants.unmask_participant",
        "participants.release_notificationtemplate",
        "participants.approve_bulksend",
        "participants.run_bulksend",
    },
    "device_officer": of("devices", *STOCK, *FEED, *LENDING, *SLOTS)
    | of("devices", "resource", "slotplan", "priorityrule", "noshowrule", *ZONES, may=ACTIONS)
    | of("devices", "site", "devicemodel", "lot", "device", may=ACTIONS)
    | of("devices", "recoverypolicy", "compensationpolicy", may=ACTIONS)
    | of("devices", "checklist", "checkitem", may=[*ACTIONS, "delete"])
    | of("participants", "participant", "participation")
    | {
        "devices.import_site",
        "devices.report_site",
        "devices.add_stockfeed",
        "devices.change_stockfeed",
        "devices.add_feednotice",
        "devices.change_feednotice",
        "devices.add_sitekey",
        "devices.revoke_sitekey",
        "devices.add_consumerkey",
        "devices.revoke_consumerkey",
        "devices.settle_quarantinedreport",
        "devices.import_device",
        "devices.receive_manifest",
        "devices.count_stocktake",
        "devices.settle_stocktake",
        "devices.export_device",
        "devices.scan_device",
        "devices.inspect_device",
        "devices.release_checklist",
        "devices.request_disposalbatch",
        "devices.decide_disposalbatch",
        "devices.lend_loan",
        "devices.allocate_device",
        "devices.add_carrier",
        "devices.change_carrier",
        "devices.add_loanterms",
        "devices.pack_shipment",
        "devices.export_shipment",
        "devices.recall_loan",
        "devices.call_borrower",
        "devices.request_recallcampaign",
        "devices.decide_recallcampaign",
        "devices.demand_compensation",
        "devices.waive_compensation",
        "devices.manage_reservation",
        "devices.calibrate_instrument",
        "participants.unmask_participant",
    },
    "site_clerk": of("devices", "device", "loan", "shipment", "site", *SLOTS, *ZONES, *READINGS)
    | {"devices.manage_reservation", "devices.enter_reading", "devices.import_reading"}
    | {"devices.call_back"}
    | {
        "devices.report_site",
        "devices.view_stockreport",
        "devices.scan_device",
        "devices.count_stocktake",
        "devices.lend_loan",
        "participants.assist_application",
    },
    "finance_officer": of("points", *MONEY)
    | of("complaints", *INCIDENTS)
    | of("devices", *WALKING)
    | of("participants", "participant", "participation")
    | of("points", "costshare", "earningrule", may=ACTIONS)
    | of("points", "campaign", "activityrate", may=ACTIONS)
    | {
        "points.run_simulation",
        "points.export_simulation",
        "points.close_campaign",
        "points.run_settlement",
        "points.raise_hold",
        "points.decide_hold",
        "points.add_holdrelease",
        "points.close_awardreview",
        "points.propose_clawback",
        "points.run_reconciliation",
        "points.run_proof",
        "points.ask_payout",
        "points.watch_payout",
        "points.pause_operator",
        "points.request_operatorchange",
        "points.add_adjustment",
        "points.run_expiry",
        "points.add_expiryextension",
        "points.resolve_difference",
        "points.close_statement",
        "points.add_budget",
        "points.run_budgetforecast",
        "points.add_sharecorrection",
        "points.export_account",
    },
    "finance_approver": of("points", *MONEY)
    | of("complaints", *INCIDENTS)
    | of("devices", *WALKING)
    | of("participants", "participant", "participation")
    | {
        "complaints.decide_makegoodrun",
        "points.approve_adjustment",
        "points.watch_payout",
        "points.decide_operatorchange",
        "points.decide_hold",
        "points.approve_holdrelease",
        "points.approve_clawback",
        "points.approve_expiryextension",
        "points.export_account",
        "points.release_costshare",
        "points.release_budget",
        "points.run_budgetforecast",
        "points.decide_sharecorrection",
        "points.release_earningrule",
        "points.release_campaign",
        "points.close_campaign",
        "points.release_activityrate",
        "points.run_simulation",
        "points.run_proof",
    },
    "agent": of("complaints", *VOICES, *LAW)
    | {"complaints.answer_alarm"}
    | of("participants", "participant", "participation", "application", "notification")
    | of("devices", "loan", "device", *WALKING)
    | of("points", "account", "transfer", "award", "payout")
    | {"complaints.use_desk", "complaints.answer_complaint", "participants.unmask_participant"}
    | {"complaints.import_inboundrecord"},
    "supervisor": of("complaints", *VOICES, *LAW)
    | of("complaints", "inboundcategory", may=ACTIONS)
    | of("complaints", "replytemplate", "category", may=ACTIONS)
    | of("complaints", "macro", "knowledgearticle", may=ACTIONS)
    | of("participants", "participant", "participation", "application", "notification")
    | of("devices", "loan", "device", *WALKING)
    | of("points", "account", "transfer", "award", "payout")
    | {
        "complaints.use_desk",
        "complaints.answer_complaint",
        "complaints.supervise_desk",
        "complaints.answer_alarm",
        "complaints.change_formguide",
        "complaints.add_holidaychange",
        "complaints.decide_answerdraft",
        "complaints.import_inboundrecord",
        "complaints.manage_incident",
        "complaints.request_makegoodrun",
        "participants.unmask_participant",
    },
    "privacy_officer": of("core", "accesslog", "auditevent", "rolegrant", "staffuser")
    | of("participants", "participant", "consent")
    | of("participants", "consenttext", may=ACTIONS)
    | {"participants.release_consenttext"},
    "auditor": SEES_ALL
    | of("core", "accesslog", "auditevent", "rolegrant", "staffuser")
    | {"points.watch_payout"},
    "system_operator": of("core", "staffuser", "rolegrant", may=ACTIONS)
    | of("core", "auditevent")
    | of("devices", "site")
    | of("complaints", "incident", "promise", "notice")
    | {"complaints.manage_incident"}
    | {"core.operate", "points.watch_payout", "points.pause_operator"},
}
