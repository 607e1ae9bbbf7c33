"""`standfast evidence`: what people put on record, and the folder for an auditor."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from standfast.cli.environment import environment_argument
from standfast.cli.terminal import Terminal, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from standfast.audit.vulnerabilities import Due, Scan
    from standfast.spec import System
    from standfast.workspace import Workspace

HELP = "put evidence on record, list it, say who must know what, write the folder for an auditor"
USAGE = """standfast evidence record SPEC KIND SUBJECT [--until DAY] [--note TEXT] [--paper FILE] [--who NAME]
       standfast evidence scan SPEC REPORT|DIR [--subject NAME] [--exploited FILE]
       standfast evidence people SPEC PEOPLE [--framework NAME]
       standfast evidence list SPEC [KIND]
       standfast evidence export SPEC [--framework NAME]"""
ACTIONS = ("export", "list", "people", "record", "scan")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = USAGE
    parser.add_argument("action", metavar="ACTION", help=", ".join(ACTIONS))
    parser.add_argument("spec", metavar="SPEC", help="the spec file")
    kinds = "control (gdpr:28), training, access-review, approval, scan, tabletop, retired"
    parser.add_argument("rest", nargs="*", metavar="WORD", help=f"record: {kinds}, then what it speaks of")
    environment_argument(parser)
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--who", metavar="NAME", default="", help="record: who looked at it (default: your user name)")
    parser.add_argument("--until", metavar="DAY", default="", help="record: its last day (default: by its kind)")
    parser.add_argument("--note", metavar="TEXT", default="", help="record: what was found")
    parser.add_argument("--paper", metavar="FILE", default="", help="record: what it rests on; its hash is kept")
    parser.add_argument("--subject", metavar="NAME", default="", help="scan: what was scanned (default: as it says)")
    parser.add_argument("--exploited", metavar="FILE", help="scan: CISA's catalog of exploited vulnerabilities, JSON")
    parser.add_argument("--framework", metavar="NAME", help="export, people: one more framework than the spec names")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.problem import Problem, Problems, did_you_mean, quoted
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    if args.action not in ACTIONS:
        raise Problems([Problem(f"evidence cannot {quoted(args.action)}", fix=did_you_mean(args.action, ACTIONS))])
    system = read_spec(args.spec, args.environment)
    space = Workspace.of(system.name, args.out)
    match args.action:
        case "record":
            return _record(args, space, terminal)
        case "scan":
            return _scan(args, system, space, terminal)
        case "people":
            from standfast.cli.people import show_people

            return show_people(args, system, space, _today(), terminal)
        case "list":
            return _list(args, space, terminal)
        case _:
            return _export(args, system, space, terminal)


def _today() -> date:
    return datetime.now(UTC).date()


def _record(args: argparse.Namespace, space: Workspace, terminal: Terminal) -> int:
    from standfast.audit.evidence import note
    from standfast.ledger import append
    from standfast.problem import Problem, Problems

    if len(args.rest) != 2:
        fix = "standfast evidence record SPEC control gdpr:28 --note 'contract with the host signed'"
        raise Problems([Problem("a record has a kind and a subject", fix=fix)])
    kind, subject = args.rest
    fields = note(
        kind, subject, who=args.who, today=_today(), until=args.until, text=args.note, paper=args.paper
    )  # fmt: skip
    one = append(space.ledger, **fields)
    if args.format == "json":
        terminal.json({"number": one.number, "hash": one.hash, **one.details})
    else:
        terminal.result(
            plain(f"record {one.number}: {one.what} {one.subject}, {one.who}, until {one.details['until']}")
        )
        terminal.result(f"newest {one.hash}")
    return 0


def _scan(args: argparse.Namespace, system: System, space: Workspace, terminal: Terminal) -> int:
    """Each report is a record of its own; one that cannot be read keeps none of the others from being recorded."""
    from pathlib import Path

    from standfast.audit.vulnerabilities import MEASURE, due, exploited_in, overdue
    from standfast.ledger import entries
    from standfast.problem import Problem, Problems

    if len(args.rest) != 1:
        raise Problems([Problem("which report?", fix="standfast evidence scan SPEC trivy.json --subject web")])
    used = exploited_in(Path(args.exploited)) if args.exploited else frozenset()
    path, told, problems = Path(args.rest[0]), [], []
    paths = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not paths:
        raise Problems([Problem(f"{path} holds no report", "a report ends in .json", "name the report itself")])
    for one in paths:
        try:
            told.append(_recorded(one, args, system, space, used))
        except Problems as wrong:
            problems += wrong.problems
    records, today = entries(space.ledger), _today()
    every = {subject: [one for one in due(records, today) if one.subject == subject] for subject, _ in told}
    late = any(one.overdue(today) for found in every.values() for one in found)
    if args.format == "json":
        rows = [
            {"subject": subject, "tool": scan.tool, "packages": scan.packages, "open": [
                {**asdict(one.what), "since": one.since, "until": one.until, "overdue": one.overdue(today)}
                for one in every[subject]]} for subject, scan in told
        ]  # fmt: skip
        terminal.json(rows if path.is_dir() else rows[0] if rows else {})
    else:
        for subject, scan in told:
            _show_scan(subject, scan, every[subject], terminal)
        measured = overdue(records, today)
        if measured is not None:
            terminal.say(f"{MEASURE}: {measured.note}")
    terminal.problems(problems)
    return 1 if late or problems else 0


def _recorded(
    path: Path, args: argparse.Namespace, system: System, space: Workspace, used: frozenset[str]
) -> tuple[str, Scan]:
    from standfast.audit.vulnerabilities import details, read_scan
    from standfast.ledger import append
    from standfast.problem import Problem, Problems

    scan = read_scan(path)
    subject = args.subject or scan.subject
    if not subject:
        raise Problems([Problem(f"{path.name} does not say what was scanned", fix="say it: --subject web")])
    public = system.promises.security.exposure == "public" and any(
        one.public and (subject == one.name or subject.startswith(f"{one.name}-")) for one in system.services
    )
    told = details(scan, used, public)
    append(space.ledger, what="scan", subject=subject, verdict="unknown", source=path.name, details=told, who=args.who)
    return subject, scan


def _show_scan(subject: str, scan: Scan, found: Sequence[Due], terminal: Terminal) -> None:
    today = _today()
    parts = "" if scan.packages is None else f" in {scan.packages} packages"
    count = f"{len(scan.found)} vulnerabilit{'y' if len(scan.found) == 1 else 'ies'}"
    terminal.result(plain(f"{scan.tool} on {subject}: {count}{parts}"))
    if not scan.judged:
        terminal.say("a list of parts, recorded; it says nothing of their vulnerabilities")
    for one in found:
        what = one.what
        mark = "OVERDUE" if one.overdue(today) else f"by {one.until}"
        fix = f"fixed in {what.fixed}" if what.fixed else "no fix is known"
        grave = "exploited" if what.exploited else what.severity
        terminal.result(plain(f"  {mark:<13}  {grave:<9}  {what.id}  {what.package} {what.version}  {fix}"))


def _list(args: argparse.Namespace, space: Workspace, terminal: Terminal) -> int:
    from standfast.ledger import entries

    records = entries(space.ledger, args.rest[0] if args.rest else "")
    if args.format == "json":
        keys = (
            "number",
            "at",
            "who",
            "what",
            "subject",
            "verdict",
            "measure",
            "value",
            "world",
            "source",
            "note",
            "hash",
        )
        terminal.json([{key: getattr(one, key) for key in keys} | {"details": dict(one.details)} for one in records])
        return 0
    wide = min(max((len(one.who) for one in records), default=0), 24)
    for one in records:
        until = f", until {one.details['until']}" if "until" in one.details else ""
        said = f": {one.note}" if one.note else ""
        subject = one.measure or one.subject
        came = f" ({one.source})" if one.source else ""
        head = f"{one.number:>5}  {one.at}  {one.who:<{wide}}  {one.what:<13}  {one.verdict:<7}"
        terminal.result(plain(f"{head}  {subject}{until}{said}{came}"))
    if not records:
        terminal.say("nothing is on record")
    return 0


def _export(args: argparse.Namespace, system: System, space: Workspace, terminal: Terminal) -> int:
    from collections import Counter

    from standfast.ledger import verify
    from standfast.operate.audits import known_framework
    from standfast.operate.cases import FOLDER, case_of, write_case
    from standfast.operate.status import current_plan
    from standfast.problem import Problems

    altered = verify(space.ledger)
    if altered is not None:
        raise Problems([altered])
    more = [known_framework(args.framework)] if args.framework else []
    with terminal.progress("evidence") as progress, space.locked("evidence"):
        plan = current_plan(system, space, terminal.say)
        case = case_of(plan, space, _today(), progress.step, more)
        files, without = write_case(case, space)
    terminal.problems(without)
    counts = {name: Counter(one.state for one in report) for name, report in case.reports.items()}
    if args.format == "json":
        terminal.json({"folder": str(space.root / FOLDER), "files": len(files), "frameworks": counts})
        return 0
    for name, count in counts.items():
        states = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in sorted(count.items()))
        terminal.result(f"{name}: {states}")
    terminal.result(f"{space.root / FOLDER}: {len(files)} files; begin with index.html")
    return 0
