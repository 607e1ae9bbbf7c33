"""What a drill asks of a world that holds a whole system, beyond the five that every world has.

The remedies belong to the world, as in production: health checks, failover, alerts, the copy in another region. A drill
drives load, breaks one thing, looks, and carries out the steps that the runbook gives to people.

FAULTS   what can be broken, and what each is told        STEPS   what a runbook can ask for, and what each is told
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from standfast.code.ansible.groups import groups_of, lab_hosts
from standfast.plan import Plan
from standfast.spec import System
from standfast.watch.prometheus.timing import Alerting
from standfast.worlds import World
from standfast.worlds.database import Hear

FAULTS: Mapping[str, tuple[str, ...]] = {
    "kill_instance": ("host",),
    "lose_zone": ("zone",),
    "lose_region": (),
    "lose_cache": ("component",),
    "lose_edge": (),
    "delay": ("zones", "seconds"),
    "partition": ("zones",),
    "hold_replication": ("database",),
    "bad_deploy": ("service", "gate"),
    "failing_release": ("service", "share"),
    "expire_certificate": ("host",),
    "fill_disk": ("host",),
    "jump_clock": ("host", "seconds"),
    "ruin": ("component",),  # what a store that is no database holds: deleted, written over
}
STEPS: Mapping[str, tuple[str, ...]] = {
    "restore_offsite": (),  # bring the system up elsewhere from the offsite copy
    "bypass_edge": (),  # send users to the balancer, past the edge
    "roll_back": ("service",),  # deploy the version before
    "renew_certificate": ("host",),
    "free_disk": ("host",),  # make room on the disk
    "set_clock": ("host",),
    "restore_versions": ("component", "moment"),  # each object becomes what it was at that moment
    "restore_snapshot": ("component",),  # a new node from the newest copy
    "empty_cache": ("component",),
}
ROLES = {"postgres": "database", "redis": "cache"}  # a kind of group -> role of its hosts; else the kind itself


@dataclass(frozen=True)
class Host:
    """`role`: balancer, edge, service, database, cache."""

    name: str
    component: str
    role: str
    zone: str


@dataclass(frozen=True)
class Remedies:
    """What helps when something is lost. Every part that is left out is a remedy that is missing.

    `health`       the balancer asks its servers, and sends nothing to those that do not answer in time
    `restart`      a program that ended is started again
    `failover`     a standby takes over when the primary of a database is lost
    `synchronous`  a commit is acknowledged once the standby has it too
    `optional`     callers go on without what is not essential
    `shedding`     what is too much is refused at once, so that the rest is served
    `gate`         a deploy stops at the first host that does not say it is healthy
    `alerts`       somebody is told
    `offsite`      a copy in another region, from which the system can be brought up
    `bypass`       users can be sent past the edge
    `kept`         versions of objects, and a copy of what a cache holds
    """

    health: bool = True
    restart: bool = True
    failover: bool = True
    synchronous: bool = True
    optional: bool = True
    shedding: bool = True
    gate: bool = True
    alerts: bool = True
    offsite: bool = True
    bypass: bool = True
    kept: bool = True


@dataclass(frozen=True)
class SystemShape:
    """What stands. `carries`: requests per second that all hosts of the plan carry together, by its own prediction."""

    system: System
    hosts: tuple[Host, ...]
    carries: float
    remedies: Remedies = field(default_factory=Remedies)

    def of(self, role: str, component: str = "") -> tuple[Host, ...]:
        return tuple(one for one in self.hosts if one.role == role and component in ("", one.component))

    @property
    def zones(self) -> tuple[str, ...]:
        """Of the hosts that a zone can take away: what the cloud keeps over all zones is in none."""
        return tuple(sorted({one.zone for one in self.hosts if one.role not in ("balancer", "edge")}))


class SystemWorld(World, Protocol):
    """A world with a whole system. `observe` says `well`, `why` (where it is not), `hosts` (name -> whether it is well)
    and `writable` (servers that accept writes).

    While it goes on it hears, at `now()` or a moment later:
    `requests` (sent: [[due, took, status], …], status 0 where no answer came), `alert` (name, state, labels, receiver),
    `acknowledged` (id, server), `refused` (id, why), `detected`, `promoted` (server), `started_again` (program).
    """

    hear: Hear
    shape: SystemShape
    alerting: Alerting | None  # which alerts it promises, and how soon; None where nobody watches
    gives_up: float  # seconds after which a user has gone
    capacity: float  # requests per second that what stands there serves at the very most; the plan's own may be more

    def now(self) -> float:
        """Seconds on a clock that only goes forward; virtual in a simulated world."""

    def wait(self, seconds: float) -> None:
        """Let time pass; what happened meanwhile has been heard when it returns."""

    def start_load(self, rps: float) -> None:
        """Users come at this rate, whether or not they are answered. Called again, the rate changes."""

    def stop_load(self) -> None:
        """No more users. Safe to call when there are none."""

    def start_writing(self) -> None:
        """A client writes numbered rows to the system's largest database, where it has one."""

    def stop_writing(self) -> None:
        """Stop that client. Safe to call when it is not writing."""

    def written(self) -> tuple[int, ...]:
        """The numbers of the client's rows that the server which accepts writes now holds."""

    def back_up(self) -> None:
        """Take the offsite copy. Hears `backed_up`."""

    def fill(self, component: str) -> None:
        """Put known things into a cache or an object store, and have them in what is kept of it: a copy, versions."""

    def contents(self, component: str) -> Mapping[str, str]:
        """A digest of each of the known things that it holds now, and of what else stands in their place, by name."""

    def moment(self) -> str:
        """The time, as a step is told it."""

    def carry_out(self, step: str, **settings: str) -> None:
        """One of STEPS. Raises NotRecovered when it does not work, or is none that this world can do."""


def system_shape(plan: Plan, remedies: Remedies | None = None) -> SystemShape:
    """The hosts that stand in for a plan, named and placed as in the lab. Pure. Raises Problems."""
    found = lab_hosts(plan, groups_of(plan))
    hosts = tuple(
        Host(one.name, one.group.component, ROLES.get(one.group.kind, one.group.kind), one.zone) for one in found
    )
    peak = next((one for one in plan.promises if one.measure == "scalability.peak"), None)
    carries = (peak.predicted if peak is not None else None) or plan.system.promises.scalability.peak
    recovery = plan.system.promises.reliability.recovery
    wanted = [recovery[one].rpo for one in ("instance", "zone") if one in recovery]
    waits = min((seconds for seconds in wanted if seconds is not None), default=0.0) == 0.0
    databases = [one for one in hosts if one.role == "database"]
    pair = len(databases) > len({one.component for one in databases})
    given = remedies or Remedies(failover=pair, synchronous=pair and waits, offsite=plan.standby is not None)
    return SystemShape(plan.system, hosts, carries, given)


__all__ = [
    "FAULTS", "STEPS", "Host", "Remedies", "SystemShape", "SystemWorld", "system_shape",
]  # fmt: skip
