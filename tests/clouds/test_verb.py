"""standfast catalog: lists, filters, checks; and price files that a user may hand in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standfast.cli import run
from standfast.clouds import clouds
from standfast.clouds.checking import check_file, check_shipped
from standfast.clouds.tables import DATA, FileCatalog
from standfast.problem import Problems


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert run(["catalog", *words, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_overview_names_every_region_and_the_age(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["catalog"]) == 0
    shown = capsys.readouterr()
    assert all(region.name in shown.out for region in FileCatalog("aws").regions())
    assert "months old" in shown.err and "~54" in shown.out
    assert len(listed(capsys)["regions"]) == len(FileCatalog("aws").regions())


def test_filters_and_order(capsys: pytest.CaptureFixture[str]) -> None:
    offers = listed(capsys, "--region", "eu-west-1", "--vcpu", "4", "--memory", "30", "--sort", "value")["offers"]
    assert offers and all(one["vcpu"] >= 4 and one["memory_gib"] >= 30 for one in offers)
    value = [one["usd"] / one["vcpu"] / one["speed"] for one in offers]
    assert value == pytest.approx(sorted(value), rel=1e-3)
    names = [
        one["name"] for one in listed(capsys, "--region", "eu-west-1", "--kind", "redis", "--sort", "name")["offers"]
    ]
    assert names == sorted(names)
    assert len(listed(capsys, "--kind", "postgres", "--limit", "7")["offers"]) == 7


def test_tables_say_how_much_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["catalog", "--region", "eu-west-1", "--limit", "3"]) == 0
    shown = capsys.readouterr()
    assert "3 offers of" in shown.err and "t4g.nano" in shown.out
    assert run(["catalog", "--region", "eu-west-1", "--kind", "item"]) == 0
    assert "nat.hour" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [["--region", "eu-west-9"], ["--kind", "postgress"], ["--cloud", "ibm"], ["--kind", "item"],
     ["--cloud", "../aws"], ["check", "--file", "no-such.csv"]],
)  # fmt: skip
def test_what_is_not_there_is_a_problem(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["catalog", *words]) == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("cloud", clouds())
def test_every_cloud_is_listed_and_its_catalog_is_sound(cloud: str, capsys: pytest.CaptureFixture[str]) -> None:
    regions = listed(capsys, "--cloud", cloud)["regions"]
    assert [one["region"] for one in regions] == [region.name for region in FileCatalog(cloud).regions()]
    region = regions[0]["region"]
    offers = listed(capsys, "--cloud", cloud, "--region", region, "--vcpu", "2", "--sort", "value")["offers"]
    assert offers and all(one["region"] == region for one in offers)
    assert run(["catalog", "--cloud", cloud]) == 0
    advice = capsys.readouterr().err.partition("Next:")[2]
    assert all(f"--cloud {other}" in advice for other in clouds() if (other, cloud) != ("aws", "aws"))
    assert run(["catalog", "--cloud", cloud, "--region", region, "--kind", "item"]) == 0
    assert ("free" in capsys.readouterr().out) == bool(FileCatalog(cloud).free)
    assert run(["catalog", "check", "--cloud", cloud]) == 0
    assert "no problems" in capsys.readouterr().out


def test_a_damaged_catalog_is_found_row_by_row(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    damaged = FileCatalog("aws", tmp_path / "data")
    path = damaged.folder / "prices" / "eu-west-1.csv"
    lines = path.read_text().splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith("server,m5.xlarge,"))
    kind, name, _, source = lines[number].split(",")
    lines[number] = f"{kind},{name},0,{source}"
    path.write_text("\n".join(line for line in lines if not line.startswith("item,nat.hour,")) + "\n")
    found = check_shipped(damaged)
    moved = [n for n, line in enumerate(path.read_text().splitlines(), 1) if line.startswith("server,m5.xlarge,")]
    assert {one.what for one in found} == {
        "the catalog's files are not those its lock names",
        "eu-west-1 sells no nat.hour",
        "server m5.xlarge in eu-west-1 costs 0.0: not a price",
    }
    assert [one.place.line for one in found if "m5.xlarge" in one.what] == moved


def test_a_price_file_of_the_user_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ours.csv"
    path.write_text(
        "region,kind,name,usd,note\n"
        "eu-west-1,server,m5.large,0.09,negotiated\n"
        "eu-west-1,server,m5.xlarge,0.18,\n"
        "eu-west-1,server,m5.2xlarge,3.6,slipped\n"
        "eu-west-1,server,m5.4xlarge,0,zero\n"
        "eu-west-1,server,m5.lage,0.09,\n"
        "eu-west-77,server,m5.large,0.09,\n"
        "eu-west-1,item,nat.hour,cheap,\n"
        "eu-west-1,item,nat.gb,0.04,\n"
    )
    assert run(["catalog", "check", "--file", str(path)]) == 1
    shown = capsys.readouterr().err
    for line, words in (
        (4, "m5.2xlarge"),
        (5, "not a price"),
        (6, "did you mean 'm5.large'"),
        (7, "eu-west-77"),
        (8, "nat.hour"),
    ):
        assert any(f"ours.csv:{line}" in one and words in shown for one in shown.splitlines()), (line, shown)
    assert "ours.csv:2" not in shown and "ours.csv:9" not in shown
    path.write_text("region,kind,name,usd\neu-west-1,server,m5.large,0.09\n")
    assert run(["catalog", "check", "--file", str(path)]) == 0


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: f"region,kind,name,usd\n{text}".encode("utf-8", "replace")),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_file_brings_the_check_down(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    try:
        problems = check_file(path, FileCatalog("aws"))
    except Problems as caught:
        problems = list(caught.problems)
    assert all(problem.what for problem in problems)
