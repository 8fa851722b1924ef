"""What each personal field is for (个人信息字段声明): purpose, legal basis, who may see it, how long it is kept.

`rights.md` 1: no field without a declared purpose is stored. Every `SealedField` of every app is declared, here or
beside its model; `undeclared_fields()` names those that are not, and a house test wants it empty.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps

from linli.base.i18n import Text
from linli.kernel.people.fields import SealedField

PERSON_KEPT_YEARS = 2
"""Sample: years after something last needed the person; then the row is anonymised (PIPL 19, 47)."""


DRAFT_KEPT_DAYS = 7
"""Sample: days that an unsent form is kept; nobody but its writer reads it (PIPL 6, 19: no longer than needed)."""


@dataclass(frozen=True, slots=True)
class PersonalField:
    context: str  # as in SealedField(context=…)
    title: Text
    purpose: Text
    basis: Text
    seen_by: Text
    kept: Text


_declared: dict[str, PersonalField] = {}


def declare(*fields: PersonalField) -> None:
    for field in fields:
        _declared[field.context] = field


def declared() -> list[PersonalField]:
    """All declared fields, for the page that tells people what is kept about them (告知清单)."""
    return sorted(_declared.values(), key=lambda field: field.context)


def undeclared_fields() -> list[str]:
    return sorted(
        field.context
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, SealedField) and field.context not in _declared
    )


_STAFF = Text("承办该办件的人员，打码显示，每次查看留痕", "staff on the case; masked, each look recorded")
_DUTY = Text("履行法定职责（个人信息保护法第13条、第34条）", "statutory duty (PIPL 13, 34)")
_KEPT = Text(
    f"最后一次需要后{PERSON_KEPT_YEARS}年（示例）",
    f"{PERSON_KEPT_YEARS} years after it was last needed (sample)",
)

declare(
    PersonalField(
        "people.person.name",
        Text("姓名", "name"),
        Text("称呼并核对办事人", "to address and check the person served"),
        _DUTY,
        _STAFF,
        _KEPT,
    ),
    PersonalField(
        "people.person.phone",
        Text("电话", "phone"),
        Text("告知进展、回访、登录", "to tell progress, call back and sign in"),
        _DUTY,
        _STAFF,
        _KEPT,
    ),
    PersonalField(
        "people.person.id_number",
        Text("证件号码", "ID number"),
        Text("只在依法须核实身份的事项中识别本人", "to identify the person where a law asks for it"),
        _DUTY,
        _STAFF,
        _KEPT,
    ),
    PersonalField(
        "people.account.second_factor",
        Text("动态口令密钥", "second-factor secret"),
        Text("工作人员二次验证", "second step of staff sign-in"),
        Text("网络安全等级保护", "graded protection of information systems"),
        Text("无人可见", "nobody"),
        Text("至账号停用或重设", "until the account is closed or the factor reset"),
    ),
    PersonalField(
        "people.keptdraft.content",
        Text("没写完的草稿", "a form not yet sent"),
        Text("让您接着写", "so that you can go on where you stopped"),
        Text("个人同意（个人信息保护法第13条）", "consent (PIPL 13)"),
        Text("只有您自己", "yourself alone"),
        Text(
            f"最后一次修改后{DRAFT_KEPT_DAYS}天（示例）",
            f"{DRAFT_KEPT_DAYS} days after the last change (sample)",
        ),
    ),
)


# The codes that procedure files write, in words; a county's own file may write a sentence instead.
_PURPOSES = {
    "care": Text("联系您、上门帮扶", "to reach you and to come to you"),
    "case-contact": Text("联系当事人、告知结果", "to reach the person and tell the outcome"),
    "care-visit": Text("上门走访", "to call at your home"),
    "named-file": Text("承办这件事", "to work on the case"),
    "delivery": Text("送达文书", "to deliver papers"),
    "information-request": Text("办理信息公开申请", "to answer a request for information"),
    "licence-application": Text("办理许可申请", "to decide on a licence"),
    "service-application": Text("办理服务申请", "to handle an application"),
    "mediation": Text("调解纠纷", "to mediate a dispute"),
    "register-correction": Text("更正登记信息", "to correct what a register holds"),
    "penalty-case": Text("查处违法行为", "to investigate an offence"),
    "petition-inquiry": Text("调查信访事项", "to look into a petition"),
    "third-party-interest": Text("听取利害关系人的意见", "to hear whoever is concerned"),
    "third-party-opinion": Text("征求第三方意见", "to ask a third party"),
}


def purpose_title(code: str) -> Text:
    """What a field of a procedure, or a look, is for, in words (用途); a sentence stays as it was written."""
    return _PURPOSES.get(code, Text(code, code))
