"""Poison the prices: what is absurd is found and named, what is sound is left alone."""

from __future__ import annotations

from math import inf, nan
from typing import cast

from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from standfast.clouds import azure
from standfast.clouds.aws import factor
from standfast.clouds.cleaning import AWS, Row, line, suspects, windows
from standfast.clouds.model import Words

AZURE = cast(Words, azure)

SIZES = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge")
REGIONS = ("eu-west-1", "us-east-1", "sa-east-1", "ap-south-1")
PER_FACTOR = st.floats(0.005, 0.05)


def family(per_factor: float, region: str = "eu-west-1", kind: str = "server", name: str = "m5") -> list[Row]:
    """A family as a price list has it: one price per factor, rounded to four decimals."""
    return [Row(region, kind, f"{name}.{size}", round(per_factor * (factor(f"m5.{size}") or 0), 4)) for size in SIZES]


def poisoned(rows: list[Row], change: dict[int, float]) -> list[Row]:
    return [row._replace(usd=row.usd * change.get(n, 1.0)) for n, row in enumerate(rows)]


@given(PER_FACTOR, st.floats(0.6, 1.6))
def test_sound_prices_are_left_alone(per_factor: float, dearer: float) -> None:
    rows = [row for n, region in enumerate(REGIONS) for row in family(per_factor * (dearer if n else 1.0), region)]
    assert suspects(rows) == {}


@given(PER_FACTOR, st.sampled_from([0.0, -1.0, nan, inf, -inf]), st.integers(0, 7))
def test_what_is_no_price_is_refused(per_factor: float, usd: float, which: int) -> None:
    rows = family(per_factor)
    rows[which] = rows[which]._replace(usd=usd)
    found = suspects(rows)
    assert set(found) == {rows[which].key}
    assert rows[which].name in found[rows[which].key] and "not a price" in found[rows[which].key]


@given(PER_FACTOR, st.integers(0, 7))
def test_the_same_offer_twice_is_refused(per_factor: float, which: int) -> None:
    rows = family(per_factor)
    assert set(suspects([*rows, rows[which]])) == {rows[which].key}


@given(PER_FACTOR, st.sets(st.integers(0, 7), min_size=1, max_size=5), st.floats(1.06, 1.10))
def test_dedicated_tenancy_is_found_even_where_it_is_most_of_a_family(
    per_factor: float, which: set[int], dearer: float
) -> None:
    rows = poisoned(family(per_factor), dict.fromkeys(which, dearer))
    assert {key[2] for key in suspects(rows)} == {rows[n].name for n in which}


@given(PER_FACTOR, st.sets(st.integers(0, 7), min_size=1, max_size=3), st.floats(0.5, 0.9))
def test_in_managed_services_most_sizes_are_right(per_factor: float, which: set[int], cheaper: float) -> None:
    """As found in the facts: three sizes of db.m5 in Milan a sixth cheaper than the other five."""
    rows = poisoned(family(per_factor, kind="mysql", name="db.m5"), dict.fromkeys(which, cheaper))
    assert {key[2] for key in suspects(rows)} == {rows[n].name for n in which}


@given(PER_FACTOR, st.integers(0, 7), st.sampled_from([0.001, 0.01, 0.1, 10.0, 100.0]))
def test_a_slipped_decimal_is_found(per_factor: float, which: int, slip: float) -> None:
    rows = poisoned(family(per_factor), {which: slip})
    assert [key[2] for key in suspects(rows)] == [rows[which].name]


@given(PER_FACTOR, st.sampled_from([0.1, 0.01, 10.0]))
def test_a_whole_family_that_slipped_is_found_by_the_other_regions(per_factor: float, slip: float) -> None:
    rows = [row for region in REGIONS for row in family(per_factor, region)]
    bad = [row._replace(usd=row.usd * slip) if row.region == "sa-east-1" else row for row in rows]
    assert {key[0] for key in suspects(bad)} == {"sa-east-1"}
    assert len(suspects(bad)) == len(SIZES)


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=12))
def test_the_line_lies_among_the_prices(prices: list[float]) -> None:
    for lowest in (True, False):
        assert min(prices) <= line(prices, lowest) <= max(prices)


def test_one_absurdly_cheap_size_does_not_make_a_line() -> None:
    assert line([0.001, 0.02, 0.02, 0.02], lowest=True) == 0.02


@given(st.lists(st.builds(Row, st.text(), st.text(), st.text(), st.floats()), max_size=30))
def test_no_row_stops_the_check(rows: list[Row]) -> None:
    for key, why in suspects(rows).items():
        assert why and key in {row.key for row in rows}


VCPUS = (2, 4, 8, 16, 32, 48, 64, 96)


def azure_family(per_vcpu: float, name: str = "D{}s_v5", region: str = "westeurope") -> list[Row]:
    return [Row(region, "server", "Standard_" + name.format(n), round(per_vcpu * n, 4)) for n in VCPUS]


def with_licence(rows: list[Row], which: set[int], step: float) -> tuple[list[Row], dict[Row, float]]:
    """The rows with a Windows licence in some, and the right price of each of those."""
    dirty = [
        row._replace(usd=row.usd + step * VCPUS[n % len(VCPUS)]) if n in which else row for n, row in enumerate(rows)
    ]
    return dirty, {dirty[n]: rows[n].usd for n in which}


@given(st.floats(0.03, 0.12), st.sets(st.integers(0, 7), min_size=1, max_size=6))
def test_prices_with_a_windows_licence_are_found_and_put_right(per_vcpu: float, which: set[int]) -> None:
    dirty, right = with_licence(azure_family(per_vcpu), which, 0.046)
    assert windows(dirty, AZURE) == approx(right)
    assert {key[2] for key in suspects(dirty, AZURE)} == {row.name for row in right}
    assert all("Windows licence" in why for why in suspects(dirty, AZURE).values())


@given(st.floats(0.025, 0.06), st.sets(st.integers(0, 4), min_size=1, max_size=3))
def test_the_small_step_of_the_second_b_series(per_vcpu: float, which: set[int]) -> None:
    dirty, right = with_licence(azure_family(per_vcpu, "B{}s_v2")[:5], which, 0.0046)
    assert windows(dirty, AZURE) == approx(right)


@given(st.floats(0.04, 0.08), st.floats(0.8, 1.5))
def test_a_whole_family_with_licences_is_found_by_the_level_of_its_region(per_vcpu: float, dearer: float) -> None:
    regions = {"westeurope": 1.0, "northeurope": 1.05, "eastus": 0.9, "brazilsouth": dearer}
    clean = [
        row
        for region, level in regions.items()
        for name, factor in (("D{}s_v5", 1.0), ("E{}s_v5", 1.3), ("D{}as_v5", 0.9), ("E{}as_v5", 1.2))
        for row in azure_family(per_vcpu * factor * level, name, region)
    ]
    assert windows(clean, AZURE) == {} and suspects(clean, AZURE) == {}
    which = {n for n, row in enumerate(clean) if row.region == "brazilsouth" and azure.family(row.name) == "Eas_v5"}
    dirty, right = with_licence(clean, which, 0.046)
    assert windows(dirty, AZURE) == approx(right)


def test_what_is_above_its_line_by_something_else_is_no_licence() -> None:
    rows = azure_family(0.048)
    rows[3] = rows[3]._replace(usd=rows[3].usd * 1.4)
    assert windows(rows, AZURE) == {} and "its family's other sizes say" in suspects(rows, AZURE)[rows[3].key]
    assert windows(family(0.02), AWS) == {}, "AWS's dumps have none"
