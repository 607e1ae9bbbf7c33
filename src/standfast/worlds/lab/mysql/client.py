"""The client of MariaDB: the same open loop as PostgreSQL's, by another driver."""

from __future__ import annotations

from typing import Any

from standfast.worlds.lab.client import Client
from standfast.worlds.lab.mysql.server import ADMIN, DATABASE


class MariaClient(Client):
    """To one server: the drill of ruined data has no other."""

    def _errors(self) -> tuple[type[BaseException], ...]:
        import pymysql

        return (pymysql.Error, OSError)

    def _insert(self, connection: Any, number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO writes (id) VALUES (%s)", [number])

    def _connect(self) -> tuple[Any, str]:
        import pymysql

        server: Any = self.servers[0]
        host, port = server.address
        connection = pymysql.connect(
            host=host, port=port, user=ADMIN, password=server.site.password, database=DATABASE, autocommit=True,
            connect_timeout=2, read_timeout=10, write_timeout=10,
        )  # fmt: skip
        return connection, f"{server.name}@{server.process.pid if server.process else 0}"
