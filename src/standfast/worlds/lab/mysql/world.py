"""MariaDB in the lab as drills of a database see it. It has no standby here: the drill of ruined data needs none."""

from __future__ import annotations

import importlib.util
import platform
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from standfast.problem import Problem, Problems, quoted
from standfast.worlds import Fault
from standfast.worlds.database import SECOND, Hear, NotRecovered, Shape
from standfast.worlds.lab.addresses import free_addresses
from standfast.worlds.lab.binaries import can_reach, unprivileged
from standfast.worlds.lab.mysql import contents, dumps
from standfast.worlds.lab.mysql.client import MariaClient
from standfast.worlds.lab.mysql.programs import find_mariadb, within_reach
from standfast.worlds.lab.mysql.server import Server, Site, accepts_writes
from standfast.worlds.lab.processes import Owned, end
from standfast.worlds.lab.room import check_space, private_room, remove_rooms

HOSTS = ("primary", "restored")


class MariaLab:
    """One MySQL database of a system in one folder. Not for two runs at a time: hold the workspace's lock.

    `kept_by`: where its dumps are kept; a folder of the lab where nothing is said.
    """

    name = "lab"

    def __init__(
        self,
        folder: Path,
        shape: Shape | None = None,
        *,
        hear: Hear = lambda what, **facts: None,
        keep: bool = False,
        kept_by: dumps.Elsewhere | None = None,
    ):
        self.folder, self.shape, self.hear, self.keep = folder.absolute(), shape or Shape(), hear, keep
        self.elsewhere: dumps.Elsewhere = kept_by or dumps.Beside()
        self.site: Site | None = None
        self.servers: dict[str, Server] = {}
        self.client: MariaClient | None = None
        self.corrupted = False
        self.kept = self.folder / "room"

    # The five that every world has

    def build(self) -> None:
        self.clear()
        remove_rooms(self.folder)
        self.site = _make_site(self.folder, self.shape.gib)
        self.kept = self.site.room
        addresses = free_addresses(self.folder, HOSTS)
        self.servers = {host: Server(self.site, host, addresses[host]) for host in HOSTS}
        primary = self.servers["primary"]
        primary.initialise()
        primary.start(logged=self.shape.archive)
        contents.fill(primary, self.shape.gib)
        self.hear("filled", bytes=contents.size(primary))
        self.hear("built", addresses={name: "{}:{}".format(*one.address) for name, one in self.servers.items()})

    def observe(self) -> Mapping[str, Any]:
        servers = {
            name: {"runs": one.runs, "writable": one.runs and accepts_writes(one)} for name, one in self.servers.items()
        }
        writable = [name for name, seen in servers.items() if seen["writable"]]
        return {"servers": servers, "writable": writable, "streams": False, "synchronous": False,
                "versions": self.versions}  # fmt: skip

    def break_(self, fault: Fault) -> None:
        if fault.name != "corrupt":
            raise Problems([Problem(f"the lab cannot break {quoted(fault.name)} of MySQL", fix="corrupt")])
        self.corrupted = True
        contents.damage(self._server("primary"))

    def heal(self) -> None:
        """Spoiled content gives way to what was restored."""
        if not self.servers or not self.corrupted:
            return
        primary, restored = (self.servers[name] for name in HOSTS)
        if restored.runs:
            primary.stop()
        elif primary.runs:
            contents.fill(primary, self.shape.gib)
        self.corrupted = False

    def clear(self) -> None:
        try:
            self.stop_writing()
        finally:
            end([server.process for server in self.servers.values() if server.process])
            Owned(self.folder).end_all()
            self.servers, self.site, self.corrupted = {}, None, False
            if not self.keep:
                remove_rooms(self.folder)

    # What drills ask of a database

    def now(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def start_writing(self) -> None:
        self._write_to("primary", 0)

    def stop_writing(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            client.stop()

    def back_up(self) -> None:
        taken = dumps.take(self._site(), self._server("primary"), self.elsewhere, self.shape.archive)
        self.hear("backed_up", bytes=taken, by=self.elsewhere.said)

    def moment(self) -> str:
        """The second that begins next: the log knows no smaller times, and what it has of that second is left out."""
        primary = self._server("primary")
        now = str(primary.ask("SELECT UTC_TIMESTAMP()"))
        while True:
            later = str(primary.ask("SELECT UTC_TIMESTAMP()"))
            if later != now:
                return later
            time.sleep(0.01)

    def contents(self, server: str) -> Mapping[str, str]:
        return contents.digests(self._server(server))

    def written(self, server: str) -> tuple[int, ...]:
        return contents.written(self._server(server))

    def restore(self, moment: str) -> None:
        site, primary = self._site(), self._server("primary")
        if self.shape.archive and primary.runs:
            dumps.hand_on(site, primary, self.elsewhere)
            self.hear("archived")
        dumps.restore(site, self.elsewhere, self._server("restored"), moment, self.hear)

    def carry_out(self, step: str, **settings: str) -> None:
        if step == "restore_moment":
            self.restore(**settings)
        elif step == "swap":
            self._swap()
        else:
            raise NotRecovered(f"the lab has no step {quoted(step)}")

    # How

    def _swap(self) -> None:
        if not self._server("restored").runs:
            raise NotRecovered("nothing was restored that could lead")
        self.stop_writing()
        self._server("primary").stop()
        self._write_to("restored", SECOND)

    def _write_to(self, name: str, first: int) -> None:
        servers: Any = [self._server(name)]
        self.client = MariaClient(servers, lambda what, **facts: self.hear(what, **facts), first=first)
        self.client.start()

    @property
    def versions(self) -> dict[str, str]:
        told = {"Python": platform.python_version()}
        running = next((one for one in self.servers.values() if one.runs), None)
        return told | ({"MariaDB": str(running.ask("SELECT VERSION()"))} if running is not None else {})

    def _server(self, name: str) -> Server:
        if name not in self.servers:
            raise Problems([Problem("the lab does not stand", fix="build it first")])
        return self.servers[name]

    def _site(self) -> Site:
        if self.site is None:
            raise Problems([Problem("the lab does not stand", fix="build it first")])
        return self.site


def _make_site(folder: Path, gib: float) -> Site:
    """Raises Problems where MariaDB or its client is missing, or there is no space."""
    if importlib.util.find_spec("pymysql") is None:
        raise Problems([Problem("pymysql is not installed", "it is the lab's client", "pip install 'standfast[lab]'")])
    mariadb, user = find_mariadb(), unprivileged()
    try:
        room = private_room(folder, user)
        if not can_reach(mariadb.server.parent, user):
            mariadb = within_reach(mariadb, room)
        check_space(room, gib)
    except OSError as error:
        raise Problems([Problem("the lab's folder cannot be made", str(error), "choose another --out DIR")]) from error
    return Site(mariadb, user, room, Owned(folder), secrets.token_urlsafe(24))
