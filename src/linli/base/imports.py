"""What every import tells at its end (导入结果), and the file of rows that it could not take."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TextIO

from linli.base.i18n import Text

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all (进度)."""

SHOWN_AT_MOST = 200
REJECT_COLUMNS = ("file", "row", "content", "reason_zh", "reason_en")


@dataclass(slots=True)
class ImportReport:
    """Counts of one import (导入统计): every row read is accepted, unchanged or rejected, never two of them."""

    n_accepted: int = 0
    n_unchanged: int = 0
    n_rejected: int = 0
    rejects: str | None = None
    notes: list[Text] = field(default_factory=list)
    faulty: list[tuple[str, int, str, Text]] = field(default_factory=list)  # the first of them, for a page

    @property
    def n_read(self) -> int:
        return self.n_accepted + self.n_unchanged + self.n_rejected

    def as_dict(self) -> dict[str, Any]:
        counts = {k: v for k, v in asdict(self).items() if k not in {"notes", "faulty"}}
        return {"n_read": self.n_read, **counts, "notes": [note.as_dict() for note in self.notes]}


class RejectWriter:
    """A CSV of rejected rows with the reason in both languages (退回清单), made when the first row is rejected.

    Readable by the operator only (mode 0600): rows may hold personal data. A cell that a spreadsheet would take
    for a formula gets an apostrophe in front.
    """

    def __init__(self, folder: Path, kind: str, *, at: datetime) -> None:
        self._folder = folder
        self._stem = f"{kind}-{at:%Y%m%d-%H%M%S}"
        self._file: TextIO | None = None
        self._csv: Any = None
        self.path: Path | None = None
        self.n_rows = 0
        self.first: list[tuple[str, int, str, Text]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def reject(self, file: str, row: int, content: str, reason: Text) -> None:
        if self._file is None:
            self._open()
        self._csv.writerow([_cell(file), row, _cell(content), reason.zh, reason.en])
        self.n_rows += 1
        if len(self.first) < SHOWN_AT_MOST:
            self.first.append((file, row, content, reason))

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            self.path = self._folder / f"{self._stem}-{number}-rejects.csv"
            try:
                handle = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                break
            except FileExistsError:
                number += 1
        # With a byte order mark, so that office programs show the Chinese.
        self._file = os.fdopen(handle, "w", encoding="utf-8-sig", errors="backslashreplace", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow(REJECT_COLUMNS)


def _cell(text: str) -> str:
    text = (
        text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
    )
    text = text if len(text) <= 2000 else text[:2000] + "…"
    return "'" + text if text[:1] in {*"=+-@\t\r＝＋－＠"} else text
