"""A list of parcels for the courier, and its file of tracking numbers, not yet taken in."""

from devices.models import Carrier, Loan
from devices.services import courier_files, packing
from seoul_health.core.models import StaffUser

from .plans import World

PARCELS = 12
HEADER = "주문번호,운송장번호"
UNKNOWN = f"{'0' * 32}-out-1"


def load_packing(world: World) -> int:
    """Pack some of the reserved watches as an officer would; give how many."""
    officer = StaffUser.objects.get(username="device")
    carrier = Carrier.objects.filter(is_active=True).order_by("pk")[0]
    waiting = packing.to_pack(Loan.objects.all())
    chosen = Loan.objects.filter(pk__in=waiting.values("pk")[:PARCELS])
    if not chosen.exists():
        return 0
    packed = packing.pack(chosen, carrier=carrier, by=officer)
    content = numbers_of(world, references(packed), length=carrier.lengths[0])
    courier_files.read_file(content, name="운송장_등록.csv", carrier=carrier, by=officer)
    return packed.parcels


def references(packed: packing.Packed) -> list[str]:
    rows = packed.batch.parcels.order_by("pk")
    return list(rows.values_list("reference", flat=True))


def numbers_of(world: World, parcels: list[str], *, length: int) -> bytes:
    """Write what a courier sends: a number for each but the last, and one nobody knows."""
    dice = world.dice("packing")
    numbers = [str(dice.randint(10 ** (length - 1), 10**length - 1)) for _ in parcels]
    rows = [f"{parcel},{number}" for parcel, number in zip(parcels[:-1], numbers, strict=False)]
    return "\n".join([HEADER, *rows, f"{UNKNOWN},{numbers[-1]}"]).encode()
