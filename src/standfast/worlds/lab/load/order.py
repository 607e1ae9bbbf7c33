"""What the generator is asked to do: plain data, checked, and the schedule of arrivals that follows from it."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from standfast.problem import Place, Problem, Problems, quoted

MOST_RATE = 5000.0  # requests per second that one generator keeps up with
MOST_REQUESTS = 5_000_000
TIMEOUT = 10.0  # seconds after which a user has gone


@dataclass(frozen=True)
class Entry:
    """Where users come in: `share` of the requests; `host` is sent, and verified where the url is https."""

    url: str
    host: str = ""
    ca: str = ""
    share: float = 1.0


@dataclass(frozen=True)
class Phase:
    rps: float
    seconds: float


@dataclass(frozen=True)
class Order:
    entries: tuple[Entry, ...]
    phases: tuple[Phase, ...]
    record: str
    seed: int = 1
    timeout: float = TIMEOUT

    @property
    def seconds(self) -> float:
        return sum(phase.seconds for phase in self.phases)

    def text(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"


def read_order(path: Path) -> Order:
    """Raises Problems for what cannot be read or done."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        order = Order(
            tuple(Entry(**one) for one in given["entries"]),
            tuple(Phase(**one) for one in given["phases"]),
            **{key: value for key, value in given.items() if key not in ("entries", "phases")},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise Problems(
            [Problem("the order cannot be read", why, "see standfast.worlds.lab.load", Place(path.name))]
        ) from error
    check(order)
    return order


def check(order: Order) -> None:
    """Raises Problems for an order that cannot be carried out."""
    wrong = []
    if not order.entries or any(not one.url.startswith(("http://", "https://")) for one in order.entries):
        wrong.append(Problem("there is no address to send requests to", fix="name at least one http(s) address"))
    if not order.phases:
        wrong.append(Problem("there is nothing to send", fix="name a rate and for how long"))
    for phase in order.phases:
        if not (_finite(phase.rps) and phase.rps > 0):
            wrong.append(Problem(f"{quoted(phase.rps)} requests per second cannot be sent", fix="use a rate above 0"))
        elif phase.rps > MOST_RATE:
            why = f"one generator keeps up with about {MOST_RATE:,.0f}"
            wrong.append(Problem(f"{phase.rps:,.0f} requests per second are too many", why, "use a lower rate"))
        if not (_finite(phase.seconds) and phase.seconds > 0):
            wrong.append(Problem(f"a load of {quoted(phase.seconds)} seconds is none", fix="use a time above 0"))
    if not wrong and sum(phase.rps * phase.seconds for phase in order.phases) > MOST_REQUESTS:
        wrong.append(
            Problem(f"more than {MOST_REQUESTS:,} requests are asked for", fix="use less time or a lower rate")
        )
    if not (_finite(order.timeout) and order.timeout > 0):
        wrong.append(Problem("the timeout is not above 0 seconds", fix=f"use {TIMEOUT:g}"))
    if wrong:
        raise Problems(wrong)


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def arrivals(order: Order) -> Iterator[tuple[float, int]]:
    """(seconds from the start, which entry) of every request: Poisson in each phase, the same for the same seed."""
    draw = random.Random(order.seed)
    weights = [one.share for one in order.entries]
    begin = 0.0
    for phase in order.phases:
        due = begin
        while (due := due + draw.expovariate(phase.rps)) < begin + phase.seconds:
            entry = draw.choices(range(len(weights)), weights)[0] if len(weights) > 1 else 0
            yield due, entry
        begin += phase.seconds
