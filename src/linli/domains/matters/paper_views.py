"""The application on a sheet of paper (纸质申请表): every question and paper of the form, to fill in by hand and hand in."""

from __future__ import annotations

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.i18n import Text
from linli.domains.matters import asking as pages
from linli.domains.matters.guide import in_words
from linli.domains.matters.spec import FormField
from linli.kernel.places import queries as places
from linli.web.views.paper import YES_NO, Question, hand_in, named_area

LINES = {"text": 4}


@require_safe
def paper(request: HttpRequest, code: str, kind: str = "matter") -> HttpResponse:
    """The empty form of a matter or a life event in the reader's language (空白申请表); `?area=CODE` names the village.

    A register's answers are not asked: the window fills them in. Its QR code opens the form online.
    """
    asked = pages.asking(kind, code, named_area(request), {})
    path = reverse("matters:apply" if kind == "matter" else "matters:apply_life", args=[code])
    return sheet(request, asked, path)


def sheet(request: HttpRequest, asked: pages.Asking, path: str, title: Text | None = None) -> HttpResponse:
    """A form on paper (申请表的纸质版); `path` is where it is filled in online."""
    area, address = named_area(request), request.build_absolute_uri(path)
    context = {
        "title": title or asked.title,
        "asked": asked,
        "area": area,
        "trail": [a for a in places.path(area) if len(a.prefix) >= 6] if area else [],
        "questions": [_question(asked, f) for f in asked.form.fields if not f.prefilled],
        "papers": [(m, in_words(pages.as_spec(asked.form), m.when)) for m in asked.form.materials],
        "tolerable": any(m.need == "tolerable" for m in asked.form.materials),
        "procedure": {"basis": [c.text for c in asked.spec.basis] if asked.spec else ["国发〔2024〕3号"]},
        "limit": asked.spec.promised_limit if asked.spec else None,
        "address": address,
        "qr": segno.make(address, error="m").svg_inline(scale=4, border=1, light="#fff", omitsize=True),
        "hand_in": hand_in(area),
    }
    return render(request, "matters/paper.html", context)


def _question(asked: pages.Asking, f: FormField) -> Question:
    only = in_words(pages.as_spec(asked.form), f.when)
    hint = f.hint or (Text(f"{only.zh}才填", f"Only {only.en}") if only else "")
    ticks = YES_NO if f.type == "boolean" else [title for _, title in f.choices]
    return Question(
        f.title, hint, f.required, lines=() if ticks else range(LINES.get(f.type, 1)), ticks=ticks
    )
