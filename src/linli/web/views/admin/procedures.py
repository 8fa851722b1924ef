"""Procedures (程序): what is in force and why, readable; a county's own version, checked before it loads."""

from __future__ import annotations

import tomllib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from linli.base.codes import truncate
from linli.base.errors import Invalid, LinliError, NotAllowed, absent
from linli.base.i18n import Text, current_language
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.drawing.bpmn import bpmn
from linli.kernel.procedures.drawing.mermaid import mermaid
from linli.kernel.procedures.drawing.svg import svg
from linli.kernel.procedures.models import ProcedureVersion
from linli.kernel.procedures.overrides import LONGEST
from linli.kernel.procedures.versions import (
    current_procedures,
    current_version,
    procedure_of,
)
from linli.web.faces import actor_of
from linli.web.forms import FieldView
from linli.web.views.admin.door import admin_only, covers, is_county_wide, prefixes
from linli.web.views.admin.procedurewords import (
    account_of,
    changes,
    drawing_of,
    has_samples,
    is_sample,
    keep_words,
    known_titles,
    raw_of,
    rows_of,
    with_holders,
)
from linli.web.views.admin.proposals import proposal, save, was_shown
from linli.web.views.admin.screens import Screen, finish, show

PROCEDURES = Text("程序", "Procedures")
DEFAULT = Text("默认", "default")
TEXT = FieldView(
    "text",
    Text("或粘贴内容", "or paste it"),
    "text",
    hint=Text(
        "开头写 extends 和 jurisdiction，下面只写与默认不同的部分。",
        "Begin with extends and jurisdiction; below write only what differs from the default.",
    ),
)
FILE = FieldView(
    "file", Text("程序文件（TOML）", "Procedure file (TOML)"), "files", accept=".toml,text/plain"
)


@admin_only
@require_safe
def procedures(request: HttpRequest) -> HttpResponse:
    """Every procedure with its version in force and the counties that have their own (程序清单)."""
    actor = actor_of(request)
    rows = []
    seen = _visible(actor)
    for procedure in current_procedures():
        versions = [v for v in seen if v.code == procedure.code]
        local = sorted({v.jurisdiction for v in versions if v.jurisdiction})
        sample = has_samples(procedure)
        rows.append({"procedure": procedure, "local": _areas(local), "sample": sample, "n": len(versions)})
    context = {"rows": rows, "may": is_county_wide(actor)}
    return render(request, "web/admin/procedures.html", context)


@admin_only
@require_safe
def procedure(request: HttpRequest, code: str) -> HttpResponse:
    """One procedure, drawn and in words (程序页): `?area=` and `?version=` choose a version, `?against=` another one to
    compare it with, `?as=` svg, mermaid or bpmn gives it as a file."""
    actor = actor_of(request)
    versions = [v for v in _visible(actor) if v.code == code]
    if not versions:
        raise absent(Text("程序", "procedure"))
    found = _chosen(request, actor, versions)
    shown = procedure_of(found.pk)
    if "as" in request.GET:
        return _as_file(shown, found, request.GET["as"])
    names = {a.prefix: a.title for a in _areas(sorted({v.jurisdiction for v in versions}))}
    in_force = {current_version(code, prefix) for prefix in prefixes(actor)}
    said = account_of(shown)
    other = _other(request, versions)
    context = {
        "procedure": shown,
        "may": is_county_wide(actor),
        "version": found,
        "where": names.get(found.jurisdiction, DEFAULT),
        "trail": [(PROCEDURES, reverse("web:admin_procedures"))],
        "sample": is_sample(shown),
        "account": said,
        "rows": with_holders(rows_of(said), shown, prefixes(actor)),
        "drawing": mark_safe(drawing_of(found.pk, current_language())),  # noqa: S308  made by us, every text escaped
        "personal": [(f, keep_words(f.keep)) for f in shown.fields.values() if f.personal],
        "versions": [(v, names.get(v.jurisdiction, DEFAULT), v.pk in in_force) for v in versions],
        "other": other,
        "other_where": names.get(other.jurisdiction, DEFAULT) if other else DEFAULT,
        "changes": changes(raw_of(other), raw_of(found)) if other else [],
    }
    return render(request, "web/admin/procedure.html", context)


def _as_file(procedure: Procedure, version: ProcedureVersion, form: str) -> HttpResponse:
    titles, language = known_titles(), current_language()
    if form == "svg":
        content_type, ending, made = "image/svg+xml", "svg", svg(procedure, language, titles=titles)
    elif form == "mermaid":
        content_type, ending, made = "text/plain", "mmd", mermaid(procedure, language, titles=titles)
    elif form == "bpmn":
        content_type, ending, made = "application/xml", "bpmn", bpmn(procedure, titles=titles)
    else:
        raise absent(Text("文件格式", "format"))
    name = f"{procedure.code}-{version.jurisdiction or 'default'}-{version.version}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type=f"{content_type}; charset=utf-8", headers=headers)


def _other(request: HttpRequest, versions: list[ProcedureVersion]) -> ProcedureVersion | None:
    """The version to compare with, as `area:number`."""
    wanted = request.GET.get("against", "")
    if not wanted:
        return None
    for v in versions:
        if f"{v.jurisdiction}:{v.version}" == wanted:
            return v
    raise absent(Text("程序版本", "version"))


@admin_only
def upload(request: HttpRequest) -> HttpResponse:
    """Check a county's own version, then load it (上传地方程序): what differs in words and whom it concerns stands between;
    nothing is loaded that was not looked at."""
    actor = actor_of(request)
    if not is_county_wide(actor):
        raise absent(Text("页面", "page"))
    screen = Screen(
        Text("上传地方程序", "Upload a local procedure"),
        (FILE, TEXT),
        Text("检查", "Check"),
        [(PROCEDURES, reverse("web:admin_procedures"))],
        Text(
            "只改与默认不同的地方；先检查，通过后再载入。已在办的办件沿用原来的版本。",
            "Change only what differs. It is checked first and loaded when it passes. Running cases keep their version.",
        ),
        template="web/admin/procedure_upload.html",
    )
    if request.method != "POST":
        return show(request, screen, {})
    text = request.POST.get("text", "")
    try:
        text = _uploaded(request) or text
        found = proposal(text, by=actor)
        if was_shown(request, found) and found.may_load:
            return finish(request, save(found, by=actor, because=_basis(text)))
    except NotAllowed:
        raise
    except LinliError as error:
        return show(request, screen, {"text": text}, error)
    context = {
        "screen": screen,
        "fields": [FILE, TEXT.with_value(text)],
        "found": found,
        "where": _areas([found.override.jurisdiction]),
    }
    return render(request, screen.template, context, status=422 if found.override.findings else 200)


def _basis(text: str) -> str:
    """The document that a file names last (所依文件): its own, after those that it took over."""
    named = tomllib.loads(text).get("basis") or [""]
    return named if isinstance(named, str) else str(named[-1])


def _uploaded(request: HttpRequest) -> str:
    upload = request.FILES.get("file")
    if upload is None:
        return ""
    try:
        return str(upload.read(LONGEST * 4), "utf-8-sig")
    except UnicodeDecodeError:
        problem = Text(
            "文件不是 UTF-8 文字。请另存为 UTF-8 再传。", "The file is not UTF-8. Save it as UTF-8."
        )
        raise Invalid("web.not_utf8", problem, fields={"file": problem}) from None


def _visible(actor: Actor) -> list[ProcedureVersion]:
    """The default versions, and those of one's own areas and the areas above them (可见版本), newest first."""
    rows = ProcedureVersion.objects.defer("definition").order_by("jurisdiction", "-version")
    return [
        v
        for v in rows
        if not v.jurisdiction
        or covers(actor, v.jurisdiction)
        or any(p.startswith(v.jurisdiction) for p in prefixes(actor))
    ]


def _chosen(request: HttpRequest, actor: Actor, versions: list[ProcedureVersion]) -> ProcedureVersion:
    if "version" in request.GET:
        wanted = (request.GET.get("area", ""), request.GET["version"])
        for v in versions:
            if (v.jurisdiction, str(v.version)) == wanted:
                return v
        raise absent(Text("程序版本", "version"))
    in_force = current_version(versions[0].code, truncate(prefixes(actor)[0], "county"))
    return next((v for v in versions if v.pk == in_force), versions[0])


def _areas(wanted: list[str]) -> list[Area]:
    return list(Area.objects.filter(prefix__in=wanted).order_by("code"))
