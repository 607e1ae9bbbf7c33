"""Machines that fail and are repaired, as intervals of downtime: (starts, ends) in seconds, whole arrays at a time.

Each machine is an alternating renewal process with exponential times: up for a mean of `repair · a / (1 − a)`, down
for a mean of `repair`; in the long run it is up the share `a` of the time (Ross, "Introduction to Probability Models",
chapter on renewal theory). It is started in that long run, so that no month is better than another.
"""

from __future__ import annotations

import numpy as np

Intervals = tuple[np.ndarray, np.ndarray]
NEVER: Intervals = (np.zeros(0), np.zeros(0))
BIN = 4.0  # mean repairs in one bin of `crowded`


def outages(rng: np.random.Generator, available: float, repair: float, machines: int, span: float) -> Intervals:
    """When each of `machines` independent equal machines is down within [0, span), in no order.

    `repair` is the mean time of being down, seconds, and must not be 0.
    """
    if machines <= 0 or available >= 1:
        return NEVER
    if available <= 0:
        return np.zeros(machines), np.full(machines, span)
    lasts = repair * available / (1 - available)
    cycles = span / (lasts + repair)
    batch = int(cycles + 4 * cycles**0.5) + 4
    parts: list[np.ndarray] = []
    lengths: list[np.ndarray] = []
    began = np.zeros((machines, 1))
    while not parts or began.min() < span:
        up, down = (rng.standard_exponential((machines, batch)) * mean for mean in (lasts, repair))
        if not parts:
            up[:, 0] *= rng.random(machines) < available  # memoryless: what is left of a time is like a whole one
        ends = np.cumsum(up + down, axis=1)
        ends += began
        began = ends[:, -1:].copy()
        parts.append(ends.ravel())
        lengths.append(down.ravel())
    ends, length = (parts[0], lengths[0]) if len(parts) == 1 else (np.concatenate(parts), np.concatenate(lengths))
    starts = ends - length
    seen = starts < span
    return starts[seen], np.minimum(ends[seen], span)


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


def crowded(some: Intervals, extra: np.ndarray, most: int, width: float, bins: int) -> np.ndarray:
    """Which of `some` could be among more than `most` at once; all others change nothing.

    Time is cut in `bins` of `width`; `extra` counts per bin what is down beside them. Where no more than `most` touch
    a bin, no more than `most` are down at any time in it; so only intervals that touch another bin are kept.
    """
    first, last = (np.minimum(side / width, bins - 1).astype(np.intp) for side in some)
    touching = np.bincount(first, minlength=bins + 1) - np.bincount(last + 1, minlength=bins + 1)
    hot = np.cumsum(touching[:bins]) + extra > most
    before = np.append(0, np.cumsum(hot))
    return np.flatnonzero(before[last + 1] > before[first])


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
