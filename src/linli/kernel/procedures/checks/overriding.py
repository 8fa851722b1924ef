"""What a county's own file may not do (地方程序的底线): the law's minimum stays, whatever else is changed.

PC801 it extends nothing that exists · PC802 no county it is for · PC803 no basis of its own · PC804 another code or prefix ·
PC805 the law's own numbers · PC806 an adverse action no longer marked · PC807 more people may see the cases · PC808 an
extension beyond the law · PC809 less time for a remedy, or not for the person · PC810 a step taken out of the whole limit ·
PC811 round a publicity · PC812 a guard or effect of the default · PC813 a new ground for stopping the law's clock ·
PC814 a change of what the default does not have
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linli.base.codes import level_of_prefix
from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.kernel.people.services.installation import COUNTY_OR_ABOVE
from linli.kernel.procedures.checks.dueprocess import may_ask
from linli.kernel.procedures.checks.finding import Finding, near
from linli.kernel.procedures.checks.reach import closure
from linli.kernel.procedures.checks.ways import period_of
from linli.kernel.procedures.checks.worstcase import too_long
from linli.kernel.procedures.definitions import Action, Procedure
from linli.kernel.procedures.lines import Path

# From those who may see least to everybody.
OPENNESS = ("named", "handlers", "parties", "public")
LAWS = frozenset({"statutory_limit", "statutory", "statutory_days", "final_by"})


def head(raw: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Finding]:
    """What every override says of itself: what it changes, where, and on which ground."""
    code = str(raw.get("extends", ""))
    if code not in known:
        yield Finding(
            "PC801",
            ("extends",),
            Text(f"要改的程序“{code}”不存在。", f"It extends {code!r}, which is no procedure."),
            near(code, known),
        )
    place = str(raw.get("jurisdiction", ""))
    if not is_county(place):
        yield Finding(
            "PC802",
            ("jurisdiction",),
            Text(
                f"“{place}”不是县级或以上的区划前缀。" if place else "没有写在哪个县有效。",
                f"{place!r} is no prefix of a county or above."
                if place
                else "It does not say for which county it is.",
            ),
            Text(
                '写上 jurisdiction = "县级区划前缀"，例如 "350102"。',
                'Write jurisdiction = "prefix of the county", such as "350102".',
            ),
        )
    basis = raw.get("basis", ())
    if not any(b.strip() for b in ([basis] if isinstance(basis, str) else basis)):
        yield Finding(
            "PC803",
            ("basis",),
            Text("地方程序没有写自己的依据。", "The override names no basis of its own."),
            Text(
                'basis 写明本地规定，例如 basis = ["×府办〔2026〕1号"]。',
                'Name the local rule in `basis`, such as basis = ["×府办〔2026〕1号"].',
            ),
        )


def is_county(prefix: str) -> bool:
    try:
        return (
            prefix.isdecimal() and level_of_prefix(prefix.removesuffix("000000") or prefix) in COUNTY_OR_ABOVE
        )
    except LinliError:
        return False


def strays(over: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Finding]:
    """What is changed must be there (改的对象须存在): a step, action or field without a title is a change of one that the
    default has, and where that has none of the name, it is misspelt."""
    kinds = {
        "steps": Text("环节", "step"),
        "fields": Text("字段", "field"),
        "anywhere": Text("各环节可办的操作", "action open anywhere"),
        "actions": Text("操作", "action"),
    }
    todo: list[Path] = [("steps",), ("fields",), ("anywhere",)]
    for path in todo:
        changes, known = _under(over, path), _under(whole, path)
        for code, change in changes.items():
            if not isinstance(change, Mapping):
                continue
            if code in known:
                todo += [(*path, code, "actions")] if path == ("steps",) else []
            elif not change.get("title"):
                what = kinds[str(path[-1])]
                yield Finding(
                    "PC814",
                    (*path, code),
                    Text(
                        f"默认程序没有“{code}”这个{what.zh}，没有什么可改。",
                        f"The default has no {what.en} {code!r}: there is nothing to change.",
                    ),
                    Text(
                        f"{near(code, known).zh}要新加一个的，写全它的 title 等各项。",
                        f"{near(code, known).en} To add a new one, write all of it, with its title.",
                    ),
                )


def _under(raw: Any, path: Path) -> Mapping[str, Any]:
    for key in path:
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return raw if isinstance(raw, Mapping) else {}


def overriding(
    over: Mapping[str, Any], base: Procedure, whole: Procedure, raw_base: Mapping[str, Any]
) -> Iterator[Finding]:
    """What an override changes that is not the county's to change (越权修改)."""
    for key in ("code", "prefix"):
        if key in over and over[key] != getattr(base, key):
            yield Finding(
                "PC804",
                (key,),
                Text(
                    f"地方程序不能改 {key}（原为“{getattr(base, key)}”）。",
                    f"An override cannot change {key}; it is {getattr(base, key)!r}.",
                ),
                Text(f"删去 {key}。", f"Remove {key}."),
            )
    yield from _laws(over, raw_base, ())
    yield from _adverse(base, whole)
    if 0 <= _openness(base.confidential) < _openness(whole.confidential):
        yield Finding(
            "PC807",
            ("confidential",),
            Text(
                f"地方程序放宽了谁看得到办件（{base.confidential} → {whole.confidential}）。",
                f"The override lets more people see the cases ({base.confidential} → {whole.confidential}).",
            ),
            Text("保持原来的范围，或更严。", "Keep it as it is, or stricter."),
        )
    if whole.sees_origin and not base.sees_origin:
        yield Finding(
            "PC807",
            ("sees_origin",),
            Text(
                "地方程序让更多人看到原件。",
                "The override lets more people see the case that it came out of.",
            ),
            Text("删去 sees_origin。", "Remove `sees_origin`."),
        )
    yield from _times(base, whole)
    yield from _remedy(base, whole)
    yield from _round_the_publicity(base, whole)
    yield from _functions(over, raw_base, ())
    yield from _pauses(base, whole)


def _openness(word: str) -> int:
    return OPENNESS.index(word) if word in OPENNESS else -1


def _laws(over: Mapping[str, Any], base: Any, path: Path) -> Iterator[Finding]:
    for key, value in over.items():
        here = (*path, key)
        former = base.get(key) if isinstance(base, Mapping) else None
        named_by_file = path and path[-1] in {"steps", "fields", "actions", "anywhere", "choices"}
        if key in LAWS and not named_by_file:
            if value != former:
                yield Finding(
                    "PC805",
                    here,
                    Text(
                        f"“{key}”是法律的规定，地方程序不能改，也不能自己加。",
                        f"{key} is what the law says: an override can neither change nor add it.",
                    ),
                    Text(
                        "删去它；要更快，改 limit、within 或 days。",
                        "Remove it; to be faster, change limit, within or days.",
                    ),
                )
        elif isinstance(value, Mapping):
            yield from _laws(value, former, here)


def _adverse(base: Procedure, whole: Procedure) -> Iterator[Finding]:
    for path, action in _actions(base):
        now = _at(whole, path)
        if action.adverse and now is not None and not now.adverse:
            yield Finding(
                "PC806",
                (*path, "adverse"),
                Text(
                    f"“{action.code}”是对当事人不利的决定，地方程序不能去掉 adverse。",
                    f"{action.code} is a decision against the person; an override cannot unmark it.",
                ),
                Text("删去 adverse = false。", "Remove adverse = false."),
            )


def _actions(procedure: Procedure) -> list[tuple[Path, Action]]:
    found: list[tuple[Path, Action]] = [(("anywhere", a.code), a) for a in procedure.anywhere.values()]
    for step in procedure.steps.values():
        found += [(("steps", step.code, "actions", a.code), a) for a in step.actions.values()]
    return found


def _at(procedure: Procedure, path: Path) -> Action | None:
    return next((action for here, action in _actions(procedure) if here == path), None)


def _times(base: Procedure, whole: Procedure) -> Iterator[Finding]:
    if base.extend is not None and whole.extend is not None and base.extend.once and not whole.extend.once:
        yield Finding(
            "PC808",
            ("extend", "once"),
            Text(
                "时限只能延长一次，地方程序不能改成可以多次。",
                "The limit may be extended once; an override cannot allow it more often.",
            ),
            Text("删去 once = false。", "Remove once = false."),
        )
    if base.extend is not None and whole.extend is not None and whole.extend.statutory is None:
        longer = too_long((whole.extend.period,), base.extend.period)
        usual = dict.fromkeys(whole.fields, "default")
        law, limit = period_of(whole.statutory_limit, usual), period_of(whole.limit, usual)
        if longer and law and limit and too_long((limit, whole.extend.period), law):
            yield Finding(
                "PC808",
                ("extend", "max"),
                Text(
                    f"时限 {limit.title.zh} 加延长 {whole.extend.period.title.zh}，超过法定的 {law.title.zh}。",
                    f"The limit of {limit.title.en} with an extension of {whole.extend.period.title.en} is longer than "
                    f"the law allows: {law.title.en}.",
                ),
                Text(
                    f"延长不超过原来的 {base.extend.period.title.zh}。",
                    f"Extend by no more than {base.extend.period.title.en}.",
                ),
            )
    for code, step in whole.steps.items():
        if step.outside_limit and code in base.steps and not base.steps[code].outside_limit:
            yield Finding(
                "PC810",
                ("steps", code, "outside_limit"),
                Text(
                    f"环节“{code}”原来占用全程时限，地方程序不能把它移出去。",
                    f"Step {code} counts towards the whole limit; an override cannot take it out.",
                ),
                Text("删去 outside_limit。", "Remove outside_limit."),
            )


def _remedy(base: Procedure, whole: Procedure) -> Iterator[Finding]:
    former, now = base.challenge, whole.challenge
    if former is not None and may_ask(base) and not may_ask(whole):
        yield Finding(
            "PC809",
            ("opened_by",),
            Text(
                "这是救济程序，地方程序不能让当事人自己提不了。",
                "This is a remedy: an override cannot keep the person from opening it.",
            ),
            Text("opened_by 保留 resident 或 anyone。", "Keep resident or anyone in `opened_by`."),
        )
    if former and now and former.within and now.within and too_long((former.within,), now.within):
        yield Finding(
            "PC809",
            ("challenge", "within"),
            Text(
                f"地方程序把当事人提出的期限从 {former.within.title.zh} 缩短为 {now.within.title.zh}。",
                f"The override shortens the time to ask from {former.within.title.en} to {now.within.title.en}.",
            ),
            Text(f"不少于 {former.within.title.zh}。", f"At least {former.within.title.en}."),
        )


def _round_the_publicity(base: Procedure, whole: Procedure) -> Iterator[Finding]:
    """What has to be shown before it takes effect is shown in every county."""
    yield from _no_objection(base, whole)
    changed = tuple(
        (*path, "to")
        for path, action in _actions(whole)
        if (former := _at(base, path)) is None or former.to != action.to
    )
    for step in base.steps.values():
        if step.kind != "publicity":
            continue
        ends = [e.code for e in base.steps.values() if e.kind == "end"]
        kept = whole.steps[step.code].kind == "publicity"
        opened = {e for e in ends if _reached(whole, e, round_=step.code)}
        shut = {e for e in ends if not _reached(base, e, round_=step.code)}
        if not kept or opened & shut:
            yield Finding(
                "PC811",
                ("steps", step.code, "kind"),
                Text(
                    f"地方程序绕过了公示环节“{step.code}”。",
                    f"The override leads round the publicity {step.code}, or makes it something else.",
                ),
                Text(
                    "保留公示环节；要变的只是天数和地点。",
                    "Keep the step; only its days and places are the county's.",
                ),
                also=changed,
            )


def _no_objection(base: Procedure, whole: Procedure) -> Iterator[Finding]:
    for step in whole.steps.values():
        former = base.steps[step.code].publicity if step.code in base.steps else None
        if former and step.publicity and former.objection and not step.publicity.objection:
            yield Finding(
                "PC811",
                ("steps", step.code, "objection"),
                Text(
                    f"地方程序去掉了公示环节“{step.code}”的异议途径“{former.objection}”。",
                    f"The override takes away {former.objection}, by which one objects to {step.code}.",
                ),
                Text("删去 objection 这一行。", "Remove the line `objection`."),
            )


def _reached(procedure: Procedure, end: str, *, round_: str) -> bool:
    onward = {
        code: {a.to for a in procedure.actions_at(code) if a.to in procedure.steps and a.to != round_}
        for code in procedure.steps
    }
    return procedure.first != round_ and end in closure(onward, {procedure.first})


def _functions(over: Mapping[str, Any], base: Any, path: Path) -> Iterator[Finding]:
    for key, value in over.items():
        former = base.get(key) if isinstance(base, Mapping) else None
        if isinstance(value, Mapping):
            yield from _functions(value, former, (*path, key))
        elif key in {"guard", "effect"} and former and value != former:
            yield Finding(
                "PC812",
                (*path, key),
                Text(
                    f"“{former}”是默认程序的{'条件' if key == 'guard' else '效果'}，地方程序不能去掉或换掉。",
                    f"{former} is the default's {key}: an override can neither remove nor replace it.",
                ),
                Text(
                    f"删去 {key}。地方可以改时限、角色、表单和标题。",
                    f"Remove {key}. Limits, roles, forms and titles are the county's.",
                ),
            )


def _pauses(base: Procedure, whole: Procedure) -> Iterator[Finding]:
    """Where the law sets the limit, it also says what may stop the clock."""
    if base.statutory_limit is None:
        return
    for path, action in _actions(whole):
        former = _at(base, path)
        known = former.suspends.grounds if former and former.suspends else ()
        added = sorted(set(action.suspends.grounds) - set(known)) if action.suspends else []
        if added:
            yield Finding(
                "PC813",
                (*path, "suspends", "grounds"),
                Text(
                    f"“{action.code}”新增了中止计时的事由 {'、'.join(added)}，而时限是法定的。",
                    f"{action.code} stops the clock on further grounds ({', '.join(added)}), but the law sets the limit.",
                ),
                Text("只用默认程序已有的事由。", "Use the default's grounds alone."),
            )
