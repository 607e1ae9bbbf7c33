"""The whole system in the lab as drills see it: load and a client that writes beside it, and the steps of a runbook."""

from __future__ import annotations

import contextlib
import json
import platform
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standfast.plan import Plan
from standfast.problem import Problems, did_you_mean, quoted
from standfast.watch.prometheus.timing import Alerting
from standfast.worlds import Fault
from standfast.worlds.database import Hear, NotRecovered
from standfast.worlds.lab import contents, copies, stores
from standfast.worlds.lab.client import Client
from standfast.worlds.lab.copies import BaseBackups, Copies
from standfast.worlds.lab.faults import certificate, clock, damage, versions
from standfast.worlds.lab.load import prediction
from standfast.worlds.lab.load.answers import Answers
from standfast.worlds.lab.load.drive import capacities, generating
from standfast.worlds.lab.load.order import Entry, Order, Phase
from standfast.worlds.lab.load.prediction import Calibration
from standfast.worlds.lab.stores import cache, objects
from standfast.worlds.lab.system import sight
from standfast.worlds.lab.system.databases import Cluster
from standfast.worlds.lab.system.watching import alerting, unseen
from standfast.worlds.lab.system.world import EVENTS, SystemLab
from standfast.worlds.system import SystemShape, system_shape

EVERY = 0.1  # seconds between two looks at what happened
TIMEOUT = 5.0  # seconds after which a user has gone
MOST = 2_000_000  # requests that one order may hold
SENDS = 400.0  # requests/s, assumed: what three times as many are is the most that the generator is asked for
WATCHES = 20.0  # seconds in which Prometheus must have found everything: it begins to look after five
NEWS = ("alert", "suspected", "detected", "fenced", "promoted", "not_promoted", "alone", "together", "started_again")


def _nobody_listens(what: str, **facts: Any) -> None:
    return None


class DrilledLab:
    """A SystemWorld. `shape` says which remedies there are: `restart`, `failover`, `synchronous`, `shedding` and `gate`
    can be left out here. `hear` is told what happens, at the latest when a call to `wait` returns. `home`: as of a
    SystemLab."""

    name = "lab"
    gives_up = TIMEOUT

    def __init__(
        self,
        folder: Path,
        plan: Plan,
        shape: SystemShape | None = None,
        *,
        postgres: str | Path | None = None,
        hear: Hear = _nobody_listens,
        say: Callable[[str], None] = lambda text: None,
        copied_by: Copies | None = None,
        home: Path | None = None,
    ):
        self.shape, self.hear = shape or system_shape(plan), hear
        self.lab = SystemLab(folder, plan, postgres=postgres, say=say, home=home)
        self.client: Client | None = None
        self.copies: Copies = copied_by or BaseBackups()
        self.load: contextlib.ExitStack = contextlib.ExitStack()
        self.record: Answers | None = None
        self.loads, self.news, self.bypassed = 0, 0, False

    # The five that every world has

    def build(self) -> None:
        given = self.shape.remedies
        self.lab.remedies = {
            "restart": given.restart, "failover": given.failover, "synchronous": given.synchronous,
            "shedding": given.shedding,
        }  # fmt: skip
        self.lab.drilled = True
        self.lab.build()
        self.news = 0
        end = self.now() + WATCHES
        while sight.unwatched(self.lab) and self.now() < end:
            time.sleep(EVERY)
        self.hear("built", addresses={one.name: f"{one.address}:{one.port}" for one in self.lab.hosts})

    def observe(self) -> Mapping[str, Any]:
        seen = self.lab.observe()
        good = ("ready", "leads", "follows")
        hosts = {one.name: True for one in self.shape.hosts}
        for row in seen["hosts"]:
            name = row["name"].partition(".")[0]
            if name in hosts:
                hosts[name] = hosts[name] and row["state"] in good
        writable = [row["name"] for row in seen["hosts"] if row["state"] == "leads"]
        well, why = seen["well"], "" if seen["well"] else seen["verdict"]
        return {"well": well, "why": why, "hosts": hosts, "writable": writable, "versions": self.versions}

    def break_(self, fault: Fault) -> None:
        settings = dict(fault.settings)
        if fault.name == "bad_deploy":
            settings.setdefault("gate", self.shape.remedies.gate)
        self.lab.break_(Fault(fault.name, settings))

    def heal(self) -> None:
        self.bypassed = False
        self.lab.heal()

    def clear(self) -> None:
        try:
            self.stop_load()
            self.stop_writing()
        finally:
            self.lab.clear()

    # What drills ask of a system

    @property
    def alerting(self) -> Alerting | None:
        watched = {one.name for one in self.lab.hosts if one.role == "watch"} & {run.name for run in self.lab.runs}
        probed = any(run.name.endswith(".blackbox-exporter") for run in self.lab.runs)
        if not watched or self.lab.plan is None:
            return None
        blind = (*self.lab.state.get("blind", ()), *unseen(self.lab.hosts, self.lab.runs))
        return alerting(self.lab.plan, self.shape.hosts, probed, blind)

    @property
    def capacity(self) -> float:
        here = capacities(self.lab)
        return min(prediction.capacity(self.shape.system, Calibration(0), here), SENDS)

    def now(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        end = self.now() + seconds
        while True:
            self._tell()
            left = end - self.now()
            if left <= 0:
                return
            time.sleep(min(EVERY, left))

    def start_load(self, rps: float) -> None:
        self.stop_load()
        self.loads += 1
        name = f"load-{self.loads}"
        folder = self.lab.folder
        record = folder / f"{name}.csv"
        order = Order((self._entry(),), (Phase(rps, min(3600.0, MOST / rps)),), str(record), timeout=TIMEOUT)
        _, log = self.load.enter_context(generating(self.lab, order, folder, name))
        self.record = Answers(record, log)

    def stop_load(self) -> None:
        """Stop, wait for the answers on their way, and hear of them."""
        self.load.close()
        self._tell()
        if self.record is not None:
            self.record.remove()
            self.record = None

    def start_writing(self) -> None:
        cluster = self._largest()
        leader = cluster.leader() if cluster is not None else None
        if cluster is not None and leader is not None:
            with leader.connect() as connection:
                connection.execute("TRUNCATE writes")  # it counts from nothing each time
            self.client = Client(cluster.nodes, self._heard)
            self.client.start()

    def stop_writing(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            client.stop()

    def written(self) -> tuple[int, ...]:
        cluster = self._largest()
        leader = cluster.leader() if cluster is not None else None
        return contents.written(leader) if leader is not None else ()

    def back_up(self) -> None:
        """A copy of every database, in a folder that no loss of hosts takes along, and its log from then on."""
        total = 0
        for cluster in self.lab.clusters():
            leader = cluster.leader()
            if leader is None:
                raise NotRecovered(f"{cluster.name} cannot be backed up", "no server of it accepts writes")
            others = [one for one in cluster.nodes if one.name != leader.name and one.runs]
            self.copies, bytes_ = copies.taken(self.copies, leader.site, cluster.name, leader, others)
            total += bytes_
        self.hear("backed_up", bytes=total, by=self.copies.said)

    def fill(self, component: str) -> None:
        stores.fill(self.lab, component, kept=self.shape.remedies.kept)

    def contents(self, component: str) -> Mapping[str, str]:
        return stores.contents(self.lab, component)

    def moment(self) -> str:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def carry_out(self, step: str, **settings: str) -> None:
        steps: dict[str, Callable[..., None]] = {
            "restore_offsite": self._restore_offsite,
            "bypass_edge": self._bypass_edge,
            "roll_back": lambda service: versions.roll_back(self.lab, service),
            "renew_certificate": self._renew,
            "free_disk": self._free_disk,
            "set_clock": lambda host: clock.move(self.lab, host, 0.0),
            "restore_versions": lambda component, moment: objects.restore(self.lab, component, moment),
            "restore_snapshot": lambda component: cache.restore(self.lab, component),
            "empty_cache": lambda component: cache.empty(self.lab, component),
        }
        if step not in steps:
            raise NotRecovered(f"the lab has no step {quoted(step)}", did_you_mean(step, steps))
        try:
            steps[step](**settings)
        except NotRecovered:
            raise
        except Problems as problems:
            raise NotRecovered(problems.problems[0].what, problems.problems[0].why) from problems

    # How

    @property
    def versions(self) -> dict[str, str]:
        told = {"Python": platform.python_version()}
        told |= {"system": f"{platform.system()} {platform.release()} {platform.machine()}"}
        postgres = self.lab.state.get("postgres")
        return told | ({"PostgreSQL": postgres["version"]} if postgres else {})

    def _entry(self) -> Entry:
        """Users come in at the edge, where there is one."""
        edges = [one for one in self.lab.entries if one.role == "edge" and not self.bypassed]
        at = (edges or [one for one in self.lab.entries if one.role == "balancer"])[0]
        return Entry(f"https://{at.address}:{at.port}/", ca=str(self.lab.room / "authority.pem"))

    def _largest(self) -> Cluster | None:
        sizes = {store.name: store.data for store in self.shape.system.stores}
        return max(self.lab.clusters(), key=lambda one: sizes.get(one.name, 0.0), default=None)

    def _heard(self, what: str, **facts: Any) -> None:
        self.hear(what, **facts)  # looked up anew: who listens may change after the threads were started

    def _tell(self) -> None:
        """Let `hear` know of all that happened since the last look."""
        with contextlib.suppress(OSError):
            lines = (self.lab.folder / EVENTS).read_text(encoding="utf-8").splitlines(keepends=True)
            for line in lines[self.news :]:
                if not line.endswith("\n"):
                    break
                self.news += 1
                told = json.loads(line)
                what, at, _ = told.pop("what"), told.pop("at"), told.pop("time")
                if what in NEWS:
                    self.hear(what, **told, happened=at)
        sent = self.record.new() if self.record is not None else []
        if sent:
            self.hear("requests", sent=sent)

    def _bypass_edge(self) -> None:
        self.bypassed = True
        if self.record is not None:
            self.start_load(self.record.rps())

    def _renew(self, host: str = "") -> None:
        host = host or next(one.name for one in self.lab.hosts if one.role == "balancer")
        certificate.restore(self.lab.room, host)
        self.lab.reload(host)

    def _free_disk(self, host: str) -> None:
        damage.free_disk(self.lab, host)
        self.lab.start_missing()

    def _restore_offsite(self) -> None:
        for cluster in self.lab.clusters():
            node = cluster.nodes[0]
            damage.remake_folders(self.lab)
            node.start(self.copies.bring(node.site, cluster.name, node.data, "", self._heard))
            self.hear("restored", database=cluster.name, server=node.name)
        damage.revive(self.lab)
