"""The solver against brute force over every combination."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.plan.choice.solve import Undecided, solve
from standfast.plan.choice.tables import Group, Relaxation, Requirement, Table, undominated


def brute_force(groups, requirements, most=np.inf):
    """(cost in hundredths of a cent) of the cheapest combination that keeps everything, by trying all; None: none."""
    best = None
    for group in groups:
        for rows in itertools.product(*(range(len(table.cost)) for table in group.tables)):
            units = round(group.fixed * 1e4) + sum(
                round(t.cost[r] * 1e4) for t, r in zip(group.tables, rows, strict=True)
            )
            if (best is not None and units >= best) or units > most * 1e4:
                continue
            points = {
                one.name: tuple(t.facts[one.name][r] for t, r in zip(group.tables, rows, strict=True))
                for one in requirements
            }
            if all(one.holds(group.name, points[one.name]) for one in requirements):
                best = units
    return best


def unavailability(group, point):
    """Not linear: two states of the world, serial in each."""
    up = np.prod([1 - facts[0] for facts in point])
    down = np.prod([1 - facts[1] for facts in point])
    return 1 - (0.9 * up + 0.1 * down)


def slowest(group, point):
    """Not linear either, and different in each group."""
    return max(facts.sum() for facts in point) + sum(float(facts.sum()) ** 2 for facts in point) + len(group) * 0.1


@st.composite
def problems(draw):
    components = draw(st.integers(1, 4))
    small = st.integers(0, 4)
    groups = []
    for g in range(draw(st.integers(1, 3))):
        tables = []
        for c in range(components):
            n = draw(st.integers(1, 5))
            column = st.lists(small, min_size=n, max_size=n)
            cost = np.array(draw(column), dtype=float) * 1.25 + draw(st.sampled_from([0.0, 0.01, 3.3333]))
            up = np.array([draw(column), draw(column)], dtype=float).T / 10
            slow = np.array([draw(column) for _ in range(draw(st.integers(1, 2)))], dtype=float).T
            tables.append(Table(f"c{c}", cost, {"up": up, "slow": slow}))
        groups.append(Group("g" * (g + 1), partial(tuple, tables), float(draw(small))))
    limit = draw(st.floats(0.0, 0.9))

    def relaxed(group, facts, ranges):
        return Relaxation(tuple(-np.log(1 - one[:, 0]) for one in facts), _most(limit))

    requirements = [
        Requirement("up", unavailability, limit, relaxed),
        Requirement("slow", slowest, draw(st.floats(0.1, 40.0))),
    ]
    return groups, requirements, draw(st.sampled_from([np.inf, np.inf, 6.0]))


def _most(limit):
    """0.9 * (1 - exp(-sum)) <= limit bounds the sum of the loads."""
    return -np.log(1 - limit / 0.9) if limit < 0.9 else 1e9


@settings(max_examples=300, deadline=None)
@given(problems())
def test_the_optimum_equals_brute_force(problem) -> None:
    groups, requirements, most = problem
    found = solve(groups, requirements, most=most)
    best = brute_force(groups, requirements, most)
    assert (found is None) == (best is None)
    if found is None:
        return
    assert round(found.cost * 1e4) == best
    group = groups[found.group]
    cost = round(group.fixed * 1e4) + sum(round(t.cost[r] * 1e4) for t, r in zip(group.tables, found.rows, strict=True))
    assert cost == best, "the rows cost what the solution says"
    for one in requirements:
        point = tuple(t.facts[one.name][r] for t, r in zip(group.tables, found.rows, strict=True))
        assert one.holds(group.name, point)
    assert found.gap == 0


@settings(max_examples=100, deadline=None)
@given(problems(), st.floats(0.0, 0.3))
def test_a_gap_is_not_exceeded_and_told(problem, gap: float) -> None:
    groups, requirements, most = problem
    found, best = solve(groups, requirements, most=most, gap=gap), brute_force(groups, requirements, most)
    assert (found is None) == (best is None)
    if found is None or best is None:
        return
    assert found.gap <= gap + 1e-9
    assert best >= round(found.cost * 1e4) * (1 - found.gap) - 1
    assert found.cost * 1e4 <= most * 1e4 + 1


@settings(max_examples=100, deadline=None)
@given(problems())
def test_enough_is_found_whenever_there_is_something(problem) -> None:
    groups, requirements, most = problem
    assert (solve(groups, requirements, most=most, enough=True) is None) == (
        brute_force(groups, requirements, most) is None
    )


@settings(max_examples=100, deadline=None)
@given(problems())
def test_what_is_dropped_as_dominated_has_a_better_row(problem) -> None:
    for table in problem[0][0].tables:
        kept = undominated(table)
        values = np.column_stack([table.cost, *table.facts.values()])
        for row in range(len(table.cost)):
            assert any((values[k] <= values[row]).all() for k in kept)
        assert all(
            not ((values[a] <= values[b]).all() and (values[a] < values[b]).any())
            for a, b in itertools.permutations(kept, 2)
        )


def test_no_time_is_undecided_not_impossible() -> None:
    table = Table("c0", np.arange(3.0), {"slow": np.arange(3.0)[::-1, None]})
    with pytest.raises(Undecided):
        solve([Group("g", lambda: [table])], [Requirement("slow", slowest, 3.0)], seconds=-1)


def test_nothing_is_printed(capfd) -> None:
    table = Table("c0", np.arange(3.0), {"slow": np.arange(3.0)[::-1, None]})
    assert solve([Group("g", lambda: [table])], [Requirement("slow", slowest, 3.0)]) is not None
    assert capfd.readouterr().out == ""
