"""Canned replies in the form of an action (表单里的常用语): offered, filled with what is known of the case, put into a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.people.masks import masked_name
from linli.kernel.procedures import replies
from linli.kernel.procedures.models import CannedReply, Case
from linli.kernel.procedures.readers import hats_on
from linli.web import casewords, words
from linli.web.forms import FieldView

PUT_IN, WHICH, INTO = "put_in", "canned", "into"
OWN = Text("我自己的", "My own")


@dataclass(frozen=True)
class Offered:
    """What a form offers (可选的常用语): the replies by whose they are, and the fields that take them."""

    groups: list[tuple[Text, list[CannedReply]]]
    fields: list[FieldView]


def offered(actor: Actor, views: Sequence[FieldView]) -> Offered | None:
    """The replies for a form that has a text to fill (常用语菜单); nothing where there is none of either."""
    fields = [view for view in views if view.type == "text"]
    if not fields:
        return None
    groups: dict[str, tuple[Text, list[CannedReply]]] = {}
    for reply in replies.usable(actor)[: replies.MOST]:
        title = reply.organisation.title if reply.organisation else OWN
        groups.setdefault(title.zh, (title, []))[1].append(reply)
    return Offered(list(groups.values()), fields) if groups else None


def put_in(
    post: Mapping[str, str], views: Sequence[FieldView], case: Case, actor: Actor
) -> tuple[list[FieldView], Text]:
    """The form with a reply put into one of its texts (填入常用语), and what is still to be written by hand."""
    try:
        reply = replies.access_reply(UUID(post.get(WHICH, "")), actor)
    except ValueError:
        return list(views), Text("请先选一条常用语。", "Choose a canned reply first.")
    texts = [view.code for view in views if view.type == "text"]
    into = post.get(INTO, "") if post.get(INTO, "") in texts else next(iter(texts), "")
    said = replies.filled(reply.body, values_of(case, actor))
    made = []
    for view in views:
        value = (
            "\n".join(filter(None, [str(view.value or "").rstrip(), said]))
            if view.code == into
            else view.value
        )
        made.append(view.with_value(value, view.error))
    left = replies.unfilled(said)
    if left:
        return made, Text(
            f"常用语已填入，还没有提交。{'、'.join(left)} 这件事里没有，请自己写上。",
            f"The reply is put in; nothing is sent yet. This case has no {', '.join(left)}: write it yourself.",
        )
    return made, Text(
        "常用语已填入，还没有提交。请看一遍再办。",
        "The reply is put in; nothing is sent yet. Read it once more.",
    )


def values_of(case: Case, actor: Actor) -> dict[str, Text | str | None]:
    """What the fields stand for in a case (字段的值); the party's name as it is shown: masked."""
    hat = next(iter(hats_on(case, actor)), None)
    tags = casewords.tags_of(case)
    place = casewords.near(case.area)
    return {
        "party": masked_name(case.applicant) or None,
        "number": case.number,
        "due": words.full_moment(case.due_at) if case.due_at else None,
        "category": tags[0].text if tags else None,
        "place": f"{place} {case.place_text}".strip(),
        "organisation": hat.organisation_title if hat else None,
    }
