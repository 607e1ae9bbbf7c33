"""What Standfast knows, as figures for node_exporter's textfile collector, in the names that the rules ask for."""

from __future__ import annotations

from collections.abc import Sequence

from standfast.promise import Promise
from standfast.workspace import Ledger

VERDICTS = ("kept", "broken", "unknown")
HELP = {
    "standfast_promise_verdict": "1 at the verdict of a promise",
    "standfast_audit_failed_checks": "checks of the audit of the planned resources that fail",
    "standfast_drift_changes": "changes behind one's back, when `standfast drift` last looked",
}


def as_metrics(system: str, table: Sequence[Promise], ledger: Ledger) -> str:
    """The text of a `.prom` file. A figure that is not known has no line: the rules say so when one is missing."""
    from standfast.ledger import entries

    told: dict[str, list[str]] = {name: [] for name in HELP}
    for row in table:
        for verdict in VERDICTS:
            of = _labels(system=system, promise=row.measure, verdict=verdict)
            told["standfast_promise_verdict"].append(f"{of} {int(row.verdict == verdict)}")
    failed = next((one.predicted for one in table if one.measure == "security.checks"), None)
    if failed is not None:
        told["standfast_audit_failed_checks"].append(f"{_labels(system=system)} {failed:.10g}")
    drifts = [one for one in entries(ledger, "drift") if one.subject == system]
    if drifts:  # the newest that could be told
        told["standfast_drift_changes"].append(f"{_labels(system=system)} {len(drifts[-1].details['changes'])}")
    return "".join(
        f"# HELP {name} {HELP[name]}\n# TYPE {name} gauge\n" + "".join(f"{name}{line}\n" for line in lines)
        for name, lines in told.items()
        if lines
    )


def _labels(**labels: str) -> str:
    """Values quoted as the text format asks: backslash, quote and line end."""

    def quoted(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    return "{" + ",".join(f'{name}="{quoted(value)}"' for name, value in labels.items()) + "}"
