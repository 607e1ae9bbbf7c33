"""What the report shows, gathered from an output folder: the newest drill of each kind, the audit's findings."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from standfast.plan import Plan
from standfast.problem import Place, Problem, Problems
from standfast.report.page import DrillShown, FindingShown, render
from standfast.spec.quantity import show
from standfast.workspace import Workspace


def report_of(plan: Plan, space: Workspace) -> str:
    """The HTML of everything that is known of a system today. Solves for what each promise costs (a second or two)."""
    from standfast.operate.status import promise_rows
    from standfast.plan.planner import margins_of

    plan = plan if plan.margins else replace(plan, margins=margins_of(plan))
    table = promise_rows(plan, space.ledger)
    return render(
        plan, table, list(_drills(space.root / "drill")), list(_findings(space.root / "audit" / "findings.json"))
    )


def _drills(folder: Path) -> Iterator[DrillShown]:
    """The newest run of each drill, by the name of its folder, which begins with its time."""
    newest: dict[str, Path] = {}
    for path in sorted(folder.glob("*/verdict.json")):
        newest[path.parent.name.partition("-")[2]] = path
    for _, path in sorted(newest.items()):
        found = _read(path)
        lines = tuple(_line(row) for row in found["promises"])
        spans = tuple(
            (step["from"], step["from"] + step["seconds"], step["step"], step["kind"]) for step in found["steps"]
        )
        notes = (*(row["note"] for row in found["promises"] if row["note"]), *found["notes"])
        picture = path.with_name("timeline.svg")
        drawn = base64.b64encode(picture.read_bytes()).decode() if picture.is_file() else ""
        yield DrillShown(
            found["drill"], found["title"], found["when"], found["world"], found["verdict"], lines, spans, notes, drawn
        )


def _line(row: dict[str, Any]) -> str:
    value = "never" if row["failed"] else "could not be told" if row["measured"] is None else show(row["measured"], "s")
    allowed = "nothing was declared" if row["declared"] is None else f"{show(row['declared'], 's')} allowed"
    return f"{row['measure']}: {value}, {allowed} ({row['verdict']})"


def _findings(path: Path) -> Iterator[FindingShown]:
    """What the last audit did not find kept; each world's findings carry its name."""
    if not path.exists():
        return
    for world, findings in _read(path).items():
        for one in findings:
            if one["verdict"] != "kept":
                what = f"{one['resource']} ({world}): {one['what']}"
                yield FindingShown(one["verdict"], one["check"], what, one["fix"], one["place"])


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        fix = "run the drill or the audit again, or remove the folder"
        raise Problems([Problem(f"{path} cannot be read", str(error), fix, Place(path.name))]) from error
