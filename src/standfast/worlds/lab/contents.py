"""What the lab's database holds: synthetic customers and orders, and one table that the client writes to."""

from __future__ import annotations

import hashlib
from typing import Any

from standfast.worlds.lab.postgres import Server, Unanswered

ROW = 256  # bytes of one order on disk, about: measured, and only used to reach the size that was asked for
MADE = (
    """DROP TABLE IF EXISTS customers, orders, writes""",
    """CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, since date NOT NULL)""",
    """CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint NOT NULL, cents bigint NOT NULL,
        note text NOT NULL)""",
    """CREATE TABLE writes (id bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp())""",
)
CUSTOMERS = """INSERT INTO customers
    SELECT n, 'customer ' || n, date '2020-01-01' + (n %% 1500)::int FROM generate_series(1, %s::bigint) AS n"""
# md5 of the number: text that does not compress, and is the same every time.
ORDERS = """INSERT INTO orders
    SELECT n, 1 + n %% %s::bigint, (n * 7919) %% 100000, repeat(md5(n::text), 5)
    FROM generate_series(1, %s::bigint) AS n"""
# The damage: what a bad migration does. One table gone, and rows whose values belong to other rows.
DAMAGE = (
    "DROP TABLE customers",
    "UPDATE orders SET note = reverse(note), cents = 0 WHERE id % 23 = 0",
)
TABLES = """SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'writes' ORDER BY c.relname"""
SHAPE = """SELECT coalesce((SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull,
        ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped), '')
    || coalesce((SELECT string_agg(pg_get_indexdef(indexrelid), ',' ORDER BY indexrelid) FROM pg_index
        WHERE indrelid = %s), '')"""
# Rows as text in the order of their key, in groups, so that no text grows past what one value may hold.
DIGEST = """SELECT coalesce(sum(rows), 0), md5(coalesce(string_agg(part, '' ORDER BY place), '')) FROM (
        SELECT id / 5000 AS place, count(*) AS rows, md5(string_agg(t::text, E'\\n' ORDER BY id)) AS part
        FROM {table} AS t GROUP BY id / 5000) AS parts"""


def fill(server: Server, gib: float) -> None:
    """Make the tables, and fill them to about `gib` GiB. Raises Problems when the disk is full."""
    orders = max(1000, int(gib * 2**30 / ROW))
    customers = max(100, orders // 20)
    with server.connect() as connection:
        for statement in MADE:
            connection.execute(statement)
        connection.execute(CUSTOMERS, [customers])
        connection.execute(ORDERS, [customers, orders])
        connection.execute("CHECKPOINT")


def digests(server: Server) -> dict[str, str]:
    """`{"orders": "419430 rows, md5 …"}` for every table but the one that is written to."""
    with server.connect() as connection:
        connection.execute("SET work_mem = '256MB'")  # sort in memory
        return read_digests(connection)


def read_digests(connection: Any) -> dict[str, str]:
    """A table that cannot be read says so in place of its digest: that is a difference, not a failure of the judge."""
    import psycopg
    from psycopg import sql

    found = {}
    for oid, name in connection.execute(TABLES).fetchall():
        table = sql.Identifier("public", name)
        try:
            (shape,) = _row(connection, SHAPE, [oid, oid])
            count, rows = _row(connection, sql.SQL(DIGEST).format(table=table))
        except psycopg.Error as error:
            found[name] = f"cannot be read: {str(error).splitlines()[0]}"
            continue
        found[name] = f"{count} rows, md5 {hashlib.md5((shape + rows).encode()).hexdigest()}"
    return found


def _row(connection: Any, query: Any, values: Any = ()) -> Any:
    return connection.execute(query, values).fetchone()


def damage(server: Server) -> None:
    with server.connect() as connection:
        for statement in DAMAGE:
            connection.execute(statement)


def written(server: Server) -> tuple[int, ...]:
    with server.connect() as connection:
        return tuple(number for (number,) in connection.execute("SELECT id FROM writes ORDER BY id"))


def accepts_writes(server: Server) -> bool:
    """Whether a write would be taken now. Tried, and taken back: asking for the role is not enough."""
    try:
        with server.connect() as connection, connection.transaction(force_rollback=True):
            connection.execute("INSERT INTO writes (id) VALUES (-1)")
    except Unanswered:
        return False
    return True


def size(server: Server) -> int:
    """Bytes of the whole database."""
    return int(server.ask("SELECT pg_database_size(current_database())"))
