"""Where availabilities are put together wrongly: each trap against every state written out, and against simulation.

The oracle sends a request through the call graph in a given state of all machines, and asks whether the user is
answered. It knows no formula: not what is essential, not what a zone does to two parts at once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from standfast.plan.models.availability import (
    Part,
    availability,
    balancers,
    group,
    independent,
    regional,
    single,
)
from standfast.plan.predict import Standing, predict
from standfast.plan.simulation.outages import Repairs, play
from standfast.spec.model import Service, System
from standfast.spec.reader import parse_spec
from tests.plan.simulation.des import MONTH

ZONE = 0.95
HOUR = 3600.0
REPAIRS = Repairs(20 * HOUR, 20 * HOUR, 10 * HOUR, 5 * HOUR)


def system_of(text: str) -> System:
    return parse_spec("system: t\n" + text, "t.yaml")


# -- the oracle ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """Which machines are up: zones by number, instances by (part, zone, number), managed services by part."""

    up: Mapping[tuple, bool]

    def answers(self, name: str, part: Part) -> bool:
        if not self.up.get(("service", name), True):
            return False
        placed = [(z, n) for z, count in enumerate(part.instances) for n in range(count)]
        alive = sum(self.up["zone", z] and self.up["instance", name, z, n] for z, n in placed)
        return not placed or alive >= part.needed


def states(parts: Mapping[str, Part], zones: int = 3) -> Iterator[tuple[float, State]]:
    """Every state of every machine, with its probability."""
    machines: dict[tuple, float] = {("zone", z): ZONE for z in range(zones)}
    for name, part in parts.items():
        if part.service < 1:
            machines["service", name] = part.service
        for z, count in enumerate(part.instances):
            machines |= {("instance", name, z, n): part.instance for n in range(count)}
    for bits in itertools.product((True, False), repeat=len(machines)):
        up = dict(zip(machines, bits, strict=True))
        yield math.prod(p if up[key] else 1 - p for key, p in machines.items()), State(up)


def answered(system: System, parts: Mapping[str, Part], state: State, hit: bool) -> bool:
    """Whether the users of every public service are answered; `hit`: caches have what is asked."""

    def passes(balancer: str) -> bool:
        return balancer not in parts or state.answers(balancer, parts[balancer])

    def visit(name: str) -> bool:
        if not state.answers(name, parts[name]):
            return False
        part = system.component(name)
        for call in part.calls if isinstance(part, Service) else ():
            if not call.essential:
                continue  # tried, and done without
            if call.cached_by and state.answers(call.cached_by, parts[call.cached_by]) and hit:
                continue
            inside = isinstance(system.component(call.to), Service)
            if (inside and not passes("balancer inside")) or not visit(call.to):
                return False
        return True

    return passes("balancer") and all(visit(service.name) for service in system.services if service.public)


def written_out(system: System, parts: Mapping[str, Part], hit: bool = False) -> float:
    return sum(chance for chance, state in states(parts) if answered(system, parts, state, hit))


def composed(system: System, parts: Mapping[str, Part]) -> float:
    """What the model makes of the same parts."""
    return availability({name: parts[name] for name in needed(system, parts)}, ZONE, 3, region=1)


def needed(system: System, parts: Mapping[str, Part]) -> set[str]:
    return (system.essential | set(balancers(system))) & set(parts)


def played(system: System, parts: Mapping[str, Part], months: int = 1500) -> tuple[float, float]:
    """The share of time a simulation finds it up, and four standard errors."""
    found = play({name: parts[name] for name in needed(system, parts)}, REPAIRS, months, 1, zone=ZONE, region=1.0)
    return 1 - float(found.down.mean()) / MONTH, 4 * float(found.down.std()) / MONTH / math.sqrt(months)


def agree(system: System, parts: Mapping[str, Part]) -> float:
    """Formula, every state and simulation say the same; the value."""
    value = composed(system, parts)
    assert value == pytest.approx(written_out(system, parts), abs=1e-12)
    simulated, error = played(system, parts)
    assert simulated == pytest.approx(value, abs=error)
    return value


# -- a chain through two balancers ----------------------------------------------------------------------------

CHAIN = system_of("""
services:
  web: {image: w, public: true, calls: [api]}
  api: {image: a, calls: [billing]}
  billing: {image: b}""")
BALANCED = {
    "web": Part((1, 1), 1, 0.9),
    "api": Part((1, 1), 1, 0.9),
    "billing": Part((1,), 1, 0.9),
    "balancer": regional(0.98),
    "balancer inside": regional(0.97),
}


def test_the_public_and_the_inner_balancer_are_two_machines_and_each_counts_once() -> None:
    """web -> api -> billing passes the inner balancer twice: it is one machine, so its availability enters once."""
    assert balancers(CHAIN) == ("balancer", "balancer inside")
    value = agree(CHAIN, BALANCED)
    without = composed(CHAIN, {name: part for name, part in BALANCED.items() if "balancer" not in name})
    assert value == pytest.approx(without * 0.98 * 0.97)
    assert value > without * 0.98 * 0.97**2


def test_google_counts_both_balancers() -> None:
    """Infrastructure reliability guide, "Building blocks of reliability": load balancer, web tier, internal load
    balancer, application tier, Cloud SQL make 99.91 %. One balancer alone would make 99.92 %."""
    system = system_of("""
services:
  web: {image: w, public: true, calls: [api]}
  api: {image: a, calls: [db]}
stores: {db: {kind: postgres}}""")
    tiers = {"web": regional(0.9999), "api": regional(0.9999), "db": regional(0.9995)}
    parts = {**tiers, **dict.fromkeys(balancers(system), regional(0.9999))}
    assert round(100 * availability(parts, region=1), 2) == 99.91
    assert round(100 * availability({**tiers, "balancer": regional(0.9999)}, region=1), 2) == 99.92


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        ("web: {image: w, public: true}", ("balancer",)),
        ("web: {image: w, public: true, calls: [{to: ads, essential: false}]}, ads: {image: a}", ("balancer",)),
        ("web: {image: w, public: true, calls: [{to: ads, share: 0%}]}, ads: {image: a}", ("balancer",)),
        ("web: {image: w, public: true}, job: {image: j, calls: [other]}, other: {image: o}", ("balancer",)),
        ("web: {image: w, public: true, calls: [b]}, b: {image: b}", ("balancer", "balancer inside")),
    ],
)
def test_the_inner_balancer_counts_where_an_essential_request_passes_it(services: str, expected: tuple) -> None:
    assert balancers(system_of(f"services: {{{services}}}")) == expected


# -- what users can do without ----------------------------------------------------------------------------------

SHOPPING = """
services:
  web: {image: w, public: true, calls: [api, {to: ads, essential: %s}]}
  api: {image: a, calls: [{to: orders, cached_by: cache}]}
  ads: {image: d}
stores:
  orders: {kind: postgres}
  cache: {kind: redis}"""
SHOPPED = {
    "web": Part((1, 1), 1, 0.9),
    "api": Part((2,), 1, 0.9),
    "ads": Part((0, 1), 1, 0.6),
    "orders": regional(0.95),
    "cache": regional(0.7),
    "balancer": regional(0.98),
}


def test_an_optional_dependency_takes_nothing_away() -> None:
    optional, required = system_of(SHOPPING % "false"), system_of(SHOPPING % "true")
    value = agree(optional, SHOPPED)
    assert value == composed(optional, {**SHOPPED, "ads": Part((0, 1), 1, 0.1)})
    assert agree(required, SHOPPED) < 0.7 * value


def test_a_cache_that_fails_open_takes_nothing_away_and_gives_nothing() -> None:
    """Without it the call goes to the database. That a full cache would outlive the database is not counted on:
    a miss needs it, so the model's figure is the lower of the two."""
    system = system_of(SHOPPING % "false")
    value = agree(system, SHOPPED)
    assert value == composed(system, {**SHOPPED, "cache": regional(0.1)})
    assert written_out(system, SHOPPED, hit=True) > value


def test_a_cache_that_is_called_for_itself_counts() -> None:
    system = system_of("""
services: {web: {image: w, public: true, calls: [{to: db, cached_by: cache}, cache]}}
stores: {db: {kind: postgres}, cache: {kind: redis}}""")
    parts = {"web": Part((1, 1), 1, 0.9), "db": regional(0.95), "cache": regional(0.7)}
    assert agree(system, parts) == pytest.approx(0.7 * composed(system, {**parts, "cache": regional(1.0)}))


# -- what fails together ----------------------------------------------------------------------------------------


def pair(first: Part, second: Part) -> tuple[System, dict[str, Part]]:
    system = system_of("services: {a: {image: a, public: true, calls: [b]}, b: {image: b}}")
    return system, {"a": first, "b": second}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (single(0.9, ZONE), single(0.9, ZONE)),  # one zone for both: its loss is one loss
        (single(0.9, ZONE), single(0.9, ZONE, at=1)),  # a zone each: either loss is enough
        (group((1, 1), 1, 0.9, ZONE), group((1, 1), 1, 0.9, ZONE)),
        (group((1, 1, 1), 2, 0.9, ZONE), single(0.9, ZONE, at=2)),
        (group((2, 1), 2, 0.9, ZONE), group((0, 1, 2), 2, 0.9, ZONE)),
    ],
)
def test_parts_in_the_same_zones_fail_together(first: Part, second: Part) -> None:
    system, parts = pair(first, second)
    value = agree(system, parts)
    alone = [availability({"x": part}, ZONE, 3, region=1) for part in (first, second)]
    shared = any(n and m for n, m in zip(first.instances, second.instances, strict=False))
    assert value > math.prod(alone) + 1e-6 if shared else value == pytest.approx(math.prod(alone))


def test_two_copies_in_one_zone_are_not_two_chances() -> None:
    """1 - (1 - a)² would promise 99 %; both are gone with their zone."""
    system = system_of("services: {a: {image: a, public: true}}")
    together = agree(system, {"a": group((2,), 1, 0.9, ZONE)})
    apart = agree(system, {"a": group((1, 1), 1, 0.9, ZONE)})
    assert together < ZONE < independent([0.9, 0.9]) and together < apart
    assert apart == pytest.approx(independent([0.9, 0.9]))


def test_a_third_zone_with_too_few_in_it_saves_nothing() -> None:
    """Six instances of which four are needed: over two zones the loss of one is fatal, over three it is not."""
    system = system_of("services: {a: {image: a, public: true}}")
    two, three = (agree(system, {"a": Part(at, 4, 0.99)}) for at in ((3, 3), (2, 2, 2)))
    assert two < ZONE**2 < three


# -- all of it, as a plan predicts it ---------------------------------------------------------------------------


def test_the_promise_table_puts_it_together_the_same_way() -> None:
    """`predict` with the parts of a system: what is not essential stands there and takes nothing."""
    system = system_of(SHOPPING % "false")
    standing = {name: Standing(part=part, needed=name == "balancer") for name, part in SHOPPED.items()}
    table = {row.measure: row.predicted for row in predict(system, standing, {}, 0.0)}
    needed = {name: SHOPPED[name] for name in ("web", "api", "orders", "balancer")}
    assert table["reliability.availability"] == pytest.approx(100 * availability(needed))
    worse = {**standing, "cache": replace(standing["cache"], part=regional(0.1))}
    again = {row.measure: row.predicted for row in predict(system, worse, {}, 0.0)}
    assert again["reliability.availability"] == table["reliability.availability"]
