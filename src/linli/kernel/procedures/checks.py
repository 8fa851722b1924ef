"""What the checker proves about procedures before they load (程序检查). Pure; each finding has its rule code.

PC101 a step cannot be reached · PC102 a step cannot reach an end · PC103 an action leads nowhere
PC201 a step has no actor or a level that does not exist · PC202 a step has no limit
PC301 an adverse action lacks reason, basis, notice or an existing remedy
PC501 a personal field lacks purpose, retention or viewers
PC601 a title lacks a language · PC602 an unknown field, field type, guard or effect
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from linli.base.i18n import Text
from linli.kernel.procedures.definitions import Action, FieldDef, Procedure
from linli.kernel.procedures.fields import is_known_type
from linli.kernel.procedures.registry import EFFECTS, GUARDS

LEVELS = {
    "province",
    "prefecture",
    "county",
    "township",
    "village",
    "grid",
    "micro_grid",
    "assigned",
    "window",
}
PERSONAL_TYPES = {"phone", "id_number"}


@dataclass(frozen=True)
class Finding:
    rule: str
    where: str
    message: Text
    mend: Text

    def as_dict(self) -> dict[str, object]:
        return {
            "rule": self.rule,
            "where": self.where,
            "message": self.message.as_dict(),
            "mend": self.mend.as_dict(),
        }


def check_procedures(procedures: Sequence[Procedure], *, beside: Iterable[str] = ()) -> list[Finding]:
    """What is wrong with these (检查一组程序); `beside` are the codes of procedures that exist besides them."""
    codes = {p.code for p in procedures} | set(beside)
    return [finding for p in procedures for finding in check_procedure(p, codes)]


def check_procedure(procedure: Procedure, known: set[str]) -> list[Finding]:
    return [
        *_reach(procedure),
        *_actors(procedure),
        *_due_process(procedure, known),
        *_fields(procedure),
        *_names(procedure),
    ]


def _actions(procedure: Procedure) -> list[tuple[str, Action]]:
    here = [
        (f"{procedure.code}.steps.{s.code}.actions.{a.code}", a)
        for s in procedure.steps.values()
        for a in s.actions.values()
    ]
    return here + [(f"{procedure.code}.anywhere.{a.code}", a) for a in procedure.anywhere.values()]


def _reach(procedure: Procedure) -> list[Finding]:
    found: list[Finding] = []
    onward: dict[str, set[str]] = {code: set() for code in procedure.steps}
    for step in procedure.steps.values():
        for action in procedure.actions_at(step.code):
            if not action.to:
                continue
            if action.to not in procedure.steps:
                found.append(
                    Finding(
                        "PC103",
                        f"{procedure.code}.steps.{step.code}.actions.{action.code}",
                        Text(
                            f"操作“{action.code}”要去的环节“{action.to}”不存在。",
                            f"{action.code} leads to {action.to}, which is no step.",
                        ),
                        Text("改成已有的环节，或补上这个环节。", "Name an existing step, or add this one."),
                    )
                )
            else:
                onward[step.code].add(action.to)
    reached = _closure(onward, {procedure.first})
    backward: dict[str, set[str]] = {code: set() for code in procedure.steps}
    for code, targets in onward.items():
        for target in targets:
            backward[target].add(code)
    ending = _closure(backward, {s.code for s in procedure.steps.values() if s.kind == "end"})
    for code in procedure.steps:
        where = f"{procedure.code}.steps.{code}"
        if code not in reached:
            found.append(
                Finding(
                    "PC101",
                    where,
                    Text(f"环节“{code}”从起点到不了。", f"Step {code} cannot be reached."),
                    Text("加一个通向它的操作，或删去它。", "Add an action that leads to it, or remove it."),
                )
            )
        if code not in ending:
            found.append(
                Finding(
                    "PC102",
                    where,
                    Text(f"环节“{code}”到不了任何终点。", f"Step {code} can reach no end."),
                    Text("加一个最终通向办结的操作。", "Add an action that leads to an end at last."),
                )
            )
    return found


def _closure(graph: dict[str, set[str]], start: set[str]) -> set[str]:
    seen, todo = set(start), list(start)
    while todo:
        for target in graph.get(todo.pop(), ()):
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def _bad_actor(spec: str) -> bool:
    if spec in {"applicant", "system", "anyone", "resident", "reporter"}:
        return False
    role, _, level = spec.partition("@")
    return not role or level not in LEVELS


def _actors(procedure: Procedure) -> list[Finding]:
    found: list[Finding] = []
    for step in procedure.steps.values():
        where = f"{procedure.code}.steps.{step.code}"
        if step.kind == "end":
            continue
        if _bad_actor(step.actor) and step.kind != "timer":
            found.append(
                Finding(
                    "PC201",
                    where,
                    Text(
                        f"环节“{step.code}”没有承办人，或层级写错了。",
                        f"Step {step.code} has no actor at a level that exists.",
                    ),
                    Text(
                        "写成 角色@层级，例如 dispatcher@township。",
                        "Write role@level, such as dispatcher@township.",
                    ),
                )
            )
        if step.within is None:
            found.append(
                Finding(
                    "PC202",
                    where,
                    Text(f"环节“{step.code}”没有时限。", f"Step {step.code} has no limit."),
                    Text("写上 within，例如 1 working day。", "Give it `within`, such as 1 working day."),
                )
            )
    for where, action in _actions(procedure):
        found += [
            Finding(
                "PC201",
                where,
                Text(f"“{spec}”不是承办人的写法。", f"{spec!r} names no actor."),
                Text("写成 角色@层级。", "Write role@level."),
            )
            for spec in action.by
            if _bad_actor(spec)
        ]
    return found


def _due_process(procedure: Procedure, known: set[str]) -> list[Finding]:
    """行政行为不利于当事人的，须说明理由和依据、送达并告知救济 (e.g. 行政许可法 38)."""
    found = []
    for where, action in _actions(procedure):
        if not action.adverse:
            continue
        lacking = [code for code in ("reason", "legal_basis") if code not in action.form]
        if lacking or "applicant" not in action.notifies or action.remedy not in known:
            found.append(
                Finding(
                    "PC301",
                    where,
                    Text(
                        f"不利决定“{action.code}”缺少理由、依据、通知当事人或可用的救济程序。",
                        f"The adverse action {action.code} lacks a reason, a basis, a notice to the applicant, or a remedy that exists.",
                    ),
                    Text(
                        "form 加 reason 和 legal_basis，notifies 加 applicant，remedy 写一个已有的程序。",
                        "Add reason and legal_basis to form, applicant to notifies, and name an existing procedure as remedy.",
                    ),
                )
            )
    return found


def _fields(procedure: Procedure) -> list[Finding]:
    found: list[Finding] = []
    for field in procedure.fields.values():
        where = f"{procedure.code}.fields.{field.code}"
        if not is_known_type(field.type):
            found.append(
                Finding(
                    "PC602",
                    where,
                    Text(f"没有“{field.type}”这种字段。", f"There is no field type {field.type!r}."),
                    Text("改用已有的类型。", "Use a known type."),
                )
            )
        if _lacks_personal(field):
            found.append(
                Finding(
                    "PC501",
                    where,
                    Text(
                        f"个人信息字段“{field.code}”没有写明用途、保存期和可见人。",
                        f"The personal field {field.code} lacks purpose, retention or viewers.",
                    ),
                    Text(
                        "补上 personal = { purpose, basis, seen_by, keep }（个人信息保护法 6、17、19）。",
                        "Add personal = { purpose, basis, seen_by, keep } (PIPL 6, 17, 19).",
                    ),
                )
            )
        if field.personal and field.public:
            found.append(
                Finding(
                    "PC501",
                    where,
                    Text(
                        f"个人信息字段“{field.code}”不得公开。",
                        f"The personal field {field.code} must not be public.",
                    ),
                    Text("去掉 public。", "Remove public."),
                )
            )
    used = {code for _, a in _actions(procedure) for code in (*a.form, *a.optional)} | set(
        procedure.open_form
    )
    for code in sorted(used - set(procedure.fields)):
        found.append(
            Finding(
                "PC602",
                procedure.code,
                Text(
                    f"表单用到的字段“{code}”没有定义。",
                    f"The forms name the field {code}, which is not defined.",
                ),
                Text(f"加上 [fields.{code}]。", f"Add [fields.{code}]."),
            )
        )
    return found


def _lacks_personal(field: FieldDef) -> bool:
    if field.personal is None:
        return field.type in PERSONAL_TYPES
    return not (field.personal.purpose and field.personal.keep and field.personal.seen_by)


def _names(procedure: Procedure) -> list[Finding]:
    found: list[Finding] = []
    titled = [(procedure.code, procedure.title)]
    titled += [(f"{procedure.code}.steps.{s.code}", s.title) for s in procedure.steps.values()]
    titled += [(where, a.title) for where, a in _actions(procedure)]
    for where, title in titled:
        if not title.zh or not title.en or title.zh == title.en:
            found.append(
                Finding(
                    "PC601",
                    where,
                    Text("标题缺一种语言。", "The title lacks a language."),
                    Text("写成 { zh = …, en = … }。", "Write { zh = …, en = … }."),
                )
            )
    guards = {a.guard for _, a in _actions(procedure)} | {s.guard for s in procedure.steps.values()}
    effects = {a.effect for _, a in _actions(procedure)} | {procedure.open_effect}
    for name in sorted((guards - set(GUARDS)) | (effects - set(EFFECTS)) - {""}):
        if name:
            found.append(
                Finding(
                    "PC602",
                    procedure.code,
                    Text(f"没有登记过“{name}”这个函数。", f"No guard or effect is registered as {name!r}."),
                    Text("核对拼写，或由领域登记它。", "Check the spelling, or register it in the domain."),
                )
            )
    return found
