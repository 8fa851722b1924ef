"""Applications of the demo (申请演示): matters of several offices at every interesting step, played by the verbs alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from linli.base.clock import local
from linli.domains.matters.applying import apply
from linli.domains.matters.life_events import apply_for_event
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.procedures.rehearsal import Act, Rehearsal, Story, Troupe
from linli.kernel.procedures.state import Receipt

EXAMINER, HEAD, CLERK = "examiner@assigned", "leader@assigned", "clerk"
SMALL = 2  # one story of so many where the demo is small
ACCEPT = Act(1, EXAMINER, "accept")
DELIVER = Act(1, EXAMINER, "deliver", {"delivery": "window"})
RATE = Act(1, "applicant", "rate", {"satisfied": 5})


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Play applications in a county whose catalogue and registers are there (载入申请演示)."""
    troupe = Troupe.of(county, at=at)
    stories = applications(troupe)
    Rehearsal(troupe).run(stories[::SMALL] if small else stories, progress)


def _take(*papers: str) -> Act:
    return Act(0.1, EXAMINER, "take_papers", {"handed": list(papers)})


def applications(troupe: Troupe) -> list[Story]:
    card = (
        "disability-card",
        "service",
        {"kind": ["limb"], "home": True},
        {"photo": "bring", "records": "later"},
    )
    loan = (
        "device-loan",
        "loan",
        {"device": "wheelchair", "until": _day(troupe, 60), "bring": True},
        {"loan": "bring"},
    )
    means = (
        "subsistence",
        "assistance",
        {"cause": "age", "income": "1300", "consent": True},
        {"authority": "bring"},
    )
    food = (
        "food-permit",
        "licence",
        {"category": "hot", "size": "86", "head": "陈安全（演示）"},
        {"application": "bring", "layout": "bring", "rules": "bring", "health": "later"},
    )
    claim = ("village-medical-claim", "agency", {"amount": "3560.5"}, {"bills": "bring"})
    accepted = [_take("photo"), Act(0.2, EXAMINER, "accept_tolerant")]
    lent = {
        "device": "轮椅 07 号",
        "condition": "完好，轮胎气足",
        "lent_until": _day(troupe, 20),
        "delivery": "window",
    }
    visited = [
        Act(1, CLERK, "accept"),
        Act(
            2,
            "care_lead@township",
            "visit",
            {"finding": "两位老人，有少量养老金，没有其他收入。", "means": "fits"},
        ),
    ]
    shown = Act(1, EXAMINER, "show", {"household_of": "林建新户", "proposal": "拟救助 2 人，每月 1260 元"})
    granted = [
        *visited,
        shown,
        Act(8, EXAMINER, "report", {"opinion": "符合条件。"}),
        Act(1, HEAD, "grant", {"result_words": "从本月起每月 1260 元，按月到账。"}),
    ]
    joint = {"handling": "joint", "public_interest": False, "helpers": [troupe.organisation("fire")]}
    tell: tuple[tuple[tuple[str, str, Mapping[str, Any], Mapping[str, str]], Sequence[Act], float], ...] = (
        (card, (), 1),
        (means, (_take("authority"), *visited), 1),
        (loan, (_take("loan"), Act(0.2, EXAMINER, "lend", lent)), 12),
        (food, (Act(0.5, EXAMINER, "take_papers", {"handed": ["application", "layout", "rules"]}), Act(0.1, EXAMINER, "accept_tolerant"), Act(0.2, EXAMINER, "allot", joint), Act(0.5, EXAMINER, "special_procedure", {"ground": "inspection", "special": "市监、消防一起到店勘验，三天内。"})), 1),
        (claim, (Act(0.4, "agent@assigned", "take_on", {"mandated": "online", "handed": ["bills"]}),), 0.4),
        (card, (Act(1, EXAMINER, "ask_correction", {"missing": "照片请补交近六个月内的两寸白底照，交到窗口或拍照上传。", "lacking": ["photo"]}),), 2),
        (means, (_take("authority"), *visited, shown), 2),
        (card, (*accepted, Act(0.2, EXAMINER, "pause", {"ground": "expert-review", "special": "到区医院评定，约七天。"})), 3),
        (means, (_take("authority"), *granted, Act(1, EXAMINER, "deliver", {"delivery": "electronic"}), RATE), 6),
        (loan, (_take("loan"), Act(0.2, EXAMINER, "lend", {**lent, "lent_until": _day(troupe, 1)}), Act(14, EXAMINER, "give_back", {"condition": "完好"}), RATE), 4),
        (claim, (Act(0.4, "agent@assigned", "take_on", {"mandated": "signed", "handed": ["bills"]}), Act(1, "agent@assigned", "hand_in", {"taken_to": "医保窗口，受理号 0418", "handed": ["bills"]})), 2),
        (means, (Act(2, CLERK, "decline", {"reason": "经核对，户籍和居住地都不在本县，应当向户籍所在地申请。已代为联系并说明所需材料。", "legal_basis": "社会救助法 37"}),), 8),
    )  # fmt: skip
    stories = [_story(troupe, n, what, acts, dwell) for n, (what, acts, dwell) in enumerate(tell)]
    return [*stories, _birth(troupe)]


def _day(troupe: Troupe, n: int) -> str:
    return (local(troupe.at) + timedelta(days=n)).date().isoformat()


def _story(
    troupe: Troupe,
    n: int,
    what: tuple[str, str, Mapping[str, Any], Mapping[str, str]],
    acts: Sequence[Act],
    dwell: float,
) -> Story:
    code, procedure, answers, papers = what
    at_window = n % 3 == 1

    def opens(story: Story, by: Actor, at: datetime) -> Receipt:
        return apply(
            code,
            by=by,
            area=story.area,
            channel=story.channel,
            answers=answers,
            papers=papers,
            commitment="later" in papers.values(),
            applicant=story.person,
            at=at,
        )

    return Story(
        procedure,
        troupe.village(0 if procedure == "agency" else n),
        {},
        acts,
        applicant=troupe.resident(n),
        by=CLERK if at_window else "applicant",
        channel="window" if at_window else "web",
        opens=opens,
        dwell=dwell,
    )


def _birth(troupe: Troupe) -> Story:
    answers = {
        "wants_card": True,
        "name": "林小满（演示）",
        "born": _day(troupe, -9),
        "hospital": "区妇幼保健院",
        "count": "1",
        "with": "mother",
        "who": "newborn",
        "why": "child",
        "bank": "rural",
    }
    papers = dict.fromkeys(("first-page", "word", "form", "photo", "guardian"), "bring")

    def opens(story: Story, by: Actor, at: datetime) -> Receipt:
        return apply_for_event(
            "birth",
            by=by,
            area=story.area,
            channel="web",
            answers=answers,
            papers=papers,
            applicant=story.person,
            at=at,
        )

    acts = [Act(0.5, CLERK, "take_papers", {"handed": list(papers)})]
    return Story(
        "life-event", troupe.village(0), {}, acts, applicant=troupe.resident(0), opens=opens, dwell=1.5
    )
