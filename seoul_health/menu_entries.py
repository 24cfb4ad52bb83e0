"""The sidebar's entries: what staff do, grouped by job."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Link:
    """One entry: hidden without its permission, skipped while its page does not exist."""

    label: str | Promise
    url_name: str
    permission: str | None = None
    icon: str = "dot"


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    label: str | Promise
    icon: str
    links: tuple[Link, ...] = ()


HOME = Link(_("What waits for you"), "admin:index", icon="layout-dashboard")


def rows(label: str | Promise, model: str, icon: str) -> Link:
    """Link to the list of a model that is shown in the admin."""
    app, _dot, name = model.partition(".")
    return Link(label, f"admin:{app}_{name}_changelist", f"{app}.view_{name}", icon)


MENU: tuple[Group, ...] = (
    Group(
        "recruitment",
        _("Recruitment"),
        "calendar",
        (
            rows(_("Rounds"), "participants.recruitmentround", "calendar"),
            rows(_("Changes of rounds"), "participants.roundchange", "history"),
            rows(_("Trials of rules"), "participants.ruletrial", "list-checks"),
            rows(_("Draws"), "participants.draw", "dices"),
            rows(_("Offers"), "participants.offer", "ticket"),
            rows(_("Fairness reports"), "participants.fairnessreport", "gauge"),
            rows(_("Lanes"), "participants.lane", "layers"),
            rows(_("Quotas"), "participants.quota", "gauge"),
            rows(_("Eligibility rules"), "participants.eligibilityrule", "list-checks"),
        ),
    ),
    Group(
        "review",
        _("Review"),
        "file-check",
        (
            Link(_("Review desk"), "review:home", "participants.review_application", "list-checks"),
            Link(
                _("Apply for a citizen"),
                "review:assist",
                "participants.assist_application",
                "user-plus",
            ),
            rows(_("Applications"), "participants.application", "clipboard-list"),
            rows(_("Approval batches"), "participants.approvalbatch", "layers"),
            rows(_("Appeals"), "participants.appeal", "scale"),
            rows(_("Decisions"), "participants.decision", "history"),
            rows(_("Evidence documents"), "participants.evidencedocument", "file-check"),
            rows(_("Reason codes"), "participants.reasoncode", "tag"),
        ),
    ),
    Group(
        "people",
        _("People"),
        "users",
        (
            rows(_("Participants"), "participants.participant", "user"),
            rows(_("Participations"), "participants.participation", "user-check"),
            Link(_("Headcounts"), "headcounts", "participants.view_participation", "users"),
            rows(_("Consents"), "participants.consent", "circle-check"),
            rows(_("Consent texts"), "participants.consenttext", "file-text"),
        ),
    ),
    Group(
        "messages",
        _("Messages"),
        "bell",
        (
            rows(_("Sent messages"), "participants.notification", "bell"),
            rows(_("Bulk sends"), "participants.bulksend", "send"),
            rows(_("Message templates"), "participants.notificationtemplate", "file-text"),
        ),
    ),
    Group(
        "devices",
        _("Register of watches"),
        "watch",
        (
            Link(_("Receiving"), "stations:arriving", "devices.receive_manifest", "download"),
            Link(_("Deliveries"), "stations:manifests", "devices.import_device", "upload"),
            Link(_("Stocktakes"), "stations:stocktakes", "devices.count_stocktake", "list-checks"),
            Link(_("Labels"), "stations:labels", "devices.view_device", "printer"),
            Link(_("Lots and contracts"), "stations:lots", "devices.view_lot", "package"),
            rows(_("Watches"), "devices.device", "watch"),
            rows(_("List of lots"), "devices.lot", "package"),
            rows(_("Watch models"), "devices.devicemodel", "boxes"),
        ),
    ),
    Group(
        "lending",
        _("Lending and shipping"),
        "truck",
        (
            Link(_("Allocation"), "stations:allocations", "devices.allocate_device", "boxes"),
            Link(_("Shipping board"), "stations:shipping", "devices.view_shipment", "truck"),
            Link(
                _("Files of the courier"),
                "stations:courier-files",
                "devices.pack_shipment",
                "upload",
            ),
            rows(_("Loans"), "devices.loan", "arrow-left-right"),
            rows(_("Loan reports"), "devices.loanreport", "flag"),
            rows(_("Shipments"), "devices.shipment", "truck"),
            rows(_("Carriers"), "devices.carrier", "truck"),
            rows(_("Terms of lending"), "devices.loanterms", "file-text"),
            rows(_("Priorities of allocation"), "devices.priorityrule", "list-checks"),
        ),
    ),
    Group(
        "returned",
        _("Returned watches"),
        "undo-2",
        (
            Link(_("Scan station"), "scan:station", "devices.scan_device", "scan-barcode"),
            Link(
                _("Watches that came back"),
                "stations:inspections",
                "devices.inspect_device",
                "list-checks",
            ),
            Link(_("Repairs"), "stations:repairs", "devices.inspect_device", "wrench"),
            Link(_("Disposals"), "stations:disposals", "devices.view_disposalbatch", "recycle"),
            rows(_("Inspections"), "devices.inspection", "list-checks"),
            rows(_("Data wipes"), "devices.datawipe", "shield-check"),
            rows(_("Checklists"), "devices.checklist", "clipboard-list"),
        ),
    ),
    Group(
        "recovery",
        _("Recovery of watches"),
        "undo-2",
        (
            Link(_("Recovery measures"), "stations:measures", "devices.view_recoverystep", "gauge"),
            Link(_("Calls about watches"), "stations:calls", "devices.call_borrower", "phone"),
            Link(_("Silent watches"), "stations:silent", "devices.view_recoverystep", "bell"),
            Link(
                _("Recall campaigns"),
                "stations:campaigns",
                "devices.view_recallcampaign",
                "layers",
            ),
            Link(
                _("Compensation cases"),
                "stations:cases",
                "devices.view_compensationcase",
                "scale",
            ),
            rows(_("Recovery"), "devices.recoverystep", "undo-2"),
            rows(_("Recovery policies"), "devices.recoverypolicy", "list-checks"),
            rows(_("Compensation policies"), "devices.compensationpolicy", "list-checks"),
        ),
    ),
    Group(
        "sites",
        _("Sites and health zones"),
        "map-pin",
        (
            Link(_("Stock at the counter"), "stations:counter", "devices.report_site", "pencil"),
            Link(
                _("Reservations of the day"),
                "stations:slots",
                "devices.manage_reservation",
                "calendar-check",
            ),
            Link(_("Health zone"), "stations:zone", "devices.enter_reading", "heart-pulse"),
            Link(_("Calls back"), "stations:callbacks", "devices.call_back", "phone"),
            rows(_("Sites"), "devices.site", "map-pin"),
            rows(_("Resources"), "devices.resource", "boxes"),
            rows(_("Opening plans"), "devices.slotplan", "calendar-clock"),
            rows(_("Times to reserve"), "devices.slot", "calendar-clock"),
            rows(_("Waiting for a time"), "devices.waiting", "calendar-clock"),
            rows(_("Rules for missed times"), "devices.noshowrule", "list-checks"),
            rows(_("Reservations"), "devices.reservation", "calendar-check"),
            rows(_("Instruments"), "devices.instrument", "gauge"),
            rows(_("Thresholds"), "devices.threshold", "triangle-alert"),
        ),
    ),
    Group(
        "stock-feed",
        _("Public stock feed"),
        "activity",
        (
            Link(_("Sources of stock"), "stations:sources", "devices.view_stockreport", "activity"),
            rows(_("Stock reports"), "devices.stockreport", "receipt-text"),
            rows(_("Quarantined reports"), "devices.quarantinedreport", "triangle-alert"),
            rows(_("What the feed shows"), "devices.stockfeed", "eye"),
            rows(_("Notices of the feed"), "devices.feednotice", "bell"),
            rows(_("Keys of sites"), "devices.sitekey", "key-round"),
            rows(_("Keys of users of the feed"), "devices.consumerkey", "key-round"),
        ),
    ),
    Group(
        "earning",
        _("Earning"),
        "footprints",
        (
            Link(_("Settlement board"), "boards:settlement", "points.view_settlement", "gauge"),
            Link(_("Earning rules"), "boards:rules", "points.view_earningrule", "book-open"),
            Link(_("Campaigns"), "boards:campaigns", "points.view_campaign", "ticket"),
            rows(_("Awards"), "points.award", "ticket"),
            rows(_("Settlements"), "points.settlement", "receipt-text"),
            rows(_("List of earning rules"), "points.earningrule", "book-open"),
            rows(_("List of campaigns"), "points.campaign", "ticket"),
            rows(_("Partner events"), "points.partnerevent", "inbox"),
            rows(_("Activity rates"), "points.activityrate", "tag"),
            rows(_("Day steps"), "devices.daysteps", "footprints"),
            rows(_("Sync receipts"), "devices.syncreceipt", "refresh-cw"),
        ),
    ),
    Group(
        "payouts",
        _("Payouts"),
        "hand-coins",
        (
            Link(_("Payout board"), "boards:payouts", "points.watch_payout", "gauge"),
            Link(
                _("Reconciliation board"),
                "boards:reconciliation",
                "points.view_reconciliation",
                "scale",
            ),
            rows(_("Payouts"), "points.payout", "hand-coins"),
            rows(_("Payment differences"), "points.difference", "scale"),
            rows(_("Reconciliations"), "points.reconciliation", "scale"),
        ),
    ),
    Group(
        "points",
        _("Books and budget"),
        "coins",
        (
            Link(_("Budget"), "boards:budget", "points.view_budget", "gauge"),
            rows(_("Adjustments"), "points.adjustment", "hand-coins"),
            Link(_("Expiry of points"), "boards:expiry", "points.view_expiryrun", "hourglass"),
            rows(_("Transfer ledger"), "points.transfer", "arrow-left-right"),
            rows(_("Accounts"), "points.account", "wallet"),
            Link(_("Balances at a moment"), "boards:moment", "points.view_settlement", "scale"),
            rows(_("Cost shares"), "points.costshare", "scale"),
            Link(
                _("Statements by party"),
                "boards:statements",
                "points.view_statement",
                "receipt-text",
            ),
            rows(_("Monthly statements"), "points.statement", "receipt-text"),
            rows(_("Proofs"), "points.proof", "shield-check"),
        ),
    ),
    Group(
        "misuse",
        _("Holds and claw-backs"),
        "flag",
        (
            Link(_("Holds on points"), "boards:holds", "points.view_hold", "flag"),
            rows(_("Down-revisions"), "points.awardreview", "undo-2"),
            rows(_("Claw-backs"), "points.clawback", "undo-2"),
            rows(_("Releases of causes"), "points.holdrelease", "layers"),
            rows(_("Scans for misuse"), "points.signalscan", "gauge"),
        ),
    ),
    Group(
        "complaints",
        _("Complaints"),
        "message-square-text",
        (
            Link(_("Complaint desk"), "desk:home", "complaints.use_desk", "headset"),
            Link(_("Supervisor's board"), "desk:board", "complaints.supervise_desk", "gauge"),
            Link(
                _("Reports on complaints"),
                "desk:reports",
                "complaints.supervise_desk",
                "chart-column",
            ),
            Link(_("List of complaints"), "desk:list", "complaints.answer_complaint", "layers"),
            Link(_("Calls for help"), "desk:alarms", "complaints.answer_alarm", "siren"),
            Link(_("Duties of the law"), "desk:duties", "complaints.use_desk", "scale"),
            Link(
                _("Complaints from elsewhere"),
                "desk:inbound",
                "complaints.view_inboundrecord",
                "inbox",
            ),
            rows(_("Complaint list"), "complaints.complaint", "inbox"),
            rows(_("Contacts"), "complaints.contact", "phone"),
        ),
    ),
    Group(
        "incidents",
        _("Incidents and notices"),
        "triangle-alert",
        (
            Link(_("Incidents"), "desk:incidents", "complaints.view_incident", "triangle-alert"),
            Link(_("Notices in the app"), "desk:notices", "complaints.view_notice", "bell"),
        ),
    ),
    Group(
        "desk-settings",
        _("Texts and calendars of the desk"),
        "file-text",
        (
            Link(_("Form guides"), "desk:guides", "complaints.view_formguide", "qr-code"),
            Link(
                _("Holidays and due times"),
                "desk:days-off",
                "complaints.view_holidaychange",
                "calendar-clock",
            ),
            rows(_("Categories"), "complaints.category", "tag"),
            rows(_("Reply templates"), "complaints.replytemplate", "file-text"),
            rows(_("Macros"), "complaints.macro", "zap"),
            rows(_("Knowledge articles"), "complaints.knowledgearticle", "book-open"),
            rows(_("Holidays"), "complaints.holiday", "calendar-clock"),
        ),
    ),
    Group(
        "operations",
        _("Operations"),
        "settings",
        (
            rows(_("Staff accounts"), "core.staffuser", "users"),
            rows(_("Role grants"), "core.rolegrant", "key-round"),
            rows(_("Audit trail"), "core.auditevent", "history"),
            rows(_("Access log"), "core.accesslog", "eye"),
        ),
    ),
)

# Where a model that nobody listed above appears.
PLACES: Mapping[str, str] = {
    "participants": "recruitment",
    "devices": "devices",
    "points": "points",
    "complaints": "complaints",
}
