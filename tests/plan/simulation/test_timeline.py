"""Intervals of downtime: each operation against the plain loop that says the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.plan.simulation.timeline import below, crowded, outages, per_month, union

SPAN = 100.0
interval = st.tuples(st.integers(0, 99), st.integers(1, 30)).map(lambda one: (one[0], min(100, one[0] + one[1])))
intervals = st.lists(interval, max_size=12)


def arrays(some: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([one[0] for one in some], float), np.array([one[1] for one in some], float)


def covered(some: list[tuple[int, int]]) -> np.ndarray:
    """How many cover each unit of time, (100,)."""
    count = np.zeros(100, int)
    for start, end in some:
        count[start:end] += 1
    return count


@given(intervals)
def test_the_union_covers_what_any_covers(some: list[tuple[int, int]]) -> None:
    starts, ends = union([arrays(some), arrays(some[:2])])
    assert np.array_equal(
        covered([(int(s), int(e)) for s, e in zip(starts, ends, strict=True)]), (covered(some) > 0).astype(int)
    )
    assert (starts[1:] > ends[:-1]).all()


@given(intervals, st.sampled_from([7.0, 10.0, 33.0, 100.0]))
def test_each_month_has_its_own_downtime(some: list[tuple[int, int]], month: float) -> None:
    found = per_month(union([arrays(some)]), int(SPAN // month), month)
    count = (covered(some) > 0).astype(float)
    assert found == pytest.approx(count[: int(SPAN // month) * int(month)].reshape(-1, int(month)).sum(axis=1))


@given(intervals, intervals, st.integers(0, 4), st.sampled_from([1.0, 7.0, 50.0]))
def test_what_is_not_crowded_is_never_among_more(some, zones, most: int, width: float) -> None:
    kept = set(crowded(arrays(some), [(2, arrays(zones))], most, width).tolist())
    count = covered(some) + 2 * covered(zones)
    for at, (start, end) in enumerate(some):
        if at not in kept:
            assert count[start:end].max() <= most


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(-2, 2)), max_size=15), st.integers(-2, 3))
def test_below_is_where_the_count_is_below(changes: list[tuple[int, int]], least: int) -> None:
    changes.sort()
    times = np.array([0.0, *(one[0] for one in changes)])
    count = np.cumsum([0, *(one[1] for one in changes)])
    starts, ends = below(times, count, least, SPAN)
    held = np.zeros(100, int)
    for start, end in zip(starts.astype(int), ends.astype(int), strict=True):
        held[start:end] = 1
    expected = [int(sum(change for at, change in changes if at <= t) < least) for t in range(100)]
    assert held.tolist() == expected


@pytest.mark.parametrize("available", [0.3, 0.9, 0.999])
def test_a_machine_is_up_as_often_as_it_should_from_its_first_moment(available: float) -> None:
    """20,000 machines at five moments: the share that is down is that of the long run, at the start as later."""
    starts, ends = outages(np.random.default_rng(1), available, 2.0, 20_000, SPAN)
    error = 4 * (available * (1 - available) / 20_000) ** 0.5
    for moment in (0.0, 0.1, 1.0, 30.0, 99.9):
        down = ((starts <= moment) & (ends > moment)).sum() / 20_000
        assert down == pytest.approx(1 - available, abs=error)
    assert (starts >= 0).all() and (ends <= SPAN).all() and (starts < ends).all()


def test_machines_that_never_or_always_fail() -> None:
    rng = np.random.default_rng(1)
    assert not len(outages(rng, 1.0, 2.0, 5, SPAN)[0])
    assert not len(outages(rng, 0.5, 2.0, 0, SPAN)[0])
    starts, ends = outages(rng, 0.0, 2.0, 3, SPAN)
    assert starts.tolist() == [0.0] * 3 and ends.tolist() == [SPAN] * 3
