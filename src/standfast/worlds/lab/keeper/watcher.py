"""Watches the primary of a database until it is lost, and lets its standby take over.

One connection is held, and asked four times a second how many servers follow: a server that ends takes it along, which
is known at once, and one that is held up does not answer. New connections are tried only then: each would be a process
of the server and a line in its log.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from typing import Any

from standfast.problem import Problem, Problems
from standfast.worlds.lab.controller import INTERVAL, Controller
from standfast.worlds.lab.system.databases import Cluster, Node

BEAT = 0.25  # seconds between two questions
HUNG = 1.0  # seconds without an answer
QUESTION = b"SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
HELLO = b"\x00\x00\x00\x08\x04\xd2\x16\x30"  # GSSENCRequest of PostgreSQL's protocol: one byte comes back


class Watcher(Controller):
    """`hear` is told of suspected, detected, fenced, promoted, not_promoted, each with the database."""

    def __init__(self, cluster: Cluster, primary: Node, hear: Callable[..., None], failover: bool):
        self.cluster, self.failover = cluster, failover
        self.followed = time.monotonic()  # when it was last seen that a server follows
        self.held: Any = None  # a connection to the primary
        self.mute = False  # it did not answer on that connection

        def told(what: str, **facts: Any) -> None:
            hear(what, database=cluster.name, **facts)

        super().__init__(primary, self._take_over, told)

    @property
    def apart(self) -> float:
        """Seconds since a server was last seen to follow."""
        return time.monotonic() - self.followed

    def _take_over(self) -> str:
        assert isinstance(self.primary, Node)
        if not self.failover:
            raise Problems([Problem(f"nothing can take over for {self.cluster.name}", "failover is switched off")])
        if self.primary.runs:  # or else there might be two that take writes
            self.primary.lose()
            self.hear("fenced", server=self.primary.name)
        return self.cluster.fail_over()

    def _pause(self, failures: int) -> bool:
        """Until a look is due: not while the connection answers, and at once when it ends."""
        if failures or not self._connected():
            return self.stopping.wait(INTERVAL)
        while self._asked() and self._quiet():
            if self.stopping.is_set():
                break
        self.held.close()
        self.held = None
        return self.stopping.is_set()

    def _answers(self) -> bool:
        if self.mute:  # that was a look, and it took as long
            self.mute = False
            return False
        try:
            with socket.create_connection(self.primary.address, timeout=HUNG) as connection:
                connection.sendall(HELLO)
                return len(connection.recv(1)) == 1
        except OSError:
            return False

    def _connected(self) -> bool:
        import psycopg

        try:
            self.held = psycopg.connect(**self.primary.conninfo(application_name="keeper"), autocommit=True)
        except psycopg.Error:
            self.held = None
        return self.held is not None

    def _asked(self) -> bool:
        """Whether the question was answered. Not by `execute`, which would wait for a server that is held up."""
        import psycopg

        link, deadline = self.held.pgconn, time.monotonic() + HUNG
        try:
            link.send_query(QUESTION)
            while link.is_busy():
                if not _readable(link.socket, deadline - time.monotonic()):
                    self.mute = True
                    return False
                link.consume_input()
            count = link.get_result().get_value(0, 0)
            while link.get_result() is not None:
                continue
        except (psycopg.Error, AttributeError, ValueError):  # no result: the connection has ended
            return False
        if int(count or 0):
            self.followed = time.monotonic()
        return True

    def _quiet(self) -> bool:
        """Wait until the next question is due; False where the connection ended meanwhile."""
        import psycopg

        try:
            if _readable(self.held.pgconn.socket, BEAT):
                self.held.pgconn.consume_input()  # a notice is none of our business
        except psycopg.Error:
            return False
        return True


def _readable(descriptor: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(max(0.0, seconds) * 1000))
