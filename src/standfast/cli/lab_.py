"""`standfast lab up|status|logs|down SPEC`: the planned shape on this machine, with real programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from standfast.cli.environment import environment_argument
from standfast.cli.loading import load_arguments
from standfast.cli.standing import show
from standfast.cli.terminal import Terminal, ends_like_an_interrupt
from standfast.problem import Place, Problem, Problems, did_you_mean, quoted

if TYPE_CHECKING:
    from standfast.worlds.lab.system.world import SystemLab

HELP = "the planned system on this machine: up, status, logs, trace, load, down"
USAGE = "standfast lab up|status|load|down SPEC [options] | lab logs SPEC [HOST] [--search WORDS] | lab trace SPEC [ID]"
NARROW = 100  # columns, below which the host has a line of its own above its lines


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = USAGE
    parser.add_argument("action", metavar="ACTION", help=", ".join(ACTIONS))
    parser.add_argument("spec", metavar="SPEC", help="the spec file")
    parser.add_argument(
        "host", metavar="HOST", nargs="?", default="", help="logs: of one host only; trace: its id, or how that begins"
    )
    environment_argument(parser)
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--postgres", metavar="DIR", help="up: folder of PostgreSQL's programs (default: found)")
    parser.add_argument(
        "--built-in", action="store_true", help="up: the built-in service also where the spec has a command"
    )
    parser.add_argument("--search", metavar="WORDS", help="logs: lines with all of these words, of every host at once")
    parser.add_argument(
        "--lines", metavar="N", type=int, default=20, help="logs: the last N lines of each (default: 20)"
    )
    load_arguments(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    if args.action not in ACTIONS:
        raise Problems([Problem(f"unknown action {quoted(args.action)}", USAGE, did_you_mean(args.action, ACTIONS))])
    if args.search is not None and args.action != "logs":
        raise Problems([Problem(f"lab {args.action} searches nothing", "--search is for logs", USAGE)])
    if args.host and args.action not in ("logs", "trace"):
        raise Problems([Problem(f"lab {args.action} takes no {quoted(args.host)}", "a host is named for logs", USAGE)])
    return ACTIONS[args.action](args, terminal)


def _up(args: argparse.Namespace, terminal: Terminal) -> int:
    import time

    from standfast.operate.status import current_plan
    from standfast.spec import read_spec
    from standfast.workspace import Workspace
    from standfast.worlds.lab.system.world import SystemLab

    system = read_spec(args.spec, args.environment)
    space = Workspace.of(system.name, args.out)
    began = time.monotonic()
    with ends_like_an_interrupt(), space.locked("lab up"):
        plan = current_plan(system, space, terminal.say)
        with terminal.progress("lab up") as progress:
            home = None if args.built_in else Path(args.spec).parent
            lab = SystemLab(space.world("lab") / "system", plan, postgres=args.postgres, say=progress.step, home=home)
            if lab.open() and lab.stands and not lab.state.get("drilled"):  # what a killed drill left is ended
                fix = f"{_command('status', args)}, or begin anew after: {_command('down', args)}"
                raise Problems([Problem(f"the lab of {system.name} stands already", f"in {lab.folder}", fix)])
            lab.build()
    if lab.ended:
        terminal.say(f"ended {lab.ended} processes that an earlier run had left")
    _missing(lab, terminal)
    if args.format == "text":
        terminal.say(f"up in {time.monotonic() - began:.1f} s")
    return _show(lab, args, terminal)


def _status(args: argparse.Namespace, terminal: Terminal) -> int:
    lab = _standing(args)
    _changed(lab, args, terminal)
    return _show(lab, args, terminal)


def _changed(lab: SystemLab, args: argparse.Namespace, terminal: Terminal) -> None:
    """Say where the spec is another one now than when the lab was started."""
    from standfast.spec import read_spec
    from standfast.worlds.lab.system.build import fingerprint

    try:
        same = fingerprint(read_spec(args.spec, args.environment)) == lab.state.get("spec")
    except Problems as problems:
        terminal.problems([Problem("the spec cannot be read now", problems.problems[0].what, warning=True)])
        return
    if not same:
        fix = f"{_command('down', args)} && {_command('up', args)}"
        why = "what stands is what it said when the lab was started"
        terminal.problems([Problem("the spec has been changed since", why, fix, Place(args.spec), warning=True)])


def _down(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.workspace import Workspace

    lab = _lab(args)
    space = Workspace.of(_system(args), args.out)
    there = lab.folder.exists()
    if space.root.exists():  # or else a folder would be made to say that there is none
        with space.locked("lab down"):
            lab.clear()
    if args.format == "json":
        terminal.json({"ended": lab.ended})
    elif lab.ended:
        terminal.result(f"ended {lab.ended} processes; nothing of the lab is left")
    else:
        terminal.result("nothing of the lab is left; none of its programs ran" if there else "there was no lab")
    return 0


def _logs(args: argparse.Namespace, terminal: Terminal) -> int:
    lab = _standing(args)
    logs = lab.logs()
    names = sorted({host for host, _ in logs})
    if args.host and args.host not in names:
        raise Problems([Problem(f"the lab has no host {quoted(args.host)}", fix=did_you_mean(args.host, names))])
    if args.search is not None:
        return _search(lab, args, terminal)
    narrow = terminal.console().width < NARROW
    for host, path in logs:
        if args.host in ("", host):
            lines = path.read_text(errors="replace").splitlines()[-max(args.lines, 0) :] if path.exists() else []
            if narrow and lines:
                terminal.result(f"{host}  {path.name}")
            for line in lines:
                terminal.result(f"{'' if narrow else f'{host:<14} {path.name:<16}'} {_printable(line)}")
    return 0


def _search(lab: SystemLab, args: argparse.Namespace, terminal: Terminal) -> int:
    """Exit code 1 where no line has these words."""
    from dataclasses import asdict

    from standfast.worlds.lab.telemetry.store import asked

    if not any(run.name.endswith(".rsyslog") for run in lab.runs):
        fix = "install it (Debian: apt-get install rsyslog), and bring the lab up again"
        raise Problems([Problem("no lines are kept to be searched", "the lab stands without rsyslog", fix)])
    if not asked(args.search):
        raise Problems([Problem(f"{quoted(args.search)} has no word to look for", fix=USAGE)])
    found = lab.telemetry().search(args.search, args.host, max(args.lines, 1))
    if args.format == "json":
        terminal.json([asdict(one) for one in found])
    else:
        for one in found:
            terminal.result(f"{one.at}  {one.host:<14} {_printable(one.text)}")
        if not found:
            terminal.say("no line has these words; what was written in the last second may still be on its way")
    return 0 if found else 1


def _trace(args: argparse.Namespace, terminal: Terminal) -> int:
    """The newest traces, or one of them as a tree."""
    from dataclasses import asdict

    from standfast.worlds.lab.telemetry.tree import as_text

    store = _standing(args).telemetry()
    if not args.host:
        newest = store.newest(max(args.lines, 1))
        if args.format == "json":
            terminal.json([{**asdict(one), "spans": count} for one, count in newest])
        for one, count in newest if args.format == "text" else ():
            state = "failed" if one.failed else ""
            terminal.result(
                f"{one.trace}  {one.took * 1000:8.1f} ms  {count:>3} spans  {one.service} {one.name} {state}"
            )
        return 0
    spans = store.trace(args.host.lower())
    if args.format == "json":
        terminal.json([asdict(one) for one in spans])
    else:
        terminal.result(f"trace {spans[0].trace}: {len(spans)} spans")
        for line in as_text(spans):
            terminal.result(_printable(line))
    return 0


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)


def _load(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.cli.loading import drive, judge, wanted_load
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    if args.judge:
        return judge(read_spec(args.spec, args.environment), args, terminal)
    wanted_load(args)  # a wrong number is said before anything is looked for
    lab, system = _standing(args), read_spec(args.spec, args.environment)
    space = Workspace.of(system.name, args.out)
    with ends_like_an_interrupt(), space.locked("lab load"):
        return drive(lab, system, space, args, terminal)


ACTIONS = {"up": _up, "status": _status, "logs": _logs, "trace": _trace, "load": _load, "down": _down}


def _command(action: str, args: argparse.Namespace) -> str:
    import shlex

    named = ["--environment", args.environment] if args.environment else []
    return shlex.join(["standfast", "lab", action, args.spec, *named, *(["--out", args.out] if args.out else [])])


def _system(args: argparse.Namespace) -> str:
    """Its name. A spec that cannot be read any more is no reason not to take down what --out names."""
    from standfast.spec import read_spec

    try:
        return read_spec(args.spec, args.environment).name
    except Problems:
        if args.out and args.action in ("down", "status", "logs"):
            return Path(args.out).resolve().name
        raise


def _lab(args: argparse.Namespace) -> SystemLab:
    from standfast.workspace import Workspace
    from standfast.worlds.lab.system.world import SystemLab

    return SystemLab(Workspace.of(_system(args), args.out).world("lab") / "system")


def _standing(args: argparse.Namespace) -> SystemLab:
    from standfast.worlds.lab.system.build import FAILED

    lab = _lab(args)
    if not lab.open():
        if lab.strange:
            fix = f"{_command('down', args)} ends it all the same; then begin anew: {_command('up', args)}"
            raise Problems([Problem(f"the lab of {_system(args)} cannot be asked", lab.strange, fix)])
        what, why = f"the lab of {_system(args)} does not stand", f"looked in {lab.folder}"
        if (lab.folder / FAILED).is_dir():
            why = f"its last start failed; what all programs said is in {lab.folder / FAILED}"
        raise Problems([Problem(what, why, _command("up", args))])
    return lab


def _missing(lab: SystemLab, terminal: Terminal) -> None:
    for one in lab.state.get("missing", ()):
        terminal.problems([Problem(one["what"], one["why"], one["fix"], warning=True)])


def _show(lab: SystemLab, args: argparse.Namespace, terminal: Terminal) -> int:
    seen = lab.observe()
    if args.format == "json":
        terminal.json(seen)
    else:
        show(seen, terminal)
    return 0 if seen["well"] else 1
