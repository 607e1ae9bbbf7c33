"""What the balancer lets in, and what it refuses at once: from what the plan carries and what is promised to users.

As many requests are in a system as it answers per second, times how long each of them is there (Little, 1961). On
average they may be there for three tenths of what is promised: one in twenty takes two and a half times as long. For a
fifth they may stand in line, in all lines of a chain of calls together; whoever would wait longer is told 503 at once,
so that those who are let in keep the promise however many come.
"""

from __future__ import annotations

import math
from typing import Any

from standfast.blueprint.site import Site
from standfast.code.ansible.groups import Group, lab_hosts
from standfast.plan import Plan
from standfast.plan.models.distribution import Moments
from standfast.plan.models.latency import request
from standfast.plan.models.load import loads
from standfast.spec import System
from standfast.spec.model import Service

FEWEST = 2  # requests in an instance: one that is worked on, one that waits for its calls
WITHIN = 1.0  # seconds, assumed where no percentile is promised
WORKS, WAITS = 0.3, 0.2  # shares of what is promised
ROOM = 1.5  # assumed: how much longer a request may be inside than it is in a quiet hour
CORES = "STANDFAST_LAB_CORES"  # of the machine that the lab is on; two are assumed where nobody says it
# Seconds of CPU, assumed: what balancer, edge, stores and logs of the lab use for a request; 2 to 4 ms were seen.
BESIDE = 0.004
FULL = 0.8  # of the lab's cores: the rest is for whoever drives and watches it


def promised(system: System) -> float:
    """Seconds within which users are to be answered: the shortest that is promised."""
    return min(system.promises.performance.percentiles.values(), default=WITHIN)


def queue_ms(plan: Plan) -> int:
    """How long a request may wait in the balancer, each time that it comes by there."""
    return max(10, round(1000 * WAITS * promised(plan.system) / _chain(plan.system)))


def _chain(system: System) -> int:
    """How many services call one another in a row, at most."""

    def below(name: str) -> int:
        part = system.component(name)
        return 1 + max((below(call.to) for call in part.calls), default=0) if isinstance(part, Service) else 0

    return max((below(one.name) for one in system.services), default=1)


def limits(plan: Plan) -> dict[str, int]:
    """Service -> requests that one of its planned instances works on at once."""
    peak = next((one for one in plan.promises if one.measure == "scalability.peak"), None)
    wanted = plan.system.promises.scalability
    carries = (peak.predicted if peak is not None else None) or wanted.at_horizon(wanted.peak)
    counts = {one.name: max(1, one.choice.count) for one in Site(plan).hosted}
    return {name: max(FEWEST, math.ceil(carries * each / counts[name])) for name, each in _inside(plan.system).items()
            if name in counts}  # fmt: skip


def lab_limits(plan: Plan, groups: tuple[Group, ...]) -> dict[str, Any]:
    """The same for the lab, whose hosts are fewer and share this machine: an expression for Ansible, as only the
    machine knows its cores."""
    system, hosts = plan.system, lab_hosts(plan, groups)
    times = {name: load.peak for name, load in loads(system).items()}
    entering = system.promises.scalability.at_horizon(system.promises.scalability.peak)
    cpu = sum(times[one.name] / entering * one.cpu for one in system.services) + BESIDE
    found = {}
    for name, each in _inside(system).items():
        count = sum(one.group.component == name for one in hosts)
        if count:
            cores = f"lookup('ansible.builtin.env', '{CORES}') | default(2, true) | float"
            let_in = f"(({cores}) * {FULL / cpu * each / count:.6g}) | round(0, 'ceil') | int"
            found[name] = f"{{{{ [{FEWEST}, {let_in}] | max }}}}"
    return found


def _inside(system: System) -> dict[str, float]:
    """Seconds that the visits of one request to each service may take together."""

    def quiet(name: str) -> tuple[float, float]:
        part = system.component(name)
        return (part.cpu + part.wait if isinstance(part, Service) else 0.0, 0.0)

    alone = request(system, quiet, {}, Moments())[0]
    seconds = max(WORKS * promised(system), ROOM * alone)
    entering = system.promises.scalability.at_horizon(system.promises.scalability.peak)
    load = loads(system)
    return {one.name: seconds * load[one.name].peak / entering for one in system.services if entering}
