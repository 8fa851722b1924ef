"""Recusing an organisation (回避): who is complained about neither handles a case nor sees it, from that moment on."""

from __future__ import annotations

from typing import Any

from linli.base.i18n import Text
from linli.kernel.people.models import Organisation
from linli.kernel.procedures.models import Case, CaseLink, Participation, Recusal
from linli.kernel.procedures.state import Move


def organisations_recused(move: Move) -> list[int]:
    """The organisations that the entries of this act recuse."""
    found: list[int] = []
    for code in move.data:
        if move.procedure.fields[code].assigns == "recused":
            found += move.found.get(code) or []
    return found


def lead_named(move: Move) -> Text | None:
    """The organisation that has the case now hands it back first (正在承办的，先改派再回避)."""
    if move.case.lead_id is None or move.case.lead_id not in organisations_recused(move):
        return None
    return Text(
        "该单位正在承办这件事。请先退回改派，再登记回避。",
        "This organisation has the case now. Have it returned and assigned to another first.",
    )


def recuse(move: Move) -> dict[str, Any]:
    """Recuse whom the entries name (登记回避), in this case and in all that came out of it.

    What they had open goes to whoever is next, or to nobody. Gives the facts that change: a list of helpers without them.
    """
    organisations = organisations_recused(move)
    if not organisations:
        return {}
    move.case.recused = True
    move.barred = tuple(dict.fromkeys((*move.barred, *organisations)))
    if not move.opening:
        for case_id in (move.case.id, *_came_out_of(move.case.id)):
            _bar(case_id, organisations, move)
    barred = set(Organisation.objects.filter(pk__in=organisations).values_list("code", flat=True))
    return {
        code: [name for name in move.case.facts[code] if name not in barred]
        for code, field in move.procedure.fields.items()
        if field.assigns == "helpers" and barred & set(move.case.facts.get(code) or ())
    }


def _bar(case_id: int, organisations: list[int], move: Move) -> None:
    for organisation in organisations:
        Recusal.objects.get_or_create(
            case_id=case_id,
            organisation_id=organisation,
            defaults={"at": move.at, "by_id": move.actor.account_id},
        )
    Participation.objects.filter(case_id=case_id, kind="org", ref__in=organisations).delete()
    if case_id != move.case.id:
        Case.objects.filter(pk=case_id).update(recused=True)


def _came_out_of(case_id: int) -> list[int]:
    """The cases that this one opened or was split into, those that came out of them, and so on; ended ones too: what
    was said there is about the same organisation."""
    found: list[int] = []
    todo = [case_id]
    while todo:
        links = CaseLink.objects.filter(
            case_id__in=todo, kind__in=("opened", "remedy", "split"), undone_at__isnull=True
        )
        todo = [pk for pk in links.values_list("other_id", flat=True) if pk not in found and pk != case_id]
        found += dict.fromkeys(todo)
    return found
