"""The whole system in one folder: build, observe, break, heal, clear."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from standfast.files import write_atomically
from standfast.plan import Plan
from standfast.problem import Problem, Problems
from standfast.worlds import Fault
from standfast.worlds.lab.binaries import Postgres, User
from standfast.worlds.lab.faults import damage
from standfast.worlds.lab.keeper.start import EVENTS, KEEPER, start_keeper
from standfast.worlds.lab.postgres import Site
from standfast.worlds.lab.processes import kill, strays
from standfast.worlds.lab.services import start
from standfast.worlds.lab.services.builtin import make_bucket
from standfast.worlds.lab.system import launch, sight
from standfast.worlds.lab.system.build import DATABASE, FAILED, FORMAT, build, failed, last_words
from standfast.worlds.lab.system.databases import Cluster, nodes_of
from standfast.worlds.lab.system.hosts import Host, lab_system, placed
from standfast.worlds.lab.system.launch import Records, Run
from standfast.worlds.lab.system.room import password, remove_rooms, rooms
from standfast.worlds.lab.telemetry.store import FILE, Store
from standfast.worlds.process import Process

STATE = "lab.json"
LOST = "lost.json"  # names of hosts that are not started again: a drill has taken them away
Say = Callable[[str], None]


class SystemLab:
    """The planned system as processes of this machine. Not for two runs at a time: hold the workspace's lock."""

    name = "lab"

    def __init__(
        self,
        folder: Path,
        plan: Plan | None = None,
        *,
        postgres: str | Path | None = None,
        say: Say = lambda _: None,
        home: Path | None = None,
    ):
        """`home`: the folder of the spec, where the commands of its services run; None: the built-in service does."""
        self.folder, self.plan, self.option, self.say, self.home = folder.absolute(), plan, postgres, say, home
        self.records = Records(self.folder)
        self.ended = 0  # processes that an earlier run had left behind
        self.state: dict[str, Any] = {}
        self.strange = ""  # why what an earlier run left cannot be read
        self.drilled = False  # built for one drill alone
        # what the next build brings along
        self.remedies = {"restart": True, "failover": True, "synchronous": True, "shedding": True}

    # What stands

    @property
    def hosts(self) -> tuple[Host, ...]:
        return tuple(Host(**one) for one in self.state.get("hosts", ()))

    @property
    def entries(self) -> tuple[Host, ...]:
        """Where users come in: the edge and the balancer behind it."""
        return tuple(one for one in self.hosts if one.role in ("edge", "balancer"))

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(Run.of(one) for one in self.state.get("runs", ()))

    @property
    def room(self) -> Path:
        return Path(self.state["room"])

    def site(self) -> Site:
        told = self.state
        user = User(*told["user"]) if told["user"] else User()
        postgres = Postgres(Path(told["postgres"]["bin"]), told["postgres"]["version"])
        return Site(postgres, user, self.room, self.records, password(self.room, "lab"))

    def clusters(self) -> tuple[Cluster, ...]:
        if not self.state.get("databases"):
            return ()
        site, at = self.site(), {one.name: one for one in self.hosts}
        return tuple(
            Cluster(one["name"], nodes_of(site, [(n, at[n].address, at[n].port) for n in one["hosts"]], self.room),
                    one["synchronous"])
            for one in self.state["databases"]
        )  # fmt: skip

    def open(self) -> bool:
        """Read what an earlier run left. False where there is nothing, or `strange` says why it cannot be read."""
        self.state, self.strange = {}, ""
        try:
            told = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return False
        except (OSError, ValueError) as error:
            self.strange = f"its record {self.folder / STATE} cannot be read: {error}"
            return False
        if not isinstance(told, dict) or told.get("format") != FORMAT:
            self.strange = f"another version of Standfast wrote its record {self.folder / STATE}"
            return False
        self.state = told
        return True

    @property
    def stands(self) -> bool:
        """Whether a build came to its end, and something of it still runs."""
        return bool(self.state.get("complete")) and any(one.alive for one in self.records.all())

    def lost(self) -> tuple[str, ...]:
        try:
            return tuple(json.loads((self.folder / LOST).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return ()

    def lose(self, hosts: Iterable[str]) -> None:
        write_atomically(self.folder / LOST, json.dumps(sorted(hosts)) + "\n")

    def save(self) -> None:
        write_atomically(self.folder / STATE, json.dumps(self.state, indent=1) + "\n")
        (self.folder / STATE).chmod(0o600)

    # The five that every world has

    def build(self) -> None:
        """Begin anew: end what an earlier run left, and start every program of the system. Takes some five seconds."""
        if self.plan is None:
            raise Problems([Problem("the lab was given no plan")])
        self.clear()
        shape, absent = lab_system(self.plan)
        hosts, claim = placed(shape, self.folder)
        try:
            build(self, self.plan, hosts, absent)
        except (Problems, OSError) as error:
            said = {} if self.drilled else last_words(self)
            self.clear()
            raise failed(error, said, self.folder) from error
        except BaseException:
            self.clear()
            raise
        finally:
            claim.close()

    def start_commands(self, runs: list[Run]) -> None:
        start.start_commands(self.plan, runs, lambda run: launch.start(run, self.room, self.site().user, self.records))

    def logins(self, database: str) -> dict[str, str]:
        """The passwords that the role was given for its logins."""
        return {"app": password(self.room, database), "replicator": password(self.room, f"{database}-replication")}

    def break_(self, fault: Fault) -> None:
        damage.break_(self._opened(), fault)

    def heal(self) -> None:
        """Undo every damage, also that of a run that was killed: the system stands as it was built."""
        if self.open() and self.state.get("complete"):
            damage.heal(self)

    def _opened(self) -> SystemLab:
        if not self.open() or not self.state.get("complete"):
            raise Problems([Problem("the lab does not stand", fix="build it first: standfast lab up SPEC")])
        return self

    def reload(self, host: str) -> None:
        """Let the program of a host read its files again, and cut nobody off."""
        role = next(one.role for one in self.hosts if one.name == host)
        process = self.records.one(host)
        if process is not None:
            process.signal(signal.SIGUSR2 if role == "balancer" else signal.SIGHUP)

    def start_missing(self) -> None:
        """Start every program that does not run, and let lost servers of a database follow the one that leads."""
        user = self.site().user
        started = [(run, launch.start(run, self.room, user, self.records)) for run in self._ended(own=False)]
        for cluster in self.clusters():
            if any(node.data.exists() for node in cluster.nodes):
                cluster.mend()
            else:
                cluster.make(self.logins(cluster.name), DATABASE)
        keeper = self.records.one(KEEPER)
        if keeper is None or not keeper.alive:
            start_keeper(self)
        for run, process in started:
            launch.wait_ready(run, process)
            host = next((one for one in self.hosts if one.name == run.name), None)
            if host is not None and host.role == "objects":
                make_bucket(host)
        self.start_commands(self._ended(own=True))

    def _ended(self, own: bool) -> list[Run]:
        records = self.records.named()
        alive = {name for name, one in records.items() if one.alive}
        return [run for run in self.runs if run.own == own and run.name not in alive]

    def observe(self) -> Mapping[str, Any]:
        """`hosts`: name -> role, component, zone, address, port, pid, state, memory (MiB)."""
        return sight.seen(self)

    def telemetry(self) -> Store:
        """The lines and traces that were kept. Raises Problems."""
        watch = next(one.name for one in self.hosts if one.role == "watch")
        return Store(self.room / watch / FILE)

    def logs(self) -> list[tuple[str, Path]]:
        """Host and file of every log, in the order of the hosts."""
        found = [
            (one.name, path) for one in self.hosts for path in sorted((self.room / one.name / "var/log").glob("*.log"))
        ]
        return [*found, ("keeper", self.folder / "keeper.log"), ("keeper", self.folder / "events.jsonl")]

    def clear(self) -> None:
        """End every process that this lab, or an earlier run of it, has started, and remove what they wrote."""
        self.open()
        (self.folder / STATE).unlink(missing_ok=True)  # the keeper ends, and starts nothing again
        self.ended = self.records.end_all()
        left: list[Process] = [one for room in rooms(self.folder) for one in strays(room)]
        self.ended += len(left)
        launch.end_families(left)
        kill([one for room in rooms(self.folder) for one in strays(room)])
        remove_rooms(self.folder)
        for name in (STATE, LOST, damage.DAMAGE, "keeper.log", EVENTS, "slow.json", "slow.log"):
            (self.folder / name).unlink(missing_ok=True)
        for path in self.folder.glob("load-*"):
            path.unlink(missing_ok=True)
        for name in (launch.RECORDS, FAILED):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self.state = {}
        for folder in (self.folder, self.folder.parent):
            with contextlib.suppress(OSError):  # something of others is in it
                folder.rmdir()
