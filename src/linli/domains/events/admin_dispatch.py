"""The dispatch directory on screen (派单目录管理): rules, a dry run that says which one wins and why, and the gaps."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.clock import now, today
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.paging import keyset
from linli.domains.events import dispatch as verbs
from linli.domains.events.directory_queries import gaps, in_force, rule_named, rules_for
from linli.domains.events.directory_trial import conflicts
from linli.domains.events.dispatch_trial import as_rule, effect, shift
from linli.domains.events.models import Category, DispatchRule
from linli.domains.events.queries import category_by_key, category_tree, dry_run
from linli.domains.events.rules import RuleView
from linli.kernel.people.models import Organisation
from linli.kernel.people.services.installation import administers_all
from linli.kernel.procedures.visibility import visible_to
from linli.web.faces import actor_of
from linli.web.forms import Choice, FieldView, filled
from linli.web.views.admin.door import admin_only, area_named, covers, organisation_named, prefixes
from linli.web.views.admin.screens import MEND, Done, Entered, Screen, Trail, ask, day, needed_days, show

DISPATCH = Text("派单目录", "Dispatch directory")
LOOK = Text("看影响", "See what it does")
PAGE = 50
AREA = FieldView(
    "area",
    Text("区域", "Area"),
    max=120,
    hint=Text("代码或完整名称；不填就是任何区域。", "Code or whole name; empty: any area."),
    extra={"autocomplete": "off"},
)
WHERE = FieldView(
    "area",
    Text("发生在哪里", "Where it happens"),
    required=True,
    max=120,
    hint=Text("区划或网格的代码或完整名称。", "Code or whole name of an area or grid."),
    extra={"autocomplete": "off"},
)
NAMES = (
    FieldView(
        "lead",
        Text("主办组织", "Lead organisation"),
        required=True,
        max=120,
        hint=Text("编码或完整名称。", "Code or whole name."),
        extra={"autocomplete": "off"},
    ),
    FieldView(
        "helpers",
        Text("协办组织", "Helping organisations"),
        max=400,
        hint=Text("编码或完整名称，几个就用逗号分开。", "Codes or whole names, with commas between."),
        extra={"autocomplete": "off"},
    ),
    FieldView(
        "basis", Text("依据", "Basis"), max=200, hint=Text("三定方案、职责清单等。", "Duty list or the like.")
    ),
    FieldView("valid_from", Text("从哪天起", "From"), "date"),
    FieldView("valid_to", Text("最后一天", "Last day"), "date"),
)


def _category_field(*, required: bool = False) -> FieldView:
    """Categories under their heading, indented (类别选择)."""
    tree = category_tree()
    choices = [
        Choice(c.key, Text("　" * (c.depth - 1) + c.name, "　" * (c.depth - 1) + c.title.en)) for c in tree
    ]
    hint = "" if required else Text("不选就是任何类别。", "None: any category.")
    return FieldView(
        "category", Text("类别", "Category"), "choice", required=required, choices=choices, hint=hint
    )


@admin_only
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules that concern my areas (派单规则), by category, area and organisation; ended ones on request."""
    actor = actor_of(request)
    rows, ended = rules_for(actor), bool(request.GET.get("ended"))
    key, text = request.GET.get("category", ""), request.GET.get("q", "").strip()[:60]
    if not ended:
        rows = in_force(rows, today())
    if key:
        rows = rows.filter(category__key=key)
    if text:
        rows = rows.filter(lead__name__icontains=text) | rows.filter(area__name__icontains=text)
    page = keyset(rows, ["category_order", "area_order", "id"], request.GET.get("cursor"), PAGE)
    everywhere = administers_all(actor)
    context = {
        "page": page,
        "rows": [
            (r, rule_query(r), everywhere if r.area is None else covers(actor, r.area.prefix))
            for r in page.items
        ],
        "category": _category_field().with_value(key),
        "text": text,
        "ended": ended,
        "n_gaps": len(gaps(prefixes(actor), today())),
    }
    return render(request, "events/admin/rules.html", context)


@admin_only
def add(request: HttpRequest) -> HttpResponse:
    """Add a rule (新增派单规则): what it would do is shown first."""
    actor = actor_of(request)

    def act(entered: Entered) -> Done | HttpResponse:
        lead, helpers = _organisations(entered)
        category = _category(entered["category"])
        area = area_named(actor, entered["area"]) if entered["area"] else None

        def keep() -> None:
            verbs.add_rule(
                category,
                area,
                lead,
                helpers=helpers,
                basis=entered["basis"] or "",
                valid_from=day(entered, "valid_from"),
                valid_to=day(entered, "valid_to"),
                by=actor,
            )

        said = Text("规则已新增。", "The rule is added.")
        return _looked_at(request, screen, entered, keep, said, plus=as_rule(category, area, lead))

    intro = Text(
        "先看类别：越细的规则越优先；同样细，再看区域：越小的越优先。",
        "The deeper category wins; between equals the smaller area.",
    )
    screen = Screen(
        Text("新增派单规则", "Add a dispatch rule"),
        (_category_field(), AREA, *NAMES),
        LOOK,
        _trail(),
        intro,
        template="events/admin/rule.html",
        context={"save": Text("新增这条规则", "Add this rule")},
    )
    return ask(request, screen, act, {"category": request.GET.get("category", "")})


@admin_only
def revise(request: HttpRequest) -> HttpResponse:
    """Change whom a rule names (修改派单规则): what the change would do is shown first."""
    actor = actor_of(request)
    rule = _rule(request)

    def act(entered: Entered) -> Done | HttpResponse:
        lead, helpers = _organisations(entered)
        last = day(entered, "valid_to")

        def keep() -> None:
            verbs.revise_rule(
                rule,
                lead=lead,
                helpers=helpers,
                basis=entered["basis"] or "",
                valid_from=day(entered, "valid_from"),
                valid_to=last,
                by=actor,
            )

        over = last is not None and last < today()
        plus = None if over else as_rule(rule.category, rule.area, lead, instead_of=rule)
        said = Text("规则已改，已派出的不变。", "The rule is changed; what was assigned stays.")
        return _looked_at(request, screen, entered, keep, said, without=rule, plus=plus)

    values = {
        "lead": rule.lead.code,
        "helpers": ", ".join(o.code for o in rule.helpers.all()),
        "basis": rule.basis,
        "valid_from": rule.valid_from.isoformat() if rule.valid_from else "",
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else "",
    }
    screen = Screen(
        Text("修改派单规则", "Change a dispatch rule"),
        NAMES,
        LOOK,
        _trail(),
        facts=_said(rule),
        template="events/admin/rule.html",
        context={
            "save": Text("保存", "Save"),
            "end_url": f"{reverse('events:admin_end_rule')}?{rule_query(rule)}",
        },
    )
    return ask(request, screen, act, values)


@admin_only
def end(request: HttpRequest) -> HttpResponse:
    """End a rule on its last day (停用派单规则): what would be suggested without it is shown first."""
    actor = actor_of(request)
    rule = _rule(request)

    def act(entered: Entered) -> Done | HttpResponse:
        (to_on,) = needed_days(entered, "to_on")
        said = Text("规则已设定结束。", "The end of the rule is set.")
        return _looked_at(
            request,
            screen,
            entered,
            lambda: verbs.end_rule(rule, to_on=to_on, by=actor),
            said,
            without=rule,
        )

    field = FieldView("to_on", Text("最后一天", "Last day"), "date", required=True)
    facts = [*_said(rule), (Text("主办", "Lead"), rule.lead.title)]
    screen = Screen(
        Text("停用派单规则", "End a dispatch rule"),
        (field,),
        LOOK,
        _trail(),
        facts=facts,
        template="events/admin/rule.html",
        context={"save": Text("停用这条规则", "End this rule")},
    )
    return ask(request, screen, act, {"to_on": today()})


def _looked_at(
    request: HttpRequest,
    screen: Screen,
    entered: Entered,
    keep: Callable[[], object],
    said: Text,
    *,
    without: DispatchRule | None = None,
    plus: RuleView | None = None,
) -> Done | HttpResponse:
    """Show what a change would do, or keep it (先看影响再保存). What the verb refuses is refused at the look already."""
    actor, saving = actor_of(request), request.POST.get("act") == "save"
    with transaction.atomic():
        keep()
        transaction.set_rollback(not saving)
    if saving:
        return Done(said, reverse("events:admin_dispatch"))
    if without is not None:
        without.refresh_from_db()
    seen = shift(prefixes(actor), at=now(), without=without, plus=plus)
    mine = visible_to(actor).filter(pk__in=seen.running).order_by("-pk")
    context = {
        **screen.context,
        "seen": seen,
        "running": list(mine.values_list("number", "title")),
        "entered": [(f.code, entered[f.code] or "") for f in screen.fields],
    }
    return show(request, replace(screen, context=context), entered)


@admin_only
@require_safe
def dry_run_page(request: HttpRequest) -> HttpResponse:
    """Try the directory (派单试算): every rule of the category's line, the winner first, each with why."""
    actor = actor_of(request)
    fields = [_category_field(), WHERE]
    asked = {"category": request.GET.get("category", ""), "area": request.GET.get("area", "")}
    wrong: dict[str, Text] = {}
    context: dict[str, Any] = {"trail": _trail(), "message": "", "status": 200}
    if "area" in request.GET:
        try:
            chosen, place = _category(asked["category"]), area_named(actor, asked["area"])
            weighed = dry_run(chosen, place, on=now())
            known = {
                r.pk: r
                for r in DispatchRule.objects.filter(pk__in=[w.rule.id for w in weighed])
                .select_related("category", "area", "lead")
                .prefetch_related("helpers")
            }
            rows = [(w, known[w.rule.id]) for w in weighed]
            context |= {"rows": rows, "place": place, "chosen": chosen, "tried": True}
            context["winner"] = rows[0] if rows and rows[0][0].fits else None
        except Invalid as error:
            wrong = error.fields
            context |= {"message": MEND, "status": error.status}
    context["fields"] = filled(fields, asked, wrong)
    return render(request, "events/admin/try.html", context, status=context["status"])


@admin_only
@require_safe
def effect_page(request: HttpRequest) -> HttpResponse:
    """Where the last 90 days' cases went and where the directory would send them (派单回算), and rules that never win."""
    actor = actor_of(request)
    context = {
        "effect": effect(prefixes(actor), at=now()),
        "conflicts": conflicts(rules_for(actor).order_by("pk"), today()),
        "trail": _trail(),
    }
    return render(request, "events/admin/effect.html", context)


@admin_only
@require_safe
def gaps_page(request: HttpRequest) -> HttpResponse:
    """Categories that no rule covers in the whole of my areas (派单空白)."""
    rows = gaps(prefixes(actor_of(request)), today())
    return render(request, "events/admin/gaps.html", {"rows": rows, "trail": _trail()})


def rule_query(rule: DispatchRule) -> str:
    """What names a rule in an address (规则的地址): what it says."""
    return urlencode(
        {
            "category": rule.category.key if rule.category else "",
            "area": rule.area.code if rule.area else "",
            "lead": rule.lead.code,
            "from": rule.valid_from.isoformat() if rule.valid_from else "",
        }
    )


def _rule(request: HttpRequest) -> DispatchRule:
    said = {name: request.GET.get(name, "") for name in ("category", "area", "lead")}
    return rule_named(actor_of(request), **said, since=request.GET.get("from", ""))


def _category(key: str | None) -> Category | None:
    return category_by_key(key) if key else None


def _organisations(entered: Entered) -> tuple[Organisation, list[Organisation]]:
    lead = organisation_named(entered["lead"], "lead")
    names = [name for name in re.split(r"[,，、;；]", entered["helpers"] or "") if name.strip()]
    return lead, [organisation_named(name, "helpers") for name in names]


def _said(rule: DispatchRule) -> list[tuple[Text, Any]]:
    anything = (Text("任何类别", "any"), Text("任何区域", "any"))
    return [
        (Text("类别", "Category"), rule.category.title if rule.category else anything[0]),
        (Text("区域", "Area"), rule.area.title if rule.area else anything[1]),
    ]


def _trail() -> Trail:
    return [(DISPATCH, reverse("events:admin_dispatch"))]
