"""What one end of a cross-region application may do, and how it hears of the other (跨区域办理的判断): pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from linli.base.i18n import Text
from linli.kernel.procedures.definitions import Action, Step

ASKED, ENDED, MOVED = "asked", "ended", "moved"
NOT_IN_HAND = frozenset({"missing", "bring", "later"})
RECEIVED_FOR = frozenset({"city", "province", "cross"})  # scopes in which another place may receive


def news_of(action: Action | None, to: Step | None) -> str:
    """What a record means for the other end (动态的种类): the applicant is asked for something, it has ended, or it moved on."""
    if to is not None and to.kind == "end":
        return ENDED
    if to is not None and to.actor == "applicant":
        return ASKED
    return MOVED


def received_elsewhere(scope: str) -> bool:
    """Whether the matter's own file lets another place receive it (是否列为通办)."""
    return scope in RECEIVED_FOR


def originals(papers: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The papers that lie at the window and have to travel (要寄的原件)."""
    return [p for p in papers if p["state"] == "brought"]


def missing(papers: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What is not in hand yet: not there, or said to be brought to the window (还没有交的)."""
    return [p for p in papers if p["state"] in NOT_IN_HAND]


def nothing_untold(papers: list[dict[str, Any]], *, told: bool) -> Text | None:
    """缺的材料先一次告知。没有权力不收：补不齐的也交给办理地决定 (优化营商环境条例 36)."""
    gone = missing(papers)
    if not gone or told:
        return None
    zh, en = "、".join(p["title"][0] for p in gone), ", ".join(p["title"][1] for p in gone)
    return Text(
        f"还缺：{zh}。请先办“一次告知补正”，一次说全；申请人补不齐的，再交办理地决定。",
        f"Still missing: {en}. Say everything that is missing first, at once; what cannot be supplied is for the "
        "other place to decide.",
    )


def supplied(papers: list[dict[str, Any]], came: Iterable[str], *, with_files: bool) -> list[dict[str, Any]]:
    """The list after the applicant brought or uploaded some of what was missing (补来以后的清单)."""
    now = set(came)
    state = "uploaded" if with_files else "brought"
    return [{**p, "state": state} if p["code"] in now and p["state"] in NOT_IN_HAND else p for p in papers]


def in_one(lines: Iterable[Text]) -> Text:
    found = [line for line in lines if line.zh or line.en]
    return Text("\n".join(t.zh for t in found), "\n".join(t.en for t in found))


def fact_line(title: Text, value: Any) -> Text:
    """One fact of the other end as a line (一项内容一行)."""
    said = value if isinstance(value, Text) else Text(str(value), str(value))
    return Text(f"{title.zh}：{said.zh}", f"{title.en}: {said.en}")


def answer_line(line: Mapping[str, Any]) -> Text:
    """An answer as a line; what a register gave says from where and of which day (来源和日期)."""
    said = fact_line(Text(*line["title"]), Text(*line["words"]))
    if "source" not in line:
        return said
    zh, en = line["source"]
    return Text(f"{said.zh}（{zh}，{line['as_of']}）", f"{said.en} ({en}, {line['as_of']})")


def known_lines(answers: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What registers of the receiving place answered, by question (代收地登记的内容): source and day go along."""
    return {a["code"]: {"source": a["source"], "as_of": a["as_of"]} for a in answers if "source" in a}


def as_sent(papers: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """How each paper comes, for the place that decides (给办理地看的交法): an original is on its way there."""
    states = {"brought": "bring", "uploaded": "uploaded"}
    return {p["code"]: states[p["state"]] for p in papers if p["state"] in states}


def with_words(*parts: Text | None) -> Text:
    return in_one(part for part in parts if part is not None)
