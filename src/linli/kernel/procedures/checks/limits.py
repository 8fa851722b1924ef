"""Second proof, second half (有时限): each step has a limit that can be found for every case, within the law's.

PC202 a step has no limit · PC209 a value for which the table has no limit · PC210 an entry that no case can have ·
PC211 a table that goes by no field · PC212 an emergency limit of a step that is none · PC213 a start or an extension
that does not hold together. The sums are in `ways`.
"""

from __future__ import annotations

from collections.abc import Iterator

from linli.base.i18n import Text
from linli.kernel.procedures.checks.finding import Finding, Subject, near
from linli.kernel.procedures.definitions import FieldDef, Limit, Procedure
from linli.kernel.procedures.lines import Path
from linli.kernel.procedures.registry import LIMIT_SOURCES

CHOSEN = frozenset({"choice", "radio"})
BOOLEAN, RATED = ("True", "False"), ("1", "2", "3", "4", "5")


def limits(subject: Subject) -> Iterator[Finding]:
    procedure = subject.procedure
    for step in procedure.steps.values():
        if step.kind != "end" and step.within is None and step.kind != "publicity":
            yield Finding(
                "PC202",
                ("steps", step.code, "within"),
                Text(f"环节“{step.code}”没有时限。", f"Step {step.code} has no limit."),
                Text("写上 within，例如 1 working day。", "Give it `within`, such as 1 working day."),
            )
    for path, limit in all_limits(procedure):
        yield from _table(path, limit, procedure)
    yield from _never_known(subject)
    yield from _starts(procedure)
    yield from _extension(subject)


def all_limits(procedure: Procedure) -> list[tuple[Path, Limit]]:
    found: list[tuple[Path, Limit | None]] = [
        (("limit",), procedure.limit),
        (("statutory_limit",), procedure.statutory_limit),
    ]
    for step in procedure.steps.values():
        here: Path = ("steps", step.code)
        if step.kind != "publicity":
            found.append(((*here, "within"), step.within))
        found += [((*here, "helpers_within"), step.helpers_within), ((*here, "statutory"), step.statutory)]
        for action in step.actions.values():
            if action.part_to is not None:
                found.append(((*here, "actions", action.code, "part_to", "within"), action.part_to.within))
    if procedure.emergency is not None:
        found.append((("emergency", "limit"), procedure.emergency.limit))
        found += [(("emergency", "steps", c), limit) for c, limit in procedure.emergency.steps.items()]
    return [(path, limit) for path, limit in found if limit is not None]


def values_of(field: FieldDef | None) -> tuple[str, ...] | None:
    """The values that a field can have (可取的值); none where they are open."""
    if field is None:
        return None
    if field.choices:
        return tuple(code for code, _ in field.choices)
    return {"boolean": BOOLEAN, "rating": RATED}.get(field.type)


def _table(path: Path, limit: Limit, procedure: Procedure) -> Iterator[Finding]:
    if limit.period is not None:
        return
    field = procedure.fields.get(limit.by)
    if field is None:
        yield Finding(
            "PC211",
            (*path, "by"),
            Text(
                f"时限按“{limit.by}”分档，但没有这个字段。"
                if limit.by
                else "时限表没有写按哪个字段分档（by），也没有写 is。",
                f"The limit goes by {limit.by!r}, which is no field."
                if limit.by
                else "The limit says neither by which field it goes (`by`) nor what it is (`is`).",
            ),
            near(limit.by, procedure.fields)
            if limit.by
            else Text(
                '写成 { by = "字段", 值 = "…" }，或直接写一个期限。',
                'Write { by = "field", value = "…" }, or one period.',
            ),
        )
        return
    values = values_of(field)
    sourced = limit.by in LIMIT_SOURCES
    if "default" not in limit.table and not sourced:
        lacking = [v for v in values if v not in limit.table] if values is not None else ["…"]
        if lacking:
            yield Finding(
                "PC209",
                path,
                Text(
                    f"“{limit.by}”为 {'、'.join(lacking)} 时没有时限。",
                    f"There is no limit where {limit.by} is {', '.join(lacking)}.",
                ),
                Text("补上这些值，或写 default。", "Add these values, or a default."),
                also=(("fields", limit.by, "choices"), *((*path, v) for v in lacking)),
            )
    if values is not None and not sourced:
        for value in limit.table:
            if value not in values and value != "default":
                yield Finding(
                    "PC210",
                    (*path, value),
                    Text(
                        f"“{limit.by}”没有“{value}”这个值，这一档用不上。",
                        f"{limit.by} has no value {value!r}: this entry is never used.",
                    ),
                    near(value, values),
                    also=(("fields", limit.by, "choices"),),
                )


def _never_known(subject: Subject) -> Iterator[Finding]:
    """A limit goes by what the case says in the clear: what is sealed, or asked nowhere, leaves it without a limit."""
    procedure = subject.procedure
    acts = [a for _, _, a in subject.acts]
    asked = {
        *procedure.open_form,
        *procedure.open_optional,
        *(c for a in acts for c in (*a.form, *a.optional)),
    }
    by_effect = bool(procedure.open_effect) or any(a.effect for a in acts)
    told: set[str] = set()
    for path, limit in all_limits(procedure):
        field = procedure.fields.get(limit.by) if limit.period is None else None
        if field is None or field.code in told or (field.public and (field.code in asked or by_effect)):
            continue
        told.add(field.code)
        yield Finding(
            "PC211",
            (*path, "by"),
            Text(
                f"时限按“{field.code}”分档，但"
                + (
                    "它不是公开字段，计时看不到它。"
                    if not field.public
                    else "没有哪张表单填它，时限永远算不出来。"
                ),
                f"The limit goes by {field.code!r}, which "
                + (
                    "is not public: the clock cannot see it."
                    if not field.public
                    else "no form asks: it is never known."
                ),
            ),
            Text(
                f"[fields.{field.code}] 写 public = true。"
                if not field.public
                else f"把 {field.code} 写进一个 form。",
                f"Write public = true in [fields.{field.code}]."
                if not field.public
                else f"Put {field.code} into a `form`.",
            ),
            also=(("fields", field.code, "public"),),
        )


def _starts(procedure: Procedure) -> Iterator[Finding]:
    for name, limit in (("limit", procedure.limit), ("statutory_limit", procedure.statutory_limit)):
        if limit is not None and limit.start and not _works(procedure, limit.start):
            yield Finding(
                "PC213",
                (name, "from"),
                Text(
                    f"时限从环节“{limit.start}”起算，但没有这个环节，或它是终点。",
                    f"The limit runs from {limit.start!r}, which is no step at which anybody works.",
                ),
                near(limit.start, [c for c in procedure.steps if _works(procedure, c)]),
            )
    if procedure.emergency is not None:
        for code in procedure.emergency.steps:
            if not _works(procedure, code):
                yield Finding(
                    "PC212",
                    ("emergency", "steps", code),
                    Text(
                        f"应急时限写的环节“{code}”不存在，或是终点。",
                        f"The emergency limit is for {code!r}, which is no step at which anybody works.",
                    ),
                    near(code, [c for c in procedure.steps if _works(procedure, c)]),
                )


def _works(procedure: Procedure, code: str) -> bool:
    return code in procedure.steps and procedure.steps[code].kind != "end"


def _extension(subject: Subject) -> Iterator[Finding]:
    procedure = subject.procedure
    rule = procedure.extend
    if rule is not None and not rule.by:
        yield Finding(
            "PC213",
            ("extend", "by"),
            Text("延长时限没有写由谁批准。", "The extension does not say who approves it."),
            Text('写上 by，例如 by = "leader@township"。', 'Give it `by`, such as by = "leader@township".'),
        )
    for path, _, action in subject.acts:
        if action.extends and rule is None:
            yield Finding(
                "PC213",
                (*path, "extends"),
                Text(
                    f"“{action.code}”延长时限，但程序没有写延长的规则。",
                    f"{action.code} extends the limit, but the procedure has no rule for extending it.",
                ),
                Text(
                    '写上 extend = { max = "…", by = "…", notify = ["applicant"] }，或删去 extends。',
                    'Add extend = { max = "…", by = "…", notify = ["applicant"] }, or remove `extends`.',
                ),
            )
