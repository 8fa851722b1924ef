"""What is done to areas (区划维护): add, rename, dates, merge, shape. Each is a verb of `places`, within one's own area."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse

from linli.base.clock import today
from linli.base.codes import PREFIX_LENGTH, code_of
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.kernel.places import services
from linli.kernel.places.models import Area
from linli.web.faces import actor_of
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.areas import area_url, level_below, trail
from linli.web.views.admin.door import admin_only, area_in_scope, area_named
from linli.web.views.admin.screens import Done, Entered, Screen, ask, day, needed_days
from linli.web.views.admin.titles import LEVEL_TITLES

LARGEST_SHAPE = 10 * 1024 * 1024
SAVE = Text("保存", "Save")
NAME = FieldView("name", Text("名称", "Name"), required=True, max=100)
NAME_EN = FieldView("name_en", Text("英文名", "English name"), max=100)
FROM = FieldView("valid_from", Text("生效日期", "First day"), "date")
TO = FieldView(
    "valid_to",
    Text("最后有效日", "Last day"),
    "date",
    hint=Text("不填就是一直有效。", "Leave it empty while there is no end."),
)
DATUMS = (
    Choice("WGS84", Text("WGS-84（GPS、国际地图）", "WGS-84 (GPS, international maps)")),
    Choice("GCJ02", Text("GCJ-02（高德、腾讯地图）", "GCJ-02 (AMap, Tencent maps)")),
    Choice("CGCS2000", Text("CGCS2000（自然资源、测绘成果）", "CGCS2000 (official surveys)")),
    Choice("BD09", Text("BD-09（百度地图）", "BD-09 (Baidu maps)")),
)


@admin_only
def add_area(request: HttpRequest, code: str) -> HttpResponse:
    """Add an area directly below (新增下级区划或网格): the number is suggested, the name is asked."""
    actor = actor_of(request)
    parent = area_in_scope(actor, code)
    level = level_below(parent)
    if level is None:
        raise absent(Text("下级区划", "level below"))
    stem = parent.prefix.ljust(PREFIX_LENGTH[parent.level], "0")
    width = PREFIX_LENGTH[level] - len(stem)
    number = FieldView(
        "number",
        Text(f"编号（{width} 位）", f"Number ({width} digits)"),
        required=True,
        max=width,
        hint=Text(f"接在 {stem} 后面，同级不能重复。", f"It follows {stem} and is used once."),
        extra={"autocomplete": "off"},
    )

    def act(entered: Entered) -> Done:
        written = (entered["number"] or "").upper()
        if len(written) != width or not written.isalnum() or not written.isascii() or not written.strip("0"):
            problem = Text(
                f"编号须为 {width} 位数字，不能全是 0。", f"The number has {width} digits, not zeros alone."
            )
            raise Invalid("web.bad_number", problem, fields={"number": problem})
        made = services.create_area(
            code_of(stem + written),
            name=entered["name"] or "",
            name_en=entered["name_en"] or "",
            by=actor,
            valid_from=day(entered, "valid_from"),
        )
        said = Text("已新增“{name}”（{code}）。接着可以画图形、设岗位。", "“{name}” ({code}) is added.")
        return Done(said.format(name=made.title, code=made.code), area_url(made))

    title = Text(f"新增{LEVEL_TITLES[level].zh}", f"Add a {LEVEL_TITLES[level].en.lower()}")
    fields = (number, NAME, NAME_EN, FROM)
    screen = Screen(title, fields, Text("新增", "Add"), trail(request, parent))
    return ask(request, screen, act, {"number": _next_number(parent, level, width), "valid_from": today()})


@admin_only
def rename(request: HttpRequest, code: str) -> HttpResponse:
    """Give an area another name (更名)."""
    actor = actor_of(request)
    area = area_in_scope(actor, code)

    def act(entered: Entered) -> Done:
        services.rename(area, name=entered["name"] or "", name_en=entered["name_en"] or "", by=actor)
        return Done(Text("名称已改。", "The name is changed."), area_url(area))

    intro = Text("代码和已有的办件不变。", "Its code and its cases stay as they are.")
    screen = Screen(Text("更名", "Rename"), (NAME, NAME_EN), SAVE, trail(request, area), intro)
    return ask(request, screen, act, {"name": area.name, "name_en": area.name_en})


@admin_only
def validity(request: HttpRequest, code: str) -> HttpResponse:
    """From when to when an area is valid (有效期); its last day ends it."""
    actor = actor_of(request)
    area = area_in_scope(actor, code)

    def act(entered: Entered) -> Done:
        first, last = day(entered, "valid_from"), day(entered, "valid_to")
        services.set_validity(area, valid_from=first, valid_to=last, by=actor)
        return Done(Text("有效期已改。", "The dates are changed."), area_url(area))

    warning = Text(
        "过了最后有效日，新的办件不再落到这里；要让另一个区划接着管，请用“撤并”。",
        "After the last day no new case is placed here. To name the area that follows, use “Merge”.",
    )
    screen = Screen(
        Text("改有效期", "Change the dates"), (FROM, TO), SAVE, trail(request, area), warning=warning
    )
    return ask(request, screen, act, {"valid_from": _iso(area.valid_from), "valid_to": _iso(area.valid_to)})


@admin_only
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """End an area and name the one that follows it (撤并)."""
    actor = actor_of(request)
    area = area_in_scope(actor, code)
    successor = FieldView(
        "successor",
        Text("并入哪一个", "Merged into"),
        required=True,
        max=120,
        hint=Text("填同级区划的代码或完整名称。", "Code or whole name of an area of the same level."),
        extra={"autocomplete": "off"},
    )
    last_day = FieldView("last_day", Text("最后有效日", "Last day"), "date", required=True)

    def act(entered: Entered) -> Done:
        (last,) = needed_days(entered, "last_day")
        into = area_named(actor, entered["successor"], "successor")
        services.merge_areas([area], successor=into, last_day=last, by=actor)
        said = Text("“{a}”有效到 {day}，之后由“{b}”接续。", "“{a}” is valid to {day}; “{b}” follows.")
        return Done(said.format(a=area.title, b=into.title, day=last.isoformat()), area_url(area))

    warning = Text(
        "已有的办件留在原区划；岗位和任职不会自动转过去，请在撤并后核对。",
        "Cases stay where they happened. Posts and appointments do not move by themselves: check them afterwards.",
    )
    screen = Screen(
        Text(f"撤并{area.name}", f"Merge {area.title.en}"),
        (successor, last_day),
        Text("撤并", "Merge"),
        trail(request, area),
        warning=warning,
    )
    return ask(request, screen, act, {"last_day": today()})


@admin_only
def shape(request: HttpRequest, code: str) -> HttpResponse:
    """Give an area its shape from a GeoJSON file (上传图形), in the datum that it was drawn in."""
    actor = actor_of(request)
    area = area_in_scope(actor, code)
    fields = (
        FieldView(
            "file",
            Text("GeoJSON 文件", "GeoJSON file"),
            "files",
            required=True,
            accept=".json,.geojson,application/geo+json,application/json",
            hint=Text("一个面（Polygon 或 MultiPolygon），最大 10 MB。", "One polygon, 10 MB at most."),
        ),
        FieldView("datum", Text("坐标系", "Coordinate system"), "radio", required=True, choices=DATUMS),
        FieldView(
            "source",
            Text("图从哪里来", "Where the shape comes from"),
            max=200,
            hint=Text("例如：区民政局 2026 年勘界", "Such as: survey of the civil affairs bureau, 2026"),
        ),
    )

    def act(entered: Entered) -> Done:
        if not entered["datum"]:
            problem = Text(
                "请选择坐标系，选错会偏几百米。", "Choose one: a wrong one is hundreds of metres off."
            )
            raise Invalid("web.no_datum", problem, fields={"datum": problem})
        geometry = _geometry(request.FILES.get("file"))
        report = services.set_shape(
            area, geometry, datum=entered["datum"], source=entered["source"] or "", by=actor
        )
        return Done(Text("图形已保存。", "The shape is kept."), area_url(area), report.warnings)

    screen = Screen(Text("上传图形", "Upload a shape"), fields, Text("上传", "Upload"), trail(request, area))
    return ask(request, screen, act)


def _geometry(upload: Any) -> dict[str, Any]:
    """The one geometry in an uploaded file (取出图形). What a shape must be is checked by the verb."""
    if upload is None:
        raise _bad_file("请选择一个 GeoJSON 文件。", "Choose a GeoJSON file.")
    if (upload.size or 0) > LARGEST_SHAPE:
        raise _bad_file(
            "文件超过 10 MB，请先简化边界。", "The file is over 10 MB; simplify the border first."
        )
    try:
        content = json.loads(upload.read().decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise _bad_file(
            "这个文件不是 GeoJSON。请在制图软件里另存为 GeoJSON（UTF-8）再传。",
            "This file is no GeoJSON. Save it as GeoJSON (UTF-8) in your map program and send that.",
        ) from None
    if isinstance(content, dict) and content.get("type") == "FeatureCollection":
        features = content.get("features")
        if not isinstance(features, list) or len(features) != 1:
            n = len(features) if isinstance(features, list) else 0
            raise _bad_file(
                f"文件里有 {n} 个图形，这里只收一个。请把这个区划的边界单独导出。",
                f"The file holds {n} shapes; one is wanted. Export the border of this area alone.",
            )
        content = features[0]
    if not isinstance(content, dict):
        raise _bad_file("文件里没有图形。请重新导出。", "The file holds no shape. Export it again.")
    return content


def _bad_file(zh: str, en: str) -> Invalid:
    return Invalid("web.bad_shape_file", Text(zh, en), fields={"file": Text(zh, en)})


def _next_number(parent: Area, level: str, width: int) -> str:
    used = Area.objects.filter(parent=parent, level=level, historic=False).order_by("-prefix")
    last = next((p[-width:] for p in used.values_list("prefix", flat=True)[:20] if p[-width:].isdigit()), "0")
    return str(int(last) + 1).zfill(width)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
