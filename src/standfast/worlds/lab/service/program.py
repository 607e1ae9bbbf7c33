"""The program: listens, answers, says how it is, and ends in good order."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
import time
from email.utils import formatdate
from typing import Any

from standfast.problem import Problem, Problems
from standfast.worlds.lab.service.channel import Channel, Refused
from standfast.worlds.lab.service.config import Config
from standfast.worlds.lab.service.metrics import CONTENT, OPEN_CONTENT, Metrics
from standfast.worlds.lab.service.trace import SERVER, Spans, Trace, received
from standfast.worlds.lab.service.work import Shed, Work

REASONS = {
    200: b"OK",
    404: b"Not Found",
    500: b"Internal Server Error",
    502: b"Bad Gateway",
    503: b"Service Unavailable",
}
MOST_HEADERS = 200
EVERY = 1.0  # seconds between spans that are sent, and between looks at what the service itself uses


class Program:
    def __init__(self, config: Config):
        self.config = config
        self.metrics = Metrics(config.buckets, config.version)
        self.spans = Spans(config.name, config.version, bool(config.otlp))
        self.work = Work(config, self.metrics, self.spans)
        self.connections: set[Connection] = set()
        self.ending = False
        self.body = b"x" * config.response

    async def answer(self, method: str, path: str, headers: dict[bytes, bytes]) -> tuple[int, bytes, bytes]:
        """Status, content type and body of the answer to one request."""
        self.metrics.answered += 1
        if path == self.config.health:
            well = not (self.ending or self.config.fails_health)
            return (200 if well else 503), b"text/plain", b"ok\n" if well else b"not ready\n"
        if path == "/metrics":
            burn = self.work.burn
            openly = b"application/openmetrics-text" in headers.get(b"accept", b"")
            text = self.metrics.text(burn.burned, burn.own, self.spans.dropped, openly)
            return 200, OPEN_CONTENT if openly else CONTENT, text
        trace = received(headers.get(b"traceparent", b""), headers.get(b"tracestate", b""))
        began, why, status = time.monotonic(), "", 200
        self.metrics.active += 1
        try:
            await self.work.once(trace)
        except Shed:
            status, why = 503, "the line is too long"
            self.metrics.shed += 1
        except Refused as refused:
            status, why = (503 if refused.status == 503 else 502), str(refused)  # who is told to wait tells on
        finally:
            self.metrics.active -= 1
        if status == 200 and self.config.fails and random.random() < self.config.fails:
            status, why = 500, f"version {self.config.version} fails it"
        took = time.monotonic() - began
        self.metrics.request(method, status, took, trace if self.spans.wanted and trace.sampled else None)
        self.spans.add(
            trace, method, SERVER, took, status >= 500,
            {"http.request.method": method, "http.response.status_code": status, "url.path": path},
        )  # fmt: skip
        if why or self.config.log == "all":
            self._log(trace, method, path, status, took, why)
        return status, b"text/plain", self.body if status == 200 else why.encode() + b"\n"

    def _log(self, trace: Trace, method: str, path: str, status: int, took: float, why: str) -> None:
        line: dict[str, Any] = {"time": time.time(), "service": self.config.name, "method": method, "path": path}
        line |= {"status": status, "seconds": round(took, 6), "trace_id": trace.trace, "span_id": trace.span}
        print(json.dumps(line | ({"why": why} if why else {})), file=sys.stderr, flush=True)

    async def look_after(self) -> None:
        """Once a second: what the service itself uses per request, and spans to the collector."""
        collector = Channel(self.config.otlp.rstrip("/") + "/v1/traces") if self.config.otlp else None
        while True:
            await asyncio.sleep(EVERY)
            self.work.burn.measure(self.metrics.answered)
            spans = self.spans.take() if collector else None
            if collector and spans:
                content = ((b"content-type", b"application/json"),)
                try:
                    await collector.ask(2.0, method=b"POST", headers=content, body=json.dumps(spans).encode())
                except Refused:
                    self.spans.dropped += len(spans["resourceSpans"][0]["scopeSpans"][0]["spans"])


class Connection(asyncio.Protocol):
    """One connection of a caller. Requests on it are answered one after the other."""

    def __init__(self, program: Program):
        self.program = program
        self.transport: asyncio.Transport | None = None
        self.asked: list[tuple[str, str, dict[bytes, bytes], bool]] = []
        self.task: asyncio.Task[None] | None = None
        self.path, self.headers = b"", {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        from httptools import HttpRequestParser

        assert isinstance(transport, asyncio.Transport)
        self.transport, self.parser = transport, HttpRequestParser(self)
        self.program.connections.add(self)

    def data_received(self, data: bytes) -> None:
        from httptools import HttpParserError, HttpParserUpgrade

        try:
            self.parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self.close()

    def on_message_begin(self) -> None:
        self.path, self.headers = b"", {}

    def on_url(self, url: bytes) -> None:
        self.path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) >= MOST_HEADERS:
            self.close()
            return
        self.headers[name.lower()] = value

    def on_message_complete(self) -> None:
        path = self.path.partition(b"?")[0].decode("ascii", "replace")
        method = self.parser.get_method().decode("ascii", "replace")
        self.asked.append((method, path, self.headers, self.parser.should_keep_alive()))
        if self.task is None:
            self.task = asyncio.get_running_loop().create_task(self._answer())

    async def _answer(self) -> None:
        try:
            while self.asked:
                method, path, headers, stays = self.asked.pop(0)
                status, content, body = await self.program.answer(method, path, headers)
                stays = stays and not self.program.ending
                self._send(status, content, body, stays)
                if not stays:
                    self.close()
                    return
        finally:
            self.task = None

    def _send(self, status: int, content: bytes, body: bytes, stays: bool) -> None:
        assert self.transport is not None
        more = b"retry-after: 1\r\n" if status == 503 else b""
        more += b"" if stays else b"connection: close\r\n"
        self.transport.write(
            b"HTTP/1.1 %d %s\r\ndate: %s\r\ncontent-type: %s\r\ncontent-length: %d\r\ncache-control: no-store\r\n%s\r\n"
            % (status, REASONS[status], formatdate(usegmt=True).encode(), content, len(body), more)
            + body
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller is gone: what is done for it is left, as a server does that cannot be told in time."""
        self.program.connections.discard(self)
        if self.task is not None:
            self.task.cancel()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()


async def serve(config: Config) -> None:
    """Serve until asked to end. Raises Problems where the address is taken."""
    program, loop, stop = Program(config), asyncio.get_running_loop(), asyncio.Event()
    drains: list[float] = []
    try:
        server = await loop.create_server(lambda: Connection(program), config.address, config.port, backlog=1024)
    except OSError as error:
        fix = "see what listens there with: ss -ltnp"
        why = error.strerror or str(error)
        raise Problems([Problem(f"{config.name} cannot listen on {config.address}:{config.port}", why, fix)]) from error
    for number, drain in ((signal.SIGTERM, config.drain), (signal.SIGINT, 0.0)):
        loop.add_signal_handler(number, lambda drain=drain: (drains.append(drain), stop.set()))
    looking = loop.create_task(program.look_after())
    print(f"{config.name} {config.version} listens on {config.address}:{config.port}", file=sys.stderr, flush=True)
    try:
        await stop.wait()
        program.ending = True
        await asyncio.sleep(drains[0])
        server.close()
        until = loop.time() + config.grace
        while any(one.task for one in program.connections) and loop.time() < until:
            await asyncio.sleep(0.01)
    finally:
        looking.cancel()
        for one in list(program.connections):
            one.close()
        program.work.close()
