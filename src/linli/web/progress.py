"""What a party reads on the page of their case (办理进度页): who has it, until when, what happened, what waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from linli.base.clock import local, now
from linli.base.i18n import Text
from linli.base.legaltime_words import day_text
from linli.kernel.calendar.queries import official_calendar
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.procedures import casebook
from linli.kernel.procedures.casebook import EntryView, TaskView, is_own
from linli.kernel.procedures.clocks import due_for
from linli.kernel.procedures.deadlines import SegmentView
from linli.kernel.procedures.definitions import Action, Procedure
from linli.kernel.procedures.engine import open_actions
from linli.kernel.procedures.holders import area_of_queue
from linli.kernel.procedures.linked import LATE_REASON, Decision, decisions_standing
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.own import PARTY, asked_of_party, next_for_party
from linli.kernel.procedures.roles import role_title
from linli.kernel.procedures.state import OpenAction
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.web import casewords, words

YOU = Text("您", "you")
COUNTED_DAYS = 250


@dataclass(frozen=True)
class Left:
    """How much time is left (还剩多久), in working days where it is more than a day."""

    words: Text
    state: str  # late | soon | ok


@dataclass(frozen=True)
class Now:
    """The card at the top (现在): what happens, who has it, until when, and why that day."""

    heading: Text
    who: Text | None
    step_due_at: datetime | None
    due_at: datetime | None
    why: list[Text]
    paused: bool
    ended_at: datetime | None
    provisional: bool = False
    left: Left | None = None
    step_left: Left | None = None
    limits: Text | None = None  # what was promised, and the most that the law allows
    moved_by: list[Text] = field(
        default_factory=list
    )  # every pause that is over and every extension, with its ground
    since: datetime | None = None  # from when whoever has it has had it
    stopped_by: Text | None = None  # why the clock stands still now, under what, until when at the latest
    n_helpers: int = 0  # how many others have a part of their own in it now


@dataclass(frozen=True)
class PhotoView:
    url: str
    at: datetime


@dataclass(frozen=True)
class Remedy:
    """What may be done against a decision (救济): the procedure, or the case that was opened by it already."""

    procedure: str
    title: Text
    reason: EntryView | None
    opened: Case | None
    hint: Text | None = None
    until_at: datetime | None = None  # the last day to ask for it
    basis: str = ""
    late: bool = False
    may_be_late: bool = False  # asked for later, with a reason


@dataclass(frozen=True)
class Offer:
    """One more thing that the party may do (还可以做的), and until when where it has a last day."""

    code: str
    title: Text
    until_at: datetime | None = None


@dataclass(frozen=True)
class Progress:
    case: Case
    procedure: Procedure
    now: Now
    place: Text
    entries: list[EntryView]
    next_steps: list[Text]
    before: list[PhotoView]
    after: list[PhotoView]
    first: OpenAction | None  # what waits for the person, drawn on the page itself
    asked: EntryView | None
    actions: list[Offer]
    closed_ways: list[Text] = field(default_factory=list)  # what this step offers but not any more, and why
    remedy: Remedy | None = None
    awaits_after: bool = False  # a photo of the finished work is still to come


def progress(case: Case, actor: Actor) -> Progress:
    procedure = procedure_of(case.version_id)
    entries = casebook.timeline(case, actor)
    found = party_actions(case, actor)
    asked = case.status == "suspended" and bool(asked_of_party([case.pk]))
    waits = next_for_party(case, procedure, asked=asked)
    # An answer is offered where something was asked: the clock may stand still for another reason.
    usable = [a for a in found if a.blocked is None and (asked or not a.action.resumes)]
    first = next((a for a in usable if waits is not None and a.code == waits.code), None)
    own = procedure.steps[case.step].actions
    photos = [row for row in casebook.files_of(case, actor) if row.file.media_type.startswith("image/")]
    views = {row.pk: PhotoView(reverse("web:file", args=[row.uid]), row.taken_at or row.at) for row in photos}
    return Progress(
        case=case,
        procedure=procedure,
        now=now_card(case, procedure, now()),
        place=casewords.near(case.area),
        entries=entries,
        next_steps=casebook.next_steps(case) if case.ended_at is None else [],
        before=[views[row.pk] for row in photos if row.kind != "after"],
        after=[views[row.pk] for row in photos if row.kind == "after"],
        first=first,
        asked=_question(entries, procedure) if first is not None and first.action.resumes else None,
        actions=[
            Offer(a.code, a.title, _last_moment_of(case, a.action))
            for a in sorted((a for a in usable if a is not first), key=lambda a: a.code not in own)
        ],
        closed_ways=[a.blocked for a in found if a.blocked is not None and a.code in own],
        remedy=_remedy(case, procedure, entries, actor),
        awaits_after=case.ended_at is None
        and not any(row.kind == "after" for row in photos)
        and any(f.options.get("x_kind") == "after" for f in procedure.fields.values()),
    )


def _last_moment_of(case: Case, action: Action) -> datetime | None:
    """Until when something may be done after the end, such as reopening (重新办理的最后期限)."""
    if action.within is None or case.ended_at is None:
        return None
    return due_for(action.within, case.ended_at).due_at


def party_actions(case: Case, actor: Actor) -> list[OpenAction]:
    """The actions that are open to this person as a party, whatever posts they also hold."""
    if not is_own(case, actor):
        return []
    return [a for a in open_actions(case, actor) if PARTY & set(a.action.by)]


def remedy_procedure(case: Case, action: Action) -> Procedure:
    return procedure_of(current_version(action.remedy, case.grid))


def now_card(case: Case, procedure: Procedure, at: datetime) -> Now:
    step = procedure.steps[case.step]
    if case.ended_at is not None:
        outcome = casewords.outcome_of(case, procedure)
        return Now(outcome, None, None, None, [], paused=False, ended_at=case.ended_at)
    tasks = casebook.tasks_of(case)
    lead = next((t for t in tasks if t.task.part == "lead"), tasks[0] if tasks else None)
    paused = case.status == "suspended"
    segments = [s for s in casebook.segments_shown(case) if s.needs_telling]
    stopped = next((s for s in reversed(segments) if paused and _lasts(s)), None)
    limits = casebook.case_limits(case)
    whole = limits.promised.due if limits.promised else None
    law = limits.law.due if limits.law else None
    why = [
        text.format(x=due.explanation)
        for text, due in (
            (Text("全程：{x}", "The whole case: {x}"), whole),
            (Text("法定最长：{x}", "The most by law: {x}"), law),
            (Text("这一步：{x}", "This step: {x}"), lead.due if lead else None),
        )
        if due is not None
    ]
    return Now(
        heading=step.public_words or step.title,
        who=_holder(lead, procedure) if lead else None,
        step_due_at=lead.task.due_at if lead else None,
        due_at=case.due_at,
        why=why,
        paused=paused,
        ended_at=None,
        provisional=any(due is not None and due.provisional for due in (whole, law)) or case.provisional,
        limits=limits.words,
        moved_by=[_segment_words(s) for s in segments if s is not stopped],
        since=lead.task.opened_at if lead else None,
        stopped_by=_segment_words(stopped) if stopped else None,
        n_helpers=len({t.task.organisation_id for t in tasks if t.task.part == "helper"}),
        left=left_until(case.due_at, at),
        step_left=left_until(lead.task.due_at, at) if lead else None,
    )


def _lasts(s: SegmentView) -> bool:
    return s.kind == "suspended" and s.to_at is None


def _segment_words(s: SegmentView) -> Text:
    """A pause or an extension as its party reads it (中止、延长说明): why, under what, until when; no name of staff."""
    at = local(s.from_at)
    on = day_text(at.date(), local(now()).year)
    if s.kind == "extended":
        said = Text(f"{on.zh}批准延长 {s.ground.zh}", f"Extended by {s.ground.en} on {on.en}")
    elif s.not_begun and s.to_at is not None:
        runs = day_text(local(s.to_at).date(), at.year)
        said = Text(f"时限从{runs.zh}起算", f"The time runs from {runs.en}")
    else:
        said = Text(
            f"{on.zh}起暂停计时：{s.ground.zh}", f"The clock was stopped on {on.en}: {_small(s.ground.en)}"
        )
        if s.to_at is not None:
            back = day_text(local(s.to_at).date(), at.year)
            said = Text(f"{said.zh}，{back.zh}恢复", f"{said.en}; it ran on from {back.en}")
        elif s.until_at is not None:
            last = day_text(local(s.until_at).date(), at.year)
            said = Text(
                f"{said.zh}，最长到{last.zh}自动恢复", f"{said.en}; it runs on by {last.en} at the latest"
            )
    basis = Text(f"（{s.basis}）", f" ({s.basis})") if s.basis else Text("", "")
    return Text(f"{said.zh}{basis.zh}。", f"{said.en}{basis.en}.")


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def left_until(due_at: datetime | None, at: datetime) -> Left | None:
    if due_at is None:
        return None
    said = words.due_words(due_at, at)
    day, last = local(at).date(), local(due_at).date()
    if said.state in {words.LATE, words.SOON} or last <= day + timedelta(days=1):
        return Left(said.short, said.state)
    calendar, n = official_calendar(), 0
    while day < last and n < COUNTED_DAYS:
        day += timedelta(days=1)
        n += calendar.is_working_day(day)
    return Left(
        Text(f"还有 {n} 个工作日", f"{n} working days left" if n != 1 else "1 working day left"), said.state
    )


def _holder(view: TaskView, procedure: Procedure) -> Text:
    """Which organisation or post has it; a resident reads no name of a member of staff here."""
    task = view.task
    if task.organisation is not None:
        return task.organisation.title
    kind, mark, _ = task.queue.partition("@")
    if not mark:
        return YOU if kind.startswith("person#") else casebook.holder_title(task, procedure)
    role = role_title(task.role)
    area = Area.objects.filter(prefix=area_of_queue(task.queue)).first()
    return (
        role
        if area is None
        else Text("{area}的{role}", "{role} of {area}").format(area=area.title, role=role)
    )


def _question(entries: Sequence[EntryView], procedure: Procedure) -> EntryView | None:
    """What was asked last (所提的问题): the last entry by which the clock was stopped."""
    asking = {
        a.code for s in procedure.steps.values() for a in s.actions.values() if a.suspends is not None
    } | {a.code for a in procedure.anywhere.values() if a.suspends is not None}
    return next((e for e in reversed(entries) if e.action in asking), None)


def _remedy(case: Case, procedure: Procedure, entries: Sequence[EntryView], actor: Actor) -> Remedy | None:
    """The way to object to what was decided (不服怎么办), from the decision on, whether the case goes on or not."""
    if not is_own(case, actor) or (decision := open_to_remedy(case, procedure)) is None:
        return None
    found = remedy_procedure(case, decision.action)
    ours = Q(origin=case)
    for code in found.open_form:
        if found.fields[code].type == "case_number" and found.fields[code].public:
            ours |= Q(**{f"facts__{code}": case.number})
    opened = Case.objects.filter(ours, procedure=found.code, applicant_id=case.applicant_id)
    since = opened.filter(opened_at__gte=decision.at).order_by("-id").first()
    reason = next((e for e in reversed(entries) if e.seq == decision.seq), None)
    rule = found.challenge
    until = last_moment(found, decision)
    return Remedy(
        found.code,
        found.title,
        reason,
        since,
        hint=found.hint,
        until_at=until,
        basis=rule.basis if rule else "",
        late=until is not None and now() > until,
        may_be_late=LATE_REASON in found.open_form,
    )


def last_moment(remedy: Procedure, decision: Decision) -> datetime | None:
    """Until when one may ask for a remedy (救济申请的最后期限); none where no time is set for it."""
    rule = remedy.challenge
    return due_for(rule.within, decision.at).due_at if rule and rule.within else None


def open_to_remedy(case: Case, procedure: Procedure) -> Decision | None:
    """The last decision against the person that can be challenged (可寻求救济的决定). What is no remedy of its own, such as a
    petition, is begun once the case has ended with that decision."""
    if not any(a.remedy for step in procedure.steps.values() for a in step.actions.values()):
        return None
    for decision in reversed(decisions_standing(case)):
        if remedy_procedure(case, decision.action).challenge is not None:
            return decision
        if case.ended_at is not None and decision.action.to == case.step:
            return decision
    return None
