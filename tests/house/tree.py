"""The tracked files of the project (项目文件), for the rules about them."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {
    ".py",
    ".md",
    ".toml",
    ".html",
    ".css",
    ".js",
    ".json",
    ".txt",
    ".yml",
    ".yaml",
    ".svg",
    ".csv",
    ".sql",
    "",
}


@cache
def tracked() -> tuple[Path, ...]:
    """What git knows, or everything but the environments where there is no git (as in an unpacked archive)."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
        return tuple(path for name in names if (path := ROOT / name).is_file())
    away = {".venv", "node_modules", "var", ".git", "__pycache__", "vendor"}
    return tuple(p for p in ROOT.rglob("*") if p.is_file() and not away & set(p.relative_to(ROOT).parts))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts() -> list[Path]:
    return [path for path in tracked() if path.suffix in TEXTS]


def sources(*under: str) -> list[Path]:
    """Python files below these folders, without migrations, which a program writes (源代码)."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py"
        and "migrations" not in path.parts
        and name_of(path).startswith(under or ("",))
    ]


def domains() -> list[Path]:
    return sorted(
        {p.parent for p in tracked() if name_of(p).startswith("src/linli/domains/") and p.name == "apps.py"}
    )
