"""The way of data is one-directional: a room imports only what stands before it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "standfast"

# Each line may import from the lines above it; rooms on one line do not import one another.
ORDER = (
    ("problem",),
    ("promise", "files", "workspace", "programs", "markdown", "python"),
    ("spec",),
    ("clouds",),
    ("plan",),
    ("blueprint",),
    ("code", "watch", "runbook"),
    ("worlds", "ledger"),
    ("audit", "drill"),
    ("docs",),
    ("operate",),
    ("report",),
    ("cli",),
    ("__main__", "__init__"),
)
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
BANNED_NAMES = {"utils", "util", "common", "helpers", "helper", "base", "manager", "misc", "core"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """The rooms a module imports, at the top or inside a function."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module] if node.module != "standfast" else [f"standfast.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("standfast.")}
    return {room for room in rooms if room in RANK}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_what_stands_before_it(path: Path) -> None:
    room = room_of(path)
    assert room in RANK, f"{room} has no place in the order: add it to ORDER and to the design"
    wrong = {other for other in imported_rooms(path) if other != room and RANK[other] >= RANK[room]}
    assert not wrong, f"{path.relative_to(ROOT)} imports {sorted(wrong)}, which stand after or beside {room}"


def test_no_name_invites_everything() -> None:
    assert not [str(path) for path in MODULES if path.stem in BANNED_NAMES]


def test_files_and_folders_stay_small() -> None:
    long = {str(path.relative_to(ROOT)): n for path in MODULES if (n := len(path.read_text().splitlines())) > 300}
    assert not long, f"a noun is missing in {long}"
    # A folder that is a register may be wide.
    rooms = {path.parent for path in (PACKAGE / "audit" / "checks").glob("*/__init__.py")}
    registers = {PACKAGE / "cli", PACKAGE / "drill" / "drills", *rooms}
    folders = {path.parent for path in MODULES} - registers
    wide = {str(f.relative_to(ROOT)): n for f in folders if (n := len(list(f.glob("[!_]*.py")))) > 12}
    assert not wide, f"a noun is missing in {wide}"


def test_the_command_line_starts_without_heavy_libraries() -> None:
    code = "import sys, standfast.cli as c; [c.verb_module(v) for v in c.VERBS]; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"numpy", "highspy", "pydantic", "rich", "moto", "boto3", "psycopg", "jinja2", "hcl2", "yaml"}
    assert not heavy & set(loaded)
