"""How a cloud's table says which fact states which unit price, and which SLA: see aws.py, azure.py, gcp.py.

Such a module has:

    NAME, WORDS        the cloud and its module in `standfast.clouds`
    HOME               the region of a price that is quoted for no region
    PRODUCTS           what each part of a plan is called there
    SPREAD             fact regions that stand for several of ours: name -> prefixes
    LEFT_OUT           regions nobody can just buy in: name -> reason; REGIONS_FROM and _OF: source and date of that
    WITHIN             ms of round trip inside a region, where the facts hold none; "" to leave it out
    UNSOLD             (kind, reason, source, date) of what the cloud does not sell
    ALSO_MEASURED      families whose measured speeds managed classes have, beside those on the shelf
    PARTLY             kind -> regions with a few stated prices: the others are not estimated from them
    ITEMS, SLAS, OTHER_SLAS, CDN_AREAS
    classes(facts)     the databases and caches that facts state: `Class` rows
    runs_on(name)      the family of servers whose price a managed class follows from region to region
    LIKE               family -> (cloud, family, factor, why): the speed of one nobody measured
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Match:
    """Rows of one service whose name is `pattern` (a whole regular expression); `times` turns them into the unit.

    With `unit` or `region` only rows that have it.
    """

    service: str
    pattern: str
    times: float = 1
    note: str = ""
    unit: str = ""
    region: str = ""


@dataclass(frozen=True)
class Item:
    """A unit price, and what to do in a region for which nobody states it.

    `scope`: `region` follows the price of servers; `near` follows the nearest region that states it; `same` costs
    the same in all regions that state it; `global` has no region; `free` is not charged for, `stated` tells why;
    `assumed` is another cloud's price, which `stated` names; it follows servers;
    `as-aws` nobody states it: AWS's price is taken, and said to be; in other regions as AWS's scope says.
    """

    key: str
    scope: str
    matches: tuple[Match, ...] = ()
    here: str = ""  # what it is on this cloud
    stated: tuple[float, str, str] | None = None  # USD, source, date of a price the facts folder does not hold
    continents: Mapping[str, float] = field(default_factory=dict)  # USD where the price list goes by them, same source


@dataclass(frozen=True)
class Class:
    """One size of a managed database or cache, as a fact states it or as it follows from one."""

    region: str
    kind: str
    name: str
    family: str
    vcpu: float
    memory: float
    arch: str
    usd: float
    quality: str
    source: str
    date: str


def tier(key: str, start: int) -> str:
    return f"{key}@{start}" if start else key


CDN_ZONES = {
    "europe": "Europe, Israel",
    "north-america": "US, Mexico, Canada",
    "asia": "Hong Kong, Philippines, Asia Pacific",
    "japan": "Japan",
    "india": "India",
    "oceania": "Australia, New Zealand",
    "south-america": "South America",
    "africa-middle-east": "South Africa, Kenya, Middle East",
}
_MIDDLE_EAST = ("AE", "BH", "IQ", "IR", "JO", "KW", "LB", "OM", "PS", "QA", "SA", "SY", "YE")
# Price areas of CDNs: a country, or all others of a continent (GeoNames code after *). Those of CloudFront (its
# pricing page) are the finest; a cloud that tells fewer apart has one price in several of them.
CDN_AREAS = {
    "*EU": "europe", "IL": "europe", "TR": "europe", "*NA": "north-america", "*SA": "south-america",
    "*OC": "oceania", "*AS": "asia", "*AF": "africa-middle-east", "JP": "japan", "IN": "india",
    **dict.fromkeys(_MIDDLE_EAST, "africa-middle-east"),
}  # fmt: skip


def _cdn() -> dict[str, tuple[str, str]]:
    found = {}
    for zone, title in {"": "Europe, America", **CDN_ZONES}.items():
        dot = f".{zone}" if zone else ""
        found[f"cdn.gb{dot}"] = "GB", f"sent by the CDN to users in {title}, in tiers"
        found[f"cdn.10k_requests{dot}"] = "10k requests", f"HTTPS requests to the CDN by users in {title}"
    return found


# item -> unit, meaning: one vocabulary for all clouds
VOCABULARY: dict[str, tuple[str, str]] = {
    "balancer.hour": ("hour", "an application load balancer"),
    "balancer.lcu_hour": ("LCU-hour", "its load: a unit is 25 new connections/s, 1 GB/h"),
    "nat.hour": ("hour", "a NAT gateway in one zone"),
    "nat.gb": ("GB", "sent through a NAT gateway, either way"),
    "ipv4.hour": ("hour", "a public IPv4 address"),
    "egress.internet.gb": ("GB", "sent to the internet, in tiers"),
    "egress.zone.gb": ("GB", "sent to another zone; paid on each side"),
    "egress.region.gb": ("GB", "sent to another region"),
    "disk.gp3.gb_month": ("GB-month", "a server's disk, 3000 IOPS included"),
    "disk.snapshot.gb_month": ("GB-month", "a snapshot of a server's disk"),
    "objects.gb_month": ("GB-month", "objects kept; first 50 TB"),
    "objects.put_1k": ("1k requests", "objects written or listed"),
    "objects.get_1k": ("1k requests", "objects read"),
    "objects.replication.gb": ("GB", "objects copied to a bucket in another region"),
    "cdn.profile_month": ("month", "a CDN's fee before any traffic"),
    **_cdn(),
    "database.storage.gb_month": ("GB-month", "disk of a database"),
    "database.storage_multi_az.gb_month": ("GB-month", "disk of a database and its standby"),
    "database.backup.gb_month": ("GB-month", "database backups beyond its size"),
    "cache.backup.gb_month": ("GB-month", "backups of a cache beyond the first"),
    "keys.month": ("key-month", "an encryption key of one's own"),
    "keys.10k_requests": ("10k requests", "uses of keys"),
    "secrets.month": ("secret-month", "a stored secret"),
    "secrets.10k_calls": ("10k requests", "reads of secrets"),
    "waf.acl_month": ("month", "a web firewall: one access list"),
    "waf.rule_month": ("rule-month", "a rule or rule group in it"),
    "waf.1m_requests": ("1M requests", "requests it looks at"),
    "dns.zone_month": ("zone-month", "a hosted DNS zone"),
    "dns.1m_queries": ("1M queries", "DNS queries"),
    "dns.check_month": ("check-month", "a DNS health check"),
    "logs.gb": ("GB", "logs taken in"),
    "logs.gb_month": ("GB-month", "logs kept (compressed)"),
    "metrics.month": ("metric-month", "a metric; first 10,000"),
    "alarms.month": ("alarm-month", "an alarm on one metric"),
    "backup.gb_month": ("GB-month", "a snapshot in the backup vault"),
    "backup.offsite.gb_month": ("GB-month", "the same, kept in another region"),
    "container.vcpu_hour": ("vCPU-hour", "a vCPU of a container on a managed platform, always on"),
    "container.gb_hour": ("GB-hour", "its memory"),
    "kubernetes.cluster_hour": ("hour", "the control plane of a Kubernetes cluster"),
    "queue.month": ("month", "a message queue's fee before any traffic"),
    "queue.1m_requests": ("1M requests", "messages sent, received or deleted"),
    "registry.month": ("month", "an image registry's fee before any storage"),
    "registry.gb_month": ("GB-month", "container images kept"),
    "trail.100k_events": ("100k events", "audit trail: data events"),
    "trail.copy.100k_events": ("100k events", "audit trail: more copies of the rest"),
    "flowlogs.gb": ("GB", "flow logs taken in; first 10 TB"),
}
