"""Runs the checker as a citizen does (像居民那样核验): one file, a Python with nothing installed, another process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linli.kernel.records.standalone import NAME, one_file

SOUND, FAULT, UNUSABLE = 0, 1, 2


@dataclass(frozen=True)
class Said:
    code: int
    text: str

    @property
    def kind(self) -> str:
        """The fault's kind in brackets; empty when there is none."""
        return self.text.partition("Fault (")[2].partition(")")[0]


@dataclass(frozen=True)
class Desk:
    """A folder on somebody's own computer (自己的电脑), with the checker and the key in it."""

    folder: Path

    def put(self, name: str, content: Any) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def check(self, *paths: Path | str, key: str | None = "key.json") -> Said:
        self.put(NAME, one_file())
        asked = [str(p) for p in paths] + (["--key", key] if key else [])
        done = subprocess.run(
            [sys.executable, "-I", "-S", NAME, *asked],
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
            env={},
        )
        assert done.stderr == ""
        return Said(done.returncode, done.stdout)


def desk(folder: Path) -> Desk:
    """With the key that the site publishes now."""
    from linli.kernel.records.heads import keys_published

    made = Desk(folder)
    made.put("key.json", keys_published())
    return made
