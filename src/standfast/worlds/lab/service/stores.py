"""What a service keeps in: PostgreSQL, a cache, objects. Each `use()` is one call; it raises Refused when it fails.

Rows and keys are the lab's own: a table `standfast_rows` to read from, `standfast_writes` to write to.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from typing import Any
from urllib.parse import unquote, urlsplit

from standfast.worlds.lab.service.channel import Channel, Refused
from standfast.worlds.lab.service.config import Target

ROWS = 1000
HOT = 100  # keys that a cache is asked for where it may hit
BODY = "x" * 1000
READ_BY_ALL = ((b"x-amz-acl", b"public-read"),)  # requests here are not signed: else whoever puts may not read
LOCK = 7_201_985  # of all services that make the tables at once
TABLES = f"""
SELECT pg_advisory_xact_lock({LOCK});
CREATE TABLE IF NOT EXISTS standfast_rows (id int PRIMARY KEY, body text NOT NULL);
CREATE TABLE IF NOT EXISTS standfast_writes
  (id text PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), body text NOT NULL);
INSERT INTO standfast_rows SELECT n, repeat('x', 1000) FROM generate_series(1, {ROWS}) n ON CONFLICT DO NOTHING
"""  # noqa: S608 - our own numbers only


class Database:
    """A few connections; one that breaks is replaced by one to whichever server accepts writes now."""

    def __init__(self, target: Target, name: str):
        self.target, self.name = target, name
        self.free = asyncio.Semaphore(target.connections)
        self.idle: list[Any] = []
        self.ready = False

    async def use(self, timeout: float) -> None:
        import psycopg

        write = random.random() >= self.target.reads
        if write:  # the same row however often it is tried: a commit whose answer was lost is not made twice
            query = "INSERT INTO standfast_writes (id, body) VALUES (%s, %s) ON CONFLICT DO NOTHING"
            values: tuple[Any, ...] = (secrets.token_hex(16), BODY)
        else:
            query, values = "SELECT body FROM standfast_rows WHERE id = %s", (random.randint(1, ROWS),)
        why = "no server accepts writes"
        try:
            async with asyncio.timeout(timeout), self.free:
                while True:
                    try:
                        await self._once(query, values)
                        return
                    except (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction) as error:
                        why = (str(error).splitlines() or [type(error).__name__])[0][:160]
                        await asyncio.sleep(0.05)  # the failover takes a moment: try until the time is over
        except TimeoutError:
            raise Refused(why) from None
        except psycopg.Error as error:
            raise Refused((str(error).splitlines() or [type(error).__name__])[0][:160]) from error

    async def _once(self, query: str, values: tuple[Any, ...]) -> None:
        """On a connection, which goes back only if it is sound: one that was left in the middle is closed."""
        connection = await self._connection()
        try:
            await connection.execute(query, values, prepare=True)
        except BaseException:
            self._drop(connection)
            raise
        self.idle.append(connection)

    async def _connection(self) -> Any:
        import psycopg

        while self.idle:
            connection = self.idle.pop()
            if not connection.closed:
                return connection
        connection = await psycopg.AsyncConnection.connect(
            self.target.url, autocommit=True, connect_timeout=2, application_name=self.name
        )
        try:
            if not self.ready:
                await connection.execute(TABLES.encode())
                self.ready = True
        except BaseException:
            self._drop(connection)
            raise
        return connection

    def _drop(self, connection: Any) -> None:
        """Close at once, without a word to a server that may not be there any more; and those like it."""
        connection.pgconn.finish()
        while self.idle:
            self.idle.pop().pgconn.finish()

    def close(self) -> None:
        while self.idle:
            self.idle.pop().pgconn.finish()


class Cache:
    """Redis in its own protocol (RESP 2), one connection per call at once."""

    def __init__(self, target: Target):
        parts = urlsplit(target.url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 6379
        self.password = unquote(parts.password or "")
        self.reads = target.reads
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def use(self, timeout: float) -> None:
        """As a store of its own: reads and writes of keys that last."""
        key = b"standfast:%d" % random.randrange(HOT)
        if random.random() < self.reads:
            await self.ask(timeout, b"GET", key)
        else:
            await self.ask(timeout, b"SET", key, BODY.encode())

    async def holds(self, name: str, hit_rate: float, timeout: float) -> bytes | None:
        """Whether a key is there, asked so that a warm cache hits at that rate: None; else the key to fill."""
        hot = random.random() < hit_rate
        kind = f"hot:{random.randrange(HOT)}" if hot else f"cold:{secrets.token_hex(8)}"
        key = f"standfast:{name}:{kind}".encode()
        return None if await self.ask(timeout, b"GET", key) is not None else key

    async def fill(self, key: bytes, timeout: float) -> None:
        seconds = b"3600" if b":hot:" in key else b"10"  # a cold key is never asked for again
        await self.ask(timeout, b"SET", key, BODY.encode(), b"EX", seconds)

    async def ask(self, timeout: float, *words: bytes) -> bytes | None:
        """The answer to one command, None for nil. Raises Refused."""
        pair = None
        try:
            async with asyncio.timeout(timeout):
                pair = self.idle.pop() if self.idle else await self._connect()
                answer = await _command(*pair, *words)
        except (TimeoutError, OSError, EOFError, asyncio.IncompleteReadError) as error:
            self._drop(pair)
            why = str(error) or f"no answer within {timeout:g} s"
            raise Refused(why) from None
        except BaseException:
            self._drop(pair)
            raise
        self.idle.append(pair)
        return answer

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        pair = await asyncio.open_connection(self.host, self.port)
        if self.password:
            await _command(*pair, b"AUTH", self.password.encode())
        return pair

    def _drop(self, pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None) -> None:
        if pair is not None:
            pair[1].transport.abort()
        self.close()

    def close(self) -> None:
        while self.idle:
            self.idle.pop()[1].transport.abort()


async def _command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *words: bytes) -> bytes | None:
    """One command and its answer: a simple, bulk or error string, or a number."""
    writer.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
    line = await reader.readuntil(b"\r\n")
    kind, rest = line[:1], line[1:-2]
    if kind == b"-":
        raise Refused(rest.decode("utf-8", "replace")[:160])
    if kind == b"$":
        length = int(rest)
        return None if length < 0 else (await reader.readexactly(length + 2))[:-2]
    return rest


class Objects:
    """A bucket over plain HTTP, as the lab's store serves it: some objects, put where they are missing."""

    def __init__(self, target: Target):
        self.channel = Channel(target.url, target.host, target.ca)

    async def use(self, timeout: float) -> None:
        until = time.monotonic() + timeout
        path = b"%s/standfast-%d" % (self.channel.path.rstrip(b"/"), random.randrange(HOT))
        status = await self.channel.ask(timeout, path=path)
        if status == 404:
            left = max(0.001, until - time.monotonic())
            body = BODY.encode() * 30
            status = await self.channel.ask(left, method=b"PUT", path=path, headers=READ_BY_ALL, body=body)
        if status >= 400:
            raise Refused(f"answered {status}")

    def close(self) -> None:
        self.channel.close()


class Peer:
    """Another service."""

    def __init__(self, target: Target):
        self.channel = Channel(target.url, target.host, target.ca)

    async def use(self, timeout: float, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        status = await self.channel.ask(timeout, headers=headers)
        if status >= 400:
            raise Refused(f"answered {status}", status)

    def close(self) -> None:
        self.channel.close()


Kept = Database | Cache | Objects | Peer


def connected(name: str, target: Target) -> Kept:
    """The client of one target. Nothing is opened before its first use."""
    if target.kind == "postgres":
        return Database(target, name)
    return {"redis": Cache, "objects": Objects, "service": Peer}[target.kind](target)
