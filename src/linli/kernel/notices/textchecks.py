"""What a wording must say (通知文字的检查), pure: both languages alike, known values alone, nothing left out that a person needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from string import Formatter

from linli.base.i18n import Text
from linli.kernel.notices.templates import Template, names_in

LONGEST_TITLE, LONGEST_SENTENCE, MOST_SENTENCES, MOST_PARTS = 60, 300, 12, 3
# Without these a person does not know which case, what was decided and why, what to do, or until when.
NEEDED = frozenset("number title step reason basis remedy until_at due_at result waiting words".split())
NEEDED_IN_SMS = frozenset("number due_at until_at".split())

FIELDS: dict[str, Text] = {
    "title": Text("事项名称", "what the case is called"),
    "number": Text("办件编号", "number of the case"),
    "by": Text("由谁办理", "who has it"),
    "step": Text("办到哪一步", "where it stands"),
    "next": Text("接下来做什么", "what comes next"),
    "due_at": Text("应在什么时候前办完", "when it is due"),
    "until_at": Text("最晚什么时候", "until when"),
    "reason": Text("原因", "the reason"),
    "basis": Text("依据", "the legal basis"),
    "remedy": Text("可以提出什么救济", "which remedy there is"),
    "result": Text("办理结果", "the result"),
    "waiting": Text("在等什么", "what it waits for"),
    "words": Text("对方写的话", "their own words"),
    "kind": Text("哪一类记录", "which kind of record"),
    "who": Text("谁", "who"),
    "decision": Text("处理决定", "what was decided"),
    "label": Text("设备名称", "name of the device"),
    "last_at": Text("最后联系时间", "when it was last heard of"),
    "n": Text("条数", "how many"),
}
_NAME = re.compile(r"[a-z][a-z_]*")
# The characters that an SMS of 160 can hold; one other character makes it one of 70.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


@dataclass(frozen=True)
class SmsLength:
    """How long a short message is (短信长度): its characters, and as how many it is paid for."""

    n: int
    n_parts: int
    per_part: int


def sms_length(text: str) -> SmsLength:
    """Count a message (短信计条): 70 characters alone or 67 in each of several, where all are plain Latin 160 or 153
    (GSM 03.38, UCS-2)."""
    one, several = (160, 153) if set(text) <= _GSM else (70, 67)
    n = len(text)
    return SmsLength(n, 1 if n <= one else -(-n // several), one if n <= one else several)


def field_title(name: str) -> Text:
    return FIELDS.get(name, Text(name, name))


def allowed_names(shipped: Template) -> list[str]:
    """The values that whoever sends this notice gives (可以用的内容)."""
    found: set[str] = {"number"}
    for text in shipped.texts():
        found |= names_in(text.zh)
    return sorted(found, key=lambda name: (list(FIELDS).index(name) if name in FIELDS else 99, name))


def needed_names(shipped: Template, part: str) -> list[str]:
    """What the body or the SMS has to say (必须写到的内容), since the shipped text says it."""
    texts = shipped.body if part == "body" else shipped.sms
    said = {name for text in texts for name in names_in(text.zh)}
    wanted = NEEDED if part == "body" else NEEDED_IN_SMS
    return [name for name in allowed_names(shipped) if name in said & wanted]


def faults(written: Template, shipped: Template) -> dict[str, Text]:
    """What is wrong with a wording (通知文字的问题), by the box it stands in: `title_zh`, `body_en`, `sms_zh` …"""
    found: dict[str, Text] = {}
    allowed = allowed_names(shipped)
    for part, texts, most in (
        ("title", (written.title,), LONGEST_TITLE),
        ("body", written.body, LONGEST_SENTENCE),
        ("sms", written.sms, LONGEST_SENTENCE),
    ):
        _part(found, part, texts, most, allowed)
        if not found.keys() & {f"{part}_zh", f"{part}_en"} and part != "title":
            _complete(found, part, texts, shipped)
    return found


def _part(found: dict[str, Text], part: str, texts: tuple[Text, ...], most: int, allowed: list[str]) -> None:
    for n, text in enumerate(texts, 1):
        for language, pattern in (("zh", text.zh), ("en", text.en)):
            problem = _sentence(pattern, n, most, allowed)
            if problem is not None:
                found.setdefault(f"{part}_{language}", problem)
        if f"{part}_zh" in found or f"{part}_en" in found:
            continue
        if names_in(text.zh) != names_in(text.en):
            lacking = "、".join(sorted(names_in(text.zh) ^ names_in(text.en)))
            found[f"{part}_en"] = Text(
                f"第 {n} 句：中英文用到的内容不一样（{lacking}）。",
                f"Sentence {n}: the two languages do not name the same values ({lacking}).",
            )
    if len(texts) > MOST_SENTENCES:
        found[f"{part}_zh"] = Text(f"最多 {MOST_SENTENCES} 句。", f"At most {MOST_SENTENCES} sentences.")


def _sentence(pattern: str, n: int, most: int, allowed: list[str]) -> Text | None:
    if not pattern.strip():
        return Text(
            f"第 {n} 句缺这种语言。中英文要一句对一句。",
            f"Sentence {n} lacks this language: write both, line for line.",
        )
    if len(pattern) > most:
        return Text(
            f"第 {n} 句太长，最多 {most} 个字。", f"Sentence {n} is too long: {most} characters at most."
        )
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError:
        return Text(f"第 {n} 句的花括号不成对。", f"Sentence {n}: the braces do not match.")
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        # Nothing but a plain name: a template must not reach into what it is given.
        if spec or conversion or not _NAME.fullmatch(name) or name not in allowed:
            meant = get_close_matches(name, allowed, 1)
            mend = meant[0] if meant else "、".join(allowed)
            return Text(
                f"第 {n} 句：没有“{{{name}}}”这项内容。可以写：{mend}。",
                f"Sentence {n}: there is no value {{{name}}}. Write: {mend}.",
            )
    return None


def _complete(found: dict[str, Text], part: str, texts: tuple[Text, ...], shipped: Template) -> None:
    if not texts and (part == "body" or shipped.sms):
        found[f"{part}_zh"] = Text("请写至少一句。", "Write a sentence at least.")
        return
    said = {name for text in texts for name in names_in(text.zh)}
    lacking = [name for name in needed_names(shipped, part) if name not in said] if texts else []
    if lacking:
        zh = "、".join(f"{field_title(n).zh} {{{n}}}" for n in lacking)
        en = ", ".join(f"{field_title(n).en} {{{n}}}" for n in lacking)
        found[f"{part}_zh"] = Text(
            f"还要写到：{zh}。不写，收到的人就少了该知道的。",
            f"It must also say: {en}. Without it the reader lacks what they need.",
        )


def in_lines(texts: tuple[Text, ...], language: str) -> str:
    """Sentences as a box shows them, one a line (一行一句)."""
    return "\n".join(text.in_language(language) for text in texts)


def from_lines(entered: Mapping[str, str], part: str) -> tuple[Text, ...]:
    """Two boxes as sentences, line for line (两种语言逐句对应); a line too few stays empty and is named by `faults`."""
    zh, en = (
        [line.strip() for line in entered[f"{part}_{x}"].splitlines() if line.strip()] for x in ("zh", "en")
    )
    n = max(len(zh), len(en))
    zh, en = zh + [""] * (n - len(zh)), en + [""] * (n - len(en))
    return tuple(Text(a, b) for a, b in zip(zh, en, strict=True))
