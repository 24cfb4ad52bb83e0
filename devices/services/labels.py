from devices.errors import LooksLikeAnother, UnknownSerial, UnreadableSerial
from devices.models import Device
from devices.rules.serials import BadSerial, normalise_serial


def find_by_label(text: str) -> Device:
    """Find the one watch a label names; a near miss is told, never taken."""
    try:
        serial = normalise_serial(text)
    except BadSerial as exc:
        raise UnreadableSerial(text=text.strip()[:40]) from exc
    device = Device.objects.filter(serial=serial).first()
    if device is not None:
        return device
    twin = Device.objects.looking_like(serial).first()
    raise LooksLikeAnother(serial=serial, other=twin) if twin else UnknownSerial(serial=serial)
