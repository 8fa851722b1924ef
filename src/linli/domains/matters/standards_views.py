"""Service standards on screen (服务标准): what each office published, and its head's form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.clock import today
from linli.base.errors import NotAllowed, absent
from linli.base.i18n import Text
from linli.domains.matters import standards
from linli.domains.matters.models import Matter
from linli.domains.matters.policy_models import StandardsCheck
from linli.domains.matters.ratings_queries import ratings_of_office
from linli.domains.matters.standards import Standard, quarter_code
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Organisation
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.screens import Done, Entered, Screen, ask

QUARTERS_SHOWN = 4
OFFICES = 50
YES_NO = [Choice("yes", Text("做到了", "Yes")), Choice("no", Text("没做到", "Not yet"))]


@require_safe
def offices(request: HttpRequest) -> HttpResponse:
    """How offices checked their own service in a quarter (服务标准自查公布): all that have matters, also who has not yet."""
    quarters = _quarters()
    quarter = _chosen(request, quarters)
    page = standards.offices(request.GET.get("cursor", ""), OFFICES)
    checks = standards.checks_of(quarter, page.items)
    rows = [
        {"office": o, "check": c, "n_met": standards.n_met(c) if c else 0, "n": len(c.answers) if c else 0}
        for o in page.items
        for c in (checks.get(o.pk),)
    ]
    version, lines = standards.general()
    context = {
        "quarters": [(quarter_code(q), q) for q in quarters],
        "quarter": quarter,
        "rows": rows,
        "page": page,
        "version": version,
        "lines": lines,
    }
    return render(request, "matters/standards.html", context)


@require_safe
def office(request: HttpRequest, code: str) -> HttpResponse:
    """One office's check (一个单位的自查), beside how it was rated in the same quarter."""
    quarters = _quarters()
    quarter = _chosen(request, quarters)
    found = _office(code)
    check = standards.check_of(found, quarter)
    # As on the page of ratings: figures that move from one day to the next would tell who rated today.
    until = min(_next(quarter), today().replace(day=1))
    context = {
        "office": found,
        "quarters": [(quarter_code(q), q) for q in quarters],
        "quarter": quarter,
        "check": check,
        "answers": [_said(a) for a in check.answers] if check else [],
        "n_met": standards.n_met(check) if check else 0,
        "rated": ratings_of_office(found, quarter, until),
    }
    return render(request, "matters/standards_office.html", context)


@staff_only
def check(request: HttpRequest) -> HttpResponse:
    """The self-check of my office (本单位自查): its head answers every line, and it is published."""
    actor = actor_of(request)
    mine = _mine(actor)
    if not mine:
        raise NotAllowed(
            "matters.heads_alone",
            Text(
                "自查由有政务服务事项的单位负责人填写。您目前的岗位不负责这样的单位。",
                "The head of an office that has matters fills in its self-check. Your posts head none.",
            ),
        )
    found = next((o for o in mine if o.code == request.GET.get("office")), mine[0])
    quarters = standards.open_quarters(today())
    quarter = _chosen(request, quarters)
    asked = standards.standards_of(found, today())
    fields = [field for n, standard in enumerate(asked, 1) for field in _fields(n, standard)]

    def act(entered: Entered) -> Done:
        standards.sign(found, quarter, _answers(asked, entered), by=actor)
        return Done(
            Text("已签发并公布。以后更正，再填一次就是新的一版。", "Signed and published. A correction is the next edition."),
            f"{reverse('matters:standards_office', args=[found.code])}?quarter={quarter_code(quarter)}",
        )  # fmt: skip

    before = standards.check_of(found, quarter)
    screen = Screen(
        Text("服务标准自查：{x}", "Self-check of {x}").format(x=found.title), fields, Text("签发并公布", "Sign and publish"),
        intro=Text(
            "逐条如实填。签发后对外公布，不写个人姓名、电话。没做到的，写怎么改、哪天改好。",
            "Answer each line as it is. It is published when you sign: no names, no numbers. Where it is not met, say what will be done, and by when.",
        ),
        template="matters/standards_check.html",
        context={
            "office": found, "offices": mine if len(mine) > 1 else [], "quarter": quarter,
            "quarters": [(quarter_code(q), q) for q in quarters], "before": before,
        },
    )  # fmt: skip
    return ask(request, screen, act, _values(before) if before else {})


def _fields(n: int, standard: Standard) -> list[FieldView]:
    """Four questions of one line, all with its number: heard one by one, each says what it is about."""
    basis = [b.text for b in standard.basis]
    hint = Text("、".join(b.zh for b in basis), "; ".join(b.en for b in basis))
    title, code = standard.title, standard.code
    if standard.matter is not None:
        title = Text(f"{standard.matter.zh}：{title.zh}", f"{standard.matter.en}: {title.en}")

    def numbered(text: Text) -> Text:
        return Text(f"{n}. {text.zh}", f"{n}. {text.en}")

    return [
        FieldView(f"{code}:met", numbered(title), "radio", required=True, choices=YES_NO, hint=hint),
        FieldView(f"{code}:evidence", numbered(Text("凭什么这么说", "What shows it")), "text", required=True, max=standards.MOST,
                  hint=Text("例如：抽查 20 件，19 件一次说清。", "Such as: of 20 cases looked at, 19 were told at once.")),
        FieldView(f"{code}:mend", numbered(Text("没做到的，怎么改", "If not: what will be done")), "text", max=standards.MOST),
        FieldView(f"{code}:by_on", numbered(Text("哪天改好", "By when")), "date"),
    ]  # fmt: skip


def _answers(asked: list[Standard], entered: Entered) -> dict[str, dict[str, Any]]:
    met = {"yes": True, "no": False}
    return {
        s.code: {
            "met": met.get(entered[f"{s.code}:met"] or ""),
            "evidence": entered[f"{s.code}:evidence"],
            "mend": entered[f"{s.code}:mend"],
            "by_on": _day(entered[f"{s.code}:by_on"]),
        }
        for s in asked
    }


def _values(before: StandardsCheck) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for answer in before.answers:
        code = answer["code"]
        values[f"{code}:met"] = "yes" if answer["met"] else "no"
        values |= {f"{code}:{name}": answer.get(name, "") for name in ("evidence", "mend", "by_on")}
    return values


def _said(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **answer,
        "title": Text(**answer["title"]),
        "matter": Text(**answer["matter"]) if answer.get("matter") else None,
        "by_on": _day(answer.get("by_on")),
    }


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _mine(actor: Actor) -> list[Organisation]:
    """The offices with matters that this person heads (本人负责的单位)."""
    heads = [h.organisation_id for h in actor.hats if standards.SIGNS in h.roles]
    has = Matter.objects.filter(organisation__in=heads).values("organisation_id")
    return list(Organisation.objects.filter(pk__in=has).order_by("code"))


def _office(code: str) -> Organisation:
    found = Organisation.objects.filter(code=code, active=True).first()
    if found is None or not Matter.objects.filter(organisation=found).exists():
        raise absent(Text("单位", "office"))
    return found


def _quarters() -> list[date]:
    found = [standards.quarter_of(today())]
    while len(found) < QUARTERS_SHOWN:
        found.append(standards.open_quarters(found[-1])[1])
    return found


def _chosen(request: HttpRequest, quarters: list[date]) -> date:
    wanted = request.GET.get("quarter", "")
    return next((q for q in quarters if quarter_code(q) == wanted), quarters[0])


def _next(quarter: date) -> date:
    return date(quarter.year + 1, 1, 1) if quarter.month == 10 else date(quarter.year, quarter.month + 3, 1)
