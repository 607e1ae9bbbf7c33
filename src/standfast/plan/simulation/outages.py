"""The downtime of a whole system, month by month: the same structure as `models/availability.py`, in time.

What all zones share, each zone, each instance and each managed service fails and is repaired on its own. A part
answers while at least `needed` of its instances are up in zones that are up, its service is up, and it is not just
failing over; the system answers while all parts do. Failed deploys are one more thing that fails, and are kept apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from standfast.plan.models.availability import FAILOVERS, REGION, ZONE, Part
from standfast.plan.models.load import MONTH
from standfast.plan.simulation.timeline import BIN, Intervals, below, crowded, cut, cycles, outages, per_month, union

YEAR = 365.25 * 86_400.0
BLOCK = 1000  # months that are one stretch of time; each stretch starts anew, in the long run
DEPLOYS = "failed deploys"
AT_ONCE = 2_000_000  # failures that are held in memory


@dataclass(frozen=True)
class Repairs:
    """Mean seconds until what failed is up again."""

    region: float
    zone: float
    instance: float
    service: float

    def longer(self, times: float) -> Repairs:
        """The same, so many times as long."""
        return Repairs(self.region * times, self.zone * times, self.instance * times, self.service * times)


@dataclass(frozen=True)
class Months:
    """`down` and `changed` (with failed deploys): seconds without an answer, (months,); `lasted`: each outage.

    `causes`: what alone takes the system down -> (seconds, times) in a month, mean.
    """

    down: np.ndarray
    changed: np.ndarray
    lasted: np.ndarray
    causes: Mapping[str, tuple[float, float]]


def play(
    parts: Mapping[str, Part],
    repairs: Repairs,
    months: int,
    seed: int,
    deploys: tuple[float, float] = (1.0, 1.0),
    zone: float = ZONE,
    region: float = REGION,
    step: Callable[[int], None] = lambda done: None,
) -> Months:
    """Play these parts through so many months. `deploys`: availability left by failed deploys, seconds of each."""
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    taken: dict[str, np.ndarray] = {}
    done = 0
    for rng, count in _blocks(parts, repairs, months, seed):
        span = count * MONTH
        causes = dict(_causes(rng, parts, repairs, span, zone, region))
        down = union(list(causes.values()))
        causes[DEPLOYS] = outages(rng, *deploys, 1, span)
        changed = union([down, causes[DEPLOYS]])
        found.append((per_month(down, count, MONTH), per_month(changed, count, MONTH), down[1] - down[0]))
        for what, (starts, ends) in causes.items():
            taken[what] = taken.get(what, 0) + np.array([(ends - starts).sum(), len(starts)]) / months
        done += count
        step(done)
    causes = {what: (float(seconds), float(times)) for what, (seconds, times) in taken.items()}
    return Months(*(np.concatenate(one) for one in zip(*found, strict=True)), causes)


def _blocks(
    parts: Mapping[str, Part], repairs: Repairs, months: int, seed: int
) -> Iterator[tuple[np.random.Generator, int]]:
    """Stretches of months, each with random numbers of its own."""
    worst = max((sum(p.instances) * (1 - p.instance) * MONTH / repairs.instance for p in parts.values()), default=0.0)
    size = max(1, min(BLOCK, months, int(AT_ONCE / max(worst, 1.0))))
    count = -(-months // size)
    for at, sequence in enumerate(np.random.SeedSequence(seed).spawn(count)):
        yield np.random.default_rng(sequence), min(size, months - at * size)


def _causes(
    rng: np.random.Generator, parts: Mapping[str, Part], repairs: Repairs, span: float, zone: float, region: float
) -> Iterator[tuple[str, Intervals]]:
    """What alone takes the system down, each with its own intervals apart from each other."""
    used = max((len(part.instances) for part in parts.values()), default=0)
    zones = [outages(rng, zone, repairs.zone, 1, span) for _ in range(used)]
    yield "what all zones share", outages(rng, region, repairs.region, 1, span)
    for name, part in sorted(parts.items()):
        yield f"{name}: managed service", outages(rng, part.service, repairs.service, 1, span)
        if part.outage:
            yield f"{name}: failing over", outages(rng, 1 - part.outage, part.outage * YEAR / FAILOVERS, 1, span)
        if part.instances:
            yield f"{name}: instances and zones", union(_placed(rng, part, zones, repairs.instance, span))


def _placed(
    rng: np.random.Generator, part: Part, zones: list[Intervals], repair: float, span: float
) -> list[Intervals]:
    """When fewer instances of a part are up than it needs."""
    there = sum(part.instances)
    spare = there - part.needed
    if spare < 0:
        return [(np.zeros(1), np.full(1, span))]
    if part.needed <= 0:
        return []
    held = [(n, lost) for n, lost in zip(part.instances, zones, strict=False) if n]
    if not spare:
        return [outages(rng, part.instance, repair, there, span), *(lost for _, lost in held)]
    starts, ends = cycles(rng, part.instance, repair, there, span)
    failed = starts.ravel(), ends.ravel()
    kept = crowded(failed, held, spare, BIN * repair)
    zone_of = np.repeat(np.arange(len(part.instances)), part.instances)  # of each machine
    where = zone_of[kept // max(1, starts.shape[1])]
    return [cut(_swept(part, (failed[0][kept], failed[1][kept]), where, zones), span)]


def _swept(part: Part, failed: Intervals, where: np.ndarray, zones: list[Intervals]) -> Intervals:
    """Walk through all changes in time and count who is up: `failed` instances of the zones `where`, and the zones."""
    changes: list[tuple[np.ndarray, np.ndarray, bool, int]] = []  # times, zone, is it the zone itself, sign
    for side, sign in ((0, -1), (1, 1)):
        changes.append((failed[side], where, False, sign))
        changes += [(zones[z][side], np.full(len(zones[z][side]), z), True, sign) for z in range(len(part.instances))]
    times = np.concatenate([one for one, _, _, _ in changes])
    order = np.argsort(times, kind="stable")
    there = np.concatenate([one for _, one, _, _ in changes])[order]
    change = np.concatenate([np.full(len(one), sign) for one, _, _, sign in changes])[order]
    whole = np.concatenate([np.full(len(one), itself) for one, _, itself, _ in changes])[order]
    up = np.zeros(len(times) + 1, dtype=np.intp)
    for z, n in enumerate(part.instances):
        alive = n + _running(change * ((there == z) & ~whole))
        up += alive * (1 + _running(change * ((there == z) & whole)))
    return below(np.append(0.0, times[order]), up, part.needed, np.inf)


def _running(changes: np.ndarray) -> np.ndarray:
    """0, and the sum after each change."""
    return np.append(0, np.cumsum(changes))
