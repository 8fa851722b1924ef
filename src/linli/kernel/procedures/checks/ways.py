"""Second proof, the sum (时限够用): along the longest ordinary way the steps' limits fit the whole one, for each value by
which limits differ; what is promised fits what the law allows.

PC205 the way is longer than the whole limit · PC206 the whole limit is longer than the law's · PC207 a step's limit is
longer than the law's · PC208 an extension is longer than the law's

The ordinary way is the longest that visits no step twice, from the first step (or the one from which the limit runs) to an
end. Not on it: adverse actions, actions of one part of a joint step or that can be done only once, what is open anywhere
unless it ends the case, and what the system does other than on a timeout or after a linked case. Not counted: steps
with `outside_limit`, steps whose limit is held `within_case`, limits that only a domain's own tables know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product

from linli.base.clock import local
from linli.base.i18n import Text
from linli.base.legaltime import Period
from linli.kernel.procedures.checks.finding import Finding, Subject
from linli.kernel.procedures.checks.limits import values_of
from linli.kernel.procedures.checks.worstcase import Chain, TooLong, nominal, too_long
from linli.kernel.procedures.definitions import Action, Limit, Procedure, Step
from linli.kernel.procedures.lines import Path

OTHER = "default"
MOST_STEPS_WALKED, MOST_KEPT, MOST_WAYS, MOST_COMBINATIONS = 20_000, 150, 60, 500
Way = tuple[str, ...]
Facts = dict[str, str]
_Rule = Callable[[Procedure, Step, Action], bool]


def ways(subject: Subject) -> Iterator[Finding]:
    procedure = subject.procedure
    yield from _sums(procedure)
    if procedure.limit is not None and procedure.statutory_limit is not None:
        yield from _law(procedure, procedure.limit, procedure.statutory_limit)
    for step in procedure.steps.values():
        if step.statutory is not None and step.within is not None and step.kind != "end":
            yield from _fits(
                "PC207",
                ("steps", step.code, "within"),
                step.within,
                step.statutory,
                procedure,
                Text(f"环节“{step.code}”的时限", f"The limit of step {step.code}"),
            )
    yield from _others(procedure)


# ------------------------------------------------------------------------------------------- the sum


def _sums(procedure: Procedure) -> Iterator[Finding]:
    name, whole = "limit", procedure.limit
    if whole is None:
        name, whole = "statutory_limit", procedure.statutory_limit
    if whole is None or (whole.start or procedure.first) not in procedure.steps:
        return
    found = ordinary_ways(procedure, whole.start or procedure.first)
    limits = [s.within for way in found for s in (procedure.steps[c] for c in way) if s.within]
    told: set[str] = set()
    for facts in _cases(procedure, [whole, *limits]):
        most = period_of(whole, facts)
        value = facts.get(whole.by, "") if whole.period is None else " ".join(facts.values())
        if most is None or value in told:
            continue
        chains = {way: _chain(procedure, way, facts) for way in found}
        for way in sorted(chains, key=lambda w: nominal(chains[w]), reverse=True)[:MOST_WAYS]:
            if over := too_long(chains[way], most):
                told.add(value)
                yield _way_too_long(procedure, name, whole, facts, way, most, over)
                break


def _chain(procedure: Procedure, way: Iterable[str], facts: Facts) -> Chain:
    taken = (time_of(procedure.steps[code], facts) for code in way)
    return tuple(period for period in taken if period is not None)


def time_of(step: Step, facts: Facts) -> Period | None:
    """What a step takes of the whole limit, at most (环节占用的时间)."""
    if step.outside_limit or step.within is None or step.within.within_case:
        return None
    own = period_of(step.within, facts)
    helpers = period_of(step.helpers_within, facts) if step.kind == "joint" and step.join != "lead" else None
    return max((p for p in (own, helpers) if p), key=lambda p: nominal((p,)), default=None)


def period_of(limit: Limit | None, facts: Facts) -> Period | None:
    """The period for these values; none where a limit goes by a field that does not exist."""
    if limit is None or limit.period is not None:
        return limit.period if limit else None
    if limit.by not in facts:
        return None
    return limit.table.get(facts[limit.by]) or limit.table.get(OTHER)


def _cases(procedure: Procedure, limits: Iterable[Limit]) -> Iterator[Facts]:
    """Every combination of values by which these limits differ (各种分档)."""
    values: dict[str, dict[str, None]] = {}
    for limit in limits:
        if limit.period is None and limit.by in procedure.fields:
            known = values_of(procedure.fields.get(limit.by))
            values.setdefault(limit.by, {}).update(
                dict.fromkeys(known if known is not None else (*limit.table, OTHER))
            )
    for chosen in islice(product(*values.values()), MOST_COMBINATIONS):
        yield dict(zip(values, chosen, strict=True))


def ordinary_ways(procedure: Procedure, start: str) -> list[Way]:
    """The longest ordinary ways from a step to an end (最长的一般路线): none of them is a part of another."""
    for leave in (_is_ordinary, _is_ordinary_or_once, _is_possible):
        found = sorted(set(_walk(procedure, start, leave)), key=len, reverse=True)
        if found:
            break
    longest: list[Way] = []
    for way in found:
        if len(longest) < MOST_KEPT and not any(_is_part(way, other) for other in longest):
            longest.append(way)
    return longest


def _walk(procedure: Procedure, start: str, leave: _Rule) -> Iterator[Way]:
    n = 0
    todo: list[Way] = [(start,)]
    while todo and n < MOST_STEPS_WALKED:
        n += 1
        way = todo.pop()
        step = procedure.steps[way[-1]]
        if step.kind == "end":
            yield way[:-1]
            continue
        targets = {a.to for a in procedure.actions_at(step.code) if leave(procedure, step, a)}
        # In the order of the file, so that the longest ways come first where there are too many to walk them all.
        todo += [(*way, c) for c in [*procedure.steps][::-1] if c in targets and c not in way]


def _is_part(way: Way, other: Way) -> bool:
    rest = iter(other)
    return all(code in rest for code in way)


def _is_possible(procedure: Procedure, step: Step, action: Action) -> bool:
    """Where no ordinary way ends the case, every way counts."""
    return True


def _is_ordinary(procedure: Procedure, step: Step, action: Action) -> bool:
    return not action.once and _is_ordinary_or_once(procedure, step, action)


def _is_ordinary_or_once(procedure: Procedure, step: Step, action: Action) -> bool:
    if action.adverse or (action.parts and "lead" not in action.parts):
        return False
    if set(action.by) == {"system"} and action.code != step.timeout and not action.after:
        return False
    end = procedure.steps.get(action.to)
    return action.code in step.actions or (end is not None and end.kind == "end")


def _way_too_long(
    procedure: Procedure, name: str, whole: Limit, facts: Facts, way: Way, most: Period, over: TooLong
) -> Finding:
    value = facts.get(whole.by, "") if whole.period is None else ""
    here: Path = (name, value if value in whole.table else OTHER) if value else (name,)
    steps = [(procedure.steps[c], time_of(procedure.steps[c], facts)) for c in way]
    counted = [(s, p) for s, p in steps if p is not None]
    route_zh = " → ".join(f"{s.code} {p.title.zh}" for s, p in counted)
    route_en = " → ".join(f"{s.code} {p.title.en}" for s, p in counted)
    said = _said(facts)
    whose = Text("全程时限", "the whole limit") if name == "limit" else Text("法定时限", "the law's limit")
    return Finding(
        "PC205",
        here,
        Text(
            f"{said.zh}最长的一般路线（{route_zh}）共 {over.total.zh}，超过{whose.zh} {most.title.zh}。{_worst(over).zh}",
            f"{said.en}The longest ordinary way ({route_en}) takes {over.total.en}, more than {whose.en} of "
            f"{most.title.en}.{_worst(over).en}",
        ),
        Text(
            "缩短环节时限，或在法定范围内放宽全程时限；不占全程时限的环节写 outside_limit = true，"
            "不得超过全程时限的写 within_case = true。",
            "Shorten the steps, or lengthen the whole limit within the law. A step that comes after the limit has been "
            "kept is outside_limit = true; one that never reaches beyond it is within_case = true.",
        ),
        also=tuple(("steps", s.code, "within") for s, _ in counted),
    )


def _said(facts: Facts) -> Text:
    given = ", ".join(f"{field} = {value}" for field, value in facts.items() if value != OTHER)
    return Text(f"{given} 时，", f"Where {given}: ") if given else Text("", "")


def _worst(over: TooLong) -> Text:
    if over.start is None or over.ends is None or over.limit_ends is None:
        return Text("", "")
    start, end, last = (f"{local(m):%Y-%m-%d %H:%M}" for m in (over.start, over.ends, over.limit_ends))
    return Text(
        f"最坏的情形：{start} 起，各环节到 {end} 才届满，而时限到 {last} 为止。",
        f" At the worst, from {start} the steps end at {end} and the limit at {last}.",
    )


# ------------------------------------------------------------------------------------------- the law


def _law(procedure: Procedure, limit: Limit, law: Limit) -> Iterator[Finding]:
    """What is promised ends no later than what the law allows, also where the two begin at different steps."""
    before: Chain = ()
    first = law.start or procedure.first
    if limit.start and limit.start != first and {limit.start, first} <= set(procedure.steps):
        ways_before = [w[: w.index(limit.start)] for w in ordinary_ways(procedure, first) if limit.start in w]
        usual = dict.fromkeys(procedure.fields, OTHER)
        chains = [_chain(procedure, w, usual) for w in ways_before]
        before = max(chains, key=nominal, default=())
    yield from _fits(
        "PC206",
        ("limit",),
        limit,
        law,
        procedure,
        Text("全程时限", "The whole limit"),
        before=before,
        also=("statutory_limit",),
    )


def _others(procedure: Procedure) -> Iterator[Finding]:
    rule, urgent = procedure.extend, procedure.emergency
    if rule is not None and rule.statutory is not None:
        what = Text("可以延长的时间", "The extension")
        yield from _fits(
            "PC208",
            ("extend", "max"),
            rule.limits or Limit(rule.period),
            rule.statutory_limits or Limit(rule.statutory),
            procedure,
            what,
        )
    if urgent is None:
        return
    if urgent.limit is not None and procedure.statutory_limit is not None:
        what = Text("应急时限", "The emergency limit")
        yield from _fits(
            "PC206", ("emergency", "limit"), urgent.limit, procedure.statutory_limit, procedure, what
        )
    for code, limit in urgent.steps.items():
        if urgent.limit is not None:
            yield from _beyond_the_emergency(procedure, code, limit, urgent.limit)
        step = procedure.steps.get(code)
        if step is not None and step.statutory is not None:
            what = Text(f"环节“{code}”的应急时限", f"The emergency limit of step {code}")
            yield from _fits("PC207", ("emergency", "steps", code), limit, step.statutory, procedure, what)


def _fits(
    rule: str,
    path: Path,
    limit: Limit,
    law: Limit,
    procedure: Procedure,
    what: Text,
    *,
    before: Chain = (),
    also: Path = (),
) -> Iterator[Finding]:
    told: set[str] = set()
    for facts in _cases(procedure, [limit, law]):
        own, most = period_of(limit, facts), period_of(law, facts)
        if own is None or most is None:
            continue
        value = facts.get(limit.by, "") if limit.period is None else ""
        over = too_long((*before, own), most)
        if over is None or value in told:
            continue
        told.add(value)
        said = _said(facts)
        here = (*path, value if value in limit.table else OTHER) if value else path
        yield Finding(
            rule,
            here,
            Text(
                f"{said.zh}{what.zh} {over.total.zh}，超过法律允许的 {most.title.zh}。{_worst(over).zh}",
                f"{said.en}{what.en} of {over.total.en} is longer than the law allows: {most.title.en}.{_worst(over).en}",
            ),
            Text(
                f"改为不超过 {most.title.zh}；注意单位（日、工作日）要与法律一致。",
                f"At most {most.title.en}; mind that the unit (days, working days) is the law's.",
            ),
            also=(also,) if also else (),
        )


def _beyond_the_emergency(procedure: Procedure, code: str, limit: Limit, whole: Limit) -> Iterator[Finding]:
    for facts in _cases(procedure, [limit, whole]):
        own, most = period_of(limit, facts), period_of(whole, facts)
        if own is not None and most is not None and too_long((own,), most):
            yield Finding(
                "PC205",
                ("emergency", "steps", code),
                Text(
                    f"环节“{code}”的应急时限 {own.title.zh}，比全程的应急时限 {most.title.zh} 还长。",
                    f"The emergency limit of step {code}, {own.title.en}, is longer than that of the whole case, "
                    f"{most.title.en}.",
                ),
                Text(f"改为不超过 {most.title.zh}。", f"At most {most.title.en}."),
                also=(("emergency", "limit"),),
            )
            return
