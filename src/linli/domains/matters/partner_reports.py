"""The reports of mass organisations (群团组织成效报告): drafted by their staff, signed by their heads, published in totals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from linli.base import clock
from linli.base.errors import Invalid, OutOfDate, Refused
from linli.base.i18n import Text
from linli.domains.matters import partner_queries as q
from linli.domains.matters.partner_models import Partner, PartnerReport
from linli.domains.matters.partners import LEAST, NUMBERS, PERSONAL, heads, held, works_in
from linli.domains.matters.services import MEND
from linli.domains.matters.standards import quarter_of
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor

REPORTABLE = 4  # quarters that have ended and may be reported on, or corrected
MOST = 1000  # characters of a report's text
LARGEST = 9_999_999


def reportable(on: date) -> list[date]:
    """Quarters that have ended and may be reported on (可以报告的季度), the newest first."""
    found = [quarter_of(quarter_of(on) - timedelta(days=1))]
    while len(found) < REPORTABLE:
        found.append(quarter_of(found[-1] - timedelta(days=1)))
    return found


@transaction.atomic
def keep_report(
    partner: Partner,
    quarter: date,
    totals: Mapping[int, tuple[int, int]],
    *,
    done: str,
    mend: str,
    corrects: str = "",
    by: Actor,
    at: datetime | None = None,
) -> PartnerReport:
    """Keep the draft of a quarter's report (保存成效报告稿); after one was signed it is the draft of the next edition.

    `totals` has for each offer, by number, how often it was done and how many people came. Refuses whoever has no post
    there, a quarter that has not ended (`matters.period_not_ended`) or is long over (`matters.no_such_quarter`), figures
    that are none and numbers of people (`matters.bad_report`). Records `matters.report_drafted`.
    """
    at = at or clock.now()
    hat = works_in(by, partner)
    partner = held(partner)
    _ended(quarter, clock.local(at).date())
    texts = {"done": done.strip(), "mend": mend.strip(), "corrects": corrects.strip()}
    wrong: dict[str, Text] = {}
    for name, text in texts.items():
        most = 300 if name == "corrects" else MOST
        if len(text) > most:
            wrong[name] = Text(f"最多 {most} 个字，请写短些。", f"At most {most} characters; shorten it.")
        elif NUMBERS.search(text):
            wrong[name] = PERSONAL
    lines = []
    for each in q.offered_since(partner, quarter):
        n_times, n_people = totals.get(each.number, (0, 0))
        for part, n in (("times", n_times), ("people", n_people)):
            if not 0 <= n <= LARGEST:
                wrong[f"{each.number}:{part}"] = Text("请填 0 或以上的整数。", "Enter a whole number from 0.")
        lines.append({
            "offer": each.number, "title": each.name.as_dict(), "kind": each.kind,
            "n_times": n_times, "n_people": n_people,
        })  # fmt: skip
    if wrong:
        raise Invalid("matters.bad_report", MEND, fields=wrong)
    report = q.draft_of(partner, quarter)
    if report is None:
        before = q.signed_of(partner, quarter)
        report = PartnerReport(partner=partner, quarter=quarter, edition=before.edition + 1 if before else 1)
    report.lines, report.made_at = lines, at
    report.done, report.mend, report.corrects = texts["done"], texts["mend"], texts["corrects"]
    report.save()
    audit.note(
        "matters.report_drafted", by=by, at=at, hat=hat, about=partner.organisation,
        quarter=quarter.isoformat(), edition=report.edition,
    )  # fmt: skip
    return report


@transaction.atomic
def sign_report(
    partner: Partner, quarter: date, *, seen: str | None = None, by: Actor, at: datetime | None = None
) -> PartnerReport:
    """Sign and publish the report of a quarter (签发成效报告). What is signed stays; a correction is the next edition.

    `seen` marks the draft that the head read. Refuses whoever does not lead the body (`matters.head_signs`), a quarter
    that has not ended, one that is signed (`matters.report_signed`) or was never drafted (`matters.no_report`), a draft
    that somebody changed meanwhile (`matters.report_changed`), and an empty one (`matters.empty_report`). Records
    `matters.report_signed`.
    """
    at = at or clock.now()
    hat = heads(by, partner)
    partner = held(partner)
    _ended(quarter, clock.local(at).date())
    report = q.draft_of(partner, quarter)
    if report is None:
        raise _unsigned(q.signed_of(partner, quarter))
    if seen is not None and seen != report.seen:
        raise OutOfDate(
            "matters.report_changed",
            Text(
                "您看过以后，这份稿又改了。请再看一遍，再签发。",
                "The draft was changed after you read it. Read it again, then sign.",
            ),
        )
    if wrong := _gaps(report):
        raise Invalid(
            "matters.empty_report",
            Text(
                "这份报告还没有写全，不能签发。" + "".join(t.zh for t in wrong.values()),
                "The report is not complete and cannot be signed. " + " ".join(t.en for t in wrong.values()),
            ),
            fields=wrong,
        )
    report.signed_by_id, report.signed_at = by.account_id, at
    report.save(update_fields=["signed_by", "signed_at"])
    audit.note(
        "matters.report_signed", by=by, at=at, hat=hat, about=partner.organisation,
        quarter=quarter.isoformat(), edition=report.edition,
    )  # fmt: skip
    return report


def _gaps(report: PartnerReport) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if len(report.done) < LEAST:
        wrong["done"] = Text("请写这个季度做了什么。", "Say what was done in the quarter.")
    if len(report.mend) < LEAST:
        wrong["mend"] = Text(
            "请写哪里没做好、怎么改；都好也请说明凭什么。",
            "Say what will be put right; if nothing has to be, say what shows it.",
        )
    if report.edition > 1 and len(report.corrects) < LEAST:
        wrong["corrects"] = Text("请写这一版更正了什么。", "Say what this edition corrects.")
    return wrong


def _ended(quarter: date, today: date) -> None:
    if quarter >= quarter_of(today):
        raise Invalid(
            "matters.period_not_ended",
            Text(
                "这个季度还没有结束。请等它过完，再报告成效。",
                "This quarter has not ended. Report on it when it is over.",
            ),
        )
    if quarter not in reportable(today):
        raise Invalid(
            "matters.no_such_quarter",
            Text("只能报告过去四个季度。", "The last four quarters can be reported on."),
        )


def _unsigned(signed: PartnerReport | None) -> Refused:
    if signed is not None:
        return Refused(
            "matters.report_signed",
            Text(
                "这个季度的报告已经签发公布。要更正，请先写下一版。",
                "This quarter's report is signed and published. To correct it, write the next edition first.",
            ),
        )
    return Refused(
        "matters.no_report",
        Text("这个季度还没有写报告。请先写好，再签发。", "Nothing is written for this quarter yet. Write it first."),
    )  # fmt: skip
