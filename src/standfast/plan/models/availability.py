"""The share of time that users are answered: zone states enumerated, k of n inside them, parts in series.

Two lines, never mixed: `availability` is what redundancy buys; `with_changes` also counts failed deploys.
A published SLA enters under that name: a refund promise of the seller, not a measurement.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from standfast.spec.model import Assumption, Deploys, System

# Google publishes what its infrastructure is designed for: 99.9 % for a workload in one zone, 99.99 % over several
# ("Design reliable infrastructure for your workloads in Google Cloud", reviewed 2024-11-20). AWS and Azure publish no
# figure per zone; their SLA over several zones is the same 99.99 %. So: what all zones share is up 99.99 %, and each
# zone on top of it so often that one zone makes 99.9 %.
REGION = 0.9999
ZONE = 0.999 / REGION
FAILOVERS = 2.0  # of a primary to its standby in a year: one failure, one patch; assumed


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


def group(instances: tuple[int, ...], needed: int, availability: float, zone: float = ZONE) -> Part:
    """Equal instances, `availability` each with the failures of its zone, of which `needed` must be up."""
    return Part(instances, needed, min(1.0, availability / zone))


def single(availability: float, zone: float = ZONE, at: int = 0) -> Part:
    """One instance, in the zone with index `at`."""
    return group((*(0,) * at, 1), 1, availability, zone)


def standby(availability: float, zone: float = ZONE, outage: float = 0.0) -> Part:
    """A primary and a standby in two zones, `availability` each; `outage` is the share of time lost failing over."""
    return replace(group((1, 1), 1, availability, zone), outage=outage)


def spread(count: int, zones: int) -> tuple[int, ...]:
    """`count` instances over `zones`, as evenly as it goes, the first zones first: 5 over 3 is (2, 2, 1)."""
    return tuple(count // zones + (at < count % zones) for at in range(zones))


def failover_outage(per_year: float, seconds: float) -> float:
    """Share of time lost to `per_year` failovers of `seconds` each."""
    return min(1.0, per_year * seconds / (365.25 * 86_400.0))


def availability(parts: Mapping[str, Part], zone: float = ZONE, zones: int = 3, region: float = REGION) -> float:
    """Probability that every part answers.

    Zones fail independently, each up with probability `zone`; all 2**zones states are enumerated. Given a state,
    what runs in the zones that are down is down, so parts that share zones fail together; instances in zones
    that are up fail independently. `region` is the availability of what all zones share.
    Source: total probability over shared failure domains; k-out-of-n structure as in Trivedi, "Probability and
    Statistics with Reliability, Queuing, and Computer Science Applications", 2nd ed. 2001.
    """
    always = region * math.prod(part.service * (1 - part.outage) for part in parts.values())
    placed = [part for part in parts.values() if part.instances]
    if any(len(part.instances) > zones for part in placed):
        raise ValueError("a part has instances in more zones than there are")
    used = max((len(part.instances) for part in placed), default=0)
    total = 0.0
    for state in range(1 << used):
        up = [state >> at & 1 for at in range(used)]
        chance = math.prod(zone if one else 1 - zone for one in up)
        for part in placed:
            if not chance:
                break
            alive = sum(n for n, one in zip(part.instances, up, strict=False) if one)
            chance *= at_least(part.needed, alive, part.instance)
        total += chance
    return always * total


@lru_cache(maxsize=64)
def zones_up(up: int, zones: int, zone: float = ZONE) -> float:
    """Probability that exactly `up` of so many zones are up."""
    return math.comb(zones, up) * zone**up * (1 - zone) ** (zones - up)


@lru_cache(maxsize=65536)
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


def balancers(system: System) -> tuple[str, ...]:
    """The balancers that an essential request passes: one before public services, `balancer inside` before others.

    Two machines, which fail apart; one that is passed twice is still one machine.
    """
    names, essential = {service.name for service in system.services}, system.essential
    inside = any(
        call.to in names and call.essential and call.share * call.times > 0
        for service in system.services
        for call in service.calls
        if service.name in essential
    )
    public = any(service.public for service in system.services)
    return (*(("balancer",) if public else ()), *(("balancer inside",) if inside else ()))


def independent(availabilities: Iterable[float]) -> float:
    """At least one of several independent copies answers: 1 - (1 - a)(1 - b)…; two regions, a way to fall back."""
    return 1 - math.prod(1 - one for one in availabilities)


def assumed(system: System) -> tuple[Assumption, ...]:
    """What was taken here that nobody declared and no seller publishes."""
    designed = "what Google designs its infrastructure for; AWS and Azure publish nothing per zone"
    left_out = [store for store in system.aside if "essential" not in store.places]
    return (
        Assumption("availability: one zone", f"{ZONE * REGION:.1%}", designed),
        Assumption("availability: what all zones share", f"{REGION:.2%}", designed),
        Assumption("availability: failovers of a primary", f"{FAILOVERS:g} a year", "one failure and one patch"),
        *(
            Assumption(
                f"store {store.name}: essential", "no", "no service calls it; write essential: true to count it",
                store.place,
            )
            for store in left_out
        ),
    )  # fmt: skip
