"""Everything that the case page of the desk shows (案卷页内容), gathered once; each part asked of the casebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.places import queries as places
from linli.kernel.procedures import casebook
from linli.kernel.procedures.casebook import EntryView, FactView, TaskView
from linli.kernel.procedures.deadlines import Limits, SegmentView
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.engine import open_actions
from linli.kernel.procedures.lastlooks import News, looked, news_of
from linli.kernel.procedures.links import linked_cases
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.noting import may_note, read_mentions
from linli.kernel.procedures.state import OpenAction
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records.models import Attachment
from linli.web import casewords, words
from linli.web.registry import panels_for

SHOWN_BUTTONS = 4
FOLDED_FROM = 3
DESK_KEYS = "GJKNOUXZ"  # these mean the same everywhere on the desk
KINDS = {
    "before": Text("办理前", "before"),
    "after": Text("办理后", "after"),
    "document": Text("文书", "document"),
}


@dataclass(frozen=True)
class Button:
    """An action that is open to me (一个操作): its key works while the page is open."""

    code: str
    title: Text
    url: str
    key: str
    blocked: Text | None
    adverse: bool


@dataclass(frozen=True)
class FileView:
    uid: str
    name: str
    kind: Text | None
    at: datetime
    is_photo: bool
    is_voice: bool
    url: str
    small: str


@dataclass(frozen=True)
class Linked:
    kind: Text
    case: Case
    step: Text


@dataclass
class CasePage:
    case: Case
    procedure: Procedure
    step: Text
    channel: Text
    tags: list[casewords.Tag]
    due: words.DueWords | None
    limits: Limits
    place: Text
    buttons: list[Button]
    more: list[Button]
    said: list[FactView]
    entries: list[EntryView]
    personal: list[FactView]
    tasks: list[TaskView]
    segments: Sequence[SegmentView]
    files: list[FileView]
    linked: list[Linked]
    panels: list[SafeString] = field(default_factory=list)
    side: list[SafeString] = field(default_factory=list)
    next_steps: list[Text] = field(default_factory=list)
    public_words: Text | None = None
    shapes: str = ""
    news: News | None = None
    may_note: bool = False

    @property
    def folded(self) -> list[EntryView]:
        """What this reader has read before, where something is new and it is long enough to be folded (已看过的)."""
        old = [e for e in self.entries if self.news and e.seq <= self.news.seen]
        return old if self.news and self.news.seqs and len(old) >= FOLDED_FROM else []

    @property
    def unfolded(self) -> list[EntryView]:
        return self.entries[len(self.folded) :]

    @property
    def new_seqs(self) -> tuple[int, ...]:
        return self.news.seqs if self.news else ()


def opened(request: HttpRequest, case: Case, actor: Actor, now: datetime) -> CasePage:
    """A case is opened (打开一件): what is new since this reader's last look is marked, and counts as read from now on."""
    page = case_page(request, case, actor, now)
    if request.method != "HEAD" and (page.news is None or page.news.seen != case.seq):
        looked(case, by=actor, at=now)
        read_mentions(case, by=actor, at=now)
    return page


def case_page(request: HttpRequest, case: Case, actor: Actor, now: datetime) -> CasePage:
    """The page of one case for a reader who was let in (看一件)."""
    procedure = procedure_of(case.version_id)
    entries = casebook.timeline(case, actor)
    shown, more = buttons(case, procedure, open_actions(case, actor))
    page = CasePage(
        case=case,
        procedure=procedure,
        step=casewords.step_title(case, procedure),
        channel=casewords.known(casewords.CHANNELS, case.channel),
        tags=casewords.tags_of(case, procedure),
        due=casewords.due_of(case, now),
        limits=casebook.case_limits(case),
        place=place_of(case),
        buttons=shown,
        more=more,
        said=_more_than_title(_said(entries, procedure), case.title),
        entries=_without_said(entries, procedure),
        personal=_personal(entries),
        tasks=casebook.tasks_of(case),
        segments=casebook.segments_shown(case),
        files=[_file(row) for row in casebook.files_of(case, actor)],
        linked=[
            Linked(casewords.LINKS.get((kind, outward), Text(kind, kind)), other, casewords.step_title(other))
            for kind, outward, other in linked_cases(case, actor)
        ],
        next_steps=casebook.next_steps(case) if case.status != "ended" else [],
        public_words=procedure.steps[case.step].public_words,
        shapes=f"{reverse('web:shapes')}?under={case.area.code}",
        news=news_of([case], actor).get(case.pk),
        may_note=may_note(case, actor),
    )
    for panel in panels_for("staff"):
        html = panel.render(request, case, actor)
        if html:
            (page.side if panel.side else page.panels).append(mark_safe(html))  # noqa: S308  a template drew it
    return page


def place_of(case: Case) -> Text:
    """The area with those above it, below the county (所在网格)."""
    trail = [a for a in places.path(case.area) if len(a.prefix) > 6] or [case.area]
    return Text(" › ".join(a.title.zh for a in trail), " › ".join(a.title.en for a in trail))


def buttons(
    case: Case, procedure: Procedure, found: Sequence[OpenAction]
) -> tuple[list[Button], list[Button]]:
    """The step's own actions as buttons with keys, all others under 更多; what is blocked says why (操作按钮)."""
    own = procedure.steps[case.step].actions
    taken = set(DESK_KEYS)
    made = [
        Button(
            action.code,
            action.title,
            reverse("web:act", args=[case.number, action.code]),
            _key(action.code, action.title.en, taken) if action.blocked is None else "",
            action.blocked,
            action.adverse,
        )
        for action in sorted(found, key=lambda a: a.code not in own)
    ]
    first = [b for b in made if b.blocked is None and b.code in own][:SHOWN_BUTTONS]
    return first, [b for b in made if b not in first]


def _key(code: str, title: str, taken: set[str]) -> str:
    for letter in (code[:1] + title + code).upper():
        if "A" <= letter <= "Z" and letter not in taken:
            taken.add(letter)
            return letter
    return ""


def _said(entries: Sequence[EntryView], procedure: Procedure) -> list[FactView]:
    """What was said when the case was opened, in full (当事人原话)."""
    opening = entries[0].facts if entries else ()
    return [
        fact
        for fact in opening
        if not fact.masked
        and not fact.erased
        and (definition := procedure.fields.get(fact.code)) is not None
        and definition.type == "text"
    ]


def _more_than_title(facts: Sequence[FactView], title: str) -> list[FactView]:
    """A title that is all that was said is not said twice."""
    return [f for f in facts if str(f.value).strip().rstrip("。.!！？?") != title.rstrip("。.!！？?")]


def _without_said(entries: Sequence[EntryView], procedure: Procedure) -> list[EntryView]:
    said = {(fact.seq, fact.code) for fact in _said(entries, procedure)}
    return [
        replace(e, facts=tuple(f for f in e.facts if (f.seq, f.code) not in said and not f.masked))
        for e in entries
    ]


def _personal(entries: Sequence[EntryView]) -> list[FactView]:
    """The newest masked value of each personal fact (打码的个人信息)."""
    return list({f.code: f for e in entries for f in e.facts if f.masked}.values())


def _file(row: Attachment) -> FileView:
    url = reverse("web:file", args=[row.uid])
    return FileView(
        uid=str(row.uid),
        name=row.name,
        kind=KINDS.get(row.kind),
        at=row.taken_at or row.at,
        is_photo=row.file.media_type.startswith("image/"),
        is_voice=row.file.media_type.startswith("audio/"),
        url=url,
        small=f"{url}?size=public" if row.public_file_id else url,
    )
