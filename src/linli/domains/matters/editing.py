"""The matter's form in the editor (编辑事项): keys of the file as fields of a page, and back. Pure but for choices given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from linli.base.i18n import Text
from linli.domains.matters import spec as s
from linli.domains.matters.reading import DEFAULTS
from linli.web.forms import Choice, FieldView

Raw = dict[str, Any]
BOTH = Text("中文和英文用“ | ”隔开。", "Chinese and English with “ | ” between them.")
ONE_A_LINE = Text("一行一条，中文和英文用“ | ”隔开。", "One a line, Chinese and English with “ | ” between.")
LAWS = Text("一行一条，如“行政许可法 32”。", "One a line: the Chinese name of the law, a blank, the article.")
PERIOD = Text("例如 5 working days、15 days、3 months。", "Such as 5 working days, 15 days, 3 months.")
LISTS = {
    "fields": Text("表单项", "Questions"),
    "materials": Text("材料", "Papers"),
    "refusals": Text("不予办理的情形", "Grounds of refusal"),
    "cosigners": Text("共同签名人", "Who else has to agree"),
}


def choice(table: Mapping[str, Text]) -> list[Choice]:
    return [Choice(code, title) for code, title in table.items()]


def matter_fields(departments: Iterable[tuple[str, Text]]) -> list[FieldView]:
    """Everything but the lists (除清单外的全部项)."""
    offices = [Choice(code, title) for code, title in departments]
    return [
        FieldView("title", Text("名称", "Title"), required=True, max=300, hint=BOTH),
        FieldView("short", Text("居民想办什么（大白话）", "What one wants to do, in plain words"), required=True, max=300, hint=BOTH),
        FieldView("kind", Text("事项类型", "Kind"), "choice", required=True, choices=choice(s.KINDS)),
        FieldView("department", Text("主管部门", "Department"), "choice", required=True, choices=offices),
        FieldView("level", Text("行使层级", "Level"), "choice", required=True, choices=choice(s.LEVELS)),
        FieldView("basic_code", Text("基本目录编码（12 位）", "Code of the basic catalogue"), required=True, max=36),
        FieldView("serves", Text("给谁办", "For whom"), "checkboxes", choices=choice(s.SERVES)),
        FieldView("basis", Text("设定依据", "Basis"), "text", required=True, hint=LAWS),
        FieldView("handling", Text("办件类型", "Handling"), "choice", required=True, choices=choice(s.HANDLING)),
        FieldView("procedure", Text("办理程序", "Procedure"), "choice", required=True, choices=choice(s.PROCEDURES)),
        FieldView("legal_limit", Text("法定时限", "Limit of the law"), max=40, hint=PERIOD),
        FieldView("legal_limit_none", Text("没有法定时限的理由", "Why the law sets none"), max=300, hint=BOTH),
        FieldView("promised_limit", Text("承诺时限", "Promised limit"), required=True, max=40, hint=Text("不能长于法定时限。", "Never longer than the law's.")),
        FieldView("special", Text("会停止计时的环节", "Steps that stop the clock"), "checkboxes", choices=choice(s.SPECIAL)),
        FieldView("conditions", Text("受理条件", "Conditions"), "text", required=True, hint=ONE_A_LINE),
        FieldView("result_type", Text("结果类型", "Kind of result"), "choice", required=True, choices=choice(s.RESULTS)),
        FieldView("result_title", Text("结果名称", "Result"), required=True, max=200, hint=BOTH),
        FieldView("fee", Text("收费", "Fee"), max=200, hint=Text("不收费就不填。", "Empty: free of charge.")),
        FieldView("fee_basis", Text("收费依据", "Basis of the fee"), "text", hint=LAWS),
        FieldView("channels", Text("申请渠道", "Ways to apply"), "checkboxes", choices=choice(s.CHANNELS), hint=Text("窗口和纸质表总要有。", "The window and the paper form are always there.")),
        FieldView("delivery", Text("怎么拿结果", "Delivery"), "checkboxes", choices=choice(s.DELIVERY)),
        FieldView("scope", Text("通办范围", "Where it may be applied for"), "choice", choices=choice(s.SCOPES)),
        FieldView("mode", Text("通办方式", "How elsewhere"), "choice", choices=choice(s.MODES)),
        FieldView("visits", Text("到现场几次", "Visits"), "integer", max=2),
        FieldView("publicity_days", Text("公示几天", "Days on public notice"), "integer", max=3),
        FieldView("survey", Text("要入户或现场核实", "A visit to see for ourselves"), "boolean"),
        FieldView("inspection", Text("要现场勘验", "An inspection on site"), "boolean"),
        FieldView("joint", Text("一起办的部门", "Departments that examine it, too"), "checkboxes", choices=offices),
        FieldView("topics", Text("主题", "Topics"), "checkboxes", choices=choice(s.TOPICS)),
        FieldView("words", Text("居民常用的说法", "Words that residents use"), max=300, hint=Text("空格分开。", "With blanks between.")),
        FieldView("policy", Text("政策说明白", "The policy in plain words"), "text", hint=BOTH),
        FieldView("standard", Text("服务标准", "What good service means"), "text", hint=ONE_A_LINE),
        FieldView("agency", Text("列入村级代办", "On the list of village agents"), "boolean"),
        FieldView("sample", Text("本地样例，还没有公布", "A local sample, not published yet"), "boolean"),
    ]  # fmt: skip


PLAIN = (
    "title short kind department level basic_code handling procedure legal_limit legal_limit_none promised_limit scope mode "
    "policy"
).split()
MANY = "serves special channels delivery topics".split()
LINES = "basis conditions standard".split()


def values_of(raw: Mapping[str, Any]) -> Raw:
    """A matter as the fields show it (填入表单)."""
    raw = {**DEFAULTS, **raw}
    steps, result, fee = raw.get("steps") or {}, raw.get("result") or {}, raw.get("fee") or {}
    return {
        **{key: said(raw.get(key)) for key in PLAIN},
        **{key: list(s.words_of(raw.get(key))) for key in MANY},
        **{key: lines(raw.get(key)) for key in LINES},
        "result_type": result.get("type"),
        "result_title": said(result.get("title")),
        "fee": said(fee.get("amount")),
        "fee_basis": lines(fee.get("basis")),
        "visits": raw.get("visits", 0),
        "publicity_days": steps.get("publicity_days"),
        "survey": bool(steps.get("survey")),
        "inspection": bool(steps.get("inspection")),
        "joint": list(s.words_of(steps.get("joint"))),
        "words": " ".join(s.words_of(raw.get("words"))),
        "agency": bool(raw.get("agency")),
        "sample": bool(raw.get("sample")),
    }


def raw_of(before: Mapping[str, Any], entered: Mapping[str, Any]) -> Raw:
    """The keys of the file again (写回事项): what was left empty goes, the lists stay."""
    raw: Raw = {k: v for k, v in before.items() if k in {"code", *LISTS, "effective_to"}}
    raw |= {key: entered[key] for key in PLAIN if entered.get(key)}
    raw |= {key: entered[key] for key in MANY if entered.get(key)}
    raw |= {key: split(entered[key]) for key in LINES if entered.get(key)}
    raw["result"] = {
        **(before.get("result") or {}),
        "type": entered.get("result_type"),
        "title": entered.get("result_title"),
    }
    if entered.get("fee"):
        raw["fee"] = {"amount": entered["fee"], "basis": split(entered.get("fee_basis") or "")}
    raw["visits"] = number(entered.get("visits"))
    steps = {
        "survey": bool(entered.get("survey")),
        "publicity_days": number(entered.get("publicity_days")),
        "inspection": bool(entered.get("inspection")),
        "joint": entered.get("joint") or [],
    }
    if any(steps.values()):
        raw["steps"] = {k: v for k, v in steps.items() if v}
    if entered.get("words"):
        raw["words"] = entered["words"]
    raw |= {key: True for key in ("agency", "sample") if entered.get(key)}
    return raw


def row_fields(kind: str, matter: Mapping[str, Any]) -> list[FieldView]:
    """One row of a list (清单的一行)."""
    first = [
        FieldView("code", Text("编码", "Code"), required=True, max=40, extra={"autocomplete": "off"}),
        FieldView("title", Text("名称", "Title"), required=True, max=300, hint=BOTH),
    ]
    basis = FieldView("basis", Text("依据", "Basis"), "text", hint=LAWS)
    if kind == "refusals":
        return [*first, basis]
    asked = [Choice(f["code"], s.two_languages(f["title"])) for f in s.rows(matter.get("fields"))]
    only = [
        FieldView("if_field", Text("只在填了这一项时才要", "Only if this question"), "choice", choices=asked),
        FieldView("if_in", Text("填的是（编码，空格分开；是/否写 yes/no）", "is answered with (codes, blanks between; yes or no)"), max=120),
    ]  # fmt: skip
    if kind == "cosigners":
        return [*first, *only]
    held = [
        FieldView("element", Text("数据要素", "Data element"), max=60, hint=Text("如 person.address；已有登记的不能再要。", "Such as person.address; what a register holds may not be asked again.")),
        FieldView("ask_again", Text("确要再问的理由", "Why it is asked all the same"), "text", hint=BOTH),
    ]  # fmt: skip
    if kind == "fields":
        return [
            *first,
            FieldView("type", Text("类型", "Type"), "choice", choices=[Choice(t, t) for t in s.FIELD_TYPES]),
            FieldView("hint", Text("提示", "Hint"), max=300, hint=BOTH),
            FieldView("required", Text("必填", "Needed"), "boolean"),
            FieldView("choices", Text("选项", "Choices"), "text", hint=Text("一行一个：编码 = 中文 | English", "One a line: code = 中文 | English")),
            FieldView("prefilled", Text("从登记带出，可改正", "Offered from the register"), "boolean"),
            *held,
            *only,
        ]  # fmt: skip
    return [
        *first,
        FieldView("need", Text("要不要", "Needed"), "choice", required=True, choices=choice(s.NEEDS)),
        FieldView("form", Text("形式", "Form"), "choice", choices=choice(s.FORMS)),
        FieldView("source", Text("来源", "Source"), "choice", required=True, choices=choice(s.SOURCES)),
        basis,
        FieldView("certificate", Text("证明清单里的编码", "Code on the list of certificates"), max=40),
        FieldView("pages", Text("份数", "Copies"), "integer", max=2),
        *held,
        *only,
    ]


def row_values(row: Mapping[str, Any]) -> Raw:
    when = row.get("if") or {}
    wanted = when.get("in", [when["is"]] if "is" in when else [])
    return {
        **{k: said(v) for k, v in row.items() if k in {"code", "title", "type", "hint", "need", "form", "source", "element", "certificate", "ask_again"}},
        "basis": lines(row.get("basis")),
        "pages": row.get("pages"),
        "required": bool(row.get("required")),
        "prefilled": bool(row.get("prefilled")),
        "choices": "\n".join(f"{c} = {t.zh} | {t.en}" for c, t in s.choices(row.get("choices"))),
        "if_field": when.get("field"),
        "if_in": " ".join({True: "yes", False: "no"}.get(w, str(w)) if isinstance(w, bool) else str(w) for w in wanted),
    }  # fmt: skip


def row_of(before: Mapping[str, Any], entered: Mapping[str, Any]) -> Raw:
    """One row again. A condition that the page cannot show (all, any) stays as it was."""
    row: Raw = {
        k: v for k, v in entered.items() if v and k not in {"basis", "choices", "if_field", "if_in", "pages"}
    }
    if entered.get("basis"):
        row["basis"] = split(entered["basis"])
    if entered.get("pages"):
        row["pages"] = number(entered["pages"])
    if entered.get("choices"):
        pairs = [line.partition("=") for line in split(entered["choices"])]
        row["choices"] = {code.strip(): title.strip() for code, _, title in pairs}
    if entered.get("if_field"):
        wanted: list[Any] = [
            {"yes": True, "no": False}.get(w, w) for w in (entered.get("if_in") or "").split()
        ]
        row["if"] = {
            "field": entered["if_field"],
            **({"is": wanted[0]} if len(wanted) == 1 else {"in": wanted}),
        }
    elif {"all", "any"} & set(before.get("if") or {}):
        row["if"] = before["if"]
    return row


def said(value: Any) -> Any:
    if isinstance(value, Mapping):
        text = s.two_languages(value)
        return f"{text.zh} | {text.en}"
    return value


def lines(values: Any) -> str:
    found = [values] if isinstance(values, str | Mapping) else values or []
    return "\n".join(str(said(v.get("text") if isinstance(v, Mapping) and "text" in v else v)) for v in found)


def split(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def number(value: Any) -> int:
    return int(value) if str(value or "").isdigit() else 0
