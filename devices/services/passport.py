"""Everything one watch has been through: bought, lent, looked at, wiped, mended, gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from django.db.models import Count, Prefetch, Q, Sum

from devices.models import (
    CheckAnswer,
    CompensationCase,
    CompensationPayment,
    DataWipe,
    Device,
    DisposalUnit,
    Inspection,
    Loan,
    LoanReport,
    Lot,
    RecoveryStep,
    RepairTicket,
)
from devices.rules.compensation import age_in_months
from seoul_health.core import clock
from seoul_health.core.masking import mask_name

LAST = 50
FAULTS = """
SELECT fault, count(*) FROM (
    SELECT DISTINCT device.id, unnest(inspection.faults) AS fault
    FROM devices_device device
    JOIN devices_inspection inspection ON inspection.device_id = device.id
    WHERE device.lot_id = %s
) found GROUP BY fault ORDER BY count(*) DESC, fault
"""


@dataclass(frozen=True, slots=True)
class Lending:
    """One loan, with its borrower as every screen may name them."""

    loan: Loan
    number: str
    borrower: str


@dataclass(frozen=True, slots=True)
class Money:
    """What a watch cost the city, and what came back for it."""

    price: int
    repairs: int
    recovery: int
    compensated: int

    @property
    def total(self) -> int:
        return self.price + self.repairs + self.recovery - self.compensated


@dataclass(frozen=True, slots=True)
class LotFaults:
    """How the watches of a lot fare: how many were looked at, and what was wrong with them."""

    watches: int
    inspected: int
    faults: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Passport:
    """The whole story of one watch; each part is read when it is asked for."""

    device: Device

    @property
    def lot(self) -> Lot:
        return self.device.lot

    @property
    def age_months(self) -> int:
        return age_in_months(self.lot.received_on, clock.today())

    @property
    def is_under_warranty(self) -> bool:
        until = self.lot.warranty_until
        return until is not None and until >= clock.today()

    @cached_property
    def lendings(self) -> list[Lending]:
        rows = self.device.loans.select_related("participant__profile").order_by("-pk")[:LAST]
        return [Lending(loan, loan.participant.number, borrower_of(loan)) for loan in rows]

    @property
    def numbers(self) -> list[str]:
        """Name everybody whose data this page shows."""
        return [lending.number for lending in self.lendings]

    @cached_property
    def reports(self) -> list[LoanReport]:
        """What citizens said was wrong; their own words stay with the report."""
        rows = LoanReport.objects.filter(loan__device=self.device).defer("text")
        return list(rows.order_by("-pk")[:LAST])

    @cached_property
    def inspections(self) -> list[Inspection]:
        failed = CheckAnswer.objects.exclude(verdict="fine").select_related("item")
        answers = Prefetch("answers", failed.order_by("item__position"), to_attr="not_fine")
        rows = self.device.inspections.select_related("checklist")
        return list(rows.prefetch_related(answers, "papers").order_by("-pk")[:LAST])

    @cached_property
    def wipes(self) -> list[DataWipe]:
        return list(self.device.wipes.prefetch_related("papers").order_by("-pk")[:LAST])

    @cached_property
    def repairs(self) -> list[RepairTicket]:
        return list(self.device.repairs.prefetch_related("papers").order_by("-pk")[:LAST])

    @cached_property
    def cases(self) -> list[CompensationCase]:
        rows = CompensationCase.objects.filter(loan__device=self.device)
        return list(rows.order_by("-pk")[:LAST])

    @cached_property
    def disposal(self) -> DisposalUnit | None:
        rows = self.device.disposals.filter(is_live=True)
        return rows.select_related("batch__requested_by", "batch__decided_by", "wipe").first()

    @cached_property
    def money(self) -> Money:
        own = Q(loan__device=self.device)
        steps = RecoveryStep.objects.filter(own).aggregate(won=Sum("cost", default=0))
        repairs = self.device.repairs.aggregate(won=Sum("cost", default=0))
        paid = CompensationPayment.objects.filter(case__loan__device=self.device)
        return Money(
            self.lot.unit_price,
            repairs["won"],
            steps["won"],
            paid.aggregate(won=Sum("amount", default=0))["won"],
        )

    @cached_property
    def lot_faults(self) -> LotFaults:
        """Tell what is wrong with others of the lot: a fault of one may be a fault of all."""
        seen = Inspection.objects.filter(device__lot=self.lot)
        known = {str(code): str(label) for code, label in Inspection.Fault.choices}
        with connection.cursor() as cursor:
            cursor.execute(FAULTS, [self.lot.pk])
            faults = [(known.get(code, code), int(count)) for code, count in cursor.fetchall()]
        inspected = seen.aggregate(count=Count("device", distinct=True))["count"]
        return LotFaults(self.lot.devices.count(), inspected, faults)


def borrower_of(loan: Loan) -> str:
    """Name a borrower as every screen may: number and masked name."""
    profile = getattr(loan.participant, "profile", None)
    return f"{loan.participant.number} {mask_name(profile.name) if profile else ''}".strip()


def passport_of(device: Device) -> Passport:
    return Passport(device)
