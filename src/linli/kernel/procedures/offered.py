"""Which procedures a person may begin (可以发起的事项), and whom they concern."""

from __future__ import annotations

from linli.kernel.people.actors import Actor, Hat
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.versions import current_procedures

OUTSIDE = frozenset({"anyone", "resident", "applicant", "reporter"})


# Of the kernel's own: asked from the list of looks, from a notice on show, from the case that needs it.
OWN_ENTRIES = {"access-question", "publicity-objection", "hearing"}


def opened_elsewhere(procedure: Procedure) -> bool:
    """A remedy begins on the page of the decision, what comes out of another case in that case, and what has its own pages
    there."""
    return (
        procedure.challenge is not None
        or set(procedure.channels) == {"case"}
        or procedure.code in OWN_ENTRIES
    )


def own_entry(code: str) -> None:
    """Say that a procedure has an entry of its own (另有入口), so that the general list leaves it out."""
    OWN_ENTRIES.add(code)


def may_begin(procedure: Procedure, actor: Actor) -> bool:
    """Whether this person's posts, or being a resident, let them begin it (能否发起)."""
    if actor.is_staff:
        return bool(posts_that_begin(procedure, actor))
    return "web" in procedure.channels and bool(OUTSIDE & set(procedure.opened_by))


def posts_that_begin(procedure: Procedure, actor: Actor) -> list[Hat]:
    """The posts of this person in which they may begin it (以哪个岗位发起): no other post of theirs counts."""
    roles = {spec.partition("@")[0] for spec in procedure.opened_by}
    return [hat for hat in actor.hats if hat.roles & roles]


def begun_by(actor: Actor) -> list[Procedure]:
    """The procedures that this person may begin (可发起的程序), by their title."""
    found = [p for p in current_procedures() if not opened_elsewhere(p) and may_begin(p, actor)]
    return sorted(found, key=lambda p: p.code)


def concerns_a_party(procedure: Procedure) -> bool:
    """Whether somebody outside the office is told of its steps, or acts in it (有无当事人)."""
    actions = [a for s in procedure.steps.values() for a in s.actions.values()]
    actions += procedure.anywhere.values()
    return (
        any(step.actor == "applicant" for step in procedure.steps.values())
        or any("applicant" in (*action.notifies, *action.by) for action in actions)
        or "applicant" in procedure.open_notifies
    )


def needs_a_party(procedure: Procedure) -> bool:
    """Whether nothing may be decided without a person who is told of it (必须有当事人): adverse acts have to reach them."""
    actions = [a for s in procedure.steps.values() for a in s.actions.values()]
    return concerns_a_party(procedure) and any(action.adverse for action in actions)
