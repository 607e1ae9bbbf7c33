"""HTTP/1.1 to one address over connections that stay open: as many as are needed at once.

Parsing is done by llhttp (httptools): next to no CPU time is spent beside what is measured.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections import deque
from collections.abc import Sequence
from urllib.parse import urlsplit

Header = tuple[bytes, bytes]
MOST_IDLE = 256  # open connections that wait for work
OPENING = 8  # connections that are opened at a time: a handshake costs more than the request it is for


class Refused(Exception):
    """No answer, or not a good one: why, in a few words, and its status where there was one."""

    def __init__(self, why: str, status: int = 0):
        super().__init__(why)
        self.status = status


class _Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.waiter: asyncio.Future[int] | None = None
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        from httptools import HttpResponseParser

        assert isinstance(transport, asyncio.Transport)
        self.transport, self.open = transport, True
        self.parser = HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        from httptools import HttpParserError

        try:
            self.parser.feed_data(data)
        except HttpParserError as error:
            self._end(Refused(f"not HTTP: {error}"))

    def on_message_complete(self) -> None:
        status = self.parser.get_status_code()
        if status < 200:  # 100 Continue and the like: the answer comes after it
            return
        self.open = self.open and self.parser.should_keep_alive()
        waiter, self.waiter = self.waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(status)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(Refused(str(exc) or type(exc).__name__ if exc else "the connection was closed"))

    def _end(self, why: Refused) -> None:
        self.open = False
        waiter, self.waiter = self.waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(why)
        self.close()

    def close(self) -> None:
        self.open = False
        if self.transport is not None:
            self.transport.abort()

    def send(self, data: bytes) -> asyncio.Future[int]:
        self.waiter = asyncio.get_running_loop().create_future()
        assert self.transport is not None
        self.transport.write(data)
        return self.waiter


class Channel:
    """`url`: http(s)://host:port/path. `host`: the name to send and, with TLS, to verify. `ca`: file of authorities."""

    def __init__(self, url: str, host: str = "", ca: str = ""):
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        self.address = (parts.hostname or "", parts.port or (443 if tls else 80))
        self.name = host or self.address[0]
        self.path = (parts.path or "/").encode()
        self.host = self.name.encode() if host else f"{self.address[0]}:{self.address[1]}".encode()
        self.tls = ssl.create_default_context(cafile=ca or None) if tls else None
        self.idle: list[_Connection] = []
        self.opening = 0
        self.waiting: deque[asyncio.Future[None]] = deque()

    async def ask(
        self,
        timeout: float,
        *,
        method: bytes = b"GET",
        path: bytes = b"",
        headers: Sequence[Header] = (),
        body: bytes = b"",
    ) -> int:
        """The status of the answer, after all of it has come. Raises Refused, also when `timeout` has passed."""
        told = b"".join(b"%s: %s\r\n" % one for one in headers)
        length = b"content-length: %d\r\n" % len(body) if body or method != b"GET" else b""
        head = b"%s %s HTTP/1.1\r\nhost: %s\r\n%s%s\r\n" % (method, path or self.path, self.host, told, length)
        connection: _Connection | None = None
        try:
            async with asyncio.timeout(timeout):
                again = False
                while True:
                    connection, used = await self._connection()
                    try:
                        status = await connection.send(head + body)
                        break
                    except Refused:
                        if not used or again or method != b"GET":
                            raise
                        again = True  # closed by the other side just as we used it: once more, on another
        except TimeoutError:
            if connection is not None:
                connection.close()
            raise Refused(f"no answer within {timeout:g} s") from None
        except ssl.SSLError as error:
            raise Refused(f"TLS: {error.reason or error}".lower().replace("_", " ")) from error
        except OSError as error:
            raise Refused(os.strerror(error.errno) if error.errno else str(error)) from error
        except BaseException:
            if connection is not None:
                connection.close()
            raise
        if connection.open and len(self.idle) < MOST_IDLE:
            self.idle.append(connection)
            self._next()
        else:
            connection.close()
        return status

    async def _connection(self) -> tuple[_Connection, bool]:
        """One to use, and whether it was used before: the first that is free or opened."""
        while True:
            while self.idle:
                connection = self.idle.pop()
                if connection.open:
                    return connection, True
            if self.opening < OPENING:
                break
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.waiting.append(turn)
            try:
                await turn
            except BaseException:
                if turn.done() and not turn.cancelled():
                    self._next()  # it was this one's turn, which is for somebody else now
                raise
        self.opening += 1
        host, port = self.address
        try:
            _, made = await asyncio.get_running_loop().create_connection(
                _Connection, host, port, ssl=self.tls, server_hostname=self.name if self.tls else None
            )
        finally:
            self.opening -= 1
            self._next()
        return made, False

    def _next(self) -> None:
        """Whoever waits longest may look again: a connection is free, or one may be opened."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def close(self) -> None:
        while self.idle:
            self.idle.pop().close()
