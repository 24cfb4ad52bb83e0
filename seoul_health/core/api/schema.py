from typing import Any

from drf_spectacular.openapi import AutoSchema

PROBLEM = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "retry_after": {"type": "integer"},
    },
}
PROBLEMS = {
    "400": "The shape is not the documented one.",
    "401": "No token, or one that is expired, revoked or forged.",
    "403": "Not for this caller.",
    "404": "Unknown, or somebody else's.",
    "406": "Only JSON is spoken here.",
    "409": "Lost a race, or not in that state any more.",
    "413": "Larger than allowed.",
    "415": "Only JSON is understood here.",
    "422": "A rule of the programme said no.",
    "429": "Too many calls; see Retry-After.",
    "503": "Not available right now; see Retry-After.",
}


class HouseSchema(AutoSchema):
    """Document what every endpoint shares: problem answers and the idempotency key."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        for status, description in PROBLEMS.items():
            operation["responses"].setdefault(
                status,
                {
                    "description": description,
                    "content": {"application/json": {"schema": PROBLEM}},
                },
            )
        if self.is_idempotent():
            operation.setdefault("parameters", []).append(
                {
                    "in": "header",
                    "name": "Idempotency-Key",
                    "required": True,
                    "schema": {"type": "string", "format": "uuid"},
                    "description": "The same key and body get the first answer again.",
                }
            )
        return operation

    def is_idempotent(self) -> bool:
        handler = getattr(self.view, self.method.lower(), None)
        return bool(getattr(handler, "is_idempotent", False))
