"""Mass organisations at the desk (群团服务): whom to send people to; their own staff keep offers and reports here."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.clock import today
from linli.base.codes import PREFIX_LENGTH
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.domains.matters import partner_queries as q
from linli.domains.matters import partner_reports as reports
from linli.domains.matters import partners
from linli.domains.matters.partner_models import OFFERS, SERVICE, Partner, PartnerOffer, PartnerReport
from linli.domains.matters.partner_views import report_code
from linli.domains.matters.queries import county_of
from linli.domains.matters.standards import SIGNS, quarter_code
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.screens import Done, Entered, Screen, Trail, ask, press

AT_ONCE = 30
TITLE = Text("群团服务", "Mass organisations")


@staff_only
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The county's bodies (群团组织), one's own first, for whoever sends people to them."""
    actor = actor_of(request)
    page = q.bodies(_county(actor), cursor=request.GET.get("cursor", ""), limit=AT_ONCE)
    context = {"mine": q.own_bodies(actor), "page": page, "rows": page.items}
    return render(request, "matters/partners/desk.html", context)


@staff_only
@require_safe
def own(request: HttpRequest, code: str) -> HttpResponse:
    """What one's body offers, and where its reports stand (本组织的服务、资源、报告)."""
    body = _own(actor_of(request), code)
    offers = q.offers_of([body], today()).get(body.pk, [])
    context = {
        "body": body,
        "services": [o for o in offers if o.kind == SERVICE],
        "shared": [o for o in offers if o.kind != SERVICE],
        "quarters": [
            {"code": quarter_code(day), "day": day, "draft": draft, "signed": signed}
            for day, draft, signed in q.standing(body, reports.reportable(today()))
        ],
        "trail": _trail(),
    }
    return render(request, "matters/partners/own.html", context)


@staff_only
def new_offer(request: HttpRequest, code: str) -> HttpResponse:
    """Enter a service or a resource (登记服务、资源)."""
    actor = actor_of(request)
    body = _own(actor, code)

    def act(entered: Entered) -> Done:
        partners.keep_offer(body, entered, by=actor)
        return Done(Text("已登记，居民看得到了。", "It is entered; residents see it now."), _url(body))

    screen = Screen(
        Text("登记服务或资源", "Enter a service or a resource"), _fields(), Text("登记并公布", "Enter and publish"), _trail(body),
        Text("写给居民看：在哪、什么时候、给谁、怎么找。不写个人姓名和证件号。", "Written for residents: where, when, for whom, how to ask. No names of people, no ID numbers."),
    )  # fmt: skip
    return ask(request, screen, act, {"kind": SERVICE})


@staff_only
def offer(request: HttpRequest, code: str, n: int) -> HttpResponse:
    """Change a service or a resource (更改服务、资源)."""
    actor = actor_of(request)
    body = _own(actor, code)
    found = q.offer(body, n)

    def act(entered: Entered) -> Done:
        partners.keep_offer(body, entered, number=n, by=actor)
        return Done(Text("已保存。", "It is saved."), _url(body))

    screen = Screen(
        Text("更改：{x}", "Change: {x}").format(x=found.name),
        _fields(),
        Text("保存", "Save"),
        _trail(body),
        template="matters/partners/offer.html",
        context={"end_url": reverse("matters:partner_end_offer", args=[code, n])},
    )
    return ask(request, screen, act, _values(found))


@staff_only
def end_offer(request: HttpRequest, code: str, n: int) -> HttpResponse:
    """End a service, or stop sharing something (停办、停止共享)."""
    actor = actor_of(request)
    body = _own(actor, code)
    found = q.offer(body, n)

    def act(entered: Entered) -> Done:
        partners.end_offer(body, n, reason=entered["reason"] or "", by=actor)
        return Done(Text("已停办，不再公布。", "It has ended and is no longer shown."), _url(body))

    screen = Screen(
        Text("停办：{x}", "End: {x}").format(x=found.name),
        [FieldView("reason", Text("理由", "Why"), "text", required=True, max=300)],
        Text("停办", "End it"),
        _trail(body),
    )
    return ask(request, screen, act)


@staff_only
def report(request: HttpRequest, code: str, quarter: str) -> HttpResponse:
    """Write the report of a quarter (写成效报告): totals of each service, what was done, what will be put right."""
    actor = actor_of(request)
    body = _own(actor, code)
    day = _quarter(quarter)
    offers = q.offered_since(body, day)
    draft, signed = q.draft_of(body, day), q.signed_of(body, day)

    def act(entered: Entered) -> Done:
        reports.keep_report(
            body,
            day,
            {o.number: (_number(entered, o, "times"), _number(entered, o, "people")) for o in offers},
            done=entered["done"] or "",
            mend=entered["mend"] or "",
            corrects=entered.get("corrects") or "",
            by=actor,
        )
        return Done(
            Text("稿已保存，还没有公布。请负责人看一遍再签发。", "The draft is kept, not published. The head reads and signs it."),
            reverse("matters:partner_sign", args=[code, quarter]),
        )  # fmt: skip

    screen = Screen(
        Text("成效报告：{x}", "Report: {x}").format(x=body.organisation.title),
        _report_fields(offers, corrected=signed is not None),
        Text("保存稿", "Keep the draft"),
        _trail(body),
        Text("{y} 年 {n} 季度。只写合计，不写个人。少于 5 人次的，公布时不显示数字。", "{y}, quarter {n}. Totals only, nobody's name. Under five people is not shown.").format(
            y=day.year, n=quarter[5:]
        ),
        warning=Text("第 {n} 版已公布。现在写的是下一版，请说明更正了什么。", "Edition {n} is published. This is the next one: say what it corrects.").format(n=signed.edition) if signed else "",
    )  # fmt: skip
    values = _report_values(draft) if draft else {}
    if draft is None and signed is not None:  # the next edition begins with what was published
        values = {**_report_values(signed), "corrects": ""}
    return ask(request, screen, act, values)


@staff_only
def sign(request: HttpRequest, code: str, quarter: str) -> HttpResponse:
    """Read the draft as residents will (看稿), and sign it (签发): the head of the body alone."""
    actor = actor_of(request)
    body = _own(actor, code)
    day = _quarter(quarter)
    here = reverse("matters:partner_sign", args=[code, quarter])
    if request.method == "POST":

        def act() -> Done:
            made = reports.sign_report(body, day, seen=request.POST.get("seen", ""), by=actor)
            return Done(
                Text("已签发并公布。", "Signed and published."),
                f"{reverse('matters:partner', args=[code])}?report={report_code(made)}",
            )

        return press(request, act, here)
    found = q.draft_of(body, day) or q.signed_of(body, day)
    if found is None:
        raise absent(Text("成效报告", "report"))
    context = {
        "body": body,
        "report": found,
        "quarter": quarter,
        "lines": q.lines_of(found),
        "may_sign": any(SIGNS in h.roles and h.organisation_id == body.organisation_id for h in actor.hats),
        "trail": _trail(body),
    }
    return render(request, "matters/partners/sign.html", context)


def _own(actor: Actor, code: str) -> Partner:
    """A body in which this person holds a post. Refuses all others."""
    body = q.body(code)
    partners.works_in(actor, body)
    return body


def _county(actor: Actor) -> Area:
    """The county in which somebody works; of those who oversee several, the first."""
    length = PREFIX_LENGTH["county"]
    wanted = {h.area_prefix[:length] for h in actor.hats if len(h.area_prefix) >= length}
    return Area.objects.filter(prefix__in=wanted, level="county").order_by("code").first() or county_of(None)


def _quarter(code: str) -> date:
    found = next((x for x in reports.reportable(today()) if quarter_code(x) == code), None)
    if found is None:
        raise absent(Text("季度", "quarter"))
    return found


def _fields() -> list[FieldView]:
    return [
        FieldView("kind", Text("是什么", "What it is"), "choice", required=True, choices=[Choice(c, t) for c, t in OFFERS.items()]),
        FieldView("matter", Text("事项编码（在事项目录里的才填）", "Code of the matter, if the catalogue has it"), max=36, hint=Text("填了就链接到办事指南。", "Then residents are led to its guide."), extra={"autocomplete": "off"}),
        FieldView("title", Text("名称", "Name"), max=80, hint=Text("是事项的，可以不填，用事项的名称。", "May be left out for a matter: its own name is taken.")),
        FieldView("title_en", Text("英文名称", "Name in English"), max=160),
        FieldView("for_whom", Text("给谁", "For whom"), required=True, max=200),
        FieldView("place", Text("在哪里（热线可以不填）", "Where (not needed for a hotline)"), max=200),
        FieldView("times", Text("什么时候", "When"), required=True, max=200),
        FieldView("how", Text("怎么找、怎么用", "How to ask for it, how to use it"), "text", required=True, max=300),
        FieldView("basis", Text("承担的依据（文件、协议）", "By which document it was taken over"), max=160, hint=Text("别的单位的事项必填。", "Needed for another office's matter.")),
    ]  # fmt: skip


def _values(found: PartnerOffer) -> dict[str, Any]:
    names = ("kind", "title", "title_en", "for_whom", "place", "times", "how", "basis")
    return {**{n: getattr(found, n) for n in names}, "matter": found.matter.code if found.matter else ""}


def _report_fields(offers: list[PartnerOffer], *, corrected: bool) -> list[FieldView]:
    """Two figures a line, all with its name: heard one by one, each says what it is about."""
    fields: list[FieldView] = []
    for o in offers:
        for part, asked in (
            ("times", Text("{x}：办了几次", "{x}: how many times")),
            ("people", Text("{x}：服务几人次", "{x}: how many people")),
        ):
            fields.append(FieldView(f"{o.number}:{part}", asked.format(x=o.name), "integer", max=7))
    before_signing = Text(
        "存稿时可以先空着，签发前要写好。", "May wait while it is a draft; needed before it is signed."
    )
    fields += [
        FieldView("done", Text("做了什么", "What was done"), "text", max=reports.MOST, hint=before_signing),
        FieldView("mend", Text("哪里没做好、怎么改", "What will be put right"), "text", max=reports.MOST, hint=before_signing),
    ]  # fmt: skip
    if corrected:
        fields.append(
            FieldView(
                "corrects",
                Text("这一版更正了什么", "What this edition corrects"),
                max=300,
                hint=before_signing,
            )
        )
    return fields


def _report_values(before: PartnerReport) -> dict[str, Any]:
    values: dict[str, Any] = {"done": before.done, "mend": before.mend, "corrects": before.corrects}
    for line in before.lines:
        values |= {f"{line['offer']}:{part}": line[f"n_{part}"] for part in ("times", "people")}
    return values


def _number(entered: Entered, offer: PartnerOffer, part: str) -> int:
    """What was entered as a figure: nothing is 0, what is none is refused by the verb."""
    text = str(entered.get(f"{offer.number}:{part}") or "0")
    return int(text) if text.isdecimal() and len(text) <= 9 else -1


def _url(body: Partner) -> str:
    return reverse("matters:partner_own", args=[body.organisation.code])


def _trail(body: Partner | None = None) -> Trail:
    top: list[tuple[Text | str, str]] = [(TITLE, reverse("matters:partner_desk"))]
    return [*top, (body.organisation.title, _url(body))] if body else top
