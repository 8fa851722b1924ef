"""A few canned replies of the street office, written by its head (演示常用语)."""

from __future__ import annotations

from datetime import datetime

from linli.kernel.people.actors import actor_for
from linli.kernel.people.models import Account, Organisation
from linli.kernel.procedures.replies import managed_organisations, write_reply

HEAD = "leader"
REPLIES = (
    (
        "请补充一张照片",
        "您好，{{编号}} 还看不清具体位置，请在“我的事”里补一张照片，或写明离哪个楼号、路口最近。{{单位}}",
    ),
    (
        "不属本街道管辖",
        "您反映的{{类别}}在{{地点}}，不属本街道管辖。您可以拨打 12345，我们也已记下编号 {{编号}}，随时可以查到。",
    ),
    ("已派单，请等候", "您反映的{{类别}}已派给承办单位，应在 {{应办结}} 前办结，办好会告诉您。{{单位}}"),
)


def load_replies(at: datetime) -> None:
    head = Account.objects.filter(username=HEAD, demo=True).first()
    if head is None:
        return
    by = actor_for(head, at=at)
    led: list[Organisation] = managed_organisations(by)
    own = next((o for o in led if o.pk in by.organisation_ids), None)
    if own is not None:
        for title, body in REPLIES:
            write_reply(title, body, by=by, organisation=own.code, at=at)
