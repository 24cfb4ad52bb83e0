"""What stands where on the way out and back: the lists of the shipping board."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet

from devices.models import Loan, Shipment
from devices.services.packing import to_pack
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

LATE = timedelta(days=3)
UNCONFIRMED = timedelta(days=7)
Status, Direction = Shipment.Status, Shipment.Direction


def reserved(user: StaffUser) -> QuerySet[Loan]:
    """Watches set aside that nobody has packed."""
    return to_pack(Loan.objects.visible_to(user))


def unconfirmed(user: StaffUser) -> QuerySet[Loan]:
    """Watches that arrived a week ago and whose citizen has not said so."""
    arrived = Shipment.objects.filter(
        loan=OuterRef("pk"), direction="out", delivered_at__lt=clock.now() - UNCONFIRMED
    )
    rows = Loan.objects.visible_to(user).filter(status=Loan.Status.DELIVERED)
    return rows.filter(Exists(arrived)).order_by("pk")


def parcels(user: StaffUser, chosen: str) -> QuerySet[Shipment]:
    """Give the parcels of one list, those that wait longest first."""
    rows = Shipment.objects.visible_to(user).order_by("planned_at", "pk")
    late = clock.now() - LATE
    lists = {
        "packed": rows.planned().filter(batch__isnull=False),
        "unbooked": rows.planned().filter(batch=None),
        "out": rows.on_the_way().filter(direction=Direction.OUT),
        "late": rows.on_the_way().filter(planned_at__lt=late),
        "back": rows.on_the_way().filter(direction=Direction.BACK),
        "astray": astray(rows),
    }
    return lists[chosen]


def astray(rows: QuerySet[Shipment]) -> QuerySet[Shipment]:
    """Parcels that were lost, refused or sent back while their loan still waits for them."""
    ended = rows.filter(status__in=[Status.LOST, Status.REFUSED, Status.CANCELLED])
    waits = ended.filter(loan__status__in=[Loan.Status.SHIPPED, Loan.Status.RETURNING])
    newer = Shipment.objects.filter(
        loan=OuterRef("loan"), direction=OuterRef("direction"), pk__gt=OuterRef("pk")
    )
    return waits.filter(~Exists(newer))
