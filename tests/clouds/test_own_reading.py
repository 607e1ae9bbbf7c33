"""Price files: what is read, and every fault named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standfast.clouds.own import Rule, read_prices
from standfast.clouds.own.reading import parse_prices
from standfast.problem import Problems

GOOD = """\
date: 2026-10-01
currency: USD
prices:
  - {cloud: aws, discount: 5%}
  - {cloud: aws, kind: server, name: "m7*", region: "eu-*", discount: 12%}
  - {cloud: aws, kind: item, name: egress.internet.gb, usd: 0.05}
  - {cloud: aws, kind: database, term: 3y, discount: 45%}
"""


def test_a_price_file_is_read_with_places(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(GOOD)
    found = read_prices(path)
    assert (found.name, found.date, len(found.sha256)) == ("acme.yaml", "2026-10-01", 64)
    assert [(one.kind, one.name, one.region, one.discount, one.usd, one.term) for one in found.rules] == [
        ("any", "*", "*", 0.05, None, ""),
        ("server", "m7*", "eu-*", 0.12, None, ""),
        ("item", "egress.internet.gb", "*", None, 0.05, ""),
        ("database", "*", "*", 0.45, None, "3y"),
    ]
    assert [str(one.place) for one in found.rules] == [f"acme.yaml:{line}:5" for line in (4, 5, 6, 7)]
    path.write_text(GOOD + "# changed\n")
    assert read_prices(path).sha256 != found.sha256


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        ("{cloud: asw, discount: 5%}", "cloud: 'asw' is not known", "did you mean 'aws'"),
        ("{discount: 5%}", "a price has no 'cloud'", "cloud"),
        ("{cloud: aws, kind: sever, discount: 5%}", "kind: 'sever'", "did you mean 'server'"),
        ("{cloud: aws, kind: item, name: nat.hours, discount: 5%}", "no item 'nat.hours'", "did you mean 'nat.hour'"),
        ("{cloud: aws, kind: redis, name: m7i.large, discount: 5%}", "no redis 'm7i.large'", ""),
        ("{cloud: aws, kind: server, name: 'm77*', discount: 5%}", "no server 'm77*'", ""),
        ("{cloud: aws, region: eu-wset-1, discount: 5%}", "no region 'eu-wset-1'", "did you mean 'eu-west-1'"),
        ("{cloud: aws, discount: 101%}", "more than can be meant", ""),
        ("{cloud: aws, discount: -5%}", "cannot be negative", ""),
        ("{cloud: aws, discount: 0.05}", "no unit", "%"),
        ("{cloud: aws, discount: nan%}", "not a share", ""),
        ("{cloud: aws, kind: item, name: nat.hour, usd: -1}", "not a usable number", ""),
        ("{cloud: aws, kind: item, name: nat.hour, usd: 1e999}", "expected a number", ""),
        ("{cloud: aws, kind: item, name: nat.hour, usd: 0.04 EUR}", "expected a number", ""),
        ("{cloud: aws, kind: item, name: nat.hour, usd: 0}", "0 USD is not a price", "discount: 100%"),
        ("{cloud: aws, kind: server, name: m7i.large, usd: 73}", "far above the list price", "per hour"),
        ("{cloud: aws, kind: server, name: 'm7*', usd: 0.1}", "one price in USD for several", ""),
        ("{cloud: aws, kind: database, name: db.r6g.large, usd: 0.1}", "one price in USD for several", ""),
        ("{cloud: aws, name: m7i.large, usd: 0.1}", "one price in USD for several", ""),
        ("{cloud: aws, kind: server, name: m7i.large, usd: 0.1, discount: 5%}", "both a discount and usd", ""),
        ("{cloud: aws, kind: server}", "neither a discount nor usd", ""),
        ("{cloud: aws, discount: 5%, term: 2y}", "term: '2y'", "1y, 3y"),
        ("{cloud: aws, discount: 5%, comment: hi}", "unknown key 'comment'", ""),
        ("{cloud: aws, name: 'm7; rm', discount: 5%}", "not a name or pattern", ""),
        ("{cloud: aws, name: {a: b}, discount: 5%}", "expected text", ""),
        ("5", "a price must be a mapping", ""),
    ],
)
def test_every_fault_is_named_at_its_line(line: str, what: str, fix: str) -> None:
    with pytest.raises(Problems) as caught:
        parse_prices(f"date: 2026-10-01\nprices:\n  - {{cloud: aws, discount: 1%}}\n  - {line}\n", "ours.yaml")
    (problem,) = caught.value.problems
    assert what in problem.what and fix in problem.fix
    assert (problem.place.file, problem.place.line) == ("ours.yaml", 4)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("prices: [{cloud: aws, discount: 5%}]", "no 'date'"),
        ("date: yesterday\nprices: [{cloud: aws, discount: 5%}]", "'yesterday' is not a date"),
        ("date: 2026-02-30\nprices: [{cloud: aws, discount: 5%}]", "not a date"),
        ("date: 2026-10-01\ncurrency: EUR\nprices: [{cloud: aws, discount: 5%}]", "prices in 'EUR'"),
        ("date: 2026-10-01\nprices: []", "must be a list"),
        ("date: 2026-10-01\nprices: {cloud: aws}", "must be a list"),
        ("date: 2026-10-01", "no 'prices'"),
        ("date: 2026-10-01\nprice: []", "did you mean 'prices'"),
        ("- a", "must be a mapping"),
        ("date: [2026\n", "not valid YAML"),
        ("date: 2026-10-01\n---\nprices: []", "2 documents"),
    ],
)
def test_the_file_as_a_whole(text: str, what: str) -> None:
    with pytest.raises(Problems) as caught:
        parse_prices(text, "ours.yaml")
    assert what in str(caught.value)
    assert all(problem.place.file == "ours.yaml" and problem.place.line for problem in caught.value.problems)


def test_the_example_of_the_page_is_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "prices.md").read_text()
    example = page.partition("```yaml\n")[2].partition("```")[0]
    found = parse_prices(example, "prices.md")
    assert [one.kind for one in found.rules] == ["any", "server", "item", "database"]


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "huge.yaml").write_text("# " + "x" * 3_000_000)
    for name in ("binary", "empty.yaml", "huge.yaml", "none.yaml", "."):
        with pytest.raises(Problems) as caught:
            read_prices(tmp_path / name)
        assert "standfast init" not in str(caught.value), "that begins a spec, not a price file"


def test_all_faults_are_told_at_once() -> None:
    text = "date: x\ncurrency: EUR\nprices:\n  - {cloud: asw, discount: 5%}\n  - {cloud: aws, usd: -1}\n"
    with pytest.raises(Problems) as caught:
        parse_prices(text, "ours.yaml")
    assert [problem.place.line for problem in caught.value.problems] == [1, 2, 4, 5]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=120) | st.sampled_from(GOOD.splitlines()).map(lambda line: GOOD.replace(line, line[::-1])))
def test_no_text_brings_the_reader_down(text: str) -> None:
    try:
        found = parse_prices(text, "ours.yaml")
    except Problems as caught:
        assert caught.problems
    else:
        assert all(isinstance(rule, Rule) for rule in found.rules)
