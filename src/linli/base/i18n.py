"""Both languages side by side (双语文本), so that neither can be missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("zh", "en")

_language: ContextVar[str] = ContextVar("linli_language", default="zh")


def current_language() -> str:
    return _language.get()


def activate_language(language: str) -> None:
    _language.set(language if language in LANGUAGES else "zh")


@contextmanager
def use_language(language: str) -> Iterator[None]:
    token = _language.set(language if language in LANGUAGES else "zh")
    try:
        yield
    finally:
        _language.reset(token)


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in Chinese and in English; `str()` gives the reader's language."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.in_language(_language.get())

    def in_language(self, language: str) -> str:
        return self.en if language == "en" else self.zh

    def format(self, **values: Any) -> Text:
        return Text(
            self.zh.format(**{k: _localised(v, "zh") for k, v in values.items()}),
            self.en.format(**{k: _localised(v, "en") for k, v in values.items()}),
        )

    def as_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


def _localised(value: Any, language: str) -> Any:
    return value.in_language(language) if isinstance(value, Text) else value


def text_from(value: Any) -> Text:
    """Text from `{zh, en}` as files and JSON write it, or one string for both."""
    if isinstance(value, Text):
        return value
    if isinstance(value, dict):
        zh = str(value.get("zh") or value.get("en") or "")
        return Text(zh, str(value.get("en") or zh))
    return Text(str(value), str(value))
