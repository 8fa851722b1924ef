"""What the kernel itself says (通用通知): the generic moves of any case, in the voice of the house.

What happened, what comes next, until when. 您 to everybody, short sentences, nobody is blamed.
"""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.notices.templates import template

_DUE = Text("应在{due_at}前办完。", "It should be done by {due_at}.")
_REASON = Text("原因：{reason}。", "Reason: {reason}.")
_BASIS = Text("依据：{basis}。", "Basis: {basis}.")
_BY = Text("现在由{by}办理。", "{by} has it now.")
_NUMBER = Text("编号{number}。", "Number {number}.")
_WHY = Text(
    "您接下来可以怎么做，请打开查看。",
    "Open it to see what you can do next.",
)
_REMEDY = Text(
    "如果不同意，您可以在{until_at}前提出“{remedy}”。",
    "If you disagree, you can ask for {remedy} until {until_at}.",
)

template(
    "case.news",
    Text("您关注的事有新进展", "There is news"),
    (_NUMBER, Text("请打开看现在办到哪一步。", "Open it to see where it stands.")),
    (Text("您关注的事有新进展，请打开查看。", "There is news; open it to see where it stands."), _NUMBER),
)
template(
    "case.received",
    Text("已收到：{title}", "Received: {title}"),
    (
        Text("您说的“{title}”已经收到，编号 {number}。", "“{title}” has been received, number {number}."),
        Text("接下来：{next}。", "Next: {next}."),
        _DUE,
        Text(
            "凭编号和查询码随时可以看进度。",
            "With the number and your tracking code you can follow it at any time.",
        ),
    ),
    (
        Text("已收到“{title}”，编号{number}。", "Received: “{title}”, number {number}."),
        Text("{due_at}前办完。", "To be done by {due_at}."),
    ),
)
template(
    "case.moved",
    Text("{title}：{step}", "{title}: {step}"),
    (
        Text("“{title}”现在到了“{step}”。", "“{title}” now stands at “{step}”."),
        _BY,
        Text("接下来：{next}。", "Next: {next}."),
        _DUE,
    ),
    (
        Text("“{title}”现在：{step}。", "“{title}” now: {step}."),
        Text("{due_at}前办完。", "To be done by {due_at}."),
        _NUMBER,
    ),
)
template(
    "case.closed",
    Text("已办结：{title}", "Closed: {title}"),
    (
        Text("“{title}”已经办结。", "“{title}” is closed."),
        Text("结果：{result}。", "Result: {result}."),
        Text(
            "如果问题还在，您可以在{until_at}前要求重新办理。",
            "If the problem is still there, you can ask to reopen it until {until_at}.",
        ),
    ),
    (
        Text("“{title}”已办结。", "“{title}” is closed."),
        Text(
            "问题还在的话，{until_at}前可要求重办。",
            "If it is not solved, ask to reopen it until {until_at}.",
        ),
        _NUMBER,
    ),
)
template(
    "case.declined",
    Text("没有受理：{title}", "Not accepted: {title}"),
    (Text("“{title}”没有受理。", "“{title}” was not accepted."), _REASON, _BASIS, _REMEDY, _WHY),
    (
        Text("“{title}”没有受理，见网页。", "“{title}” was not accepted; open it to see why."),
        Text("{until_at}前可提“{remedy}”。", "Until {until_at} you can ask for {remedy}."),
        _NUMBER,
    ),
)
template(
    "case.refused",
    Text("没有获准：{title}", "Not granted: {title}"),
    (Text("“{title}”没有获准。", "“{title}” was not granted."), _REASON, _BASIS, _REMEDY, _WHY),
    (
        Text("“{title}”没有获准，见网页。", "“{title}” was not granted; open it to see why."),
        Text("{until_at}前可提“{remedy}”。", "Until {until_at} you can ask for {remedy}."),
        _NUMBER,
    ),
)
template(
    "case.suspended",
    Text("暂停计时：{title}", "Clock stopped: {title}"),
    (
        Text(
            "“{title}”暂停计时，没用完的时间会留着。",
            "The clock of “{title}” has stopped; the time left is kept.",
        ),
        _REASON,
        Text("在等：{waiting}。", "Waiting for: {waiting}."),
        Text("最迟{until_at}恢复。", "It resumes by {until_at} at the latest."),
    ),
    (
        Text("“{title}”暂停计时：{reason}。", "The clock of “{title}” has stopped: {reason}."),
        Text("最迟{until_at}恢复。", "It resumes by {until_at}."),
        _NUMBER,
    ),
)
template(
    "case.resumed",
    Text("恢复计时：{title}", "Clock running again: {title}"),
    (Text("“{title}”恢复计时，继续办理。", "The clock of “{title}” is running again."), _BY, _DUE),
    (
        Text("“{title}”恢复办理。", "“{title}” is being worked on again."),
        Text("{due_at}前办完。", "To be done by {due_at}."),
        _NUMBER,
    ),
)
template(
    "case.extended",
    Text("延长时限：{title}", "More time: {title}"),
    (
        Text("“{title}”需要更多时间。", "“{title}” needs more time."),
        _REASON,
        Text("新的期限是{due_at}。", "It is now due by {due_at}."),
    ),
    (
        Text("“{title}”需要更多时间。", "“{title}” needs more time."),
        Text("新期限{due_at}。", "Now due by {due_at}."),
        _NUMBER,
    ),
)
template(
    "case.returned",
    Text("退回重办：{title}", "Sent back: {title}"),
    (
        Text(
            "“{title}”核实时还没有办好，已退回重新办理。",
            "A check found “{title}” not yet done; it was sent back.",
        ),
        _REASON,
        _BY,
        _DUE,
    ),
    (
        Text("“{title}”还没有办好，已退回重办。", "“{title}” is not done yet and was sent back."),
        Text("{due_at}前办完。", "To be done by {due_at}."),
        _NUMBER,
    ),
)
template(
    "case.reopened",
    Text("重新办理：{title}", "Reopened: {title}"),
    (Text("“{title}”已经重新打开。", "“{title}” has been reopened."), _REASON, _BY, _DUE),
    (
        Text("“{title}”已重新办理。", "“{title}” has been reopened."),
        Text("{due_at}前办完。", "To be done by {due_at}."),
        _NUMBER,
    ),
)
template(
    "case.withdrawn",
    Text("已撤回：{title}", "Withdrawn: {title}"),
    Text(
        "“{title}”已经撤回，不再办理。需要时可以重新提出。",
        "“{title}” was withdrawn. You can raise it again at any time.",
    ),
    (Text("“{title}”已撤回，不再办理。", "“{title}” was withdrawn."), _NUMBER),
)
template(
    "case.linked",
    Text("并案办理：{title}", "Handled together: {title}"),
    Text(
        "“{title}”和别人反映的同一件事合在一起办。每一步仍会告诉您，编号 {number} 照样能查。",
        "“{title}” is now handled together with other reports of the same thing. "
        "You will still be told of each step, and number {number} still works.",
    ),
)
template(
    "case.rate",
    Text("请您评价：{title}", "How was it? {title}"),
    (
        Text("“{title}”办得怎么样？请您评价。", "How well was “{title}” done? Please rate it."),
        Text(
            "{until_at}前都可以评。经办人看不到是谁评的。",
            "You can do so until {until_at}. The handler does not see who rated.",
        ),
    ),
    (
        Text("“{title}”办得怎么样？请您评价。", "How well was “{title}” done? Please rate it."),
        Text("{until_at}前有效。", "Open until {until_at}."),
        _NUMBER,
    ),
)
template(
    "question.asked",
    Text("等您回答：{title}", "A question for you: {title}"),
    (
        Text(
            "办理“{title}”时有一个问题要问您，请打开回答。",
            "There is a question for you about “{title}”. Open it to answer.",
        ),
        Text("请在{due_at}前回答。", "Please answer by {due_at}."),
    ),
    (
        Text("“{title}”有一个问题等您回答。", "There is a question for you about “{title}”."),
        Text("请在{due_at}前打开回答。", "Please open it and answer by {due_at}."),
        _NUMBER,
    ),
)
template(
    "question.answered",
    Text("已有回答：{title}", "Answered: {title}"),
    (
        Text(
            "“{title}”的问题已有回答，可以接着办。",
            "The question about “{title}” was answered; you can go on.",
        ),
        _DUE,
    ),
)
template(
    "task.assigned",
    Text("新待办：{title}", "New task: {title}"),
    (
        Text("“{title}”（{number}）交给您办：{step}。", "“{title}” ({number}) is with you now: {step}."),
        _DUE,
    ),
    (
        Text("新待办“{title}”：{step}。", "New task “{title}”: {step}."),
        Text("{due_at}前办完。", "To be done by {due_at}."),
        _NUMBER,
    ),
)
template(
    "task.remind",
    Text("时间过半：{title}", "Half the time is gone: {title}"),
    (
        Text(
            "“{title}”（{number}）的时间已过一半：{step}。",
            "Half the time for “{title}” ({number}) is gone: {step}.",
        ),
        _DUE,
    ),
)
template(
    "task.due_soon",
    Text("快到期：{title}", "Due soon: {title}"),
    (
        Text("“{title}”（{number}）快到期了：{step}。", "“{title}” ({number}) is due soon: {step}."),
        _DUE,
        Text(
            "办不完的话，请现在就申请延期或者说明情况。",
            "If it cannot be done in time, ask for more time or explain now.",
        ),
    ),
    (
        Text("快到期：“{title}”，{step}。", "Due soon: “{title}”, {step}."),
        Text("{due_at}前办完。", "To be done by {due_at}."),
        _NUMBER,
    ),
)
template(
    "task.overdue",
    Text("已超时：{title}", "Overdue: {title}"),
    (
        Text("“{title}”（{number}）已超时：{step}。", "“{title}” ({number}) is overdue: {step}."),
        Text("原应在{due_at}前办完。", "It was due by {due_at}."),
        Text("请先办这一件，并写明原因。", "Please do this one first, and say why it is late."),
    ),
    (
        Text("已超时：“{title}”，{step}。", "Overdue: “{title}”, {step}."),
        Text("原应{due_at}前办完。", "It was due by {due_at}."),
        _NUMBER,
    ),
)
template(
    "task.reported_up",
    Text("超时上报：{title}", "Reported upward: {title}"),
    (
        Text(
            "{by}的“{title}”（{number}）已超时：{step}。",
            "“{title}” ({number}) with {by} is overdue: {step}.",
        ),
        Text("原应在{due_at}前办完。请您督办。", "It was due by {due_at}. Please follow it up."),
    ),
)
template(
    "task.withdrawn",
    Text("不用办了：{title}", "No longer yours: {title}"),
    Text(
        "“{title}”（{number}）已转给别人或已办结，您不用再办。",
        "“{title}” ({number}) went to someone else or is closed. You need do nothing.",
    ),
)

template(
    "case.mentioned",
    Text("{by}在备注里提到了您：{title}", "{by} named you in a note: {title}"),
    (
        Text("{by}在“{title}”的内部备注里提到了您。", "{by} named you in an internal note on “{title}”."),
        Text("请打开案卷看写了什么。", "Open the case to read it."),
        _NUMBER,
    ),
)
template(
    "mandate.acted",
    Text("有人替您办了一步：{title}", "Somebody acted for you: {title}"),
    (
        Text(
            "受您委托的人刚刚替您办了“{title}”。", "Whom you gave a mandate just acted for you in “{title}”."
        ),
        Text("编号 {number}。", "Number {number}."),
        Text(
            "不是您的意思，请在“代办”里结束委托，再到这件事的页面说明。",
            "If this is not what you want, end the mandate under “Acting for others” and say so on the page of the case.",
        ),
    ),
    (Text("受托人刚刚替您办了“{title}”。", "Your helper acted for you in “{title}”."), _NUMBER),
)
template(
    "mandate.offered",
    Text("有人想请您代办", "Somebody asks you to act for them"),
    (
        Text("有人想请您代办事情，到{to_on}为止。", "Somebody asks you to act for them until {to_on}."),
        Text(
            "请用这个手机号登录，在“代办”里看是谁，再决定接不接受。",
            "Sign in with this phone and look under “Acting for others” before you accept.",
        ),
    ),
    (
        Text(
            "有人想请您代办事情。请用本手机号登录后，在“代办”里查看。",
            "Somebody asks you to act for them. Sign in with this phone to see who.",
        ),
        _NUMBER,
    ),
)
