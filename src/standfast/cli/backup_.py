"""`standfast backup run|list|verify|restore|prune|hold|release|schedule SPEC`: copies that come back."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from standfast.cli.environment import environment_argument
from standfast.cli.terminal import Terminal, ends_like_an_interrupt
from standfast.problem import Problem, Problems, did_you_mean, quoted

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.operate.backup.opening import Backups
    from standfast.spec import System
    from standfast.workspace import Workspace

HELP = "backups, near and offsite: run, list, verify, restore, prune, hold, release, schedule"
PATIENCE = 3600.0  # seconds that --wait waits, at most
USAGE = "standfast backup run|list|verify|restore|prune|schedule SPEC [options] | hold|release SPEC NAME [options]"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = USAGE
    parser.add_argument("action", metavar="ACTION", help=", ".join(ACTIONS))
    parser.add_argument("spec", metavar="SPEC", help="the spec file")
    parser.add_argument("name", metavar="NAME", nargs="?", default="", help="hold, release: which backup")
    environment_argument(parser)
    parser.add_argument("--out", metavar="DIR", help="the system's output folder (default: out/<system>)")
    parser.add_argument("--store", metavar="NAME", help="which store (default: all that can be backed up)")
    parser.add_argument("--near", metavar="PLACE", help="the first copy: a folder or s3://BUCKET/PREFIX; remembered")
    parser.add_argument("--offsite", metavar="PLACE", help="the second copy, elsewhere; remembered")
    parser.add_argument("--data", metavar="DIR", help="where the data is: a database's folder, or one of files")
    parser.add_argument("--full", action="store_true", help="run: a full backup of a database (default: what changed)")
    parser.add_argument("--to", metavar="DIR", help="restore: an empty folder")
    parser.add_argument("--from", metavar="COPY", dest="origin", choices=("near", "offsite"), default="offsite",
                        help="restore: near or offsite (default: offsite)")  # fmt: skip
    parser.add_argument("--set", metavar="NAME", default="", dest="which", help="restore: this backup, not the newest")
    parser.add_argument(
        "--moment", metavar="TIME", default="", help="restore: a database as it was, 2026-01-31T03:00:00Z"
    )
    parser.add_argument("--test", action="store_true", help="restore: try it aside, read all of it, remove it")
    parser.add_argument("--postgres", metavar="DIR", help="restore --test: folder of PostgreSQL's programs")
    parser.add_argument("--wait", action="store_true", help="where another run holds the backups, wait for its end")
    parser.add_argument("--dry-run", action="store_true", help="prune: say what would go, and why the rest stays")
    parser.add_argument("--reason", metavar="TEXT", default="", help="hold: why, such as the number of a case")
    parser.add_argument("--metrics", metavar="FILE", help="also write the metrics for node_exporter there (*.prom)")
    parser.add_argument("--format", choices=("text", "json", "systemd", "cron"), default="text",
                        help="systemd and cron: for schedule")  # fmt: skip


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    if args.action not in ACTIONS:
        raise Problems([Problem(f"unknown action {quoted(args.action)}", USAGE, did_you_mean(args.action, ACTIONS))])
    if bool(args.name) != (args.action in ("hold", "release")):
        raise Problems(
            [Problem(f"backup {args.action} " + ("takes no NAME" if args.name else "needs a NAME"), fix=USAGE)]
        )
    if args.format in ("systemd", "cron") and args.action != "schedule":
        raise Problems([Problem(f"--format {args.format} is for schedule", fix=USAGE)])
    with ends_like_an_interrupt():
        return ACTIONS[args.action](args, terminal)


def _system(args: argparse.Namespace) -> tuple[System, Workspace]:
    from standfast.spec import read_spec
    from standfast.workspace import Workspace

    system = read_spec(args.spec, args.environment)
    return system, Workspace.of(system.name, args.out)


def _each(
    args: argparse.Namespace,
    terminal: Terminal,
    work: Callable[[Backups], Any],
    *,
    running: bool = False,
    alone: bool = True,
) -> tuple[list[tuple[str, Any]], list[Problem]]:
    """Do it for every store; one that fails does not keep the others from it. Metrics are written after each."""
    from standfast.operate.backup.evidence import write_metrics
    from standfast.operate.backup.opening import Asked, opened, stores_of
    from standfast.operate.backup.standing import listed, metrics

    system, space = _system(args)
    wait = PATIENCE if args.wait else 0.0
    asked = Asked(args.spec, args.near, args.offsite, args.data, args.postgres, args.metrics, wait)
    done, problems, seen = [], [], []
    stores = stores_of(system, args.store)
    if len(stores) > 1 and (args.data or args.to):
        names = ", ".join(one.name for one in stores)
        raise Problems([Problem("which store is that of?", f"there are {names}", "add --store NAME")])
    for store in stores:
        try:
            with opened(system, store, space, asked, running=running, alone=args.action if alone else "") as one:
                try:
                    done.append((store.name, work(one)))
                except Problems as failure:  # what it came to is told by the figures, too
                    problems += failure.problems
                problems += one.problems
                with contextlib.suppress(Problems):
                    seen.append((one, listed(one)))
        except Problems as failure:
            problems += failure.problems
    for path, some in _metrics_files(space, args, seen):
        write_metrics(path, metrics(some))
    terminal.problems(problems)
    return done, problems


def _metrics_files(space: Workspace, args: argparse.Namespace, seen: list[Any]) -> list[tuple[Path, list[Any]]]:
    from pathlib import Path

    from standfast.operate.backup.evidence import METRICS

    if args.metrics:
        return [(Path(args.metrics), seen)] if seen else []
    return [(space.root / METRICS.format(one[0].store.name), [one]) for one in seen]


def _failed(problems: list[Problem]) -> bool:
    return any(not one.warning for one in problems)


def _run(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.operate.backup import work

    with terminal.progress("backup run") as progress:
        done, problems = _each(args, terminal, lambda one: work.run(one, progress.step, full=args.full), running=True)
    for _, one in done:
        terminal.problems(one.problems)
    if args.format == "json":
        terminal.json(
            [
                {"store": name, "taken": dict(one.taken), "seconds": round(one.seconds, 2), "follows": one.follows}
                for name, one in done
            ]
        )
    else:
        for name, one in done:
            if one.follows:
                terminal.result(f"{name}: it follows another server; once it leads, it hands on its log to both stores")
                continue
            taken = ", ".join(f"{store} {label}" for store, label in one.taken.items()) or "nothing"
            terminal.result(f"{name}: {taken} in {one.seconds:.1f} s")
    return 1 if _failed(problems) or any(one.verdict != "kept" for _, one in done) else 0


def _list(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.cli.backups import listed_json, show_copies
    from standfast.operate.backup.standing import listed
    from standfast.promise import EXIT_CODE

    done, problems = _each(args, terminal, listed, alone=False)
    for _, one in done:
        terminal.problems(one.problems)
    if args.format == "json":
        terminal.json([listed_json(one) for _, one in done])
    else:
        for _, one in done:
            show_copies(one, terminal)
    verdicts = [line.verdict for _, one in done for line in one.lines]
    worst = "broken" if "broken" in verdicts else "unknown" if "unknown" in verdicts else "kept"
    return 1 if _failed(problems) else EXIT_CODE[worst]


def _verify(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.operate.backup import work

    with terminal.progress("backup verify") as progress:
        done, problems = _each(args, terminal, lambda one: work.verify(one, progress.step))
    if args.format == "json":
        terminal.json([{"store": name, "wrong": wrong} for name, wrong in done])
    else:
        for name, found in done:
            for store, wrong in found.items():
                for which, why in wrong.items():
                    terminal.result(f"{name} {store}  {which or 'the store'}: {why}")
                if not wrong:
                    terminal.result(f"{name} {store}  sound: all of it was read")
    return 1 if _failed(problems) or any(wrong for _, found in done for wrong in found.values()) else 0


def _restore(args: argparse.Namespace, terminal: Terminal) -> int:
    from pathlib import Path

    from standfast.cli.backups import moment
    from standfast.operate.backup import work

    if args.test == bool(args.to):
        raise Problems([Problem("restore where to?", fix="--to DIR, or --test to try it aside and remove it again")])
    at = moment(args.moment)
    with terminal.progress("backup restore") as progress:
        if args.test:
            done, problems = _each(
                args, terminal,
                lambda one: work.try_restore(one, progress.step, args.origin, name=args.which, moment=at),
            )  # fmt: skip
        else:
            target = Path(args.to).absolute()
            done, problems = _each(
                args, terminal,
                lambda one: work.restore(one, args.origin, target, name=args.which, moment=at),
            )  # fmt: skip
    if args.format == "json":
        terminal.json([{"store": name, **(vars(one) if one else {"to": args.to})} for name, one in done])
    else:
        for name, one in done:
            if one is None:
                terminal.result(
                    f"{name}: restored from {args.origin} to {args.to}; a database recovers when it is started"
                )
                continue
            terminal.result(
                f"{name}: restored from {args.origin} and read in {one.seconds:.1f} s, {one.bytes / 2**20:,.1f} MiB"
            )
            for table, told in one.tables.items():
                terminal.result(f"  {table}  {told}")
            if one.compared or one.moving:
                meanwhile = f"; not compared, for they were written to: {', '.join(one.moving)}" if one.moving else ""
                terminal.result(f"  as before: {one.compared} tables, by their digests{meanwhile}")
    return 1 if _failed(problems) else 0


def _prune(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.operate.backup import work

    with terminal.progress("backup prune") as progress:
        done, problems = _each(args, terminal, lambda one: work.prune(one, progress.step, dry=args.dry_run))
    if args.format == "json":
        terminal.json([{"store": name, "removed": removed, "dry_run": args.dry_run} for name, removed in done])
    else:
        for name, removed in done:
            for store, names in removed.items():
                word = "would go" if args.dry_run else "removed"
                terminal.result(f"{name} {store}  {word}: {', '.join(names) or 'nothing'}")
    return 1 if _failed(problems) else 0


def _hold(args: argparse.Namespace, terminal: Terminal) -> int:
    from standfast.cli.backups import reason
    from standfast.operate.backup import work

    why = "" if args.action == "release" else reason(args.reason)
    if not args.store:
        raise Problems([Problem(f"{args.action} needs a store", fix="add --store NAME")])
    done, problems = _each(args, terminal, lambda one: work.hold(one, args.name, why))
    for name, stores in done:
        word = f"held ({why})" if why else "released"
        terminal.result(f"{name}: {args.name} {word} in {' and '.join(stores)}")
    return 1 if _failed(problems) else 0


def _schedule(args: argparse.Namespace, terminal: Terminal) -> int:
    import shlex

    from standfast.cli.backups import show_schedule
    from standfast.operate.backup.opening import stores_of
    from standfast.plan.schedule import schedule_of

    system, _ = _system(args)
    schedules = [schedule_of(system, one, shlex.quote(args.spec)) for one in stores_of(system, args.store)]
    show_schedule(system.name, schedules, args.format, terminal)
    return 0


ACTIONS: dict[str, Callable[[argparse.Namespace, Terminal], int]] = {
    "run": _run, "list": _list, "verify": _verify, "restore": _restore, "prune": _prune, "hold": _hold,
    "release": _hold, "schedule": _schedule,
}  # fmt: skip
