"""A matter as a file says it (事项的写法): pure, no table, no clock. docs/reference/matter-files.md lists every key.

A text is `{zh, en}` or one string "中文 | English". An article of law is a string like "行政许可法 32", put into both
languages by `catalogue/laws.toml`, or a text of its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from linli.base.i18n import Text, text_from
from linli.base.periods import Period, parse_period

CATALOGUE = Path(__file__).parent / "catalogue"

KINDS = {
    "licence": Text("行政许可", "administrative licence"),
    "benefit": Text("行政给付", "benefit"),
    "reward": Text("行政奖励", "reward"),
    "confirmation": Text("行政确认", "confirmation"),
    "ruling": Text("行政裁决", "ruling"),
    "other_power": Text("其他行政权力", "other administrative power"),
    "public_service": Text("公共服务", "public service"),
}
LEVELS = {
    "county": Text("县级", "county"),
    "township": Text("乡镇（街道）", "township"),
    "village": Text("村（社区）", "village"),
}
SERVES = {"person": Text("个人", "persons"), "organisation": Text("单位", "organisations")}
HANDLING = {"instant": Text("即办件", "done at once"), "promised": Text("承诺件", "done within a limit")}
PROCEDURES = {
    "service": Text("政务服务", "service"),
    "licence": Text("行政许可", "licence"),
    "assistance": Text("社会救助", "assistance"),
    "loan": Text("借用归还", "loan"),
    "agency": Text("村级代办", "help by the village"),
}
SPECIAL = {
    "hearing": Text("听证", "hearing"),
    "expert": Text("专家评审", "expert review"),
    "inspection": Text("检验、检测、勘验", "testing or survey"),
    "supplement": Text("补正材料", "supplement of papers"),
}
NEEDS = {
    "required": Text("必要", "required"),
    "tolerable": Text("可容缺后补", "may follow later"),
    "conditional": Text("视情形", "in some cases"),
}
FORMS = {
    "paper": Text("纸质", "paper"),
    "electronic": Text("电子", "electronic"),
    "either": Text("纸质或电子", "paper or electronic"),
}
SOURCES = {
    "applicant": Text("申请人自备", "the applicant"),
    "register": Text("系统核对，不用交", "looked up, not handed in"),
    "department": Text("政府部门核发", "issued by a department"),
}
CHANNELS = {
    "window": Text("窗口", "window"),
    "web": Text("网上", "online"),
    "phone": Text("电话", "phone"),
    "paper": Text("纸质表", "paper form"),
    "agency": Text("村（社区）代办", "village agent"),
}
DELIVERY = {
    "window": Text("窗口领取", "at the window"),
    "express": Text("邮寄", "by post"),
    "electronic": Text("电子证照", "electronically"),
}
SCOPES = {
    "local": Text("本县", "this county"),
    "city": Text("全市通办", "anywhere in the city"),
    "province": Text("全省通办", "anywhere in the province"),
    "cross": Text("跨省通办", "anywhere in the country"),
}
MODES = {
    "online": Text("全程网办", "wholly online"),
    "receive_for": Text("异地代收代办", "received elsewhere, handed on"),
    "multi": Text("多地联办", "handled by several places"),
}
RESULTS = {
    "certificate": Text("证照", "certificate"),
    "approval": Text("批文", "written approval"),
    "money": Text("资金", "money"),
    "record": Text("登记或备案", "registration or filing"),
    "service": Text("服务", "service"),
}
FIELD_TYPES = ("line", "text", "number", "money", "date", "boolean", "choice", "choices", "phone", "place")
TOPICS = {
    "birth": Text("生育收养", "Birth"),
    "school": Text("入学教育", "School"),
    "work": Text("就业创业", "Work"),
    "social": Text("社保医保", "Insurance"),
    "health": Text("看病健康", "Health"),
    "housing": Text("住房建房", "Housing"),
    "residence": Text("户籍居住", "Residence"),
    "family": Text("婚姻家庭", "Family"),
    "hardship": Text("困难救助", "Hardship"),
    "disability": Text("残疾人服务", "Disability"),
    "old_age": Text("养老", "Old age"),
    "death": Text("身后事", "After a death"),
    "veterans": Text("退役军人", "Veterans"),
    "farming": Text("农业农村", "Farming"),
    "business": Text("开店办企业", "Business"),
    "building": Text("工程与用地", "Building and land"),
    "street": Text("市容道路", "Streets"),
    "law": Text("法律服务", "Legal help"),
    "society": Text("社会组织", "Associations"),
    "other": Text("其他", "Other"),
}


_PRINTED = re.compile(r"《([^《》]+)》(?:第([0-9、]+)条)?")


@dataclass(frozen=True, slots=True)
class Citation:
    """An article of law or of a published rule (依据)."""

    text: Text
    url: str = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of the form (表单项)."""

    code: str
    title: Text
    type: str = "line"
    hint: Text | None = None
    required: bool = False
    choices: tuple[tuple[str, Text], ...] = ()
    element: str = ""  # of the element dictionary, such as person.birth_date
    ask_again: Text | None = None  # why it is asked though a register owns it
    prefilled: bool = False  # offered from the register; a correction goes to its owner
    when: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """One paper or file (申请材料)."""

    code: str
    title: Text
    need: str = "required"
    form: str = "either"
    source: str = "applicant"
    basis: tuple[Citation, ...] = ()
    element: str = ""  # what it would prove, where a register can say it
    ask_again: Text | None = None
    certificate: str = ""  # code of the list of certificates that may be demanded
    pages: int = 1
    sample: str = ""
    when: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground on which it may be refused (不予办理的情形)."""

    code: str
    title: Text
    basis: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class CoSigner:
    """Somebody else who has to agree (共同签名人): asked for by name and phone, signs for themselves."""

    code: str
    title: Text
    when: Mapping[str, Any] | None = None

    @property
    def name_code(self) -> str:
        return f"{self.code}-name"

    @property
    def phone_code(self) -> str:
        return f"{self.code}-phone"

    @property
    def questions(self) -> tuple[FormField, FormField]:
        zh, en = self.title.zh, self.title.en
        name = FormField(
            self.name_code, Text(f"{zh}姓名", f"{en}: name"), "line", required=True, when=self.when
        )
        hint = Text("会请他（她）在手机上看过再同意。", "They are asked to look at it and agree by phone.")
        phone = FormField(
            self.phone_code, Text(f"{zh}手机", f"{en}: phone"), "phone", hint, required=True, when=self.when
        )
        return name, phone


@dataclass(frozen=True, slots=True)
class Fee:
    amount: Text
    basis: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What comes out, and how long it is kept (办理结果)."""

    type: str
    title: Text
    archive: str = "matters"
    keep: str = "10 years"


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps that not every matter has (可选环节)."""

    survey: bool = False
    publicity_days: int = 0
    inspection: bool = False
    joint: tuple[str, ...] = ()  # departments that examine it, too


@dataclass(frozen=True, slots=True)
class MatterSpec:
    """One version of a matter (事项的一版)."""

    code: str
    basic_code: str
    title: Text
    short: Text
    kind: str
    department: str
    level: str
    basis: tuple[Citation, ...]
    serves: tuple[str, ...]
    handling: str
    procedure: str
    legal_limit: Period | None
    legal_limit_none: Text | None
    promised_limit: Period
    special: tuple[str, ...]
    conditions: tuple[Text, ...]
    refusals: tuple[Ground, ...]
    steps: Steps
    fields: tuple[FormField, ...]
    materials: tuple[Material, ...]
    fee: Fee | None
    result: Result
    delivery: tuple[str, ...]
    channels: tuple[str, ...]
    scope: str
    mode: str
    visits: int
    topics: tuple[str, ...]
    words: tuple[str, ...]
    agency: bool
    effective_from: date | None
    effective_to: date | None
    version: int
    policy: Text | None
    standard: tuple[Text, ...]  # what good service means here (服务标准)
    sample: bool
    cosigners: tuple[CoSigner, ...] = ()

    @property
    def questions(self) -> tuple[FormField, ...]:
        """All that the form asks, with those who have to agree too (全部表单项)."""
        return (*self.fields, *(q for c in self.cosigners for q in c.questions))

    def field(self, code: str) -> FormField | None:
        return next((f for f in self.fields if f.code == code), None)

    def materials_for(self, answers: Mapping[str, Any]) -> list[Material]:
        """What has to be handed in by somebody who answers like this (应交材料): what a register knows is left out."""
        return [m for m in self.materials if m.source != "register" and holds(m.when, answers)]

    def fields_for(self, answers: Mapping[str, Any]) -> list[FormField]:
        return [f for f in self.fields if holds(f.when, answers)]

    @property
    def signature(self) -> tuple[object, ...]:
        """What makes it a matter of its own and no renamed copy (实质内容)."""
        return (
            frozenset(m.title.zh for m in self.materials),
            str(self.legal_limit),
            str(self.promised_limit),
            frozenset(r.title.zh for r in self.refusals),
            frozenset(b.text.zh for b in self.basis),
        )


def holds(condition: Mapping[str, Any] | None, answers: Mapping[str, Any]) -> bool:
    """Whether a condition over answers holds (条件是否成立): `{field, is}`, `{field, in}`, `{all: […]}`, `{any: […]}`."""
    if not condition:
        return True
    if "all" in condition:
        return all(holds(c, answers) for c in condition["all"])
    if "any" in condition:
        return any(holds(c, answers) for c in condition["any"])
    given = answers.get(condition.get("field", ""))
    if "in" in condition:
        wanted = condition["in"]
        return any(g in wanted for g in given) if isinstance(given, list) else given in wanted
    wanted = condition.get("is")
    return wanted in given if isinstance(given, list) else bool(given == wanted)


def names_in(condition: Mapping[str, Any] | None) -> set[str]:
    """The fields that a condition asks (条件涉及的表单项)."""
    if not condition:
        return set()
    inner = [*condition.get("all", ()), *condition.get("any", ())]
    own = {str(condition["field"])} if "field" in condition else set()
    return own.union(*(names_in(c) for c in inner))


def two_languages(value: Any) -> Text:
    """A text of a file (双语文本): `{zh, en}`, or "中文 | English"."""
    if isinstance(value, str):
        zh, bar, en = value.partition(" | ")
        return Text(zh.strip(), (en if bar else zh).strip())
    return text_from(value)


@cache
def laws() -> dict[str, str]:
    """Chinese to English names of the laws that our files cite (法规名称)."""
    return dict(tomllib.loads((CATALOGUE / "laws.toml").read_text(encoding="utf-8"))["laws"])


def citation(value: Any) -> Citation:
    """An article from its short form (依据): "行政许可法 32" is 《行政许可法》第32条."""
    if isinstance(value, Mapping):
        return Citation(two_languages(value.get("text", "")), str(value.get("url", "")))
    printed = _PRINTED.fullmatch(str(value).strip())
    name, _, articles = (f"{printed[1]} {printed[2] or ''}" if printed else str(value)).strip().partition(" ")
    if name not in laws() or " | " in str(value):
        return Citation(two_languages(value))
    if not articles:
        return Citation(Text(f"《{name}》", laws()[name]))
    return Citation(Text(f"《{name}》第{articles}条", f"{laws()[name]}, art. {articles.replace('、', ', ')}"))


def citations(value: Any) -> tuple[Citation, ...]:
    if not value:
        return ()
    return tuple(citation(v) for v in ([value] if isinstance(value, str | Mapping) else value))


def period(value: Any) -> Period | None:
    return parse_period(str(value)) if value else None


def perhaps_text(value: Any) -> Text | None:
    return two_languages(value) if value else None


def day(value: Any) -> date | None:
    if not value:
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def words_of(value: Any) -> tuple[str, ...]:
    return tuple(value.split()) if isinstance(value, str) else tuple(str(v) for v in value or ())


def texts(value: Any) -> tuple[Text, ...]:
    return tuple(two_languages(v) for v in ([value] if isinstance(value, str) else value or ()))


def choices(value: Any) -> tuple[tuple[str, Text], ...]:
    if isinstance(value, Mapping):
        return tuple((str(code), two_languages(title)) for code, title in value.items())
    return tuple((str(c["code"]), two_languages(c["title"])) for c in value or ())


def rows(value: Any) -> Sequence[Mapping[str, Any]]:
    return [v for v in value or () if isinstance(v, Mapping)]
