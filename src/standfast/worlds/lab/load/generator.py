"""The generator: one loop that sends what is due, and a record of what came back."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import sys
import time
from pathlib import Path

from standfast.problem import Place, Problem, Problems
from standfast.worlds.lab.load.histogram import Histogram
from standfast.worlds.lab.load.order import Order, arrivals
from standfast.worlds.lab.load.record import HEADER, line
from standfast.worlds.lab.service.channel import Channel, Refused

EARLY = 0.0005  # seconds: the loop wakes on whole milliseconds, so that half of what is sent is a little early
AT_ONCE = 2000  # requests on their way; what is due beyond that waits here, and its time runs


class Generator:
    def __init__(self, order: Order):
        self.order = order
        self.channels = [Channel(one.url, one.host, one.ca) for one in order.entries]
        self.lines: list[str] = []
        self.second = Histogram()
        self.due = self.answered = self.failed = 0
        self.free = asyncio.Semaphore(AT_ONCE)
        self.ending = False
        self.began = 0.0

    async def run(self) -> None:
        """Send everything, and wait for the last answer."""
        self.began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for due, entry in arrivals(self.order):
                while (left := due - (time.monotonic() - self.began)) > EARLY and not self.ending:
                    await asyncio.sleep(min(left - EARLY, 0.5))
                if self.ending:
                    break
                self.due += 1
                tasks.create_task(self._one(due, entry))

    def end(self) -> None:
        self.ending = True

    async def _one(self, due: float, entry: int) -> None:
        trace = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01".encode()
        status, why = 0, ""
        async with self.free:
            sent = time.monotonic() - self.began
            try:
                left = max(0.001, due + self.order.timeout - sent)
                status = await self.channels[entry].ask(left, headers=((b"traceparent", trace),))
            except Refused as refused:
                why = str(refused)
        took = time.monotonic() - self.began - due
        self.lines.append(line(due, sent - due, took, status, why))
        self.second.add(max(0.0, took))
        self.answered += bool(status)
        self.failed += not 200 <= status < 400

    def told(self) -> str:
        """How it goes, as one line of JSON; then a new second begins."""
        at, p95 = round(time.monotonic() - self.began, 3), self.second.percentile(0.95)
        waiting = AT_ONCE - self.free._value
        self.second = Histogram()
        said = {
            "began": round(self.began, 6),
            "at": at,
            "due": self.due,
            "answered": self.answered,
            "failed": self.failed,
            "waiting": waiting,
        }
        return json.dumps(said | {"p95": None if p95 is None else round(p95, 6)})


async def generate(order: Order) -> None:
    """Carry out an order. Raises Problems when the record cannot be written."""
    path = Path(order.record)
    try:
        with path.open("w", encoding="utf-8") as record:
            record.write(HEADER)
            generator = Generator(order)
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, generator.end)
            work = asyncio.create_task(generator.run())
            while not work.done():
                await asyncio.wait({work}, timeout=1.0)
                lines, generator.lines = generator.lines, []
                record.writelines(lines)
                record.flush()
                print(generator.told(), flush=True)
            work.result()
    except BrokenPipeError:  # nobody listens any more
        sys.stdout = None  # type: ignore[assignment]
    except OSError as error:
        why = error.strerror or str(error)
        raise Problems([Problem("the record cannot be written", why, "free some space", Place(path.name))]) from error
