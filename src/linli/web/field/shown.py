"""An entry as the lead reads it (外勤收件的呈现): what the worker wrote, with the form's own words; personal facts masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from linli.base.codes import mask_name, mask_phone
from linli.base.i18n import Text, text_from
from linli.kernel.fieldwork.deciding import body_of
from linli.kernel.fieldwork.models import FieldEntry
from linli.kernel.fieldwork.patrols import CHECKED
from linli.kernel.fieldwork.registry import KINDS
from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.places.models import Area
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.fields import show_value
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import visible_to

TITLES = {
    "action": Text("要办的操作", "What was to be done"),
    "area": Text("网格", "Grid"),
    "place_text": Text("位置说明", "Where, in words"),
    "position": Text("位置（经度、纬度）", "Position (lng, lat)"),
    "accuracy_m": Text("定位误差（米）", "Error of the position (m)"),
    "checked": Text("看了什么", "What was looked at"),
    "text": Text("情况", "What was found"),
    "consent": Text("居民同意", "The resident agreed"),
}
LEFT_OUT = frozenset({"number", "seq", "base", "data", "fields", "photos", "voice"})
LONGEST = 4000


@dataclass(frozen=True)
class Line:
    code: str
    title: Text
    value: Text | str


@dataclass(frozen=True)
class SentFile:
    url: str
    name: str
    is_photo: bool
    is_voice: bool
    fault: str


@dataclass(frozen=True)
class Clash:
    """One field that two people filled in differently (一项分歧)."""

    code: str
    title: Text
    theirs: Text | str
    mine: Text | str
    joinable: bool


def lines(row: FieldEntry, by: Actor) -> list[Line]:
    """What the worker wrote, line by line (收件内容)."""
    body = body_of(row)
    case = visible_to(by).filter(number=row.number).first() if row.number else None
    procedure = procedure_of(case.version_id) if case else None
    found = []
    if row.kind == "act" and procedure is not None and case is not None:
        action = procedure.action(case.step, str(body.get("action"))) or _anywhere(
            procedure, str(body.get("action"))
        )
        found.append(Line("action", TITLES["action"], action.title if action else str(body.get("action"))))
    flat = {**body, **_part(body, "data"), **_part(body, "fields")}
    if flat.get("lng") and flat.get("lat"):
        flat["position"] = f"{flat.pop('lng')}, {flat.pop('lat')}"
    titles = _titles(row)
    for code, value in flat.items():
        if code in LEFT_OUT or value in (None, "", []) or (code == "action" and found):
            continue
        known = procedure.fields.get(code) if procedure else None
        title = known.title if known else titles.get(code) or TITLES.get(code) or Text(code, code)
        found.append(Line(code, title, _value(code, value, procedure)))
    return found


def _anywhere(procedure: Procedure, code: str) -> Any:
    for step in procedure.steps.values():
        if code in step.actions:
            return step.actions[code]
    return procedure.anywhere.get(code)


def _part(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def _titles(row: FieldEntry) -> dict[str, Text]:
    kind = KINDS.get(row.kind)
    if kind is None or kind.form is None:
        return {}
    fields = (kind.form(actor_for(row.account)) or {}).get("fields", [])
    return {field["code"]: text_from(field["title"]) for field in fields}


def _value(code: str, value: Any, procedure: Procedure | None) -> Text | str:
    if code.endswith("contact") or code == "phone":
        return mask_phone(str(value))
    if code.endswith("_name"):
        return mask_name(str(value))
    if code == "area":
        area = Area.objects.filter(code=str(value)).first()
        return area.title if area else str(value)
    if code == "checked" and isinstance(value, list):
        named = [CHECKED.get(str(c), Text(str(c), str(c))) for c in value]
        return Text("、".join(t.zh for t in named), ", ".join(t.en for t in named))
    if isinstance(value, bool):
        return Text("是", "Yes") if value else Text("否", "No")
    if procedure is not None and code in procedure.fields and isinstance(value, str | int):
        shown = show_value(procedure.fields[code], value)
        return shown if isinstance(shown, Text) else str(shown)[:LONGEST]
    return str(value)[:LONGEST]


def files(row: FieldEntry) -> list[SentFile]:
    return [
        SentFile(
            reverse("web:field_entry_file", args=[row.uid, file.place]),
            file.name or file.sha256[:12],
            is_photo=not file.fault and file.media_type.startswith("image/"),
            is_voice=not file.fault and file.media_type.startswith("audio/"),
            fault=file.fault,
        )
        for file in row.files.all()
        if file.upload_uid is not None
    ]


def clashes(row: FieldEntry, case: Case | None) -> list[Clash]:
    """The fields in question, both values side by side (分歧的栏目)."""
    if case is None:
        return []
    procedure, wrote = procedure_of(case.version_id), _part(body_of(row), "fields")
    found = []
    for code in row.conflicts:
        field = procedure.fields[code]
        theirs, mine = first_fact(case, code), wrote.get(code)
        found.append(
            Clash(
                code,
                field.title,
                show_value(field, theirs) or "",
                show_value(field, mine) or "",
                joinable=field.type in {"text", "string"},
            )
        )
    return found


def in_words(row: FieldEntry, by: Actor) -> str:
    """What was written, as a text that a note or a report can begin with (草拟文字)."""
    skipped = {"action", "position", "accuracy_m", "area", "category", "consent", "topic"}
    return "\n".join(
        str(line.value) for line in lines(row, by) if line.code not in skipped and not _personal(line.code)
    )


def _personal(code: str) -> bool:
    return code.endswith(("contact", "_name")) or code == "phone"
