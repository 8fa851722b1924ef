"""Procedures shaken at random (随机改动的程序): as an author's file may be halfway, readable and yet full of faults."""

from __future__ import annotations

import copy
import random
from typing import Any

from linli.kernel.procedures.versions import shipped_files

WORDS = [
    "end",
    '引"号',
    "a|b",
    "<b>&amp;",
    "[x](y)",
    "`c`",
    "#35;",
    "长" * 60,
    "graph TD",
    "subgraph",
    "\\n",
    "{t}",
    "%%",
]


def shipped() -> dict[str, dict[str, Any]]:
    return {code: raw for code, (_, raw) in shipped_files().items()}


def shaken(raw: dict[str, Any], seed: int) -> dict[str, Any]:
    """Steps and actions renamed, led elsewhere, dropped, doubled; kinds changed; titles that mean something to a parser."""
    chance = random.Random(seed)
    raw = copy.deepcopy(raw)
    steps: dict[str, Any] = raw["steps"]
    for _ in range(chance.randrange(1, 12)):
        code = chance.choice(list(steps))
        step = steps[code]
        match chance.randrange(8):
            case 0 if len(steps) > 1:
                del steps[code]
            case 1:
                steps[f"{code} {chance.choice(WORDS)}"] = copy.deepcopy(step)
            case 2:
                step["kind"] = chance.choice(["task", "joint", "publicity", "timer", "vote", "end", "dance"])
            case 3:
                step["title"] = {"zh": chance.choice(WORDS), "en": chance.choice(WORDS)}
            case 4:
                step.pop("actor", None)
                step.pop("within", None)
            case 5:
                step["timeout"] = chance.choice([*step.get("actions", {}), "nothing"])
            case 6:
                raw.setdefault("anywhere", {})["jump"] = {
                    "title": chance.choice(WORDS),
                    "to": chance.choice(list(steps)),
                }
            case _:
                for action in step.get("actions", {}).values():
                    action["to"] = chance.choice([*steps, "nowhere", ""])
                    action["adverse"] = chance.random() < 0.3
    raw["first"] = chance.choice(list(steps))
    return raw


def ring(n: int) -> dict[str, Any]:
    """Every step leads to every other: as crowded as it gets."""
    codes = [f"s{k}" for k in range(n)]
    steps: dict[str, Any] = {
        code: {
            "title": {"zh": f"第{code}个环节", "en": f"Step {code}"},
            "actor": "clerk@township",
            "within": "3 days",
            "actions": {
                f"to_{other}": {"title": {"zh": f"去{other}", "en": f"To {other}"}, "to": other}
                for other in codes
            },
        }
        for code in codes
    }
    steps["done"] = {"title": {"zh": "办结", "en": "Done"}, "kind": "end"}
    steps[codes[-1]]["actions"]["finish"] = {"title": {"zh": "完成", "en": "Finish"}, "to": "done"}
    return {
        "code": "ring",
        "title": {"zh": "环", "en": "Ring"},
        "prefix": "RI",
        "opened_by": ["anyone"],
        "steps": steps,
    }
