"""What listens: lines by TCP, spans by HTTP, and figures for Prometheus."""

from __future__ import annotations

import asyncio
import json
import signal
from http import HTTPStatus
from pathlib import Path
from typing import Any

from standfast.worlds.lab.telemetry import figures, spans, syslog
from standfast.worlds.lab.telemetry.masking import Masking
from standfast.worlds.lab.telemetry.store import Line, Span, Store

EVERY = 0.25  # seconds between two times that what was heard is written
LONGEST = 8 * 2**20  # bytes of one request
TRIMS = 400  # writes between two looks at how much is kept


class Program:
    def __init__(self, config: dict[str, Any]):
        self.config = config
        self.masking = Masking(config["masks"])
        self.edges = {one["name"] for one in config["hosts"] if one["role"] == "edge"}
        self.store = Store(Path(config["file"]), make=True)
        self.lines: list[Line] = []
        self.spans: list[Span] = []
        self.refused = 0

    async def hear_lines(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One shipper, until it goes."""
        left = b""
        try:
            while more := await reader.read(65536):
                whole, left = syslog.frames(left + more)
                for frame in whole:
                    self._hear(frame)
        except (syslog.Malformed, OSError):
            self.refused += 1
        finally:
            writer.close()

    def _hear(self, frame: bytes) -> None:
        line = syslog.line(frame)
        if line is None:
            self.refused += 1
            return
        line = Line(line.at, line.host, self.masking.line(line.text))
        self.lines.append(line)
        span = spans.of_the_edge(line) if line.host in self.edges else None  # others write what users sent
        if span is not None:
            self.spans.append(span)

    async def serve_http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests on one connection, one after the other."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, path, _ = head[0].split(" ", 2)
                told = dict(one.lower().split(": ", 1) for one in head[1:] if ": " in one)
                length = int(told.get("content-length", 0))
                if not 0 <= length <= LONGEST:
                    break
                status, answer = await self._answer(method, path, await reader.readexactly(length))
                writer.write(
                    f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: {len(answer)}\r\n"
                    "content-type: text/plain; version=0.0.4\r\n\r\n".encode()
                    + answer
                )
                await writer.drain()
        except (ValueError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _answer(self, method: str, path: str, body: bytes) -> tuple[HTTPStatus, bytes]:
        if (method, path) == ("GET", "/metrics"):
            text = await asyncio.to_thread(figures.text, Path(self.config["lab"]), self.config["hosts"])
            counted = f"# TYPE standfast_lab_refused_total counter\nstandfast_lab_refused_total {self.refused}\n"
            return HTTPStatus.OK, text + counted.encode()
        if (method, path) == ("POST", "/v1/traces"):
            try:
                self.spans += spans.received(json.loads(body), self.masking)
            except (ValueError, KeyError, TypeError, AttributeError):
                self.refused += 1
                return HTTPStatus.BAD_REQUEST, b""
            return HTTPStatus.OK, b"{}"
        return (HTTPStatus.OK, b"ok\n") if path == "/" else (HTTPStatus.NOT_FOUND, b"")

    async def write(self) -> None:
        """What was heard, a few times a second in one go."""
        turn = 0
        while True:
            await asyncio.sleep(EVERY)
            self.flush()
            turn += 1
            if turn % TRIMS == 0:
                self.store.forget()

    def flush(self) -> None:
        lines, heard = self.lines, self.spans
        if lines or heard:
            self.lines, self.spans = [], []
            self.store.add(lines, heard)


async def serve(config: dict[str, Any]) -> None:
    """Until asked to end."""
    program, loop, stop = Program(config), asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    for serves, port in ((program.hear_lines, config["lines_port"]), (program.serve_http, config["http_port"])):
        await asyncio.start_server(serves, config["address"], port)
    writing = loop.create_task(program.write())
    waiting = loop.create_task(stop.wait())
    await asyncio.wait({writing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    program.flush()
    if writing.done():
        writing.result()  # what ended it, where it was not asked to
