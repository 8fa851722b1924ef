"""The checker that needs no Linli (独立核验工具): three readable parts here, one file for whoever downloads it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

NAME = "check_proof.py"
PARTS = ("signatures.py", "trees.py", NAME)
FUTURE = "from __future__ import annotations\n"
OF_ITS_OWN = re.compile(r"^from linli\.[\w.]+ import (?:\([^)]*\)|[^\n]*)\n", re.MULTILINE)


@cache
def one_file() -> str:
    """The checker as one file (单个文件): the parts one after the other, without what they import of each other."""
    texts = [(Path(__file__).parent / name).read_text(encoding="utf-8") for name in PARTS]
    about = texts[-1].partition(FUTURE)[0]
    bodies = [OF_ITS_OWN.sub("", text.partition(FUTURE)[2]).strip("\n") for text in texts]
    return f"#!/usr/bin/env python3\n{about}{FUTURE}\n" + "\n\n\n".join(bodies) + "\n"
