"""`standfast audit SPEC`: is it sound, as planned and as it stands.

`verify`: is the evidence untouched; `compare`: what changed between two days.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from standfast.cli.environment import environment_argument
from standfast.cli.ledgers import ledger_of, show_compared, show_verified
from standfast.cli.terminal import Terminal

if TYPE_CHECKING:
    from standfast.audit.baseline import Rule
    from standfast.audit.evidence import Proof
    from standfast.operate.audits import Audited
    from standfast.problem import Problem
    from standfast.workspace import Workspace

HELP = "check what is planned, and what stands, against the spec and a framework; verify and compare the evidence"
USAGE = """standfast audit SPEC|DIR [options]
       standfast audit --live aws [--region REGION]
       standfast audit verify [SPEC|DIR] [--out DIR] [--seen HASH]
       standfast audit compare SPEC|DIR FROM [TO]
       standfast audit list | standfast audit explain CHECK"""

AGAIN = "standfast audit SPEC"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = USAGE
    what = "the spec file, a folder that `build` wrote, or one with Terraform code, or a state or plan of it as JSON"
    parser.add_argument(
        "subject", metavar="SPEC", nargs="?", default="", help=f"{what}; or verify, compare, list, explain"
    )
    words = "for verify: the spec; for compare: the spec and one or two days; for explain: a check"
    parser.add_argument("rest", nargs="*", metavar="WORD", help=words)
    environment_argument(parser)
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--live", choices=("aws",), help="what stands in an account, asked of its API; reads only")
    parser.add_argument("--region", default="", help="live: the region (default: that of the profile)")
    parser.add_argument("--world", choices=("plan", "emulator"), help="only what is planned, or only what stands")
    parser.add_argument("--framework", metavar="NAME", help="also report on a framework, such as gdpr or iso-27001")
    parser.add_argument("--verify", action="store_true", help="verify the evidence ledger instead")
    parser.add_argument("--seen", metavar="HASH", help="verify: a hash that was the newest once, kept elsewhere")
    parser.add_argument(
        "--var-file", metavar="FILE", action="append", default=[], help="values for the variables of Terraform code"
    )
    parser.add_argument("--baseline", metavar="FILE", help="what was looked at and accepted, until a day (YAML)")
    parser.add_argument("--paths", action="store_true", help="also show who may talk to whom, hop by hop")
    parser.add_argument("--rights", action="store_true", help="also show who may read and write which data, hop by hop")
    parser.add_argument("--format", choices=("text", "json", "junit", "markdown", "sarif"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.problem import Problem, Problems, quoted

    if args.subject == "list":
        return _list(args.format, terminal)
    if args.subject == "explain":
        return _explain(args.rest[0] if args.rest else None, terminal)
    if args.subject == "verify" or args.verify:
        return show_verified(ledger_of(args), args, terminal)
    if args.subject == "compare":
        return show_compared(ledger_of(args), args, terminal)
    if args.rest:
        raise Problems([Problem(f"audit takes one thing, and {quoted(args.rest[0])} is another", fix=AGAIN)])
    if bool(args.live) == bool(args.subject):
        what = "a spec and an account are audited one by one" if args.live else "what is to be audited?"
        raise Problems([Problem(what, fix="see: standfast audit --help")])
    return _audit(args, terminal)


def _audit(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.operate.audits import known_framework, record
    from standfast.promise import EXIT_CODE
    from standfast.workspace import Workspace

    proofs: Mapping[str, Proof] = {}
    frameworks = [known_framework(args.framework)] if args.framework else []
    rules = _baseline(args.baseline)
    if args.live:
        from standfast.operate.audits import audit_live

        audited = audit_live(args.region, frameworks)
        space = Workspace(Path(args.out)) if args.out else None
    elif _of_others(Path(args.subject)):
        from standfast.operate.audits import audit_folder

        audited = audit_folder(Path(args.subject), frameworks, [Path(one) for one in args.var_file])
        space = Workspace(Path(args.out)) if args.out else None  # leaves no trace in a folder of others
    else:
        audited, space, proofs = _of_ours(args, frameworks, terminal)
    outdated: Sequence[Problem] = ()
    if rules:
        from standfast.operate.audits import accepted

        audited, outdated = accepted(audited, rules, proofs)
    terminal.problems([*audited.problems, *outdated])
    if space is not None and audited.audits:
        record(audited, space, proofs)
    _show(audited, args, terminal)
    if not audited.audits:
        terminal.say(f"nothing stands in the emulator\n  fix  standfast apply {args.subject}")
    mistaken = any(not one.warning for one in audited.problems)
    return EXIT_CODE["broken" if mistaken else audited.verdict]


def _baseline(path: str | None) -> Sequence[Rule]:
    if not path:
        return ()
    from standfast.audit.baseline import read_baseline

    return read_baseline(path)


def _of_ours(
    args: argparse.Namespace, frameworks: list[str], terminal: Terminal
) -> tuple[Audited, Workspace, Mapping[str, Proof]]:
    """The audit of a spec, or of a folder that `build` wrote; with what its ledger proves."""
    from standfast.audit.evidence import proofs_of
    from standfast.ledger import entries
    from standfast.operate.audits import audit_system
    from standfast.operate.status import current_plan
    from standfast.plan import read_plan
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    if Path(args.subject).is_dir():
        plan = read_plan(Workspace(Path(args.subject)).plan)
        space = Workspace(Path(args.subject), plan.system.name)
    else:
        system = read_spec(args.subject, args.environment)
        space = Workspace.of(system.name, args.out)
        plan = current_plan(system, space, terminal.say)
    with terminal.progress("audit") as progress, space.locked("audit"):
        proofs = proofs_of(entries(space.ledger), datetime.now(UTC).date())
        audited = audit_system(plan, space, progress.step, world=args.world or "", frameworks=frameworks, proofs=proofs)
    return audited, space, proofs


OTHERS = (".json", ".template", ".tfstate")  # files that are no spec of ours


def _of_others(path: Path) -> bool:
    """Whether it is what others wrote: a folder without a plan of ours, a state, a plan of Terraform."""
    from standfast.workspace import Workspace

    if path.is_dir():
        return not Workspace(path).holds_plan
    if path.suffix in (".yaml", ".yml") and path.is_file() and path.stat().st_size < 2 << 20:
        return b"AWS::" in path.read_bytes()  # a template, no spec
    return path.suffix in OTHERS and path.is_file()


def _show(audited: Audited, args: argparse.Namespace, terminal: Terminal) -> None:
    from standfast.cli.findings import audit_json, show_audit, show_framework
    from standfast.cli.paths import paths_json, show_paths
    from standfast.cli.rights import rights_json, show_rights

    if args.format == "json":
        told = audit_json(audited)
        for world, audit in audited.audits.items():
            told["worlds"][world] |= {"paths": paths_json(audit)} if args.paths else {}
            told["worlds"][world] |= {"rights": rights_json(audit, audited.system)} if args.rights else {}
        terminal.json(told)
        return
    if args.format != "text":
        from standfast.audit.formats import write_audit

        terminal.result(write_audit(audited.audits, args.format).rstrip("\n"))
        return
    for world, audit in audited.audits.items():
        show_audit(world, audit, terminal)
        if args.paths:
            show_paths(world, audit, terminal)
        if args.rights:
            show_rights(world, audit, audited.system, terminal)
    for name, report in audited.reports.items():
        show_framework(name, report, terminal)


def _list(form: str, terminal: Terminal) -> int:
    from standfast.audit import all_checks, clouds_of

    checks = all_checks().values()
    if form == "json":
        terminal.json(
            [
                {
                    "check": one.ID,
                    "severity": one.SEVERITY,
                    "title": one.TITLE,
                    "clouds": clouds_of(one),
                    "kinds": one.KINDS,
                }
                for one in checks
            ]
        )
        return 0
    for one in checks:
        terminal.result(f"{one.ID:<28}  {one.SEVERITY:<8}  {' '.join(clouds_of(one)):<13}  {one.TITLE}")
    return 0


def _explain(name: str | None, terminal: Terminal) -> int:
    from standfast.audit import all_checks
    from standfast.problem import Problem, Problems, did_you_mean, quoted

    checks = all_checks()
    if name not in checks:
        what = f"no check {quoted(name)}" if name else "which check?"
        raise Problems([Problem(what, fix=did_you_mean(name or "", checks) if name else "see: standfast audit list")])
    one = checks[name]
    terminal.result(f"{one.ID} ({one.SEVERITY})\n\n{(one.__doc__ or '').strip()}\n\nResources: {', '.join(one.KINDS)}")
    return 0
