"""Measured promises from a Prometheus server: any that holds the histogram of requests, or Standfast's recorded rates.

A server may be down, slow, young, or wrong. What is measured here is told only where the answer covers the whole
window: samples are there at its beginning, no gap is longer than `LARGEST_GAP`, there was traffic, and the figures
agree with what they count (bad requests are at most all requests). Else the verdict is unknown, with the reason.
"""

from __future__ import annotations

import json
import math
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from standfast.plan import Plan
from standfast.problem import Problem, Problems, quoted
from standfast.promise import Measured
from standfast.watch.prometheus.objectives import HISTOGRAM, selector
from standfast.watch.signals import Objective, signals_of

WORLD = "prometheus"
DAY = 86_400
STEP = 3600  # seconds between the points at which a window is looked at for gaps
LARGEST_GAP = 0.02  # of the window: more than that unseen, and nobody can tell
LEAST_REQUESTS = 1000  # fewer in the whole window say nothing of a share
LARGEST = 16 * 2**20  # bytes of an answer that is read
TIMEOUT = 30.0

Ask = Callable[[str, dict[str, str]], Any]  # (path, parameters) -> the `data` of the answer; raises Untold


class Untold(Exception):
    """The server did not tell: why, in one sentence."""


@dataclass(frozen=True)
class Window:
    """The time that is judged: `end` in Unix seconds, `days` back from it."""

    end: float
    days: float

    @property
    def start(self) -> float:
        return self.end - self.days * DAY


def measured_by(plan: Plan, url: str, days: float = 30.0, now: float | None = None) -> tuple[Measured, ...]:
    """What the server at `url` tells of the plan's promises. `now`: Unix seconds, the clock where it is None.

    A promise that it cannot tell is there with no value and the reason as its note. Raises Problems for an address
    that is none; a server that does not answer is no error, for then nothing is known.
    """
    ask = asking(url)
    end = datetime.now(UTC).timestamp() if now is None else now
    window = Window(math.floor(end), days)
    when = datetime.fromtimestamp(window.end, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = []
    for objective in signals_of(plan).objectives:
        value, note = None, ""
        try:
            value, note = _share(ask, plan, objective, window)
        except Untold as why:
            note = str(why)
        # a share of fast requests answers a promise in milliseconds: whether that percentile is below its limit
        found += _as_promised(plan, objective, value, note, when, url)
    return tuple(found)


def asking(url: str) -> Ask:
    """How a server is asked. Raises Problems for what is no http address; passwords in it never reach a message."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        fix = "name it as http://127.0.0.1:9090"
        raise Problems(
            [Problem(f"{quoted(url)} is no address of a Prometheus server", "it must be http or https", fix)]
        )
    base = url.rstrip("/")

    def ask(path: str, given: dict[str, str]) -> Any:
        request = urllib.request.Request(
            f"{base}/api/v1/{path}", urllib.parse.urlencode(given).encode(), {"Accept": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                text = answer.read(LARGEST + 1)
        except urllib.error.HTTPError as error:
            raise Untold(f"the server refused the question ({error.code})") from error
        except (OSError, ValueError, urllib.error.URLError) as error:
            raise Untold(f"the server does not answer: {getattr(error, 'reason', error)}") from error
        except Exception as error:  # http.client's own: a server that breaks off or talks nonsense
            raise Untold(f"the server's answer cannot be read: {type(error).__name__}") from error
        if len(text) > LARGEST:
            raise Untold("the server's answer is too large")
        try:
            body = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Untold("the server's answer is no JSON") from error
        if not isinstance(body, dict) or body.get("status") != "success" or not isinstance(body.get("data"), dict):
            raise Untold("the server's answer is not Prometheus'")
        if body.get("warnings"):
            raise Untold("the server warns that its answer is not complete")
        return body["data"]

    return ask


def _share(ask: Ask, plan: Plan, objective: Objective, window: Window) -> tuple[float, str]:
    """The share of good requests in the window, and how many there were. Raises Untold."""
    if not objective.services:
        raise Untold("no service is public, so that no requests of users are counted")
    chosen = selector(plan.system.name, objective)
    _covered(ask, f"sum(increase({HISTOGRAM}_count{{{chosen}}}[{STEP}s]))", window)
    span = f"[{round(window.days * DAY)}s]"
    total = _one(ask, f"sum(increase({HISTOGRAM}_count{{{chosen}}}{span}))", window.end)
    if total is None or not total >= LEAST_REQUESTS:
        raise Untold(f"fewer than {LEAST_REQUESTS} requests in {window.days:g} days say nothing of a share")
    if objective.slower_than is None:
        failed = f'{HISTOGRAM}_count{{{chosen},http_response_status_code=~"5.."}}'
        if _one(ask, f'count(count_over_time({HISTOGRAM}_count{{{chosen},http_response_status_code!=""}}{span}))',
                window.end) is None:  # fmt: skip
            raise Untold("no request says its status, so that failures cannot be told from answers")
        bad = _one(ask, f"sum(increase({failed}{span}))", window.end) or 0.0
    else:
        limit = f"{objective.slower_than:g}"
        bucket = f'{HISTOGRAM}_bucket{{{chosen},le=~"{limit}|{objective.slower_than:.1f}"}}'
        _covered(ask, f"sum(increase({bucket}[{STEP}s]))", window, what=f"requests within {limit} s")
        good = _one(ask, f"sum(increase({bucket}{span}))", window.end)
        if good is None:
            raise Untold(f"the histogram has no bound at {limit} s")
        bad = total - good
    if not -1e-6 * total <= bad <= total * (1 + 1e-6):
        raise Untold(f"the figures contradict each other: {bad:g} bad of {total:g} requests")
    return 1 - min(max(bad, 0.0), total) / total, f"{total:,.0f} requests in {window.days:g} days"


def _covered(ask: Ask, expr: str, window: Window, what: str = "requests") -> None:
    """Whether the whole window was seen: each hour has a number. Raises Untold.

    A server keeps so many days, and what it does not keep looks like a gap at the beginning.
    """
    step = max(STEP, math.ceil(window.days * DAY / 10_000))  # a server answers at most 11 000 points
    given = {
        "query": expr, "start": str(window.start + step), "end": str(window.end), "step": str(step),
    }  # fmt: skip
    points = list(_series(ask("query_range", given), "matrix"))
    if len(points) > 1:
        raise Untold("the server's answer is not what was asked: more than one series")
    if not points:
        raise Untold(f"no {what} of this system are in that server: nothing was measured")
    seen = {round((at - window.start) / step) for at, value in points[0] if math.isfinite(value) and value >= 0}
    wrong = [value for _, value in points[0] if not math.isfinite(value) or value < 0]
    if wrong:
        raise Untold(f"the server tells {wrong[0]:g} {what} an hour, which is no number of {what}")
    expected = math.floor((window.days * DAY) / step)
    lacking = expected - len(seen & set(range(1, expected + 1)))
    if lacking > LARGEST_GAP * expected:
        first = min(seen, default=expected)
        if first > 1 + LARGEST_GAP * expected:
            kept = (expected - first + 1) * step / DAY
            raise Untold(f"the server has {kept:.3g} of {window.days:g} days: it keeps no more, or is younger")
        raise Untold(f"{lacking / expected:.0%} of {window.days:g} days were not seen: the server has gaps")


def _one(ask: Ask, expr: str, at: float) -> float | None:
    """A single number; None where there is no series. Raises Untold for anything else."""
    data = ask("query", {"query": expr, "time": str(at)})
    found = list(_series(data, "vector"))
    if len(found) > 1:
        raise Untold("the server's answer is not what was asked: more than one series")
    if not found:
        return None
    (_, value), *_ = found[0]
    if not math.isfinite(value) or value < 0:
        raise Untold(f"the server tells {value:g}, which is no count of requests")
    return value


def _series(data: Any, kind: str) -> Iterator[list[tuple[float, float]]]:
    """The points of each series of an answer. Raises Untold where it has another shape."""
    if data.get("resultType") != kind or not isinstance(data.get("result"), list):
        raise Untold("the server's answer is not what was asked")
    for one in data["result"]:
        try:
            points = [one["value"]] if kind == "vector" else one["values"]
            found = [(float(at), float(value)) for at, value in points]
        except (KeyError, TypeError, ValueError) as error:
            raise Untold("the server's answer is not what was asked") from error
        if not found:
            raise Untold("the server's answer is not what was asked")
        yield found


def _as_promised(
    plan: Plan, objective: Objective, share: float | None, note: str, when: str, url: str
) -> Iterator[Measured]:
    parts = urllib.parse.urlsplit(url)
    where = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"  # no password
    line = next((one for one in plan.promises if one.measure == objective.measure), None)
    if line is None:
        return
    evidence = f"{where}, {objective.name}"
    if share is None or objective.slower_than is None:
        value = None if share is None else share * 100
        yield Measured(objective.measure, value, when, WORLD, evidence, note)
        return
    # how many were fast enough says whether the percentile kept its limit, not what it was
    told = f"{share:.4%} within {objective.slower_than * 1000:g} ms, {objective.target:.0%} promised; {note}"
    if share >= objective.target:
        yield Measured(objective.measure, line.declared, when, WORLD, evidence, f"at most this: {told}")
    else:
        yield Measured(objective.measure, None, when, WORLD, evidence, told, failed=True)
