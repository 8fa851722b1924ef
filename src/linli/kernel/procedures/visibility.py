"""Who may see a case (可见范围): one rule for pages, lists, counts, search, exports and API.

A case is visible to: its parties and whoever reported the same; who entered it; the organisations that take part;
whoever has an open task in it; who acts for a party under a mandate; the roles that oversee its procedure, in their area. An organisation that is complained
about sees nothing of it, whatever else would open it. What a person may not see answers like what does not exist.

The rule is kept as branches, each of which one index answers; `visible_to` joins them, `queries` pages through them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from linli.base.codes import PREFIX_LENGTH
from linli.kernel.people.actors import Acting, Actor
from linli.kernel.procedures.authority import queues_of
from linli.kernel.procedures.holders import BELOW
from linli.kernel.procedures.models import Case, Participation, Recusal, Task
from linli.kernel.procedures.versions import acting_roles, acting_specs, current_procedures

M = TypeVar("M", bound=Model)

COLUMNS = {6: "county", 9: "township", 12: "village", 15: "grid"}


@dataclass(frozen=True)
class Branch:
    """One way in which cases come into sight, answered by one index."""

    name: str
    condition: Q
    joined: Q | None = None  # the same over a join, whose index is already in the order of the newest cases


def branches(actor: Actor) -> list[Branch]:
    found: list[Branch] = []
    areas: dict[tuple[str, ...], set[str]] = {}
    for hat in actor.hats:
        codes = tuple(sorted(p.code for p in current_procedures() if p.overseeing_roles & hat.roles))
        if codes:
            areas.setdefault(codes, set()).add(hat.area_prefix)
    for codes, prefixes in sorted(areas.items()):
        found += [
            Branch("area", _in_areas(column, values) & Q(procedure__in=codes))
            for column, values in _by_column(prefixes)
        ]
    found += [
        _takes_part("organisation", "org", organisation) for organisation in sorted(actor.organisation_ids)
    ]
    if queues := [queue for queue in queues_of(actor) if not _covered(actor, queue)]:
        mine = Task.objects.filter(queue__in=queues, done_at__isnull=True).values("case_id")
        found.append(Branch("task", Q(pk__in=mine)))
    theirs = _origins(actor)
    if theirs is not None:  # asked for its truth, it would be queried here
        found.append(Branch("origin", Q(pk__in=theirs)))
    if actor.person_id is not None:
        found.append(_takes_part("person", "person", actor.person_id))
    if actor.acting is not None:
        found.append(Branch("mandate", mandated(actor.acting)))
    if actor.account_id is not None and actor.is_staff:
        found.append(_by_account(actor))
    if actor.case_ids:
        found.append(Branch("tracked", Q(pk__in=sorted(actor.case_ids))))
    return found


def mandated(acting: Acting) -> Q:
    """The cases of somebody that a mandate covers (委托范围内的办件): those they asked for, and no others."""
    mine = Q(applicant_id=acting.grantor_id)
    if acting.scope == "procedure":
        return mine & Q(procedure=acting.procedure)
    return mine & Q(number=acting.case_number) if acting.scope == "case" else mine


def _origins(actor: Actor) -> QuerySet[Task, Any] | None:
    """The cases that others came out of which wait for this person now (被复查、被听证的原件): whoever reviews a decision,
    or hears the parties before it, reads the case that it is about, as long as the task is theirs."""
    codes = {p.code for p in current_procedures() if p.reads_origin}
    roles = {role for code, acting in acting_roles().items() if code in codes for role in acting}
    queues = [q for q in queues_of(actor) if q.partition("@")[0].partition("#")[0] in roles]
    if not queues:
        return None
    mine = Task.objects.filter(queue__in=queues, done_at__isnull=True, case__procedure__in=sorted(codes))
    return mine.filter(case__origin__isnull=False).values("case__origin_id")


def _by_column(prefixes: set[str]) -> list[tuple[str, list[str]]]:
    grouped: dict[str, list[str]] = {}
    for prefix in sorted(prefixes):
        if any(prefix != other and prefix.startswith(other) for other in prefixes):
            continue  # a wider area of the same person covers it
        grouped.setdefault(COLUMNS.get(len(prefix), ""), []).append(prefix)
    return list(grouped.items())


def _in_areas(column: str, prefixes: list[str]) -> Q:
    if column:
        return Q(**{f"{column}__in": prefixes})
    wide = Q()
    for prefix in prefixes:
        # Wider than a county, or a micro-grid: a range of the index.
        name = "county" if len(prefix) < PREFIX_LENGTH["county"] else "grid"
        wide |= Q(**{f"{name}__gte": prefix, f"{name}__lt": prefix + "\x7f"})
    return wide


def in_area(prefix: str) -> Q:
    """The cases of an area and of what lies in it (区划内的办件), as an index gives them; the empty prefix is everywhere.
    No right to see any: for what the public may know of them."""
    return _in_areas(COLUMNS.get(len(prefix), ""), [prefix]) if prefix else Q()


def _takes_part(name: str, kind: str, ref: int) -> Branch:
    here = Participation.objects.filter(kind=kind, ref=ref).values("case_id")
    return Branch(name, Q(pk__in=here), Q(participations__kind=kind, participations__ref=ref))


def _by_account(actor: Actor) -> Branch:
    """What this person entered (本人登记的); and what was given to them by name, as long as a post of theirs acts in it:
    a file that only those named may see closes to whoever leaves the post."""
    codes = [code for code, roles in acting_roles().items() if roles & actor.roles]
    mine = {"kind": "account", "ref": actor.account_id}
    theirs = Participation.objects.filter(
        Q(part="recorder") | Q(part="worker", case__procedure__in=codes), **mine
    )
    joined = Q(participations__kind="account", participations__ref=actor.account_id)
    given = Q(participations__part="recorder") | Q(participations__part="worker", procedure__in=codes)
    return Branch("recorder", Q(pk__in=theirs.values("case_id")), joined & given)


def _covered(actor: Actor, queue: str) -> bool:
    """Whether another branch brings every case of this queue into sight anyway, by a better index.

    An organisation takes part in what it is assigned, a person in what they asked for; a role that oversees all
    procedures in which it acts sees its area. Only what is left needs the open tasks themselves.
    """
    role, at, place = queue.partition("@")
    place = place.removesuffix(BELOW)
    if not at:
        return f"{queue.partition('#')[0]}@window" not in acting_specs()
    acting = [code for code, roles in acting_roles().items() if role in roles]
    overseen = {p.code for p in current_procedures() if role in p.overseeing_roles}
    covers = any(role in hat.roles and place.startswith(hat.area_prefix) for hat in actor.hats)
    return covers and bool(acting) and overseen.issuperset(acting)


def not_recused(actor: Actor, queryset: QuerySet[M], *, case: str = "") -> QuerySet[M]:
    """Without what the actor's organisations are recused from; `case` leads from the rows to their case."""
    if not actor.organisation_ids:
        return queryset
    recusal = Recusal.objects.filter(
        case_id=OuterRef(f"{case}pk"), organisation_id__in=sorted(actor.organisation_ids)
    )
    return queryset.exclude(Q(**{f"{case}recused": True}) & Exists(recusal))


def visible_to(actor: Actor) -> QuerySet[Case]:
    """The cases that this person may see (可见办件)."""
    found = branches(actor)
    if actor.kind == "system":
        return Case.objects.all()
    if not found:
        return Case.objects.none()
    condition = Q()
    for branch in found:
        condition |= branch.condition
    return not_recused(actor, Case.objects.filter(condition))
