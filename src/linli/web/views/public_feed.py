"""What is public as a feed (公示订阅), Atom 1.0 (RFC 4287): for a village's own site, a newspaper, or anybody."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.views.decorators.http import require_GET

from linli.base.clock import now
from linli.base.i18n import Text
from linli.kernel.places.models import Area
from linli.kernel.publicity.models import WITHDRAWN
from linli.kernel.publicity.queries import feed_of
from linli.web import words
from linli.web.faces import html_lang
from linli.web.publications import Shown, shown
from linli.web.views.publicity import asked_for

# Characters that XML 1.0 cannot carry.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FRESH_SECONDS = 300
SITE = Text("邻里", "Linli")


@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """The newest fifty in the reader's language (公示订阅): `area`, `procedure` and `kind` narrow it. What was taken back
    stays in it, and says so."""
    filters, area = asked_for(request, chosen=False)
    at = now()
    rows = [shown(row, at) for row in feed_of(filters)]
    made = Atom1Feed(
        title=str(_title(area)),
        link=request.build_absolute_uri(reverse("web:public")),
        description="",
        subtitle=str(Text("正在公示的决定和公开的结果", "Decisions open to objections, and results")),
        language=html_lang(),
        feed_url=request.build_absolute_uri(),
        feed_guid=request.build_absolute_uri(request.path + _narrowing(request)),
        author_name=str(SITE),
    )
    for row in rows:
        made.add_item(
            title=_clean(f"{row.state}{Text('：', ': ')}{row.row.name}"),
            link=request.build_absolute_uri(row.url),
            description=_clean(_summary(row)),
            unique_id=f"urn:uuid:{row.row.uid}",
            pubdate=row.row.from_at,
            updateddate=row.row.updated_at,
            author_name=_clean(str(row.who or SITE)),
            categories=[row.row.kind, row.row.procedure, row.row.area.code],
        )
    answer = HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    answer["Cache-Control"] = f"max-age={FRESH_SECONDS}"
    return answer


def _title(area: Area | None) -> Text:
    name = Text("公示和结果公开", "Public notices and results")
    return Text("{area} · {name}", "{name} · {area}").format(area=area.title, name=name) if area else name


def _narrowing(request: HttpRequest) -> str:
    """The part of the address that says which feed it is; the language is the reader's, the feed is the same."""
    kept = request.GET.copy()
    kept.pop("lang", None)
    return f"?{kept.urlencode()}" if kept else ""


def _summary(view: Shown) -> str:
    row = view.row
    lines = [str(view.where)]
    if row.state == WITHDRAWN and row.withdrawn_at:
        said = Text("{when} 撤回，因为：{why}", "Withdrawn on {when} because: {why}")
        lines.append(str(said.format(when=words.full_moment(row.withdrawn_at), why=row.withdraw_reason)))
    lines += [str(Text("{a}：{b}", "{a}: {b}").format(a=f.title, b=f.value)) for f in view.facts]
    if row.until_at:
        lines.append(str(Text("公示到 {x}", "On show until {x}").format(x=words.full_moment(row.until_at))))
    return "<br>".join(escape(line) for line in lines)  # the summary of a feed is HTML


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
