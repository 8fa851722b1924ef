"""What supervision says to staff (督办通知): who is urged, whose case was taken over, what comes before a supervisor."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.notices.templates import template

_NUMBER = Text("编号{number}。", "Number {number}.")
_DUE = Text("应在{due_at}前办完。", "It should be done by {due_at}.")

template(
    "task.urged",
    Text("催办：{title}", "Urged: {title}"),
    (
        Text("{by}催办“{title}”（{number}）：{step}。", "{by} urges “{title}” ({number}): {step}."),
        Text("督办意见：{words}。", "In their words: {words}."),
        _DUE,
        Text("请尽快办理；办不了的，请写明原因。", "Please act on it soon, or say why it cannot be done."),
    ),
    (
        Text("{by}催办“{title}”：{step}。", "{by} urges “{title}”: {step}."),
        Text("{due_at}前办完。", "To be done by {due_at}."),
        _NUMBER,
    ),
)
template(
    "supervision.due_soon",
    Text("即将超时：{title}", "About to be late: {title}"),
    (
        Text(
            "{by}的“{title}”（{number}）快到期了：{step}。",
            "“{title}” ({number}) with {by} is due soon: {step}.",
        ),
        _DUE,
        Text("已列入您的督办清单。", "It is in your list of supervision."),
    ),
)
template(
    "supervision.taken_over",
    Text("交由您单位接办：{title}", "Given to you: {title}"),
    (
        Text(
            "{by}决定，“{title}”（{number}）由您单位接着办：{step}。",
            "{by} decided that your organisation goes on with “{title}” ({number}): {step}.",
        ),
        _DUE,
    ),
    (
        Text("“{title}”改由您单位办：{step}。", "“{title}” is yours now: {step}."),
        Text("{due_at}前办完。", "To be done by {due_at}."),
        _NUMBER,
    ),
)
template(
    "supervision.taken_from",
    Text("已由别的单位接办：{title}", "Taken over: {title}"),
    Text(
        "{by}决定，“{title}”（{number}）改由别的单位办。您不用再办，已做的请交接清楚。",
        "{by} gave “{title}” ({number}) to another organisation. You need do nothing more; please hand over what was done.",
    ),
)
template(
    "supervision.reported_up",
    Text("上报督办：{title}", "Reported to you: {title}"),
    (
        Text(
            "{by}把“{title}”（{number}）报给您：{step}。理由见案卷。",
            "{by} reports “{title}” ({number}) to you: {step}. The case says why.",
        ),
        Text("请您督办，或说明不需要的理由。", "Please follow it up, or say why nothing more is needed."),
    ),
)
template(
    "version.moved",
    Text("按新规定继续办理：{title}", "Under new rules: {title}"),
    (
        Text(
            "办理规定有更新，“{title}”按新规定继续办，现在是“{step}”。",
            "The rules changed; “{title}” goes on under the new ones and stands at “{step}”.",
        ),
        Text(
            "应在{due_at}前办完，不会比原来答应的晚。",
            "It should be done by {due_at}, not later than was promised.",
        ),
    ),
    (
        Text("规定更新，“{title}”继续办：{step}。", "New rules; “{title}” goes on: {step}."),
        Text("{due_at}前办完。", "To be done by {due_at}."),
        _NUMBER,
    ),
)
