"""What the checker proves about a matter before it is published (事项检查): pure; each finding has its code.

MC1xx how it is written (`reading`) · MC2xx limits · MC3xx basis and refusals · MC4xx papers and questions · MC5xx ways,
dates and fees. docs/reference/matter-files.md lists them with the article each comes from.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from linli.base.i18n import Text
from linli.base.periods import Period
from linli.domains.matters.spec import (
    CATALOGUE,
    PROCEDURES,
    SCOPES,
    Citation,
    Material,
    MatterSpec,
    citations,
    names_in,
    two_languages,
)
from linli.kernel.procedures.checks.finding import Finding
from linli.kernel.procedures.checks.worstcase import TooLong, too_long

MINIMUM_CHANNELS = ("window", "paper")
REASON = 8  # the least characters of a written reason
_BY_A_VILLAGE = re.compile(
    "(村|社区|居委会|居民委员会).*(出具|开具|盖章|证明)"
)  # 民发〔2020〕20号: under whatever name


@dataclass(frozen=True)
class Certificate:
    """A certificate that may be demanded (可以索要的证明): who issues it, and the law that says so."""

    code: str
    title: Text
    issuer: str
    basis: tuple[Citation, ...]


@dataclass(frozen=True)
class Certificates:
    """The county's list of certificates (证明事项清单), and those that villages must not issue."""

    listed: Mapping[str, Certificate]
    never: tuple[tuple[str, Text], ...]  # words by which one knows it, what it is and where to turn


@cache
def certificates() -> Certificates:
    """The list that is shipped (随附的清单): a sample for a county to replace."""
    raw = tomllib.loads((CATALOGUE / "certificates.toml").read_text(encoding="utf-8"))
    listed = {
        c["code"]: Certificate(c["code"], two_languages(c["title"]), c["issuer"], citations(c["basis"]))
        for c in raw["certificate"]
    }
    return Certificates(listed, tuple((n["word"], two_languages(n["title"])) for n in raw["never"]))


def check_matter(
    spec: MatterSpec, *, owned: Mapping[str, Text] | None = None, departments: Collection[str] = ()
) -> list[Finding]:
    """What is wrong with a matter (检查一个事项). `owned`: elements that a register holds, with who owns them;
    `departments`: words of those that exist, when they are known."""
    owned = owned or {}
    return [
        *_limits(spec),
        *_basis(spec),
        *_papers(spec, owned),
        *_questions(spec, owned),
        *_ways(spec, departments),
    ]


def _limits(spec: MatterSpec) -> Iterator[Finding]:
    legal, promised = spec.legal_limit, spec.promised_limit
    if legal is None and (spec.legal_limit_none is None or len(spec.legal_limit_none.zh) < REASON):
        yield _f("MC202", "legal_limit", "没有写法定时限，也没有写明为什么没有。", "There is no legal limit and no reason why not.",
                 "写 legal_limit，或在 legal_limit_none 里写明理由。", "Write legal_limit, or the reason in legal_limit_none.")  # fmt: skip
    if legal is not None and (over := too_long((promised,), legal)):
        when = _when(over)
        yield _f("MC201", "promised_limit", f"承诺时限 {promised.zh} 比法定时限 {legal.zh} 长{when.zh}。",
                 f"The promised limit of {promised.en} is longer than the law's {legal.en}{when.en}.",
                 "承诺时限不能长于法定时限，请改短。", "Shorten the promised limit.")  # fmt: skip
    if spec.handling == "instant" and too_long((promised,), Period(1, "working_days")):
        yield _f("MC203", "promised_limit", f"即办件要在 1 个工作日内办结，这里写了 {promised.zh}。",
                 f"What is done at once is done within one working day; here it says {promised.en}.",
                 "改为 1 个工作日以内，或改为承诺件。", "Make it one working day, or handled within a promised limit.")  # fmt: skip
    if spec.handling == "instant" and spec.special:
        yield _f("MC204", "special", "即办件不能有停止计时的环节。", "What is done at once has no step that stops the clock.",
                 "删去 special，或改为承诺件。", "Remove special, or make it promised.")  # fmt: skip
    needs = [(spec.steps.inspection or spec.steps.survey, "inspection")]
    if spec.legal_limit and spec.kind == "licence":
        for wanted, word in needs:
            if wanted and word not in spec.special:
                yield _f("MC205", "special", "有现场勘验，但没有写进 special：它的时间会算进时限。",
                         "There is a survey that special does not name: its time counts.",
                         "要停止计时就写进 special；不停，就删去这个环节。", "Name it in special, or remove the step.")  # fmt: skip


def _when(over: TooLong) -> Text:
    """In which days it is, where working days and calendar days are compared (遇到长假)."""
    if over.start is None or over.ends is None or over.limit_ends is None:
        return Text("", "")
    start, promised, legal = (f"{at:%Y-%m-%d}" for at in (over.start, over.ends, over.limit_ends))
    return Text(
        f"：例如 {start} 起算，承诺的到 {promised}，法定的到 {legal}",
        f": from {start} on, say, it ends on {promised} and the law's on {legal}",
    )


def _basis(spec: MatterSpec) -> Iterator[Finding]:
    if not spec.basis:
        yield _f(
            "MC301",
            "basis",
            "没有设定依据。",
            "It has no basis.",
            "写法律、法规的条款。",
            "Cite the article.",
        )
    for n, ground in enumerate(spec.refusals):
        if not ground.basis:
            yield _f("MC302", ("refusals", n), f"不予办理的情形“{ground.title.zh}”没有依据。",
                     f"The ground of refusal “{ground.title.en}” has no basis.",
                     "写出条款；没有依据的理由不能用来拒绝。", "Cite the article: nothing is refused without one.")  # fmt: skip
    if spec.procedure not in PROCEDURES:
        yield _f("MC303", "procedure", "办理程序没有写对，决定后就没有救济途径。", "The procedure is unknown, so a refusal has no remedy.",
                 f"可以写：{'、'.join(PROCEDURES)}。", f"One of: {', '.join(PROCEDURES)}.")  # fmt: skip
    for key in ("title", "short"):
        yield from _both(key, getattr(spec, key))
    for n, material in enumerate(spec.materials):
        yield from _both(("materials", n), material.title)
    for n, asked in enumerate(spec.fields):
        yield from _both(("fields", n), asked.title)
    for n, ground in enumerate(spec.refusals):
        yield from _both(("refusals", n), ground.title)
    for n, condition in enumerate(spec.conditions):
        yield from _both(("conditions", n), condition)


def _both(path: str | tuple[str | int, ...], text: Text) -> Iterator[Finding]:
    if not text.zh or not text.en or text.zh == text.en:
        yield _f("MC304", path, f"“{text.zh or text.en}”缺一种语言。", f"“{text.zh or text.en}” is in one language only.",
                 "中英文都写：“中文 | English”。", "Write both: “中文 | English”.")  # fmt: skip


def _papers(spec: MatterSpec, owned: Mapping[str, Text]) -> Iterator[Finding]:
    for n, material in enumerate(spec.materials):
        path = ("materials", n)
        if material.need == "required" and not material.basis:
            yield _f("MC401", path, f"必要材料“{material.title.zh}”没有写依据。", f"The required paper “{material.title.en}” has no basis.",
                     "写出要它的条款，或者不要它。", "Cite the article that asks for it, or do not ask for it.")  # fmt: skip
        if material.need == "conditional" and not material.when:
            yield _f("MC407", path, f"“{material.title.zh}”视情形才交，但没有写是什么情形。",
                     f"“{material.title.en}” is needed in some cases, but no condition says in which.",
                     "写 if。", "Write if.")  # fmt: skip
        if material.source == "register" and not material.element:
            yield _f("MC406", path, f"“{material.title.zh}”由系统核对，但没有写核对什么。",
                     f"“{material.title.en}” is looked up, but no element says what.", "写 element。", "Write element.")  # fmt: skip
        yield from _certificate(path, material)
        asked = material.element in owned and material.source != "register"
        if asked and not (material.ask_again and len(material.ask_again.zh) >= REASON):
            yield _held(path, material.title, owned[material.element])
        yield from _asks(spec, path, material.when)


def _certificate(path: tuple[str, int], material: Material) -> Iterator[Finding]:
    if material.source == "register":
        return
    listed = certificates()
    for word, title in listed.never:
        if word in material.title.zh:
            yield _f("MC403", path, f"“{material.title.zh}”属于村（社区）不得出具的证明：{title.zh}",
                     f"“{material.title.en}” is one of the certificates that no village may issue: {title.en}",
                     "不要它；由主管部门核对，或由申请人书面承诺。", "Do not ask for it: look it up, or take the applicant's written word.")  # fmt: skip
            return
    if not material.certificate and _BY_A_VILLAGE.search(material.title.zh):
        yield _f("MC402", path, f"“{material.title.zh}”要村（社区）出具，但不在证明事项清单里。",
                 f"“{material.title.en}” is to be issued by a village, and is not on the list of certificates.",
                 "不要它；由主管部门核对，或由申请人书面承诺。", "Do not ask for it: look it up, or take the applicant's written word.")  # fmt: skip
        return
    if material.certificate and material.certificate not in listed.listed:
        yield _f("MC402", path, f"“{material.title.zh}”不在证明事项清单里。", f"“{material.title.en}” is not on the list of certificates.",
                 "没有列入清单的证明不得索要（优化营商环境条例 44）。", "A certificate that is not listed may not be demanded (Business Environment Regulations 44).")  # fmt: skip
    if not material.certificate and material.title.zh.endswith("证明"):
        yield _f("MC402", path, f"“{material.title.zh}”是一份证明，但没有写它在清单里的编码。",
                 f"“{material.title.en}” is a certificate without its code on the list.", "写 certificate，或改要别的材料。", "Write certificate, or ask for something else.")  # fmt: skip


def _questions(spec: MatterSpec, owned: Mapping[str, Text]) -> Iterator[Finding]:
    for n, asked in enumerate(spec.fields):
        path = ("fields", n)
        reason = asked.ask_again and len(asked.ask_again.zh) >= REASON
        if asked.element in owned and not asked.prefilled and not reason:
            yield _held(path, asked.title, owned[asked.element])
        if asked.type in {"choice", "choices"} and len(asked.choices) < 2:
            yield _f("MC408", path, f"“{asked.title.zh}”没有可选的。", f"“{asked.title.en}” has nothing to choose from.",
                     "至少写两个选项。", "Write at least two choices.")  # fmt: skip
        yield from _asks(spec, path, asked.when)


def _held(path: tuple[str, int], title: Text, owner: Text) -> Finding:
    return _f("MC404", path, f"“{title.zh}”已有登记（{owner.zh}），不能再要一次。", f"“{title.en}” is held already ({owner.en}) and may not be asked again.",
              "改为系统核对；确实要再问的，在 ask_again 写明理由。", "Look it up; where it must be asked, say why in ask_again.")  # fmt: skip


def _asks(
    spec: MatterSpec, path: tuple[str | int, ...], condition: Mapping[str, Any] | None
) -> Iterator[Finding]:
    for name in sorted(names_in(condition)):
        if spec.field(name) is None:
            yield _f("MC405", path, f"条件里的“{name}”不是表单项。", f"The condition asks {name!r}, which is no field.",
                     "改成表单里有的编码。", "Use the code of a field.")  # fmt: skip


def _ways(spec: MatterSpec, departments: Collection[str]) -> Iterator[Finding]:
    for channel in MINIMUM_CHANNELS:
        if channel not in spec.channels:
            yield _f("MC501", "channels", "少了窗口或纸质表：不上网的人也要能办。", "The window or the paper form is missing: whoever is not online must be served.",
                     "channels 里要有 window 和 paper。", "channels contains window and paper.")  # fmt: skip
    if spec.effective_from and spec.effective_to and spec.effective_to < spec.effective_from:
        yield _f(
            "MC502",
            "effective_to",
            "失效日早于生效日。",
            "It ends before it begins.",
            "改正日期。",
            "Mend the dates.",
        )
    if spec.fee and not spec.fee.basis:
        yield _f("MC503", "fee", "收费没有依据。", "The fee has no basis.", "写出收费依据；没有就不收。", "Cite it, or charge nothing.")  # fmt: skip
    if spec.mode != "online" and spec.scope == "local":
        yield _f("MC504", "mode", "只在本县办的，没有异地收件。", f"In {SCOPES['local'].en} alone nothing is received elsewhere.",
                 "改 scope，或把 mode 写成 online。", "Change scope, or make mode online.")  # fmt: skip
    if departments:
        for word in (spec.department, *spec.steps.joint):
            if word not in departments:
                yield _f("MC505", "department", f"没有编码为“{word}”的部门。", f"There is no department {word!r}.",
                         "改成平台上有的部门。", "Use one that exists here.")  # fmt: skip


def _f(rule: str, path: str | tuple[str | int, ...], zh: str, en: str, mend_zh: str, mend_en: str) -> Finding:
    return Finding(rule, (path,) if isinstance(path, str) else path, Text(zh, en), Text(mend_zh, mend_en))
