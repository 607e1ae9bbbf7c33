"""Where every promise stands: the plan's prediction, the audit's, and the newest measurement of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from standfast.plan import Plan
from standfast.promise import PREDICTED_BY_AUDIT, Measured, Promise, promise_table
from standfast.spec import System
from standfast.workspace import Workspace

if TYPE_CHECKING:
    from standfast.operate.backup.standing import Line


def predicted_by_audit(plan: Plan) -> list[Measured]:
    """What the audit of the planned resources says of the security promises, as predictions.

    Nothing, so that they stay unknown, where the plan holds what no blueprint can write yet.
    """
    from standfast.blueprint import unwritten

    if unwritten(plan):
        return []
    from standfast.audit import as_measured
    from standfast.operate.audits import audit_planned, framework_scores
    from standfast.problem import Problems

    try:
        audit = audit_planned(plan)
    except Problems:  # such as more listeners than a balancer has: `build` says so with its remedy
        return []
    evidence = "standfast audit"
    scores = framework_scores(plan.system, audit, PREDICTED_BY_AUDIT, when="", evidence=evidence)
    return [*as_measured(audit, PREDICTED_BY_AUDIT, when="", evidence=evidence), *scores]


def promise_rows(plan: Plan, ledger: Path, now: Sequence[Measured] = ()) -> tuple[Promise, ...]:
    """The promise table of a plan with everything that is known today. `ledger` may not exist yet.

    `now`: what was measured just now; it stands for the promises that it is of, whatever was recorded before.
    """
    from standfast.ledger import measured

    # an audit of planned resources is done anew: the recorded one may be of an older spec
    asked = {one.measure for one in now}
    seen = [one for one in measured(ledger) if one.world != PREDICTED_BY_AUDIT and one.measure not in asked]
    rows, patched = list(plan.promises), _patching(ledger)
    if patched is not None:
        rows.append(Promise(patched.measure, 0, "overdue vulnerabilities", "lower", plan.system.where("security")))
        seen.append(patched)
    return promise_table(rows, [*predicted_by_audit(plan), *seen, *now])


def _patching(ledger: Path) -> Measured | None:
    """Whatever was scanned once must be mended in time, so the day decides, and nothing is read from old verdicts."""
    from standfast.audit.vulnerabilities import overdue
    from standfast.ledger import entries

    return overdue(entries(ledger), datetime.now(UTC).date())


def backup_ages(system: System, ledger: Path) -> list[Line]:
    """How old the newest backup, verification and test restore of each store are, as the ledger knows it; of a store
    that no backup was ever taken of, nothing."""
    from standfast.ledger import entries
    from standfast.operate.backup.standing import ages, last_run

    known = {one.subject for one in entries(ledger, "backup")}
    now = time.time()
    return [
        replace(line, what=f"{name} {line.what}")
        for name in sorted(known & {store.name for store in system.stores})
        for line in (last_run(ledger, name, now), *ages(ledger, name, now))
    ]


def current_plan(system: System, space: Workspace, say: Callable[[str], None]) -> Plan:
    """The plan that was built, while it is a plan of this spec; else a new one, and the user is told."""
    from standfast.plan import make_plan, read_plan

    if space.plan.exists():
        plan = read_plan(space.plan)
        if plan.system == system:
            return plan
        say(f"{system.place.file} has changed since {space.plan} was written: planned anew, nothing was written")
    return make_plan(system, margins=False)
