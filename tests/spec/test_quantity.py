"""Quantities: what people write, and what they get wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.spec.quantity import KINDS, QuantityError, quantity


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("300 ms", "duration", 0.3),
        ("1.5h", "duration", 5400),
        ("1 Day", "duration", 86_400),
        ("1,500 rps", "rate", 1500),
        ("1_500 rps", "rate", 1500),
        ("1e3 rps", "rate", 1000),
        ("90/min", "rate", 1.5),
        ("99.95%", "share", 0.9995),
        (".5 %", "share", 0.005),
        ("1 GiB", "data", 1),
        ("1 GB", "data", 1e9 / 2**30),
        ("40%/year", "growth", 0.4),
        ("12000 USD/year", "money", 1000),
        ("7 TiB/month", "data rate", 7 * 1024),
        ("0", "duration", 0),
        (0, "rate", 0),
    ],
)
def test_as_people_write_it(text: object, kind: str, value: float) -> None:
    assert quantity(text, kind) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("1,5 s", "duration", "not a duration"),  # 1.5 for some, 15 for others
        ("1,50,000 rps", "rate", "not a rate"),
        ("5", "duration", "no unit"),
        (5, "duration", "no unit"),
        ("5 GiB", "duration", "is a data"),
        ("5 mb", "data", "unknown unit"),  # a megabyte or a megabit?
        ("5 m", "duration", "unknown unit"),  # metres? minutes? months?
        ("-5 s", "duration", "negative"),
        ("s", "duration", "not a duration"),
        ("", "duration", "not a duration"),
        (". s", "duration", "not a duration"),
        ("1.2.3 s", "duration", "not a duration"),
        ("nan s", "duration", "not a duration"),
        ("inf s", "duration", "not a duration"),
        ("1e308 weeks", "duration", "not a finite"),
        ("١٢ s", "duration", "not a duration"),
        (True, "duration", "found bool"),
        (None, "duration", "found NoneType"),
        ("9" * 400 + " s", "duration", "not a duration"),
    ],
)
def test_what_is_not_clear_is_refused(text: object, kind: str, says: str) -> None:
    with pytest.raises(QuantityError, match=says) as raised:
        quantity(text, kind)
    assert "write it like" in raised.value.fix and raised.value.what.isprintable()


@given(st.sampled_from(sorted(KINDS)), st.data(), st.integers(0, 10**6))
def test_every_unit_counts_as_its_factor(kind: str, data: st.DataObject, number: int) -> None:
    unit = data.draw(st.sampled_from(sorted(KINDS[kind][0])))
    assert quantity(f"{number} {unit}", kind) == pytest.approx(number * KINDS[kind][0][unit], abs=1e-9)
