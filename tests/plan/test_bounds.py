"""The linear bound on downtime never excludes a combination that keeps the availability."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.plan.choice.tables import Group, Table
from standfast.plan.models.availability import Part, availability, group, regional, spread
from standfast.plan.question.bounds import of_availability

SERVICES = (1.0, 0.9999, 0.9995, 0.995)


def part_of(zones: int):
    """Facts here: managed (index), or count, needed and the availability of one instance."""

    def part(t: int, facts: np.ndarray) -> Part | None:
        if len(facts) == 1:
            return regional(SERVICES[int(facts[0])])
        return group(spread(int(-facts[0]), zones), int(facts[1]), 0.995) if facts[0] else None

    return part


@st.composite
def groups(draw):
    tables = []
    for t in range(draw(st.integers(1, 4))):
        n = draw(st.integers(1, 4))
        if draw(st.booleans()):
            rows = [[float(draw(st.integers(0, 3)))] for _ in range(n)]
        else:
            rows = []
            for _ in range(n):
                count = draw(st.integers(0, 12))
                rows.append([-float(count), float(draw(st.integers(0, count)))])
        tables.append(Table(f"c{t}", np.ones(n), {"availability": np.array(rows)}))
    return Group("g", partial(tuple, tables)), draw(st.integers(1, 3))


@settings(max_examples=400, deadline=None)
@given(groups(), st.floats(0.5, 0.99999))
def test_what_keeps_the_availability_stays_within_the_bound(case, wanted: float) -> None:
    one, zones = case
    part, balancer = part_of(zones), 0.9999
    seen = [[part(t, row) for row in table.facts["availability"]] for t, table in enumerate(one.tables)]
    bound = of_availability(wanted, seen, zones, balancer)
    if bound is None:
        return
    loads = bound.loads
    assert all((load >= 0).all() for load in loads)
    for rows in itertools.product(*(range(len(table.cost)) for table in one.tables)):
        parts = {"balancer": regional(balancer)}
        for t, row in enumerate(rows):
            found = part(t, one.tables[t].facts["availability"][row])
            if found:
                parts[f"c{t}"] = found
        if availability(parts, zones=zones) >= wanted:
            assert sum(load[row] for load, row in zip(loads, rows, strict=True)) <= bound.most + 1e-12


def test_the_bound_is_close() -> None:
    """It would be useless if it excluded nothing: here it excludes what misses the promise by a tenth."""
    counts = np.array([[-float(n), 4.0] for n in range(6, 13, 3)])
    part = part_of(3)
    down = 1 - availability({f"c{t}": part(t, counts[0]) for t in range(6)} | {"balancer": regional(0.9999)})
    bound = of_availability(1 - down * 0.9, [[part(t, row) for row in counts] for t in range(6)], 3, 0.9999)
    assert bound is not None
    assert sum(load[0] for load in bound.loads) > bound.most
