"""Google Cloud: which fact states which unit price, and which SLA. items.py says what such a table holds.

Products chosen are those a small team would take: the external Application Load Balancer, Cloud NAT, Cloud CDN,
Cloud Armor Standard, Cloud SQL Enterprise, Memorystore, balanced persistent disks, regional Cloud Storage.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from standfast.clouds import gcp as WORDS

from .facts import read
from .items import CDN_AREAS, CDN_ZONES, Class, Item, Match, tier

__all__ = ["CDN_AREAS", "ITEMS", "OTHER_SLAS", "SLAS", "WORDS", "classes", "runs_on"]

NAME, HOME = "gcp", "us-central1"
PRODUCTS = {
    "balancer": "Application Load Balancer",
    "network": "Cloud NAT",
    "cdn": "Cloud CDN",
    "waf": "Cloud Armor Standard",
    "dns": "Cloud DNS",
    "keys": "Cloud KMS",
    "secrets": "Secret Manager",
    "logs": "Cloud Logging and Monitoring",
    "backup": "Cloud SQL backups",
    "objects": "Cloud Storage Standard",
    "container": "Cloud Run",
    "kubernetes": "GKE",
    "queue": "Pub/Sub",
    "registry": "Artifact Registry",
}
SPREAD: dict[str, tuple[str, ...]] = {
    "any": ("us-central1",),
    "us/northamerica": ("us-", "northamerica-"),
    "europe": ("europe-",),
    "asia": ("asia-",),
    "southamerica": ("southamerica-",),
    "australia": ("australia-",),
}
ALSO_MEASURED: tuple[str, ...] = ("n1-standard",)
REGIONS_FROM, REGIONS_OF, WITHIN = "", "", "1"
LEFT_OUT: dict[str, str] = {}
UNSOLD: tuple[tuple[str, str, str, str], ...] = ()
PARTLY: dict[str, tuple[str, ...]] = {}
_TURIN = "all-core stress-ng per vCPU is 1.20 of c3d's"
_V2 = "the same core design, Arm Neoverse V2; Geekbench was not measured"
_N3 = "not measured with Geekbench; all-core stress-ng is not below c4a's"
_SQL = "which machines serve Cloud SQL is not published; its sizes are named after n1"
LIKE: dict[str, tuple[str, str, float, str]] = {
    **{f"c4a-{shape}": ("aws", "m8g", 1.0, _V2) for shape in WORDS.SHAPES},
    **{f"n4a-{shape}": ("aws", "m8g", 1.0, _N3) for shape in WORDS.SHAPES},
    **{
        f"{series}-{shape}": ("gcp", f"c3d-{shape}", 1.2, _TURIN) for series in ("c4d", "n4d") for shape in WORDS.SHAPES
    },
    "e2-shared": ("gcp", "e2-standard", 1.0, "the same machines"),
    "db": ("gcp", "n1-standard", 1.0, _SQL),
    "redis": ("gcp", "n2-standard", 1.0, "which machines serve Memorystore is not published"),
    "valkey": ("gcp", "n2-standard", 1.0, "which machines serve Memorystore is not published"),
}

_LB = "Cloud Load Balancing (regional proxy)"
_CDN_PRICES = {
    "asia": (0.09, 0.06, 0.05), "japan": (0.09, 0.06, 0.05), "india": (0.09, 0.06, 0.05),
    "oceania": (0.11, 0.09, 0.08), "south-america": (0.09, 0.06, 0.05), "africa-middle-east": (0.09, 0.06, 0.05),
}  # fmt: skip
_CDN_SOURCE = "cloud.google.com/cdn/pricing, cache data transfer out and HTTPS lookups (stored copy)"
_EGRESS = {0: "0-1 TB", 1024: "1-10 TB", 10240: "over 10 TB"}
_NAT = "a third of the gateway for 32 servers or more: one serves all zones"
_STORAGE = "cloud.google.com/storage/pricing-examples (stored copy)"
_LOGGING = "cloud.google.com/stackdriver/pricing (stored copy)"
_RUN = "cloud.google.com/run/pricing, instance-based billing, tier 1, 3600 seconds (stored copy)"
_MESSAGE = "per TiB there; a message of 4 KiB"


def _cdn() -> list[Item]:
    items = []
    for zone in ("", *CDN_ZONES):
        dot = f".{zone}" if zone else ""
        prices = _CDN_PRICES.get(zone, (0.08, 0.055, 0.03))
        items.append(Item(f"cdn.10k_requests{dot}", "global", (), "Cloud CDN", (0.0075, _CDN_SOURCE, "2025")))
        for start, usd in zip((0, 10240, 153600), prices, strict=True):
            items.append(Item(tier(f"cdn.gb{dot}", start), "global", (), "Cloud CDN", (usd, _CDN_SOURCE, "2025")))
    return items


ITEMS: tuple[Item, ...] = (
    Item("balancer.hour", "region", (Match(_LB, "Proxy instance"),),
         "an Application Load Balancer: up to five forwarding rules"),
    Item("balancer.lcu_hour", "region", (Match(_LB, "Data processed"),), "1 GB processed; connections are free"),
    Item("nat.hour", "same", (Match("Cloud NAT", r"Gateway \(32 VMs or more.*", 1 / 3, _NAT),),
         "a third of a regional gateway of 32 servers or more"),
    Item("nat.gb", "same", (Match("Cloud NAT", "Data processed"),), "Cloud NAT"),
    Item("ipv4.hour", "same", (Match("Public IPv4", "static or ephemeral in use on VM"),
                               Match("Public IPv4", r"IP address \(standard VM\)")), "an address in use"),
    *(Item(tier("egress.internet.gb", start), "near",
           (Match("egress", rf"internet worldwide {words} \(Premium tier\)"),), "premium tier, worldwide")
      for start, words in _EGRESS.items()),
    Item("egress.zone.gb", "same", (Match("egress", "other zone same region", 0.5, "the sender alone pays"),),
         "half of the price: only the sender pays"),
    Item("egress.region.gb", "near", (Match("egress", "inter-region inside continent"),),
         "inside a continent; between continents more"),
    Item("disk.gp3.gb_month", "region", (Match("Persistent Disk", "pd-balanced"),), "balanced persistent disk"),
    Item("disk.snapshot.gb_month", "region", (Match("Persistent Disk", r"snapshot \(regional\)"),)),
    Item("objects.gb_month", "region", (Match("Cloud Storage", r"Standard \(regional\)"),), "Standard, in a region"),
    Item("objects.put_1k", "same", (), "class A operations", (0.005, _STORAGE, "2025")),
    Item("objects.get_1k", "same", (), "class B operations", (0.0004, _STORAGE, "2025")),
    Item("objects.replication.gb", "near", (Match("egress", "inter-region inside continent"),),
         "Storage Transfer to a bucket in another region"),
    Item("cdn.profile_month", "free", stated=(0, "Cloud CDN has no fee before traffic (its pricing page)", "2026-11")),
    *_cdn(),
    Item("database.storage.gb_month", "region", (Match("Cloud SQL", r"Storage \(SSD, zonal\)"),), "Cloud SQL, SSD"),
    Item("database.storage_multi_az.gb_month", "region", (Match("Cloud SQL", r"Storage \(SSD, regional\)"),),
         "Cloud SQL, SSD, regional"),
    Item("database.backup.gb_month", "region", (Match("Cloud SQL", "Backups"),), "Cloud SQL"),
    Item("cache.backup.gb_month", "region", (Match("Memorystore Redis Cluster", "Backups"),), "Memorystore"),
    Item("keys.month", "same", (Match("Cloud KMS", "Key versions"),), "Cloud KMS, an active software key version"),
    Item("keys.10k_requests", "same", (Match("Cloud KMS", "Operations"),), "Cloud KMS"),
    Item("secrets.month", "same", (Match("Secret Manager", "Active secret versions"),),
         "an active version in Secret Manager"),
    Item("secrets.10k_calls", "same", (Match("Secret Manager", "Access operations"),), "Secret Manager"),
    Item("waf.acl_month", "as-aws", (), "a Cloud Armor Standard policy"),
    Item("waf.rule_month", "as-aws", (), "a rule of Cloud Armor"),
    Item("waf.1m_requests", "as-aws", (), "Cloud Armor Standard"),
    Item("dns.zone_month", "as-aws", (), "Cloud DNS"),
    Item("dns.1m_queries", "global", (Match("Cloud DNS", "Queries"),), "Cloud DNS"),
    Item("dns.check_month", "free", stated=(
        0, "Cloud Monitoring: the first million uptime checks of a month are free; once a minute from six places is "
        "263,000 (its pricing page)", "2026-11")),
    Item("logs.gb", "same", (Match("Cloud Logging", "Logging data"),), "Cloud Logging; the first 30 days are in it"),
    Item("logs.gb_month", "same", (), "Cloud Logging beyond 30 days, not compressed", (0.01, _LOGGING, "2025")),
    Item("metrics.month", "free", stated=(
        0, "Cloud Monitoring does not charge for the platform's own metrics (its pricing page)", "2026-11")),
    Item("alarms.month", "as-aws", (), "a condition of an alerting policy"),
    Item("backup.gb_month", "region", (Match("Cloud SQL", "Backups"),), "Cloud SQL backups"),
    Item("backup.offsite.gb_month", "region", (Match("Cloud SQL", "Backups"),), "Cloud SQL backups elsewhere"),
    Item("container.vcpu_hour", "region", (), "Cloud Run, always allocated", (1.8e-5 * 3600, _RUN, "2025")),
    Item("container.gb_hour", "region", (), "Cloud Run, always allocated", (2e-6 * 3600, _RUN, "2025")),
    Item("kubernetes.cluster_hour", "same", (Match("GKE", "Cluster management fee"),), "GKE"),
    Item("queue.month", "free", stated=(0, "Pub/Sub has no fee before traffic (its pricing page)", "2026-11")),
    Item("queue.1m_requests", "same",
         (Match("Pub/Sub", "Message ingestion data", 1e6 * 4096 / 2**40, _MESSAGE),), "Pub/Sub, 4 KiB each"),
    Item("registry.month", "free", stated=(
        0, "Artifact Registry has no fee before storage (its pricing page)", "2026-11")),
    Item("registry.gb_month", "same", (Match("Artifact Registry", "Storage"),), "Artifact Registry"),
    Item("trail.100k_events", "same", (Match("Cloud Logging", "Logging data", 0.1, "1 KiB an event"),),
         "data access logs, 1 KiB an event"),
    Item("trail.copy.100k_events", "same", (Match("Cloud Logging", "Logging data", 0.1, "1 KiB an event"),),
         "kept in Cloud Logging, 1 KiB an event"),
    Item("flowlogs.gb", "same", (), "VPC flow logs, kept in Cloud Logging", (0.25, _LOGGING, "2025")),
)  # fmt: skip

# item, beginning of the service, beginning of the condition
SLAS = (
    ("server.single", "Compute Engine", "single instance, all"),
    ("server.multi-zone", "Compute Engine", "instances in multiple zones, Premium"),
    ("postgres.multi-az", "Cloud SQL", "Enterprise with HA"),
    ("mysql.multi-az", "Cloud SQL", "Enterprise with HA"),
    ("redis.replicated", "Memorystore for Redis", "Standard tier"),
    ("valkey.replicated", "Memorystore for Redis Cluster", "multi-zone with HA"),
    ("balancer", "Cloud Load Balancing", "Premium"),
    ("balancer.single", "Cloud Load Balancing", "Standard tier"),
    ("objects", "Cloud Storage", "Standard in a region"),
    ("dns", "Cloud DNS", "authoritative"),
    ("nat", "Cloud NAT", "per region"),
    ("kubernetes", "GKE", "regional cluster"),
)

_NONE = "no public text of this SLA was found: taken as"
# item, condition, uptime, assumed, source or ground, date: what the facts do not hold
OTHER_SLAS = tuple(
    (item, condition, uptime, "yes", text, "2026-11")
    for item, condition, uptime, text in (
        ("postgres.single", "one zone", "0.995", "outside Cloud SQL's SLA: taken as RDS's for one instance"),
        ("mysql.single", "one zone", "0.995", "outside Cloud SQL's SLA: taken as RDS's for one instance"),
        ("redis.single", "Basic tier", "0.995", "outside Memorystore's SLA: taken as ElastiCache's for one node"),
        ("valkey.single", "no replica", "0.995", "outside Memorystore's SLA: taken as ElastiCache's for one node"),
        ("cdn", "Cloud CDN", "0.999", f"{_NONE} CloudFront's"),
        ("secrets", "Secret Manager", "0.999", f"{_NONE} AWS Secrets Manager's"),
        ("keys", "Cloud KMS", "0.999", f"{_NONE} that of secrets"),
        ("waf", "Cloud Armor", "0.9999", f"{_NONE} that of the balancer it is part of"),
        ("container", "Cloud Run", "0.9995", f"{_NONE} GKE's for a regional cluster (99.95 %)"),
        ("queue", "Pub/Sub", "0.999", f"{_NONE} S3's"),
        ("registry", "Artifact Registry", "0.999", f"{_NONE} ECR's"),
        ("zone", "one zone of a region works", "0.9999",
         "nobody promises one zone: taken as on AWS, one outage of four hours in five years"),
    )
)  # fmt: skip

# A ladder of Cloud SQL's custom sizes: vCPU -> MB, with 3.75 and with 6.5 GB per vCPU. All are allowed
# (cloud.google.com/sql/docs, "Instance settings": an even number of vCPUs, 0.9 to 6.5 GB each, in steps of 256 MB).
_DATABASES = tuple((vcpu, vcpu * each) for each in (3840, 6656) for vcpu in (2, 4, 8, 16, 32, 64))
_SQL_ENGINES = ("postgres", "mysql")
_SHARED = {"db-f1-micro": 0.6, "db-g1-small": 1.7}  # GiB
_SUM = "vCPUs times their price and GB times theirs, 730 hours a month"

# Capacity tiers of Memorystore for Redis (cloud.google.com/memorystore/docs/redis/pricing): tier -> GB on offer here
_REDIS = {
    "M1": (1, 2, 3, 4), "M2": (5, 6, 8, 10), "M3": (12, 16, 20, 24, 32), "M4": (40, 50, 64, 80, 100),
    "M5": (120, 150, 200, 250, 300),
}  # fmt: skip
_NODES = {  # nodes of Memorystore for Redis Cluster and Valkey: fact -> name, GB, vCPU (docs "Node specification")
    "shared core nano": ("valkey-shared-core-nano", 1.4, 0.5),
    "standard small": ("valkey-standard-small", 6.5, 2),
    "highmem medium": ("valkey-highmem-medium", 13, 2),
    "highmem xlarge": ("valkey-highmem-xlarge", 58, 8),
}


def classes(facts: Path) -> Iterator[Class]:
    """Cloud SQL by vCPU and GB, Memorystore by GB, as the price list has them, in sizes a plan can choose from."""
    prices = {
        (row["service"], row["sku"]): row
        for row in read(facts / "managed_services.csv.gz", NAME)
        if row["region"] == HOME
    }
    for mode, design in (("zonal", ""), ("regional", "-multi-az")):
        cpu, memory = prices["Cloud SQL", f"vCPUs (2, {mode})"], prices["Cloud SQL", f"Memory (7.5 GB, {mode})"]
        for vcpu, megabytes in _DATABASES:
            usd = vcpu * float(cpu["usd"]) + megabytes / 1024 * float(memory["usd"]) / 730
            for engine in _SQL_ENGINES:
                name = f"db-custom-{vcpu}-{megabytes}"
                yield _class(cpu, engine + design, name, "db", vcpu, megabytes / 1024, usd, "derived", _SUM)
        for name, gigabytes in _SHARED.items():
            row = prices["Cloud SQL", f"SQL instance ({name}, {mode})"]
            for engine in _SQL_ENGINES:
                yield _class(row, engine + design, name, "db", 1, gigabytes, float(row["usd"]), "observed")
    for size, capacities in _REDIS.items():
        for design, kind in (("basic", "redis"), ("standard", "redis-replicated")):
            row = prices["Memorystore Redis", f"Redis instance ({design}, {size})"]
            for gigabytes in capacities:
                usd = gigabytes * float(row["usd"]) / 730
                note = "GB times their price, 730 hours a month"
                yield _class(
                    row, kind, f"redis-{size.lower()}-{gigabytes}gb", "redis", 1, gigabytes, usd, "derived", note
                )
    for node, (name, gigabytes, vcpu) in _NODES.items():
        row = prices["Memorystore Redis Cluster", f"Cluster node ({node})"]
        note = "Memorystore for Valkey has the nodes and prices of Redis Cluster"
        yield _class(row, "valkey", name, "valkey", vcpu, gigabytes, float(row["usd"]), "derived", note)


def _class(
    row: dict[str, str], kind: str, name: str, family: str, vcpu: float, memory: float, usd: float, quality: str,
    note: str = "",
) -> Class:  # fmt: skip
    source = f"{row['source']}; {note}" if note else row["source"]
    return Class(HOME, kind, name, family, vcpu, memory, "x86_64", usd, quality, source, row["date"])


def runs_on(name: str) -> str:
    """Managed services follow a region's servers in general."""
    return ""


def measured_as(name: str) -> str:
    """The server whose measured speed a size has: none of a managed service."""
    return name
