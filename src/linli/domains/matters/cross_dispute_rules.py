"""Who is responsible for something that two places did (责任协商的判断): pure."""

from __future__ import annotations

from uuid import UUID

from linli.base.errors import Refused
from linli.base.i18n import Text

RAISED, ASKED = "raised", "asked"  # by us, of us
TAKEN_ON, NOT_AGREED = "taken_on", "not_agreed"
UNANSWERED, ANSWERING = "raised", frozenset({"raised", "answering_window", "answering_office"})
WITH_SUPERIOR = "referred"


def overtakes(theirs: UUID, ours: UUID, *, confirmed: bool) -> bool:
    """Whether theirs stands and ours gives way, when both ends raised one at the same moment (同时提出的，先提出的为准):
    the ids tell the order, so that both ends come to the same answer. What was confirmed over there stands."""
    return not confirmed and theirs < ours


def open_already(number: str) -> Refused:
    return Refused(
        "matters.dispute_open",
        Text(
            f"这一件已经有一件责任协商在办，编号 {number}。请在那一件里说，办完以后可以再提。",
            f"A dispute on responsibility is open for this application already: {number}. Say it there; another can be "
            "raised when it is over.",
        ),
    )


def not_cross_region() -> Refused:
    return Refused(
        "matters.not_cross_region",
        Text(
            "这一件没有两地交接，不能提出跨区域责任协商。",
            "This application was not handed over between two places, so there is nothing to settle with another one.",
        ),
    )


def not_there_yet() -> Refused:
    return Refused(
        "matters.not_there_yet",
        Text(
            "办理地还没有收件，还不能提出责任协商。等对方收件以后再提；没有送到的消息会自动再试。",
            "The other place does not have the application yet. Raise it once it was taken there; what did not arrive is "
            "tried again by itself.",
        ),
    )


def in_whose_hands(step: str, *, raised_here: bool, here: Text, there: Text) -> Text:
    """Who deals with it now, for the applicant (现在由谁处理)."""
    if step == WITH_SUPERIOR:
        return Text("两地共同的上级", "the authority above both places")
    if step in ANSWERING:
        return there if raised_here else here
    return here if raised_here else there


def line_for_applicant(who: Text, window: Text) -> Text:
    """All that the applicant is told, and needs (申请人看到的一句话)."""
    return Text(
        f"这件事里有一处由两地商量该谁补好，现在由{who.zh}处理；申请照常办，您不用为此做什么，也不用再交材料，有事仍找{window.zh}。",
        f"The two places are settling which of them puts something right; {who.en} deals with it now. Your application goes "
        f"on; because of this you need do nothing and hand in nothing, and you still turn to {window.en}.",
    )
