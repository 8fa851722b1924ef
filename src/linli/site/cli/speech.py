"""How a command speaks (输出): answers on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from linli.base.i18n import Text

console = Console(stderr=True, highlight=False, soft_wrap=True)


def chosen_language(environ: Mapping[str, str] = os.environ) -> str:
    """`LINLI_LANG`, else the locale; Chinese unless English is asked for (命令行语言)."""
    for name in ("LINLI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name, ""):
            return "en" if value.lower().startswith("en") else "zh"
    return "zh"


def tell(zh: str, en: str) -> None:
    """A message to the person at the terminal (提示)."""
    console.print(f"· {Text(zh, en)}", markup=False)


def complain(message: str) -> None:
    console.print(message, style="red", markup=False)


def put(text: str) -> None:
    """The answer for people (给人看的回答)."""
    if text:
        sys.stdout.write(text.rstrip("\n") + "\n")
        sys.stdout.flush()


def put_json(facts: Mapping[str, Any]) -> None:
    """The answer for programs: one object on one line (给程序的回答)."""
    put(json.dumps(facts, ensure_ascii=False, default=str))


class ProgressBar:
    """A bar on standard error (进度条); called with how much is done and, once known, how much there is."""

    def __init__(self, progress: Progress, title: str) -> None:
        self._progress = progress
        self._title = title
        self._task = progress.add_task(title, total=None)

    def __call__(self, done: int, total: int | None = None, note: object = "") -> None:
        title = f"{self._title} {note}" if note else self._title
        self._progress.update(self._task, completed=done, total=total, description=title)


@contextmanager
def progress_bar(zh: str, en: str) -> Iterator[ProgressBar]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=not console.is_terminal) as progress:
        yield ProgressBar(progress, str(Text(zh, en)))
