"""As whom somebody reads a case (以什么身份看): as its party, as one who reported the same, or in a post.

A post counts where it has to do with the case. What somebody may read elsewhere, or holds another post for, opens
nothing here; and a member of staff who meets a case only as a resident reads it like any resident.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from linli.base.i18n import Text
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.procedures.models import Case, Participation
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import visible_to


def is_own(case: Case, actor: Actor) -> bool:
    """Whether this person is the applicant, or opened the case with its tracking code (本人的办件)."""
    mine = actor.stands_for(case.applicant_id, case.procedure, case.number)
    return mine or case.pk in actor.case_ids


def is_party(case: Case, actor: Actor) -> bool:
    """Whether they read it as a party (按当事人看): their own case, or one that no post of theirs shows them."""
    return is_own(case, actor) or not actor.is_staff or not _in_a_post(case, actor)


def at_work_on(case: Case, actor: Actor) -> bool:
    """Whether they deal with it for the office (经办): in a post, and neither its party nor somebody who helps its party."""
    return not is_party(case, actor) and not actor.involved_in(case.applicant_id, case.procedure, case.number)


def is_follower(case: Case, actor: Actor) -> bool:
    """Whether they reported the same and are told of each step (同诉人): what somebody else wrote is not theirs to read."""
    return is_party(case, actor) and not is_own(case, actor)


def _in_a_post(case: Case, actor: Actor) -> bool:
    if actor.person_id is None:
        return True  # nothing but a post can have shown it
    at_work = replace(actor, person_id=None, case_ids=frozenset(), acting=None)
    return visible_to(at_work).filter(pk=case.pk).exists()


def hats_on(case: Case, actor: Actor) -> list[Hat]:
    """The posts of this person that have to do with the case (与本件有关的岗位): by its area, or by who takes part."""
    near = [h for h in actor.hats if h.covers(case.grid) or h.area_prefix.startswith(case.grid)]
    others = [h for h in actor.hats if h not in near]
    if not others:
        return near
    taking_part = {case.lead_id, case.window_id}
    if any(h.organisation_id not in taking_part for h in others):
        rows = Participation.objects.filter(
            case_id=case.pk, kind="org", ref__in=[h.organisation_id for h in others]
        )
        taking_part |= set(rows.values_list("ref", flat=True))
    return [h for h in actor.hats if h in near or h.organisation_id in taking_part]


def roles_on(case: Case, actor: Actor) -> frozenset[str]:
    return frozenset().union(*(hat.roles for hat in hats_on(case, actor)))


def as_read_by(case: Case, actor: Actor) -> Case:
    """The case with what this reader may know of it (按身份显示): to whoever reported the same, neither the title, which
    is in the applicant's words, nor the place as the applicant gave it."""
    in_words(case)
    if is_follower(case, actor):
        case.title, case.place_text = str(procedure_of(case.version_id).title), ""
        case.lng = case.lat = None
    return case


TITLES: dict[str, Callable[[Case], Text | None]] = {}
"""How a domain calls its cases where no person's words do (办件的名称), by procedure."""


def in_words(case: Case) -> Case:
    """A case that carries nobody's words but the name of its procedure, or of what it is about, is called so in the
    reader's language."""
    if (named := TITLES.get(case.procedure)) is not None and (said := named(case)) is not None:
        case.title = str(said)
        return case
    title = procedure_of(case.version_id).title
    if case.title == title.zh:
        case.title = str(title)
    return case
