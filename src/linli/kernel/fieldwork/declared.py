"""What the field app keeps of a person, and what for (外勤信息的用途声明)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.people.purposes import PersonalField, declare

BODY_KEPT_DAYS = 30
"""Sample: days after an entry was carried out or decided; then its content goes and the digest stays (PIPL 19)."""


def register() -> None:
    declare(
        PersonalField(
            "fieldwork.device.key",
            Text("外勤设备密钥", "key of a field device"),
            Text("让手机认出应答来自本平台", "lets the phone tell that an answer is ours"),
            Text("网络安全等级保护", "graded protection of information systems"),
            Text("无人可见", "nobody"),
            Text("至设备停用", "until the device is ended"),
        ),
        PersonalField(
            "fieldwork.entry.body",
            Text("外勤上传的内容", "content sent from the field"),
            Text(
                "不丢一条外勤记录，办不成的由负责人处理",
                "no entry is lost; the lead decides what could not be done",
            ),
            Text("履行法定职责（个人信息保护法第13条、第34条）", "statutory duty (PIPL 13, 34)"),
            Text("本人和本辖区负责人", "the worker and the lead of the area"),
            Text(
                f"办成或处理后{BODY_KEPT_DAYS}天（示例）",
                f"{BODY_KEPT_DAYS} days after it was carried out or decided (sample)",
            ),
        ),
    )
