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


@pytest.mark.parametrize(
    ("cloud", "region", "kind", "name", "usd", "vcpu", "memory", "quality"),
    [
        # Azure's retail prices by way of karpenter-provider-azure, 2026-06
        ("azure", "eastus", "server", "Standard_D4s_v5", 0.192, 4, 16, "exact"),
        ("azure", "eastus", "server", "Standard_B2as_v2", 0.0752, 2, 8, "exact"),
        ("azure", "westeurope", "server", "Standard_D2s_v5", 0.115, 2, 8, "exact"),
        ("azure", "eastus", "server", "Standard_B4as_v2", 0.1506, 4, 16, "derived"),  # 0.169 with a Windows licence
        # Infracost's list, 2025-07 and 2026-05
        ("azure", "westus", "postgres", "GP_Standard_D4s_v3", 0.39, 4, 16, "observed"),
        ("azure", "westus", "postgres", "MO_Standard_E8s_v3", 1.0488, 8, 64, "derived"),  # E4s_v3 is 0.5244
        ("azure", "eastus", "postgres", "B_Standard_B1ms", 0.017, 1, 2, "observed"),
        ("azure", "eastus2", "postgres-multi-az", "GP_Standard_D2ds_v5", 0.356, 2, 8, "derived"),  # twice 0.178
        ("azure", "westus", "mysql", "GP_Standard_D2ads_v5", 0.195, 2, 8, "observed"),
        ("azure", "eastus", "redis", "MemoryOptimized_M10", 0.216, 2, 12, "observed"),
        ("azure", "eastus", "redis-replicated", "MemoryOptimized_M10", 0.432, 2, 12, "observed"),
        # Google's prices by way of karpenter-provider-gcp, 2026-08
        ("gcp", "us-central1", "server", "e2-medium", 0.0335057, 2, 4, "exact"),
        ("gcp", "us-central1", "server", "n2-standard-4", 0.194236, 4, 16, "exact"),
        ("gcp", "us-central1", "server", "c4a-highmem-4", 0.23576, 4, 32, "exact"),
        # Cloud SQL: 0.0413 USD a vCPU, 5.11 USD a GB and month; regional 0.0826 and 10.22
        ("gcp", "us-central1", "postgres", "db-custom-2-7680", 2 * 0.0413 + 7.5 * 5.11 / 730, 2, 7.5, "derived"),
        ("gcp", "us-central1", "mysql-multi-az", "db-custom-4-26624", 4 * 0.0826 + 26 * 10.22 / 730, 4, 26, "derived"),
        ("gcp", "us-central1", "postgres", "db-f1-micro", 0.0105, 1, 0.6, "observed"),
        # Memorystore: M2 of 5 to 10 GB, 19.71 USD a GB and month basic, 39.42 with a replica
        ("gcp", "us-central1", "redis", "redis-m2-8gb", 8 * 19.71 / 730, 1, 8, "derived"),
        ("gcp", "us-central1", "redis-replicated", "redis-m2-8gb", 8 * 39.42 / 730, 1, 8, "derived"),
        ("gcp", "us-central1", "valkey", "valkey-highmem-medium", 0.1923, 2, 13, "derived"),
    ],
)
def test_offers_of_the_other_clouds_are_those_of_the_sources(
    cloud: str, region: str, kind: str, name: str, usd: float, vcpu: float, memory: float, quality: str
) -> None:
    shelf = catalog(cloud).shelf(region, kind)
    offer = shelf.offer(int(np.flatnonzero(shelf.name == name)[0]))
    assert offer.price.usd == pytest.approx(usd, rel=1e-5)
    assert (offer.cloud, offer.kind, offer.vcpu, offer.memory, offer.price.quality) == (
        cloud, kind, vcpu, memory, quality
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cloud", "region", "item", "usd"),
    [
        ("aws", "us-east-1", "container.vcpu_hour", 29.55 / 730),
        ("aws", "us-east-1", "container.gb_hour", 3.245 / 730),
        ("aws", "sa-east-1", "kubernetes.cluster_hour", 0.1),
        ("azure", "eastus", "balancer.hour", 0.2),
        ("azure", "eastus", "waf.acl_month", (0.36 - 0.2) * 730),
        ("azure", "westeurope", "nat.hour", 0.045),
        ("azure", "swedencentral", "objects.gb_month", 0.02116),
        ("azure", "swedencentral", "disk.gp3.gb_month", 5.8072 / 32),
        ("azure", "westeurope", "logs.gb", 2.99),
        ("azure", "francecentral", "egress.internet.gb", 0.087),
        ("azure", "brazilsouth", "egress.region.gb", 0.16),
        ("azure", "westus", "database.storage_multi_az.gb_month", 0.28),
        ("azure", "japaneast", "dns.zone_month", 0.5),
        ("gcp", "us-central1", "nat.hour", 0.0448 / 3),
        ("gcp", "europe-west1", "egress.zone.gb", 0.005),
        ("gcp", "europe-west4", "egress.region.gb", 0.02),
        ("gcp", "africa-south1", "egress.internet.gb", 0.15),
        ("gcp", "us-central1", "database.storage_multi_az.gb_month", 0.34),
        ("gcp", "us-central1", "keys.month", 0.06),
        ("gcp", "asia-east1", "cdn.gb.oceania", 0.11),
        ("gcp", "us-central1", "container.vcpu_hour", 0.0648),
        ("gcp", "us-east1", "queue.1m_requests", 40 * 4096e6 / 2**40),
    ],
)
def test_unit_prices_of_the_other_clouds(cloud: str, region: str, item: str, usd: float) -> None:
    assert catalog(cloud).price(region, item).usd == pytest.approx(usd, rel=1e-4)


@pytest.mark.parametrize("cloud", clouds())
def test_what_is_free_says_why_and_what_nobody_states_says_whose_it_is(cloud: str) -> None:
    shipped = catalog(cloud)
    region = shipped.regions()[0].name
    for item in shipped.free:
        price = shipped.price(region, item)
        assert (price.usd, price.low, price.high, price.quality) == (0, 0, 0, "exact") and len(price.source) > 30
        assert shipped.tiers(region, item) == ((0.0, price),)
    taken = [price for price in shipped.prices(region) if "no price" in price.source]
    assert bool(taken) == (cloud != "aws")
    for price in taken:
        assert price.quality == "estimated" and price.high / price.low > 3 and "taken as" in price.source


@pytest.mark.parametrize("cloud", clouds())
def test_every_tier_is_cheaper_than_the_one_before(cloud: str) -> None:
    for region in catalog(cloud).regions():
        for item in ("egress.internet.gb", "cdn.gb", "cdn.gb.asia"):
            usd = [price.usd for _, price in catalog(cloud).tiers(region.name, item)]
            assert usd == sorted(usd, reverse=True), (region.name, item)


def test_regions_nobody_can_just_buy_in_are_left_out_with_the_reason() -> None:
    with pytest.raises(Problems, match="access on request"):
        catalog("azure").region("germanynorth")
    assert "belgiumcentral" in catalog("azure").unsold
    zones = {region.name: region.zones for region in catalog("azure").regions()}
    assert zones["westeurope"] == 3 and zones["westus"] == 0


def test_two_nodes_cost_twice_one_unless_the_cloud_has_a_price_for_them() -> None:
    for cloud, region, factor in (("aws", "eu-west-1", 2.0), ("azure", "westeurope", 2.0)):
        one, two = (catalog(cloud).shelf(region, kind) for kind in ("redis", "redis-replicated"))
        assert list(one.name) == list(two.name) and two.kind == "redis-replicated"
        assert two.usd_hour == pytest.approx(factor * one.usd_hour) and two.high == pytest.approx(factor * one.high)
    one, two = (catalog("gcp").shelf("us-central1", kind) for kind in ("redis", "redis-replicated"))
    price = {str(shelf.name[0]): (float(one.usd_hour[0]), float(two.usd_hour[0])) for shelf in (one,)}
    assert price["redis-m1-1gb"] == (pytest.approx(35.77 / 730, rel=1e-5), pytest.approx(46.72 / 730, rel=1e-5))


def test_parts_have_the_names_of_the_cloud() -> None:
    assert [catalog(cloud).product("cdn") for cloud in clouds()] == ["CloudFront", "Front Door Standard", "Cloud CDN"]
    assert catalog("gcp").product("unheard of") == "unheard of"
    parts = [set(catalog(cloud)._products) for cloud in clouds()]
    assert parts[0] == parts[1] == parts[2] and len(parts[0]) >= 14


def test_speeds_of_all_clouds_are_of_one_reference() -> None:
    # Geekbench 6, two vCPUs, all busy (Spare Cores): m7i.large 2177, Standard_D2s_v5 1819, n2-standard-2 1333
    for cloud, region, name, score in (
        ("azure", "eastus", "Standard_D2s_v5", 1819),
        ("gcp", "us-central1", "n2-standard-2", 1333),
    ):
        shelf = catalog(cloud).shelf(region, "server")
        row = int(np.flatnonzero(shelf.name == name)[0])
        assert shelf.speed[row] == pytest.approx(score / 2177, rel=1e-3) and shelf.speed_measured[row]
    shelf = catalog("gcp").shelf("us-central1", "server")
    speed = dict(zip(shelf.name, shelf.speed, strict=True))
    assert speed["e2-micro"] == pytest.approx(0.125 * speed["e2-standard-2"])
    assert not dict(zip(shelf.name, shelf.speed_measured, strict=True))["c4a-standard-4"]


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
