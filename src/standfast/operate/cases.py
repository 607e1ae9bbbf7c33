"""The case of a system: the audit of what stands, else of what is planned, with everything the ledger holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from standfast.audit.evidence import Case, proofs_of
from standfast.audit.evidence.folder import folder
from standfast.audit.evidence.oscal import oscal
from standfast.audit.evidence.pdf import pdf
from standfast.files import write_atomically, write_files
from standfast.operate.audits import audit_deployed, audit_planned, frameworks_of
from standfast.plan import Plan
from standfast.problem import Problem, Problems
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


def write_case(case: Case, space: Workspace) -> tuple[list[str], tuple[Problem, ...]]:
    """Write the auditor's folder below the system's output; returns the paths in it, and why there is no PDF."""
    files = [*folder(case), *oscal(case)]
    write_files(files, space.root / FOLDER)
    paths, target = [one.path for one in files], space.root / FOLDER / "evidence.pdf"
    try:
        write_atomically(target, pdf(case))
    except Problems as without:
        target.unlink(missing_ok=True)  # one of another day would be taken for today's
        return paths, without.problems
    return [*paths, target.name], ()
