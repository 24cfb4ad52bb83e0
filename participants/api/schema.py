from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ParticipantTokensScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tell the OpenAPI document how the app identifies itself."""

    target_class = "participants.api.authentication.ParticipantTokens"
    name = "participant"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}
