"""One act on many cases (批量办理): chosen, looked over case by case, held for a moment, then done each on its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.base.clock import now
from linli.base.errors import Invalid
from linli.base.i18n import Text, text_from
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import engine, holding
from linli.kernel.procedures.definitions import Action, FieldDef, Procedure
from linli.kernel.procedures.models import Case, HeldBatch
from linli.kernel.procedures.replies import refuse_unfilled
from linli.kernel.procedures.state import OpenAction
from linli.kernel.procedures.versions import procedure_of
from linli.web import flash
from linli.web.actionforms import again, entered, field_views, seq_seen
from linli.web.faces import actor_of, staff_only
from linli.web.forms import FieldView
from linli.web.views.lists import in_order, numbers_asked

MOST_AT_ONCE = holding.MOST
FILE_TYPES = frozenset({"photos", "files", "voice"})
Offers = dict[str, dict[str, OpenAction]]  # by case number and code: what is open there now


@dataclass(frozen=True)
class Common:
    """An action with the same form in all cases where it is open (可批量的操作)."""

    code: str
    title: Text
    cases: tuple[Case, ...]
    action: Action

    @property
    def n_open(self) -> int:
        return len(self.cases)


@dataclass(frozen=True)
class Preview:
    """What would become of one of the chosen cases (逐件预览)."""

    case: Case
    step: Text
    to: Text | None
    reason: Text | None  # why it is left out


@dataclass(frozen=True)
class Outcome:
    case: Case | None  # no longer in sight
    number: str
    done: bool
    words: Text


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def bulk(request: HttpRequest) -> HttpResponse:
    """Choose cases, then one action; its form and what becomes of each case; then it is held for a moment.

    Refuses nothing as a whole: a case where it is not open is named with the reason, and the others go on.
    """
    actor = actor_of(request)
    chosen = in_order(numbers_asked(request, MOST_AT_ONCE), actor)
    code = (request.POST if request.method == "POST" else request.GET).get("do", "")
    offers = offered_in(chosen, actor)
    picked = next((c for c in common_actions(chosen, offers) if c.code == code), None)
    context: dict[str, Any] = {"chosen": chosen, "picked": picked, "most": MOST_AT_ONCE}
    if picked is None:
        context["common"] = common_actions(chosen, offers)
        return render(request, "web/desk/bulk.html", context)
    views = _views(picked, actor)
    context |= {"previews": _previews(chosen, picked, offers), "seconds": int(holding.WAITS.total_seconds())}
    if request.method != "POST":
        return render(request, "web/desk/bulk.html", context | {"fields": views, "key": uuid4().hex})
    key = request.POST.get("key", "")[:64] or uuid4().hex
    sent = entered(views, request.POST, request.FILES, by=actor, client_key=key)
    seqs = {c.number: seen for c in chosen if (seen := seq_seen(request.POST, f"seq.{c.number}")) is not None}
    try:
        refuse_unfilled(sent.data)
        batch = holding.hold(
            picked.cases, picked.action, sent.data, by=actor, client_key=f"bulk:{key}", seqs=seqs
        )
    except Invalid as error:
        context |= {"fields": again(views, sent, error.fields), "key": key, "message": error.message}
        return render(request, "web/desk/bulk.html", context, status=error.status)
    return HttpResponseRedirect(reverse("web:held", args=[batch.uid]))


@never_cache
@require_safe
@staff_only
def held(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A batch that waits, with the way to take it back; afterwards what became of each case (待执行、结果)."""
    return _held(request, holding.access_batch(uid, actor_of(request)))


@require_POST
@staff_only
def run_held(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Do it without waiting longer (现在就办); the page presses this when it has counted to the end."""
    batch = holding.run_now(uid, by=actor_of(request))
    return HttpResponseRedirect(reverse("web:held", args=[batch.uid]))


@never_cache
@require_POST
@staff_only
def cancel_held(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take it back (撤销): nothing was done, and the form is there again with what was entered."""
    actor = actor_of(request)
    batch = holding.access_batch(uid, actor)
    given = holding.cancel(uid, by=actor)
    chosen = in_order([str(number) for number, _ in batch.items], actor)
    offers = offered_in(chosen, actor)
    picked = next((c for c in common_actions(chosen, offers) if c.code == batch.action), None)
    said = Text(
        "已撤销，一件也没有办。填的内容都在。",
        "Taken back: nothing was done. What you entered is still here.",
    )
    if picked is None:
        flash.say(request, said)
        return HttpResponseRedirect(reverse("web:staff_home"))
    fields = [view.with_value(given.get(view.code)) for view in _views(picked, actor)]
    context = {
        "chosen": chosen,
        "picked": picked,
        "previews": _previews(chosen, picked, offers),
        "seconds": int(holding.WAITS.total_seconds()),
        "fields": fields,
        "key": uuid4().hex,
        "taken_back": said,
    }
    return render(request, "web/desk/bulk.html", context)


def _held(request: HttpRequest, batch: HeldBatch) -> HttpResponse:
    numbers = [str(number) for number, _ in batch.items]
    cases = {case.number: case for case in in_order(numbers, actor_of(request))}
    outcomes = [
        Outcome(cases.get(o["number"]), o["number"], o["done"], text_from(o["words"])) for o in batch.outcome
    ]
    n_done = sum(o.done for o in outcomes)
    context = {
        "batch": batch,
        "title": text_from(batch.title),
        "cases": list(cases.values()),
        "seconds": max(0, int((batch.run_at - now()).total_seconds() + 0.999)),
        "outcomes": outcomes,
        "n_done": n_done,
        "n_refused": len(outcomes) - n_done,
    }
    return render(request, "web/desk/held.html", context)


def offered_in(chosen: list[Case], actor: Actor) -> Offers:
    """What is open to this person in each of these cases (各件可办的操作), asked once."""
    return {case.number: {o.code: o for o in engine.open_actions(case, actor)} for case in chosen}


def common_actions(chosen: list[Case], offers: Offers) -> list[Common]:
    """The actions that are open in these cases and ask the same in each (共同操作), the commonest first.

    An action that needs files stays out: a photo belongs to one case.
    """
    found: dict[tuple[str, str], list[tuple[Case, Action]]] = {}
    for case in chosen:
        procedure = procedure_of(case.version_id)
        for offered in offers[case.number].values():
            if offered.blocked is None and _fits(offered.action, procedure):
                found.setdefault((offered.code, _form_mark(offered.action, procedure)), []).append(
                    (case, offered.action)
                )
    best: dict[str, Common] = {}
    for (code, _), where in found.items():
        if code not in best or best[code].n_open < len(where):
            action = where[0][1]
            best[code] = Common(code, action.title, tuple(case for case, _ in where), action)
    return sorted(best.values(), key=lambda c: (-c.n_open, not c.action.to))


def _previews(
    chosen: list[Case], picked: Common, offers: Mapping[str, Mapping[str, OpenAction]]
) -> list[Preview]:
    found = []
    for case in chosen:
        procedure = procedure_of(case.version_id)
        offered = offers[case.number].get(picked.code)
        reason = None
        if offered is None:
            reason = Text("现在这一步不由您办，不会办。", "This is not open to you there now: left out.")
        elif offered.blocked is not None:
            reason = offered.blocked
        elif case not in picked.cases:
            reason = Text(
                "要填的内容和其他几件不同，请单独办。", "It asks for other entries: do it on its own."
            )
        to = procedure.steps[picked.action.to].title if picked.action.to in procedure.steps else None
        found.append(Preview(case, procedure.steps[case.step].title, to, reason))
    return found


def _fits(action: Action, procedure: Procedure) -> bool:
    return not any(
        procedure.fields[f].type in FILE_TYPES and procedure.fields[f].required for f in action.form
    )


def _form_mark(action: Action, procedure: Procedure) -> str:
    fields: list[FieldDef] = [procedure.fields[f] for f in (*action.form, *action.optional)]
    return repr((fields, action.form, action.optional, action.to))


def _views(picked: Common, actor: Actor) -> list[FieldView]:
    procedure = procedure_of(picked.cases[0].version_id)

    def without_files(codes: tuple[str, ...]) -> list[str]:
        return [c for c in codes if procedure.fields[c].type not in FILE_TYPES]

    views = field_views(
        procedure,
        without_files(picked.action.form),
        without_files(picked.action.optional),
        actor=actor,
        case=picked.cases[0],
        action=picked.action,
        suggest=False,  # what fits one case says nothing about the others
    )
    # What one case says already is not an answer for the others.
    return [v.with_value(None) for v in views]
