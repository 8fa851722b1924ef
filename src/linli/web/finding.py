"""Finding what is public by words (公开内容检索): the hits of each kind, what they say, and which words were found."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from linli.base.clock import now
from linli.base.i18n import Text
from linli.base.paging import Page
from linli.base.text import search_terms
from linli.kernel.people.actors import ANONYMOUS
from linli.kernel.people.queries import organisations
from linli.kernel.places.models import Area
from linli.kernel.places.queries import paths, search_by_name
from linli.kernel.procedures.offered import begun_by
from linli.kernel.procedures.own import as_resident
from linli.kernel.publicity.queries import Filters, published
from linli.web import registry
from linli.web.contacts import SERVING, Contact
from linli.web.publications import Shown, shown
from linli.web.registry import Hit
from linli.web.words import full_moment

SERVICE = Text("办事", "Service")
PLACE = Text("地方", "Place")
WINDOW = Text("窗口", "Window")
HELP = Text("帮助", "Help")

# What the pages that explain something are about, in the words people would look for.
PAGES = (
    ("web:help", "", Text("不上网怎么办", "Without the internet"),
     Text("到窗口、打电话、填纸质表，一样能办", "The window, the phone and paper work as well")),
    ("web:help", "#helper", Text("请人代办", "Through a helper"),
     Text("家人、邻居、网格员代办，两个人的名字都记下", "Family, a neighbour or a grid worker acts for you; both names are kept")),
    ("web:track", "", Text("查进度", "Track a case"),
     Text("凭回执上的编号和查询码", "With the number and the code of the receipt")),
    ("web:looks", "", Text("谁看过我的信息", "Who looked at my data"),
     Text("每次查看都留痕，可以问为什么", "Each look leaves a line, and you can ask why")),
    ("web:my_data", "", Text("我的信息", "My data"),
     Text("查看、更正、下载、删除个人信息", "See, correct, download or erase personal data")),
    ("web:proof", "", Text("留痕证明", "Proof of the records"),
     Text("自己核对办理记录有没有被改过", "Check yourself that no record was changed")),
)  # fmt: skip


def one_page(found: Iterable[Hit], limit: int) -> Page[Hit]:
    """All there is, for a kind that is too small to turn pages (不分页的一类)."""
    items = list(found)
    return Page(items[:limit], None, has_more=len(items) > limit)


def holds(words: str, *texts: Text | str | None) -> bool:
    """Whether every term of the words stands in one of these texts (是否都含)."""
    said = " ".join(f"{t.zh} {t.en}" if isinstance(t, Text) else str(t or "") for t in texts).lower()
    terms = search_terms(words)
    return bool(terms) and all(term in said for term in terms)


def services(words: str, cursor: str, limit: int) -> Page[Hit]:
    """What may be asked for (可以办的), by its name and what it is for."""
    return one_page(
        (
            Hit(SERVICE, p.title, reverse("web:begin", args=[p.code]), p.hint or "")
            for p in begun_by(as_resident(ANONYMOUS))
            if holds(words, p.title, p.hint)
        ),
        limit,
    )


def publications(words: str, cursor: str, limit: int) -> Page[Hit]:
    """What is or was on public notice, and results (公示、公开的结果), newest first."""
    page = published(Filters(words=words, ended_too=True), cursor=cursor, limit=limit)
    at = now()
    return Page([_publication(shown(row, at)) for row in page.items], page.next_cursor, page.has_more)


def _publication(view: Shown) -> Hit:
    row = view.row
    if row.ended_at is not None:
        until = Text("{x} 结束", "ended {x}").format(x=full_moment(row.ended_at))
    elif row.until_at is not None:
        until = Text("公示到 {x}", "on show until {x}").format(x=full_moment(row.until_at))
    else:
        until = Text("{x} 公开", "made public {x}").format(x=full_moment(row.from_at))
    where = (
        Text(f"{view.where.zh} · {view.who.zh}", f"{view.where.en} · {view.who.en}")
        if view.who
        else view.where
    )
    about = next((f.value for f in view.facts if not f.masked and f.value.zh != row.subject), "")
    return Hit(view.kind, row.name, view.url, about, where, until)


def places(words: str, cursor: str, limit: int) -> Page[Hit]:
    """Areas by name (地方), to be chosen as one's own; the first of them, for whoever writes more finds less."""
    found = search_by_name(words, limit=limit + 1)
    trails = paths(found) if found else {}
    return one_page(
        (Hit(PLACE, a.title, _area_url(a.code), "", _trail(trails[a.pk][:-1])) for a in found), limit
    )


def _area_url(code: str) -> str:
    return f"{reverse('web:public')}?area={code}"


def _trail(areas: Iterable[Area]) -> Text:
    titles = [area.title for area in areas]
    return Text(" › ".join(t.zh for t in titles), " › ".join(t.en for t in titles))


def windows(words: str, cursor: str, limit: int) -> Page[Hit]:
    """Offices that anybody may turn to (窗口), by name, with phone and address."""
    rows = organisations(text=words).filter(kind__in=SERVING).order_by("code")[: limit + 1]
    return one_page(
        (
            Hit(WINDOW, o.title, "", o.address, o.area.title, call=Contact(o.title, o.phone, o.address))
            for o in rows
        ),
        limit,
    )


def pages(words: str, cursor: str, limit: int) -> Page[Hit]:
    """Pages that explain how something is done (帮助)."""
    return one_page(
        (
            Hit(HELP, title, reverse(name) + anchor, about)
            for name, anchor, title, about in PAGES
            if holds(words, title, about)
        ),
        limit,
    )


def _stands(words: str, text: str) -> bool:
    return any(term in text.lower() for term in search_terms(words))


def marked(text: object, words: str) -> SafeString:
    """A text with the found words marked (标出找到的词); where they stand in the other language alone, that follows."""
    said = str(text)
    if isinstance(text, Text) and not _stands(words, said):
        other = next((t for t in (text.zh, text.en) if t != said and _stands(words, t)), "")
        said = f"{said} · {other}" if other else said
    lower = said.lower()
    if len(lower) != len(said):
        return format_html("{}", said)
    hit = [False] * len(said)
    for term in search_terms(words):
        at = lower.find(term)
        while at >= 0:
            hit[at : at + len(term)] = [True] * len(term)
            at = lower.find(term, at + 1)
    runs = [
        (found, "".join(said[i] for i, _ in run))
        for found, run in groupby(enumerate(hit), key=lambda x: x[1])
    ]
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", part) if found else part,) for found, part in runs)
    )


def register() -> None:
    registry.search_source("services", Text("办事与诉求", "Services and requests"), services, order=10)
    registry.search_source(
        "public", Text("公示和公开的结果", "Public notices and results"), publications, order=30
    )
    registry.search_source("places", Text("地方", "Places"), places, order=40)
    registry.search_source("windows", Text("窗口和电话", "Windows and phones"), windows, order=50)
    registry.search_source("help", HELP, pages, order=60)
