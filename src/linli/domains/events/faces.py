"""What this domain adds to the faces (界面登记): the big buttons and the menu of the desk."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from linli.base.clock import now
from linli.base.i18n import Text
from linli.base.paging import Page
from linli.domains.events.done import lately_done
from linli.domains.events.drafts import begun
from linli.domains.events.queries import categories_named
from linli.domains.events.services import summary_of
from linli.kernel.procedures.offered import own_entry
from linli.web.faces import area_of
from linli.web.finding import one_page
from linli.web.registry import Hit, home_card, home_section, menu_entry, report_entry, search_source

REGISTERING = ("clerk", "dispatcher", "call_back", "grid_worker")


def done_of_late(request: HttpRequest) -> str | None:
    """刚办好的事: of the reader's area, without anybody's words."""
    area = area_of(request)
    rows = lately_done(area, at=now())
    return render_to_string("events/home_done.html", {"rows": rows, "area": area}) if rows else None


def go_on_writing(request: HttpRequest) -> str | None:
    """接着写: the report that this person, or this browser, began and did not send."""
    draft = begun(request)
    if draft is None:
        return None
    context = {
        "draft": draft,
        "title": summary_of(draft.description),
        "signed_in": draft.owner.startswith("account:"),
    }
    return render_to_string("events/home_begun.html", context, request=request)


REPORT = Text("反映", "Report")
TO_THE_FORM = Text("写一句话、拍张照片就行", "A sentence and a photo are enough")


def things_to_report(words: str, cursor: str, limit: int) -> Page[Hit]:
    """What one may report (能反映什么), by the names and the residents' own words of the categories, in one query."""
    found = categories_named(words, limit=limit + 1)
    hits = [
        Hit(REPORT, c.title, reverse("events:report"), TO_THE_FORM, c.parent.title if c.parent else "")
        for c in found
    ]
    return one_page(hits, limit)


def register() -> None:
    search_source("events", Text("反映一件事", "Report something"), things_to_report, order=20)
    own_entry("grid-event")
    report_entry(Text("反映一件事", "Report something"), "events:report", order=10)
    home_card(
        "track",
        Text("查进度", "Track"),
        "web:track",
        order=10,
        line=lambda _: Text("凭回执上的编号和查询码", "With the number and code of the receipt"),
        icon="search",
    )
    home_section("begun", order=1, render=go_on_writing)
    home_section("done", order=40, render=done_of_late)
    report_entry(
        Text("登记来电来访", "Enter a report"), "events:register", order=10, face="staff", roles=REGISTERING
    )
    menu_entry(
        "staff",
        "patrol",
        Text("巡查上报", "Patrol report"),
        "events:patrol",
        roles=("grid_worker",),
        order=60,
    )
