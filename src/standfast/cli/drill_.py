"""`standfast drill NAME SPEC`: break it, watch it recover, heal it, and say what was measured."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from standfast.cli.environment import environment_argument
from standfast.cli.terminal import Progress, Terminal, ends_like_an_interrupt
from standfast.problem import Problem, Problems, quoted

if TYPE_CHECKING:
    from standfast.drill import Outcome
    from standfast.spec import System
    from standfast.workspace import Workspace

HELP = "break it, watch it recover, heal it: corruption, lose_zone, …; list; judge"
USAGE = "standfast drill NAME SPEC [options] | standfast drill list | standfast drill judge DIR SPEC"

# What is told while a drill goes on; everything else is in the history.
STORY: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "filled": lambda e: f"filled a database with {e['bytes'] / 2**20:,.0f} MiB",
    "built": lambda e: "the lab stands",
    "backed_up": lambda e: "took a backup",
    "writing": lambda e: "a client writes",
    "frozen": lambda e: f"replication is held up for {e['seconds']:g} s",
    "breaking": lambda e: f"breaking: {e['fault'].replace('_', ' ')}",
    "detected": lambda e: "the controller noticed",
    "promoted": lambda e: f"{e['server']} takes over",
    "not_promoted": lambda e: e["why"],
    "resumed": lambda e: "writes are acknowledged again",
    "restoring": lambda e: f"restoring to {e['moment']}",
    "copied": lambda e: "the backup is copied",
    "replayed": lambda e: "the log is replayed",
    "not_recovered": lambda e: f"not recovered: {e['why']}",
    "compared": lambda e: "compared the contents",
    "told": lambda e: f"an alert fires: {e['alert']}",
    "cleared": lambda e: "the alerts have ended",
    "not_told": lambda e: e["why"],
    "carried_out": lambda e: e["step"].replace("_", " "),
    "subsided": lambda e: "as many users as before",
    "back": lambda e: "users are served again",
    "gave_up": lambda e: "users are not served as before",
    "unsteady": lambda e: f"not steady: {e['why']}",
    "interrupted": lambda e: "interrupted",
    "stopped": lambda e: f"stopped: {e['why']}",
    "healing": lambda e: "healing",
    "not_healed": lambda e: f"not healed: {e['why']}",
    "not_cleared": lambda e: f"not taken down: {e['why']}",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = USAGE
    parser.add_argument("name", metavar="NAME", help="a drill, or list, or judge")
    parser.add_argument("rest", nargs="*", metavar="SPEC", help="the spec file; for judge: the drill's folder, SPEC")
    environment_argument(parser)
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--store", metavar="NAME", help="which database (default: the largest)")
    parser.add_argument("--data", metavar="SIZE", default="100 MiB", help="how much to fill it with (default: 100 MiB)")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--sync", action="store_const", const=True, help="a commit waits for the standby")
    mode.add_argument(
        "--async", action="store_const", const=False, dest="sync", help="it does not (default: by the rpo)"
    )
    parser.add_argument(
        "--lag", metavar="SECONDS", default="0", help="lose_primary: hold replication up before the kill"
    )
    parser.add_argument("--cases", action="store_true", help="lose_primary: --sync and --async, with and without --lag")
    parser.add_argument("--postgres", metavar="DIR", help="folder of PostgreSQL's programs (default: found)")
    parser.add_argument("--rps", metavar="N", type=float, default=10.0, help="requests per second of the users (10)")
    parser.add_argument("--delay", metavar="SECONDS", default="0.1", help="slow_network: how much longer, each way")
    parser.add_argument("--answers", metavar="FILE", help="tabletop: YAML, the name of each question and its answer")
    parser.add_argument("--world", choices=("lab", "simulated", "cloud"), default="lab", help="where (default: lab)")
    parser.add_argument("--break-cloud", metavar="SYSTEM", help="cloud: the system's name, so that it is meant")
    parser.add_argument("--keep", action="store_true", help="keep the servers' folders and logs; the servers still end")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.promise import EXIT_CODE

    if args.name == "list":
        return _list(args, terminal)
    if args.cases:
        from standfast.cli.lost_primary import cases

        return cases(args, terminal, _run)
    outcome = _judge(args) if args.name == "judge" else _run(args, terminal)
    terminal.problems(outcome.problems)
    if args.format == "json":
        from standfast.drill import as_json

        terminal.json(as_json(outcome))
    else:
        _show(outcome, terminal)
    return EXIT_CODE[outcome.verdict]


def _list(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.drill import drill_module, drill_names

    drills = [drill_module(name) for name in drill_names()]
    if args.format == "json":
        terminal.json(
            [{"drill": d.NAME, "title": d.TITLE, "disruption": d.DISRUPTION, "measures": d.MEASURES} for d in drills]
        )
        return 0
    for drill in drills:
        terminal.result(f"{drill.NAME:<20} {drill.TITLE}")
    return 0


def _rest(args: argparse.Namespace, *names: str) -> list[str]:
    if len(args.rest) != len(names):
        what = f"standfast drill {quoted(args.name)} needs {' and '.join(names)}"
        raise Problems([Problem(what, fix=USAGE)])
    return args.rest


def _judge(args: argparse.Namespace) -> Outcome:
    from pathlib import Path

    from standfast.drill import judge_drill, read_history, recorded_fingerprint
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    folder, spec = _rest(args, "the DIR of a drill", "a SPEC")
    system, at = read_spec(spec, args.environment), Path(folder)
    read_history(at)  # what is no drill is said before a ledger is asked
    space = Workspace.of(system.name, args.out or str(at.resolve().parent.parent))
    return judge_drill(at, system, recorded_fingerprint(at, space.ledger))


def _run(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    from standfast.drill import drill_module
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    drill_module(args.name)  # an unknown drill is said before anything is read or made
    (spec,) = _rest(args, "a SPEC")
    gib = _quantity(args.data, "data", "--data")
    lag = _seconds(args.lag, "--lag")
    if lag and args.name not in LAGGING:
        why = "in this drill no commit can be lost by it"
        raise Problems([Problem(f"--lag is for {', '.join(LAGGING)}", why, "leave it out")])
    system = read_spec(spec, args.environment)
    if args.world == "cloud":
        _not_the_cloud(args, system)
    space = Workspace.of(system.name, args.out)
    with ends_like_an_interrupt(), space.locked(f"drill {args.name}"):
        try:
            return _drill(args, system, space, gib, lag, terminal)
        except KeyboardInterrupt:
            begun = sorted((space.root / "drill").glob(f"*Z-{args.name}*"))
            if begun and args.name != "tabletop":
                terminal.say(f"\nwhat was seen until then: {begun[-1]}")
            raise


def _drill(
    args: argparse.Namespace, system: System, space: Workspace, gib: float, lag: float, terminal: Terminal
) -> Outcome:
    import time

    from standfast.cli.drilled import whole_system
    from standfast.cli.tabletop import people
    from standfast.drill import (
        Settings,
        Wanted,
        drill_module,
        drilled_store,
        keep_evidence,
        new_folder,
        planned_shape,
        run_drill,
    )
    from standfast.operate.backup.drilled import copies_for, dumps_for
    from standfast.operate.status import current_plan
    from standfast.operate.target import runbook_for
    from standfast.worlds.lab import Lab
    from standfast.worlds.lab.mysql import MariaLab

    drill = drill_module(args.name)
    if drill.ON != "database":
        plan = current_plan(system, space, terminal.say)
        make = people if drill.ON == "people" else whole_system
        with terminal.progress(f"drill {args.name}") as progress:
            return make(args, plan, space, lag, _seconds(args.delay, "--delay"), _told(progress))
    if args.world != "lab":
        raise Problems([Problem(f"{args.name} runs in the lab", fix="leave --world out")])
    store = drilled_store(system, args.store, drill.NEEDS)
    plan = current_plan(system, space, terminal.say)
    planned, zones, design = planned_shape(plan, store.name, gib, args.sync)
    shape = drill.shape(planned)
    folder = new_folder(space.root, args.name)
    evidence = (folder / "history.jsonl").relative_to(space.root).as_posix()
    wanted = Wanted.of(system, store.name)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    settings = Settings(store.name, now, evidence, lag=lag, zones=zones, design=design,
                        runbook=runbook_for(plan, args.name))  # fmt: skip
    if store.kind == "mysql":
        world = MariaLab(space.world("lab"), shape, keep=args.keep, kept_by=dumps_for(system))
    else:
        world = Lab(space.world("lab"), shape, postgres=args.postgres, keep=args.keep,
                    copied_by=copies_for(system, args.rest[0]))  # fmt: skip
    with terminal.progress(f"drill {args.name}") as progress:
        outcome = run_drill(args.name, world, shape, folder, settings, wanted, _told(progress))
    keep_evidence(outcome, space.ledger)
    if args.keep:
        terminal.say(f"kept: {world.kept}")
    return outcome


def _told(progress: Progress) -> Callable[[Mapping[str, Any]], None]:
    def told(event: Mapping[str, Any]) -> None:
        if event["what"] in STORY:
            progress.step(STORY[event["what"]](event))

    return told


SHOWN = 0.005  # seconds of a step below which it is not worth a line
LAGGING = ("lose_primary", "lose_zone", "partition")


def _not_the_cloud(args: argparse.Namespace, system: System) -> None:
    """Real users are never broken by accident, and today not at all."""
    if args.break_cloud != system.name:
        fix = f"to mean it, name the system: --break-cloud {system.name}"
        raise Problems([Problem("a drill in the cloud breaks what people use", "nothing was touched", fix)])
    raise Problems([Problem("no drill runs in the cloud yet", "nothing was touched", "leave --world out")])


def _seconds(text: str, option: str) -> float:
    return _quantity(f"{text} s" if text.replace(".", "", 1).isdecimal() else text, "duration", option)


def _quantity(text: str, kind: str, option: str) -> float:
    from standfast.spec.quantity import QuantityError, quantity

    try:
        return quantity(text, kind)
    except QuantityError as error:
        raise Problems([Problem(f"{option}: {error.what}", fix=error.fix)]) from error


def _show(outcome: Outcome, terminal: Terminal) -> None:
    from rich.table import Table
    from rich.text import Text

    from standfast.drill.outcome import promises_json
    from standfast.spec.quantity import show

    colour = {"kept": "green", "broken": "red", "unknown": "yellow"}
    console = terminal.console()
    console.print(Text(f"{outcome.name}: {outcome.title}", style="bold"))
    table = Table("measure", "declared", "measured", "verdict", "place", box=None, padding=(0, 2, 0, 0))
    for row in promises_json(outcome):
        declared = "–" if row["declared"] is None else show(row["declared"], "s")
        value = "never" if row["failed"] else "–" if row["measured"] is None else show(row["measured"], "s")
        verdict = Text(row["verdict"], style=colour[row["verdict"]])
        table.add_row(row["measure"], declared, value, verdict, row["place"])
    if table.row_count:
        console.print(table)
    for note, measures in _by_note(promises_json(outcome)).items():
        terminal.result(f"{', '.join(measures)}: {note}")
    console.print()
    for finding in outcome.judgement.findings:
        line = Text(finding.verdict, style=colour[finding.verdict])
        between = " " if finding.what.endswith("?") else ": "
        told = f"  {finding.what}{between}{finding.note}" if finding.note else f"  {finding.what}"
        console.print(line.append(told, style="default"), soft_wrap=True)
    for note in outcome.judgement.notes:
        terminal.result(f"note  {note}")
    console.print()
    for step in (one for one in outcome.steps if one["seconds"] >= SHOWN):
        terminal.result(f"{step['seconds']:8.2f} s  {step['step']}")
    console.print()
    console.print(Text(f"{outcome.verdict}  {outcome.folder}", style=colour[outcome.verdict]), soft_wrap=True)


def _by_note(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What was seen of each measure; measures with the same to say share a line."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["note"]:
            found.setdefault(row["note"], []).append(row["measure"].removeprefix("reliability."))
    return found
