"""The lab itself: build, observe, break, heal, clear, and what drills ask of a database."""

from __future__ import annotations

import platform
import signal
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.worlds import Fault
from standfast.worlds.database import SECOND, Hear, NotRecovered, Shape
from standfast.worlds.lab import contents, copies, recovery
from standfast.worlds.lab.addresses import free_addresses
from standfast.worlds.lab.client import Client
from standfast.worlds.lab.controller import Controller
from standfast.worlds.lab.copies import BaseBackups, Copies
from standfast.worlds.lab.postgres import ARCHIVE, Server, Site
from standfast.worlds.lab.processes import Owned, end, strays
from standfast.worlds.lab.room import make_site, remove_rooms, rooms

HOSTS = ("primary", "standby", "restored")
DATABASE = "database"  # what its copies are called
FAULTS = ("corrupt", "freeze_replication", "kill_primary")


def _nobody_listens(what: str, **facts: Any) -> None:
    return None


class Lab:
    """One database of a system in one folder. Not for two runs at a time: hold the workspace's lock.

    `shape` says which remedies there are; `postgres` names the folder of its programs; `hear` is told what happens;
    `keep` leaves the servers' folders and logs when the lab is cleared, at `kept`, until the next build.
    `copied_by`: how it is backed up; its own base backups where nothing is said.
    """

    name = "lab"

    def __init__(
        self,
        folder: Path,
        shape: Shape | None = None,
        *,
        postgres: str | Path | None = None,
        hear: Hear = _nobody_listens,
        keep: bool = False,
        copied_by: Copies | None = None,
    ):
        self.folder, self.shape, self.option, self.hear = folder.absolute(), shape or Shape(), postgres, hear
        self.site: Site | None = None
        self.servers: dict[str, Server] = {}
        self.client: Client | None = None
        self.controller: Controller | None = None
        self.corrupted = False
        self.copies: Copies = copied_by or BaseBackups()
        self.keep, self.kept = keep, self.folder / "room"
        self.ended = 0  # processes that an earlier run had left behind

    # The five that every world has

    def build(self) -> None:
        """Begin anew: end what an earlier run left, make the servers, fill them. Takes one to five seconds."""
        self.clear()
        remove_rooms(self.folder)
        self.site = make_site(self.folder, self.option, self.shape.gib)
        self.kept = self.site.room
        addresses = free_addresses(self.folder, HOSTS)
        self.servers = {host: Server(self.site, host, addresses[host]) for host in HOSTS}
        primary = self.servers["primary"]
        primary.initialise()
        primary.start(self._leading())
        contents.fill(primary, self.shape.gib)
        self.hear("filled", bytes=contents.size(primary))
        if self.shape.standby:
            standby = self.servers["standby"]
            primary.base_backup(standby.data)
            recovery.follow(standby, primary)
        self.controller = Controller(primary, self._take_over, self._tell)
        self.controller.start()
        self.hear("built", addresses={name: "{}:{}".format(*one.address) for name, one in self.servers.items()})

    def observe(self) -> Mapping[str, Any]:
        """`servers`: name -> whether it runs and accepts writes; `writable`: those that do; `streams`: whether a
        standby follows, and `synchronous` whether commits wait for it; `versions` of the programs."""
        servers, streams, synchronous = {}, False, False
        for name, server in self.servers.items():
            writable = server.runs and contents.accepts_writes(server)
            servers[name] = {"runs": server.runs, "writable": writable}
            if writable:
                states = self._followers(server)
                streams, synchronous = streams or bool(states), synchronous or "sync" in states
        writable = [name for name, seen in servers.items() if seen["writable"]]
        return {
            "servers": servers, "writable": writable, "streams": streams, "synchronous": synchronous,
            "versions": self.versions,
        }  # fmt: skip

    def break_(self, fault: Fault) -> None:
        primary = self._server("primary")
        if fault.name == "corrupt":
            self.corrupted = True
            contents.damage(primary)
        elif fault.name == "freeze_replication":
            primary.freeze("walsender")
        elif fault.name == "kill_primary":
            primary.lose()
        else:
            what = f"the lab cannot break {quoted(fault.name)}"
            raise Problems([Problem(what, fix=did_you_mean(fault.name, FAULTS))])

    def heal(self) -> None:
        """Undo the damage: a lost server returns to duty, and spoiled content gives way to what was restored."""
        self._stop_controller()
        if not self.servers:
            return
        primary, standby, restored = (self.servers[name] for name in HOSTS)
        if self.site:
            for process in self.site.owned.all():
                process.signal(signal.SIGCONT)
        if self.corrupted and primary.runs:
            if restored.runs:
                primary.stop()
            else:
                contents.fill(primary, self.shape.gib)
            self.corrupted = False
        elif not primary.runs and primary.data.exists() and not restored.runs:
            if standby.runs and contents.accepts_writes(standby):
                recovery.rejoin(primary, standby)
            else:
                primary.start(self._leading())

    def clear(self) -> None:
        """End every server that this lab, or an earlier run of it, has started, and remove what they wrote."""
        try:
            self.stop_writing()
        finally:
            self._stop_controller()
            end([server.process for server in self.servers.values() if server.process])
            self.ended = Owned(self.folder).end_all()
            end([process for room in rooms(self.folder) for process in strays(room)])
            self.servers, self.site, self.corrupted = {}, None, False
            if not self.keep:
                remove_rooms(self.folder)

    # What drills ask of a database

    def now(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def start_writing(self) -> None:
        servers = [self._server("primary"), *([self._server("standby")] if self.shape.standby else [])]
        self.client = Client(servers, self._tell)
        self.client.start()

    def stop_writing(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            client.stop()

    def back_up(self) -> None:
        if not self.shape.archive:
            self.copies = BaseBackups("no archive of the log is kept")
        self.copies, taken = copies.taken(self.copies, self._site(), DATABASE, self._server("primary"), ())
        self.hear("backed_up", bytes=taken, by=self.copies.said)

    def moment(self) -> str:
        return str(self._server("primary").ask("SELECT clock_timestamp()::text"))

    def contents(self, server: str) -> Mapping[str, str]:
        return contents.digests(self._server(server))

    def written(self, server: str) -> tuple[int, ...]:
        return contents.written(self._server(server))

    def restore(self, moment: str) -> None:
        primary, site = self._server("primary"), self._site()
        if self.shape.archive and primary.runs:
            recovery.archive_rest(primary)
            self.hear("archived")
        copies.restore(self.copies, site, DATABASE, self._server("restored"), moment, self.hear)

    def carry_out(self, step: str, **settings: str) -> None:
        steps: dict[str, Callable[..., None]] = {"restore_moment": self.restore, "swap": self._swap}
        if step not in steps:
            raise NotRecovered(f"the lab has no step {quoted(step)}", did_you_mean(step, steps))
        steps[step](**settings)

    # How

    def _swap(self) -> None:
        if not self._server("restored").runs:
            raise NotRecovered("nothing was restored that could lead")
        self.stop_writing()
        self._stop_controller()  # it would take the damaged one for lost
        self._server("primary").stop()
        self.client = Client([self._server("restored")], self._tell, first=SECOND)
        self.client.start()

    @property
    def versions(self) -> dict[str, str]:
        told = {"Python": platform.python_version(), "psycopg": metadata.version("psycopg")}
        told |= {"system": f"{platform.system()} {platform.release()} {platform.machine()}"}
        return {"PostgreSQL": self.site.postgres.version, **told} if self.site else told

    def _leading(self) -> dict[str, str]:
        settings = {"synchronous_standby_names": "standby"} if self.shape.synchronous and self.shape.standby else {}
        if self.shape.archive:
            settings |= {"archive_mode": "on"}
            settings |= {"archive_command": ARCHIVE} if isinstance(self.copies, BaseBackups) else {}
        return settings

    def _take_over(self) -> str:
        if self.shape.standby and self.shape.failover:
            standby = self._server("standby")
            recovery.promote(standby)
            return standby.name
        if self.shape.restart:
            primary = self._server("primary")
            primary.start(self._leading())
            return primary.name
        why = "failover is switched off" if self.shape.standby else "there is no standby"
        raise Problems([Problem(f"nothing can take over: {why}")])

    def _followers(self, server: Server) -> set[str]:
        with server.connect() as connection:
            rows = connection.execute("SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'")
            return {state for (state,) in rows}

    def _tell(self, what: str, **facts: Any) -> None:
        self.hear(what, **facts)  # looked up anew: who listens may change after the threads were started

    def _stop_controller(self) -> None:
        controller, self.controller = self.controller, None
        if controller is not None:
            controller.stop()

    def _server(self, name: str) -> Server:
        if name not in self.servers:
            raise Problems([Problem("the lab does not stand", fix="build it first")])
        return self.servers[name]

    def _site(self) -> Site:
        if self.site is None:
            raise Problems([Problem("the lab does not stand", fix="build it first")])
        return self.site
