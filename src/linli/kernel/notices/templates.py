"""Templates of notices (通知模板): what each says in the app, by e-mail and by SMS, in both languages.

A body is one sentence or several. A sentence that needs a value which was not given is left out, so one
template serves acts with and without a due time. Values by name: `…_at` an ISO moment and `…_on` an ISO day,
written out for the reader; `{"zh": …, "en": …}` a text; anything else as it is. `number` is always there: the
number of the case.

Names that the kernel's own templates use: title (without one: procedure), by (who has it now), step, next (what
comes next), due_at (or due), until_at, reason, basis, remedy, result, waiting (what it waits for).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Formatter
from typing import TYPE_CHECKING, Any

from linli.base import clock
from linli.base.i18n import Text, current_language

if TYPE_CHECKING:
    from linli.kernel.notices.models import Notice

SMS_VALUE_LENGTH = 14  # characters of one value in an SMS; 70 characters are one message in Chinese

Sentences = tuple[Text, ...]


@dataclass(frozen=True)
class Template:
    code: str
    title: Text
    body: Sentences
    sms: Sentences  # empty: never sent by SMS

    def texts(self) -> Iterator[Text]:
        yield self.title
        yield from self.body
        yield from self.sms


@dataclass(frozen=True)
class Rendered:
    title: str
    body: str
    sms: str


_templates: dict[str, Template] = {}


def template(
    code: str, title: Text, body: Text | Sentences, sms: Text | Sentences = (), *, replace: bool = False
) -> Template:
    """Register a template (登记通知模板). Refuses a taken code, and languages that need different values."""
    if code in _templates and not replace:
        raise ValueError(f"notice template {code} is registered twice")
    made = Template(code, title, _sentences(body), _sentences(sms))
    for text in made.texts():
        if not text.zh or not text.en or names_in(text.zh) != names_in(text.en):
            raise ValueError(f"notice template {code}: the two languages do not say the same: {text.zh}")
    _templates[code] = made
    return made


def known_templates() -> dict[str, Template]:
    return dict(_templates)


def template_for(code: str) -> Template:
    """The template in an administrator's words where there are some, else as the product brings it (现行通知文字); for a
    code that is no longer registered the one that says 'there is news'. `code@3` is a draft that somebody tries."""
    from linli.kernel.notices.texts import own_template

    base, _, draft = code.partition("@")
    shipped = shipped_template(base)
    return own_template(shipped, draft) or shipped


def shipped_template(code: str) -> Template:
    return _templates.get(code) or _templates["case.news"]


def render(notice: Notice, language: str | None = None) -> Rendered:
    """What the recipient reads (渲染通知), in the given language, else the notice's, else the reader's."""
    return render_as(template_for(notice.template), notice, language)


def render_as(found: Template, notice: Notice, language: str | None = None) -> Rendered:
    """A notice in the words of this template (按某一版文字渲染)."""
    chosen = language or notice.language or current_language()
    values = {**notice.params, "number": notice.case_number or notice.params.get("number")}
    values.setdefault("title", values.get("procedure"))
    values.setdefault("due_at", values.get("due"))
    written = clock.local(notice.created_at).year
    long = {name: _in_words(name, value, chosen, written) for name, value in values.items()}
    short = {name: _in_short(name, value, chosen, written) for name, value in values.items()}
    # A message that lost all its sentences for want of values still says that there is news.
    news = template_for("")
    return Rendered(
        title=_join((found.title,), long, chosen) or _join((news.title,), long, chosen),
        body=_join(found.body, long, chosen) or _join(news.body, long, chosen),
        sms=(_join(found.sms, short, chosen) or _join(news.sms, short, chosen)) if found.sms else "",
    )


def names_in(pattern: str) -> set[str]:
    """The values that a sentence needs (句中用到的内容)."""
    return {name for _, name, _, _ in Formatter().parse(pattern) if name}


def _sentences(value: Text | Sentences) -> Sentences:
    return (value,) if isinstance(value, Text) else tuple(value)


def _join(texts: Sentences, values: Mapping[str, str], language: str) -> str:
    said = []
    for text in texts:
        pattern = text.in_language(language)
        if all(values.get(name) for name in names_in(pattern)):
            said.append(pattern.format_map(values))
    return (" " if language == "en" else "").join(said)


def _in_words(name: str, value: Any, language: str, year: int) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, dict):
        value = value.get(language) or value.get("zh") or ""
    if name.endswith("_at"):
        return _moment(str(value), language, year, short=False)
    if name.endswith("_on"):
        return _day(date.fromisoformat(str(value)), language, year, short=False)
    # Sentences bring their own full stop.
    return str(value).strip().rstrip("。.；;")


def _in_short(name: str, value: Any, language: str, year: int) -> str:
    if value and name.endswith("_at"):
        return _moment(str(value), language, year, short=True)
    if value and name.endswith("_on"):
        return _day(date.fromisoformat(str(value)), language, year, short=True)
    words = _in_words(name, value, language, year)
    if name == "number":
        return words
    most = SMS_VALUE_LENGTH if language == "zh" else SMS_VALUE_LENGTH * 2
    return words if len(words) <= most else words[: most - 1] + "…"


def _moment(value: str, language: str, year: int, *, short: bool) -> str:
    moment = clock.local(datetime.fromisoformat(value))
    day = _day(moment.date(), language, year, short=short)
    return f"{day}, {moment:%H:%M}" if language == "en" else f"{day}{moment:%H:%M}"


_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _day(day: date, language: str, year: int, *, short: bool) -> str:
    """`11 月 26 日（周四）`, `11月26日` in an SMS; the year only where it is not the notice's own."""
    if language == "en":
        text = f"{_WEEKDAYS_EN[day.weekday()]} {day.day} {_MONTHS_EN[day.month - 1]}"
        return text if day.year == year else f"{text} {day.year}"
    if short:
        text = f"{day.month}月{day.day}日"
        return text if day.year == year else f"{day.year}年{text}"
    text = f"{day.month} 月 {day.day} 日（周{_WEEKDAYS_ZH[day.weekday()]}）"
    return text if day.year == year else f"{day.year} 年 {text}"
