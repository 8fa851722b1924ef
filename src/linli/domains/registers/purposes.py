"""What each sealed field of the registers is for (登记个人信息声明)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.people.purposes import PERSON_KEPT_YEARS, PersonalField, declare

_BASIS = Text(
    "履行法定职责（户口登记条例 4、7；个人信息保护法 13、34）",
    "statutory duty (Household Registration Regulations 4, 7; PIPL 13, 34)",
)
_SEEN = Text(
    "本辖区登记员和窗口人员，打码显示，每次查看留痕",
    "register and window clerks of the area; masked, each look recorded",
)
_KEPT = Text(
    f"迁出或最后一次需要后{PERSON_KEPT_YEARS}年（示例）",
    f"{PERSON_KEPT_YEARS} years after moving out or the last need (sample)",
)
_PREFILL = Text("已有的不再让人填", "so that what is known is not asked again")


def register() -> None:
    declare(
        PersonalField("registers.resident.sex", Text("性别", "sex"), _PREFILL, _BASIS, _SEEN, _KEPT),
        PersonalField(
            "registers.resident.birth_date", Text("出生日期", "date of birth"), _PREFILL, _BASIS, _SEEN, _KEPT
        ),
        PersonalField(
            "registers.resident.address",
            Text("户籍地址", "registered address"),
            _PREFILL,
            _BASIS,
            _SEEN,
            _KEPT,
        ),
        PersonalField(
            "registers.elementvalue.value",
            Text("其他要素", "other elements"),
            Text("核对资格，不再要证明", "to check entitlement without a certificate"),
            Text("本人同意或法律规定（个人信息保护法 28、29）", "consent or a named law (PIPL 28, 29)"),
            Text("经本人同意或法律规定后的承办人员", "staff on the case, by consent or a named law"),
            _KEPT,
        ),
        PersonalField(
            "registers.merge.moved",
            Text("合并前的内容", "what was there before two entries were merged"),
            Text("合并错了能恢复", "so that a wrong merge can be undone"),
            _BASIS,
            Text("无人可见，只用于恢复", "nobody; used to undo alone"),
            Text("撤销为止，或与本人信息一起删除", "until undone, or erased with the person"),
        ),
    )
