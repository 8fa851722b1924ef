"""Whether running cases may go on under a newer version (转版对照检查): pure; each finding has its rule code.

PC701 `[moves]` is not written as it must be · PC702 a step of the older version leads to none, or to an end
PC703 a step becomes one of another kind, or of another kind of actor · PC704 what an older field keeps would never be erased
PC705 a limit is counted from a step that the older version does not have

A move is allowed only where a file says so (`[moves]`), from the versions that it names. A step that it does not name
keeps its code. Ends are not moved: ended cases stay with the version under which they ended.
"""

from __future__ import annotations

from dataclasses import replace

from linli.base.i18n import Text
from linli.kernel.procedures.checks.finding import Finding
from linli.kernel.procedures.definitions import Procedure, Step

LIMITS = ("keep", "new")
OFFICE = "office"


def step_after(new: Procedure, step: str) -> str:
    """The step under the newer version (对应环节); empty where there is none."""
    code = new.moves.steps.get(step, step) if new.moves else step
    return code if code in new.steps and new.steps[code].kind != "end" else ""


def kind_of_actor(step: Step) -> str:
    """The applicant, the organisation assigned, the window, the clock alone, or an office of the area (承办类别)."""
    if step.actor == "applicant" or not step.actor:
        return step.actor or "system"
    level = step.actor.partition("@")[2]
    return level if level in {"assigned", "window"} else OFFICE


def check_moves(procedure: Procedure) -> list[Finding]:
    """How `[moves]` is written (转版写法)."""
    moves = procedure.moves
    if moves is None:
        return []
    found: list[Finding] = []
    if not moves.sources or any(number < 1 for _, number in moves.sources):
        found.append(
            Finding(
                "PC701",
                ("moves", "from"),
                Text("没有写从哪些版本转来。", "It does not say from which versions."),
                Text(
                    "写成 from = [3]，即旧版本的号码。",
                    "Write from = [3], the numbers of the older versions.",
                ),
            )
        )
    if moves.limits not in LIMITS:
        found.append(
            Finding(
                "PC701",
                ("moves", "limits"),
                Text(f"limits 不能是“{moves.limits}”。", f"limits cannot be {moves.limits!r}."),
                Text("写 keep（时限照旧）或 new（按新版重算）。", 'Write "keep" or "new".'),
            )
        )
    if not moves.basis.strip():
        found.append(
            Finding(
                "PC701",
                ("moves", "basis"),
                Text("没有写转版的依据。", "It does not say by which rule running cases are moved."),
                Text("补上 basis，写明文件和条款。", "Add basis: the document and its article."),
            )
        )
    for old, new in moves.steps.items():
        if new not in procedure.steps or procedure.steps[new].kind == "end":
            found.append(
                Finding(
                    "PC702",
                    ("moves", "steps", old),
                    Text(f"“{new}”不是新版里正在办的环节。", f"{new!r} is no running step of this version."),
                    Text("改成新版已有的环节，终点除外。", "Name a step of this version that is no end."),
                )
            )
    return [replace(f, code=procedure.code) for f in found]


def check_mapping(new: Procedure, old: Procedure) -> list[Finding]:
    """Whether every case of an older version could go on under the newer one (新旧版本对照)."""
    found: list[Finding] = []
    for step in old.steps.values():
        if step.kind == "end":
            continue
        code = step_after(new, step.code)
        if not code:
            found.append(
                Finding(
                    "PC702",
                    ("moves", "steps", step.code),
                    Text(
                        f"旧版（第 {old.version} 版）的“{step.title.zh}”在新版里没有去处。",
                        f"“{step.title.en}” of version {old.version} leads nowhere in this one.",
                    ),
                    Text(
                        f'在 steps 里补上 {step.code} = "新版环节"。',
                        f'Add {step.code} = "a step of this version" to steps.',
                    ),
                )
            )
            continue
        after = new.steps[code]
        if (step.kind, kind_of_actor(step)) != (after.kind, kind_of_actor(after)):
            found.append(
                Finding(
                    "PC703",
                    ("moves", "steps", step.code),
                    Text(
                        f"“{step.title.zh}”与“{after.title.zh}”不是同一类环节，或由不同的一方办理。",
                        f"“{step.title.en}” and “{after.title.en}” are steps of different kinds, or of different actors.",
                    ),
                    Text(
                        "换成同类的环节，或不从这一版转。",
                        "Map it to a step of its kind, or do not move from that version.",
                    ),
                )
            )
    kept = {f.keep for f in new.fields.values() if f.keep}
    for field in old.fields.values():
        if field.keep and field.keep not in kept:
            found.append(
                Finding(
                    "PC704",
                    ("fields", field.code),
                    Text(
                        f"旧版的“{field.title.zh}”保存“{field.keep}”，新版没有这个保存期，转过来就不会按期删除。",
                        f"“{field.title.en}” of the older version is kept {field.keep!r}; this version has no such "
                        "period, so it would never be erased.",
                    ),
                    Text(
                        "在新版里保留这个字段或同样的保存期。", "Keep the field, or one with the same period."
                    ),
                )
            )
    if new.moves is not None and new.moves.limits == "new":
        starts = {limit.start for limit in (new.limit, new.statutory_limit) if limit and limit.start}
        found += [
            Finding(
                "PC705",
                ("moves", "limits"),
                Text(
                    f"全程时限从“{code}”起算，旧版没有这个环节。",
                    f"The limit runs from {code!r}, unknown to the older version.",
                ),
                Text('改用 limits = "keep"。', 'Use limits = "keep".'),
            )
            for code in sorted(starts - set(old.steps))
        ]
    return [replace(f, code=new.code) for f in found]
