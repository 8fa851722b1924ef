"""A model field whose text is sealed in the database (加密字段)."""

from __future__ import annotations

from typing import Any

from django.db import models

from linli.kernel.people.keys import current_vault


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """Text on the instance, AES-GCM bytes in the table; the empty string stays NULL."""

    def __init__(self, *args: Any, context: str = "", **kwargs: Any) -> None:
        self.context = context
        kwargs["null"] = True
        kwargs["editable"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs["context"] = self.context
        kwargs.pop("null", None)
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    def get_default(self) -> str:
        return ""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str:
        return "" if value is None else current_vault().open(value, context=self.context)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            value = current_vault().seal(value, context=self.context) if value else None
        return super().get_db_prep_value(value, connection, prepared)

    def to_python(self, value: Any) -> str:
        return "" if value is None else str(value)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError("sealed values are not serialised")
