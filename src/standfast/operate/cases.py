"""The case of a system: the audit of what stands, else of what is planned, with everything the ledger holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from standfast.audit.evidence import Case, proofs_of
from standfast.audit.evidence.folder import folder
from standfast.audit.evidence.oscal import oscal
from standfast.files import File, write_files
from standfast.operate.audits import audit_deployed, audit_planned, frameworks_of
from standfast.plan import Plan
from standfast.workspace import Workspace

FOLDER = "evidence"


def case_of(
    plan: Plan, space: Workspace, day: date, step: Callable[[str], None], frameworks: Sequence[str] = ()
) -> Case:
    """Takes seconds. Raises Problems for a framework that is not known, and for a ledger that cannot be read."""
    from standfast.ledger import entries

    deployed = audit_deployed(plan, space, step)
    world, audit = ("emulator", deployed) if deployed is not None else ("plan", audit_planned(plan))
    records = entries(space.ledger)
    proofs = proofs_of(records, day)
    reports = frameworks_of(plan.system, {world: audit}, frameworks, proofs)
    return Case(plan.system.name, plan.system.owner, world, day, audit, reports, records)


def write_case(case: Case, space: Workspace) -> list[File]:
    """Write the auditor's folder below the system's output; returns its files."""
    files = [*folder(case), *oscal(case)]
    write_files(files, space.root / FOLDER)
    return files
