"""Where every promise stands: the plan's prediction, the audit's, and the newest measurement of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from standfast.plan import Plan
from standfast.promise import PREDICTED_BY_AUDIT, Measured, Promise, promise_table
from standfast.spec import System
from standfast.workspace import Ledger, Workspace

if TYPE_CHECKING:
    from standfast.ledger import Evidence
    from standfast.operate.backup.standing import Line


def predicted_by_audit(plan: Plan, records: Sequence[Evidence] = ()) -> list[Measured]:
    """What the audit of the planned resources says of the security promises, as predictions.

    `records`: of the ledger, for what people proved. Nothing is predicted, so that the promises stay unknown, where
    the plan holds what no blueprint can write yet.
    """
    from standfast.blueprint import unwritten

    if unwritten(plan):
        return []
    from standfast.audit import as_measured
    from standfast.audit.evidence import proofs_of
    from standfast.operate.audits import audit_planned, frameworks_of
    from standfast.operate.frameworks import proved_score
    from standfast.problem import Problems

    try:
        audit = audit_planned(plan)
    except Problems:  # such as more listeners than a balancer has: `build` says so with its remedy
        return []
    evidence = "standfast audit"
    proofs, reports = proofs_of(records, _today()), frameworks_of(plan.system, {PREDICTED_BY_AUDIT: audit})
    scores = [
        proved_score(report, name, proofs, PREDICTED_BY_AUDIT, when="", evidence=evidence)
        for name, report in reports.items()
    ]
    return [*as_measured(audit, PREDICTED_BY_AUDIT, when="", evidence=evidence), *scores]


def promise_rows(plan: Plan, ledger: Ledger, now: Sequence[Measured] = ()) -> tuple[Promise, ...]:
    """The promise table of a plan with everything that is known today. `ledger` may not exist yet.

    `now`: what was measured just now; it stands for the promises that it is of, whatever was recorded before.
    """
    from standfast.ledger import entries, measured
    from standfast.operate.frameworks import scores_today

    records = entries(ledger)
    # an audit of planned resources is done anew: the recorded one may be of an older spec
    asked = {one.measure for one in now}
    told = [*measured(ledger), *scores_today(records, _today())]  # of the same time, the later one stands
    seen = [one for one in told if one.world != PREDICTED_BY_AUDIT and one.measure not in asked]
    rows, patched = list(plan.promises), _patching(records)
    if patched is not None:
        rows.append(Promise(patched.measure, 0, "overdue", "lower", plan.system.where("security")))
        seen.append(patched)
    return promise_table(rows, [*predicted_by_audit(plan, records), *seen, *now])


def _today() -> date:
    return datetime.now(UTC).date()


def _patching(records: Sequence[Evidence]) -> Measured | None:
    """Whatever was scanned once must be mended in time, so the day decides, and nothing is read from old verdicts."""
    from standfast.audit.vulnerabilities import overdue

    return overdue(records, _today())


def backup_ages(system: System, ledger: Ledger) -> list[Line]:
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
