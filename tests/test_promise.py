"""The promise table: verdicts follow from declared, predicted and measured, and a judge that failed says unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.promise import PREDICTED_BY_AUDIT, Measured, Promise, overall, promise_table

RTO = Promise("reliability.rto.zone", 120.0, "s", "lower")
NUMBERS = st.none() | st.floats(0, 1e6)


def seen(value: float | None, when: str = "2026-01-01", world: str = "lab") -> Measured:
    return Measured("reliability.rto.zone", value, when, world, "drill/1")


@pytest.mark.parametrize(
    ("predicted", "measured", "verdict"),
    [
        (None, None, "unknown"),
        (60.0, None, "kept"),
        (180.0, None, "broken"),
        (60.0, seen(90.0), "kept"),
        (60.0, seen(121.0), "broken"),  # what was seen counts, whatever was hoped
        (180.0, seen(1.0), "broken"),  # a lab that is faster than production does not mend the prediction
        (None, seen(1.0), "kept"),
        (60.0, seen(None), "unknown"),  # the judge could not tell
        (180.0, seen(None), "broken"),
        (120.0, None, "kept"),
    ],
)
def test_verdict(predicted: float | None, measured: Measured | None, verdict: str) -> None:
    assert replace(RTO, predicted=predicted, measured=measured).verdict == verdict


def test_what_never_came_about_breaks_the_promise() -> None:
    """A restore that never ended has no seconds; that is not the same as a judge who could not tell."""
    never = replace(seen(None), failed=True)
    assert replace(RTO, predicted=60.0, measured=never).verdict == "broken"
    assert replace(RTO, measured=never).verdict == "broken"


def test_more_is_better_where_it_is() -> None:
    peak = Promise("scalability.peak", 1500.0, "rps", "higher")
    assert replace(peak, predicted=1500.0).verdict == "kept"
    assert replace(peak, predicted=1499.0).verdict == "broken"


@given(NUMBERS, NUMBERS, st.floats(0, 1e6))
def test_kept_is_never_said_without_ground(predicted, value, declared) -> None:
    line = replace(RTO, declared=declared, predicted=predicted, measured=seen(value))
    if line.verdict == "kept":
        assert value is not None and line.keeps(value) and (predicted is None or line.keeps(predicted))


def test_the_newest_measurement_counts_whatever_the_order() -> None:
    old, new = seen(300.0, "2026-01-01T00:00:00Z"), seen(10.0, "2026-02-01T00:00:00Z")
    for order in ([old, new], [new, old]):
        (line,) = promise_table([RTO], order)
        assert line.measured == new


def test_an_audit_of_planned_resources_is_a_prediction() -> None:
    (line,) = promise_table([RTO], [seen(200.0, world=PREDICTED_BY_AUDIT)])
    assert (line.predicted, line.measured, line.verdict) == (200.0, None, "broken")


def test_a_measurement_of_something_else_changes_nothing() -> None:
    assert promise_table([RTO], [replace(seen(1.0), measure="reliability.rto.region")]) == (RTO,)


def test_overall() -> None:
    kept, broken = replace(RTO, predicted=1.0), replace(RTO, predicted=1e3)
    assert overall([kept, kept]) == "kept"
    assert overall([kept, RTO]) == "unknown"
    assert overall([RTO, broken, kept]) == "broken"
    assert overall([]) == "unknown"
