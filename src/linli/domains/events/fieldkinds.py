"""What the field app does with events (外勤上报): the same verb as on the page."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.domains.events import services
from linli.kernel.fieldwork.registry import Outcome, Work, degrees, kind, wanted
from linli.kernel.procedures.models import Case

IN_FORM = ("description", "category", "contact", "reporter_name")


def report(work: Work) -> Outcome:
    """Report what was seen on the way (外勤上报). Refused like on the page."""
    data = {code: text for code in IN_FORM if (text := wanted(work.body, code))}
    receipt = services.report(
        {**data, **{field: uids for field, uids in work.files.items() if field}},
        by=work.by,
        channel="field",
        lng=degrees(work.body, "lng"),
        lat=degrees(work.body, "lat"),
        area_code=wanted(work.body, "area", most=20),
        place_text=wanted(work.body, "place_text", most=200),
        client_key=work.client_key,
        at=work.at,
    )
    area = Case.objects.filter(number=receipt.number).values_list("grid", flat=True).first() or ""
    return Outcome(receipt.number, receipt.seq, area)


def register() -> None:
    kind("report", Text("上报", "Report"), report)
