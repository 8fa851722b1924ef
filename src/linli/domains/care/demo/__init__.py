"""The demo of care (关爱帮扶演示): plans and requests at every interesting step, played by the verbs alone.

Everybody in it is invented; the moments lie in the past weeks, whenever it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from linli.base.clock import local
from linli.kernel.places.models import Area
from linli.kernel.procedures.rehearsal import Act, Rehearsal, Story, Troupe

WORKER, LEAD = "care_worker", "care_lead@township"
CHILD = "child_worker"
SMALL = 2  # one story of so many where the demo is small
BY_HAND = {"agreed": "yes"}


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Play plans of help in a county whose demo people are there (载入关爱演示)."""
    troupe = Troupe.of(county, at=at)
    stories = [*plans(troupe), *services(troupe)]
    Rehearsal(troupe).run(stories[::SMALL] if small else stories, progress)


def plans(troupe: Troupe) -> list[Story]:
    today = local(troupe.at).date()

    def day(n: int) -> str:
        return (today + timedelta(days=n)).isoformat()

    def agree(who: str, ground: str = "consent", *scopes: str) -> Act:
        data: dict[str, Any] = {"consent_ground": ground, "consent_how": "上门当面说明后本人签字。"}
        return Act(1, who, "agree", {**data, **({"consent_scope": list(scopes)} if scopes else {})})

    def plan(who: str, needs: str, goals: str, **more: str) -> Act:
        return Act(1, who, "plan", {"needs": needs, "goals": goals, "review_on": day(40), **more})

    def visit(who: str, n: int, topic: str = "errand") -> Act:
        return Act(0.5, who, "plan_visit", {"visit_on": day(n), "visit_topic": topic})

    meals = plan(
        WORKER, "腿脚不便，买菜做饭困难。", "社区食堂每天中午送一餐\n每周二上门看一次", health_need="上下楼要有人扶。"
    )  # fmt: skip
    lamp = plan(WORKER, "楼道灯坏了，家里水龙头漏水。", "一周内请人修好\n修好后回访")
    lessons = plan(
        CHILD, "放学后没有人照看。", "每周三次到村里的课后小屋\n每周和爸妈视频一次", family_need="由外婆照看。"
    )  # fmt: skip
    propose = Act(
        1, WORKER, "propose_end", {"reason": "连续三次上门没有见到，电话说不需要了，但没有书面意见。"}
    )
    said = Act(1, "applicant", "state", {"statement": "我只是回女儿家住了半个月，希望继续送餐。"})
    met = {"visit_on": day(-6), "visit_topic": "needs", "met": "met", "request": "想借一辆轮椅，用到月底。"}
    wheelchair = Act(1, WORKER, "visited", met)
    tell: tuple[tuple[str, str, str, Sequence[Act], float], ...] = (
        ("elderly", "想有人帮忙买菜、送午饭。", "和平路 12 号 201", (agree(WORKER, "consent", "health"), meals, visit(WORKER, 0)), 0.4),
        ("elderly", "想有人来说说话。", "文化路 3 号 102", (), 1),
        ("disabled", "想有人陪着去办证。", "学军路 8 号 301", (agree(WORKER),), 1),
        ("woman", "家里灯和水龙头坏了，没有人修。", "和平路 30 号", (agree(WORKER), lamp, visit(WORKER, 0, "safety")), 0.4),
        ("low_income", "想知道能申请哪些帮助。", "城东路 5 号", (agree(WORKER, "assistance_37"), lamp, visit(WORKER, 3, "needs")), 0.4),
        ("elderly", "想有人来看看。", "文化路 17 号 101", (agree(WORKER), lamp, wheelchair), 1),
        ("elderly", "想有人帮忙取药。", "文化路 21 号 402", (agree(WORKER, "consent", "health"), meals, Act(3, WORKER, "withdraw_consent")), 2),
        ("elderly", "想要送餐。", "江滨路 16 号", (agree(WORKER, "consent", "health"), meals, propose), 1),
        ("destitute", "想有人定期上门。", "和平路 2 号", (agree(WORKER), lamp, propose, said), 1),
        ("hard_expenses", "想打听医疗救助怎么申请。", "学军路 40 号", (agree(WORKER), lamp, Act(9, WORKER, "end_agreed", {"agreed_end": "yes"})), 3),
        ("woman", "想学一门手艺。", "城东路 9 号", (agree(WORKER), lamp, Act(5, "applicant", "leave")), 4),
    )  # fmt: skip
    found = [
        _story(
            troupe, n, "help-plan", {"target_group": group, "wish": wish, "home_address": where}, acts, dwell
        )
        for n, (group, wish, where, acts, dwell) in enumerate(tell)
    ]
    for n, acts in enumerate(
        ([agree(CHILD, "minors_43"), lessons, visit(CHILD, 0, "company")], [], [agree(CHILD, "minors_43")])
    ):
        data = {
            "target_group": "left_behind",
            "wish": "孩子放学后没有人看，想有人帮忙。",
            "home_address": f"东溪里 {n + 3} 号",
        }
        found.append(_story(troupe, n, "child-care", data, acts, 0.4))
    return found


def services(troupe: Troupe) -> list[Story]:
    visit_on = (local(troupe.at).date() + timedelta(days=2)).isoformat()
    arranged = Act(
        1, WORKER, "arrange", {"visit_on": visit_on, "arranged": "周四下午三点，社工站二楼咨询室，吴老师。"}
    )
    tell: tuple[tuple[str, str, Sequence[Act], float], ...] = (
        ("counselling", "最近睡不好，想找人谈谈。", (arranged,), 0.5),
        ("meals", "中午送一份饭。", (), 0.5),
        ("interpreter", "去银行办事，要手语翻译。", (arranged, Act(0.2, WORKER, "provided")), 0.3),
        ("barrier", "菜市场门口有三级台阶，轮椅进不去。", (), 1),
        ("escort", "去区医院看眼睛，想有人陪。", (arranged,), 0.5),
    )
    return [
        _story(troupe, n, "care-service", {"service": kind, "wanted": wanted}, acts, dwell)
        for n, (kind, wanted, acts, dwell) in enumerate(tell)
    ]


def _story(
    troupe: Troupe, n: int, procedure: str, data: Mapping[str, Any], acts: Sequence[Act], dwell: float
) -> Story:
    found = n % 4 == 3  # found on a visit, and agreed to at the door
    who = CHILD if procedure == "child-care" else WORKER
    return Story(
        procedure,
        troupe.village(n % 3),
        {**data, **(BY_HAND if found else {})},
        acts,
        applicant=troupe.resident(n),
        by=who if found else "applicant",
        channel="field" if found else "web",
        dwell=dwell,
    )
