"""The contract of every catalog, and the AWS one against figures read from the sources by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from standfast.clouds import clouds, load_catalog
from standfast.clouds.checking import check_shipped
from standfast.clouds.model import QUALITIES
from standfast.clouds.tables import KINDS, PAIRS, FileCatalog, lock_of
from standfast.problem import Problems

ITEMS = [
    "balancer.hour", "balancer.lcu_hour", "nat.hour", "nat.gb", "ipv4.hour", "egress.internet.gb",
    "egress.zone.gb", "egress.region.gb", "disk.gp3.gb_month", "objects.gb_month", "objects.put_1k",
    "objects.get_1k", "cdn.gb", "cdn.10k_requests", "database.storage.gb_month",
    "database.storage_multi_az.gb_month", "database.backup.gb_month", "keys.month", "keys.10k_requests",
    "secrets.month", "secrets.10k_calls", "waf.acl_month", "waf.rule_month", "waf.1m_requests",
    "dns.zone_month", "dns.1m_queries", "logs.gb", "logs.gb_month", "metrics.month", "alarms.month",
    "backup.gb_month", "trail.100k_events", "flowlogs.gb", "objects.replication.gb", "backup.offsite.gb_month",
    "container.vcpu_hour", "container.gb_hour", "kubernetes.cluster_hour", "queue.month", "queue.1m_requests",
    "registry.month", "registry.gb_month", "cdn.profile_month", "dns.check_month", "disk.snapshot.gb_month",
]  # fmt: skip
SLAS = [
    "server.single",
    "server.multi-zone",
    "postgres.single",
    "postgres.multi-az",
    "mysql.single",
    "mysql.multi-az",
    "redis.single",
    "redis.replicated",
    "balancer",
    "balancer.single",
    "objects",
    "cdn",
    "dns",
    "nat",
    "keys",
    "waf",
    "zone",
    "secrets",
    "container",
    "kubernetes",
    "queue",
    "registry",
]
ASSUMED = {
    "aws": {"nat", "zone", "queue"},
    "azure": set(SLAS) - {"server.single", "server.multi-zone", "postgres.multi-az", "dns", "kubernetes"},
    "gcp": {
        "postgres.single",
        "mysql.single",
        "redis.single",
        "cdn",
        "keys",
        "waf",
        "zone",
        "secrets",
        "container",
        "queue",
        "registry",
    },
}
LEAST = {"server": 15, "valkey": 4}  # offers on a shelf; other kinds 12  # fmt: skip
COUNTED = ("name", "vcpu", "memory", "usd_hour", "low", "high", "arch", "burstable", "speed", "speed_measured",
           "quality", "source", "date")  # fmt: skip


def catalog(cloud: str = "aws") -> FileCatalog:
    found = load_catalog(cloud)
    assert isinstance(found, FileCatalog)
    return found


def everywhere() -> list[tuple[str, str]]:
    return [(cloud, region.name) for cloud in clouds() for region in catalog(cloud).regions()]


@pytest.mark.parametrize(("cloud", "region"), everywhere())
def test_every_region_is_complete_and_sound(cloud: str, region: str) -> None:
    for kind in (*KINDS, *PAIRS):
        shelf = catalog(cloud).shelf(region, kind)
        if PAIRS.get(kind, kind) in catalog(cloud).unsold:
            assert not len(shelf)
            continue
        if kind.endswith("-multi-az") and catalog(cloud).region(region).zones < 2:
            assert not len(shelf), "nothing stands in two zones where there are none"
            continue
        assert len(shelf) >= LEAST.get(PAIRS.get(kind, kind), 12), kind
        assert {len(getattr(shelf, column)) for column in COUNTED} == {len(shelf)}
        for column in (shelf.vcpu, shelf.memory, shelf.usd_hour, shelf.low, shelf.high, shelf.speed):
            assert np.isfinite(column).all() and (column > 0).all()
        assert (np.diff(shelf.usd_hour) >= 0).all(), "cheapest first"
        assert (shelf.low <= shelf.usd_hour).all() and (shelf.usd_hour <= shelf.high).all()
        assert len(set(shelf.name)) == len(shelf)
        assert set(shelf.arch) <= {"x86_64", "arm64"} and set(shelf.quality) <= set(QUALITIES)
        assert all(shelf.source) and all(shelf.date)
        wide = shelf.high / shelf.low
        estimated = shelf.quality == "estimated"
        assert (wide[estimated] > 1.4).all() and (wide[~estimated] < 1.2).all(), "an estimate has the wider band"
    for item in ITEMS:
        price = catalog(cloud).price(region, item)
        assert price.low <= price.usd <= price.high and price.unit and price.source and price.date
        assert (price.usd > 0) != (item in catalog(cloud).free), "only what is known to be free costs nothing"
        assert price.usd > 0 or price.quality == "exact"


@pytest.mark.parametrize("cloud", clouds())
def test_slas_are_fractions_and_say_when_they_are_assumed(cloud: str) -> None:
    for item in SLAS:
        sla = catalog(cloud).sla(item)
        assert 0.99 <= sla.uptime <= 1 and sla.source and sla.condition
    assert {item for item in SLAS if catalog(cloud).sla(item).assumed} == ASSUMED[cloud]


@pytest.mark.parametrize("cloud", clouds())
def test_the_lock_names_these_very_files(cloud: str) -> None:
    shipped = catalog(cloud)
    facts = shipped.facts()
    assert facts["lock"] == lock_of(shipped.data, cloud)
    assert facts["oldest"] <= facts["newest"]
    assert check_shipped(shipped) == []


@pytest.mark.parametrize("cloud", clouds())
def test_price_files_can_be_split_without_a_csv_reader(cloud: str) -> None:
    for path in catalog(cloud).folder.glob("prices/*.csv"):
        lines = path.read_text().splitlines()
        assert lines[0] == "kind,name,usd,source" and all(line.count(",") == 3 and '"' not in line for line in lines)
        kinds = [line.partition(",")[0] for line in lines[1:]]
        assert kinds == sorted(kinds)


OPENED: list[str] = []
sys.addaudithook(lambda event, details: OPENED.append(str(details[0])) if event == "open" else None)


def test_loading_one_region_opens_one_price_file() -> None:
    def prices_opened() -> list[str]:
        return [Path(path).name for path in OPENED if Path(path).parent == fresh.folder / "prices"]

    fresh = FileCatalog("aws")
    OPENED.clear()
    for kind in KINDS:
        fresh.shelf("eu-west-1", kind)
    fresh.price("eu-west-1", "nat.hour")
    assert prices_opened() == ["eu-west-1.csv"]
    data = [path for path in OPENED if path.startswith(str(fresh.data))]
    assert len(data) == len(set(data)), "nothing is read twice"
    fresh.shelf("eu-west-1", "server")
    fresh.shelf("eu-west-2", "server")
    assert prices_opened() == ["eu-west-1.csv", "eu-west-2.csv"]


# Read by hand from the sources named beside them, not through the code that wrote the files.
@pytest.mark.parametrize(
    ("region", "kind", "name", "usd", "vcpu", "memory", "quality"),
    [
        ("us-east-1", "server", "m7i.large", 0.1008, 2, 8, "exact"),  # karpenter, 2026-07
        ("us-east-1", "server", "t3.micro", 0.0104, 2, 1, "exact"),
        ("eu-west-1", "server", "m5.large", 0.107, 2, 8, "derived"),  # libcloud, 2025-03
        ("us-east-1", "postgres", "db.r6g.xlarge", 0.45, 4, 32, "observed"),  # Infracost's price list, 2024-08
        ("us-east-1", "postgres-multi-az", "db.r6g.xlarge", 0.899, 4, 32, "observed"),
        ("eu-central-1", "mysql", "db.m5.large", 0.203, 2, 8, "observed"),
        ("us-east-1", "redis", "cache.r6g.large", 0.206, 2, 13.07, "observed"),  # ElastiCache's list, 2025-04
        ("eu-west-1", "valkey", "cache.m6g.2xlarge", 0.5232, 8, 26.04, "observed"),
    ],
)
def test_offers_are_those_of_the_sources(
    region: str, kind: str, name: str, usd: float, vcpu: float, memory: float, quality: str
) -> None:
    shelf = catalog().shelf(region, kind)
    offer = shelf.offer(int(np.flatnonzero(shelf.name == name)[0]))
    assert (offer.price.usd, offer.vcpu, offer.memory, offer.price.quality) == (usd, vcpu, memory, quality)
    assert offer.kind == kind and offer.region == region and offer.price.unit == "hour"


@pytest.mark.parametrize(
    ("region", "item", "usd"),
    [
        ("us-east-1", "balancer.hour", 0.0225),
        ("us-east-1", "balancer.lcu_hour", 0.008),
        ("eu-west-1", "nat.hour", 0.048),
        ("eu-west-1", "egress.internet.gb", 0.09),
        ("sa-east-1", "egress.region.gb", 0.138),
        ("eu-central-1", "disk.gp3.gb_month", 0.0952),
        ("us-east-2", "disk.gp3.gb_month", 0.08),  # 0.8 of gp2
        ("us-east-1", "database.storage.gb_month", 0.115),  # half of the two-zone price
        ("eu-west-1", "database.storage_multi_az.gb_month", 0.254),
        ("eu-west-1", "keys.month", 1.0),
        ("ap-south-1", "secrets.month", 0.4),
        ("eu-west-1", "cdn.gb.india", 0.109),
    ],
)
def test_unit_prices_are_those_of_the_sources(region: str, item: str, usd: float) -> None:
    assert catalog().price(region, item).usd == pytest.approx(usd)


def test_tiers_get_cheaper() -> None:
    tiers = catalog().tiers("eu-west-1", "egress.internet.gb")
    assert [start for start, _ in tiers] == [0, 10240, 51200, 153600]
    assert [price.usd for _, price in tiers] == [0.09, 0.085, 0.07, 0.05]
    assert len(catalog().tiers("eu-west-1", "cdn.gb.japan")) == 5
    assert len(catalog().tiers("eu-west-1", "nat.hour")) == 1


def test_a_region_without_published_database_prices_has_estimates() -> None:
    shelf = catalog().shelf("ca-west-1", "postgres")
    assert set(shelf.quality) == {"estimated"} and all("us-west-2" in text for text in shelf.source)
    families = {name.split(".")[1] for name in shelf.name}
    assert families <= {name.split(".")[0] for name in catalog().shelf("ca-west-1", "server").name}


def test_speed_is_that_of_lasting_load() -> None:
    shelf = catalog().shelf("us-east-1", "server")
    speed = dict(zip(shelf.name, shelf.speed, strict=True))
    assert speed["m7i.large"] == speed["m7i.24xlarge"] == 1.0
    # Geekbench 6, all of two vCPUs: m7g.large 2614, m7i.large 2177 (Spare Cores, 2024-09)
    assert speed["m7g.large"] == pytest.approx(2614 / 2177, rel=1e-4)
    assert speed["t3.micro"] == pytest.approx(0.1 * speed["t3.2xlarge"] / 0.4)
    measured = dict(zip(shelf.name, shelf.speed_measured, strict=True))
    assert measured["m7g.large"] and not measured["m9g.large"] and not measured["t3.nano"]
    burstable = dict(zip(shelf.name, shelf.burstable, strict=True))
    assert burstable["t4g.large"] and burstable["m7i-flex.large"] and not burstable["m7i.large"]


def test_nothing_on_a_shelf_is_what_a_plan_should_not_buy() -> None:
    for region in catalog().regions():
        names = catalog().shelf(region.name, "server").name
        assert not [name for name in names if "metal" in name or name[0] not in "cmrt" or name.startswith("t2")]


def test_what_nobody_sells_is_a_problem_with_the_nearest() -> None:
    for ask in (
        lambda: catalog().shelf("eu-west-7", "server"),
        lambda: catalog().shelf("eu-west-1", "postgress"),
        lambda: catalog().price("eu-west-1", "nat.hours"),
        lambda: catalog().sla("postgres.multi-zone"),
    ):
        with pytest.raises(Problems) as caught:
            ask()
        assert "did you mean" in str(caught.value)


def test_areas_of_the_cdn() -> None:
    found = {country: catalog().cdn_zone(country) for country in ("DE", "US", "BR", "JP", "IN", "AU", "ZA", "AE", "IL")}
    assert list(found.values()) == ["europe", "north-america", "south-america", "japan", "india", "oceania",
                                    "africa-middle-east", "africa-middle-east", "europe"]  # fmt: skip
    assert all(f"cdn.gb.{zone}" in catalog().item_units for zone in found.values())
