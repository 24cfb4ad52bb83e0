from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class SiteKeysScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tell the OpenAPI document how a site identifies itself."""

    target_class = "devices.api.keys.SiteKeys"
    name = "site"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "X-Site-Key"}


class ConsumerKeysScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tell the OpenAPI document how a reader of the feed identifies itself."""

    target_class = "devices.api.keys.ConsumerKeys"
    name = "consumer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "X-Api-Key"}
