"""The client: writes numbered rows at a steady pace, whether or not the last one came back, and says what came back.

An open loop: a server that stalls does not slow the client's clock down, so a stall is seen in full. Several
lanes, each with a connection of its own, keep the pace while one waits.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from typing import Any

from standfast.problem import Problems
from standfast.worlds.database import EVERY, Hear
from standfast.worlds.lab.postgres import Server

LANES = 4


class Client:
    def __init__(self, servers: Sequence[Server], hear: Hear, every: float = EVERY, first: int = 0):
        """`first`: the number it begins with."""
        self.servers, self.hear, self.every, self.first = servers, hear, every, first
        self.names = {server.address: server.name for server in servers}
        self.stopping = threading.Event()
        self.failure: Problems | None = None
        self.began = time.monotonic()
        self.lanes = [threading.Thread(target=self._lane, args=(lane,), daemon=True) for lane in range(LANES)]

    def start(self) -> None:
        for lane in self.lanes:
            lane.start()

    def stop(self) -> None:
        """Stop, and wait for the writes on their way. Raises what stopped it earlier, such as a full disk."""
        self.stopping.set()
        for lane in self.lanes:
            lane.join(timeout=5.0)
        if self.failure is not None:
            raise self.failure

    def _lane(self, lane: int) -> None:
        """Every LANES-th number. A number whose time has passed while the lane waited is left out."""
        number, connection, server, errors = lane, None, "", self._errors()
        while not self.stopping.wait(max(0.0, self.began + number * self.every - time.monotonic())):
            try:
                try:
                    if connection is None:
                        connection, server = self._connect()
                    self._insert(connection, self.first + number)
                    self.hear("acknowledged", id=self.first + number, server=server)
                except errors as error:
                    why = (str(error).splitlines() or [type(error).__name__])[0][:160]
                    self.hear("refused", id=self.first + number, why=why)
                    if connection is not None:
                        with contextlib.suppress(*errors):
                            connection.close()
                        connection = None
            except Problems as problems:  # the history cannot be written: the drill is over
                self.failure = problems
                break
            due = (time.monotonic() - self.began) / self.every
            number += LANES * max(1, int((due - number) // LANES))
        if connection is not None:
            connection.close()

    def _errors(self) -> tuple[type[BaseException], ...]:
        """What may go wrong with a write."""
        import psycopg

        return (psycopg.Error,)

    def _insert(self, connection: Any, number: int) -> None:
        connection.execute("INSERT INTO writes (id) VALUES (%s)", [number])

    def _connect(self) -> tuple[Any, str]:
        """To whichever server accepts writes, found as libpq does it; and which run of which server that is."""
        import psycopg

        info = self.servers[0].conninfo(application_name="client", target_session_attrs="read-write")
        info |= {
            "host": ",".join(server.address[0] for server in self.servers),
            "port": ",".join(str(server.address[1]) for server in self.servers),
        }
        connection = psycopg.connect(**info, autocommit=True)
        row = connection.execute("SELECT extract(epoch FROM pg_postmaster_start_time())::float8").fetchone()
        name = self.names[connection.info.host, connection.info.port]
        return connection, f"{name}@{row[0] if row else 0:.3f}"
