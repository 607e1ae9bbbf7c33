"""What a drill is told, and what of the plan it builds: which store, in which shape, for how long."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from standfast.plan import Plan
from standfast.problem import Place, Problem, Problems, did_you_mean, quoted
from standfast.runbook import Runbook
from standfast.spec import System
from standfast.spec.model import Store
from standfast.worlds.database import Shape

KINDS = ("postgres",)  # what a drill of a database is for, where it does not say


@dataclass(frozen=True)
class Settings:
    """`seconds` of writes before the damage; `lag`: seconds for which replication is held up before it;
    `patience`: seconds to wait for recovery before the drill gives up looking."""

    store: str
    when: str  # UTC, ISO 8601: when the drill began
    evidence: str  # path of the history below the output folder
    seconds: float = 1.5
    lag: float = 0.0
    patience: float = 60.0
    zones: int = 1  # over how many zones the plan spreads the store
    design: str = ""  # how the plan keeps it
    rps: float = 30.0  # requests per second that users send, where the drill is on a whole system
    delay: float = 1.0  # seconds that a slow network takes longer, each way
    plan: Plan | None = None  # for people: whose scenario it is
    runbook: Runbook | None = None  # the page that the drill follows


def drilled_store(system: System, name: str | None = None, kinds: Collection[str] = KINDS) -> Store:
    """The store that was named, else the largest that a drill of these kinds is for. Raises Problems without one."""
    fit = [store for store in system.stores if store.kind in kinds]
    shown = " or ".join({"postgres": "PostgreSQL", "mysql": "MySQL"}[one] for one in kinds)
    if name is not None:
        chosen = [store for store in system.stores if store.name == name]
        if not chosen:
            known = did_you_mean(name, [store.name for store in fit])
            raise Problems([Problem(f"there is no store {quoted(name)}", fix=known, place=Place(system.place.file))])
        fit = [store for store in chosen if store.kind in kinds]
        if not fit:
            why = f"this drill runs on a real {shown}; on another store it would prove nothing"
            what = f"{name} is {chosen[0].kind}, which this drill is not for"
            raise Problems([Problem(what, why, place=chosen[0].where("kind"))])
    if not fit:
        why = f"this drill runs on a real {shown}, and no store of this system is one"
        raise Problems([Problem("nothing here can be drilled", why, place=Place(system.place.file))])
    return max(fit, key=lambda store: (store.essential, store.data, store.name))


def synchronous(system: System) -> bool:
    """Whether commits must wait for the standby: where no acknowledged write may be lost with an instance or zone."""
    recovery = system.promises.reliability.recovery
    wanted = [recovery[one].rpo for one in ("instance", "zone") if one in recovery]
    declared = [seconds for seconds in wanted if seconds is not None]
    return min(declared, default=0.0) == 0.0


def planned_shape(plan: Plan, store: str, gib: float, sync: bool | None = None) -> tuple[Shape, int, str]:
    """What the plan bought to keep this store: the shape, over how many zones, and the name of the design.

    A single server that is lost is started again on its disk; one with a standby is failed over. Raises Problems
    when the plan knows no such store.
    """
    choice = plan.choice(store)
    if choice is None:
        raise Problems([Problem(f"the plan has nothing for {quoted(store)}", fix="plan again: standfast build SPEC")])
    standby = choice.design != "single"
    archive = float(choice.size.get("retention_days", 0)) > 0 or plan.choice("backup") is not None
    waits = synchronous(plan.system) if sync is None else sync
    shape = Shape(standby, standby and waits, failover=standby, restart=not standby, archive=archive, gib=gib)
    return shape, choice.zones, choice.design
