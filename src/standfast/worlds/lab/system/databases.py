"""A database of the system: servers that the role `postgres` configures, and the lab's own way to fail over.

The files are the role's. What the lab says on the command line on top of them: who may enter (the role's own lines,
and the lab's superuser with a password), and that a lost server stays lost until somebody decides.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from standfast.problem import Problem, Problems
from standfast.worlds.lab import recovery
from standfast.worlds.lab.contents import accepts_writes
from standfast.worlds.lab.postgres import ADMIN, Server, Site, Unanswered

OWN_LINES = f"""\
# The lab's own, on loopback only.
host all {ADMIN} 127.0.0.0/8 scram-sha-256
host replication {ADMIN} 127.0.0.0/8 scram-sha-256
"""
CLEAR = "ALTER SYSTEM SET synchronous_standby_names = ''"
RESET = "ALTER SYSTEM RESET synchronous_standby_names"
# What the lab tries whether a server accepts writes with, and a drill's client writes to.
WRITES = "CREATE TABLE writes (id bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp())"
ANSWERS = 20.0  # seconds that a server which runs has, until it is taken for one that does not
LOGINS = (("app", "LOGIN"), ("replicator", "LOGIN REPLICATION"))


class Node(Server):
    """One server of the database: its folder and its configuration as the role lays them out below the host's root."""

    def __init__(self, site: Site, name: str, address: tuple[str, int], root: Path):
        super().__init__(site, name, address)
        self.root = root
        self.data, self.log = root / "var/lib/postgresql/data", root / "var/log/postgres.log"
        self.configuration = root / "etc/postgresql"

    @property
    def runs(self) -> bool:
        """Asked of the record: another process of the lab may have started it since."""
        self.process = self.site.owned.one(self.name)
        return super().runs

    def flags(self, settings: Mapping[str, str] | None) -> dict[str, str]:
        return {
            "config_file": str(self.configuration / "postgresql.conf"),
            "hba_file": str(self.configuration / "lab_hba.conf"),
            "restart_after_crash": "off",
            "wal_keep_size": "512MB",
            "wal_sender_timeout": "5s",  # a standby that is held up is given up, so that commits go on
            **(settings or {}),
        }

    def admit(self) -> None:
        """The role's lines of who may enter, and the lab's own."""
        path = self.configuration / "lab_hba.conf"
        path.touch(mode=0o600)
        path.write_text(OWN_LINES + (self.configuration / "pg_hba.conf").read_text())
        self.site.user.own(path)


@dataclass
class Cluster:
    """All servers of one database. `synchronous`: a commit waits for a standby while there is one."""

    name: str
    nodes: tuple[Node, ...]
    synchronous: bool = False

    def make(self, passwords: Mapping[str, str], database: str) -> None:
        """Bring the first up, empty but for the role's logins and database, and let the others follow it."""
        first, *others = self.nodes
        for node in self.nodes:
            node.admit()
        first.initialise()
        first.start()
        self._admit_logins(first, passwords, database)
        if not self.synchronous:
            self.alone(first)
        for node in others:
            first.base_backup(node.data)
            recovery.follow(node, first)

    def _admit_logins(self, first: Node, passwords: Mapping[str, str], database: str) -> None:
        from psycopg import sql

        with first.connect() as connection:
            for name, options in LOGINS:
                query = sql.SQL("CREATE ROLE {} " + options + " PASSWORD {}")
                connection.execute(query.format(sql.Identifier(name), sql.Literal(passwords[name])))
            connection.execute("CREATE ROLE monitor LOGIN IN ROLE pg_monitor")
            connection.execute(WRITES)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER app").format(sql.Identifier(database)))

    def leader(self) -> Node | None:
        """The server that accepts writes."""
        return next((node for node in self.nodes if node.runs and accepts_writes(node)), None)

    def standby(self) -> Node | None:
        """A server that runs and could take over."""
        for node in self.nodes:
            try:
                if node.runs and node.ask("SELECT pg_is_in_recovery()"):
                    return node
            except Unanswered:
                continue
        return None

    def fail_over(self) -> str:
        """Promote what is left. Returns the name of the server that took over. Raises Problems where none can."""
        standby = self.standby()
        if standby is None:
            raise Problems([Problem(f"nothing can take over for {self.name}", "no standby runs")])
        self.alone(standby)  # it must not wait for the one that is lost
        recovery.promote(standby)
        return standby.name

    def alone(self, leader: Node) -> None:
        """Commits on it no longer wait for a standby."""
        self._told(leader, CLEAR)

    def together(self, leader: Node) -> None:
        """Commits on it wait for a standby again, where that was planned."""
        self._told(leader, RESET)

    @staticmethod
    def _told(node: Node, statement: str) -> None:
        with node.connect() as connection:
            connection.execute(statement)
            connection.execute("SELECT pg_reload_conf()")

    def follows(self, leader: Node) -> int:
        """How many servers stream from it."""
        return int(leader.ask("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") or 0)

    def mend(self) -> None:
        """Every server that is down becomes a standby of the one that leads; without a leader one of them starts."""
        leader = self._leads_soon() or self._begin_again()
        for node in self.nodes:
            if node is leader or node.runs:
                continue
            if node.data.exists():
                recovery.rejoin(node, leader)
            else:
                leader.base_backup(node.data)
                recovery.follow(node, leader)
        if self.synchronous and len(self.nodes) > 1:
            for node in self.nodes:
                self.together(node)

    def _leads_soon(self) -> Node | None:
        """The server that leads, or that can take over: one that runs may need a while until it answers."""
        deadline = time.monotonic() + ANSWERS
        while any(node.runs for node in self.nodes) and time.monotonic() < deadline:
            leader = self.leader()
            if leader is not None:
                return leader
            if self.standby() is not None:
                self.fail_over()
            time.sleep(0.1)
        return None

    def _begin_again(self) -> Node:
        """No server answers: one starts that has data, first of all one that led. Raises Problems."""
        left = sorted((node for node in self.nodes if node.data.exists()), key=_followed)
        if not left:
            raise Problems([Problem(f"{self.name} is lost", "no server of it has data left", "restore a backup")])
        for node in self.nodes:
            if node.runs:
                node.lose()
        leader, followed = left[0], _followed(left[0])
        leader.start(until_writable=not followed)
        if followed:
            self.alone(leader)
            recovery.promote(leader)
        return leader


def _followed(node: Node) -> bool:
    return (node.data / "standby.signal").exists()


def nodes_of(site: Site, hosts: Sequence[tuple[str, str, int]], room: Path) -> tuple[Node, ...]:
    """`hosts`: name, address and port of each server."""
    return tuple(Node(site, name, (address, port), room / name) for name, address, port in hosts)
