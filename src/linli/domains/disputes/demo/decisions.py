"""Reconsiderations of the demo (行政复议演示): of whatever decisions the other demos of this county left behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from linli.base.clock import local
from linli.kernel.people.actors import actor_for
from linli.kernel.people.models import Account
from linli.kernel.procedures.linked import decision_against
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.rehearsal import Act, Open, Story, Troupe
from linli.kernel.procedures.versions import current_procedures

REMEDY = "reconsideration"
OFFICER = "reconsideration_officer"
WINDOW = timedelta(days=55)  # within the sixty days that the law gives

DECISION = {
    "findings": "原决定送达前没有告知陈述申辩的权利，其余事实清楚。",
    "decision": "见决定书正文。",
    "reason": "没有依法告知陈述申辩权利，程序违法。",
    "legal_basis": "行政复议法 64",
    "decision_number": "行复决定第12号",
    "remedy_told": "收到之日起15日内向区人民法院起诉。",
}
REFUSED = {
    "findings": "原决定的事实和依据成立。",
    "decision": "维持原决定。",
    "reason": "现场照片、笔录与原决定认定的一致，程序合法。",
    "legal_basis": "行政复议法 68",
    "decision_number": "行复决定第13号",
    "remedy_told": "收到之日起15日内向区人民法院起诉。",
}
REPLY = {"defence": "已按规定办理，请依法维持。", "evidence": "申请材料、现场笔录、告知书回证。"}
TO_CORRECT = {"to_correct": "请写明请求撤销哪一份决定，并附决定书。"}


def reconsiderations(troupe: Troupe) -> list[Story]:
    """What people ask to have reconsidered, at every interesting step; nothing where nobody was refused anything."""
    found: list[Story] = []
    made = Decisions(troupe)
    for n, case in enumerate(_challengeable(troupe)):
        acts = made.acts(n, case)
        if acts is not None:
            found.append(made.story(case, acts))
    return found


def _challengeable(troupe: Troupe) -> list[Case]:
    """Cases of this county whose decision may be challenged by reconsideration, the newest first."""
    procedures = [
        p.code
        for p in current_procedures()
        for s in p.steps.values()
        for a in s.actions.values()
        if a.remedy == REMEDY
    ]
    cases = Case.objects.filter(
        procedure__in=procedures, ended_at__isnull=False, grid__startswith=troupe.county.prefix
    )
    recent = cases.filter(applicant__isnull=False, ended_at__gte=troupe.at - WINDOW)
    return [case for case in recent.order_by("-id")[:60] if decision_against(case, REMEDY) is not None]


class Decisions:
    """Makes the acts that bring a reconsideration to where it stands."""

    def __init__(self, troupe: Troupe) -> None:
        self.troupe = troupe

    def acts(self, n: int, case: Case) -> Sequence[Act | Open] | None:
        """The n-th way, or none when every interesting step has its story."""
        ways: list[list[Act | Open]] = [
            [],
            [Act(3, OFFICER, "request_correction", TO_CORRECT)],
            [Act(3, OFFICER, "admit", {"track": "ordinary"})],
            self.tried(case, []),
            self.tried(case, [Act(6, OFFICER, "revoke", {**DECISION, "new_within": 30})]),
            self.tried(
                case,
                [
                    Act(8, OFFICER, "maintain", REFUSED),
                    Open(3, "applicant", "court-review", self._sue),
                ],
            ),
        ]
        return ways[n] if n < len(ways) else None

    def respondent(self, case: Case) -> str:
        """Whoever made the decision, where somebody there answers for it; else a bureau that has somebody."""
        handlers = {h.organisation_id for a in self.troupe.staff for h in a.hats if "handler" in h.roles}
        if case.lead is not None and case.lead_id in handlers:
            return case.lead.code
        return self.troupe.organisation("housing")

    def tried(self, case: Case, acts: list[Act | Open]) -> list[Act | Open]:
        lead = self.respondent(case)
        return [
            Act(3, OFFICER, "admit", {"track": "ordinary"}),
            Act(3, OFFICER, "send_copy", {"lead": lead}),
            Act(5, "handler@assigned", "reply", REPLY),
            Act(4, OFFICER, "hear", {"heard": "申请人当面说明了经过，补交了两张照片。"}),
            *acts,
        ]

    def story(self, case: Case, acts: Sequence[Act | Open]) -> Story:
        person = case.applicant
        account = Account.objects.filter(person=person).first()
        return Story(
            REMEDY,
            case.area,
            {"challenged": case.number, "request": "撤销原决定。", "reason": "原决定没有考虑我提交的材料。"},
            acts,
            applicant=actor_for(account, at=self.troupe.at) if account else person,
            title=f"不服{case.title}"[:60],
            dwell=2,
        )

    def _sue(self, story: Story) -> dict[str, Any]:
        sued_on = local(self.troupe.at - timedelta(days=2)).date().isoformat()
        return {"challenged": story.number, "court": "区人民法院", "sued_on": sued_on}
