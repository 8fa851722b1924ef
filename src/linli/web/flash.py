"""A sentence for the next page (下一页的提示): kept in the session, in both languages, shown once."""

from __future__ import annotations

from django.http import HttpRequest

from linli.base.i18n import Text, text_from

KEY = "linli_notices"


def say(request: HttpRequest, text: Text, *, tone: str = "ok") -> None:
    """Leaves a notice for the next page; `tone` is ok, warn or bad."""
    waiting = list(request.session.get(KEY, []))
    waiting.append({"text": text.as_dict(), "tone": tone})
    request.session[KEY] = waiting[-5:]


def take(request: HttpRequest) -> list[tuple[Text, str]]:
    session = getattr(request, "session", None)
    if session is None or not session.get(KEY):
        return []
    return [(text_from(n["text"]), n["tone"]) for n in session.pop(KEY)]
