"""One form, one verb (表单页): drawn, read, handed to a verb; a refusal is shown where it was made, with what was entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from linli.base.errors import Invalid, LinliError, NotAllowed, NotFound
from linli.base.i18n import Text
from linli.web import flash
from linli.web.forms import FieldView, filled, read

Trail = Sequence[tuple[Text | str, str]]
Entered = dict[str, Any]

MEND = Text("有几处要更正，还没有保存。", "Some entries need mending; nothing has been saved yet.")


@dataclass(frozen=True)
class Done:
    """What a verb did, in words, and where to go on (办理结果)."""

    said: Text
    url: str
    warnings: Sequence[Text] = ()


@dataclass(frozen=True)
class Screen:
    """A form as a page (表单页)."""

    title: Text
    fields: Sequence[FieldView]
    submit: Text
    trail: Trail = ()
    intro: Text | str = ""
    warning: Text | str = ""
    facts: Sequence[tuple[Text, Any]] = ()
    template: str = "web/admin/form.html"
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_files(self) -> bool:
        return any(f.type == "files" for f in self.fields)


def ask(
    request: HttpRequest,
    screen: Screen,
    act: Callable[[Entered], Done | HttpResponse],
    values: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show the form, or hand what was entered to `act` (出示表单并办理); a verb's refusal leaves everything as it was."""
    if request.method != "POST":
        return show(request, screen, values or {})
    entered = read(screen.fields, request.POST)
    try:
        done = act(entered)
    except (NotFound, NotAllowed):
        raise
    except LinliError as error:
        kept = {f.code: entered[f.code] for f in screen.fields if f.type not in {"password", "files"}}
        return show(request, screen, kept, error)
    return finish(request, done)


def show(
    request: HttpRequest, screen: Screen, values: Mapping[str, Any], error: LinliError | None = None
) -> HttpResponse:
    wrong = error.fields if isinstance(error, Invalid) else {}
    known = {f.code for f in screen.fields}
    # A date control takes no other spelling, whatever the language.
    values = {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()}
    message: Any = "" if error is None else error.message
    if wrong.keys() & known and message in wrong.values():
        message = MEND  # the sentence stands at its field
    context = {
        **screen.context,
        "screen": screen,
        "fields": filled(screen.fields, values, wrong),
        "message": message,
        "beside": [text for code, text in wrong.items() if code not in known],
    }
    return render(request, screen.template, context, status=error.status if error else 200)


def finish(request: HttpRequest, done: Done | HttpResponse) -> HttpResponse:
    if isinstance(done, HttpResponse):
        return done
    flash.say(request, done.said)
    for warning in done.warnings:
        flash.say(request, warning, tone="warn")
    return HttpResponseRedirect(done.url)


def press(request: HttpRequest, act: Callable[[], Done], back: str) -> HttpResponse:
    """A button without a form (一键办理): what it refuses is said on the page it came from."""
    try:
        done = act()
    except (NotFound, NotAllowed):
        raise
    except LinliError as error:
        flash.say(request, error.message, tone="bad")
        return HttpResponseRedirect(back)
    return finish(request, done)


def day(entered: Entered, name: str) -> date | None:
    """A date that may be left out (选填日期). Refuses what is no date."""
    return needed_days(entered, name)[0] if entered.get(name) else None


def needed_days(entered: Entered, *names: str) -> list[date]:
    """Dates in the order of their names (必填日期). Refuses what is left out or is no date, all at once."""
    found: list[date] = []
    wrong: dict[str, Text] = {}
    for name in names:
        text = entered.get(name)
        try:
            found.append(date.fromisoformat(text or ""))
        except ValueError:
            wrong[name] = (
                Text("请写成 2026-03-01 这样的日期。", "Write the date like 2026-03-01.")
                if text
                else Text("请填写日期。", "Enter a date.")
            )
    if wrong:
        raise Invalid("web.bad_date", MEND, fields=wrong)
    return found
