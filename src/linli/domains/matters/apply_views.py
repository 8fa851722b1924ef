"""Applying online in three short steps (网上申请): questions, papers, check and send. Works without JavaScript.

Each step saves itself; what is known is shown with its source and not asked. The same pages serve a matter and a life event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.base.codes import mask_name
from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text
from linli.domains.matters import asking as pages
from linli.domains.matters import form
from linli.domains.matters.applying import apply, known_for
from linli.domains.matters.asking import Asking, Draft
from linli.domains.matters.life_events import apply_for_event
from linli.kernel.people.actors import Actor
from linli.kernel.people.known import Known
from linli.kernel.places.models import Area
from linli.kernel.procedures import keys
from linli.kernel.procedures.own import as_resident, party_of
from linli.web.actionforms import PHOTOS
from linli.web.faces import actor_of, area_of, resident_only
from linli.web.receipts import keep_receipt, number_of_key

STEPS = (
    ("ask", Text("填几项", "Questions")),
    ("papers", Text("材料", "Papers")),
    ("send", Text("核对与提交", "Check and send")),
)
KINDS = ("matter", "life")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@resident_only
def apply_for(request: HttpRequest, code: str, kind: str = "matter", step: str = "ask") -> HttpResponse:
    """One step of an application (申请的一步). Refuses, at the field, what cannot be taken; nothing that was written is lost."""
    actor = as_resident(actor_of(request))
    area = area_of(request)
    if area is None:
        return HttpResponseRedirect(f"{reverse('web:area')}?next={request.path}")
    draft = pages.draft_of(actor.account_id, f"matters.apply.{kind}.{code}"[:60])
    if request.method == "POST" and (sent := number_of_key(request, request.POST.get("key", ""))):
        return HttpResponseRedirect(reverse("web:receipt", args=[sent]))
    asked = pages.asking(kind, code, area, draft.answers)
    visit = Visit(request, actor, area, asked, draft)
    if request.method == "POST" and request.POST.get("drop"):
        pages.forget(actor.account_id, asked.draft_kind)
        return HttpResponseRedirect(
            reverse("matters:matter" if kind == "matter" else "matters:life_event", args=[code])
        )
    match step:
        case "papers":
            return visit.papers()
        case "send":
            return visit.send()
        case _:
            return visit.ask()


class Visit:
    """One request in the middle of an application (一次访问)."""

    def __init__(self, request: HttpRequest, actor: Actor, area: Area, asked: Asking, draft: Draft) -> None:
        self.request, self.actor, self.area, self.asked, self.draft = request, actor, area, asked, draft
        self.person = party_of(actor)

    def known(self) -> dict[str, Known]:
        return known_for(self.person, self.asked.form, self.asked.spec)

    def url(self, step: str) -> str:
        name = "matters:apply" if self.asked.kind == "matter" else "matters:apply_life"
        return reverse(name if step == "ask" else f"{name}_{step}", args=[self.asked.code])

    def keep(self) -> None:
        pages.keep(self.actor.account_id, self.asked.draft_kind, self.draft)

    def ask(self) -> HttpResponse:
        """Step 1: what no register knows."""
        known = self.known()
        if self.request.method != "POST":
            return self.page("ask", known)
        views = pages.questions(self.asked.form, {}, known, {})
        self.draft.answers = pages.answers_in(views, self.request.POST)
        self.keep()
        # Of a life event, the answers decide which questions there are.
        self.asked = pages.asking(self.asked.kind, self.asked.code, self.area, self.draft.answers)
        known = self.known()
        _, wrong = form.answers_of(self.asked.form, self.draft.answers, known)
        asked_before = {f.code for f in views}
        wrong = {c: t for c, t in wrong.items() if c in _codes(self.asked)}
        if wrong and not any(f"a.{c}" in asked_before for c in wrong):
            return HttpResponseRedirect(
                f"{self.url('ask')}?more=1#more"
            )  # the answers brought more questions
        if wrong:
            return self.page("ask", known, wrong=wrong, status=422)
        return HttpResponseRedirect(self.url("papers"))

    def papers(self) -> HttpResponse:
        """Step 2: each paper uploaded, brought, or to follow."""
        if self.request.method != "POST":
            return self.page("papers", self.known())
        wrong = pages.take_papers(
            self.asked.form, self.draft, self.request.POST, self.request.FILES, by=self.actor
        )
        self.draft.commitment = self.request.POST.get("commitment") == "on"
        self.keep()
        if self.request.POST.get("stay"):
            return self.page("papers", self.known(), wrong=wrong)
        said, _ = form.answers_of(self.asked.form, self.draft.answers, self.known())
        listed, missing = form.papers_of(
            self.asked.form, self.draft.papers, form.values_of(said), at_window=False
        )
        wrong = {**missing, **wrong}
        if any(line["state"] == "later" for line in listed) and not self.draft.commitment:
            wrong["commitment"] = Text(
                "后补的材料，请勾选下面的承诺。", "For papers that follow, tick the promise below."
            )
        if wrong:
            return self.page("papers", self.known(), wrong=wrong, status=422)
        return HttpResponseRedirect(self.url("send"))

    def send(self) -> HttpResponse:
        """Step 3: everything once more, and sending. A key belongs to the draft: pressing twice sends once."""
        if self.request.method != "POST":
            return self.page("send", self.known())
        verb = apply if self.asked.kind == "matter" else apply_for_event
        codes = _codes(self.asked)
        try:
            receipt = verb(
                self.asked.code,
                by=self.actor,
                area=self.area,
                channel="web",
                answers={c: v for c, v in self.draft.answers.items() if c in codes},
                papers={
                    c: v
                    for c, v in self.draft.papers.items()
                    if c in {m.code for m in self.asked.form.materials}
                },
                files=pages.all_files(self.draft),
                commitment=self.draft.commitment,
                applicant=self.person,
                client_key=self.draft.key,
            )
        except LinliError as error:
            wrong = dict(error.fields) if isinstance(error, Invalid) else {}
            return self.page("send", self.known(), wrong=wrong, message=error.message, status=error.status)
        keep_receipt(self.request, receipt.number, by=self.actor, client_key=self.draft.key)
        pages.forget(self.actor.account_id, self.asked.draft_kind)
        return HttpResponseRedirect(reverse("web:receipt", args=[receipt.number]))

    def page(
        self,
        step: str,
        known: Mapping[str, Known],
        *,
        wrong: Mapping[str, Text] | None = None,
        message: Text | str = "",
        status: int = 200,
    ) -> HttpResponse:
        asked, draft, wrong = self.asked, self.draft, wrong or {}
        said, open_ = form.answers_of(
            asked.form, {c: v for c, v in draft.answers.items() if c in _codes(asked)}, known
        )
        values = form.values_of(said)
        n = [code for code, _ in STEPS].index(step)
        owner = keys.owner_of(self.actor, draft.key)
        listed = pages.papers(asked.form, values, draft, wrong, owner=owner, at_window=False)
        views = pages.questions(asked.form, draft.answers, known, wrong)
        if wrong and not message:
            message = Text(
                f"有 {len(wrong)} 处需要更正，您填的内容都还在。",
                f"{len(wrong)} entries to mend; nothing you wrote is lost.",
            )
        context: dict[str, Any] = {
            "asked": asked,
            "draft": draft,
            "area": self.area,
            "fields": views,
            "given": pages.given(asked.form, known, hidden=self.actor.acting is not None),
            "papers": listed,
            "to_hand_in": [p for p in listed if not p.looked_up],
            "looked_up": [p for p in listed if p.looked_up],
            "lines": [_shown(line) for line in said if "source" not in line],
            "open": open_,
            "spared": form.spared(asked.form, values, known),
            "tolerable": any(m.need == "tolerable" for m in asked.form.materials),
            "wrong": wrong,
            "message": message,
            "problems": [(p.title, t) for p in listed if (t := p.error)],
            "steps": [
                {"title": title, "now": i == n, "url": self.url(code) if i < n else ""}
                for i, (code, title) in enumerate(STEPS)
            ],
            "n": n + 1,
            "more": "more" in self.request.GET,
            "back": self.url(STEPS[n - 1][0]) if n else "",
            "home": reverse(
                "matters:matter" if asked.kind == "matter" else "matters:life_event", args=[asked.code]
            ),
            "name": mask_name(self.person.name) if self.actor.acting else self.person.name,
            "acting": self.actor.acting is not None,
            "accept": PHOTOS,
            "paper_url": reverse(
                "matters:paper" if asked.kind == "matter" else "matters:paper_life", args=[asked.code]
            ),
        }
        return render(self.request, f"matters/apply_{step}.html", context, status=status)


def _codes(asked: Asking) -> set[str]:
    return {f.code for f in asked.form.fields}


def _shown(line: Mapping[str, Any]) -> tuple[Text, Text]:
    return Text(*line["title"]), Text(*line["words"])
