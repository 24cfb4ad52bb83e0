from typing import Any

from django.db import models

from . import crypto


class EncryptedText(models.BinaryField):  # type: ignore[type-arg]
    """Text that the database only ever sees encrypted; filtering on it is refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    @property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value: bytes | None, *_: Any) -> str | None:
        return None if value is None else crypto.decrypt(bytes(value), place=self.place)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        sealed = crypto.encrypt(value, place=self.place) if isinstance(value, str) else value
        return super().get_db_prep_value(sealed, connection, prepared)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise TypeError(f"{self.name} is encrypted; look it up by its blind index.")

    def to_python(self, value: Any) -> Any:
        return value
