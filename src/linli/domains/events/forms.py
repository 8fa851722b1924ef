"""The questions of reporting (反映表单): what, where, contact; the words come from the procedure file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text
from linli.domains.events.services import PROCEDURE
from linli.kernel.people.actors import Actor
from linli.kernel.places import queries as places
from linli.kernel.places.models import Area
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.kernel.records.files import Readable
from linli.kernel.records.models import Upload
from linli.kernel.records.uploads import take_upload
from linli.web import actionforms
from linli.web.forms import Choice, FieldView, KeptFile

MOST_VILLAGES = 600
#: Which shapes a map of an area shows: one level that is fine enough to point at, coarse enough to read.
SHAPES = {
    "province": "prefecture",
    "prefecture": "county",
    "county": "village",
    "township": "village",
    "village": "grid",
}
CHANNELS = (
    Choice("window", Text("到窗口来的", "At the window")),
    Choice("phone", Text("打电话来的", "By phone")),
    Choice("paper", Text("交纸质表的", "On paper")),
    Choice("field", Text("巡查时当面说的", "Told on patrol")),
)
CHANNEL = FieldView(
    "channel",
    Text("怎么来的", "How it came"),
    "radio",
    required=True,
    choices=CHANNELS,
    extra={"side": True},
)
CONSENT = FieldView(
    "consent",
    Text("可以从照片里读出拍摄地点，省得再找", "You may read from the photo where it was taken"),
    "boolean",
    hint=Text(
        "不勾就不读。照片里藏着的信息（地点、手机型号）读过就删，不会公开。",
        "Otherwise it is not read. What hides in the photo (place, phone model) is removed and never shown.",
    ),
)


def procedure_for(area: Area | None) -> Procedure:
    """The procedure in force there (现行程序), so that a county's own words and limits show."""
    return procedure_of(current_version(PROCEDURE, area.prefix if area else ""))


def asked(
    codes: Sequence[str], *, actor: Actor, area: Area | None, optional: Sequence[str] = ()
) -> list[FieldView]:
    return actionforms.field_views(
        procedure_for(area), codes, optional, actor=actor, area_prefix=area.prefix if area else ""
    )


def place_views(area: Area | None) -> list[FieldView]:
    """Where it is (位置): a point on the map, words, and a village for whoever uses neither map nor position."""
    place = FieldView(
        "place",
        Text("在哪一处", "The spot"),
        "place",
        required=True,
        extra={"shapes_url": shapes_url(area)},
    )
    choices = villages(area)
    if not choices:
        return [place]
    village = FieldView(
        "village",
        Text("或者选村（社区）", "Or choose the village"),
        "choice",
        hint=Text(
            "地图上点过就不用选。说不清在哪一处，选到村也行。",
            "Not needed once you marked the map. If you cannot say the spot, the village is enough.",
        ),
        choices=choices,
    )
    return [place, village]


def shapes_url(area: Area | None) -> str:
    """The shapes that the map shows: one level below, for a grid its village's grids."""
    shown = area or places.roots().first()
    if shown is None:
        return ""
    if shown.level in {"grid", "micro_grid"} and shown.parent is not None:
        shown = shown.parent
    query = {"under": shown.code}
    if level := SHAPES.get(shown.level):
        query["level"] = level
    return f"{reverse('web:shapes')}?{urlencode(query)}"


def villages(area: Area | None) -> list[Choice]:
    """The villages below an area, by township (村、社区选项); for a village those of its township. Too many: none."""
    top = area or _only_root()
    if top is None:
        return []
    if len(top.prefix) > 9:
        top = next((a for a in places.path(top) if a.level == "township"), top)
    rows = list(
        places.current(places.within(top.prefix))
        .filter(level="village")
        .select_related("parent")
        .order_by("code")[: MOST_VILLAGES + 1]
    )
    if len(rows) > MOST_VILLAGES:
        return []
    return [Choice(row.code, row.title, group=row.parent.title if row.parent else "") for row in rows]


def places_named(name: str, area: Area | None) -> list[tuple[Area, str]]:
    """Places of a name, each with where it lies (按名字找地方): within the county that was chosen, else everywhere served."""
    county = area.prefix[:6] if area is not None and len(area.prefix) >= 6 else ""
    found = places.search_by_name(name, under=county, limit=8)
    trails = places.paths(found) if found else {}
    return [
        (a, str(_joined([each.title for each in trails[a.pk][:-1] if len(each.prefix) > 6]))) for a in found
    ]


def _joined(titles: Sequence[Text]) -> Text:
    return Text(" › ".join(t.zh for t in titles), " › ".join(t.en for t in titles))


def _only_root() -> Area | None:
    roots = list(places.roots()[:2])
    return roots[0] if len(roots) == 1 else None


@dataclass(frozen=True)
class Where:
    """A place as the engine takes it (位置); a village that was named stands in where there is no point."""

    lng: float | None
    lat: float | None
    area_code: str
    text: str


def read_place(post: QueryDict) -> Where:
    """What was said about the place (读取位置). Refuses coordinates that are no numbers."""
    lng, lat = _number(post.get("place.lng")), _number(post.get("place.lat"))
    village = (post.get("village") or "").strip()
    text = (post.get("place.text") or "").strip()[:200]
    if lng is not None and lat is not None and village and places.locate(lng, lat) is None:
        lng = lat = None  # the point lies outside, the village says where it is
    return Where(lng, lat, village, text)


def _number(text: str | None) -> float | None:
    if not text or not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        problem = Text(
            "经纬度没看懂。请写成 119.2965 这样，或在地图上点一下，或选村（社区）。",
            "The coordinates could not be read. Write them like 119.2965, mark the map, or choose the village.",
        )
        raise Invalid("events.bad_point", problem, fields={"place": problem}) from None


# ------------------------------------------------------------------------------------------------ photos


@dataclass(frozen=True)
class TakenIn:
    uids: list[str]
    error: Text | None
    point: tuple[float, float] | None  # where a new photo was taken, if that may be read


def take_photos(
    kept: Sequence[str], new: Sequence[Readable], *, by: Actor, owner: str, consent: bool, most: int
) -> TakenIn:
    """Take photos in before the report is sent (先收照片): what cannot be taken is said, the others stay."""
    uids, error, point = list(kept), None, None
    for file in new:
        if len(uids) >= most:
            error = Text(
                f"最多 {most} 张照片，多的没有收。", f"At most {most} photos; the others were not taken."
            )
            break
        try:
            upload = take_upload(
                file, by=by, owner=owner, name=getattr(file, "name", "") or "", consent_place=consent
            )
        except LinliError as refused:
            error = refused.message
            continue
        uids.append(str(upload.uid))
        if consent and upload.lng is not None and upload.lat is not None:
            point = point or (upload.lng, upload.lat)
    return TakenIn(uids, error, point)


def kept_photos(uids: Sequence[str], owner: str) -> list[KeptFile]:
    """The photos of a draft that are still there (草稿里的照片), each with its small picture."""
    rows = Upload.objects.filter(uid__in=uids, owner=owner).order_by("id") if uids else []
    name = str(Text("照片", "Photo"))
    return [KeptFile(str(row.uid), row.name or name, reverse("events:photo", args=[row.uid])) for row in rows]
