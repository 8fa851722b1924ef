"""Canned replies, one's own and an organisation's (常用语管理): written, mended, retired, with what they said before."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.base.i18n import Text
from linli.kernel.procedures import replies
from linli.kernel.procedures.models import CannedReply
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.screens import Done, Entered, Screen, ask, press

TITLE = Text("常用语", "Canned replies")


def _fields() -> list[FieldView]:
    zh = "、".join("{{" + t.zh + "}}" for t in replies.FIELDS.values())
    en = ", ".join("{{" + t.en + "}}" for t in replies.FIELDS.values())
    return [
        FieldView("title", Text("名字", "Name"), "string", required=True, max=replies.LONGEST_TITLE),
        FieldView(
            "body",
            Text("内容", "Words"),
            "text",
            required=True,
            max=replies.LONGEST,
            hint=Text(
                f"可以用字段：{zh}。填入时换成那件事的内容。",
                f"Fields: {en}. They become what the case says.",
            ),
        ),
    ]


@never_cache
@require_safe
@staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """The replies that I use or look after (常用语)."""
    actor = actor_of(request)
    managed = replies.managed_organisations(actor)
    rows = [(r, replies.may_change(r, actor, managed)) for r in replies.all_of(actor)]
    return render(request, "web/desk/replies.html", {"rows": rows})


@never_cache
@staff_only
def new(request: HttpRequest) -> HttpResponse:
    """Write one (写一条常用语): of my own, or for an organisation that I look after."""
    actor = actor_of(request)
    managed = replies.managed_organisations(actor)
    fields = _fields()
    if managed:
        choices = [Choice(o.code, o.title) for o in managed]
        hint = Text("不选就是自己用。", "Your own where none is chosen.")
        fields.append(
            FieldView(
                "organisation",
                Text("给哪个单位用", "For which organisation"),
                "choice",
                choices=choices,
                hint=hint,
            )
        )

    def act(entered: Entered) -> Done:
        made = replies.write_reply(
            entered["title"] or "",
            entered["body"] or "",
            by=actor,
            organisation=entered.get("organisation") or "",
        )
        return Done(Text(f"“{made.title}”已保存。", f"“{made.title}” is saved."), reverse("web:replies"))

    screen = Screen(Text("写一条常用语", "Write a canned reply"), fields, Text("保存", "Save"), _trail())
    return ask(request, screen, act)


@never_cache
@staff_only
def change(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Mend one, with what it said before (改常用语)."""
    actor = actor_of(request)
    reply = replies.access_reply(uid, actor)
    context = {
        "versions": replies.versions_of(reply),
        "reply": reply,
        "may": replies.may_change(reply, actor),
    }

    def act(entered: Entered) -> Done:
        replies.write_reply(entered["title"] or "", entered["body"] or "", by=actor, uid=uid)
        return Done(Text("已保存为新的一版。", "Saved as a new version."), reverse("web:replies"))

    screen = Screen(
        Text("改常用语", "Change a canned reply"),
        _fields() if context["may"] else [],
        Text("保存", "Save"),
        _trail(),
        template="web/desk/reply.html",
        context=context,
    )
    return ask(request, screen, act, {"title": reply.title, "body": reply.body})


@staff_only
@require_POST
def retire(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Offer it no longer (停用)."""
    actor = actor_of(request)

    def act() -> Done:
        reply: CannedReply = replies.access_reply(uid, actor)
        replies.retire_reply(uid, by=actor)
        return Done(Text(f"“{reply.title}”已停用。", f"“{reply.title}” is retired."), reverse("web:replies"))

    return press(request, act, reverse("web:replies"))


def _trail() -> list[tuple[Text | str, str]]:
    return [(TITLE, reverse("web:replies"))]
