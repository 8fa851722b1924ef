"""What may be written and done in a plan of help (关爱帮扶规则): pure decisions. No Django, no clock, no query."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from linli.base.i18n import Text

# Fields that open by a separate consent alone (个人信息保护法 29), by its scope.
SENSITIVE = {"health": "health_need", "money": "money_need", "family": "family_need"}
SCOPES = {
    "health": Text("健康情况", "health"),
    "money": Text("经济情况", "means"),
    "family": Text("家里的情况", "the family"),
}
# What a named law opens without a consent. The Social Assistance Law asks for help (37), and for a consent before
# anybody looks at means (40, 41); the Minors Law asks for a file about who looks after the child (43).
OPENED_BY_LAW: Mapping[str, tuple[str, ...]] = {"assistance_37": (), "minors_43": ("family",)}
REVIEW_WITHIN = timedelta(days=92)  # sample: care lists are reviewed at set intervals
TIME_TO_ANSWER = timedelta(days=10)  # sample: to say what one thinks before help is stopped (社会救助法 48)
FEWEST_SHOWN = 5


def without_consent(data: Mapping[str, Any], opened: Collection[str]) -> Text | None:
    """Refuses what was entered about health, means or the family without a consent or a law (须先有单独同意)."""
    closed = [scope for scope, field in SENSITIVE.items() if data.get(field) and scope not in opened]
    if not closed:
        return None
    zh, en = "、".join(SCOPES[s].zh for s in closed), ", ".join(SCOPES[s].en for s in closed)
    return Text(
        f"还没有单独同意填写：{zh}（个人信息保护法 29）。请先用“加一项同意”记下同意，或者不填这几项。",
        f"There is no separate consent yet to write about: {en} (PIPL 29). Enter the consent first, or leave it empty.",
    )


def review_too_far(day: date, today: date) -> Text | None:
    if today <= day <= today + REVIEW_WITHIN:
        return None
    return Text(
        "回头看的日子要在今天到三个月以内。请改一个日子。",
        "The review has to be between today and three months from now. Choose another day.",
    )


def beyond_the_year(day: date, last: date) -> Text | None:
    """A plan ends (每件最长一年): whoever needs help longer asks anew, and consents anew."""
    if day <= last:
        return None
    return Text(
        f"这个计划到 {last:%Y-%m-%d} 为止，最长一年。还需要帮扶的，请本人重新提出、重新同意，再结束这一件。",
        f"This plan runs until {last:%Y-%m-%d}, a year at most. If help is still needed, let them ask and agree anew, "
        "then end this one.",
    )


def visit_fits(data: Mapping[str, Any], today: date) -> Text | None:
    if date.fromisoformat(data["visit_on"]) > today:
        return Text(
            "走访的日子还没有到。约走访请用“约一次走访”。",
            "That day has not come yet. To plan a visit, use “Plan a visit”.",
        )
    if data["met"] != "met" and (data.get("request") or data.get("answer")):
        return Text(
            "没有见到本人，或本人不想记录，不能写诉求和答复。请去掉这两项。",
            "Without a meeting, or without their wish, nothing that was said is kept. Empty the request and the answer.",
        )
    return None


def to_come(day: date, today: date) -> Text | None:
    if day >= today:
        return None
    return Text("约的日子已经过了。请选今天或以后的日子。", "That day is over. Choose today or a later day.")


def shown(n: int) -> Text | int:
    """A number for planning (合计): counts under five are not shown."""
    return Text("少于 5", "under 5") if 0 < n < FEWEST_SHOWN else n
