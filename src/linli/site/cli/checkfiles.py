"""`linli procedures check` (检查程序文件): what the checker says about files, each finding with its file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.site.cli.answer import Answer


def check(paths: list[str]) -> Answer:
    """Check files and folders (检查文件和文件夹), or what is shipped when none is named. Refuses a path that is not there."""
    from linli.kernel.procedures.examination import examine
    from linli.kernel.procedures.loader import merge, read_file
    from linli.kernel.procedures.versions import shipped_files

    shipped = {code: raw for code, (_, raw) in shipped_files().items()}
    raws: dict[str, dict[str, Any]] = {} if paths else dict(shipped)
    for path in _files(paths):
        raw = read_file(path)
        base = shipped.get(str(raw.get("extends", "")))
        raws[str(path)] = merge(base, raw) if base else raw
    _, findings = examine(list(raws.values()), beside=shipped)
    facts = {"n_files": len(raws), "findings": [f.as_dict() for f in findings]}
    if findings:
        lines = [f"{f.rule}  {f.where}  {f.message} {f.mend}" for f in findings]
        return Answer(facts, "\n".join(lines), ok=False)
    return Answer(
        facts, str(Text(f"{len(raws)} 个程序都通过了检查。", f"{len(raws)} procedures, no findings."))
    )


def _files(paths: list[str]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        if not path.exists():
            raise Invalid(
                "procedures.no_such_file",
                Text(f"没有“{path}”这个文件或文件夹。请核对路径。", f"There is no {path}. Check the path."),
            )
        found += sorted(path.rglob("*.toml")) if path.is_dir() else [path]
    return found
