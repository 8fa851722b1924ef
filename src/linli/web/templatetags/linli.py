"""What templates say (模板标签): both languages, times in words, masked names, fields, menus, small charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl

from django import template
from django.conf import settings
from django.db.models import QuerySet
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from linli.base import clock, codes
from linli.base.i18n import Text, current_language
from linli.base.paging import counts_up_to
from linli.kernel.people.actors import Actor
from linli.web import finding, flash, words
from linli.web.faces import actor_of, area_of, html_lang, is_large, request_of, size_of, theme_of
from linli.web.forms import FieldView
from linli.web.registry import MenuEntry, menu_for, reports_for
from linli.web.savedviews import clean_query, views_of

register = template.Library()


@register.simple_tag
def t(zh: str, en: str, **values: Any) -> str:
    """A sentence in the reader's language: `{% t "还有 {n} 件" "{n} left" n=count %}`; `as name` works."""
    chosen = en if current_language() == "en" else zh
    # Literals of a template arrive marked as safe; a variable does not, and is escaped as everywhere.
    if not values:
        return chosen
    return format_html(chosen, **values) if isinstance(chosen, SafeString) else chosen.format(**values)


@register.simple_tag
def due(
    due_at: datetime | None,
    now: datetime | None = None,
    paused: bool = False,
    done_at: datetime | None = None,
) -> str:
    """The due light: words first, colour second; the whole sentence for a hover and a screen reader."""
    if due_at is None:
        return ""
    said = words.due_words(due_at, now or clock.now(), paused=paused, done_at=done_at)
    return format_html(
        '<time class="due {}" datetime="{}" title="{}">{}<span class="hide">{}{}</span></time>',
        said.state, due_at.isoformat(), said.whole, said.short, Text("，", ", "), said.whole,
    )  # fmt: skip


@register.simple_tag
def due_tag(due_at: datetime, what: Text) -> str:
    """The due light as a tag with what is due: `待派遣：还有 12 分钟`."""
    said = words.due_words(due_at, clock.now())
    tone = {words.LATE: "red", words.SOON: "amber"}.get(said.state, "")
    return format_html(
        '<span class="tag {}" title="{}">{}{}{}</span>', tone, said.whole, what, Text("：", ": "), said.short
    )


@register.filter
def due_state(due_at: datetime | None) -> str:
    """late, soon or ok, for the edge of a row."""
    return "" if due_at is None else words.due_words(due_at, clock.now()).state


@register.simple_tag
def when(moment: datetime | None, now: datetime | None = None) -> str:
    if moment is None:
        return ""
    short = words.moment_words(moment, now or clock.now())
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        words.full_moment(moment),
        short,
    )


@register.filter
def day(value: date | None) -> str:
    return "" if value is None else str(words.day_words(value, clock.today()))


@register.filter
def full_moment(value: datetime | None) -> str:
    return "" if value is None else str(words.full_moment(value))


@register.filter
def marked(value: object, words: str) -> SafeString:
    """A text with the words that were looked for marked."""
    return finding.marked(value, words)


@register.filter
def mask_name(value: str | None) -> str:
    return codes.mask_name(value or "")


@register.filter
def mask_phone(value: str | None) -> str:
    return codes.mask_phone(value or "")


@register.filter
def mask_id(value: str | None) -> str:
    return codes.mask_id(value or "")


@register.filter
def file_size(value: int | None) -> str:
    return words.size_words(value or 0)


@register.simple_tag(takes_context=True)
def field(context: RequestContext, view: FieldView) -> SafeString:
    """One question with its label, hint, error and control."""
    data = {
        "f": view,
        "request": request_of(context),
        "csrf_token": context.get("csrf_token"),
        "map_tiles": getattr(settings, "LINLI_MAP_TILES", ""),
    }
    return render_to_string("web/fields/field.html", data)


@register.inclusion_tag("web/parts/mend.html")
def error_summary(fields: Iterable[FieldView], message: Any = "") -> dict[str, Any]:
    """What is to be mended, at the top, with a link to each place."""
    return {"wrong": [f for f in fields if f.error], "message": message}


@register.simple_tag(takes_context=True)
def html_attrs(context: RequestContext, face: str, theme: str = "") -> str:
    """Language, face, elder mode with its step, and light or dark: what the tokens of the stylesheet depend on."""
    request = request_of(context)
    size, _, step = size_of(request).partition("-")
    theme = theme or (
        "dark" if face == "board" else theme_of(request)
    )  # the wall is dark, a sheet to print light
    return format_html(
        'lang="{}" data-face="{}" data-size="{}" data-step="{}" data-theme="{}"',
        html_lang(), face, size, step or "1", theme,
    )  # fmt: skip


@register.simple_tag
def icon(name: str, css: str = "") -> str:
    """One of our drawings (图标, `static/web/icons.svg`) beside words that say the same: `{% icon "camera" %}`."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {css}" if css else "", static("web/icons.svg"), name,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def large_text(context: RequestContext) -> bool:
    return is_large(request_of(context))


@register.inclusion_tag("web/parts/appearance.html", takes_context=True)
def appearance(context: RequestContext) -> dict[str, Any]:
    """How this browser shows pages: light or dark, and in elder mode how large."""
    request = request_of(context)
    themes = {"auto": Text("自动", "Auto"), "light": Text("浅色", "Light"), "dark": Text("深色", "Dark")}
    steps = {
        "large": Text("大", "Large"),
        "large-2": Text("特大", "Larger"),
        "large-3": Text("最大", "Largest"),
    }
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "themes": [(code, title, code == theme_of(request)) for code, title in themes.items()],
        "steps": [(code, title, code == size_of(request)) for code, title in steps.items()]
        if is_large(request)
        else [],
    }


@register.simple_tag
def is_demo() -> bool:
    return bool(getattr(settings, "LINLI_DEMO", False))


@register.simple_tag(takes_context=True)
def here(context: RequestContext) -> Any:
    """The area that the reader chose, or None."""
    request = request_of(context)
    return None if request is None else area_of(request)


@register.simple_tag(takes_context=True)
def me(context: RequestContext) -> Any:
    """Who is looking."""
    request = request_of(context)
    return None if request is None else actor_of(request)


@register.inclusion_tag("web/parts/notices.html", takes_context=True)
def notices(context: RequestContext) -> dict[str, Any]:
    request = request_of(context)
    return {"said": [] if request is None else flash.take(request)}


@register.inclusion_tag("web/parts/menu.html", takes_context=True)
def menu(context: RequestContext, face: str) -> dict[str, Any]:
    """The menu of a face from the registry, with its counts; entries of one group under one heading."""
    request = request_of(context)
    if request is None:
        return {"groups": []}
    actor = actor_of(request)
    groups: dict[str, dict[str, Any]] = {}
    here = set(request.GET.items())
    entries = [(entry, url) for entry in menu_for(face, actor.roles) if (url := _url(entry.url_name))]
    numbers = _numbers([entry for entry, _ in entries], actor)
    for entry, url in entries:
        group = groups.setdefault(
            entry.group.zh if entry.group else "", {"title": entry.group, "entries": []}
        )
        counts = numbers[entry.code]
        address = url + (f"?{entry.query}" if entry.query else "")
        current = request.path == url and set(parse_qsl(entry.query)) <= here
        group["entries"].append({"entry": entry, "url": address, "counts": counts, "current": current})
    _only_the_nearest([item for group in groups.values() for item in group["entries"]])
    return {"groups": list(groups.values()), "request": request}


def _numbers(entries: Sequence[MenuEntry], actor: Actor) -> dict[str, dict[str, Any]]:
    """The numbers of a menu by its entries (菜单数字): those that are rows to be counted are, in one statement."""
    found = {entry.code: entry.count(actor) if entry.count else None for entry in entries}
    rows = {code: n for code, n in found.items() if isinstance(n, QuerySet)}
    counted = dict(zip(rows, counts_up_to(list(rows.values())), strict=True))
    shown: dict[str, dict[str, Any]] = {}
    for code, n in found.items():
        if code in counted:
            shown[code] = {"all": counted[code] if counted[code].n else None}
        else:
            shown[code] = dict(n) if isinstance(n, Mapping) else {"all": n}
    return shown


def _only_the_nearest(items: list[dict[str, Any]]) -> None:
    """An entry with filters stands before the plain one of the same page."""
    narrow = {item["entry"].url_name for item in items if item["current"] and item["entry"].query}
    for item in items:
        item["current"] &= bool(item["entry"].query) or item["entry"].url_name not in narrow


@register.inclusion_tag("web/parts/saved_views.html", takes_context=True)
def saved_views(context: RequestContext) -> dict[str, Any]:
    """One's own lists under their names, for the menu."""
    request = request_of(context)
    if request is None:
        return {"views": []}
    query = clean_query(request.GET.urlencode())
    return {
        "views": [
            {
                "name": view.name,
                "query": view.query,
                "current": request.path == _url("web:cases") and view.query == query,
            }
            for view in views_of(actor_of(request))
            if view.pinned
        ]
    }


@register.simple_tag(takes_context=True)
def report_buttons(context: RequestContext, face: str = "resident") -> list[dict[str, Any]]:
    request = request_of(context)
    roles = actor_of(request).roles if request is not None and face == "staff" else frozenset()
    found = [{"title": r.title, "url": _url(r.url_name)} for r in reports_for(face, roles)]
    return [b for b in found if b["url"]]


@register.simple_tag
def meter(value: float, most: float, tone: str = "") -> str:
    """A bar as a drawing, because the page allows no inline style; the number stands beside it in words."""
    width = 0 if most <= 0 else max(0, min(100, round(100 * value / most, 1)))
    return format_html(
        '<svg class="meter {}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="10"/></svg>',
        tone, width,
    )  # fmt: skip


@register.inclusion_tag("web/parts/map.html")
def map_box(
    shapes: str = "", lng: float | None = None, lat: float | None = None, label: Any = "", css: str = "",
    points: str = "",
) -> dict[str, Any]:  # fmt: skip
    """A map of our own shapes (`shapes`, `points`: addresses of GeoJSON), with one pin if there is one."""
    tiles = getattr(settings, "LINLI_MAP_TILES", "")
    return {"shapes": shapes, "lng": lng, "lat": lat, "label": label, "css": css, "points": points,
            "tiles": tiles}  # fmt: skip


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changes: Any) -> str:
    """The present query string with some keys changed: `?{% query page=next %}`; None removes a key."""
    request = request_of(context)
    if request is None:
        return ""
    data = request.GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            data.pop(key, None)
        else:
            data[key] = str(value)
    return data.urlencode()


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:  # a domain that is not installed
        return ""
