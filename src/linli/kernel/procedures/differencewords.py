"""How a change is put into words (改动的说法): where, what, from what to what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.base.legaltime import parse_period
from linli.kernel.procedures.fields import GROUNDS
from linli.kernel.procedures.wording import (
    CHANNELS,
    KINDS,
    OTHERWISE,
    OUTCOMES,
    PARTS,
    PRECISION,
    RETURNS,
    SECRECY,
    WARNINGS,
    Names,
    actor_words,
    guard_words,
    join_words,
    joined,
    keep_words,
    plain,
    short,
)

Path = tuple[str, ...]
WHOLE = Text("整个程序", "The whole procedure")
ANYWHERE = Text("任何环节都能做的操作", "Actions open at every step")
DIRECTIONS = {"longer": Text("（变长）", " (longer)"), "shorter": Text("（变短）", " (shorter)")}
YES, NO = Text("是", "yes"), Text("否", "no")
LABELS = {
    "code": Text("代码", "code"),
    "version": Text("版本号", "version number"),
    "title": Text("标题", "title"),
    "prefix": Text("编号前缀", "number prefix"),
    "basis": Text("依据", "basis"),
    "opened_by": Text("谁可以发起", "who may open one"),
    "channels": Text("渠道", "channels"),
    "confidential": Text("谁看得到", "who sees it"),
    "overseers": Text("监督", "who oversees it"),
    "limit": Text("全程时限", "limit of the whole"),
    "statutory_limit": Text("法定最长时限", "most that the law allows"),
    "first": Text("第一个环节", "first step"),
    "steps": Text("环节", "steps"),
    "fields": Text("字段", "fields"),
    "open": Text("发起", "opening"),
    "anywhere": Text("任何环节都能做的操作", "actions open at every step"),
    "extend": Text("延期", "extension"),
    "escalation": Text("到时提醒", "warnings"),
    "emergency": Text("应急响应期间的规定", "rules under an emergency response"),
    "public": Text("公开", "public"),
    "extends": Text("所改的程序", "procedure that it changes"),
    "jurisdiction": Text("适用区划", "area that it is for"),
    "valid_from": Text("施行日期", "day from which it holds"),
    "challenge": Text("作为救济程序的规定", "rules of a remedy"),
    "hint": Text("说明文字", "hint"),
    "sees_origin": Text("承办人可以看原件", "whoever has it reads the case it came from"),
    "moves": Text("在办件转入本版的规定", "how running cases come under this version"),
    "limits": Text("转入后按哪种时限", "by which limits they then go"),
    "kind": Text("种类", "kind"),
    "actor": Text("承办人", "actor"),
    "within": Text("时限", "limit"),
    "helpers_within": Text("协办时限", "limit of helpers"),
    "helpers_actor": Text("协办承办人", "actor of helping organisations"),
    "join": Text("会办的办结条件", "when joint work is done"),
    "guard": Text("先核对的条件", "what is checked first"),
    "outcome": Text("结果", "outcome"),
    "timeout": Text("到期后系统做的操作", "what the system does when time is up"),
    "actions": Text("操作", "actions"),
    "public_words": Text("居民看到的说法", "words that residents read"),
    "days": Text("公示期", "days of publicity"),
    "statutory_days": Text("法定最短公示期", "least days by law"),
    "quorum": Text("法定人数", "quorum"),
    "threshold": Text("通过比例", "threshold"),
    "objection": Text("异议程序", "how one objects"),
    "statutory": Text("法定最长时限", "most that the law allows"),
    "outside_limit": Text("不计入全程时限", "not part of the whole limit"),
    "publishes": Text("公开的内容", "what is made public"),
    "places": Text("公示地点", "where it is shown"),
    "to": Text("去向", "where it leads"),
    "form": Text("要填的内容", "what must be filled in"),
    "optional": Text("可填的内容", "what may be filled in"),
    "by": Text("由谁做", "who does it"),
    "adverse": Text("不利决定", "adverse decision"),
    "remedy": Text("救济程序", "remedy"),
    "notifies": Text("告知谁", "who is told"),
    "notify": Text("告知谁", "who is told"),
    "notice": Text("通知的格式", "template of the notice"),
    "effect": Text("系统随之做的事", "what the system does with it"),
    "suspends": Text("中止计时", "stopping the clock"),
    "resumes": Text("恢复计时", "letting the clock go on"),
    "once": Text("只能一次", "once only"),
    "opens": Text("另开的程序", "procedure that it opens"),
    "parts": Text("限于会办的哪一方", "which part of joint work may do it"),
    "part_to": Text("交谁裁定", "who decides about a part"),
    "returns": Text("裁定后交还哪里", "where a decided part goes"),
    "withdraws": Text("撤回公开", "taking back what was made public"),
    "final_by": Text("终局依据", "article by which it is final"),
    "after": Text("哪些程序办结时自动做", "whose end brings it about"),
    "type": Text("类型", "type"),
    "required": Text("必填", "required"),
    "choices": Text("选项", "choices"),
    "max": Text("最多", "maximum"),
    "min": Text("最少", "minimum"),
    "assigns": Text("指派什么", "which part it assigns"),
    "searchable": Text("可搜索", "searchable"),
    "internal": Text("当事人看不到", "not read by a party"),
    "read_by": Text("只给哪些岗位看", "which staff alone read it"),
    "element": Text("是哪个要素", "which datum it is"),
    "ask_again": Text("为什么再问一次", "why it is asked again"),
    "prefilled": Text("先填好已知的", "known value offered"),
    "masked": Text("公开时隐去部分", "masked where public"),
    "personal": Text("个人信息说明", "declaration of personal data"),
    "keep": Text("保存期", "how long it is kept"),
    "source": Text("来源", "source"),
    "purpose": Text("个人信息用途", "what personal data is for"),
    "seen_by": Text("谁看得到个人信息", "who sees personal data"),
    "grounds": Text("中止的事由", "grounds to stop the clock"),
    "never_beyond_original": Text("延期不超过原时限", "never longer than the original limit"),
    "sample": Text("时限是样例", "limit is a sample"),
    "order": Text("次序", "order"),
    "at": Text("到时限的多少", "at which share of the limit"),
    "do": Text("做什么", "what is done"),
    "precision": Text("公开摘要的地点精度", "place in the public summary"),
    "is": Text("时限", "limit"),
    "from": Text("从哪个环节起算", "step from which it is counted"),
    "within_case": Text("不超过全程的到期时间", "never beyond the whole case"),
}
# The same key says something else inside these.
INSIDE = {
    ("extend", "max"): Text("最长延期", "longest extension"),
    ("extend", "by"): Text("谁批准延期", "who approves an extension"),
    ("extend", "statutory"): Text("法定最长延期", "longest extension by law"),
    ("suspends", "max"): Text("最长中止多久", "how long the clock may stand"),
    ("suspends", "basis"): Text("中止的依据", "basis to stop the clock"),
    ("suspends", "notify"): Text("中止时告知谁", "who is told when the clock stops"),
    ("challenge", "within"): Text("提出的期限", "until when one may ask for it"),
    ("challenge", "basis"): Text("救济的依据", "basis of the remedy"),
    ("challenge", "once"): Text("同时只能一件", "one at a time"),
    ("part_to", "actor"): Text("裁定人", "who decides about a part"),
    ("part_to", "within"): Text("裁定时限", "limit of deciding about a part"),
    ("personal", "basis"): Text("个人信息依据", "basis for personal data"),
    ("personal", "keep"): Text("个人信息保存期", "how long personal data is kept"),
    ("open", "form"): Text("发起时要填的内容", "what must be filled in at the opening"),
    ("open", "optional"): Text("发起时可填的内容", "what may be filled in at the opening"),
    ("open", "notifies"): Text("发起后告知谁", "who is told of the opening"),
    ("open", "effect"): Text("发起时系统做的事", "what the system does at the opening"),
    ("moves", "from"): Text("从哪些版本转入", "versions they come from"),
    ("moves", "steps"): Text("环节的对应", "which step becomes which"),
    ("moves", "basis"): Text("转入的依据", "basis to bring them under it"),
    ("emergency", "limit"): Text("应急响应期间的全程时限", "limit of the whole under an emergency response"),
    ("emergency", "steps"): Text("应急响应期间的环节时限", "limits of steps under an emergency response"),
    ("emergency", "first"): Text("应急响应期间排在最前", "first in every list under an emergency response"),
    ("emergency", "order"): Text("应急响应期间的办理顺序", "order of work under an emergency response"),
}  # fmt: skip
LIMITS = frozenset("limit statutory_limit within helpers_within statutory".split())
ACTORS = frozenset("actor helpers_actor opened_by overseers notifies notify seen_by read_by".split())
TABLES: dict[str, Mapping[str, Text]] = {
    "kind": KINDS,
    "confidential": SECRECY,
    "channels": CHANNELS,
    "grounds": GROUNDS,
    "precision": PRECISION,
    "parts": PARTS,
    "returns": RETURNS,
    "outcome": OUTCOMES,
    "do": WARNINGS,
}


def is_limit(path: Path) -> bool:
    """Whether a table at this place is a limit: one period, or one for each value of a fact."""
    if len(path) == 3 and path[:2] == ("emergency", "steps"):
        return True
    if path[-1] not in LIMITS or "suspends" in path:
        return False
    return path[0] not in {"extend", "challenge", "fields"} and not is_plain_period(path)


def is_plain_period(path: Path) -> bool:
    """An action's `within`, what one may extend by, and the like: never a table."""
    at_action = (len(path) == 5 and path[2] == "actions") or (len(path) == 3 and path[0] == "anywhere")
    return (at_action and path[-1] == "within") or path in {
        ("extend", "max"),
        ("extend", "statutory"),
        ("challenge", "within"),
    }


def label_of(path: Path) -> Text:
    """What the value at a place is called (改动项名称)."""
    key = path[-1]
    inside = next((name for name in reversed(path[:-1]) if (name, key) in INSIDE), "")
    return INSIDE.get((inside, key)) or LABELS.get(key) or plain(key)


class Book:
    """The titles of both versions, and what their values are called (两个版本的名称)."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any], titles: Mapping[str, Text]) -> None:
        self._old, self._new = old, new
        self._names = Names(titles)

    def words(self, path: Path, kind: str, old: Any, new: Any, direction: str) -> Text:
        """One sentence about one change (一处改动的说法)."""
        where, what = self._where(path), self._what(path)
        place = Text(f"{where.zh}：" if where.zh else "", f"{where.en}: " if where.en else "")
        old_words, new_words = self.value(path, old), self.value(path, new)
        if kind == "added":
            said = Text("增加{w}：{n}。", "{w} added: {n}.").format(w=what, n=new_words)
        elif kind == "removed":
            said = Text("取消{w}，原为：{o}。", "{w} removed; it was: {o}.").format(w=what, o=old_words)
        elif isinstance(old, list) and isinstance(new, list):
            said = self._list(path, what, old, new)
        else:
            said = Text("{w}由{o}改为{n}{d}。", "{w} changed from {o} to {n}{d}.").format(
                w=what,
                o=_quoted(old_words),
                n=_quoted(new_words),
                d=DIRECTIONS.get(direction, Text("", "")),
            )
        whole = place.en + said.en
        return Text(place.zh + said.zh, whole[:1].upper() + whole[1:])

    def _list(self, path: Path, what: Text, old: list[Any], new: list[Any]) -> Text:
        more, fewer = [v for v in new if v not in old], [v for v in old if v not in new]
        parts = []
        if more:
            parts.append(Text("增加 {x}", "with {x}").format(x=self.value(path, more)))
        if fewer:
            parts.append(Text("去掉 {x}", "without {x}").format(x=self.value(path, fewer)))
        if not parts:
            parts.append(Text("顺序改为 {x}", "now in the order {x}").format(x=self.value(path, new)))
        said = Text("，".join(p.zh for p in parts), " and ".join(p.en for p in parts))
        return Text("{w}有变化：{s}。", "{w} changed: {s}.").format(w=what, s=said)

    def place_title(self, step: str) -> Text:
        """What a group of changes is headed (分组标题)."""
        if step == "":
            return WHOLE
        return ANYWHERE if step == "*" else self._title("steps", step)

    def order(self, group: tuple[str, Any]) -> tuple[int, int]:
        """The whole, then the steps as the new file has them, then those that went, then what is open anywhere."""
        steps = [*_at(self._new, "steps"), *_at(self._old, "steps")]
        step = group[0]
        return (
            (0, 0)
            if step == ""
            else (2, 0)
            if step == "*"
            else (1, steps.index(step) if step in steps else 0)
        )

    def _title(self, *path: str) -> Text:
        for version in (self._new, self._old):
            found = _at(version, *path).get("title")
            if isinstance(found, Mapping):
                zh = str(found.get("zh") or found.get("en") or path[-1])
                return Text(zh, str(found.get("en") or zh))
        return plain(path[-1])

    def _where(self, path: Path) -> Text:
        """The action, step or field that a change belongs to; nothing where it is that itself."""
        if path[0] == "steps" and len(path) > 4 and path[2] == "actions":
            return Text("操作“{a}”", "action “{a}”").format(a=self._title(*path[:4]))
        if path[0] == "anywhere" and len(path) > 2:
            return Text("操作“{a}”", "action “{a}”").format(a=self._title(*path[:2]))
        if path[0] == "fields" and len(path) > 2:
            return Text("字段“{f}”", "field “{f}”").format(f=self._title(*path[:2]))
        return Text("", "")

    def _what(self, path: Path) -> Text:
        """What changed: a key by its name, a step, action or field by its title, a limit by the value it holds for."""
        if path[0] == "steps" and len(path) == 2:
            return Text("环节“{s}”", "step “{s}”").format(s=self._title(*path))
        if (len(path) == 4 and path[2] == "actions") or (path[0] == "anywhere" and len(path) == 2):
            return Text("操作“{a}”", "action “{a}”").format(a=self._title(*path))
        if path[0] == "fields" and len(path) == 2:
            return Text("字段“{f}”", "field “{f}”").format(f=self._title(*path))
        if len(path) > 1 and path[-2] == "choices":
            return Text("选项“{c}”", "choice “{c}”").format(c=path[-1])
        if path[:2] == ("emergency", "steps") and len(path) == 3:
            return label_of(path[:2])
        if path[-1] == "is":
            return label_of(path[:-1]) if path[:2] != ("emergency", "steps") else label_of(path[:2])
        if path[-1] not in LABELS and len(path) > 1:
            value = self._value_title(path)
            return Text("{l}（{v}）", "{l} ({v})").format(l=label_of(path[:-1]), v=value)
        return label_of(path)

    def _value_title(self, path: Path) -> Text:
        if path[-1] == "default":
            return OTHERWISE
        for version in (self._new, self._old):
            by = str(_at(version, *path[:-1]).get("by", ""))
            choice = _at(version, "fields", by, "choices").get(path[-1])
            if isinstance(choice, Mapping):
                return short(Text(str(choice.get("zh", "")), str(choice.get("en", ""))))
        return plain(path[-1])

    def value(self, path: Path, value: Any) -> Text:
        """A value in words (取值的说法)."""
        if isinstance(value, list):
            return joined(self.value(path, v) for v in value) if value else Text("无", "none")
        if isinstance(value, bool):
            return YES if value else NO
        if isinstance(value, Mapping):
            return self._mapping(path, value)
        say = self._sayer(path)
        return say(str(value)) if say else _period_words(str(value))

    def _mapping(self, path: Path, value: Mapping[str, Any]) -> Text:
        if set(value) and set(value) <= {"zh", "en"}:
            zh = str(value.get("zh") or value.get("en"))
            return Text(zh, str(value.get("en") or zh))
        if is_limit(path):
            return self._limit(path, value)
        if "title" in value:
            rest = {k: v for k, v in value.items() if k not in {"title", "actions"}}
            title = self.value((*path, "title"), value["title"])
            if not rest:
                return title
            return Text("“{t}”（{r}）", "“{t}” ({r})").format(t=title, r=self._mapping(path, rest))
        parts = []
        for key, inner in value.items():
            label, said = self._what((*path, str(key))), self.value((*path, str(key)), inner)
            parts.append(Text(f"{label.zh} {said.zh}", f"{label.en} {said.en}"))
        return Text("，".join(p.zh for p in parts), ", ".join(p.en for p in parts))

    def _limit(self, path: Path, value: Mapping[str, Any]) -> Text:
        periods = []
        for key, period in value.items():
            words = self.value((*path, key), period)
            if key == "is":
                periods.append(words)
            elif key not in LABELS:
                title = self._value_title((*path, key))
                periods.append(Text(f"{title.zh} {words.zh}", f"{title.en} {words.en}"))
        rest = {k: v for k, v in value.items() if k in LABELS and k != "is"}
        said = joined(periods)
        if "by" in rest:
            by = short(self._field(str(rest.pop("by"))))
            said = Text(f"按{by.zh}：{said.zh}", f"by {by.en}: {said.en}")
        if rest.pop("sample", False):
            said = Text(f"{said.zh}（样例）", f"{said.en} (sample)")
        if not rest:
            return said
        more = [(self._what((*path, k)), self.value((*path, k), v)) for k, v in rest.items()]
        return joined([said, *(Text(f"{w.zh} {v.zh}", f"{w.en} {v.en}") for w, v in more)])

    def _sayer(self, path: Path) -> Callable[[str], Text] | None:
        key = next((k for k in reversed(path) if not k.isdigit()), "")
        if path[0] == "moves":
            return self._step if path[1:2] == ("steps",) else plain
        if key in TABLES and not (key == "kind" and path[0] == "fields"):
            return lambda v: TABLES[key].get(v, plain(v))
        actor = key in ACTORS or (key == "by" and (path[0] == "extend" or _is_action(path)))
        if actor or (key == "to" and path[0] == "escalation"):
            return actor_words
        sayers: dict[str, Callable[[str], Text]] = {
            "join": join_words,
            "guard": guard_words,
            "keep": keep_words,
            "remedy": self._names.of,
            "opens": self._names.of,
            "objection": self._names.of,
            "after": self._names.of,
            "form": self._field,
            "optional": self._field,
            "publishes": self._field,
            "order": lambda v: self._choice(path[1], v),
            "by": self._field,
            "to": self._step,
            "from": self._step,
            "first": self._step,
            "timeout": lambda v: self._title(*path[:2], "actions", v),
        }
        return sayers.get(key)

    def _choice(self, field: str, value: str) -> Text:
        for version in (self._new, self._old):
            title = _at(version, "fields", field, "choices").get(value)
            if isinstance(title, Mapping):
                return short(Text(str(title.get("zh", "")), str(title.get("en", ""))))
        return plain(value)

    def _field(self, code: str) -> Text:
        return self._title("fields", code)

    def _step(self, code: str) -> Text:
        return self._title("steps", code)


def _is_action(path: Path) -> bool:
    return (len(path) == 5 and path[2] == "actions") or (len(path) == 3 and path[0] == "anywhere")


def _quoted(text: Text) -> Text:
    """In quotation marks, unless it has some of its own."""
    return Text(
        text.zh if text.zh.startswith("《") else f"“{text.zh}”",
        text.en if text.en.startswith("“") else f"“{text.en}”",
    )


def _period_words(text: str) -> Text:
    try:
        return parse_period(text).title
    except LinliError:
        return plain(text)


def _at(table: Any, *path: str) -> Mapping[str, Any]:
    for key in path:
        table = table.get(key) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else {}
