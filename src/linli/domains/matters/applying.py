"""Applying for a matter (申请事项): one door for web, window, phone, paper, village agent, API and another place.

What is known is taken from the registers with its source; the rest is asked. The case that follows runs under the
procedure that the matter names, with the limits of the version in force that day.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from linli.base import clock
from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.domains.matters import form, queries
from linli.domains.matters.application_fields import key_of
from linli.domains.matters.models import AgencyItem, Matter
from linli.domains.matters.spec import CHANNELS, MatterSpec
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.people.known import Known, known_about
from linli.kernel.people.models import Organisation, Person
from linli.kernel.people.services.looks import record_look
from linli.kernel.places.models import Area
from linli.kernel.procedures import engine, hot, keys
from linli.kernel.procedures.state import Receipt

OPEN_TO_ALL = frozenset({"api", "case"})  # ways of the platform itself, which no matter lists
AT_WINDOW = frozenset({"window", "phone", "paper", "agency"})  # entered by somebody else, for the applicant


@keys.exactly_once
def apply(
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
    origin_id: int | None = None,
    made: Collection[str] = (),
    told: Mapping[str, Known] | None = None,
    client_key: str | None = None,
    at: datetime | None = None,
) -> Receipt:
    """Apply for a matter (申请): `answers` by the code of the question, `papers` by the code of the paper with how it comes
    (`form.STATES`), `files` the uploads, `told` what registers of the place that received it know, by element.

    Refuses a matter that is not in force there or not taken through this channel, an office in which nobody decides,
    every entry that does not pass (all at once), a value that differs from what a register owns, and a paper promised for
    later without the commitment. Records `open`; what staff took from registers is entered as one look with its purpose.
    """
    sent = as_sent(code, area, channel, answers, papers, files, commitment, helper)
    if first := keys.answer(by, client_key, sent):
        return first
    at = at or clock.now()
    county = queries.county_of(area)
    version = queries.matter_in_force(code, clock.local(at).date(), county)
    spec = queries.spec_of(version)
    if channel not in OPEN_TO_ALL and channel not in spec.channels:
        raise _channel_closed(spec)
    office = office_for(version.matter, spec, area, at)
    asked = form.form_of(spec)
    with hot.one_transaction():  # what is refused leaves nobody behind, and no look is lost
        person = whose(applicant, by)
        known = known_for(person, asked, spec)
        known |= {e: k for e, k in (told or {}).items() if e not in known or e.startswith(form.OF_ANOTHER)}
        said, papers_said = read_form(
            asked,
            answers,
            papers or {},
            known,
            at_window=channel in AT_WINDOW or channel == "case",
            commitment=commitment,
            made=made,
        )
        counted = form.spared(asked, form.values_of(said), known)
        said.spared = papers_said.spared = (counted.n_whole, counted.n_fields, counted.n_papers)
        data: dict[str, Any] = {
            "matter": key_of(version),
            "office": office.code,
            "subject": spec.title.zh,
            "answers": said,
            "papers": papers_said,
            "files": list(files),
            "commitment": commitment or None,
        }
        if spec.procedure == "licence":
            data["materials"] = "\n".join(line["title"][0] for line in papers_said) or spec.title.zh
        receipt = engine.open_case(
            spec.procedure,
            by=by,
            area=area,
            data={k: v for k, v in data.items() if v is not None},
            channel=channel,
            title=spec.title.zh,
            applicant=person,
            helper=helper,
            origin_id=origin_id,
            client_key=client_key,
            at=at,
            by_case=channel == "case",
            sent=sent,
        )
        if not receipt.repeated:
            note_looks(asked, said, known, person, title=spec.title, number=receipt.number, by=by, at=at)
    return receipt


def as_sent(code: str, area: Area, channel: str, *entered: Any) -> dict[str, Any]:
    """What the client sent (提交的原样): the same again is the same application, whatever registers have learnt meanwhile."""
    plain = json.dumps([code, area.code, channel, *entered], default=str)
    return {"applied": json.loads(plain, parse_float=str)}


def note_looks(
    asked: form.Form,
    said: form.Answers,
    known: Mapping[str, Known],
    person: Person,
    *,
    title: Text,
    number: str,
    by: Actor,
    at: datetime,
) -> None:
    """What staff took from registers is entered as a look at the applicant, and at each other person whom a value names
    (登记查阅)."""
    used = {line["code"] for line in said if "source" in line}
    seen: dict[Person, list[str]] = {}
    for element in sorted({f.element for f in asked.fields if f.code in used}) if by.is_staff else ():
        for whom in (person, *known[element].also):
            seen.setdefault(whom, []).append(element)
    for whom, what in seen.items():
        record_look(by=by, person=whom, what=what, purpose=f"受理{title.zh}", case_number=number, at=at)


def whose(applicant: Person | Callable[[], Person | None] | None, by: Actor) -> Person:
    """Who applies (申请人): while somebody acts for another, that other. Refuses an application in nobody's name: what is
    decided must reach somebody."""
    if by.acting is not None:
        return Person.objects.get(pk=by.acting.grantor_id)
    person = applicant() if callable(applicant) else applicant
    if person is None:
        raise Refused(
            "matters.no_applicant",
            Text(
                "请先登录，或到窗口、打电话由工作人员登记姓名和电话：办理结果要送达本人。",
                "Sign in first, or have your name and phone entered at the window or by phone: the result must reach you.",
            ),
        )
    return person


def known_for(person: Person, asked: form.Form, spec: MatterSpec | None = None) -> dict[str, Known]:
    """What the registers answer for this form (免填内容), read by the platform for the applicant who asks for it.

    The ground for what is sensitive is the matter's own article, at the person's own request (个人信息保护法 13、29).
    """
    ground = spec.basis[0].text.zh if spec is not None and spec.basis else "本人申请"
    return known_about(person, asked.elements, purpose="prefill", by=SYSTEM, ground=ground)


def read_form(
    asked: form.Form,
    answers: Mapping[str, Any],
    papers: Mapping[str, Any],
    known: Mapping[str, Known],
    *,
    at_window: bool,
    commitment: bool,
    made: Collection[str] = (),
) -> tuple[form.Answers, form.Papers]:
    """Read answers and papers, or refuse with every mistake at once (核对申请表)."""
    said, wrong = form.answers_of(asked, answers, known)
    listed, wrong_papers = form.papers_of(asked, papers, form.values_of(said), at_window=at_window, made=made)
    later = [line for line in listed if line["state"] == "later"]
    if later and not commitment:
        wrong_papers["commitment"] = Text(
            "有材料要后补，请先作出容缺承诺，或者现在交。",
            "Some papers are to follow: make the promise first, or hand them in now.",
        )
    problems = wrong | wrong_papers
    if problems:
        raise to_mend(problems)
    return said, listed


def to_mend(problems: dict[str, Text]) -> Invalid:
    """The refusal that names everything to be mended in an application (逐项更正)."""
    return Invalid(
        "matters.bad_application",
        Text(
            f"有 {len(problems)} 处需要更正，您填的内容都还在。",
            f"{len(problems)} entries to mend; nothing you wrote is lost.",
        ),
        fields=problems,
    )


def office_for(matter: Matter, spec: MatterSpec, area: Area, at: datetime) -> Organisation:
    """Who decides (由谁办): for what a village does the village, else the township that it was handed to, else the department.

    Refuses a place where nobody does.
    """
    found = None
    if spec.level == "village":
        found = _village_office(matter, area)
    found = found or queries.handled_at(matter, area, clock.local(at).date()).organisation
    if found is None:
        raise Refused(
            "matters.no_office",
            Text(
                f"“{spec.title.zh}”在这里还没有办理单位，没有提交。请到综合窗口询问。",
                f"No office handles “{spec.title.en}” here yet, so nothing was sent. Ask at the service window.",
            ),
        )
    return found


def _village_office(matter: Matter, area: Area) -> Organisation | None:
    village = queries.village_of(area)
    if village is None:
        return None
    item = (
        AgencyItem.objects.filter(matter=matter, village=village).select_related("post__organisation").first()
    )
    if item is not None and item.refused_at is None and item.post is not None:
        return item.post.organisation
    return Organisation.objects.filter(area=village, kind="village", active=True).order_by("pk").first()


def _channel_closed(spec: MatterSpec) -> Refused:
    listed = [CHANNELS[c] for c in spec.channels]
    return Refused(
        "matters.channel_closed",
        Text(
            f"“{spec.title.zh}”不通过这个渠道受理。可以用：{'、'.join(t.zh for t in listed)}。",
            f"“{spec.title.en}” is not taken through this channel. Open: {', '.join(t.en for t in listed)}.",
        ),
    )
