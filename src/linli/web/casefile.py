"""The whole case file (整卷): everything about a case that a reader may see, in the order of an archive, for paper.

Times are said whole and nothing is relative, so that the same case printed twice differs only in who printed it and when.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
from django.contrib.staticfiles import finders
from django.urls import reverse

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import casebook
from linli.kernel.procedures.casebook import EntryView, FactView, TaskView
from linli.kernel.procedures.deadlines import Limits, SegmentView
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.linked import Decision, decisions_standing
from linli.kernel.procedures.links import linked_cases
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.readers import hats_on
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records.files import open_file
from linli.kernel.records.models import Attachment, Record
from linli.web import casewords
from linli.web.casepage import KINDS, place_of
from linli.web.progress import last_moment, remedy_procedure

MOST_PHOTOS = 40  # drawn; the others stand in the list with their hash
MOST_HASHES = 500
MOST_ENTRIES = (
    500  # some 35 pages, a few seconds; a longer file is printed by the browser, some pages at a time
)
STYLES = "web/casefile.css"
#: What the library that makes PDF files needs of the system, as Debian calls it.
SYSTEM_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"


@dataclass(frozen=True)
class DecisionView:
    """A decision with what may be done against it (决定与救济)."""

    entry: EntryView
    remedy: Text | None = None
    until_at: datetime | None = None
    basis: str = ""
    final_by: str = ""


@dataclass(frozen=True)
class TaskLine:
    """A step that somebody had or has (一段承办)."""

    step: Text
    holder: Text
    task: Task


@dataclass(frozen=True)
class FileLine:
    """A file of the case with the hash of its content (卷内文件)."""

    n: int
    name: str
    kind: Text | None
    at: datetime
    sha256: str
    size: int
    photo: str  # address or content of the public copy; empty for what is no photo


@dataclass(frozen=True)
class Printed:
    """Who printed it, when and for what (打印说明); opened data say for what they were opened."""

    by: Text
    at: datetime
    purpose: str = ""


@dataclass
class CaseFile:
    case: Case
    procedure: Procedure
    step: Text
    channel: Text
    place: Text
    outcome: Text | None
    tags: list[tuple[Text, Text]]
    parties: list[FactView]
    entries: list[EntryView]
    decisions: list[DecisionView]
    limits: Limits
    segments: Sequence[SegmentView]
    tasks: list[TaskLine]
    open_tasks: list[TaskView]
    files: list[FileLine]
    linked: list[tuple[Text, Case, Text]]
    hashes: list[tuple[int, str]]
    head: str
    party: bool
    printed: Printed
    proof_url: str = ""
    qr: str = ""
    opened: Mapping[str, str] = field(default_factory=dict)

    @property
    def photos(self) -> list[FileLine]:
        return [f for f in self.files if f.photo]


def case_file(
    case: Case,
    actor: Actor,
    *,
    at: datetime,
    site: str,
    reader: Text,
    opened: Mapping[str, str] | None = None,
    purpose: str = "",
    embed: bool = False,
) -> CaseFile:
    """The file of a case for a reader who was let in (整卷内容): staff the whole, a party what they may see of it.

    `reader` is their name. `opened` are personal facts that were opened for `purpose`, with a trace; all others stay
    masked. `embed` puts the photos into the page itself, as a document that travels needs it.
    """
    procedure = procedure_of(case.version_id)
    party = casebook.is_party(case, actor)
    entries = casebook.timeline(case, actor)
    rows = Record.objects.filter(case_id=case.pk).order_by("seq").values_list("seq", "hash")
    hashes = [(number, bytes(digest).hex()) for number, digest in rows]
    seq, head = (hashes[-1][0], hashes[-1][1]) if hashes else (0, "")
    address = site + reverse("web:proof_of_file", args=[case.number, seq, head]) if head else ""
    shown = opened or {}
    step = casewords.said_to_party(case) if party else casewords.step_title(case, procedure)
    outcome = casewords.outcome_of(case, procedure) if case.ended_at and case.outcome else None
    return CaseFile(
        case=case,
        procedure=procedure,
        step=step,
        channel=casewords.known(casewords.CHANNELS, case.channel),
        place=place_of(case),
        outcome=outcome if outcome and outcome.en.lower() != step.en.lower() else None,
        tags=[(procedure.fields[t.code].title, t.text) for t in casewords.tags_of(case, procedure)],
        parties=[_opened(f, shown) for f in _personal(entries)],
        entries=[replace(e, facts=tuple(f for f in e.facts if not f.masked)) for e in entries],
        decisions=_decisions(case, entries),
        limits=casebook.case_limits(case),
        segments=[s for s in casebook.segments_shown(case) if s.needs_telling or not party],
        tasks=[] if party else _tasks(case, procedure),
        open_tasks=[] if party else casebook.tasks_of(case),
        files=_files(casebook.files_of(case, actor), party=party, embed=embed),
        linked=[
            (casewords.LINKS.get((kind, outward), Text(kind, kind)), other, casewords.said_to_party(other))
            for kind, outward, other in linked_cases(case, actor)
        ],
        hashes=hashes if len(hashes) <= MOST_HASHES else [],
        head=head,
        party=party,
        printed=Printed(_printer(case, actor, reader, party=party), at, purpose),
        proof_url=address,
        qr=str(segno.make(address, error="m").svg_inline(scale=3, border=1, omitsize=True))
        if address
        else "",
        opened=shown,
    )


def _personal(entries: Sequence[EntryView]) -> list[FactView]:
    """The newest of each personal fact that this reader may know of, masked."""
    return list({f.code: f for e in entries for f in e.facts if f.masked}.values())


def _opened(fact: FactView, opened: Mapping[str, str]) -> FactView:
    return replace(fact, value=opened[fact.code], masked=False) if fact.code in opened else fact


def _decisions(case: Case, entries: Sequence[EntryView]) -> list[DecisionView]:
    """The decisions that stand and name a remedy, as far as the reader's own timeline shows them."""
    shown = {e.seq: replace(e, facts=tuple(f for f in e.facts if not f.masked)) for e in entries}
    return [_decision(case, d, shown[d.seq]) for d in decisions_standing(case) if d.seq in shown]


def _decision(case: Case, decision: Decision, entry: EntryView) -> DecisionView:
    remedy = remedy_procedure(case, decision.action)
    rule = remedy.challenge
    return DecisionView(
        entry,
        remedy.title,
        last_moment(remedy, decision),
        rule.basis if rule else "",
        decision.action.final_by,
    )


def _tasks(case: Case, procedure: Procedure) -> list[TaskLine]:
    rows = Task.objects.filter(case=case).select_related("organisation", "taken_by", "done_by").order_by("id")
    found = []
    for task in rows:
        step = procedure.steps.get(task.step)
        by_staff = task.done_by is not None and task.done_by.person_id is None
        holder = task.done_by.title if task.done_by and by_staff else casebook.holder_title(task, procedure)
        found.append(TaskLine(step.title if step else Text(task.step, task.step), holder, task))
    return found


def _files(rows: Sequence[Attachment], *, party: bool, embed: bool) -> list[FileLine]:
    found: list[FileLine] = []
    n_photos = 0
    for n, row in enumerate(rows, 1):
        # A party reads the hash of the copy that they may open.
        file = row.public_file if party and row.public_file else row.file
        photo = ""
        if row.public_file is not None and row.file.media_type.startswith("image/"):
            n_photos += 1
            if n_photos <= MOST_PHOTOS:
                photo = _embedded(row) if embed else f"{reverse('web:file', args=[row.uid])}?size=public"
        found.append(
            FileLine(n, row.name, KINDS.get(row.kind), row.taken_at or row.at, file.sha256, file.size, photo)
        )
    return found


def _embedded(row: Attachment) -> str:
    assert row.public_file is not None
    with open_file(row.public_file.sha256) as content:
        return f"data:{row.public_file.media_type};base64,{b64encode(content.read()).decode()}"


def _printer(case: Case, actor: Actor, reader: Text, *, party: bool) -> Text:
    if party:
        return Text("当事人", "the party")
    hat = next(iter(hats_on(case, actor)), None)
    if hat is None:
        return reader
    post, body = hat.post_title, hat.organisation_title
    return Text(f"{body.zh} {post.zh} {reader.zh}", f"{reader.en}, {post.en}, {body.en}")


# --------------------------------------------------------------------------------------------------- PDF


def as_pdf(html: str) -> bytes:
    """The page as a PDF file (生成 PDF): the same page gives the same bytes; nothing is fetched from anywhere.

    Refuses where the system lacks what the library draws with, and says which packages bring it.
    """
    try:
        from weasyprint import CSS, HTML  # slow to load, and not every installation can
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise Refused(
            "web.no_pdf",
            Text(
                f"这台服务器还不能生成 PDF。请管理员安装 {SYSTEM_PACKAGES}；在此之前请在整卷页面用浏览器打印。",
                f"This server cannot make PDF files yet. Ask the administrator to install {SYSTEM_PACKAGES}; "
                "until then print from the browser on the page of the file.",
            ),
        ) from error
    nothing = URLFetcher(allowed_protocols=["data"])
    document = HTML(string=html, url_fetcher=nothing)
    pdf: Any = document.write_pdf(
        stylesheets=[CSS(string=_styles(), url_fetcher=nothing)], optimize_images=True, dpi=150, pdf_tags=True
    )
    return bytes(pdf)


@lru_cache(maxsize=1)
def _styles() -> str:
    found = finders.find(STYLES)
    assert found is not None  # it lies in this package
    return Path(found).read_text(encoding="utf-8")
