"""The share of time that users are answered: zone states enumerated, k of n inside them, parts in series.

Two lines, never mixed: `availability` is what redundancy buys; `with_changes` also counts failed deploys.
A published SLA enters under that name: a refund promise of the seller, not a measurement.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from standfast.spec.model import Deploys, System


@dataclass(frozen=True)
class Part:
    """What stands for one component.

    `instances`  how many of it in each zone, zone by zone; () for a regional or global managed service
    `needed`     how many must be up for the component to answer
    `instance`   availability of one instance while its zone is up
    `service`    availability of the managed service it runs on, whatever the zones do (1: none)
    `outage`     share of time lost in failing over from one instance to the other: see `failover_outage`
    """

    instances: tuple[int, ...] = ()
    needed: int = 1
    instance: float = 1.0
    service: float = 1.0
    outage: float = 0.0


def regional(service: float) -> Part:
    """A managed service that answers from the whole region or world: balancer, object store, CDN, DNS, keys."""
    return Part(service=service)


def single(availability: float, zone: float = 1.0, at: int = 0) -> Part:
    """One instance in zone `at` whose availability, its zone's failures included, is `availability`."""
    return Part((0,) * at + (1,), 1, min(1.0, availability / zone))


def standby(availability: float, zone: float, outage: float, primary: int = 0, second: int = 1) -> Part:
    """A primary and a standby in two zones, each `availability` with its zone; `outage` is lost failing over."""
    instances = [0] * (max(primary, second) + 1)
    instances[primary] += 1
    instances[second] += 1
    return Part(tuple(instances), 1, min(1.0, availability / zone), outage=outage)


def failover_outage(per_year: float, seconds: float) -> float:
    """Share of time lost to `per_year` failovers of `seconds` each."""
    return min(1.0, per_year * seconds / (365.25 * 86_400.0))


def availability(parts: Mapping[str, Part], zone: float, zones: int, region: float = 1.0) -> float:
    """Probability that every part answers.

    Zones fail independently, each up with probability `zone`; all 2**zones states are enumerated. Given a state,
    what runs in the zones that are down is down, so parts that share zones fail together; instances in zones
    that are up fail independently. `region` is the availability of what all zones share.
    Source: total probability over shared failure domains; k-out-of-n structure as in Trivedi, "Probability and
    Statistics with Reliability, Queuing, and Computer Science Applications", 2nd ed. 2001, sections 1.8 and 3.6.
    """
    always = region * math.prod(part.service * (1 - part.outage) for part in parts.values())
    placed = [part for part in parts.values() if part.instances]
    if any(len(part.instances) > zones for part in placed):
        raise ValueError("a part has instances in more zones than there are")
    total = 0.0
    for state in range(1 << zones if placed else 0):
        up = [state >> at & 1 for at in range(zones)]
        chance = math.prod(zone if one else 1 - zone for one in up)
        for part in placed:
            if not chance:
                break
            alive = sum(n for n, one in zip(part.instances, up, strict=False) if one)
            chance *= at_least(part.needed, alive, part.instance)
        total += chance
    return always * (total if placed else 1.0)


def at_least(needed: int, there: int, each: float) -> float:
    """Probability that at least `needed` of `there` independent instances are up, each with probability `each`."""
    if needed <= 0:
        return 1.0
    if there < needed:
        return 0.0
    down = 1 - each
    if needed > there / 2:
        return math.fsum(math.comb(there, k) * each**k * down ** (there - k) for k in range(needed, there + 1))
    return 1 - math.fsum(math.comb(there, k) * each**k * down ** (there - k) for k in range(needed))


def with_changes(infrastructure: float, deploys: Deploys) -> float:
    """The availability that is left when failed changes are counted: rate x failure share x time to roll back."""
    return infrastructure * max(0.0, 1 - deploys.rate * deploys.failure * deploys.rollback)


def essential_parts(system: System) -> set[str]:
    """Services and stores without which a request of a user fails.

    From every public service along the essential calls. A cache that stands before a call is not essential for
    it: without the cache the call goes to its target. An object store that users reach themselves (through a
    CDN, or with declared egress or requests) counts unless it is declared not essential.
    """
    services = {service.name: service for service in system.services}
    found = {service.name for service in system.services if service.public}
    found |= {
        s.name for s in system.stores if s.kind == "objects" and s.essential and (s.cdn or s.egress or s.requests)
    }
    todo = [name for name in found if name in services]
    while todo:
        for call in services[todo.pop()].calls:
            if call.essential and call.share * call.times > 0 and call.to not in found:
                found.add(call.to)
                if call.to in services:
                    todo.append(call.to)
    return found


def independent(availabilities: Iterable[float]) -> float:
    """At least one of several independent copies answers: 1 - (1 - a)(1 - b)… (two regions, a fallback)."""
    return 1 - math.prod(1 - one for one in availabilities)
