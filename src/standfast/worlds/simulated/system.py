"""A whole system in memory: requests through the call graph, hosts in zones, and everything a drill can break.

Deterministic: the same shape and the same calls give the same history. Its times are made up; it shows whether a drill
asks the right questions and judges the answers rightly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from standfast.problem import Problem, Problems, quoted
from standfast.watch.prometheus.timing import Alert, Alerting, Pace
from standfast.worlds import Fault
from standfast.worlds.database import Hear, NotRecovered
from standfast.worlds.simulated.flaws import SystemFlaws
from standfast.worlds.simulated.machines import ALARM, START, Machine, Machines
from standfast.worlds.simulated.requests import GIVES_UP, Router
from standfast.worlds.simulated.shelves import Shelves
from standfast.worlds.system import FAULTS, STEPS, SystemShape

TICK = 0.01  # seconds
WRITES = 0.05  # seconds between two rows
BATCH = 0.1  # seconds between two batches of requests that are heard
SHIPS = 1.0  # seconds between two times that the log goes elsewhere
PACE = Pace(TICK, TICK, {"page": 0, "ticket": 0}, TICK, shorter=300, late=ALARM)  # what must hold 300 s must hold 1
RESTORE = 2.0  # seconds to bring the system up from the offsite copy
MARKS = {  # what is a mark on a host, and no more
    "expire_certificate": ("expired", True), "renew_certificate": ("expired", False), "fill_disk": ("full", True),
    "free_disk": ("full", False), "set_clock": ("skew", 0.0),
}  # fmt: skip


class SimulatedSystem:
    """`calls` keeps the names of the five calls of every world, in the order they came."""

    name = "simulated"
    gives_up = GIVES_UP

    def __init__(
        self,
        shape: SystemShape,
        flaws: SystemFlaws | None = None,
        *,
        rate: float = 18.0,
        alerts: tuple[Alert, ...] = (),
    ):
        """`rate`: requests per second that one host of a service carries; `alerts`: what its monitoring promises."""
        self.alerting = Alerting(alerts, PACE) if alerts else None
        self.capacity = rate * min(len(shape.of("service", one.name)) for one in shape.system.services)
        self.shape, self.flaws, self.rate = shape, flaws or SystemFlaws(), rate
        self.hear: Hear = lambda what, **facts: None
        self.time, self.calls = 0.0, []
        self.machines: Machines | None = None
        self.router: Router | None = None
        self.rps, self.next_request, self.next_row, self.number = 0.0, math.inf, math.inf, 0
        self.sent: list[list[float]] = []
        self.told_at, self.shipped_at = 0.0, 0.0
        self.offsite: dict[str, list[int]] | None = None
        self.shelves = Shelves(shape.remedies.kept)

    # The five that every world has

    def build(self) -> None:
        self._called("build")
        self.machines = Machines(self.shape, lambda what, **facts: self.hear(what, **facts))
        self.router = Router(self.machines, self.rate)
        if self.flaws.dead:
            self.machines.end(self.machines.all.values(), 0.0, lost=True)
        self.wait(START)
        self.hear("built", addresses={})

    def observe(self) -> Mapping[str, Any]:
        self._called("observe")
        machines = self.machines.all.values() if self.machines else ()
        ill = [one.host.name for one in machines if not one.well]
        why = f"{', '.join(ill)} not well" if ill else "" if self.machines else "nothing stands"
        return {
            "well": not why, "why": why, "hosts": {one.host.name: one.well for one in machines},
            "writable": self._machines.writable() if self.machines else [], "versions": {"simulated": "1"},
        }  # fmt: skip

    def break_(self, fault: Fault) -> None:
        self._called("break_")
        self._flawed(f"break_ {fault.name}")
        if fault.name not in FAULTS or set(fault.settings) - set(FAULTS[fault.name]):
            raise Problems([Problem(f"nothing here breaks by {quoted(fault.name)}", str(dict(fault.settings)))])
        if not self.flaws.unheard:
            self._do(fault.name, fault.settings)

    def heal(self) -> None:
        self._called("heal")
        if self.machines is not None and not self.flaws.dead:
            self.machines.heal()
            self.wait(START)

    def clear(self) -> None:
        self._called("clear")
        self.stop_load()
        self.stop_writing()
        self.machines = None

    # What drills ask of a system

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        end = self.time + seconds
        while self.time < end - TICK / 2:
            self.time = round(self.time + TICK, 6)
            if self.machines is not None:
                self._tick(self.machines)

    def start_load(self, rps: float) -> None:
        self._flawed("start_load" if not self.rps else "surge")
        if self.flaws.unheard and rps > self.rps > 0:
            return  # nobody more comes
        self.rps, self.next_request = rps, min(self.next_request, self.time + 1 / rps)

    def stop_load(self) -> None:
        self.next_request = math.inf
        self._tell()

    def start_writing(self) -> None:
        self.next_row = self.time

    def stop_writing(self) -> None:
        self.next_row = math.inf

    def written(self) -> tuple[int, ...]:
        base = self._base()
        return tuple(base.rows[base.leader]) if base is not None else ()

    def back_up(self) -> None:
        self._ship()
        self.hear("backed_up", bytes=0)

    def fill(self, component: str) -> None:
        self.shelves.fill(component, self.time)

    def contents(self, component: str) -> Mapping[str, str]:
        return self.shelves.contents(component)

    def moment(self) -> str:
        return f"{self.time:.2f}"

    def carry_out(self, step: str, **settings: str) -> None:
        self._flawed(step)
        if step not in STEPS:
            raise NotRecovered(f"there is no step {quoted(step)}")
        if step not in self.flaws.idle:
            self._do(step, settings)

    # Faults

    def _kill_instance(self, host: str) -> None:
        self._machines.end([self._host(host)], self.time, lost=False)

    def _lose_zone(self, zone: str) -> None:
        self._lose(one for one in self._all() if one.host.zone == zone and one.host.role not in ("balancer", "edge"))

    def _lose_region(self) -> None:
        self._lose(self._all())

    def _lose_cache(self, component: str) -> None:
        self._lose(self._machines.of(component))

    def _lose_edge(self) -> None:
        self._lose(self._machines.role("edge"))

    def _lose(self, machines: Any) -> None:
        self._machines.end(machines, self.time, lost=True)
        for name in {one.host.component for one in self._machines.role("cache")}:
            if not any(one.runs for one in self._machines.of(name)):
                self.shelves.empty_cache(name)

    def _delay(self, zones: Any, seconds: float) -> None:
        for one in self._machines.role("service"):
            one.slow = seconds if one.host.zone in zones else one.slow

    def _partition(self, zones: Any) -> None:
        for one in self._all():
            one.cut = one.host.zone in zones and one.host.role not in ("balancer", "edge")

    def _hold_replication(self, database: str) -> None:
        self._machines.bases[database].held = True

    def _bad_deploy(self, service: str, gate: bool) -> None:
        for one in self._machines.of(service):
            one.version = "bad"
            if gate and self.shape.remedies.gate:
                break

    def _failing_release(self, service: str, share: float) -> None:
        for one in self._machines.of(service):
            one.version, one.failing = "2", share

    def _jump_clock(self, host: str, seconds: float) -> None:
        self._host(host).skew = seconds

    # Steps of a runbook

    def _restore_offsite(self) -> None:
        if self.offsite is None or not self.shape.remedies.offsite:
            raise NotRecovered("there is no copy in another region")
        self.wait(RESTORE)
        copy = {name: list(rows) for name, rows in self.offsite.items()}
        self._machines.heal()
        for base in self._machines.bases.values():
            for name in base.servers:
                base.rows[name] = list(copy[base.name])
        self.hear("answered", server="standby region")

    def _bypass_edge(self) -> None:
        if not self.shape.remedies.bypass or self.router is None:
            raise NotRecovered("users cannot be sent past the edge")
        self.router.past_edge = True

    def _roll_back(self, service: str) -> None:
        self.wait(START)
        for one in self._machines.of(service):
            one.version, one.failing = "1", 0.0

    def _restore_snapshot(self, component: str) -> None:
        self.wait(START)
        self._machines.renew(component)
        self.shelves.restore(component)

    # How

    def _do(self, name: str, settings: Mapping[str, Any]) -> None:
        if name in MARKS:
            word, value = MARKS[name]
            setattr(self._host(settings["host"]), word, value)
        else:
            own = getattr(self, f"_{name}", None)
            (own or getattr(self.shelves, name))(**settings)

    @property
    def _machines(self) -> Machines:
        if self.machines is None:
            raise Problems([Problem("nothing stands", fix="build it first")])
        return self.machines

    def _all(self) -> list[Machine]:
        return list(self._machines.all.values())

    def _host(self, name: str) -> Machine:
        if name not in self._machines.all:
            raise Problems([Problem(f"there is no host {quoted(name)}")])
        return self._machines.all[name]

    def _base(self):
        bases = self._machines.bases
        largest = max((s for s in self.shape.system.stores if s.name in bases), key=lambda s: s.data, default=None)
        return bases[largest.name] if largest is not None else None

    def _tick(self, machines: Machines) -> None:
        machines.tick(self.time)
        while self.next_request <= self.time and self.router is not None:
            took, status = self.router.request(self.next_request)
            self.sent.append([round(self.next_request, 6), round(took, 6), status])
            self.next_request += 1 / self.rps
        while self.next_row <= self.time:
            self.next_row += WRITES
            base = self._base()
            if base is None:
                break
            server = machines.write(base, self.number)
            if server:
                self.hear("acknowledged", id=self.number, server=server)
            else:
                self.hear("refused", id=self.number, why="connection refused")
            self.number += 1
        if self.offsite is not None and self.time >= self.shipped_at + SHIPS and machines.writable():
            self._ship()
        if self.time >= self.told_at + BATCH:
            self._tell()

    def _ship(self) -> None:
        self.shipped_at = self.time
        self.offsite = {base.name: list(base.rows[base.leader]) for base in self._machines.bases.values()}

    def _tell(self) -> None:
        """An answer is heard when it is there."""
        self.told_at, last = self.time, self.time if self.next_request < math.inf else math.inf
        here = [one for one in self.sent if one[0] + one[1] <= last]
        self.sent = [one for one in self.sent if one[0] + one[1] > last]
        if here:
            self.hear("requests", sent=here)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self._flawed(name)

    def _flawed(self, name: str) -> None:
        if name in self.flaws.on:
            raise self.flaws.on[name]
