"""`linli procedures check` (检查程序文件): what the checker says about files, each finding with its file and line."""

from __future__ import annotations

from pathlib import Path

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.site.cli.answer import Answer


def check(paths: list[str]) -> Answer:
    """Check files and folders (检查文件和文件夹), or what is shipped when none is named.

    Files given together may refer to one another and to what is shipped. Refuses a path that is not there.
    """
    from linli.kernel.procedures.examination import examine_paths
    from linli.kernel.procedures.versions import shipped_files

    shipped = shipped_files()
    files = _files(paths) if paths else [path for path, _ in shipped.values()]
    findings = examine_paths(files, beside={code: raw for code, (_, raw) in shipped.items()}).findings
    facts = {"n_files": len(files), "findings": [f.as_dict() for f in findings]}
    if findings:
        lines = [f"{f.file}:{f.line}  {f.rule}  {f.message} {f.mend}" for f in findings]
        return Answer(facts, "\n".join(lines), ok=False)
    if not files:
        return Answer(
            facts, str(Text("那里没有程序文件（*.toml）。", "There are no procedure files (*.toml)."))
        )
    return Answer(
        facts, str(Text(f"{len(files)} 个程序都通过了检查。", f"{len(files)} procedures, no findings."))
    )


def _files(paths: list[str]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        if not path.exists():
            raise Invalid(
                "procedures.no_such_file",
                Text(f"没有“{path}”这个文件或文件夹。请核对路径。", f"There is no {path}. Check the path."),
            )
        found += sorted(p for p in path.rglob("*.toml") if p.is_file()) if path.is_dir() else [path]
    return list(dict.fromkeys(found))
