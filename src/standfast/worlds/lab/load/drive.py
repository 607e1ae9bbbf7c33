"""Loads on a lab that stands: a light one that calibrates, then the one that is measured."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from standfast.problem import Problem, Problems
from standfast.spec.model import System
from standfast.worlds.lab.binaries import User
from standfast.worlds.lab.load import prediction
from standfast.worlds.lab.load.order import Entry, Order, Phase, check
from standfast.worlds.lab.load.prediction import Calibration, Here
from standfast.worlds.lab.load.record import Sent, Summary, read_record, summary
from standfast.worlds.lab.load.usage import machine_used, used
from standfast.worlds.lab.services.builtin import python_path
from standfast.worlds.lab.system import launch
from standfast.worlds.lab.system.hosts import Host
from standfast.worlds.lab.system.launch import Records, Run
from standfast.worlds.process import Process

LIGHT = 0.25  # of what the cores could do: few wait for a core, and there are requests enough to tell by
WARM = 2.0  # seconds that are driven and not looked at: connections are opened, caches filled
CALIBRATED_FOR = 15.0
LOOK = 0.25  # seconds between looks at how it goes
AT_REST = 6.0  # seconds of no load at all, before that: rules and scrapes come every five
FEWEST = 30  # requests of a calibration
NAME = "load"  # of the generator in the lab's records
Told = Callable[[Mapping[str, Any]], None]


class Standing(Protocol):
    """What is asked of a lab."""

    records: Records
    folder: Path

    @property
    def hosts(self) -> tuple[Host, ...]: ...

    @property
    def room(self) -> Path: ...


@dataclass(frozen=True)
class Users:
    """Where users come in, and the seed of when they do."""

    entries: tuple[Entry, ...]
    timeout: float
    seed: int = 1


def entries(lab: Standing, system: System) -> tuple[Entry, ...]:
    """The balancer, under the name of each public service, by its share of the traffic. Raises Problems."""
    balancers = [host for host in lab.hosts if host.role == "balancer"]
    if not balancers:
        raise Problems(
            [Problem("the lab has no balancer", "nothing in the plan is reached by users", place=system.place)]
        )
    first, authority = balancers[0], str(lab.room / "authority.pem")
    url = f"https://{first.address}:{first.port}/"
    public = [one for one in system.services if one.public and one.traffic > 0]
    return tuple(
        Entry(url, f"{one.name}." if n else "", authority, one.traffic) for n, one in enumerate(public)
    )  # the first is who answers to any name


def capacities(lab: Standing) -> Here:
    """The cores of this machine, and the threads of each service: one for each of its instances."""
    return Here(prediction.own_cores(), Counter(host.component for host in lab.hosts if host.role == "service"))


@contextmanager
def generating(lab: Standing, order: Order, folder: Path, name: str) -> Generator[tuple[Process, Path]]:
    """The generator at work, as a process of the lab; asked to end, and waited for, when this is left."""
    check(order)
    path, log = folder / f"{name}.json", folder / f"{name}.log"
    path.write_text(order.text(), encoding="utf-8")
    words = (sys.executable, "-m", "standfast.worlds.lab.load", str(path))
    here = str(Path.cwd())  # from which its paths are told
    run = Run(NAME, "", words, here, str(log), "", 0, environment=python_path(), unprivileged=False)
    process = launch.start(run, lab.room, User(), lab.records)
    try:
        yield process, log
    finally:
        launch.end_families([process], grace=order.timeout + 1)
        (lab.records.path / f"{NAME}.json").unlink(missing_ok=True)


def driven(lab: Standing, order: Order, folder: Path, name: str, told: Told) -> tuple[list[Sent], Books]:
    """Carry out an order to its end: what came of each request, and what was used from the warm-up to the end."""
    books: Books | None = None
    closed = False
    with generating(lab, order, folder, name) as (process, log):
        began, seen = time.monotonic(), 0
        while True:
            launch._collect(process)
            alive, seconds = process.alive, time.monotonic() - began
            lines = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("{")]
            for line in lines[seen:]:
                told(json.loads(line))
            seen = len(lines)
            if books is None and seconds >= min(WARM, order.seconds / 2):
                books = Books(lab)
            elif books is not None and not closed and (seconds >= order.seconds - LOOK or not alive):
                books.close()  # once: looking at every process takes longer than all that is measured here
                closed = True
            if not alive:
                break
            if seconds > order.seconds + order.timeout + 30:
                raise Problems([Problem("the generator of the load does not end", f"its log: {log}")])
            time.sleep(LOOK)
    record = Path(order.record)
    if not record.exists() or not seen:
        said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        raise Problems(
            [Problem("the generator of the load did not run", " / ".join(said[-2:])[:400], f"its log: {log}")]
        )
    return read_record(record), books or Books(lab)


def answered(sent: Sequence[Sent], what: str) -> None:
    """Raises Problems where nothing was answered well: there is nothing to measure then."""
    if not any(one.good for one in sent):
        found = summary(sent, 0.0, max((one.due for one in sent), default=0.0) + 1e-9)
        why = "; ".join(f"{reason} ({count} times)" for reason, count in found.reasons.items()) or "nothing was sent"
        raise Problems([Problem(f"no request of {what} was answered well", why, "see: standfast lab status SPEC")])


def calibrated(lab: Standing, system: System, users: Users, folder: Path, here: Here, told: Told) -> Calibration:
    """What a light load shows. Raises Problems where it is not answered."""
    rps = max(5.0, LIGHT * prediction.capacity(system, Calibration(0), here))
    order = Order(
        users.entries, (Phase(rps, WARM + CALIBRATED_FOR),), str(folder / "light.csv"), users.seed + 1, users.timeout
    )
    idle = Books(lab)
    time.sleep(AT_REST)
    idle.close()
    sent, books = driven(lab, order, folder, "light", told)
    answered(sent, "the light load")
    found = summary(sent, WARM, order.seconds)
    if found.requests < FEWEST:
        raise Problems(
            [Problem("the light load was too short to calibrate by", f"{found.requests} requests", "try again")]
        )
    return _calibration(system, books, idle, found, rps, here)


def _calibration(system: System, books: Books, idle: Books, found: Summary, rps: float, here: Here) -> Calibration:
    n = found.offered * books.seconds  # requests while the books were open
    if not books.services:
        return Calibration(found.requests)  # this system keeps no such books
    rest = books.seconds / idle.seconds
    services = max(0.0, books.services - rest * idle.services)
    over = max(0.0, (books.lab_used - rest * idle.lab_used - services) / n)
    others = max(0.0, (books.machine - books.lab_used) / books.seconds)
    light = Calibration(found.requests, over=over, idle=idle.lab_used / idle.seconds, others=others)
    stretch = prediction.machine(system, rps, light, here).stretch
    more = services / n - prediction.declared_cpu(system)  # what these requests happened to need
    return replace(light, beside=found.mean - prediction.mean(system, rps, light, here) - more * stretch)


class Books:
    """CPU seconds between two moments: of the services, of all of the lab (the generator too), of the machine."""

    services: float
    lab_used: float
    machine: float
    seconds: float

    def __init__(self, lab: Standing):
        self.lab, self.names = lab, {host.name for host in lab.hosts if host.role == "service"}
        self.began, self.first = time.monotonic(), self._read()
        self.close()

    def _read(self) -> tuple[float, float, float]:
        families = {name: launch.family(one) for name, one in self.lab.records.named().items() if one.alive}
        services = [one for name, members in families.items() if name in self.names for one in members]
        return used(services), used(one for members in families.values() for one in members), machine_used()

    def close(self) -> None:
        """May be called again: the last time counts."""
        spent = [now - before for before, now in zip(self.first, self._read(), strict=True)]
        self.services, self.lab_used, self.machine = spent
        self.seconds = time.monotonic() - self.began
