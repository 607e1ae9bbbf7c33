"""One request: its CPU time, its wait, then its calls, in the order in which the plan's model has them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from standfast.worlds.lab.service.burn import Burn
from standfast.worlds.lab.service.channel import Refused
from standfast.worlds.lab.service.config import Call, Config
from standfast.worlds.lab.service.metrics import Metrics
from standfast.worlds.lab.service.stores import Cache, Peer, connected
from standfast.worlds.lab.service.trace import CLIENT, Spans, Trace

FAILURES, LEFT_ALONE = 3, 1.0  # in a row, of what is not essential; seconds


class Shed(Exception):
    """The line is longer than a user would wait."""


class Work:
    def __init__(self, config: Config, metrics: Metrics, spans: Spans):
        self.config, self.metrics, self.spans = config, metrics, spans
        self.burn = Burn(config.cpu / config.speed, config.variation, config.cores)
        self.targets = {name: connected(config.name, target) for name, target in config.targets.items()}
        self.failures = dict.fromkeys(config.targets, 0)
        self.until = dict.fromkeys(config.targets, 0.0)

    async def once(self, trace: Trace) -> None:
        """Raises Shed, or Refused when something essential failed."""
        if self.config.patience and self.burn.wait > self.config.patience:
            raise Shed
        await self.burn.once()
        if self.config.wait:
            await asyncio.sleep(self.config.wait)
        together = []
        for call in self.config.calls:
            if call.parallel:
                together.append(call)
            else:
                await self._made(call, trace)
        if together:
            done = await asyncio.gather(*(self._made(call, trace) for call in together), return_exceptions=True)
            for failure in filter(None, done):
                raise failure

    async def _made(self, call: Call, trace: Trace) -> None:
        if call.share < 1 and random.random() >= call.share:
            return
        whole, part = divmod(call.times, 1.0)
        for _ in range(int(whole) + (random.random() < part)):
            await self._cached(call, trace)

    async def _cached(self, call: Call, trace: Trace) -> None:
        """A cache is never essential: what it cannot answer is asked of the target."""
        cache = self.targets.get(call.cached_by)
        if not isinstance(cache, Cache):
            await self._asked(call, trace)
            return
        key: bytes | None = b""

        async def look(timeout: float) -> None:
            nonlocal key
            key = await cache.holds(call.to, call.hit_rate, timeout)

        asked = await self._optional(call.cached_by, look, trace)
        if asked and key is None:
            self.metrics.call(call.cached_by, "hit")
            return
        if asked:
            self.metrics.call(call.cached_by, "miss")
        await self._asked(call, trace)
        if asked and key:
            missed = key
            await self._optional(call.cached_by, lambda timeout: cache.fill(missed, timeout), trace)

    async def _asked(self, call: Call, trace: Trace) -> None:
        target, below = self.targets[call.to], trace.below()
        headers = ((b"traceparent", below.header), *(((b"tracestate", below.state),) if below.state else ()))

        async def ask(timeout: float) -> None:
            if isinstance(target, Peer):
                await target.use(timeout, headers)
            else:
                await target.use(timeout)

        if call.essential:
            await self._tried(call.to, ask, self.config.timeout, below)
        else:
            await self._optional(call.to, ask, trace, below)

    async def _optional(
        self, name: str, ask: Callable[[float], Awaitable[None]], trace: Trace, below: Trace | None = None
    ) -> bool:
        """Whether it answered. What failed several times in a row is left alone for a moment."""
        now = time.monotonic()
        if now < self.until[name]:
            self.metrics.call(name, "skipped")
            return False
        try:
            await self._tried(name, ask, self.config.optional_timeout, below or trace.below())
        except Refused:
            self.failures[name] += 1
            if self.failures[name] >= FAILURES:
                self.until[name] = time.monotonic() + LEFT_ALONE
            return False
        self.failures[name] = 0
        return True

    async def _tried(self, name: str, ask: Callable[[float], Awaitable[None]], timeout: float, below: Trace) -> None:
        began, failed = time.monotonic(), True
        try:
            await ask(timeout)
            failed = False
        except Refused as refused:
            raise Refused(f"{name}: {refused}", refused.status) from None
        finally:
            self.metrics.call(name, "failed" if failed else "ok")
            kind = self.config.targets[name].kind
            self.spans.add(below, f"{kind} {name}", CLIENT, time.monotonic() - began, failed, {"peer.service": name})

    def close(self) -> None:
        self.burn.close()
        for target in self.targets.values():
            target.close()
