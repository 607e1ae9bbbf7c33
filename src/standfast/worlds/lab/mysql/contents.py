"""What the lab's MariaDB holds: the same customers and orders as its PostgreSQL, made by the server itself."""

from __future__ import annotations

import hashlib
import re

from standfast.worlds.lab.contents import ROW
from standfast.worlds.lab.mysql.server import DATABASE, Server

MADE = (
    "DROP TABLE IF EXISTS customers, orders, writes",
    "CREATE TABLE customers (id bigint PRIMARY KEY, name varchar(80) NOT NULL, since date NOT NULL)",
    "CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint NOT NULL, cents bigint NOT NULL, note text NOT NULL)",
    "CREATE TABLE writes (id bigint PRIMARY KEY, at timestamp(6) NOT NULL DEFAULT current_timestamp(6))",
)
CUSTOMERS = """INSERT INTO customers SELECT seq, CONCAT('customer ', seq), '2020-01-01' + INTERVAL (seq % 1500) DAY
    FROM seq_1_to_{customers}"""
ORDERS = """INSERT INTO orders SELECT seq, 1 + seq % {customers}, (seq * 7919) % 100000, REPEAT(MD5(seq), 5)
    FROM seq_1_to_{orders}"""
DAMAGE = ("DROP TABLE customers", "UPDATE orders SET note = REVERSE(note), cents = 0 WHERE id % 23 = 0")
TABLES = """SELECT table_name FROM information_schema.tables
    WHERE table_schema = %s AND table_type = 'BASE TABLE' AND table_name <> 'writes' ORDER BY table_name"""
COLUMNS = """SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s
    ORDER BY ordinal_position"""
# A digest of each row; joined by exclusive or, which no order changes: no two rows are the same, each has its key.
DIGEST = """SELECT COUNT(*), HEX(BIT_XOR(CAST(CONV(LEFT(digest, 16), 16, 10) AS UNSIGNED))),
    HEX(BIT_XOR(CAST(CONV(RIGHT(digest, 16), 16, 10) AS UNSIGNED)))
    FROM (SELECT MD5(CONCAT_WS(',', {columns})) AS digest FROM {table}) AS rows_"""


def fill(server: Server, gib: float) -> None:
    """Make the tables, and fill them to about `gib` GiB."""
    orders = max(1000, int(gib * 2**30 / ROW))
    customers = max(100, orders // 20)
    with server.connect() as cursor:
        for statement in MADE:
            cursor.execute(statement)
        for statement in (CUSTOMERS, ORDERS):
            cursor.execute(statement.format(customers=customers, orders=orders))
        cursor.execute("ANALYZE TABLE customers, orders")  # what it says of its size is old until then


def digests(server: Server) -> dict[str, str]:
    """`{"orders": "19531 rows, …"}` for every table but the one that is written to: of its rows and its shape."""
    found = {}
    with server.connect() as cursor:
        cursor.execute(TABLES, [DATABASE])
        for (name,) in cursor.fetchall():
            table = _quoted(name)
            cursor.execute(COLUMNS, [DATABASE, name])
            columns = ", ".join(f"QUOTE({_quoted(one)})" for (one,) in cursor.fetchall())
            cursor.execute(DIGEST.format(columns=columns, table=table))
            rows, *parts = cursor.fetchone()
            cursor.execute(f"SHOW CREATE TABLE {table}")
            shape = re.sub(r" AUTO_INCREMENT=\d+", "", cursor.fetchone()[1])
            told = hashlib.sha256("\0".join([shape, *map(str, parts)]).encode()).hexdigest()
            found[name] = f"{rows} rows, sha256 {told[:32]}"
    return found


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def damage(server: Server) -> None:
    with server.connect() as cursor:
        for statement in DAMAGE:
            cursor.execute(statement)


def written(server: Server) -> tuple[int, ...]:
    with server.connect() as cursor:
        cursor.execute("SELECT id FROM writes ORDER BY id")
        return tuple(number for (number,) in cursor.fetchall())


def size(server: Server) -> int:
    """Bytes of the whole database."""
    return int(server.ask(
        "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = %s", [DATABASE]
    ) or 0)  # fmt: skip
