"""The linear bound on downtime never excludes a combination that keeps the availability."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.plan.models.availability import Part, at_least, availability, group, regional, spread
from standfast.plan.question.bounds import of_availability

BALANCER, INSTANCE = 0.9999, 0.995


def of_group(each: int, needed: int, zones: int) -> Part:
    return group(spread(each * zones, zones), needed, INSTANCE)


def down(part: Part, zones: int) -> list[float]:
    """What the solver sees of a part: away, or too few while 0, 1 … zones are up."""
    if not part.instances:
        return [1 - part.service]
    return [1 - at_least(part.needed, part.instances[0] * up, part.instance) for up in range(zones + 1)]


@st.composite
def choices(draw):
    zones = draw(st.integers(1, 3))
    options = []
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            uptime = st.sampled_from([1.0, 0.9999, 0.9995, 0.995])
            options.append([regional(draw(uptime)) for _ in range(draw(st.integers(1, 4)))])
        else:
            counts = [draw(st.integers(1, 4)) for _ in range(draw(st.integers(1, 4)))]
            options.append([of_group(each, draw(st.integers(1, each * zones)), zones) for each in counts])
    return options, zones


@settings(max_examples=400, deadline=None)
@given(choices(), st.floats(0.5, 0.99999))
def test_what_keeps_the_availability_stays_within_the_bound(case, wanted: float) -> None:
    options, zones = case
    bound = of_availability(wanted, [np.array([down(one, zones) for one in some]) for some in options], zones, BALANCER)
    if bound is None:
        return
    assert all((load >= 0).all() for load in bound.loads)
    for rows in itertools.product(*(range(len(some)) for some in options)):
        parts = {f"c{t}": options[t][row] for t, row in enumerate(rows)} | {"balancer": regional(BALANCER)}
        if availability(parts, zones=zones) >= wanted:
            assert sum(load[row] for load, row in zip(bound.loads, rows, strict=True)) <= bound.most + 1e-12


@settings(max_examples=300, deadline=None)
@given(choices(), st.data())
def test_split_in_two_the_bound_still_excludes_nothing_that_keeps_the_availability(case, data) -> None:
    """What is wanted is what one combination just keeps, and the split is at its sum or another's."""
    options, zones = case
    downs = [np.array([down(one, zones) for one in some]) for some in options]
    every = list(itertools.product(*(range(len(some)) for some in options)))

    def kept(rows) -> float:
        parts = {f"c{t}": options[t][row] for t, row in enumerate(rows)} | {"balancer": regional(BALANCER)}
        return availability(parts, zones=zones)

    def total(loads, rows) -> float:
        return sum(float(load[row]) for load, row in zip(loads, rows, strict=True))

    wanted = kept(data.draw(st.sampled_from(every))) * (1 - 1e-12)
    bound = of_availability(wanted, downs, zones, BALANCER)
    if bound is None or not bound.measures:
        return
    key = data.draw(st.sampled_from(sorted(bound.measures)))
    at = total(bound.measures[key], data.draw(st.sampled_from(every)))
    for low, high in ((0.0, at), (at, np.inf)):
        one = of_availability(wanted, downs, zones, BALANCER, {key: (low, high)})
        for rows in every:
            if one is not None and kept(rows) >= wanted and low <= total(bound.measures[key], rows) <= high:
                assert total(one.loads, rows) <= one.most + 1e-12


def test_the_bound_is_close() -> None:
    """It would be useless if it excluded nothing: here it excludes what misses the promise by a tenth."""
    parts = {f"c{t}": of_group(2, 4, 3) for t in range(6)}
    away = 1 - availability(parts | {"balancer": regional(BALANCER)})
    downs = [np.array([down(one, 3)]) for one in parts.values()]
    bound = of_availability(1 - away * 0.9, downs, 3, BALANCER)
    assert bound is not None
    assert sum(load[0] for load in bound.loads) > bound.most
