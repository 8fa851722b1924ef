"""A county's own version of a procedure (地方程序): read, checked and loaded by an administrator, without a programmer.

An override says `extends` (the code of a procedure that the product brings) and `jurisdiction` (the prefix of the area
it is for), and below that only what differs. Its code stays the one it extends, so nothing new comes in by this door.
"""

from __future__ import annotations

import tempfile
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from linli.base import clock
from linli.base.codes import level_of_prefix
from linli.base.errors import Invalid, LinliError, Unreadable
from linli.base.i18n import Text
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor
from linli.kernel.people.services.administration import require_administrator
from linli.kernel.people.services.installation import COUNTY_OR_ABOVE
from linli.kernel.procedures.checks import Finding
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.examination import Source, examine
from linli.kernel.procedures.lines import lines_of
from linli.kernel.procedures.loader import lay_over, procedure_from
from linli.kernel.procedures.models import ProcedureVersion
from linli.kernel.procedures.moving import mapping_findings
from linli.kernel.procedures.versions import load_all, shipped_files

LONGEST = 200_000


@dataclass(frozen=True)
class Override:
    """What a file would do (地方程序预览): the procedure as it would be, and what the checker says of it."""

    code: str
    jurisdiction: str
    base: Procedure
    procedure: Procedure
    findings: tuple[Finding, ...]


def read_override(text: str, *, by: Actor) -> Override:
    """Read and check an override (检查地方程序); nothing is kept.

    Refuses what is no TOML, another code than the one it extends, an unknown one, no area, an area below the county,
    and an area that the actor does not administer.
    """
    raw = _toml(text)
    shipped = {code: content for code, (_, content) in shipped_files().items()}
    code, jurisdiction = raw.get("extends"), raw.get("jurisdiction")
    if not isinstance(code, str) or code not in shipped:
        known = "、".join(sorted(shipped))
        raise _invalid(
            f'第一行请写 extends = "程序代码"，只能是：{known}。',
            f'Write extends = "code" at the top; it is one of: {", ".join(sorted(shipped))}.',
        )
    if raw.get("code", code) != code:
        raise _invalid(
            "地方程序的 code 须与 extends 相同，或不写。",
            "`code` must be the one that it extends, or left out.",
        )
    if not isinstance(jurisdiction, str) or not _is_county(jurisdiction):
        raise _invalid(
            '请写 jurisdiction = "县级区划前缀"，例如 "350102"：这个版本只在那里有效。',
            'Write jurisdiction = "prefix of the county", such as "350102": the version holds there alone.',
        )
    require_administrator(by, jurisdiction)
    base = shipped[code]
    found = examine([Source(code, raw, lines_of(text))], beside=shipped)
    findings = found.findings
    if code not in found.procedures:
        raise _invalid(
            findings[0].message.zh + findings[0].mend.zh, f"{findings[0].message.en} {findings[0].mend.en}"
        )
    procedure = found.procedures[code] if findings else procedure_from(lay_over(base, raw))
    findings = findings or mapping_findings(procedure, jurisdiction)
    return Override(code, jurisdiction, procedure_from(base), procedure, tuple(findings))


@transaction.atomic
def load_override(text: str, *, by: Actor, at: datetime | None = None, because: str = "") -> ProcedureVersion:
    """Load an override as the next version for its area (载入地方程序); running cases keep the version they have.

    Refuses what `read_override` refuses, and everything that the checker finds. Records `procedures.override_loaded`,
    with `because` where whoever made it said why.
    """
    override = read_override(text, by=by)
    hat = require_administrator(by, override.jurisdiction)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{override.code}.toml"
        path.write_text(text, encoding="utf-8")
        loaded = load_all([path])[-1]
    facts: dict[str, Any] = {
        "procedure": loaded.code,
        "jurisdiction": loaded.jurisdiction,
        "version": loaded.version,
    }
    if because:
        facts["reason"] = because[:200]
    audit.note("procedures.override_loaded", by=by, at=at or clock.now(), hat=hat, **facts)
    return loaded


def _toml(text: str) -> dict[str, Any]:
    if not text.strip() or len(text) > LONGEST:
        raise _invalid(
            f"请上传或粘贴程序文件，最多 {LONGEST} 字。",
            f"Upload or paste the file, {LONGEST} characters at most.",
        )
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Unreadable(
            "procedures.unreadable",
            Text(
                f"文件读不出来：{error}。请按提示的行更正后再传一次。",
                f"The file cannot be read: {error}. Mend that line and send it again.",
            ),
        ) from error


def _is_county(prefix: str) -> bool:
    try:
        return level_of_prefix(prefix) in COUNTY_OR_ABOVE
    except LinliError:
        return False


def _invalid(zh: str, en: str) -> Invalid:
    return Invalid("procedures.bad_override", Text(zh, en), fields={"text": Text(zh, en)})
