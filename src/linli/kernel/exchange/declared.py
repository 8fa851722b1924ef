"""What messages hold of a person, and what for (交换内容的用途声明)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.people.purposes import PersonalField, declare

BODY_KEPT_DAYS = 30
"""Sample: days after a message was acknowledged or received; then its content goes and the digest stays (PIPL 19)."""


def register() -> None:
    declare(
        PersonalField(
            "exchange.message.body",
            Text("平台间交换的内容", "content exchanged with another installation"),
            Text("把申请人要办的事和材料交给办理地，把结果带回来", "hands an application over to the place that decides it, and brings the result back"),
            Text("申请人的委托；履行法定职责（个人信息保护法第13条、第23条、第34条）", "the applicant's request; statutory duty (PIPL 13, 23, 34)"),
            Text("无人可见，只由程序收发", "nobody: programs send and take it"),
            Text(f"收妥后{BODY_KEPT_DAYS}天（示例）", f"{BODY_KEPT_DAYS} days after it arrived (sample)"),
        )
    )  # fmt: skip
