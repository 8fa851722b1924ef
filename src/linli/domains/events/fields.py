"""The field type of this domain (本领域字段): a category of an active directory."""

from __future__ import annotations

from functools import lru_cache
from time import monotonic
from typing import Any

from linli.base.i18n import Text
from linli.base.legaltime import Period, parse_period
from linli.domains.events.models import Category
from linli.kernel.procedures import registry
from linli.kernel.procedures.definitions import FieldDef
from linli.kernel.procedures.fields import FormContext, SimpleType, wrong

KEPT_SECONDS = 10.0  # until what another process changed in the catalogue is seen here


def _clean(raw: Any, field: FieldDef, context: FormContext) -> str:
    key = str(raw).strip()
    category = Category.objects.filter(key=key, active=True, directory__active=True).first()
    if category is None:
        raise wrong(
            "没有这个类别，或它已停用。请从列表里选。",
            "No such category, or no longer in use. Choose from the list.",
        )
    context.found[field.code] = category
    return category.key


def _show(value: Any, _: FieldDef) -> Text:
    names = category_path_titles(str(value))
    return (
        Text(" › ".join(t.zh for t in names), " › ".join(t.en for t in names))
        if names
        else Text(str(value), str(value))
    )


@lru_cache(maxsize=4000)
def _titles(key: str, _: int) -> tuple[Text, ...]:
    found: list[Text] = []
    category = Category.objects.select_related("parent__parent__parent").filter(key=key).first()
    while category is not None:
        found.insert(0, category.title)
        category = category.parent
    return tuple(found)


def category_path_titles(key: str) -> tuple[Text, ...]:
    """The names from the root category down (类别全名)."""
    return _titles(key, int(monotonic() // KEPT_SECONDS))


@lru_cache(maxsize=4000)
def _limit(key: str, _: int) -> Period | None:
    text = Category.objects.filter(key=key).values_list("limit", flat=True).first()
    return parse_period(text) if text else None


@registry.limit_source("category")
def category_limit(key: str) -> Period | None:
    """The handling limit of a category (类别处置时限); none: the procedure's default holds."""
    return _limit(key, int(monotonic() // KEPT_SECONDS))


def forget() -> None:
    _titles.cache_clear()
    _limit.cache_clear()


def register() -> None:
    registry.field_type("event_category", SimpleType("category", _clean, _show))
