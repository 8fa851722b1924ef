"""The form of an application as JSON Schema (申请表的 JSON Schema, 2020-12): pure; the page and the API ask the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linli.domains.matters.form import LONGEST, Form
from linli.domains.matters.spec import FormField, Material

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(form: Form) -> dict[str, Any]:
    """`answers` by question and `papers` by paper; what only arises from an answer is demanded by `if`/`then`.

    `x-element` names the datum that a register may know: with `x-prefilled` it is left out where the register has it.
    """
    asked = [f for f in form.fields if f.required and f.when is None and not f.prefilled]
    arising = [f for f in form.fields if f.required and f.when is not None and not f.prefilled]
    answers: dict[str, Any] = {
        "type": "object",
        "properties": {f.code: _field(f) for f in form.fields},
        "required": [f.code for f in asked],
        "additionalProperties": False,
    }
    if arising:
        answers["allOf"] = [{"if": _condition(f.when or {}), "then": {"required": [f.code]}} for f in arising]
    papers = [m for m in form.materials if m.source != "register"]
    return {
        "$schema": DRAFT,
        "title": form.title.zh,
        "description": form.title.en,
        "type": "object",
        "properties": {
            "answers": answers,
            "papers": {
                "type": "object",
                "properties": {m.code: _paper(m) for m in papers},
                "additionalProperties": False,
            },
        },
        "required": ["answers"],
    }


def _field(f: FormField) -> dict[str, Any]:
    found: dict[str, Any] = {"title": f.title.zh, "description": f.title.en}
    match f.type:
        case "boolean":
            found["type"] = "boolean"
        case "number" | "money":
            found["type"] = ["number", "string"]
        case "date":
            found |= {"type": "string", "format": "date"}
        case "choice":
            found["enum"] = [code for code, _ in f.choices]
        case "choices":
            found |= {
                "type": "array",
                "items": {"enum": [code for code, _ in f.choices]},
                "uniqueItems": True,
            }
        case _:
            found |= {"type": "string", "maxLength": LONGEST.get(f.type, 200)}
    if f.choices:
        found["x-titles"] = {code: title.as_dict() for code, title in f.choices}
    if f.element:
        found |= {"x-element": f.element, "x-prefilled": f.prefilled}
    return found


def _paper(m: Material) -> dict[str, Any]:
    ways = ["uploaded", "brought", "bring", *(["later"] if m.need == "tolerable" else [])]
    return {"title": m.title.zh, "description": m.title.en, "enum": ways}


def _condition(when: Mapping[str, Any]) -> dict[str, Any]:
    for word, joined in (("all", "allOf"), ("any", "anyOf")):
        if word in when:
            return {joined: [_condition(c) for c in when[word]]}
    wanted = list(when["in"]) if "in" in when else [when.get("is")]
    code = str(when["field"])
    is_one = {"anyOf": [{"enum": wanted}, {"type": "array", "contains": {"enum": wanted}}]}
    return {"properties": {code: is_one}, "required": [code]}
