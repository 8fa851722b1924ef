"""What of a procedure becomes which element of BPMN (对应关系): no coordinates here, no XML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from linli.base.i18n import Text
from linli.base.legaltime import Period
from linli.kernel.procedures.definitions import Action, Limit, Procedure, Step
from linli.kernel.procedures.drawing.writing import Style, wrapped
from linli.kernel.procedures.particulars import Fact
from linli.kernel.procedures.reading import Account, ActionAccount, account
from linli.kernel.procedures.wording import actor_words, limit_short

NOTHING = Text("", "")
WRITING, LABEL = Style(11, 14), 90.0  # as viewers write what stands beside a shape
CIRCLES = frozenset("startEvent endEvent boundaryEvent intermediateCatchEvent".split())
ISO = {"minutes": "PT{n}M", "hours": "PT{n}H", "days": "P{n}D", "months": "P{n}M", "years": "P{n}Y"}


@dataclass
class Flow:
    id: str
    source: str
    target: str
    title: Text = NOTHING
    said: Text = NOTHING
    ordinary: bool = False


@dataclass
class Node:
    id: str
    tag: str
    title: Text
    lane: str
    said: Text = NOTHING
    attributes: dict[str, str] = field(default_factory=dict)
    several: str | None = None  # done by several at once: until this holds
    timer: str | None = None  # it comes when this time is over
    is_told: bool = False  # it comes when somebody does something
    link: str = ""  # here a case comes in from what is open at every step
    on_edge_of: str = ""
    inside: tuple[Node, ...] = ()
    inner_flows: list[Flow] = field(default_factory=list)
    n_ways: int = 0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height (图形大小)."""
        if self.tag == "exclusiveGateway":
            return 50.0, 50.0
        if self.tag in CIRCLES:
            return 36.0, 36.0
        if self.inside:
            n_lines = max(len(wrapped(node.title.zh, WRITING, LABEL)) for node in self.inside)
            return 260.0, 106.0 + 2 * n_lines * WRITING.height
        return 120.0, max(80.0, self.n_ways * 22.0 + 16)


@dataclass
class Model:
    id: str
    title: Text
    said: Text
    lanes: list[tuple[str, Text]]
    nodes: list[Node]
    flows: list[Flow]


class _Ids:
    """Identifiers that XML accepts, each once (唯一标识)."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def new(self, *parts: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", "_".join(parts))
        found, n = plain, 1
        while found in self._used:
            n += 1
            found = f"{plain}_{n}"
        self._used.add(found)
        return found


def model_of(procedure: Procedure, titles: Mapping[str, Text] | None = None) -> Model:
    """Which elements a procedure has (建立 BPMN 模型)."""
    return _Builder(procedure, account(procedure, titles)).model()


class _Builder:
    def __init__(self, procedure: Procedure, said: Account) -> None:
        self.p, self.account = procedure, said
        self.ids = _Ids()
        for taken in ("pool", "lanes", "diagram", "plane"):
            self.ids.new(taken)
        self.nodes: list[Node] = []
        self.flows: list[Flow] = []
        self.lanes: dict[str, Text] = {}
        self.step_ids = {code: self.ids.new("step", code) for code in procedure.steps}
        self.said_of = {s.code: s for s in said.steps}

    def model(self) -> Model:
        p = self.p
        first = p.steps.get(p.first)
        start = Node(self.ids.new("start"), "startEvent", Text("开始", "Start"), self._lane(first))
        self.nodes.append(start)
        if first:
            self._flow(start.id, self.step_ids[p.first], NOTHING, NOTHING, "begin", ordinary=True)
        for step in p.steps.values():
            if step.kind != "end":
                self._step(step)
            elif step.code not in self._ends_of_anywhere():
                self.nodes.append(self._end(step, self._lane(step)))
        self._anywhere()
        for node in self.nodes:
            node.n_ways = sum(node.id in {f.source, f.target} for f in self.flows)
            node.n_ways += 2 * any(
                n.on_edge_of == node.id for n in self.nodes
            )  # the circle of a timer on its edge is big
        return Model(
            self.ids.new("process", p.code),
            p.title,
            _said(self.account.facts, first=p.title),
            list(self.lanes.items()),
            self.nodes,
            self.flows,
        )

    def _lane(self, step: Step | None, actor: str = "") -> str:
        """One lane for each actor; an end stands in the lane of who leads to it."""
        spec = actor or (step.actor if step else "")
        if step is not None and step.kind == "end":
            spec = next((s.actor for s in self.p.steps.values() if self._leads(s, step)), "")
        spec = spec or "system"
        self.lanes.setdefault(spec, actor_words(spec))
        return spec

    @staticmethod
    def _leads(source: Step, target: Step) -> bool:
        return source.kind != "end" and any(a.to == target.code for a in source.actions.values())

    def _flow(
        self, source: str, target: str, title: Text, said: Text, *name: str, ordinary: bool = False
    ) -> None:
        self.flows.append(Flow(self.ids.new("flow", *name), source, target, title, said, ordinary))

    def _step(self, step: Step) -> None:
        said = self.said_of[step.code]
        on = [a for a in step.actions.values() if a.to in self.p.steps and a.to != step.code]
        timeout = next((a for a in on if a.code == step.timeout), None)
        ways = [a for a in on if a is not timeout]
        stays = [a for a in said.actions if a.code not in {o.code for o in on}]
        node = Node(
            self.step_ids[step.code],
            "userTask" if step.actor else "task",
            step.title,
            self._lane(step),
            _said([*said.facts, *_as_facts(stays)], first=step.title),
        )
        if step.kind == "joint":
            node.several = {"lead": "lead is done", "all": "all are done"}.get(
                step.join, f"{step.join} are done"
            )
        self.nodes.append(node)
        if step.kind == "timer" and timeout and not ways:
            node.tag, node.timer = "intermediateCatchEvent", _duration(step.within, self.p)
            ways, timeout = [timeout], None
        if timeout:
            edge = Node(
                self.ids.new("timeout", step.code),
                "boundaryEvent",
                Text("", ""),
                node.lane,
                Text("到期由系统做。", "Done by the system when time is up."),
                {"attachedToRef": node.id, "cancelActivity": "true"},
                timer=_duration(step.within, self.p),
                on_edge_of=node.id,
            )
            self.nodes.append(edge)
            self._action(edge.id, step, timeout, ordinary=not ways)
        source = node.id
        if len(ways) > 1:
            gateway = Node(self.ids.new("ways", step.code), "exclusiveGateway", Text("", ""), node.lane)
            self.nodes.append(gateway)
            self._flow(source, gateway.id, NOTHING, NOTHING, step.code, "ways", ordinary=True)
            source = gateway.id
        for n, action in enumerate(ways):
            self._action(source, step, action, ordinary=n == 0)

    def _action(self, source: str, step: Step, action: Action, *, ordinary: bool) -> None:
        said = next(a for a in self.said_of[step.code].actions if a.code == action.code)
        words = _said([*_tags(said), *said.facts], first=action.title)
        self._flow(
            source, self.step_ids[action.to], action.title, words, step.code, action.code, ordinary=ordinary
        )

    def _end(self, step: Step, lane: str) -> Node:
        said = self.said_of[step.code]
        words = _said([*said.facts, *_as_facts(said.actions)], first=step.title)
        return Node(self.step_ids[step.code], "endEvent", step.title, lane, words)

    def _ends_of_anywhere(self) -> dict[str, str]:
        """Ends to which nothing else leads, with the action that does: they stand inside its sub-process."""
        p = self.p
        led_to = {a.to for s in p.steps.values() if s.kind != "end" for a in s.actions.values()} | {p.first}
        return {
            a.to: a.code
            for a in reversed(list(p.anywhere.values()))
            if a.to in p.steps and p.steps[a.to].kind == "end" and a.to not in led_to
        }

    def _anywhere(self) -> None:
        """What may be done at every step and leads on: a sub-process each, set off by it, which ends what was under way."""
        own = self._ends_of_anywhere()
        for said in self.account.anywhere:
            action = self.p.anywhere[said.code]
            if action.to not in self.p.steps:
                continue
            lane = self._lane(self.p.steps.get(self.p.first), action.by[0] if action.by else "")
            name = self.ids.new("anywhere", action.code)
            begin = Node(self.ids.new(name, "start"), "startEvent", action.title, lane, is_told=True)
            begin.attributes["isInterrupting"] = "true"
            target = self.p.steps[action.to]
            if own.get(action.to) == action.code:
                end = self._end(target, lane)
            else:
                leads = Text(f"转到“{target.title.zh}”", f"On to “{target.title.en}”")
                end = Node(self.ids.new(name, "end"), "endEvent", leads, lane)
                self._come_in(action, target)
            self.nodes.append(
                Node(
                    name,
                    "subProcess",
                    Text(f"任何环节：{action.title.zh}", f"At every step: {action.title.en}"),
                    lane,
                    _said([*_tags(said), *said.facts], first=action.title),
                    {"triggeredByEvent": "true"},
                    inside=(begin, end),
                    inner_flows=[Flow(self.ids.new("flow", name), begin.id, end.id)],
                )
            )

    def _come_in(self, action: Action, target: Step) -> None:
        """Where the main flow goes on when something open at every step led into the middle of it."""
        if target.kind == "end":
            return
        title = Text(f"任何环节“{action.title.zh}”转来", f"From “{action.title.en}” at any step")
        comes_in = Node(
            self.ids.new("from", action.code),
            "intermediateCatchEvent",
            title,
            self._lane(target),
            link=title.zh,
        )
        self.nodes.append(comes_in)
        self._flow(comes_in.id, self.step_ids[target.code], NOTHING, NOTHING, "from", action.code)


def _duration(limit: Limit | None, procedure: Procedure) -> str:
    """As ISO 8601 where it can say the same; working days, which it cannot, and tables in words."""
    if limit is not None and limit.period is not None:
        return _iso(limit.period)
    words = limit_short(limit, procedure)
    return words.en if words else ""


def _iso(period: Period) -> str:
    return ISO.get(period.unit, period.en).format(n=period.n)


def _tags(said: ActionAccount) -> list[Fact]:
    return [Fact("by", Text("由谁", "By"), (said.by,))] + (
        [Fact("tags", Text("标记", "Marks"), said.tags)] if said.tags else []
    )


def _as_facts(actions: Iterable[ActionAccount]) -> list[Fact]:
    """Actions that are no way on in the picture: each in one line."""
    found = []
    for a in actions:
        lines = [
            *a.tags,
            *(Text(f"{f.title.zh} {_row(f, 'zh')}", f"{f.title.en} {_row(f, 'en')}") for f in a.facts),
        ]
        if a.to_title:
            lines.insert(0, Text(f"→ {a.to_title.zh}", f"→ {a.to_title.en}"))
        lines.append(Text(f"由 {a.by.zh}", f"by {a.by.en}"))
        found.append(Fact(a.code, a.title, tuple(lines)))
    return found


def _row(fact: Fact, language: str) -> str:
    return ("、" if language == "zh" else ", ").join(line.in_language(language) for line in fact.lines)


def _said(facts: Iterable[Fact], *, first: Text) -> Text:
    """Facts as lines, headed by the title in the language of the lines."""
    rows = list(facts)
    return Text(
        "\n".join([first.zh, *(f"{f.title.zh}：{'；'.join(line.zh for line in f.lines)}" for f in rows)]),
        "\n".join([first.en, *(f"{f.title.en}: {'; '.join(line.en for line in f.lines)}" for f in rows)]),
    )
