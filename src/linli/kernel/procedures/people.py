"""What cases mean for the people in them (办件与当事人): who is still needed, who may be looked up, what they may copy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Q

from linli.base.i18n import Text
from linli.kernel.people import hooks
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.models import Person
from linli.kernel.people.purposes import PersonalField, declare
from linli.kernel.procedures.models import Case, Participation
from linli.kernel.procedures.onbehalf import own_mandates
from linli.kernel.procedures.versions import current_procedures, procedure_of
from linli.kernel.procedures.visibility import not_recused, visible_to


def register() -> None:
    hooks.register_still_needed(is_party_of_open_case)
    hooks.register_people_scope(people_of_visible_cases)
    hooks.register_export("cases", own_cases)
    hooks.register_export("mandates", own_mandates)
    declare(
        PersonalField(
            "procedures.refusedwrite.content",
            Text("被拒的重复提交", "a refused repeated write"),
            Text("保证提交的内容不丢失", "so that nothing that was sent is lost"),
            Text("履行法定职责（个人信息保护法第13条）", "statutory duty (PIPL 13)"),
            Text("不展示；由平台管理员应当事人要求找回", "nobody; recovered at the person's request"),
            Text("30 天（示例）", "30 days (sample)"),
        ),
        PersonalField(
            "procedures.heldbatch.data",
            Text("稍候执行的批量办理所填内容", "what was entered for an act on many cases"),
            Text("到时照填的内容办理，之前可以撤销", "to do it in a moment, or take it back before"),
            Text("履行法定职责（个人信息保护法第13条）", "statutory duty (PIPL 13)"),
            Text("填写人本人", "whoever entered it"),
            Text("办理或撤销时即删除", "erased when it is done or taken back"),
        ),
    )


def is_party_of_open_case(person: Person) -> bool:
    mine = Participation.objects.filter(kind="person", ref=person.pk).values("case_id")
    return Case.objects.filter(Q(applicant=person) | Q(pk__in=mine), ended_at__isnull=True).exists()


def people_of_visible_cases(actor: Actor) -> Q | None:
    """Applicants of the cases in sight, for roles that some personal field of the procedure names (可查当事人).

    For each procedure only the posts that its own fields name count: not another post of the same person, nor what they
    see as a resident.
    """
    if not actor.is_staff:
        return None
    codes: dict[tuple[Hat, ...], list[str]] = {}
    for procedure in current_procedures():
        named = {r for f in procedure.fields.values() if f.personal for r in f.personal.seen_by}
        if hats := tuple(hat for hat in actor.hats if hat.roles & named):
            codes.setdefault(hats, []).append(procedure.code)
    found: Q | None = None
    for hats, theirs in codes.items():
        at_work = visible_to(replace(actor, hats=hats, person_id=None, case_ids=frozenset(), acting=None))
        cases = not_recused(actor, at_work).filter(procedure__in=theirs, applicant__isnull=False)
        here = Q(pk__in=cases.values("applicant_id"))
        found = here if found is None else found | here
    return found


def own_cases(person: Person) -> list[dict[str, Any]]:
    """A person's own cases for their copy (本人办件副本)."""
    return [
        {
            "number": case.number,
            "procedure": procedure_of(case.version_id).title.as_dict(),
            "title": case.title,
            "status": case.status,
            "opened_at": case.opened_at.isoformat(),
            "ended_at": case.ended_at.isoformat() if case.ended_at else None,
        }
        for case in Case.objects.filter(applicant=person).order_by("id")
    ]
