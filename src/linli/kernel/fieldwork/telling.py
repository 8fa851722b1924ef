"""What field work says to the lead and to the worker (外勤通知)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.notices.templates import template


def register() -> None:
    template(
        "field.silent",
        Text("外勤设备没有联系：{who}", "No contact with a field phone: {who}"),
        (
            Text(
                "{who}的手机“{label}”从{last_at}起没有联系。",
                "The phone “{label}” of {who} has been silent since {last_at}.",
            ),
            Text("当时还有 {n} 条没有上传。", "It had {n} entries unsent then."),
            Text(
                "请联系本人，看是没有信号、换了手机，还是丢了。",
                "Please ask them whether there is no signal, a new phone, or a lost one.",
            ),
        ),
    )
    template(
        "field.kept",
        Text("外勤收件等您处理：{who}", "Field work waits for you: {who}"),
        (
            Text(
                "{who}上传的“{kind}”没有办成，内容已完整保留。",
                "“{kind}” from {who} could not be carried out; all of it is kept.",
            ),
            Text("请在“外勤收件”里处理。", "Please decide under “Field work”."),
        ),
    )
    template(
        "field.decided",
        Text("您的外勤记录已处理：{kind}", "Your field entry was decided: {kind}"),
        (
            Text("{by}：{decision}。", "{by}: {decision}."),
            Text("说明：{words}。", "In their words: {words}."),
        ),
    )
