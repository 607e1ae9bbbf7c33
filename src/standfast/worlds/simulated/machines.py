"""The hosts of the simulated system: what each of them is like now, and what becomes of it while time goes on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from standfast.worlds.database import Hear
from standfast.worlds.system import Host, SystemShape

LOOK, FALLS = 0.5, 2  # seconds between two looks of the balancer, and how many must fail or succeed
SLOWEST = 0.5  # seconds within which a look must be answered
START, PROMOTION, FAILURES = 0.5, 0.2, 3  # seconds of a start, of a promotion; looks that must fail before it
ALARM = 1.0  # seconds until somebody is told
Known = tuple[str, tuple[tuple[str, str], ...]]  # name of an alert, and the labels that tell it from others


@dataclass
class Machine:
    host: Host
    runs: bool = True
    lost: bool = False  # nobody may start it again
    cut: bool = False  # it runs, and nothing reaches it
    slow: float = 0.0  # seconds that an answer takes longer
    version: str = "1"  # "bad" answers no health check, and no request
    failing: float = 0.0  # share of requests that its version fails
    full: bool = False
    skew: float = 0.0  # seconds that its clock is off
    expired: bool = False
    in_turn: bool = True  # the balancer sends requests to it
    looks: int = 0  # in a row that say the contrary of in_turn
    ended_at: float = math.inf
    boots: int = 1

    @property
    def answers(self) -> bool:
        return self.runs and not self.cut and self.version != "bad"

    @property
    def well(self) -> bool:
        return self.answers and not (self.full or self.skew or self.expired or self.slow)


@dataclass
class Base:
    """A database of the system: its servers, which of them leads, and the rows of the client."""

    name: str
    servers: list[str]
    leader: str
    rows: dict[str, list[int]]
    held: bool = False  # the log does not leave the leader
    failures: int = 0
    due: float = math.inf


@dataclass
class Machines:
    shape: SystemShape
    hear: Hear
    all: dict[str, Machine] = field(default_factory=dict)
    bases: dict[str, Base] = field(default_factory=dict)
    next_look: float = LOOK
    raised: dict[Known, float] = field(default_factory=dict)  # alert -> since when; told once it is old enough
    told: set[Known] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.all = {one.name: Machine(one) for one in self.shape.hosts}
        for host in self.shape.of("database"):
            base = self.bases.setdefault(host.component, Base(host.component, [], host.name, {}))
            base.servers.append(host.name)
            base.rows[host.name] = []

    def of(self, component: str) -> list[Machine]:
        return [one for one in self.all.values() if one.host.component == component]

    def role(self, role: str) -> list[Machine]:
        return [one for one in self.all.values() if one.host.role == role]

    def writable(self) -> list[str]:
        return [base.leader for base in self.bases.values() if base.leader and self._takes(self.all[base.leader])]

    @staticmethod
    def _takes(leader: Machine) -> bool:
        return leader.answers and not leader.full

    def tick(self, now: float) -> None:
        """Whatever looks at the hosts looks at them, and does what it is there for."""
        remedies = self.shape.remedies
        if now >= self.next_look:
            self.next_look += LOOK
            if remedies.health:
                for one in self.role("service"):
                    self._look(one)
        for one in self.all.values():
            again = remedies.restart and not one.lost and one.host.role != "database"
            if not one.runs and again and one.ended_at + START <= now:
                self.start(one)
                self.hear("started_again", program=one.host.name)
        for base in self.bases.values():
            self._base(base, now)
        self._alerts(now)

    def _look(self, one: Machine) -> None:
        good = one.answers and one.slow < SLOWEST
        one.looks = 0 if good == one.in_turn else one.looks + 1
        if one.looks >= FALLS:
            one.in_turn, one.looks = good, 0

    def _base(self, base: Base, now: float) -> None:
        if base.due <= now:
            base.due = math.inf
            spare = next((name for name in base.servers if name != base.leader and self.all[name].answers), "")
            if spare and self.shape.remedies.failover:
                before, base.leader = base.leader, spare
                self.all[before].runs = False  # fenced: there must not be two
                self.hear("promoted", server=spare)
            else:
                self.hear("not_promoted", why="nothing can take over: there is no standby that runs")
        good = self.all[base.leader].answers
        base.failures = 0 if good else base.failures + 1
        if base.failures == FAILURES:
            self.hear("detected", server=base.leader)
            base.due = now + PROMOTION

    def _alerts(self, now: float) -> None:
        if not self.shape.remedies.alerts:
            return
        any_of = self.all.values()
        wrong: dict[Known, bool] = {
            ("CertificateEnds", (("severity", "page"),)): any(one.expired for one in any_of),
            ("OutsideFails", ()): any(
                self.role(role) and all(not one.answers or one.expired for one in self.role(role))
                for role in ("edge", "balancer")
            ),
            ("ErrorBudgetBurn", (("objective", "availability"),)): any(one.failing for one in any_of),
        }
        for service in {one.component for one in self.shape.of("service")}:
            of, machines = ("component", service), self.of(service)
            wrong["InstancesMissing", (of,)] = any(not one.answers for one in machines)
            wrong["HostRunsShort", (of, ("resource", "clock"))] = any(one.skew for one in machines)
        for store in {one.component for role in ("database", "cache") for one in self.shape.of(role)}:
            wrong["StoreMissing", (("component", store), ("resource", "servers"))] = any(
                not one.answers for one in self.of(store)
            )
            of = (("component", store), ("resource", "storage"))
            wrong["StoreRunsShort", of] = any(one.full for one in self.of(store))
        for known, is_wrong in sorted(wrong.items()):
            if not is_wrong:
                self.raised.pop(known, None)
                if known in self.told:
                    self.told.discard(known)
                    self._tell(known, "resolved")
            elif now >= self.raised.setdefault(known, now) + ALARM and known not in self.told:
                self.told.add(known)
                self._tell(known, "firing")

    def _tell(self, known: Known, state: str) -> None:
        name, labels = known
        self.hear("alert", name=name, state=state, labels=dict(labels))

    def write(self, base: Base, number: int) -> str:
        """One row. Returns the run of the server that acknowledged it, or "" where none did."""
        leader = self.all[base.leader]
        if not leader.answers or leader.full:
            return ""
        others = [name for name in base.servers if name != base.leader and self.all[name].answers]
        base.rows[base.leader].append(number)
        if others and base.held and self.shape.remedies.synchronous:
            return ""  # it waits for the standby
        for name in others if not base.held else ():
            base.rows[name].append(number)
        return f"{base.leader}@{leader.boots}"

    def start(self, one: Machine) -> None:
        one.runs, one.ended_at, one.boots = True, math.inf, one.boots + 1

    def end(self, machines: Iterable[Machine], now: float, *, lost: bool) -> None:
        for one in machines:
            one.runs, one.ended_at, one.lost = False, now, one.lost or lost
            base = self.bases.get(one.host.component)
            if lost and base is not None:
                base.rows[one.host.name] = []

    def renew(self, component: str) -> None:
        """New hosts in the place of those that were lost."""
        for one in self.of(component):
            one.lost = False
            if not one.runs:
                self.start(one)

    def heal(self) -> None:
        for one in self.all.values():
            if not one.runs:
                self.start(one)
            one.lost = one.cut = one.full = one.expired = False
            one.slow = one.skew = one.failing = 0.0
            one.version, one.in_turn, one.looks = "1", True, 0
        for base in self.bases.values():
            base.held, base.failures, base.due = False, 0, math.inf
            for name in base.servers:
                base.rows[name] = list(base.rows[base.leader])
