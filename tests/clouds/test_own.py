"""A user's own prices and commitments over a catalog: against the rules written out again, one offer at a time."""

from __future__ import annotations

import copy
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.clouds import load_catalog, own
from standfast.clouds.model import QUALITIES, Shelf
from standfast.clouds.own import OwnPrices, Rule
from standfast.clouds.own.commitments import FILE, TERMS, commitments
from standfast.clouds.tables import KINDS, rows
from standfast.problem import Place, Problems

KINDS_SOLD = ("server", "database", "cache", "container")
REGIONS = ("eu-west-1", "us-east-1")
COUNTED = [name for name, value in vars(Shelf).items() if not name.startswith("_")]
GROUP = {"postgres": "database", "postgres-multi-az": "database", "mysql": "database", "mysql-multi-az": "database",
         "redis": "cache", "valkey": "cache"}  # fmt: skip


def prices_of(*rules: Rule) -> OwnPrices:
    return OwnPrices("ours.yaml", "2026-10-01", "a" * 64, rules)


def rule(**given_) -> Rule:
    return Rule(**{"cloud": "aws", "kind": "any", **given_})


rules = st.builds(
    Rule,
    cloud=st.sampled_from(["aws", "aws", "gcp"]),
    kind=st.sampled_from([*KINDS, "database", "cache", "any", "item"]),
    name=st.sampled_from(["*", "m7*", "*.large", "t3.*", "db.r6g.xlarge", "nat.hour"]),
    region=st.sampled_from(["*", "eu-*", "us-east-1"]),
    discount=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    usd=st.none(),
    term=st.sampled_from(["", "", "1y", "3y"]),
) | st.builds(
    Rule,
    cloud=st.just("aws"),
    kind=st.sampled_from(["server", "postgres", "redis"]),
    name=st.sampled_from(["m7i.large", "db.r6g.xlarge", "cache.r6g.large"]),
    discount=st.none(),
    usd=st.sampled_from([0.01, 0.2]),
    term=st.sampled_from(["", "3y"]),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(rules, max_size=5), st.sampled_from(TERMS), st.sampled_from(["server", "postgres", "valkey"]),
    st.sampled_from(REGIONS),
)  # fmt: skip
def test_every_offer_costs_what_the_rules_say(found: list[Rule], term: str, kind: str, region: str) -> None:
    """The oracle takes each offer alone, last rule first."""
    catalog = load_catalog("aws")
    listed = catalog.shelf(region, kind)
    shelf = own.applied(catalog, term, prices_of(*found)).shelf(region, kind)

    def last(name: str, terms: tuple[str, ...]) -> Rule | None:
        for one in reversed(found):
            fits = one.cloud == "aws" and one.kind in (kind, GROUP.get(kind), "any") and one.term in terms
            if fits and fnmatchcase(region, one.region) and fnmatchcase(name, one.name):
                return one
        return None

    def paid(one: Rule | None, usd: float) -> float:
        return usd if one is None else one.usd if one.usd is not None else usd * (1 - (one.discount or 0))

    expected = {}
    for row in range(len(listed)):
        offer = listed.offer(row)
        usd = paid(last(offer.name, ("",)), offer.price.usd)
        if term != "on-demand":
            usd *= commitments("aws", term)[GROUP.get(kind, kind)].factor
        if last(offer.name, (term,)):
            usd = paid(last(offer.name, (term,)), offer.price.usd)
        expected[offer.name] = usd
    assert dict(zip(shelf.name, shelf.usd_hour, strict=True)) == pytest.approx(expected)
    assert (np.diff(shelf.usd_hour) >= 0).all(), "cheapest first"
    slack = 1 + 1e-12
    assert (shelf.low <= shelf.usd_hour * slack).all() and (shelf.usd_hour <= shelf.high * slack).all()
    assert set(shelf.quality) <= set(QUALITIES) and all(shelf.source) and all(shelf.date)
    order = [list(listed.name).index(name) for name in shelf.name]
    assert (shelf.vcpu == listed.vcpu[order]).all() and (shelf.speed == listed.speed[order]).all()
    assert shelf.quality.dtype.kind == listed.quality.dtype.kind


def test_a_price_of_ones_own_is_exact_and_a_discount_as_good_as_the_list_price() -> None:
    fixed = rule(kind="postgres", name="db.r6g.xlarge", usd=0.3)
    off = rule(kind="postgres", name="db.m5.*", discount=0.1)
    shelf = own.with_prices(load_catalog("aws"), prices_of(fixed, off)).shelf("ca-west-1", "postgres")
    listed = load_catalog("aws").shelf("ca-west-1", "postgres")  # every price there is an estimate
    by_name = {str(name): shelf.offer(row).price for row, name in enumerate(shelf.name)}
    price = by_name["db.r6g.xlarge"]
    assert (price.usd, price.low, price.high) == (0.3, 0.3, 0.3)
    assert (price.quality, price.source, price.date) == ("exact", "own price file ours.yaml", "2026-10-01")
    old = listed.offer(int(np.flatnonzero(listed.name == "db.m5.large")[0])).price
    new = by_name["db.m5.large"]
    assert (new.usd, new.low, new.high) == pytest.approx((old.usd * 0.9, old.low * 0.9, old.high * 0.9))
    assert new.quality == "estimated" and "own price file ours.yaml: 0.1 off" in new.source and new.date == old.date


def test_unit_prices_and_their_tiers() -> None:
    found = prices_of(
        rule(kind="item", name="egress.internet.gb", discount=0.2),
        rule(kind="item", name="egress.internet.gb@51200", usd=0.03),
        rule(kind="item", name="nat.hour", region="us-*", usd=0.01),
    )
    catalog = own.with_prices(load_catalog("aws"), found)
    assert [price.usd for _, price in catalog.tiers("eu-west-1", "egress.internet.gb")] == pytest.approx(
        [0.09 * 0.8, 0.085 * 0.8, 0.03, 0.05 * 0.8]
    )
    assert catalog.price("eu-west-1", "nat.hour") == load_catalog("aws").price("eu-west-1", "nat.hour")
    assert catalog.price("us-east-1", "nat.hour").usd == 0.01
    assert catalog.price("us-east-1", "nat.hour").unit == "hour"
    listed = {price.item: price.usd for price in catalog.prices("eu-west-1")}
    assert listed["egress.internet.gb@51200"] == 0.03 and listed["nat.hour"] == 0.048


def test_the_rest_is_the_catalogs_own() -> None:
    catalog = load_catalog("aws")
    over = own.applied(catalog, "1y")
    assert over.regions() is catalog.regions() and over.region("eu-west-1").country == "IE"
    assert over.sla("balancer") == catalog.sla("balancer") and over.rtt("DE", "eu-west-1") == catalog.rtt(
        "DE", "eu-west-1"
    )
    assert over.cdn_zone("JP") == "japan" and over.cloud == "aws"
    assert copy.copy(over).shelf("eu-west-1", "server").usd_hour[0] == over.shelf("eu-west-1", "server").usd_hour[0]
    with pytest.raises(AttributeError):
        over.nothing  # noqa: B018  # type: ignore
    with pytest.raises(Problems):
        over.shelf("eu-west-7", "server")


def test_the_lock_tells_apart_what_prices_rest_on() -> None:
    catalog = load_catalog("aws")
    other = OwnPrices("ours.yaml", "2026-10-01", "b" * 64, ())
    found = [
        catalog, own.committed(catalog, "1y"), own.committed(catalog, "3y"), own.with_prices(catalog, prices_of()),
        own.with_prices(catalog, other), own.applied(catalog, "1y", other),
    ]  # fmt: skip
    locks = [one.facts()["lock"] for one in found]
    assert len(set(locks)) == len(locks) and all(lock.startswith("sha256:") and len(lock) == 71 for lock in locks)
    assert own.applied(catalog, "1y", other).facts() == own.applied(catalog, "1y", other).facts()
    young = OwnPrices("ours.yaml", "2026-11-20", "b" * 64, ())
    assert own.with_prices(catalog, young).facts()["newest"] == "2026-11-20"


def test_nothing_to_lay_over_is_the_catalog_itself() -> None:
    catalog = load_catalog("aws")
    assert own.applied(catalog, "on-demand") is catalog
    assert own.assumed(catalog) == () and own.term_of(catalog) == "on-demand"
    assert own.term_of(own.committed(catalog, "3y")) == "3y"
    with pytest.raises(Problems, match="did you mean '3y'"):
        own.applied(catalog, "3yr")


def test_what_is_assumed_is_said() -> None:
    place = Place("shop.yaml", 7, 3)
    found = own.assumed(own.applied(load_catalog("aws"), "1y", prices_of(rule(discount=0.1))), place)
    assert [one.what for one in found] == [
        "price of a server, committed for 1y", "price of a database, committed for 1y",
        "price of a cache, committed for 1y", "price of a container, committed for 1y", "own prices: ours.yaml",
    ]  # fmt: skip
    assert found[0].value == "66% of on demand (60% to 75%)" and found[0].place == place
    assert all("paid every hour, used or not" in one.ground for one in found[:4])
    assert found[4].value == "1 rule for aws" and "2026-10-01" in found[4].ground


@pytest.mark.parametrize("row", rows(FILE), ids=lambda row: f"{row['cloud']}-{row['kind']}-{row['term']}")
def test_every_commitment_is_sound_and_has_its_source(row: dict[str, str]) -> None:
    low, factor, high = float(row["low"]), float(row["factor"]), float(row["high"])
    assert 0.3 <= low <= factor <= high <= 1.0
    assert row["quality"] in QUALITIES and row["source"] and row["date"][:2] == "20" and row["burstable"] in "yes no"
    assert (row["quality"] == "estimated") <= (high / low > 1.05), "an estimate has a band"


def test_every_cloud_and_kind_has_both_terms_and_three_years_cost_less() -> None:
    found = {(row["cloud"], row["kind"], row["term"]): float(row["factor"]) for row in rows(FILE)}
    for cloud in ("aws", "azure", "gcp"):
        for kind in KINDS_SOLD:
            assert found[cloud, kind, "3y"] < found[cloud, kind, "1y"] < 1
    assert len(found) == 24 == len(rows(FILE))


def test_the_page_has_the_figures_of_the_file() -> None:
    page = (Path(__file__).parents[2] / "docs" / "prices.md").read_text()
    names = {"aws": "AWS", "azure": "Azure", "gcp": "Google", "1y": "1 year", "3y": "3 years"}
    table = {}
    for cloud in ("aws", "azure", "gcp"):
        for term in ("1y", "3y"):
            line = next(one for one in page.splitlines() if one.startswith(f"| {names[cloud]}, {names[term]} |"))
            cells = [cell.strip() for cell in line.split("|")[2:-1]]
            table.update(zip(((cloud, kind, term) for kind in KINDS_SOLD), cells, strict=True))
    for row in rows(FILE):
        factor, low, high = (float(row[key]) for key in ("factor", "low", "high"))
        band = f" ({low:.2f}–{high:.2f})".replace("–1.00", "–1") if low < high else ""
        assert table[row["cloud"], row["kind"], row["term"]] == f"{factor:.2f}{band}"


# What the vendors publish as one percentage, read from their pages by hand.
@pytest.mark.parametrize(
    ("kind", "one_year", "three_years"),
    [("server", 0.37, 0.55), ("database", 0.25, 0.52), ("cache", 0.20, 0.40), ("container", 0.28, 0.46)],
)
def test_googles_discounts_are_those_published(kind: str, one_year: float, three_years: float) -> None:
    for term, off in (("1y", one_year), ("3y", three_years)):
        assert 1 - commitments("gcp", term)[kind].factor == pytest.approx(off)


def test_a_commitment_that_leaves_burstable_sizes_out() -> None:
    catalog = load_catalog("gcp")
    listed, shelf = catalog.shelf("europe-west1", "server"), own.applied(catalog, "1y").shelf("europe-west1", "server")
    old = dict(zip(listed.name, listed.usd_hour, strict=True))
    factors: dict[bool, set[float]] = {}
    for name, burstable, usd in zip(shelf.name, shelf.burstable, shelf.usd_hour, strict=True):
        factors.setdefault(bool(burstable), set()).add(round(usd / old[name], 9))
    assert factors == {True: {1.0}, False: {0.63}}


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
def test_containers_are_committed_to_as_well(cloud: str) -> None:
    region = load_catalog(cloud).regions()[0].name
    for item in ("container.vcpu_hour", "container.gb_hour"):
        listed = load_catalog(cloud).price(region, item)
        paid = own.committed(load_catalog(cloud), "3y").price(region, item)
        assert paid.usd == pytest.approx(listed.usd * commitments(cloud, "3y")["container"].factor)
        assert paid.unit == listed.unit and paid.low <= paid.usd <= paid.high
    other = own.committed(load_catalog(cloud), "3y").price(region, "nat.hour")
    assert other == load_catalog(cloud).price(region, "nat.hour")


def test_a_pair_of_nodes_costs_twice_what_one_does() -> None:
    found = prices_of(
        rule(kind="redis", name="cache.r6g.large", usd=0.1), rule(kind="redis", name="*.xlarge", discount=0.5)
    )
    catalog = own.applied(load_catalog("aws"), "1y", found)
    one, two = (catalog.shelf("eu-west-1", kind) for kind in ("redis", "redis-replicated"))
    assert list(one.name) == list(two.name) and two.kind == "redis-replicated"
    assert two.usd_hour == pytest.approx(2 * one.usd_hour) and two.high == pytest.approx(2 * one.high)
    assert one.usd_hour[list(one.name).index("cache.r6g.large")] == pytest.approx(0.1 * 0.69)
    named = prices_of(rule(kind="redis-replicated", name="cache.r6g.large", usd=0.15), rule(kind="redis", discount=0.5))
    shelf = own.with_prices(load_catalog("aws"), named).shelf("eu-west-1", "redis-replicated")
    listed = load_catalog("aws").shelf("eu-west-1", "redis-replicated")
    old = dict(zip(listed.name, listed.usd_hour, strict=True))
    for name, usd in zip(shelf.name, shelf.usd_hour, strict=True):
        assert usd == pytest.approx(0.15 if name == "cache.r6g.large" else old[name] / 2)
    assert (np.diff(shelf.usd_hour) >= 0).all()


def test_a_pair_with_a_price_of_its_own_follows_its_own_rules() -> None:
    """Google sells a standard tier beside the basic one: no rule of the one is about the other."""
    catalog = load_catalog("gcp")
    found = prices_of(Rule("gcp", "redis", discount=0.5), Rule("gcp", "redis-replicated", "redis-m1-1gb", usd=0.01))
    shelf = own.with_prices(catalog, found).shelf("us-central1", "redis-replicated")
    listed = catalog.shelf("us-central1", "redis-replicated")
    old = dict(zip(listed.name, listed.usd_hour, strict=True))
    new = dict(zip(shelf.name, shelf.usd_hour, strict=True))
    assert {name: usd for name, usd in new.items() if usd != old[name]} == {"redis-m1-1gb": 0.01}
    both = own.with_prices(catalog, prices_of(Rule("gcp", "cache", discount=0.5)))
    assert both.shelf("us-central1", "redis-replicated").usd_hour == pytest.approx(listed.usd_hour / 2)
