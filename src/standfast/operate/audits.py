"""The audit of a plan and of what stands, brought together: what the audit itself need not know of worlds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from standfast.audit import FRAMEWORKS, Audit, Control, framework_report, run_audit, score
from standfast.audit.sources.state import resources_of
from standfast.blueprint import Resource, make_blueprint
from standfast.plan import Plan
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.promise import Measured
from standfast.spec import System
from standfast.workspace import Workspace


def audit_planned(plan: Plan) -> Audit:
    return run_audit(plan.system, make_blueprint(plan).resources, region=plan.region)


def audit_deployed(plan: Plan, space: Workspace, step: Callable[[str], None]) -> Audit | None:
    """The audit of what stands in the emulator; None where nothing does. Takes several seconds."""
    from standfast.worlds.emulator import deployed_state, is_running

    if not is_running(space):
        return None
    step("reading what stands")
    state = deployed_state(space)
    if state is None:
        return None
    planned = {one.address: one for one in make_blueprint(plan).resources}
    resources = [_as_planned(one, planned) for one in resources_of(state)]
    return run_audit(plan.system, resources, region=plan.region, planned=False)


def _as_planned(one: Resource, planned: Mapping[str, Resource]) -> Resource:
    """What stands, with component and place from the plan where it cannot carry tags."""
    wanted = planned.get(one.address)
    if wanted is None:
        return one
    return replace(one, component=one.component or wanted.component, places=one.places or wanted.places)


def known_framework(name: str) -> str:
    """The name of a framework there is data for. Raises Problems for another."""
    if name not in FRAMEWORKS:
        raise Problems([Problem(f"no framework {quoted(name)}", fix=did_you_mean(name, FRAMEWORKS))])
    return name


def frameworks_of(
    system: System, results: Mapping[str, Audit], more: Sequence[str] = ()
) -> dict[str, tuple[Control, ...]]:
    """The reports of the frameworks that the spec or the user names, on the strongest audit there is."""
    audit = list(results.values())[-1]
    names = dict.fromkeys([*system.promises.security.frameworks, *more])
    return {name: framework_report(audit, name) for name in names if name in FRAMEWORKS}


def framework_scores(system: System, audit: Audit, world: str, *, when: str, evidence: str) -> list[Measured]:
    """One measurement per framework of the spec; one without data is unknown, and says so."""
    found = []
    for name in system.promises.security.frameworks:
        if name in FRAMEWORKS:
            found.append(score(framework_report(audit, name), name, world, when=when, evidence=evidence))
        else:
            note = f"no data for this framework yet; there is {', '.join(FRAMEWORKS)}"
            found.append(Measured(f"security.{name}", None, when, world, evidence, note))
    return found
