"""The wordings that an administrator gave to notices (本地通知文字): read by everything that sends, kept a few seconds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Max

from linli.base.i18n import Text, text_from
from linli.kernel.notices.models import TemplateVersion
from linli.kernel.notices.templates import Template

KEPT_SECONDS = 5.0  # how long another process may still send the wording of before a change


@dataclass(frozen=True)
class _Kept:
    texts: Mapping[str, Template]
    read_at: float


_kept: _Kept | None = None


def own_template(shipped: Template, draft: str = "") -> Template | None:
    """The wording in force for a template, or the one of a draft (现行的本地文字); none where the shipped one holds."""
    if draft:
        row = TemplateVersion.objects.filter(
            code=shipped.code, version=int(draft) if draft.isdigit() else 0
        ).first()
        return template_from(shipped.code, row.texts) if row and row.texts else None
    return _in_force().get(shipped.code)


def template_from(code: str, texts: Mapping[str, Any]) -> Template:
    return Template(
        code, text_from(texts["title"]), _sentences(texts["body"]), _sentences(texts.get("sms") or ())
    )


def texts_of(template: Template) -> dict[str, Any]:
    """A template as a version keeps it (文字的存法)."""
    return {
        "title": template.title.as_dict(),
        "body": [s.as_dict() for s in template.body],
        "sms": [s.as_dict() for s in template.sms],
    }


def versions_of(code: str) -> list[TemplateVersion]:
    """All wordings of a template (历次文字), the newest first."""
    rows = TemplateVersion.objects.filter(code=code).select_related("made_by")
    return list(rows.order_by("-version")[:50])


def newest_in_force() -> dict[str, TemplateVersion]:
    """For each template that was ever reworded, the row that holds (各模板的现行版本), in one query."""
    latest = (
        TemplateVersion.objects.filter(in_force=True)
        .values("code")
        .annotate(last=Max("pk"))
        .values_list("last", flat=True)
    )
    rows = TemplateVersion.objects.filter(pk__in=list(latest)).select_related("made_by")
    return {row.code: row for row in rows}


def forget() -> None:
    """Read the wordings anew next time (清除缓存)."""
    global _kept
    _kept = None


def _in_force() -> Mapping[str, Template]:
    global _kept
    # What this transaction changed may still be rolled back: nothing of it is kept.
    if any(entry[1] is forget for entry in connection.run_on_commit):
        return _load()
    if _kept is None or time.monotonic() - _kept.read_at > KEPT_SECONDS:
        _kept = _Kept(_load(), time.monotonic())
    return _kept.texts


def _load() -> dict[str, Template]:
    return {
        code: template_from(code, row.texts)
        for code, row in newest_in_force().items()
        if row.texts is not None
    }


def _sentences(rows: Sequence[Any]) -> tuple[Text, ...]:
    return tuple(text_from(row) for row in rows)
