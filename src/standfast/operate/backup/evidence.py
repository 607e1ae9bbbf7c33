"""What backups leave as evidence: in the ledger, and as a text file of metrics."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from standfast.files import write_atomically
from standfast.ledger import append, entries
from standfast.problem import Problem, Problems
from standfast.promise import Verdict
from standfast.workspace import Ledger

METRICS = "backup/standfast-{}.prom"  # of each store its own: one that is written alone hides no other


def keep(
    ledger: Ledger, action: str, store: str, verdict: Verdict, world: str = "", note: str = "", **details: Any
) -> None:
    """Append what was done to the ledger. `action`: run, verify, restore_test, restore, prune, hold."""
    append(
        ledger, what="backup", subject=store, verdict=verdict, world=world, source=f"standfast backup {action}",
        note=note, details={"action": action, **details},
    )  # fmt: skip


def last(ledger: Ledger, store: str, action: str, verdict: str = "") -> Any | None:
    """The newest record of an action, or of one that ended so."""
    found = [
        one
        for one in entries(ledger, "backup")
        if one.subject == store and one.details.get("action") == action and verdict in ("", one.verdict)
    ]
    return found[-1] if found else None


def expected(ledger: Ledger, store: str, address: str) -> dict[str, str]:
    """Name -> when, of every backup that was put into this store, or left there by a prune, and not removed by us."""
    found: dict[str, str] = {}
    for one in entries(ledger, "backup"):
        if one.subject == store:
            for name in one.details.get("taken", {}).get(address, ()):
                found[name] = one.at
            for name in one.details.get("removed", {}).get(address, ()):
                found.pop(name, None)
            for name in one.details.get("left", {}).get(address, ()):
                found[name] = one.at
    return found


def seconds_since(at: str, now: float | None = None) -> float:
    """Seconds since a time as the ledger carries it."""
    return (time.time() if now is None else now) - unix(at)


def unix(at: str) -> float:
    return datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


# Name -> what node_exporter's textfile collector is told of it. Times, not ages: an age in a file stands still while
# nothing writes it. An alert takes `time() - …`, and so it also rings when backups stop.
HELP = {
    "standfast_backup_timestamp_seconds": "Unix time of the newest sound backup in a store.",
    "standfast_backup_log_timestamp_seconds": "Unix time up to which the database can be brought back from a store.",
    "standfast_backup_rpo_seconds": "What may be lost, as the spec promises it.",
    "standfast_backup_copies": "Backups in a store.",
    "standfast_backup_wrong": "Backups in a store that the last verification found damaged, or missed.",
    "standfast_backup_verify_timestamp_seconds": "Unix time of the last verification.",
    "standfast_restore_test_timestamp_seconds": "Unix time of the last test restore that worked.",
    "standfast_restore_test_failed": "1 where the last test restore failed.",
    "standfast_restore_test_seconds": "How long the last test restore that worked took.",
}


def metrics_text(rows: Iterable[tuple[str, Mapping[str, str], float]]) -> str:
    """Prometheus' text format, sorted: (metric, labels, value)."""
    lines: list[str] = []
    ordered = sorted(rows, key=lambda row: (row[0], sorted(row[1].items())))
    for name, means in HELP.items():
        found = [f"{name}{_labels(labels)} {value:.10g}" for one, labels, value in ordered if one == name]
        if found:
            lines += [f"# HELP {name} {means}", f"# TYPE {name} gauge", *found]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{key}="{_escaped(value)}"' for key, value in sorted(labels.items())) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def write_metrics(path: Path, text: str) -> None:
    """Whole or not at all, readable by the exporter. Raises Problems."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
        path.chmod(0o644)
    except OSError as error:
        raise Problems(
            [Problem(f"{path} cannot be written", str(error), "name another file: --metrics FILE")]
        ) from error
