"""What the steps of an application bring about, and what they wait for (申请的环节效果和前提)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from linli.base.clock import local
from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.domains.matters import rules
from linli.domains.matters.application_fields import key_of, spec_named
from linli.domains.matters.cosigning import ask_cosigners, not_all_signed
from linli.domains.matters.models import Application, ApplicationPaper
from linli.domains.matters.queries import spec_of
from linli.domains.matters.spec import MatterSpec
from linli.kernel.people.models import Organisation
from linli.kernel.procedures import hot
from linli.kernel.procedures.anew import count_anew
from linli.kernel.procedures.holders import accounts_in
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.registry import effect, guard
from linli.kernel.procedures.retention import keep_until
from linli.kernel.procedures.state import Move
from linli.kernel.records.models import Record

HOLDERS = (("clerk", "window"), ("agent", "agent"))
PERMANENT, EVENT_KEPT = "permanent", "10 years"
BASIS = "优化营商环境条例 36；事项目录"


def spec_of_case(move: Move) -> MatterSpec | None:
    return spec_named(str(move.case.facts.get("matter") or ""))


@effect("matters.applied")
def applied(move: Move) -> None:
    """The office that decides has the case from now on. Refuses an office in which nobody sits who has to act."""
    organisation = move.found["office"]
    actors = {step.actor for step in move.procedure.steps.values()}
    staffed(organisation, sorted(a.partition("@")[0] for a in actors if a.endswith("@assigned")))
    if "matter_by_law" in move.procedure.fields:
        move.show(matter_by_law=key_of(move.found["matter"]))
    move.case.lead_id = organisation
    move.then(lambda m: hot.take_part(m.case.id, [("org", organisation, "lead")]))
    move.then(remember)


def staffed(organisation: int, roles: Iterable[str]) -> None:
    if any(not accounts_in(f"{role}#{organisation}") for role in roles):
        title = Organisation.objects.get(pk=organisation).title
        raise Refused(
            "matters.nobody_there",
            Text(
                f"{title.zh} 目前没有在岗的经办人员或负责人，不能受理。请到综合窗口询问由谁办。",
                f"{title.en} has nobody in post who handles or decides this. Ask at the service window who does.",
            ),
        )


def remember(move: Move) -> None:
    """Keep the application beside its case: version, papers, and how much was spared."""
    said, papers = move.found.get("answers"), move.found.get("papers")
    n_whole, n_fields, n_papers = said.spared if said else papers.spared if papers else (0, 0, 0)
    if (version := move.found.get("matter")) is not None:
        ask_cosigners(move, spec_of(version))
    row = Application.objects.create(
        case_id=move.case.id,
        version=move.found.get("matter"),
        event=move.found.get("event"),
        n_asked=n_whole,
        n_spared_fields=n_fields,
        n_spared_papers=n_papers,
    )
    at_window = move.actor.is_staff
    ApplicationPaper.objects.bulk_create(
        ApplicationPaper(
            application=row,
            code=line["code"],
            title=line["title"][0][:200],
            title_en=line["title"][1][:300],
            state=line["state"],
            tolerable=line["tolerable"],
            holder="window" if at_window and line["state"] == "brought" else "",
            at=move.at,
        )
        for line in papers or ()
    )


def _set(move: Move, papers: QuerySet[ApplicationPaper], **values: object) -> None:
    """Once the case's own rows are written."""

    def write(m: Move) -> None:
        papers.update(at=m.at, **values)

    move.then(write)


# ------------------------------------------------------------------------------------------ accepting


def _papers(move: Move, *states: str) -> list[ApplicationPaper]:
    return list(ApplicationPaper.objects.filter(application=move.case.id, state__in=states).order_by("pk"))


@guard("matters.papers_complete")
def papers_complete(move: Move) -> Text | None:
    open_ = [p.name for p in _papers(move, "missing", "bring", "later")]
    return rules.papers_complete(open_) or not_all_signed(move.case.id)


@guard("matters.has_papers")
def has_papers(move: Move) -> Text | None:
    if Application.objects.filter(case_id=move.case.id).exists():
        return None
    return Text("这一件没有按事项列材料。", "No papers are listed for this case.")


@guard("matters.tolerable")
def tolerable(move: Move) -> Text | None:
    open_ = _papers(move, "missing", "bring", "later")
    refusal = rules.tolerable(
        n_open=len(open_),
        others=[p.name for p in open_ if not p.tolerable],
        promised=bool(move.case.facts.get("commitment")),
    )
    return refusal or not_all_signed(move.case.id)


@guard("matters.instant")
def instant(move: Move) -> Text | None:
    spec = spec_of_case(move)
    if spec is None or spec.handling != "instant":
        return Text("这个事项不是即办件，请先受理再办。", "This matter is not done at once: accept it first.")
    return papers_complete(move) or delivery_offered(move)


@effect("matters.application_accepted")
def application_accepted(move: Move) -> None:
    """The limit runs from acceptance; other offices that the matter names work on it from now on (并联办理)."""
    _together(move)
    _goes_on_seeing(move)
    count_anew(move, basis=BASIS)


def _goes_on_seeing(move: Move) -> None:
    """The office that received it for another one goes on with it, and prints what it said (乡镇受理、县级决定)."""
    office = move.hat.organisation_id if move.hat is not None else None
    if office is not None and office not in (move.case.lead_id, move.case.window_id):
        move.then(lambda m: hot.take_part(m.case.id, [("org", office, "receives")]))


@effect("matters.application_deemed")
def application_deemed(move: Move) -> None:
    """Nothing was asked in time, so it counts as accepted from the day it was received (行政许可法 32)."""
    _together(move)


def _together(move: Move) -> None:
    spec = spec_of_case(move)
    if spec is None or not spec.steps.joint or "helpers" not in move.procedure.fields:
        return
    county = move.case.prefix[:6]
    codes = [f"{county}-{department}" for department in spec.steps.joint]
    rows = Organisation.objects.filter(code__in=codes, active=True).exclude(pk=move.case.lead_id or 0)
    found = [o for o in rows.order_by("pk") if accounts_in(f"examiner#{o.pk}")]
    move.helper_ids = [o.pk for o in found]
    move.show(helpers=[o.code for o in found])


@effect("matters.correction_asked")
def correction_asked(move: Move) -> None:
    """What is missing is marked, so that the applicant sees it paper by paper."""
    _goes_on_seeing(move)
    _mark(move, "lacking", "missing")


@effect("matters.application_corrected")
def application_corrected(move: Move) -> None:
    """Received anew; what was said to be missing counts as handed in, and is looked at again."""
    count_anew(move, basis=BASIS)
    lacking_came(move)


def lacking_came(move: Move) -> None:
    came = "uploaded" if move.data.get("files") else "brought"
    lacking = ApplicationPaper.objects.filter(application=move.case.id, state__in=("missing", "bring"))
    _set(move, lacking, state=came)


# ------------------------------------------------------------------------------------------ papers


def _mark(move: Move, field: str, state: str, holder: str = "") -> list[str]:
    """Papers that an act names change their state; the record keeps their titles, because a catalogue changes.

    Refuses a paper that the application does not have.
    """
    codes = list(move.data.get(field) or ())
    rows = ApplicationPaper.objects.filter(application=move.case.id, code__in=codes)
    found = {row.code: row for row in rows}
    if set(codes) - found.keys():
        words = Text(
            "有材料不在本件的清单里，请重新选。", "A paper is not on the list of this case. Choose again."
        )
        raise Invalid("matters.no_such_paper", words, fields={field: words})
    if codes:
        move.data[field] = [{"code": c, "title": [found[c].title, found[c].title_en]} for c in codes]
    _set(move, rows.all(), state=state, holder=holder)
    return codes


@effect("matters.papers_taken")
def papers_taken(move: Move) -> None:
    """Whoever took it has it now. What is done together with others has one set of papers: it counts for all of them."""
    holder = next((h for role, h in HOLDERS if move.hat is not None and role in move.hat.roles), "office")
    _for_all(move, _mark(move, "handed", "brought", holder), holder)


def _for_all(move: Move, codes: list[str], holder: str) -> None:
    together = move.case.id if "event" in move.procedure.fields else move.case.origin_id
    if together is None:
        return
    titles = ApplicationPaper.objects.filter(application=move.case.id, code__in=codes).values("title")
    others = ApplicationPaper.objects.filter(application__case__origin_id=together, title__in=titles)
    _set(move, others, state="brought", holder=holder)


@effect("matters.agent_took")
def agent_took(move: Move) -> None:
    """代办员签收材料."""
    _mark(move, "handed", "brought", "agent")


@effect("matters.agent_handed_in")
def agent_handed_in(move: Move) -> None:
    _mark(move, "handed", "brought", "window")


@effect("matters.papers_handed_over")
def papers_handed_over(move: Move) -> None:
    """An original changes hands (交接): from whom, to whom, on the record; given back to the applicant, it is closed."""
    giver, taker = move.data["handed_from"], move.data["handed_to"]
    if giver == taker:
        words = Text("交出和接收的不能是同一方。", "Whoever gives and whoever takes cannot be the same.")
        raise Invalid("matters.same_hands", words, fields={"handed_to": words})
    _mark(move, "handed", "given_back" if taker == "applicant" else "brought", taker)


@effect("matters.supplement_opened")
def supplement_opened(move: Move) -> None:
    origin = Case.objects.get(pk=move.case.origin_id or 0)
    lead = move.case.lead_id = origin.lead_id
    move.show(follows=origin.facts.get("matter"))
    if lead is not None:
        move.then(lambda m: hot.take_part(m.case.id, [("org", lead, "lead")]))


@effect("matters.supplement_came")
def supplement_came(move: Move) -> None:
    came = "uploaded" if move.data.get("files") else "brought"
    waiting = ApplicationPaper.objects.filter(
        application=move.case.origin_id or 0, state__in=("later", "missing", "bring"), tolerable=True
    )
    _set(move, waiting, state=came)


# ------------------------------------------------------------------------------------------ handling


@guard("matters.seen_to")
def seen_to(move: Move) -> Text | None:
    """Where the matter asks for a visit or an inspection, there has been one."""
    spec = spec_of_case(move)
    if spec is None or move.is_part or not (spec.steps.survey or spec.steps.inspection):
        return None
    if Record.objects.filter(case_id=move.case.id, action="visit").exists():
        return None
    return Text(
        "这个事项要先上门核实或现场勘验。请先办“记下上门核实或现场勘验”。",
        "This matter needs a visit or an inspection first. Enter it before you give an opinion.",
    )


@guard("matters.shown_first")
def shown_first(move: Move) -> Text | None:
    """Where the matter asks for a public notice of what is proposed, there has been one (社会救助法 45)."""
    spec = spec_of_case(move)
    if spec is None or not spec.steps.publicity_days:
        return None
    if Record.objects.filter(case_id=move.case.id, action="shown").exists():
        return None
    return Text(
        "这个事项拟定的意见要先公示。请先办“公示拟定的意见”，期满后再提审核意见。",
        "What is proposed has to be shown to the public first. Do that, and give your opinion when the notice has ended.",
    )


@guard("matters.may_lend")
def may_lend(move: Move) -> Text | None:
    needed = [p.name for p in _papers(move, "missing", "bring") if not p.tolerable]
    return rules.papers_complete(needed) or rules.loan_fits(
        move.data.get("lent_until"), local(move.at).date()
    )


@guard("matters.not_lent")
def not_lent(move: Move) -> Text | None:
    return rules.not_lent(move.step.code)


@guard("matters.being_handled")
def being_handled(move: Move) -> Text | None:
    return rules.being_handled(move.step.code, move.procedure.steps)


@guard("matters.pause_listed")
def pause_listed(move: Move) -> Text | None:
    """The clock stops only for what the matter lists as special procedures (特别程序)."""
    if refusal := rules.being_handled(move.step.code, move.procedure.steps):
        return refusal
    spec = spec_of_case(move)
    if spec is None:
        return None
    return rules.pause_listed(spec.special, move.data.get("ground"))


@guard("matters.papers_came")
def papers_came(move: Move) -> Text | None:
    """容缺的材料补齐了，才出结果。"""
    return rules.papers_came([p.name for p in _papers(move, "later", "missing", "bring")])


@guard("matters.delivery_offered")
def delivery_offered(move: Move) -> Text | None:
    spec = spec_of_case(move)
    way = move.data.get("delivery")
    return rules.delivery_offered(spec.delivery, way) if spec is not None and way else None


@effect("matters.archived")
def archived(move: Move) -> None:
    """An ended application goes into the archive of its kind of result, for as long as the matter says (归档)."""
    spec = spec_of_case(move)
    if spec is None and "event" not in move.procedure.fields:
        return
    keep = spec.result.keep if spec else EVENT_KEPT
    kept = None if keep == PERMANENT else keep_until(f"{keep} after end", move.at)
    row = {
        "archive": spec.result.archive if spec else "matters",
        "archived_on": local(move.at).date(),
        "keep_until": kept,
    }

    def write(m: Move) -> None:
        Application.objects.filter(case_id=m.case.id).update(**row)

    move.then(write)
