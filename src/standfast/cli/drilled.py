"""The worlds that `standfast drill` runs drills of a whole system, and of people, in."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standfast.problem import Place, Problem, Problems, did_you_mean

if TYPE_CHECKING:
    from standfast.drill import Outcome
    from standfast.plan import Plan
    from standfast.workspace import Workspace

Told = Callable[[Mapping[str, Any]], None]
LONGEST = 600.0  # seconds that recovery is waited for, however long is promised


def whole_system(
    args: argparse.Namespace, plan: Plan, space: Workspace, lag: float, delay: float, told: Told
) -> Outcome:
    """One drill of the planned system, in the lab or simulated. Only what really ran is evidence."""
    from standfast.drill import Settings, Wanted, drill_module, keep_evidence, new_folder, run_drill
    from standfast.operate.backup.drilled import copies_for
    from standfast.operate.target import runbook_for
    from standfast.worlds.system import system_shape

    if not args.rps > 0:
        raise Problems([Problem("--rps must be above 0")])
    shape = system_shape(plan)
    wanted = Wanted.of(plan.system, "")
    declared = wanted.seconds(f"reliability.rto.{drill_module(args.name).DISRUPTION or 'instance'}")
    folder = new_folder(space.root, args.name)
    settings = Settings(
        "", _now(), (folder / "history.jsonl").relative_to(space.root).as_posix(), lag=lag, rps=args.rps, delay=delay,
        patience=min(max(60.0, declared or 0.0), LONGEST), runbook=runbook_for(plan, args.name),
    )  # fmt: skip
    if args.world == "simulated":
        from standfast.watch.prometheus.timing import alerts_of
        from standfast.watch.signals import signals_of
        from standfast.worlds.simulated import SimulatedSystem

        world = SimulatedSystem(shape, alerts=alerts_of(plan, signals_of(plan)))
        return run_drill(args.name, world, shape, folder, settings, wanted, told)
    from standfast.worlds.lab.drilled import DrilledLab

    lab = DrilledLab(space.world("lab") / "system", plan, postgres=args.postgres, shape=shape,
                     copied_by=copies_for(plan.system, args.rest[0]), home=Path(args.rest[0]).parent)  # fmt: skip
    if lab.lab.open() and lab.lab.stands and not lab.lab.state.get("drilled"):  # what a killed drill left is ended
        fix = f"end it first: standfast lab down {args.rest[0]}"
        raise Problems([Problem("a lab of this system stands, and a drill would break it", "", fix)])
    outcome = run_drill(args.name, lab, shape, folder, settings, wanted, told)
    keep_evidence(outcome, space.ledger)
    return outcome


def people(args: argparse.Namespace, plan: Plan, space: Workspace, lag: float, delay: float, told: Told) -> Outcome:
    """A scenario read out, and answers from a file or the terminal: recorded, and kept as evidence of training."""
    from standfast.drill import Settings, Wanted, keep_evidence, new_folder, run_drill
    from standfast.worlds.people import People
    from standfast.worlds.scenario import questions_of, scenario_of

    names = [one.name for one in questions_of(plan)]
    if args.answers is not None:
        given = _answers(Path(args.answers), names)
        world = People(lambda name, asks: given.get(name, ""))
    elif not sys.stdin.isatty():
        fix = f"write them into a file, and name it with --answers; the questions: {', '.join(names)}"
        raise Problems([Problem("there is nobody at the terminal to answer", "", fix)])
    else:
        print(scenario_of(plan), file=sys.stderr)
        world = People(_at_the_terminal)
    folder = new_folder(space.root, args.name)
    evidence = (folder / "history.jsonl").relative_to(space.root).as_posix()
    settings = Settings("", _now(), evidence, plan=plan)
    outcome = run_drill(args.name, world, None, folder, settings, Wanted.of(plan.system, ""), told)
    keep_evidence(outcome, space.ledger)
    return outcome


def _at_the_terminal(name: str, asks: str) -> str:
    try:
        print(asks, "> ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline()
    except UnicodeDecodeError:
        return ""


def _answers(path: Path, names: list[str]) -> dict[str, str]:
    """Raises Problems for a file that cannot be read, and for answers to what nobody asked."""
    import yaml

    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Problems([Problem(f"{path} cannot be read", str(error), place=Place(path.name))]) from error
    if not isinstance(read, dict):
        example = ", ".join(f"{name}: …" for name in names[:2])
        raise Problems([Problem(f"{path} has no answers", f"write {example}", place=Place(path.name))])
    unknown = [str(one) for one in read if one not in names]
    if unknown:
        what = f"nobody asked {unknown[0]!r}"
        raise Problems([Problem(what, fix=did_you_mean(unknown[0], names), place=Place(path.name))])
    return {str(name): "" if answer is None else str(answer) for name, answer in read.items()}


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
