"""Lock files: prices that changed are refused, with both hashes and dates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.clouds import load_catalog, own
from standfast.clouds.own.lock import check_lock, hold_lock, read_lock, write_lock
from standfast.problem import Problems

OLD = {"lock": "sha256:" + "a" * 64, "oldest": "2024-07-01", "newest": "2026-07-01"}
NEW = {"lock": "sha256:" + "b" * 64, "oldest": "2024-07-01", "newest": "2026-11-01"}


def test_the_first_run_writes_and_the_next_holds(tmp_path: Path) -> None:
    path = tmp_path / "shop.lock"
    facts = {"aws": load_catalog("aws").facts()}
    assert hold_lock(path, facts) == "written"
    before = path.read_bytes()
    assert hold_lock(path, facts) == "held"
    assert path.read_bytes() == before
    assert read_lock(path)["aws"]["lock"] == facts["aws"]["lock"]
    assert list(tmp_path.iterdir()) == [path]


def test_other_prices_are_refused_until_accepted(tmp_path: Path) -> None:
    path = tmp_path / "shop.lock"
    hold_lock(path, {"aws": OLD})
    before = path.read_bytes()
    with pytest.raises(Problems) as caught:
        hold_lock(path, {"aws": NEW})
    said = str(caught.value)
    assert OLD["lock"] in said and NEW["lock"] in said and "2026-07-01" in said and "2026-11-01" in said
    assert "--relock" in said and "shop.lock" in said
    assert path.read_bytes() == before, "a refusal changes nothing"
    assert hold_lock(path, {"aws": NEW}, relock=True) == "replaced"
    assert hold_lock(path, {"aws": NEW}) == "held"


def test_a_price_file_and_a_commitment_are_part_of_the_lock(tmp_path: Path) -> None:
    path, catalog = tmp_path / "shop.lock", load_catalog("aws")
    hold_lock(path, {"aws": own.applied(catalog, "1y").facts()})
    hold_lock(path, {"aws": own.applied(catalog, "1y").facts()})
    with pytest.raises(Problems):
        hold_lock(path, {"aws": catalog.facts()})
    with pytest.raises(Problems):
        hold_lock(path, {"aws": own.applied(catalog, "1y", own.OwnPrices("x", "2026-01-01", "c", ())).facts()})


def test_every_cloud_is_told_and_one_less_is_no_change(tmp_path: Path) -> None:
    path = tmp_path / "shop.lock"
    write_lock(path, {"gcp": OLD, "aws": OLD})
    check_lock(path, {"aws": OLD})
    with pytest.raises(Problems) as caught:
        check_lock(path, {"aws": NEW, "azure": OLD, "gcp": NEW})
    assert [problem.what.split("'")[0].split()[-1] for problem in caught.value.problems] == ["aws", "azure", "gcp"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"catalogs": {}}', '{"catalogs": {"aws": 1}}', '{"catalogs": {"aws": {"lock": "x"}}}',
     json.dumps({"catalogs": {"aws": {**OLD, "oldest": None}}}), "[" * 90_000, "x" * 200_000, "\udcff"],
)  # fmt: skip
def test_what_is_no_lock_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "shop.lock"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(Problems, match="is not a lock of prices"):
        hold_lock(path, {"aws": OLD})
    assert hold_lock(path, {"aws": OLD}, relock=True) == "replaced"


def test_a_disk_that_refuses(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="could not write"):
        hold_lock(tmp_path / "no" / "such" / "shop.lock", {"aws": OLD})
    with pytest.raises(Problems, match="cannot read"):
        hold_lock(tmp_path, {"aws": OLD})


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80))
def test_no_file_brings_it_down(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("lock") / "x"
    path.write_bytes(content)
    with pytest.raises(Problems):
        check_lock(path, {"aws": OLD})
