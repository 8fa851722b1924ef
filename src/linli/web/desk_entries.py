"""What the desk itself adds to menu and lists (工作台登记): 待办, 我经手的, 全部办件, 通知."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from linli.base.i18n import Text
from linli.kernel.notices.queries import n_unread
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import lastlooks
from linli.kernel.procedures.models import Case, Participation, Task
from linli.kernel.procedures.noting import unread_mentions
from linli.kernel.procedures.queries import visible_to
from linli.kernel.procedures.registry import list_filter as kernel_filter
from linli.kernel.procedures.supervision import SUPERVISING
from linli.web import registry, within

PHONE = Text("手机应用", "Phone app")
HANDLED = Text("我经手的", "I took part in")
ALL_CASES = Text("全部办件", "All cases")
LATE = Text("今天要超时的", "Late today")
MENTIONS = Text("@我的", "Naming me")
NEWS = Text("有新动态", "With news")
NAMED = {
    "within": Text("地图上画的范围", "an area drawn on the map"),
    "unplaced": Text("没有地图点位", "no point on the map"),
    "ended_on": Text("在某些天办结", "ended on certain days"),
    "indicator": Text("某项指标的样本", "the sample of an indicator"),
}


def handled(queryset: QuerySet[Case], value: str, actor: Actor) -> QuerySet[Case]:
    """The cases that I entered, or in which I did a task (我经手的)."""
    if actor.account_id is None:
        return queryset.none()
    done = Task.objects.filter(done_by_id=actor.account_id).values("case_id")
    entered = Participation.objects.filter(kind="account", ref=actor.account_id).values("case_id")
    return queryset.filter(Q(pk__in=done) | Q(pk__in=entered))


def inbox_counts(actor: Actor) -> Mapping[str, Any] | None:
    from linli.web.views.desk import counts_of

    counts = counts_of(actor)
    return {"all": counts["open"]} if counts["open"].n else None


def late_counts(actor: Actor) -> Mapping[str, Any] | None:
    """Of my inbox, what is late and what will be today (已超时、今天会超时): the same numbers as the inbox itself."""
    from linli.web.views.desk import counts_of

    counts = counts_of(actor)
    late, today = counts["late"].n, counts["today"].n
    return {"all": late + today or None, "late": late, "soon": today}


def unread(actor: Actor) -> int | None:
    return n_unread(actor) or None


def with_news(actor: Actor) -> QuerySet[Case]:
    """The cases that I opened and that have moved since (有新动态)."""
    return visible_to(actor).filter(pk__in=lastlooks.unread_cases(actor))


def news_words(cases: Sequence[Case], actor: Actor) -> dict[int, Text | str]:
    return {pk: news.words for pk, news in lastlooks.news_of(cases, actor).items() if news.words}


def supervised(actor: Actor) -> Mapping[str, Any] | None:
    from linli.web.views.supervision import counted

    return counted(actor)


def supervision_panel(request: HttpRequest, case: Case, actor: Actor) -> str | None:
    from linli.web.views.supervision import panel

    return panel(request, case, actor)


def register() -> None:
    kernel_filter("handled")(handled)
    registry.list_filter("handled", HANDLED, order=10)
    registry.list_filter("news", NEWS, order=15)
    registry.row_note("news", news_words)
    registry.list_filter("running", Text("只看在办", "Open only"), order=20)
    registry.list_filter("task_late", Text("当前环节已超时", "Present step is late"), order=30)
    registry.list_filter(
        "task_due_today", Text("当前环节今天要超时", "Present step late or due today"), order=31
    )
    registry.list_filter("task_today", Text("当前环节今天到期", "Present step is due today"), order=40)
    for name, title in NAMED.items():
        registry.list_filter(name, title, drawn=False)
    kernel_filter("within")(within.filter_within)
    kernel_filter("unplaced")(within.filter_unplaced)
    registry.menu_entry("staff", "map", Text("地图", "Map"), "web:case_map", order=33)
    registry.menu_entry(
        "staff", "inbox", Text("待办", "Inbox"), "web:staff_home", order=10, count=inbox_counts
    )
    registry.menu_entry(
        "staff", "late", LATE, "web:staff_home", order=12, count=late_counts, query="only=pressing"
    )
    registry.menu_entry(
        "staff",
        "supervision",
        Text("督办", "Supervision"),
        "web:supervision",
        roles=SUPERVISING,
        order=15,
        count=supervised,
    )
    registry.case_panel("supervision", order=5, render=supervision_panel, side=True)
    registry.menu_entry("staff", "handled", HANDLED, "web:cases", order=20, query="handled=1")
    registry.menu_entry("staff", "news", NEWS, "web:cases", order=25, count=with_news, query="news=1")
    registry.menu_entry("staff", "mentions", MENTIONS, "web:mentions", order=26, count=unread_mentions)
    registry.menu_entry("staff", "cases", ALL_CASES, "web:cases", order=30)
    registry.menu_entry("staff", "field_app", PHONE, "web:field", roles={"grid_worker"}, order=34)
    registry.menu_entry("staff", "begin", Text("登记立案", "Begin a case"), "web:desk_begin_list", order=35)
    registry.menu_entry("staff", "person", Text("找人", "Find a person"), "web:search_person", order=37)
    registry.menu_entry("staff", "replies", Text("常用语", "Canned replies"), "web:replies", order=45)
    registry.menu_entry("staff", "notices", Text("通知", "Notices"), "web:notices", order=40, count=unread)
