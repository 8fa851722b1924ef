"""The county's editor of the catalogue (事项目录管理): list, draft, lists of papers, preview, publish, history, end, files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.base.clock import today
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.base.paging import keyset
from linli.base.text import search_terms
from linli.domains.matters import queries as q
from linli.domains.matters import services
from linli.domains.matters.catalogue_file import written
from linli.domains.matters.comparing import changes
from linli.domains.matters.editing import (
    LISTS,
    matter_fields,
    raw_of,
    row_fields,
    row_of,
    row_values,
    values_of,
)
from linli.domains.matters.guide import guide
from linli.domains.matters.models import AgencyItem, Matter, MatterDelegation, MatterVersion
from linli.domains.matters.reading import read_matter
from linli.domains.matters.spec import rows as rows_of
from linli.domains.matters.spec import two_languages
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Organisation
from linli.kernel.people.queries import audit_page
from linli.kernel.people.services.administration import require_administrator
from linli.kernel.places.models import Area
from linli.web.faces import actor_of
from linli.web.forms import FieldView
from linli.web.views.admin.door import admin_only, prefixes
from linli.web.views.admin.logbook import entries
from linli.web.views.admin.screens import Done, Entered, Screen, Trail, ask, needed_days, press

CATALOGUE = Text("事项目录", "Catalogue of matters")
AT_ONCE, ACTS = 30, 20
STATES = {
    "": Text("全部", "All"),
    "in_force": Text("有效的", "in force"),
    "draft": Text("有草稿的", "with a draft"),
    "agency": Text("村级代办", "done by villages"),
}
FIRST = ("code", "title", "short", "kind", "department", "promised_limit")


def county_for(actor: Actor) -> Area:
    """The county whose catalogue somebody keeps (所管的县). Refuses whoever administers none as a whole."""
    county = next(
        (c for p in prefixes(actor) if (c := Area.objects.filter(prefix=p, level="county").first())), None
    )
    county = county or q.county_of(None)
    require_administrator(actor, county.prefix)
    return county


def matter_for(actor: Actor, code: str) -> Matter:
    found = (
        Matter.objects.select_related("county", "organisation")
        .filter(county=county_for(actor), code=code)
        .first()
    )
    if found is None:
        raise absent(q.MATTER)
    return found


def draft_of(matter: Matter) -> MatterVersion | None:
    return matter.versions.filter(status=MatterVersion.DRAFT).first()


def newest_of(matter: Matter) -> MatterVersion:
    found = matter.versions.order_by("-number").first()
    if found is None:
        raise absent(q.MATTER)
    return found


def matter_url(code: str) -> str:
    return reverse("matters:admin_matter", args=[code])


def trail(matter: Matter | None = None) -> Trail:
    top: list[tuple[Text | str, str]] = [(CATALOGUE, reverse("matters:admin_catalogue"))]
    return [*top, (matter.name, matter_url(matter.code))] if matter else top


@admin_only
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """All matters of the county (事项清单): by words and state, with what is in force and what is drafted."""
    county = county_for(actor_of(request))
    text, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
    versions = MatterVersion.objects.filter(matter=OuterRef("pk"))
    day = today()
    holds = Q(effective_to=None) | Q(effective_to__gte=day)
    found = Matter.objects.filter(county=county).select_related("organisation").annotate(
        has_draft=Exists(versions.filter(status=MatterVersion.DRAFT)),
        is_in_force=Exists(versions.filter(holds, status=MatterVersion.PUBLISHED, effective_from__lte=day)),
    )  # fmt: skip
    for term in search_terms(text):
        found = found.filter(terms__contains=f" {term}" if len(term) == 1 else f" {term} ")
    if state in {"in_force", "draft", "agency"}:
        found = found.filter(
            **{{"in_force": "is_in_force", "draft": "has_draft", "agency": "agency"}[state]: True}
        )
    page = keyset(found, ["code"], request.GET.get("cursor"), AT_ONCE)
    context = {
        "county": county,
        "text": text,
        "state": state,
        "states": STATES.items(),
        "page": page,
        "rows": page.items,
    }
    return render(request, "matters/admin/catalogue.html", context)


@admin_only
@require_safe
def matter(request: HttpRequest, code: str) -> HttpResponse:
    """One matter (事项管理): its versions, the draft with what is to be mended, delegation, villages, log."""
    actor = actor_of(request)
    found = matter_for(actor, code)
    draft, newest = draft_of(found), newest_of(found)
    versions = list(found.versions.exclude(status=MatterVersion.DRAFT).order_by("-number")[:AT_ONCE])
    day = today()
    context = {
        "matter": found,
        "draft": draft,
        "findings": services.findings_of(draft.spec, found.county) if draft else [],
        "versions": [(v, bool(v.effective_from and v.effective_from <= day and not (v.effective_to and v.effective_to < day))) for v in versions],
        "spec": read_matter(newest.spec)[0],
        "lists": [(kind, title, [two_languages(r.get("title", "")) for r in rows_of(newest.spec.get(kind))]) for kind, title in LISTS.items()],
        "delegations": MatterDelegation.objects.filter(matter=found).select_related("township", "organisation").order_by("-id")[:AT_ONCE],
        "n_villages": AgencyItem.objects.filter(matter=found, refused_at=None).count(),
        "log": entries(audit_page(actor, subject=services.log_name(found), limit=ACTS).items),
        "trail": trail(),
        "today": day,
    }  # fmt: skip
    return render(request, "matters/admin/matter.html", context)


@admin_only
def new(request: HttpRequest) -> HttpResponse:
    """Begin a matter (新建事项): its first facts; the rest is filled in on its own pages."""
    actor = actor_of(request)
    county = county_for(actor)
    known = [f for f in _fields(county) if f.code in FIRST]
    code = FieldView("code", Text("实施编码", "Code"), required=True, max=36, extra={"autocomplete": "off"})

    def act(entered: Entered) -> Done:
        if Matter.objects.filter(county=county, code=entered["code"] or "").exists():
            problem = Text("这个编码已有事项，请换一个。", "There is a matter with this code already.")
            raise Invalid("matters.code_taken", problem, fields={"code": problem})
        made = services.save_draft(county, _first(entered), by=actor)
        return Done(
            Text("草稿已建，请接着补全。", "The draft is made; go on with the rest."),
            reverse("matters:admin_edit", args=[made.matter.code]),
        )

    screen = Screen(Text("新建事项", "New matter"), [code, *known], Text("建草稿", "Make a draft"), trail())
    return ask(request, screen, act)


@admin_only
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Edit the draft (编辑草稿); from what is in force, if there is none. What the checker found stands beside it."""
    actor = actor_of(request)
    found = matter_for(actor, code)
    raw = (draft_of(found) or newest_of(found)).spec

    def act(entered: Entered) -> Done:
        services.save_draft(found.county, raw_of(raw, entered), by=actor)
        return Done(
            Text("草稿已保存，发布以后才生效。", "The draft is saved; it holds when it is published."),
            matter_url(code),
        )

    findings = services.findings_of(raw, found.county)
    screen = Screen(
        Text("编辑：{x}", "Edit: {x}").format(x=found.name),
        _with_findings(_fields(found.county), findings),
        Text("保存草稿", "Save the draft"),
        trail(found),
        Text("材料、表单项和不予办理的情形在事项页上逐条改。", "Papers, questions and grounds of refusal are changed one by one on the matter's page."),
        template="matters/admin/edit.html",
        context={"findings": findings},
    )  # fmt: skip
    return ask(request, screen, act, values_of(raw))


@admin_only
def row(request: HttpRequest, code: str, kind: str, n: int) -> HttpResponse:
    """One paper, question or ground (逐条编辑): changed, or added behind the last."""
    actor = actor_of(request)
    found = matter_for(actor, code)
    if kind not in LISTS:
        raise absent(Text("页面", "page"))
    raw = (draft_of(found) or newest_of(found)).spec
    rows = list(rows_of(raw.get(kind)))
    before = rows[n] if n < len(rows) else {}

    def act(entered: Entered) -> Done:
        rows[n : n + 1] = [row_of(before, entered)]
        services.save_draft(found.county, {**raw, kind: rows}, by=actor)
        return Done(Text("草稿已保存。", "The draft is saved."), matter_url(code))

    screen = Screen(
        LISTS[kind], row_fields(kind, raw), Text("保存", "Save"), trail(found),
        template="matters/admin/row.html",
        context={"remove_url": reverse("matters:admin_remove_row", args=[code, kind, n]) if before else ""},
    )  # fmt: skip
    start = {"need": "required", "source": "applicant", "form": "either", "type": "line"}
    return ask(request, screen, act, {**({} if before else start), **row_values(before)})


@admin_only
@require_POST
def remove_row(request: HttpRequest, code: str, kind: str, n: int) -> HttpResponse:
    """Take a row out of the draft (删去一条)."""
    actor = actor_of(request)
    found = matter_for(actor, code)
    raw = (draft_of(found) or newest_of(found)).spec
    rows = list(rows_of(raw.get(kind)))
    if kind not in LISTS or n >= len(rows):
        raise absent(Text("页面", "page"))

    def act() -> Done:
        services.save_draft(found.county, {**raw, kind: [*rows[:n], *rows[n + 1 :]]}, by=actor)
        return Done(Text("已从草稿删去。", "It is out of the draft."), matter_url(code))

    return press(request, act, matter_url(code))


@admin_only
@require_safe
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """The draft as a resident would read it (预览), or what is in force."""
    found = matter_for(actor_of(request), code)
    version = draft_of(found) or newest_of(found)
    spec = q.spec_of(version)
    context = {"matter": found, "version": version, "spec": spec, "guide": guide(spec), "trail": trail(found)}
    return render(request, "matters/admin/preview.html", context)


@admin_only
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Publish the draft from a day on (发布): what the checker finds has to be mended first."""
    actor = actor_of(request)
    found = matter_for(actor, code)
    draft = draft_of(found)
    if draft is None:
        raise absent(Text("草稿", "draft"))

    def act(entered: Entered) -> Done:
        (day,) = needed_days(entered, "from_on")
        services.publish(draft, from_on=day, by=actor)
        return Done(
            Text("已发布，{d} 起生效。", "Published; it holds from {d}.").format(d=day.isoformat()),
            matter_url(code),
        )

    findings = services.findings_of(draft.spec, found.county)
    field = FieldView("from_on", Text("从哪天起生效", "In force from"), "date", required=True)
    in_force = found.versions.filter(status=MatterVersion.PUBLISHED).order_by("-number").first()
    screen = Screen(
        Text("发布：{x}", "Publish: {x}").format(x=found.name), [field], Text("发布", "Publish"), trail(found),
        Text("已在办的件不受影响，仍按当时的版本办。", "Running cases go on under the version they began with."),
        template="matters/admin/publish.html",
        context={"findings": findings, "changes": changes(in_force.spec, draft.spec) if in_force else [], "first": in_force is None},
    )  # fmt: skip
    return ask(request, screen, act, {"from_on": today() + timedelta(days=1)})


@admin_only
def end(request: HttpRequest, code: str) -> HttpResponse:
    """End a matter (取消事项), with its last day and why."""
    actor = actor_of(request)
    found = matter_for(actor, code)

    def act(entered: Entered) -> Done:
        (day,) = needed_days(entered, "on")
        services.end(found, on=day, reason=entered["reason"] or "", by=actor)
        return Done(
            Text("已设定取消，最后一天是 {d}。", "It ends; its last day is {d}.").format(d=day.isoformat()),
            matter_url(code),
        )

    fields = [
        FieldView("on", Text("最后一天", "Last day"), "date", required=True),
        FieldView("reason", Text("为什么取消", "Why"), "text", required=True, max=300),
    ]
    screen = Screen(
        Text("取消：{x}", "End: {x}").format(x=found.name), fields, Text("取消事项", "End it"), trail(found),
        warning=Text("取消后居民不能再申请，已在办的办完为止。", "Nobody can apply any more; what is running is finished."),
    )  # fmt: skip
    return ask(request, screen, act, {"on": today()})


@admin_only
@require_safe
def difference(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A version beside the one before it (版本对照)."""
    found = matter_for(actor_of(request), code)
    version = found.versions.filter(number=number).first()
    if version is None:
        raise absent(Text("版本", "version"))
    before = found.versions.filter(number__lt=number).order_by("-number").first()
    context = {
        "matter": found,
        "version": version,
        "before": before,
        "changes": changes(before.spec, version.spec) if before else [],
        "trail": trail(found),
    }
    return render(request, "matters/admin/difference.html", context)


@admin_only
@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse:
    """The catalogue in force as a file (导出): CSV or JSON under the national interface's names."""
    county = county_for(actor_of(request))
    if form not in {"csv", "json"}:
        raise absent(Text("页面", "page"))
    content = written(county, form, today())
    kind = "application/json" if form == "json" else "text/csv; charset=utf-8"
    response = HttpResponse(("\ufeff" if form == "csv" else "") + content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="matters-{county.code[:6]}.{form}"'
    return response


def _fields(county: Area) -> list[FieldView]:
    start = f"{county.prefix}-"
    offices = Organisation.objects.filter(
        code__startswith=start, active=True, kind__in=("department", "office")
    ).order_by("code")
    return matter_fields([(o.code.removeprefix(start), o.title) for o in offices])


def _with_findings(fields: list[FieldView], findings: list[Any]) -> list[FieldView]:
    """Each field with what was found about it as its hint (检查结果写在项目旁)."""
    said = {str(f.keys[0]): f for f in reversed(findings) if f.keys}
    return [
        FieldView(**{**_parts(f), "hint": Text(f"要更正：{x.message.zh}{x.mend.zh}", f"To be mended: {x.message.en} {x.mend.en}")})
        if (x := said.get(f.code))
        else f
        for f in fields
    ]  # fmt: skip


def _parts(field: FieldView) -> dict[str, Any]:
    return {name: getattr(field, name) for name in FieldView.__dataclass_fields__}


def _first(entered: Entered) -> dict[str, Any]:
    licence = entered["kind"] == "licence"
    return {
        **{name: entered[name] for name in FIRST if entered[name]},
        "basic_code": "000000000000",
        "level": "county",
        "basis": ["行政许可法 42" if licence else "优化营商环境条例 36"],
        "handling": "promised",
        "procedure": "licence" if licence else "service",
        "conditions": ["（请填写受理条件） | (to be filled in)"],
        "refusals": [{"code": "conditions", "title": "不符合受理条件 | The conditions are not met"}],
        "result": {"type": "record", "title": entered["title"] or ""},
        "topics": ["other"],
        "sample": True,
    }
