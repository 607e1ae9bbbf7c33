"""The worlds that `standfast drill` runs drills of a whole system in."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standfast.problem import Problem, Problems

if TYPE_CHECKING:
    from standfast.drill import Outcome
    from standfast.plan import Plan
    from standfast.workspace import Workspace

Told = Callable[[Mapping[str, Any]], None]
MOST = 1000.0  # requests/s: more is the generator's own limit, and not the lab's
LONGEST = 600.0  # seconds that recovery is waited for, however long is promised


def whole_system(
    args: argparse.Namespace, plan: Plan, space: Workspace, lag: float, delay: float, told: Told
) -> Outcome:
    """One drill of the planned system, in the lab or simulated. Only what really ran is evidence."""
    from standfast.drill import Settings, Wanted, drill_module, keep_evidence, new_folder, run_drill
    from standfast.operate.backup.drilled import copies_for
    from standfast.operate.target import runbook_for
    from standfast.worlds.system import system_shape

    if not 0 < args.rps <= MOST:
        raise Problems([Problem(f"--rps must be above 0, and {MOST:g} at most")])
    shape = system_shape(plan)
    wanted = Wanted.of(plan.system, "")
    declared = wanted.seconds(f"reliability.rto.{drill_module(args.name).DISRUPTION or 'instance'}")
    folder = new_folder(space.root, args.name)
    settings = Settings(
        "", now(), (folder / "history.jsonl").relative_to(space.root).as_posix(), lag=lag, rps=args.rps, delay=delay,
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


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
