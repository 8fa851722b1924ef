"""Third proof (正当程序): whoever is decided against learns why, under which article, and what they can do about it.

PC301 no reason or basis · PC302 no notice · PC303 no remedy that exists · PC304 final without an article · PC305 an
adverse end that is not marked · PC306 a remedy that names no decision · PC307 a pause without a known ground · PC308 a
pause or extension without notice · PC309 a linked procedure that does not exist · PC310 a linked case that cannot be opened
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from linli.base.i18n import Text
from linli.kernel.procedures.checks.finding import Finding, Subject, near
from linli.kernel.procedures.definitions import Action, FieldDef, Procedure, Step
from linli.kernel.procedures.fields import GROUNDS
from linli.kernel.procedures.lines import Path

APPLICANT = "applicant"
PARTY = frozenset({"applicant", "reporter", "resident"})
WHO_MAY_ASK = frozenset({*PARTY, "anyone", "clerk"})
WHY = ("reason", "legal_basis")
ARTICLE = re.compile(r"\d|第\s*[一二三四五六七八九十百零〇两]+\s*条")
AGAINST = frozenset(
    "declined decline refused refuse refusal rejected reject rejection denied denial dismissed dismissal revoked "
    "revocation penalised penalized penalty fined punished sanctioned cancelled canceled disqualified expelled "
    "confiscated".split()
)
# With "not" before it: not_granted, not_eligible.
ASKED_FOR = frozenset(
    "granted accepted approved allowed permitted admitted eligible qualified licensed registered".split()
)
# What the clock may bring about by itself: somebody did not come or did not answer.
LAPSED = frozenset({"cancelled", "canceled"})


def due_process(subject: Subject) -> Iterator[Finding]:
    """行政行为不利于当事人的，须说明理由和依据、送达并告知救济 (e.g. 行政许可法 38、行政处罚法 44、政府信息公开条例 36)."""
    told: set[str] = set()  # a field of the file that fails is named once, not at every action
    for path, step, action in subject.acts:
        if action.adverse:
            yield from _adverse(subject, path, action, told)
        else:
            if not action.remedy:
                yield from _unmarked(subject, path, step, action)
            if action.remedy:
                yield from _remedy(subject, path, action)
                yield _half_marked(path, action)
        if action.suspends is not None:
            yield from _pause(path, action)
        if action.extends:
            yield from _extended(subject, path, action)
        yield from _linked(subject, path, action)
    yield from _challenge(subject.procedure)


def _adverse(subject: Subject, path: Path, action: Action, told: set[str]) -> Iterator[Finding]:
    fields = subject.procedure.fields
    lacking = [code for code in WHY if code not in action.form or code in action.optional]
    for code in WHY:
        if code in fields and code not in lacking and code not in told:
            told.add(code)
            yield from _not_for_the_person(fields[code])
    if lacking:
        yield Finding(
            "PC301",
            (*path, "form"),
            Text(
                f"不利决定“{action.code}”没有要求写明、并让当事人看到 {'、'.join(lacking)}（理由、法律依据）。",
                f"The adverse action {action.code} does not require {' and '.join(lacking)} (the reason, the legal basis) "
                "in words that the person can read.",
            ),
            Text(
                "form 里写上 reason 和 legal_basis，不放进 optional。",
                "Put reason and legal_basis into `form`, not into `optional`.",
            ),
            also=((*path, "optional"),),
        )
    if APPLICANT not in action.notifies:
        yield Finding(
            "PC302",
            (*path, "notifies"),
            Text(
                f"不利决定“{action.code}”没有通知当事人。",
                f"The adverse action {action.code} does not tell the person.",
            ),
            Text('写上 notifies = ["applicant"]。', 'Add notifies = ["applicant"].'),
        )
    yield from _remedy(subject, path, action)


def _not_for_the_person(field: FieldDef) -> Iterator[Finding]:
    for key, wrong in (("required", not field.required), ("internal", field.internal)):
        if wrong:
            yield Finding(
                "PC301",
                ("fields", field.code, key),
                Text(
                    f"字段“{field.code}”写在不利决定里，必须填写，并让当事人看到。",
                    f"The field {field.code} stands in decisions against people: it is required, and they read it.",
                ),
                Text(
                    "写 required = true，不写 internal。",
                    "Write required = true, and not `internal`.",
                ),
            )


def _remedy(subject: Subject, path: Path, action: Action) -> Iterator[Finding]:
    if action.final_by and not ARTICLE.search(action.final_by):
        yield Finding(
            "PC304",
            (*path, "final_by"),
            Text(
                f"“{action.code}”写明是最终决定，但“{action.final_by}”没有条款号。",
                f"{action.code} is said to be final, but {action.final_by!r} names no article.",
            ),
            Text(
                '写明法律名称和条款，例如 final_by = "信访工作条例 36"；没有这样的条款就写 remedy。',
                'Name the law and its article, such as final_by = "信访工作条例 36"; without one, name a remedy.',
            ),
        )
    elif not action.remedy and not action.final_by:
        yield Finding(
            "PC303",
            (*path, "remedy"),
            Text(
                f"不利决定“{action.code}”没有写当事人可以怎样救济。",
                f"The adverse action {action.code} names no remedy.",
            ),
            Text(
                "remedy 写一个已有的救济程序；依法不能再提的，写 final_by 和条款。",
                "Name an existing procedure as remedy; where nothing more can be sought by law, final_by and the article.",
            ),
        )
    elif action.remedy and action.remedy not in subject.known:
        yield Finding(
            "PC303",
            (*path, "remedy"),
            Text(
                f"不利决定“{action.code}”的救济“{action.remedy}”不是已有的程序。",
                f"{action.remedy!r}, the remedy against {action.code}, is no procedure that exists.",
            ),
            near(action.remedy, subject.known),
        )
    elif action.remedy == subject.procedure.code and subject.procedure.challenge is None:
        yield Finding(
            "PC303",
            (*path, "remedy"),
            Text(
                f"不利决定“{action.code}”的救济就是本程序自己，不是救济。",
                f"The remedy against {action.code} is this procedure itself, which is none.",
            ),
            Text(
                "remedy 写另一个能改变这个决定的程序。",
                "Name another procedure, which can change the decision.",
            ),
        )
    elif (remedy := subject.others.get(action.remedy)) is not None and not may_ask(remedy):
        yield Finding(
            "PC303",
            (*path, "remedy"),
            Text(
                f"不利决定“{action.code}”的救济“{action.remedy}”当事人自己发起不了。",
                f"The person cannot open {action.remedy!r}, the remedy against {action.code}.",
            ),
            Text(
                "让救济程序的 opened_by 包含 resident 或 anyone。",
                "Let `opened_by` of the remedy hold resident or anyone.",
            ),
        )


def may_ask(remedy: Procedure) -> bool:
    """Whether the person, or a clerk for them, can open it (当事人可否提起)."""
    return not remedy.opened_by or bool({s.partition("@")[0] for s in remedy.opened_by} & WHO_MAY_ASK)


def _half_marked(path: Path, action: Action) -> Finding:
    return Finding(
        "PC305",
        path,
        Text(
            f"“{action.code}”写了救济，却没有标 adverse：救济程序受理不了。",
            f"{action.code} names a remedy and is not marked adverse: the remedy could not be opened against it.",
        ),
        Text(
            "对当事人不利的写上 adverse = true；不是的，删去 remedy。",
            "Mark it adverse = true where it goes against somebody; otherwise remove `remedy`.",
        ),
        also=((*path, "remedy"), (*path, "adverse")),
    )


def _unmarked(subject: Subject, path: Path, step: Step | None, action: Action) -> Iterator[Finding]:
    """An end whose word is against the person is a decision against them, unless they brought it about themselves,
    or it only takes over what a linked case came to."""
    end = subject.procedure.steps.get(action.to)
    if end is None or end.kind != "end" or action.after:
        return
    words = set(re.split(r"[\W_]+", end.outcome.lower()))
    hard = words & AGAINST
    if "not" in words and words & ASKED_FOR and not _decided_before(subject, step):
        hard |= {"not"}
    by = set(action.by) or ({step.actor} if step else set())
    if by == {"system"} or (step and action.code == step.timeout):
        hard -= LAPSED
    if not hard or by & PARTY or words & PARTY:
        return
    yield Finding(
        "PC305",
        path,
        Text(
            f"“{action.code}”的结果是“{end.outcome}”，对当事人不利，却没有标 adverse。",
            f"{action.code} ends in {end.outcome!r}, which is against the person, and is not marked adverse.",
        ),
        Text(
            "写上 adverse = true，并要求理由、依据、通知和救济；确实不是对当事人的不利决定，请换一个结果的说法。",
            "Mark it adverse = true, with reason, basis, notice and remedy; where it is no decision against anybody, "
            "give the end another outcome.",
        ),
        also=(("steps", end.code, "outcome"),),
    )


def _decided_before(subject: Subject, step: Step | None) -> bool:
    """Whether every way to this step is a decision that is marked: it is only delivered here."""
    into = [a for _, _, a in subject.acts if step is not None and a.to == step.code]
    return bool(into) and all(a.adverse or a.remedy for a in into)


def _pause(path: Path, action: Action) -> Iterator[Finding]:
    assert action.suspends is not None
    grounds = action.suspends.grounds
    for ground in grounds or ("",):
        if ground not in GROUNDS:
            yield Finding(
                "PC307",
                (*path, "suspends", "grounds"),
                Text(
                    f"“{action.code}”中止计时的事由“{ground}”不在已有事由之列。"
                    if ground
                    else f"“{action.code}”中止计时，没有写凭什么事由。",
                    f"{ground!r} is no known ground on which {action.code} may stop the clock."
                    if ground
                    else f"{action.code} stops the clock without saying on which grounds.",
                ),
                near(ground, GROUNDS),
            )
    if APPLICANT not in {*action.suspends.notify, *action.notifies}:
        yield Finding(
            "PC308",
            (*path, "suspends", "notify"),
            Text(
                f"“{action.code}”中止计时，没有告诉当事人。",
                f"{action.code} stops the clock without telling the person.",
            ),
            Text('suspends 里写上 notify = ["applicant"]。', 'Add notify = ["applicant"] to `suspends`.'),
        )


def _extended(subject: Subject, path: Path, action: Action) -> Iterator[Finding]:
    rule = subject.procedure.extend
    if rule is not None and APPLICANT not in {*rule.notify, *action.notifies}:
        yield Finding(
            "PC308",
            (*path, "notifies"),
            Text(
                f"“{action.code}”延长时限，没有告诉当事人。",
                f"{action.code} extends the limit without telling the person.",
            ),
            Text(
                'extend 里写上 notify = ["applicant"]，或操作写上 notifies = ["applicant"]。',
                'Add notify = ["applicant"] to `extend`, or notifies = ["applicant"] to the action.',
            ),
            also=(("extend", "notify"),),
        )


def _linked(subject: Subject, path: Path, action: Action) -> Iterator[Finding]:
    if action.opens and action.opens not in subject.known:
        yield _no_procedure((*path, "opens"), action.opens, subject)
    for spec in action.after:
        code, _, outcome = spec.partition(":")
        other = subject.others.get(code)
        if code not in subject.known:
            yield _no_procedure((*path, "after"), code, subject)
        elif outcome and other is not None:
            outcomes = {s.outcome for s in other.steps.values() if s.kind == "end" and s.outcome}
            if outcome not in outcomes:
                yield Finding(
                    "PC309",
                    (*path, "after"),
                    Text(
                        f"程序“{code}”没有“{outcome}”这个结果，“{action.code}”等不到它。",
                        f"{code} has no outcome {outcome!r}: {action.code} waits for it in vain.",
                    ),
                    near(outcome, outcomes),
                )
    target = subject.others.get(action.opens)
    if target is None:
        return
    lacking = sorted(
        c
        for c in target.open_form
        if c not in target.open_optional
        and c in target.fields
        and target.fields[c].required
        and c not in _handed_on(subject.procedure, action)
    )
    if lacking:
        yield Finding(
            "PC310",
            (*path, "opens"),
            Text(
                f"“{action.code}”要另立“{action.opens}”，但没有它必填的 {'、'.join(lacking)}，立不了案。",
                f"{action.code} opens {action.opens}, which needs {', '.join(lacking)}: nothing hands it on.",
            ),
            Text(
                "把同名字段写进这个操作的 form，或作为公开字段在之前的环节填写。",
                "Put fields of the same code into the form of this action, or ask them before as public fields.",
            ),
            also=((*path, "form"),),
        )


def _handed_on(procedure: Procedure, action: Action) -> set[str]:
    """Entries of the act itself, and the case's public facts (随案移交)."""
    asked = {c for s in procedure.steps.values() for a in s.actions.values() for c in (*a.form, *a.optional)}
    asked |= {c for a in procedure.anywhere.values() for c in (*a.form, *a.optional)} | set(
        procedure.open_form
    )
    public = {c for c in asked if c in procedure.fields and procedure.fields[c].public}
    return {*action.form, *action.optional, *public}


def _no_procedure(path: Path, code: str, subject: Subject) -> Finding:
    return Finding(
        "PC309",
        path,
        Text(f"没有“{code}”这个程序。", f"There is no procedure {code!r}."),
        near(code, subject.known),
    )


def _challenge(procedure: Procedure) -> Iterator[Finding]:
    field = procedure.fields.get("challenged")
    asked = "challenged" in procedure.open_form and "challenged" not in procedure.open_optional
    told = field is not None and field.type == "case_number" and field.required and field.public
    if procedure.challenge is None or (asked and told):
        return
    yield Finding(
        "PC306",
        ("fields", "challenged") if asked else ("open", "form"),
        Text(
            "这是救济程序，却没有让人写明对哪一件提出：开头的表单要有必填、公开的 challenged（case_number）。",
            "This is a remedy, but its open form does not ask which case is challenged: the field `challenged` "
            "(case_number), required and public.",
        ),
        Text(
            '[open] form 写上 "challenged"，并定义 [fields.challenged] type = "case_number"，required = true，public = true。',
            'Put "challenged" into `form` of [open], and define [fields.challenged] with type = "case_number", '
            "required = true, public = true.",
        ),
        also=(("fields", "challenged"), ("challenge",)),
    )
