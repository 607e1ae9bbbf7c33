"""Machines that fail and are repaired, as intervals of downtime: (starts, ends) in seconds, whole arrays at a time.

Each machine is an alternating renewal process with exponential times: up for a mean of `repair · a / (1 − a)`, down
for a mean of `repair`; in the long run it is up the share `a` of the time (Ross, "Introduction to Probability Models",
chapter on renewal theory). It is started in that long run, so that no month is better than another.
"""

from __future__ import annotations

import numpy as np

Intervals = tuple[np.ndarray, np.ndarray]
NEVER: Intervals = (np.zeros(0), np.zeros(0))
BIN = 16.0  # mean repairs in one bin of `crowded`


def cycles(rng: np.random.Generator, available: float, repair: float, machines: int, span: float) -> Intervals:
    """When each of `machines` independent equal machines is down, (machines, n) each; some of it is beyond `span`.

    `repair` is the mean time of being down, seconds, and must not be 0.
    """
    if machines <= 0 or available >= 1:
        return np.zeros((max(0, machines), 0)), np.zeros((max(0, machines), 0))
    if available <= 0:
        return np.zeros((machines, 1)), np.full((machines, 1), span)
    lasts = repair * available / (1 - available)
    mean = span / (lasts + repair)
    batch = int(mean + 3 * mean**0.5) + 3
    found: list[Intervals] = []
    began = np.zeros((machines, 1))
    while not found or began.min() < span:
        up, down = (rng.standard_exponential((machines, batch)) for _ in range(2))
        up *= lasts
        down *= repair
        if not found:
            up[:, 0] *= rng.random(machines) < available  # memoryless: what is left of a time is like a whole one
        up += down
        up[:, :1] += began
        ends = np.cumsum(up, axis=1, out=up)
        began = ends[:, -1:]
        found.append((np.subtract(ends, down, out=down), ends))
        batch = max(3, batch // 4)
    if len(found) == 1:
        return found[0]
    starts, ends = (np.concatenate([one[side] for one in found], axis=1) for side in (0, 1))
    return starts, ends


def outages(rng: np.random.Generator, available: float, repair: float, machines: int, span: float) -> Intervals:
    """The same within [0, span), machine after machine."""
    starts, ends = cycles(rng, available, repair, machines, span)
    return cut((starts.ravel(), ends.ravel()), span)


def cut(some: Intervals, span: float) -> Intervals:
    """What of these lies before the end."""
    seen = some[0] < span
    return some[0][seen], np.minimum(some[1][seen], span)


def union(some: list[Intervals]) -> Intervals:
    """When at least one of these is down: sorted, apart from each other."""
    starts, ends = (np.concatenate([one[side] for one in some] or [NEVER[0]]) for side in (0, 1))
    if not len(starts):
        return NEVER
    order = np.argsort(starts)
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    first = np.append(True, starts[1:] > ends[:-1])
    last = np.append(first[1:], True)
    return starts[first], ends[last]


def crowded(some: Intervals, beside: list[tuple[int, Intervals]], most: int, width: float) -> np.ndarray:
    """Which of `some` could be among more than `most` at once; all others change nothing.

    `beside`: (weight, intervals) of what is down beside them. Time is cut in bins of `width`: where no more than `most`
    touch a bin, no more are down at any time in it, so only intervals that touch another bin are kept.
    """
    if not some[0].size:
        return np.zeros(0, dtype=np.intp)
    first, last = _bins(some, width)
    sides = [(weight, *_bins(one, width)) for weight, one in beside]
    bins = 1 + max([int(last.max()), *(int(ends.max(initial=0)) for _, _, ends in sides)])
    change = np.bincount(first, minlength=bins) - np.bincount(last, minlength=bins)
    for weight, begins, ends in sides:
        np.add.at(change, begins, weight)
        np.subtract.at(change, ends, weight)
    hot = np.cumsum(change) > most
    before = np.append(0, np.cumsum(hot))
    return np.flatnonzero(before[last] > before[first])


def _bins(some: Intervals, width: float) -> tuple[np.ndarray, np.ndarray]:
    """The first bin that each touches, and the one after the last."""
    first, last = ((side * (1 / width)).astype(np.intp) for side in some)
    last += 1
    return first, last


def below(times: np.ndarray, count: np.ndarray, least: float, span: float) -> Intervals:
    """When a count is below `least`. It is `count[i]` from `times[i]` to the next, the last until `span`."""
    down = count < least
    edges = np.diff(np.concatenate(([False], down, [False])).astype(np.int8))
    whole = np.append(times, span)
    return whole[np.flatnonzero(edges == 1)], whole[np.flatnonzero(edges == -1)]


def per_month(some: Intervals, months: int, month: float) -> np.ndarray:
    """Seconds of downtime in each month, (months,), of sorted intervals that are apart."""
    starts, ends = some
    if not len(starts):
        return np.zeros(months)
    borders = np.arange(months + 1) * month
    before = np.append(0.0, np.cumsum(ends - starts))
    at = np.searchsorted(starts, borders, side="right")
    over = np.where(at > 0, np.maximum(0.0, ends[np.maximum(at, 1) - 1] - borders), 0.0)
    return np.diff(before[at] - over)
