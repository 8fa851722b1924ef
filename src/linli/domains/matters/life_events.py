"""Several services as one (高效办成一件事): one form opens the first of them, and each that is done opens those that wait for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from linli.base import clock
from linli.base.errors import Invalid, LinliError, Refused
from linli.base.i18n import Text
from linli.domains.matters import form, queries
from linli.domains.matters.application_effects import remember
from linli.domains.matters.applying import AT_WINDOW, apply, as_sent, known_for, note_looks, read_form, whose
from linli.domains.matters.bundles import BundleSpec, Part, read_bundle
from linli.domains.matters.guide import joined
from linli.domains.matters.models import Application, ApplicationPaper, LifeEvent
from linli.domains.matters.spec import MatterSpec
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.people.models import Person, Post
from linli.kernel.places.models import Area
from linli.kernel.procedures import engine, hot, keys
from linli.kernel.procedures.casebook import sealed_fact
from linli.kernel.procedures.definitions import FieldDef
from linli.kernel.procedures.fields import FormContext, SimpleType, wrong
from linli.kernel.procedures.holders import accounts_in, area_of_queue, nearest_queue
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.readers import TITLES
from linli.kernel.procedures.registry import effect, field_type, guard
from linli.kernel.procedures.state import Move, Receipt
from linli.kernel.records.models import Attachment, Record

CODE = "life-event"
DONE = "granted"


@keys.exactly_once
def apply_for_event(
    code: str,
    *,
    by: Actor,
    area: Area,
    channel: str,
    answers: Mapping[str, Any],
    papers: Mapping[str, Any] | None = None,
    files: Sequence[str] = (),
    commitment: bool = False,
    applicant: Person | Callable[[], Person | None] | None = None,
    helper: Mapping[str, Any] | None = None,
    client_key: str | None = None,
    at: datetime | None = None,
) -> Receipt:
    """Apply for a life event (申请一件事): one form, one set of papers. The services that wait for none begin at once.

    Refuses like `apply`, for all of its services together, and answers by which none of them is needed. Records `open`,
    and opens a case for each service.
    """
    sent = as_sent(code, area, channel, answers, papers, files, commitment, helper)
    if first := keys.answer(by, client_key, sent):
        return first
    at = at or clock.now()
    county = queries.county_of(area)
    event, bundle = queries.life_event(code, county)
    asked = form_for(bundle, county, answers, at)
    with hot.one_transaction():  # what is refused leaves nobody behind, and no look is lost
        person = whose(applicant, by)
        known = known_for(person, asked)
        said, papers_said = read_form(
            asked, answers, papers or {}, known, at_window=channel in AT_WINDOW, commitment=commitment
        )
        counted = form.spared(asked, form.values_of(said), known)
        n_once = asked.whole.n_spared if asked.whole else 0
        said.spared = papers_said.spared = (counted.n_whole, counted.n_fields + n_once, counted.n_papers)
        data = {
            "event": key_of_event(event),
            "subject": bundle.title.zh,
            "answers": said,
            "papers": papers_said,
            "files": list(files),
            "commitment": commitment or None,
        }
        receipt = engine.open_case(
            CODE,
            by=by,
            area=area,
            data={k: v for k, v in data.items() if v is not None},
            channel=channel,
            title=bundle.title.zh,
            applicant=person,
            helper=helper,
            client_key=client_key,
            at=at,
            sent=sent,
        )
        if not receipt.repeated:
            note_looks(asked, said, known, person, title=bundle.title, number=receipt.number, by=by, at=at)
    return receipt


def form_for(bundle: BundleSpec, county: Area, answers: Mapping[str, Any], at: datetime) -> form.Form:
    """The one form of those services that somebody who answers like this needs (合并表单). Refuses where that is none."""
    found = form_so_far(bundle, county, answers, at)
    if found.whole is None:
        raise Refused(
            "matters.nothing_needed",
            Text(
                "按您的回答，这些都不用办。请核对回答，或到窗口问一问。",
                "By your answers nothing of this is needed. Check them, or ask at the window.",
            ),
        )
    return found


def form_so_far(bundle: BundleSpec, county: Area, answers: Mapping[str, Any], at: datetime) -> form.Form:
    """The one form as far as the answers given decide it (目前的表单): at first those questions that decide the rest."""
    first = form.Form(bundle.code, bundle.title, bundle.fields, ())
    said, _ = form.answers_of(first, _own(bundle, answers), {})
    specs = specs_of(bundle.parts_for(form.values_of(said)), county, at)
    return form.form_of_event(bundle, list(specs.values())) if specs else first


def _own(bundle: BundleSpec, answers: Mapping[str, Any]) -> dict[str, Any]:
    codes = {f.code for f in bundle.fields}
    return {code: value for code, value in answers.items() if code in codes}


def specs_of(parts: Sequence[Part], county: Area, at: datetime) -> dict[str, MatterSpec]:
    """What these services say today, in their order (各事项内容)."""
    rows = queries.in_force(clock.local(at).date(), county).filter(matter__code__in=[p.code for p in parts])
    found = {v.matter.code: queries.spec_of(v) for v in rows}
    return {p.code: found[p.code] for p in parts if p.code in found}


def key_of_event(event: LifeEvent) -> str:
    return f"{event.county.prefix}/{event.code}"


def event_of(key: str) -> LifeEvent | None:
    county, _, code = key.partition("/")
    return LifeEvent.objects.select_related("county").filter(county__prefix=county, code=code).first()


# ------------------------------------------------------------------------------------------ its steps


@effect("matters.event_begun")
def event_begun(move: Move) -> None:
    """The window of the township keeps the whole in hand, and finds it in its archive afterwards."""
    if (office := _window_of(move.case.prefix)) is not None:
        move.case.lead_id = office
        move.then(lambda m: hot.take_part(m.case.id, [("org", office, "lead")]))
    move.then(remember)
    move.then(lambda m: _open_next(m, first=True))


def _window_of(prefix: str) -> int | None:
    queue = nearest_queue("clerk", "township", prefix)
    posts = Post.objects.filter(
        appointments__account__in=accounts_in(queue), area__prefix=area_of_queue(queue)
    )
    return next((post.organisation_id for post in posts.order_by("pk") if "clerk" in post.roles), None)


@effect("matters.part_done")
def part_done(move: Move) -> None:
    """Those that waited for it begin; when none is left, all of it is done."""
    move.then(_open_next)
    move.then(_finish)


@guard("matters.parts_ended")
def parts_ended(move: Move) -> Text | None:
    if not Case.objects.filter(origin_id=move.case.id, ended_at=None).exists():
        return None
    return Text("还有没办结的。", "Some of it is still being handled.")


def _finish(move: Move) -> None:
    if not Case.objects.filter(origin_id=move.case.id, ended_at=None).exists():
        engine.act(Case.objects.get(pk=move.case.id), "all_done", {}, by=SYSTEM, at=move.at)


def _open_next(move: Move, *, first: bool = False) -> None:
    """Open every service whose turn it is: what it waits for was granted, and it was not opened yet. Which ones cannot begin,
    and why, is told once; on the day of the application that is a refusal of the whole."""
    parent = Case.objects.select_related("applicant").get(pk=move.case.id)
    event = event_of(str(parent.facts.get("event") or move.data.get("event")))
    if event is None:
        return
    bundle = read_bundle(event.spec)
    said = move.data.get("answers") or sealed_fact(parent, "answers") or []
    values = form.values_of(said)
    parts = bundle.parts_for(values)
    specs = specs_of(parts, event.county, move.at)
    whole = form.form_of_event(bundle, list(specs.values())).whole
    # as they stand now: what came to the window meanwhile is not asked for again
    papers = dict(ApplicationPaper.objects.filter(application=parent.pk).values_list("code", "state"))
    opened = {
        a.version.matter.code: a.case.outcome
        for a in Application.objects.filter(case__origin_id=parent.pk).select_related(
            "version__matter", "case"
        )
        if a.version is not None
    }
    made = {spec.result.title.zh for code, spec in specs.items() if opened.get(code) == DONE}

    def begin(part: Part) -> None:
        assert whole is not None
        receipt = apply(
            part.code,
            by=SYSTEM,
            area=Area.objects.get(pk=parent.area_id),
            channel="case",
            answers=whole.answers_for(part.code, values),
            papers=_papers_for(part.code, whole, papers),
            made=[m.code for m in specs[part.code].materials if m.title.zh in made],
            commitment=bool(parent.facts.get("commitment") or move.data.get("commitment")),
            applicant=parent.applicant,
            origin_id=parent.pk,
            at=move.at,
        )
        _hand_files_on(parent, receipt.number, specs[part.code])

    asked = specs_of(parts, event.county, parent.opened_at) | specs  # on the day of the application, or since
    told = {line["code"] for line in left_out(parent)}
    left: dict[str, Text] = {}
    for part in parts:
        if part.code in opened or part.code in told or part.code not in asked or whole is None:
            continue
        failed = [_why_not(asked[e].title, begun=e in opened) for e in part.after if e in asked and (
            e in left or e in told or opened.get(e, "") not in ("", DONE)
        )]  # fmt: skip
        if part.code not in specs:
            left[part.code] = Text("这个事项已经停办", "it is no longer offered")
        elif failed:
            left[part.code] = joined(failed, "，", ", ")
        elif all(opened.get(e) == DONE for e in part.after if e in specs):
            try:
                with transaction.atomic():
                    begin(part)
            except LinliError as error:
                if first:
                    raise
                changed = Text("它要求的内容变了", "what it asks has changed since")
                left[part.code] = changed if isinstance(error, Invalid) else error.message
    _tell_left(parent, [(code, asked[code].title, why) for code, why in left.items()], move.at)


def _why_not(title: Text, *, begun: bool) -> Text:
    if begun:
        return Text(f"“{title.zh}”没有办成", f"“{title.en}” was not granted")
    return Text(f"“{title.zh}”没有开始", f"“{title.en}” did not begin")


def _tell_left(parent: Case, left: Sequence[tuple[str, Text, Text]], at: datetime) -> None:
    """Tell the applicant, once for each, which services do not begin and why (没有开始的，说明原因)."""
    new = [{"code": c, "title": [t.zh, t.en], "why": [w.zh, w.en]} for c, t, w in left]
    if new:
        engine.act(parent, "not_begun", {"left_out": LeftOut(new)}, by=SYSTEM, at=at)


def left_out(parent: Case) -> list[dict[str, Any]]:
    """The services of a life event that do not begin, each with why (没有开始的事项)."""
    rows = Record.objects.filter(case_id=parent.pk, action="not_begun").order_by("seq")
    return [
        line
        for facts in rows.values_list("facts", flat=True)
        for line in json.loads(facts)["data"]["left_out"]
    ]


def _papers_for(matter: str, whole: Any, papers: Mapping[str, str]) -> dict[str, str]:
    return {
        own: papers[once.code]
        for once in whole.materials
        for code, own in once.own
        if code == matter and papers.get(once.code) in form.SAID_BY_APPLICANT
    }


def _hand_files_on(parent: Case, number: str, spec: MatterSpec) -> None:
    """The scans that this service asks for are its own files too (一套材料，各件共用)."""
    child = Case.objects.get(number=number)
    titles = tuple(m.title.zh for m in spec.materials)
    rows = [
        a for a in Attachment.objects.filter(case_id=parent.pk).order_by("pk") if a.name.startswith(titles)
    ]
    for row in rows:
        row.pk, row.case_id, row.seq = None, child.pk, child.seq
        row._state.adding = True
    Attachment.objects.bulk_create(rows)


# ------------------------------------------------------------------------------------------ its fields


class LeftOut(list[dict[str, Any]]):
    """Services that do not begin: made by `_tell_left` alone."""


def _clean_left(raw: Any, field: FieldDef, context: FormContext) -> list[dict[str, Any]]:
    if not isinstance(raw, LeftOut):
        raise wrong("这一步由平台登记。", "The platform enters this itself.")
    return list(raw)


def _show_left(value: Any, _: FieldDef) -> Text:
    lines = (Text(f"{x['title'][0]}：{x['why'][0]}", f"{x['title'][1]}: {x['why'][1]}") for x in value)
    return joined(list(lines), "；", "; ")


def _clean(raw: Any, field: FieldDef, context: FormContext) -> str:
    event = event_of(str(raw))
    if event is None or not event.active:
        raise wrong(
            "没有这件事。请从“我要办”里选。", "There is no such life event. Choose one from the list."
        )
    context.found[field.code] = event
    return key_of_event(event)


def _show(value: Any, _: FieldDef) -> Text:
    event = event_of(str(value))
    return read_bundle(event.spec).title if event else Text(str(value), str(value))


def _title(case: Case) -> Text | None:
    event = event_of(str(case.facts.get("event") or ""))
    return read_bundle(event.spec).title if event else None


def register() -> None:
    TITLES[CODE] = _title
    field_type("life_event", SimpleType("string", _clean, _show))
    field_type("left_out", SimpleType("text", _clean_left, _show_left))
