"""What is drawn of a procedure (程序图的内容): its steps with who and by when, its actions as ways between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from linli.base.i18n import Text
from linli.kernel.procedures.definitions import Action, Procedure, Step
from linli.kernel.procedures.wording import (
    KINDS,
    Names,
    actor_words,
    actors,
    join_words,
    limit_short,
    plain,
    step_title,
)

START, ANYWHERE = (
    ":start",
    ":anywhere",
)  # no step can have these codes as its own in a TOML table of bare keys
ADVERSE = Text("▲ 不利决定", "▲ adverse")


@dataclass(frozen=True)
class Line:
    """One line of writing, and what it is: title, kind, who, limit, law, action, item, bad, note, adverse (图中文字)."""

    kind: str
    text: Text


@dataclass(frozen=True)
class Node:
    key: str
    kind: str  # start | task | joint | publicity | vote | timer | end | anywhere
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Way:
    """One action that leads on (去向)."""

    key: str
    action: str
    source: str
    target: str
    lines: tuple[Line, ...]
    adverse: bool = False
    by_clock: bool = False  # the system does it when time is up
    ordinary: bool = False  # the first way on that the file names


@dataclass(frozen=True)
class Graph:
    code: str
    title: Text
    nodes: tuple[Node, ...]
    ways: tuple[Way, ...]


def graph_of(procedure: Procedure, titles: Mapping[str, Text] | None = None) -> Graph:
    """What to draw of a procedure (取程序图); `titles` are those of the procedures that it refers to."""
    names = Names({procedure.code: procedure.title, **(titles or {})})
    opened = Text("{w}发起", "opened by {w}").format(w=actors(procedure.opened_by))
    nodes = [Node(START, "start", ())]
    ways = [Way(START, "", START, procedure.first, (Line("note", opened),), ordinary=True)]
    for step in procedure.steps.values():
        nodes.append(_node(procedure, step, names))
        on = [a for a in step.actions.values() if _leads_on(procedure, a, step.code)]
        ways += [
            replace(_way(procedure, step.code, a, step, names), ordinary=n == 0 and step.kind != "end")
            for n, a in enumerate(on)
        ]
    if procedure.anywhere:
        nodes.append(_anywhere(procedure, names))
        ways += [
            _way(procedure, ANYWHERE, action, None, names)
            for action in procedure.anywhere.values()
            if _leads_on(procedure, action, ANYWHERE)
        ]
    return Graph(procedure.code, procedure.title, tuple(nodes), tuple(ways))


def _leads_on(p: Procedure, action: Action, here: str) -> bool:
    return action.to in p.steps and action.to != here


def _node(p: Procedure, step: Step, names: Names) -> Node:
    lines = [Line("title", step.title)]
    if step.kind not in {"task", "end"}:
        lines.insert(0, Line("kind", KINDS.get(step.kind, plain(step.kind))))
    if step.kind != "end" and step.actor:
        lines.append(Line("who", actor_words(step.actor)))
    limit = limit_short(step.within, p)
    if limit:
        words = Text("公示 {x}", "shown for {x}") if step.publicity else Text("时限 {x}", "within {x}")
        lines.append(Line("limit", words.format(x=limit)))
    law = limit_short(step.statutory, p) or (
        step.publicity.least.title if step.publicity and step.publicity.least else None
    )
    if law:
        words = (
            Text("法定不少于 {x}", "by law {x} or more") if step.publicity else Text("法定 {x}", "by law {x}")
        )
        lines.append(Line("law", words.format(x=law)))
    if step.kind == "joint":
        lines.append(Line("law", join_words(step.join)))
    stays = [a for a in step.actions.values() if not _leads_on(p, a, step.code)]
    for action in stays:
        lines += _said(p, action, step, names, stays=True)
    return Node(step.code, step.kind, tuple(lines))


def _anywhere(p: Procedure, names: Names) -> Node:
    lines = [Line("title", Text("任何环节都能做", "Open at every step"))]
    for action in p.anywhere.values():
        said = _said(p, action, None, names, stays=True)
        if _leads_on(p, action, ANYWHERE):
            said = [Line("item", Text("· {a} ↓", "· {a} ↓").format(a=action.title))]
        lines += said
    return Node(ANYWHERE, "anywhere", tuple(lines))


def _way(p: Procedure, source: str, action: Action, step: Step | None, names: Names) -> Way:
    key = f"{source}.{action.code}"
    by_clock = step is not None and step.timeout == action.code
    lines = tuple(_said(p, action, step, names, stays=False))
    return Way(key, action.code, source, action.to, lines, action.adverse, by_clock)


def _said(p: Procedure, a: Action, step: Step | None, names: Names, *, stays: bool) -> list[Line]:
    """What is written about an action: its title, then what matters most about it."""
    notes = []
    if a.by and not a.after and (step is None or a.by != (step.actor,)) and a.by != ("system",):
        notes.append(Text("由{w}", "by {w}").format(w=actors(a.by)))
    if step is not None and step.timeout == a.code:
        notes.append(Text("到期由系统做", "by the system when time is up"))
    elif a.after:
        notes.append(Text("{x}办结时", "when {x} ends").format(x=names.together(a.after)))
    elif a.by == ("system",):
        notes.append(Text("由系统做", "by the system"))
    if a.opens:
        notes.append(Text("另开{x}", "opens {x}").format(x=names.of(a.opens)))
    if a.part_to:
        notes.append(Text("交{w}裁定", "decided by {w}").format(w=actor_words(a.part_to.actor)))
    if a.within:
        notes.append(Text("限 {x} 内", "within {x}").format(x=a.within.title))
    effects = [
        (a.suspends, Text("停止计时", "clock stops")),
        (a.resumes, Text("恢复计时", "clock goes on")),
        (a.extends, Text("延长时限", "longer limit")),
        (a.publishes, Text("公开", "made public")),
        (a.withdraws, Text("撤回公开", "no longer public")),
    ]
    said = Text("、".join(t.zh for on, t in effects if on), ", ".join(t.en for on, t in effects if on))
    notes += [said] if said.zh else []
    title = a.title
    if stays:
        inline = said.zh and not a.adverse and said.zh not in title.zh and title.zh not in said.zh
        notes = [n for n in notes if n is not said]
        title = (
            Text(f"· {title.zh}（{said.zh}）", f"· {title.en} ({said.en})")
            if inline
            else Text(f"· {title.zh}", f"· {title.en}")
        )
        if a.to and a.to not in p.steps:
            title = Text("{t} → {s}", "{t} → {s}").format(t=title, s=step_title(p, a.to))
    lines = [Line("item" if stays else "action", title)]
    if a.adverse:
        lines += [Line("bad" if stays else "adverse", said) for said in _adverse(a, names)]
    return lines + [Line("note", note) for note in notes if not stays]


def _adverse(a: Action, names: Names) -> list[Text]:
    if a.remedy:
        return [ADVERSE, Text("救济：{x}", "remedy: {x}").format(x=names.of(a.remedy))]
    if a.final_by:
        return [ADVERSE, Text("终局：{x}", "final: {x}").format(x=a.final_by)]
    return [ADVERSE]
