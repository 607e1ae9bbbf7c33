"""A drill run in the simulated world, in milliseconds."""

from __future__ import annotations

from pathlib import Path

from standfast.drill import Outcome, Settings, Wanted, drill_module, run_drill
from standfast.spec import parse_spec
from standfast.worlds.database import Shape
from standfast.worlds.simulated import Flaws, Simulated
from tests.drill.pages import page

SPEC = """
system: shop
owner: platform@example.com
promises:
  scalability: {peak: 100 rps, average: 20 rps}
  reliability:
    availability: 99.9%
    recovery:
      instance:   {rto: 2 min, rpo: 0 s}
      zone:       {rto: 3 min, rpo: 0 s}
      corruption: {rto: 4 h, rpo: 5 min}
  performance: {p95: 300 ms, users: {DE: 100%}}
  cost: {budget: 6000 USD/month}
services:
  web: {image: ghcr.io/acme/web:1.4, port: 8080, public: true, cpu: 6 ms, memory: 400 MiB, calls: [orders]}
stores:
  orders: {kind: postgres, data: 200 GiB}
"""
SYSTEM = parse_spec(SPEC, "shop.yaml")
WANTED = Wanted.of(SYSTEM, "orders")
WHEN = "2026-11-23T12:00:00Z"


def simulate(
    name: str, folder: Path, shape: Shape | None = None, flaws: Flaws | None = None, wanted: Wanted = WANTED, **settings
) -> tuple[Outcome, Simulated]:
    """One drill in a world of this shape and with these flaws; settings as in `Settings`."""
    planned = shape or Shape()
    shape = drill_module(name).shape(planned)
    world = Simulated(shape, flaws)
    followed = {"zones": 2, "runbook": page(name, standby=planned.standby), **settings}
    given = Settings("orders", WHEN, f"drill/{folder.name}/history.jsonl", **followed)
    return run_drill(name, world, shape, folder, given, wanted), world


def healed_and_cleared(world: Simulated) -> bool:
    """The world was healed, then cleared, and nothing was broken after that."""
    calls = [call for call in world.calls if call in ("break_", "heal", "clear")]
    return calls[-2:] == ["heal", "clear"] and not world.machines
