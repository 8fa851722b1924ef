"""Procedures (程序): what is in force and why, readable; a county's own version, checked before it loads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.codes import truncate
from linli.base.errors import Invalid, LinliError, NotAllowed, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.procedures.models import ProcedureVersion
from linli.kernel.procedures.overrides import LONGEST, load_override, read_override
from linli.kernel.procedures.versions import current_procedures, current_version, procedure_of
from linli.web.faces import actor_of
from linli.web.forms import FieldView, read
from linli.web.views.admin.door import admin_only, covers, is_county_wide, prefixes
from linli.web.views.admin.procedurewords import (
    anywhere_of,
    changes,
    head_of,
    is_sample,
    keep_words,
    steps_of,
)
from linli.web.views.admin.screens import Done, Screen, finish, show

PROCEDURES = Text("程序与时限", "Procedures and limits")
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
        sample = is_sample(procedure) or any(s.sample for s in steps_of(procedure))
        rows.append({"procedure": procedure, "local": _areas(local), "sample": sample, "n": len(versions)})
    context = {"rows": rows, "may": is_county_wide(actor)}
    return render(request, "web/admin/procedures.html", context)


@admin_only
@require_safe
def procedure(request: HttpRequest, code: str) -> HttpResponse:
    """One procedure, readable (程序页): steps, actors, limits, actions, articles. `?area=` and `?version=` choose one."""
    actor = actor_of(request)
    versions = [v for v in _visible(actor) if v.code == code]
    if not versions:
        raise absent(Text("程序", "procedure"))
    found = _chosen(request, actor, versions)
    shown = procedure_of(found.pk)
    names = {a.prefix: a.title for a in _areas(sorted({v.jurisdiction for v in versions}))}
    in_force = {current_version(code, prefix) for prefix in prefixes(actor)}
    context = {
        "procedure": shown,
        "version": found,
        "where": names.get(found.jurisdiction, DEFAULT),
        "trail": [(PROCEDURES, reverse("web:admin_procedures"))],
        "head": head_of(shown),
        "sample": is_sample(shown),
        "steps": steps_of(shown),
        "anywhere": anywhere_of(shown),
        "personal": [(f, keep_words(f.keep)) for f in shown.fields.values() if f.personal],
        "versions": [(v, names.get(v.jurisdiction, DEFAULT), v.pk in in_force) for v in versions],
    }
    return render(request, "web/admin/procedure.html", context)


@admin_only
def upload(request: HttpRequest) -> HttpResponse:
    """Check a county's own version, then load it (上传地方程序): the checker's findings come as sentences."""
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
    text = read((TEXT,), request.POST)["text"] or ""
    try:
        text = _uploaded(request) or request.POST.get("text", "")
        override = read_override(text, by=actor)
        if request.POST.get("act") == "load" and not override.findings:
            return finish(request, _load(text, actor))
    except NotAllowed:
        raise
    except LinliError as error:
        return show(request, screen, {"text": text}, error)
    context = {
        "screen": screen,
        "fields": [FILE, TEXT.with_value(text)],
        "override": override,
        "changes": changes(override.base, override.procedure),
        "where": _areas([override.jurisdiction]),
    }
    return render(request, screen.template, context, status=422 if override.findings else 200)


def _load(text: str, actor: Actor) -> Done:
    loaded = load_override(text, by=actor)
    said = Text(
        f"已载入为第 {loaded.version} 版，新的办件从现在起按它办。",
        f"Loaded as version {loaded.version}; new cases follow it from now on.",
    )
    url = reverse("web:admin_procedure", args=[loaded.code])
    return Done(said, f"{url}?area={loaded.jurisdiction}&version={loaded.version}")


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
