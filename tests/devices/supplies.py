"""Suppliers' lists and deliveries as the services make them."""

import uuid
from typing import Any

from devices.models import Manifest
from devices.services import manifests, receiving

from .builders import make_lot, make_site

HEADER = ["일련번호", "박스번호", "물품번호", "IMEI", "MAC", "거점"]


def listed(*rows: Any, header: Any = ("일련번호",), encoding: str = "utf-8") -> bytes:
    """Write a supplier's CSV file; a row is a serial or its cells."""
    cells = [row if isinstance(row, (list, tuple)) else [row] for row in rows]
    return "\r\n".join(",".join(map(str, row)) for row in [header, *cells]).encode(encoding)


def drafted(content: bytes, *, by: Any, **fields: Any) -> Manifest:
    fields.setdefault("lot", make_lot())
    fields.setdefault("site", make_site())
    fields.setdefault("due_on", None)
    return manifests.read_manifest(content, name="list.csv", by=by, **fields)


def announced(*rows: Any, by: Any, header: Any = ("일련번호",), **fields: Any) -> Manifest:
    manifest = drafted(listed(*rows, header=header), by=by, **fields)
    manifests.expect(manifest, by=by)
    return Manifest.objects.get(pk=manifest.pk)


def scanned(manifest: Manifest, text: str, *, by: Any) -> Any:
    return receiving.scan_arrival(uuid.uuid4(), manifest=manifest, text=text, by=by)
