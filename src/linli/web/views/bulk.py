"""One act on many cases (批量办理): the same form once, then the engine's door for each, each its own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import engine
from linli.kernel.procedures.definitions import Action, FieldDef, Procedure
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import procedure_of
from linli.web.actionforms import again, entered, field_views, seq_seen
from linli.web.faces import actor_of, staff_only
from linli.web.forms import FieldView
from linli.web.views.lists import in_order, numbers_asked, title_of

MOST_AT_ONCE = 50
FILE_TYPES = frozenset({"photos", "files"})


@dataclass(frozen=True)
class Common:
    """An action with the same form in all cases where it is open (可批量的操作)."""

    code: str
    title: Text
    n_open: int
    case: Case  # one of them, for the form
    action: Action


@dataclass(frozen=True)
class Outcome:
    case: Case
    done: bool
    words: Text


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def bulk(request: HttpRequest) -> HttpResponse:
    """Choose cases, then one action, then its form; done for each, with a list of what was done and what was not.

    Refuses nothing as a whole: a case that was handled meanwhile is named with the reason, and the others go on.
    """
    actor = actor_of(request)
    chosen = in_order(numbers_asked(request, MOST_AT_ONCE), actor)
    code = (request.POST if request.method == "POST" else request.GET).get("do", "")
    common = common_actions(chosen, actor)
    picked = next((c for c in common if c.code == code), None)
    context = {"chosen": chosen, "common": common, "picked": picked, "most": MOST_AT_ONCE}
    if picked is None:
        return render(request, "web/desk/bulk.html", context)
    views = _views(picked, actor)
    if request.method != "POST":
        return render(request, "web/desk/bulk.html", context | {"fields": views, "key": uuid4().hex})
    key = request.POST.get("key", "")[:64] or uuid4().hex
    sent = entered(views, request.POST, request.FILES, by=actor, client_key=key)
    outcomes: list[Outcome] = []
    for case in chosen:
        seq = seq_seen(request.POST, f"seq.{case.number}")
        try:
            engine.act(
                case,
                picked.code,
                sent.data,
                by=actor,
                seq=case.seq if seq is None else seq,
                client_key=f"{key}:{case.number}",
            )
        except Invalid as error:
            if not outcomes:  # the form itself is to be mended: nothing was done yet
                fields = again(views, sent, error.fields)
                context |= {"fields": fields, "key": key, "message": error.message}
                return render(request, "web/desk/bulk.html", context, status=error.status)
            outcomes.append(Outcome(case, done=False, words=error.message))
        except LinliError as error:
            outcomes.append(Outcome(case, done=False, words=error.message))
        else:
            outcomes.append(Outcome(case, done=True, words=title_of(case, picked.code)))
    done = [o for o in outcomes if o.done]
    context |= {"outcomes": outcomes, "n_done": len(done), "n_refused": len(outcomes) - len(done)}
    return render(request, "web/desk/bulk_done.html", context)


def common_actions(chosen: list[Case], actor: Actor) -> list[Common]:
    """The actions that are open in these cases and ask the same in each (共同操作), the commonest first.

    An action that needs files stays out: a photo belongs to one case.
    """
    found: dict[tuple[str, str], list[tuple[Case, Action]]] = {}
    for case in chosen:
        procedure = procedure_of(case.version_id)
        for offered in engine.open_actions(case, actor):
            if offered.blocked is None and _fits(offered.action, procedure):
                found.setdefault((offered.code, _form_mark(offered.action, procedure)), []).append(
                    (case, offered.action)
                )
    best: dict[str, Common] = {}
    for (code, _), where in found.items():
        case, action = where[0]
        if code not in best or best[code].n_open < len(where):
            best[code] = Common(code, action.title, len(where), case, action)
    return sorted(best.values(), key=lambda c: (-c.n_open, not c.action.to))


def _fits(action: Action, procedure: Procedure) -> bool:
    return not any(
        procedure.fields[f].type in FILE_TYPES and procedure.fields[f].required for f in action.form
    )


def _form_mark(action: Action, procedure: Procedure) -> str:
    fields: list[FieldDef] = [procedure.fields[f] for f in (*action.form, *action.optional)]
    return repr((fields, action.form, action.optional, action.to))


def _views(picked: Common, actor: Actor) -> list[FieldView]:
    procedure = procedure_of(picked.case.version_id)

    def without_files(codes: tuple[str, ...]) -> list[str]:
        return [c for c in codes if procedure.fields[c].type not in FILE_TYPES]

    views = field_views(
        procedure,
        without_files(picked.action.form),
        without_files(picked.action.optional),
        actor=actor,
        case=picked.case,
        action=picked.action,
        suggest=False,  # what fits one case says nothing about the others
    )
    # What one case says already is not an answer for the others.
    return [v.with_value(None) for v in views]
