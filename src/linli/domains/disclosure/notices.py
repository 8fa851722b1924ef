"""What those who ask for information are told beyond the kernel's own words (告知申请人)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.notices.templates import template

_NUMBER = Text("编号{number}。", "Number {number}.")


def register() -> None:
    template(
        "disclosure.correction",
        Text("申请需要补正：{number}", "Please make your request clearer: {number}"),
        (
            Text(
                "您的信息公开申请（编号 {number}）还不够明确，请打开看要补什么、怎么写。",
                "Your request for information ({number}) is not clear enough. Open it to see what to add and how.",
            ),
            Text(
                "补正之后，答复期限重新计算；一直不补正的，视为放弃。",
                "The time to answer runs anew from your correction; without one the request counts as given up.",
            ),
        ),
        (Text("您的信息公开申请需要补正。", "Your request for information needs a correction."), _NUMBER),
    )
    template(
        "disclosure.answered",
        Text("已经答复：{number}", "Answered: {number}"),
        (
            Text(
                "您的信息公开申请（编号 {number}）已经答复，没有提供或没有全部提供。请打开看答复、理由和依据。",
                "Your request for information ({number}) was answered; it was not disclosed, or not all of it. "
                "Open it to read the answer, the reason and the basis.",
            ),
            Text(
                "不服的，可以在六十日内申请行政复议，也可以在六个月内起诉。",
                "If you disagree, you can ask for reconsideration within sixty days, or sue within six months.",
            ),
        ),
        (
            Text(
                "您的信息公开申请已答复，不服可在六十日内申请复议。",
                "Your request was answered. You can ask for reconsideration within sixty days.",
            ),
            _NUMBER,
        ),
    )
