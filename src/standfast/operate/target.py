"""What apply, drift and destroy work on: the plan and code of a system, and the emulator that holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from standfast.blueprint import Blueprint
from standfast.files import File, Replaced, replace_files
from standfast.plan import Plan
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.spec import System
from standfast.workspace import Workspace
from standfast.worlds.emulator import Emulator

if TYPE_CHECKING:
    from standfast.clouds import Catalog
    from standfast.plan.reasons.explanation import Explained
    from standfast.runbook import Runbook

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


@dataclass(frozen=True)
class Built:
    """Everything that is generated from a plan; `problems`: what a language or a monitor could not say,
    and is not among the files.

    Paths of `files` are relative to the system's folder. `blueprints`: the primary first, then a standby.
    """

    plan: Plan
    blueprints: tuple[Blueprint, ...]
    languages: tuple[str, ...]
    files: tuple[File, ...]
    problems: tuple[Problem, ...] = ()


def planned(system: System, space: Workspace, say: Step) -> tuple[Plan, tuple[Blueprint, ...]]:
    """The system's plan and the blueprints of its sites; files that are absent or stale are written anew.

    A plan that was made from the same spec is kept. Raises Problems.
    """
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
    built = built_of(plan, space, standing_languages(plan, space))
    if "terraform" not in built.languages:
        raise Problems(built.problems)
    done = replace_files(built.files, space.root)
    if done.written or done.removed:
        say(f"{len(done.written)} files written, {len(done.removed)} removed in {space.root}")
    for line in edited_by_hand(done):
        say(line)
    return plan, built.blueprints


def edited_by_hand(done: Replaced) -> list[str]:
    """What to tell of generated files that people had changed."""
    return [
        f"{path} had been changed by hand: "
        + ("no longer generated, and left" if path in done.left else f"written anew, yours is {done.kept[path]}")
        for path in done.edited
    ]


def built_of(plan: Plan, space: Workspace, languages: Sequence[str], catalog: Catalog | None = None) -> Built:
    """A plan and all that is written of it: itself, its code in these languages, the monitoring, its documents.

    `catalog`: what it was planned with, where that is not the one that ships. Raises Problems where no blueprint can
    be made.
    """
    from standfast.blueprint import make_blueprints
    from standfast.code import write_all
    from standfast.docs import write_docs
    from standfast.operate.status import predicted_by_audit
    from standfast.plan import plan_to_json
    from standfast.promise import promise_table
    from standfast.watch import write_monitors

    blueprints = make_blueprints(plan)
    code = write_all(plan, blueprints, languages)
    watch = write_monitors(plan)
    table = promise_table(plan.promises, predicted_by_audit(plan))
    documents = write_docs(plan, blueprints, _explained(plan, catalog), table)
    files = [
        File(space.plan.name, plan_to_json(plan)),
        *(File(f"{space.code.name}/{file.path}", file.text) for file in code.files),
        *(File(f"{space.watch.name}/{file.path}", file.text) for file in watch.files),
        *(File(f"{space.docs.name}/{file.path}", file.text) for file in documents),
    ]
    return Built(plan, blueprints, code.languages, tuple(files), (*code.problems, *watch.problems))


def runbook_for(plan: Plan, drill: str) -> Runbook | None:
    """The page of the plan's runbooks that a drill follows, as `build` writes it; None where it follows none."""
    from standfast.blueprint import make_blueprints
    from standfast.drill import drill_module
    from standfast.runbook import make_runbooks

    books = make_runbooks(plan, make_blueprints(plan), _explained(plan, None))
    return next((one for one in books if one.name == drill_module(drill).RUNBOOK), None)


def _explained(plan: Plan, catalog: Catalog | None) -> tuple[Explained, ...]:
    """The figures behind a plan; none where it was made with prices that are not at hand."""
    from standfast.clouds import load_catalog
    from standfast.plan.reasons.explanation import explain

    try:
        return explain(plan, catalog or load_catalog(plan.cloud))
    except (KeyError, Problems):
        return ()


def standing_languages(plan: Plan, space: Workspace) -> tuple[str, ...]:
    """The languages that a build wrote before, and Terraform, which is what is applied."""
    from standfast.code import languages_for

    return tuple(name for name in languages_for(plan) if name == "terraform" or (space.code / name).is_dir())


def in_emulator(blueprints: Sequence[Blueprint]) -> list[Blueprint]:
    """The sites that the emulator can hold: those on AWS. Raises Problems where there is none."""
    found = [one for one in blueprints if one.cloud == "aws"]
    if not found:
        why = f"it is an emulator of AWS, and the plan stands on {blueprints[0].cloud}"
        fix = "run Terraform yourself on the code that `standfast build` writes, or allow aws under rules: clouds"
        raise Problems([Problem("the emulator cannot hold this system", why, fix)])
    return found


def emulator_of(space: Workspace, blueprint: Blueprint, step: Step) -> Emulator:
    """The emulator for a blueprint: its region, sample values for what the user would supply, places of resources."""
    places = {one.address: one.places[0] for one in blueprint.resources if one.places}
    values = {**sample_values(blueprint), **known_values(space, blueprint)}
    return Emulator.of(space, blueprint.site, region=blueprint.region, values=values, places=places, step=step)


def known_values(space: Workspace, blueprint: Blueprint) -> Mapping[str, Any]:
    """What a standby needs to know of the first site: outputs of that, of the same name."""
    if not blueprint.site:
        return {}
    told = Emulator.of(space).outputs
    return {one.name: told[one.name] for one in blueprint.variables if one.default is None and one.name in told}


def sample_values(blueprint: Blueprint) -> Mapping[str, Any]:
    """A value for every input variable that has no default: its own example, and for a secret an open one."""
    return {
        one.name: SAMPLE_SECRET if one.secret and not one.example else one.example
        for one in blueprint.variables
        if one.default is None
    }
