"""The supervisor's own inbox (督办): what came to yellow or red, who has it, how late; and the four things to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.base.clock import now
from linli.base.codes import PREFIX_LENGTH
from linli.base.errors import Invalid, LinliError, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.procedures import overseeing, supervision
from linli.kernel.procedures.casebook import holder_title, tasks_of
from linli.kernel.procedures.models import Case, Supervision
from linli.kernel.procedures.own_records import ORGANISATION, OWN_FIELDS, WORDS
from linli.kernel.procedures.supervision import Filters, Watched
from linli.kernel.procedures.versions import current_procedures, procedure_of
from linli.kernel.procedures.visibility import visible_to
from linli.web import casewords, words
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.listing import lead_choices
from linli.web.views.admin.screens import Done, Entered, Screen, ask
from linli.web.views.bulk import MOST_AT_ONCE
from linli.web.views.lists import numbers_asked

PAGE = 50
SUPERVISION = Text("督办", "Supervision")
LEVELS = {"red": Text("红灯", "Red"), "yellow": Text("黄灯", "Yellow")}
DONE = {
    "urge": Text("已催办，承办人已收到通知。", "Urged; whoever has it was told."),
    "take_over": Text("已接办，双方都已收到通知。", "Taken over; both sides were told."),
    "report_up": Text("已上报，上级已收到通知。", "Reported upward; the next above was told."),
    "settle": Text("已了结，理由已记入案卷。", "Settled; the case says why."),
}
ASKS = {
    "urge": Text("要承办人做什么、到什么时候", "What they are to do, and by when"),
    "take_over": Text("为什么要接办", "Why it is taken over"),
    "report_up": Text("为什么要上报", "Why it is reported upward"),
    "settle": Text("为什么不需要再督办", "Why nothing more is needed"),
}


@dataclass(frozen=True)
class Row:
    """One thing to supervise, as the list says it (督办一行)."""

    row: Supervision
    case: Case
    title: str
    url: str
    procedure: Text
    facts: list[Text]
    holder: Text
    due: words.DueWords
    level: Text
    urged: Text | None


@never_cache
@require_safe
@staff_only
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me as supervisor (督办清单), the longest waiting first. To others this page is not there."""
    actor = actor_of(request)
    if not supervision.queues_watched(actor):
        raise absent(Text("页面", "page"))
    filters = _filters(request)
    page = supervision.watched(actor, filters, cursor=request.GET.get("cursor", ""), limit=PAGE)
    context = {
        "rows": [_row(w) for w in page.items],
        "page": page,
        "counts": supervision.counts(actor),
        "filters": filters,
        "narrowed": filters != Filters(),
        "levels": LEVELS,
        "procedures": [Choice(p.code, p.title) for p in current_procedures() if p.escalation],
        "townships": _townships(actor),
        "most": MOST_AT_ONCE,
    }
    return render(request, "web/desk/supervision.html", context)


def _filters(request: HttpRequest) -> Filters:
    level, township = request.GET.get("level", ""), request.GET.get("township", "")
    known = {p.code for p in current_procedures()}
    procedure = request.GET.get("procedure", "")
    return Filters(
        level if level in LEVELS else "",
        procedure if procedure in known else "",
        township if township.isdigit() and len(township) == PREFIX_LENGTH["township"] else "",
    )


def _townships(actor: Actor) -> list[Choice]:
    """The townships below the supervisor's areas, to narrow by; none where there is only one."""
    found: dict[str, Text] = {}
    for hat in actor.hats:
        if hat.roles & supervision.SUPERVISING and len(hat.area_prefix) < PREFIX_LENGTH["township"]:
            rows = Area.objects.filter(level="township", prefix__startswith=hat.area_prefix).order_by("code")
            found |= {area.prefix: area.title for area in rows[:300]}
    return [Choice(prefix, title) for prefix, title in found.items()]


def _row(watched: Watched) -> Row:
    row, moment = watched.row, now()
    case, procedure = row.case, watched.procedure
    paused = case.status == "suspended"
    return Row(
        row,
        case,
        case.title if watched.open else str(procedure.title),
        reverse("web:staff_case", args=[case.number]) if watched.open else "",
        procedure.title,
        [casewords.near(case.area), _step(row)],
        holder_title(row.task, procedure),
        words.due_words(row.task.due_at, moment, paused=paused),
        LEVELS[row.level],
        _urged(row),
    )


def _step(row: Supervision) -> Text:
    step = procedure_of(row.case.version_id).steps.get(row.task.step)
    return step.title if step else Text(row.task.step, row.task.step)


def _urged(row: Supervision) -> Text | None:
    if row.urged_at is None:
        return None
    said = words.moment_words(row.urged_at, now())
    times = "once" if row.n_urged == 1 else f"{row.n_urged} times"
    return Text(f"催过 {row.n_urged} 次，上次 {said.zh}", f"urged {times}, last {said.en}")


# ------------------------------------------------------------------------------------------------ one act on one case


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def supervise(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Urge, take over, report upward or settle (催办、接办、上报、了结): a short form, then the verb."""
    actor = actor_of(request)
    if verb not in overseeing.VERBS:
        raise absent(Text("页面", "page"))
    case = _supervised(number, actor)
    action, does = overseeing.VERBS[verb]
    back = request.GET.get("from", "")

    def act(entered: Entered) -> Done:
        more: dict[str, Any] = {"organisation": entered[ORGANISATION] or ""} if verb == "take_over" else {}
        does(case.number, entered[WORDS] or "", by=actor, client_key=entered["key"], **more)
        return Done(DONE[verb], _back(back, case, actor))

    screen = Screen(
        action.title,
        _fields(verb, actor),
        action.title,
        [(SUPERVISION, reverse("web:supervision"))],
        facts=_facts(case, actor),
        template="web/desk/supervise.html",
        context={"case": case, "back": _back(back, case, actor)},
    )
    return ask(request, screen, act, {"key": uuid4().hex})


def _supervised(number: str, actor: Actor) -> Case:
    """A running case that this person supervises; any other is not there."""
    case = Case.objects.select_related("area__parent", "lead").filter(number=number).first()
    if case is None or not overseeing.verbs_for(case, actor):
        raise absent(Text("办件", "case"))
    return case


def _back(back: str, case: Case, actor: Actor) -> str:
    if back == "case" and visible_to(actor).filter(pk=case.pk).exists():
        return reverse("web:staff_case", args=[case.number])
    return reverse("web:supervision")


def _fields(verb: str, actor: Actor) -> list[FieldView]:
    said, organisation = OWN_FIELDS[WORDS], OWN_FIELDS[ORGANISATION]
    hint = said.hint if verb == "urge" else None
    fields = [FieldView(WORDS, ASKS[verb], "text", required=True, hint=hint or "", max=said.max)]
    if verb == "take_over":
        chosen = FieldView(
            ORGANISATION,
            organisation.title,
            "organisation",
            hint=organisation.hint or "",
            choices=lead_choices(actor),
        )
        fields.append(chosen)
    return [*fields, FieldView("key", Text("提交编号", "key"), "hidden")]


def _facts(case: Case, actor: Actor) -> list[tuple[Text, Any]]:
    open_to_me = visible_to(actor).filter(pk=case.pk).exists()
    procedure, moment = procedure_of(case.version_id), now()
    facts: list[tuple[Text, Any]] = [
        (Text("事项", "What"), case.title if open_to_me else procedure.title),
        (Text("编号", "Number"), case.number),
        (Text("地方", "Where"), casewords.near(case.area)),
    ]
    for task in tasks_of(case):
        due = words.due_words(task.task.due_at, moment, paused=task.paused)
        facts.append(
            (task.step, Text(f"{task.holder.zh}，{due.short.zh}", f"{task.holder.en}, {due.short.en}"))
        )
    return facts


# ------------------------------------------------------------------------------------------------ many at once


@dataclass(frozen=True)
class Outcome:
    number: str
    done: bool
    words: Text


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def urge_many(request: HttpRequest) -> HttpResponse:
    """Urge several cases in the same words (批量催办): each its own act; one that cannot be urged holds up none."""
    actor = actor_of(request)
    numbers = numbers_asked(request, MOST_AT_ONCE)
    cases = Case.objects.select_related("area__parent").filter(number__in=numbers).order_by("id")
    mine = [case for case in cases if overseeing.verbs_for(case, actor)]
    field = _fields("urge", actor)[0]
    readable = set(visible_to(actor).filter(pk__in=[c.pk for c in mine]).values_list("pk", flat=True))
    titled = [(c, c.title if c.pk in readable else procedure_of(c.version_id).title) for c in mine]
    context: dict[str, Any] = {"chosen": titled, "fields": [field], "key": uuid4().hex}
    if request.method != "POST" or not mine:
        return render(request, "web/desk/urge_many.html", context)
    said, key = request.POST.get(WORDS, ""), request.POST.get("key", "")[:64] or uuid4().hex
    outcomes: list[Outcome] = []
    for case in mine:
        try:
            overseeing.urge(case.number, said, by=actor, client_key=f"{key}:{case.number}")
        except Invalid as error:  # the words themselves are to be mended: nothing was done yet
            again = [field.with_value(said, error.fields.get(WORDS, ""))]
            context |= {"fields": again, "key": key, "message": error.message}
            return render(request, "web/desk/urge_many.html", context, status=error.status)
        except LinliError as error:
            outcomes.append(Outcome(case.number, done=False, words=error.message))
        else:
            outcomes.append(Outcome(case.number, done=True, words=DONE["urge"]))
    context |= {"outcomes": outcomes, "n_done": sum(o.done for o in outcomes)}
    context["n_refused"] = len(outcomes) - context["n_done"]
    return render(request, "web/desk/urge_many.html", context)


# ------------------------------------------------------------------------------------------------ menu and case page


def counted(actor: Actor) -> dict[str, Any] | None:
    """The numbers in the menu (菜单数字): how many wait, and how many of them are red."""
    counts = supervision.counts(actor)
    return {"all": counts["all"] if counts["all"].n else None, "late": counts["red"].n, "soon": 0}


def panel(request: HttpRequest, case: Case, actor: Actor) -> str | None:
    """Beside a case, for whoever supervises it (案卷督办栏): since when it is red or yellow, urged how often, what to do."""
    procedure = procedure_of(case.version_id)
    if case.ended_at is not None or supervision.hat_over(procedure, case.grid, actor) is None:
        return None
    verbs = overseeing.verbs_for(case, actor)
    if not verbs:
        return None
    rows = [(LEVELS[r.level], r, _urged(r)) for r in supervision.rows_of(case)]
    context = {"case": case, "rows": rows, "verbs": [(v, overseeing.VERBS[v][0].title) for v in verbs]}
    return render_to_string("web/desk/parts/supervision.html", context, request)
