"""Rules about files (文件规矩): short, in the right room, naming no machine."""

from __future__ import annotations

import re
import tomllib
import warnings

from tests.house.tree import ROOT, domains, name_of, sources, texts, tracked

MOST_LINES = 450
WISHED_LINES = 400
NO_ROOMS = {"utils", "util", "common", "helpers", "helper", "misc", "core"}

# Written in two pieces, so that this file does not break its own rule.
HOSTS = [
    "registry.npmjs" + ".org",
    "files.pythonhosted" + ".org",
    "pypi" + ".org",
    "deb.debian" + ".org",
    "mirrors." + "aliyun",
    "tuna.tsinghua" + ".edu",
]
MACHINE = re.compile("/" + r"(?:work|farm|root)/|\." + r"library/|/home/(?!linli\b)\w+")


def test_no_file_is_too_long() -> None:
    lengths = {name_of(p): len(p.read_text(encoding="utf-8").splitlines()) for p in sources()}
    for name, n in lengths.items():
        if WISHED_LINES < n <= MOST_LINES:
            warnings.warn(f"{name} has {n} lines; {WISHED_LINES} is the wish", stacklevel=1)
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_no_room_without_a_purpose() -> None:
    assert [
        name_of(p) for p in tracked() if NO_ROOMS & {part.split(".")[0] for part in p.relative_to(ROOT).parts}
    ] == []


def test_no_registry_and_no_machine_is_named() -> None:
    found = []
    for path in texts():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name_of(path)}: {host}" for host in HOSTS if host in text]
        found += [f"{name_of(path)}: {match[0]}" for match in MACHINE.finditer(text)]
    assert found == []


def test_every_domain_says_what_it_is() -> None:
    assert [d.name for d in domains() if not (d / "README.md").is_file()] == []


def test_the_kernel_and_the_faces_know_no_event() -> None:
    """Fifteen more domains stand on them: a word of one domain there is a dependency (内核不认识“事件”)."""
    word = re.compile(r"\b(?:grid_?)?events?\b", re.IGNORECASE)
    rooms = ("src/linli/kernel/", "src/linli/web/")
    found = []
    for path in [p for p in sources(*rooms) if "tests" not in p.parts]:
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if word.search(line.replace("threading.Event", "")):
                found.append(f"{name_of(path)}:{n}: {line.strip()[:80]}")
    assert found == []


def test_locks_name_no_address_and_pin_everything() -> None:
    for path in ROOT.glob("requirements*.txt"):
        pins = [line for line in path.read_text().splitlines() if line and line[0] not in " #-"]
        assert pins, path.name
        assert [line for line in pins if "==" not in line] == [], path.name
        assert path.read_text().count("--hash=sha256:") >= len(pins), path.name
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_what_is_declared_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for lock, wanted in {
        "requirements.txt": project["dependencies"],
        "requirements-dev.txt": [*project["dependencies"], *project["optional-dependencies"]["dev"]],
    }.items():
        pins = {
            line.split("==")[0].lower() for line in (ROOT / lock).read_text().splitlines() if "==" in line
        }
        names = {re.split(r"[\[<>=~! ]", each)[0].lower() for each in wanted}
        assert names - pins == set(), lock


def test_ci_runs_the_readmes_own_command() -> None:
    lines = [
        line for line in (ROOT / ".ci/run").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert lines[-1] == "exec ./linli test"
    assert len(lines) == 3
