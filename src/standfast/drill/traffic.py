"""What users saw, read from a history: which requests were answered, when they failed, when they were served again.

A request is `[due, took, status]`: when it was to be sent, seconds until it ended, status of HTTP or 0. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from standfast.drill.history import History, every, first

ENOUGH = 20  # requests below which nothing is said
STEADY = 0.99  # share that must be good before anything is broken
TOLD = 1.1  # seconds after which a request that has ended was heard of
AT_ONCE = 1.0  # seconds within which who is refused must be told
CALM = 1.0  # seconds without a failed request that count as served again


@dataclass(frozen=True)
class Request:
    due: float
    took: float
    status: int

    @property
    def good(self) -> bool:
        return 200 <= self.status < 400


@dataclass(frozen=True)
class Outage:
    """`seconds` from the damage until users were served for good; None where they never were. `failed` of `sent`."""

    seconds: float | None
    failed: int
    sent: int
    p95: float | None  # seconds, of the good ones


def requests(history: History, begin: float = 0.0, end: float = float("inf")) -> list[Request]:
    """Those due in this time, in their order."""
    sent = (Request(*one) for event in every(history, "requests") for one in event["sent"])
    return sorted((one for one in sent if begin <= one.due < end), key=lambda one: one.due)


def share_good(sent: Sequence[Request]) -> float | None:
    return sum(one.good for one in sent) / len(sent) if len(sent) >= ENOUGH else None


def percentile(sent: Sequence[Request], share: float) -> float | None:
    """Seconds within which this share of the good ones was answered."""
    took = sorted(one.took for one in sent if one.good)
    return took[min(len(took) - 1, int(share * len(took)))] if took else None


def outage(history: History, since: str = "breaking") -> Outage | None:
    """Of the time from an event until the drill had seen enough. None where too few came to tell."""
    begin, end = first(history, since), first(history, "observed")
    if begin is None:
        return None
    sent = requests(history, begin["t"], end["t"] if end else float("inf"))
    if len(sent) < ENOUGH:
        return None
    bad = [one for one in sent if not one.good]
    p95 = percentile(sent, 0.95)
    if not bad:
        return Outage(0.0, 0, len(sent), p95)
    after = [one for one in sent if one.due > bad[-1].due]
    if not after or after[-1].due - after[0].due < CALM:
        return Outage(None, len(bad), len(sent), p95)
    return Outage(max(0.0, after[0].due + after[0].took - begin["t"]), len(bad), len(sent), p95)


def calm(history: History, now: float, gives_up: float) -> bool:
    """Whether users have been served without a failure for a while, by what was heard until now.

    `gives_up`: seconds after which a user has gone."""
    begin, broken = now - CALM - gives_up - TOLD, first(history, "subsided") or first(history, "breaking")
    if broken is not None and begin < broken["t"]:
        return False  # a request that hangs is heard of when its user has gone
    recent = requests(history, begin, now)
    return sum(one.due < begin + CALM for one in recent) > 3 and all(one.good for one in recent)


def served_again(history: History) -> float:
    """When the first good answer came after the last failure; the moment of the damage where nothing failed."""
    broken = (first(history, "subsided") or first(history, "breaking") or {"t": 0.0})["t"]
    sent = requests(history, broken)
    last = max((one.due for one in sent if not one.good), default=None)
    return broken if last is None else next((one.due + one.took for one in sent if one.due > last), last)


def per_slot(history: History, width: float) -> list[tuple[float, int, int, int]]:
    """(begin, good, refused, failed) of every slot of this many seconds, for a picture. Refused: told 503 at once.

    Where no users came: the rows of the client that wrote, acknowledged or not."""
    slots: dict[int, list[int]] = {}
    if first(history, "requests") is None:
        for event in (*every(history, "acknowledged"), *every(history, "refused")):
            slots.setdefault(int(event["t"] // width), [0, 0, 0])[0 if event["what"] == "acknowledged" else 2] += 1
    for one in requests(history):
        at = 0 if one.good else 1 if one.status == 503 and one.took <= AT_ONCE else 2
        slots.setdefault(int(one.due // width), [0, 0, 0])[at] += 1
    numbers = range(max(slots, default=-1) + 1)
    filled = ((number * width, slots.get(number, [0, 0, 0])) for number in numbers)
    return [(begin, good, refused, failed) for begin, (good, refused, failed) in filled]
