"""The report on one sheet of paper (纸质反映表): as any procedure's, with the place, which is no field of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from linli.base.i18n import Text
from linli.domains.events import forms
from linli.web.views.paper import named_area, sheet


def paper(request: HttpRequest) -> HttpResponse:
    """One A4 page in the reader's language for a village (打印表格); `?area=CODE` names it, else the chosen area."""
    area = named_area(request)
    path = reverse("events:report") + (f"?area={area.code}" if area else "")
    title = Text("反映一件事", "Report something")
    return sheet(request, forms.procedure_for(area), area, title=title, path=path, place=True)
