"""`standfast audit SPEC`: is it sound, as planned and as it stands; `--verify`: is the evidence untouched."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standfast.cli.terminal import Terminal

if TYPE_CHECKING:
    from standfast.audit import Audit
    from standfast.spec import System
    from standfast.workspace import Workspace

HELP = "check the planned resources, and those that stand, against the spec and a framework"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", help="the spec file, or a folder that `build` wrote")
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--framework", metavar="NAME", help="also report on a framework, such as nist-800-53-moderate")
    parser.add_argument("--verify", action="store_true", help="verify the evidence ledger instead")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.operate.audits import audit_deployed, audit_planned, frameworks_of, known_framework
    from standfast.promise import EXIT_CODE

    plan, space = _subject(args, terminal)
    if args.verify:
        return _verify(space, args.format, terminal)
    names = [known_framework(args.framework)] if args.framework else []
    results = {"plan": audit_planned(plan)}
    with terminal.progress("audit") as progress:
        deployed = audit_deployed(plan, space, progress.step)
    if deployed is not None:
        results["emulator"] = deployed
    reports = frameworks_of(plan.system, results, names)
    _record(space, plan.system, results)
    if args.format == "json":
        terminal.json(_as_json(plan.system, results, reports))
    else:
        _show(results, reports, terminal)
    verdicts = {audit.verdict for audit in results.values()}
    verdict = "broken" if "broken" in verdicts else "unknown" if "unknown" in verdicts else "kept"
    return EXIT_CODE[verdict]


def _subject(args: argparse.Namespace, terminal: Terminal):
    """The plan and the folder that are meant: by the spec, or by a folder that holds a plan."""
    from standfast.operate.status import current_plan
    from standfast.plan import read_plan
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    if Path(args.spec).is_dir():
        space = Workspace(Path(args.spec))
        return read_plan(space.plan), space
    system = read_spec(args.spec)
    space = Workspace.of(system.name, args.out)
    return current_plan(system, space, terminal.say), space


def _record(space: Workspace, system: System, results: dict[str, Audit]) -> None:
    """Findings to disk, and each audit to the ledger, where an output folder already stands."""
    import json

    from standfast.audit import as_measured
    from standfast.files import File, write_files
    from standfast.ledger import append_measured, now

    if not space.root.is_dir():  # an audit of a spec alone leaves no trace
        return
    when = now()
    findings = {world: [_finding(one) for one in audit.findings] for world, audit in results.items()}
    text = json.dumps(findings, indent=1, ensure_ascii=False) + "\n"
    write_files([File("audit/findings.json", text)], space.root)
    for world, audit in results.items():
        for one in as_measured(audit, world, when=when, evidence="audit/findings.json"):
            append_measured(space.ledger, one, what="audit", subject=system.name, verdict=audit.verdict)


def _finding(one: Any) -> dict[str, str]:
    return {
        "check": one.check, "verdict": one.verdict, "severity": one.severity, "resource": one.resource,
        "component": one.component, "place": str(one.place), "what": one.what, "fix": one.fix,
    }  # fmt: skip


def _as_json(system: System, results: dict[str, Audit], reports: dict[str, Any]) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "system": system.name,
        "worlds": {
            world: {"verdict": audit.verdict, "findings": [_finding(one) for one in audit.findings]}
            for world, audit in results.items()
        },
        "frameworks": {name: [asdict(one) for one in report] for name, report in reports.items()},
    }


def _show(results: dict[str, Audit], reports: dict[str, Any], terminal: Terminal) -> None:
    from collections import Counter

    from standfast.audit import all_checks

    for world, audit in results.items():
        called = "as planned" if world == "plan" else f"as it stands in the {world}"
        counts = Counter(one.verdict for one in audit.findings)
        shown = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ("kept", "broken", "unknown"))
        terminal.result(f"{called}: {audit.verdict} ({shown}; {len(all_checks())} checks)")
        for one in audit.findings:
            if one.verdict != "kept":
                place = f"{one.place.short}  " if one.place.file else ""
                terminal.result(
                    f"  {one.severity}  {place}{one.resource}: {one.what or 'could not see'}  [{one.check}]"
                )
                terminal.result(f"    fix  {one.fix}")
    for name, report in reports.items():
        counts = Counter(one.state for one in report)
        terminal.result(f"\n{name}: {len(report)} controls")
        for state in ("broken", "unknown", "kept", "by_hand", "not_covered"):
            if counts[state]:
                terminal.result(f"  {counts[state]:>4} {state.replace('_', ' ')}")
        for one in report:
            if one.state in ("broken", "kept"):
                terminal.result(f"       {one.state:<7} {one.id:<8} {one.title} ({', '.join(one.checks)})")


def _verify(space: Workspace, form: str, terminal: Terminal) -> int:
    from standfast.ledger import entries, verify

    found = verify(space.ledger)
    count = 0 if found else len(entries(space.ledger))
    if form == "json":
        terminal.json(
            {"ledger": str(space.ledger), "sound": found is None, "records": count, "problem": str(found or "")}
        )
    elif found is None:
        terminal.result(f"{space.ledger}: {count} records, unaltered")
    if found is not None:
        terminal.problems([found])
    return 1 if found else 0
