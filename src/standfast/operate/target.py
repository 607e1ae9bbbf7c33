"""What apply, drift and destroy work on: the plan and code of a system, and the emulator that holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from standfast.blueprint import Blueprint
from standfast.files import File, replace_files
from standfast.plan import Plan
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.spec import System
from standfast.workspace import Workspace
from standfast.worlds.emulator import Emulator

Step = Callable[[str], None]
WORLDS = ("emulator",)
SAMPLE_SECRET = "only-in-the-emulator"  # what the code leaves to the user and must be secret


def check_world(world: str) -> None:
    """Raises Problems for a world that code cannot be applied to."""
    if world == "cloud":
        raise Problems(
            [
                Problem(
                    "applying to a real account is not offered yet",
                    "it spends money and may take down what runs; it waits for approvals and limits of its own",
                    "use --world emulator, or run Terraform yourself on the code that `standfast build` writes",
                )
            ]
        )
    if world not in WORLDS:
        raise Problems([Problem(f"unknown world {quoted(world)}", fix=did_you_mean(world, (*WORLDS, "cloud")))])


def planned(system: System, space: Workspace, say: Step) -> tuple[Plan, Blueprint]:
    """The system's plan and blueprint; what is built of them is written anew where it is absent or stale.

    A plan that was made from the same spec is kept. Raises Problems.
    """
    from standfast.blueprint import make_blueprint
    from standfast.plan import make_plan, read_plan

    plan = None
    if space.plan.exists():
        try:
            plan = read_plan(space.plan)
        except Problems:
            say(f"{space.plan} cannot be read: planning anew")
    if plan is None or plan.system != system:
        say(f"planning {system.name}" if plan is None else f"{system.place.file} has changed: planning anew")
        plan = make_plan(system)
    blueprint = make_blueprint(plan)
    done = replace_files(built_files(space, plan, blueprint), space.root)
    if done.written or done.removed:
        say(f"{len(done.written)} files written, {len(done.removed)} removed in {space.root}")
    for path in done.edited:
        kept = path in done.left
        say(f"{path} had been changed by hand: {'no longer generated, and left' if kept else 'written anew'}")
    return plan, blueprint


def built_files(space: Workspace, plan: Plan, blueprint: Blueprint) -> list[File]:
    """Everything that is generated from a plan: itself, the code, the monitoring; paths below `space.root`."""
    from standfast.code import write_code
    from standfast.plan import plan_to_json
    from standfast.watch import write_watch

    code, watch = (path.relative_to(space.root).as_posix() for path in (space.terraform, space.prometheus))
    return [
        File(space.plan.name, plan_to_json(plan)),
        *(File(f"{code}/{file.path}", file.text) for file in write_code(blueprint)),
        *(File(f"{watch}/{file.path}", file.text) for file in write_watch(plan)),
    ]


def emulator_of(space: Workspace, blueprint: Blueprint, step: Step) -> Emulator:
    """The emulator for a blueprint: its region, sample values for what the user would supply, places of resources."""
    places = {one.address: one.places[0] for one in blueprint.resources if one.places}
    return Emulator.of(space, region=blueprint.region, values=sample_values(blueprint), places=places, step=step)


def sample_values(blueprint: Blueprint) -> Mapping[str, Any]:
    """A value for every input variable that has no default: its own example, and for a secret an open one."""
    return {
        one.name: SAMPLE_SECRET if one.secret and not one.example else one.example
        for one in blueprint.variables
        if one.default is None
    }
