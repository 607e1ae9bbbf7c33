"""A drill of a whole system, or of people, in a world in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from standfast.drill import Outcome, Settings, Wanted, drill_module, run_drill
from standfast.spec import parse_spec
from standfast.watch.prometheus.timing import alerts_of
from standfast.watch.signals import signals_of
from standfast.worlds.people import People
from standfast.worlds.scenario import questions_of
from standfast.worlds.simulated import SimulatedSystem, SystemFlaws
from standfast.worlds.system import Remedies, system_shape
from tests.drill.pages import needed_page, needed_plan, page
from tests.shop import EXAMPLES, shop_plan

TEXT = (EXAMPLES / "shop.yaml").read_text()
SPEC = TEXT.replace("{rto: 2 min, rpo: 0 s}", "{rto: 10 s, rpo: 0 s}").replace(
    "zone:       {rto: 3 min, rpo: 0 s}", "zone: {rto: 10 s, rpo: 0 s}\n      region: {rto: 10 s, rpo: 5 s}"
)
SYSTEM = parse_spec(SPEC, "shop.yaml")
PLAN = replace(shop_plan(), system=SYSTEM)
NEEDED = replace(needed_plan(), system=parse_spec(SPEC.replace(", essential: false", ""), "shop.yaml"))
ALERTS = alerts_of(PLAN, signals_of(PLAN))
WANTED = Wanted.of(SYSTEM, "orders")
WHEN = "2026-11-28T12:00:00Z"


def simulate_system(
    name: str,
    folder: Path,
    remedies: Remedies | None = None,
    flaws: SystemFlaws | None = None,
    *,
    needed: bool = False,
    **settings,
) -> tuple[Outcome, SimulatedSystem]:
    """`needed`: the shop whose requests need its cache."""
    plan = NEEDED if needed else PLAN
    shape = system_shape(plan, remedies or Remedies())
    world = SimulatedSystem(shape, flaws, alerts=ALERTS)
    followed = {"patience": 12.0, "zones": 2, "runbook": needed_page(name) if needed else page(name), **settings}
    given = Settings("orders", WHEN, f"drill/{folder.name}/history.jsonl", **followed)
    return run_drill(name, world, shape, folder, given, Wanted.of(plan.system, "orders")), world


def ask_people(folder: Path, **answers: str) -> tuple[Outcome, People]:
    """The right answer to every question, but for those that are given."""
    known = {one.name: one.expects[0] if one.expects else "we would see" for one in questions_of(PLAN)} | answers
    ticks = iter(range(10_000))
    world = People(lambda name, asks: known[name], lambda: next(ticks) * 0.01)
    given = Settings("orders", WHEN, f"drill/{folder.name}/history.jsonl", plan=PLAN)
    return run_drill("tabletop", world, None, folder, given, WANTED), world


def on(kind: str) -> list[str]:
    from standfast.drill import drill_names

    return [name for name in drill_names() if kind == drill_module(name).ON]
