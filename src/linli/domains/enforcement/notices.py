"""What the party of a penalty case is told (告知当事人): plainly, with what they may do and until when."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.notices.templates import template

_NUMBER = Text("编号{number}。", "Number {number}.")


def register() -> None:
    template(
        "enforcement.told",
        Text("拟作出处罚，请看告知书：{number}", "A penalty is intended, please read: {number}"),
        (
            Text(
                "编号 {number} 的案件拟对您作出行政处罚。请打开看查明的事实、理由和依据。",
                "A penalty is intended in case {number}. Open it to read the facts, the reasons and the basis.",
            ),
            Text(
                "五个工作日内，您可以陈述、申辩；告知您有听证权利的，可以要求听证。不会因为申辩加重处罚。",
                "Within five working days you may make a statement, and ask for a hearing if you were told of that right. "
                "Nobody is punished harder for speaking.",
            ),
        ),
        (
            Text(
                "拟对您作出行政处罚，五个工作日内可以申辩、要求听证。",
                "A penalty is intended. You have five working days to reply or ask for a hearing.",
            ),
            _NUMBER,
        ),
    )
    template(
        "enforcement.decided",
        Text("处罚决定：{number}", "Penalty decision: {number}"),
        (
            Text(
                "编号 {number} 的案件作出了处罚决定。请打开看决定的理由、依据和履行期限。",
                "A penalty was imposed in case {number}. Open it to read the reasons, the basis and the time to comply.",
            ),
            Text(
                "不服的，可以在六十日内申请行政复议，也可以在六个月内起诉。",
                "If you disagree, you can ask for reconsideration within sixty days, or sue within six months.",
            ),
        ),
        (
            Text(
                "已作出处罚决定，不服可在六十日内申请复议。",
                "A penalty was imposed. You can ask for reconsideration within sixty days.",
            ),
            _NUMBER,
        ),
    )
    template(
        "enforcement.evidence_held",
        Text("证据登记保存：{number}", "Evidence is held: {number}"),
        (
            Text(
                "编号 {number} 的案件有物品先行登记保存，七个工作日内决定怎样处理；到期没有决定的自动解除。",
                "Things are held as evidence in case {number}. What becomes of them is decided within seven working "
                "days; else they are released.",
            ),
        ),
        (
            Text(
                "有物品登记保存，七个工作日内处理。",
                "Things are held as evidence; decided within seven working days.",
            ),
            _NUMBER,
        ),
    )
