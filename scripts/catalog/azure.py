"""Azure: which fact states which unit price, and which SLA. items.py says what such a table holds.

Products chosen are those a small team would take: Application Gateway v2, NAT gateway, Front Door Standard, Key
Vault, Log Analytics, flexible servers for databases, Azure Managed Redis, premium disks, zone-redundant blobs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from standfast.clouds import azure as WORDS

from .facts import read
from .items import CDN_AREAS, CDN_ZONES, Class, Item, Match, tier

__all__ = ["CDN_AREAS", "ITEMS", "OTHER_SLAS", "SLAS", "WORDS", "classes", "runs_on"]

NAME, HOME = "azure", "eastus"
PRODUCTS = {
    "balancer": "Application Gateway v2",
    "network": "NAT gateway",
    "cdn": "Front Door Standard",
    "waf": "Application Gateway WAF v2",
    "dns": "Azure DNS",
    "keys": "Key Vault",
    "secrets": "Key Vault",
    "logs": "Azure Monitor and Log Analytics",
    "backup": "Azure Backup",
    "objects": "Blob Storage, hot, zone-redundant",
    "container": "Container Apps",
    "kubernetes": "AKS",
    "queue": "Service Bus Standard",
    "registry": "Container Registry",
}
SPREAD: dict[str, tuple[str, ...]] = {"unspecified": ("eastus",)}
_RESTRICTED = "access on request only, for recovery inside the country"
_JIO = "not in Microsoft's public list of regions"
ALSO_MEASURED: tuple[str, ...] = ("Ds_v3", "Dds_v5", "Dads_v5", "Es_v3", "Eds_v4", "Eds_v5")
REGIONS_FROM = "MicrosoftDocs/azure-docs@04495fc articles/reliability/regions-list.md (CC BY 4.0)"
REGIONS_OF = "2025-03-21"
WITHIN = "2"  # ms between zones of a region: less than that, Microsoft "What are availability zones" (2026)
LEFT_OUT = {
    **dict.fromkeys(
        ("australiacentral2", "brazilsoutheast", "francesouth", "germanynorth", "koreasouth", "norwaywest",
         "southafricawest", "swedensouth", "switzerlandwest", "uaecentral"), _RESTRICTED),
    **dict.fromkeys(("jioindiacentral", "jioindiawest"), _JIO),
    "belgiumcentral": "no server prices were found",
    "newzealandnorth": "its place and zones were not found",
}  # fmt: skip
UNSOLD = (
    (
        "valkey",
        "Azure sells no managed Valkey; Azure Managed Redis speaks the same protocol",
        "learn.microsoft.com/azure/redis/overview",
        "2026-11",
    ),
)
PARTLY = {"postgres": ("eastus", "eastus2"), "postgres-multi-az": ("eastus2",)}
_V6 = "its generation before; nobody measured v7"
LIKE = {
    **{f"{name}_v7": ("azure", f"{name}_v6", 1.0, _V6) for name in ("Das", "Dals", "Eas", "Fas", "Fals")},
    "Bts_v2": ("azure", "Bls_v2", 1.0, "the same machines"),
    "Bats_v2": ("azure", "Bals_v2", 1.0, "the same machines"),
    "Bpts_v2": ("azure", "Bpls_v2", 1.0, "the same machines"),
    "Bms": ("azure", "Bs_v2", 1.0, "a measurement of a burst says nothing"),
    **dict.fromkeys(("Balanced", "MemoryOptimized", "ComputeOptimized"),
                    ("azure", "Ds_v5", 1.0, "which machines serve it is not published")),
}  # fmt: skip

_LOGS = "Log Analytics", "Log data ingestion"
_APPGW, _BLOB = "Application Gateway", "General Block Blob v2"
_ZONE_1 = "first 100 GB free; zone 1, Microsoft's network"
_EGRESS_TIERS = {0: ("100", "100"), 10240: ("10000", "10100"), 51200: ("50000", "50100"), 153600: ("150000", "150100")}
_ZONE_1 = {0: 0.087, 10240: 0.083, 51200: 0.07, 153600: 0.05}  # as eastus states it
_BANDWIDTH = 'lucidity.cloud "Azure egress cost"'
_BETWEEN = {"North America": 0.02, "Europe": 0.02, "Asia": 0.08, "Oceania": 0.08, "Africa": 0.08, "South America": 0.16}
_MGN = 0.087 / 0.08
_MGN_NOTE = "times 0.087/0.08: Microsoft's network over routing preference Internet, as eastus states both"
_FRONT_DOOR = 'blog.cdnsun.com "Microsoft Azure Front Door pricing"'
_FRONT = "Front Door Standard, North America and Europe"
_AS_RUN = "no price of Container Apps found; taken as Google's Cloud Run, cloud.google.com/run/pricing (stored copy)"
_WAF = "0.36 - 0.20 USD/h of the gateway, 730 hours"
_CU = "27.8 capacity units of 10 requests/s for an hour, as Microsoft's guidance for WAF v2 says"
_SINGLE = "the price for one server; a standby in another zone is a second one"


def _egress() -> list[Item]:
    return [
        Item(tier("egress.internet.gb", start), "near",
             (Match("egress", rf"internet {ours}-.*zone 1.*"),
              Match("egress", rf"internet, routing preference Internet, from {theirs} GB/month", _MGN, _MGN_NOTE)),
             "Microsoft's network", None,
             dict.fromkeys(("North America", "Europe"), _ZONE_1[start]))
        for start, (ours, theirs) in _EGRESS_TIERS.items()
    ]  # fmt: skip


def _cdn() -> list[Item]:
    items = []
    for zone in ("", *CDN_ZONES):
        dot = f".{zone}" if zone else ""
        if zone in ("", "europe", "north-america"):
            items.append(Item(f"cdn.gb{dot}", "global", (), _FRONT, (0.083, _FRONT_DOOR, "2026")))
            items.append(Item(f"cdn.10k_requests{dot}", "global", (), _FRONT, (0.009, _FRONT_DOOR, "2026")))
        else:
            items.append(Item(f"cdn.gb{dot}", "as-aws", (), "Front Door Standard"))
            items.append(Item(f"cdn.10k_requests{dot}", "as-aws", (), "Front Door Standard"))
    return items


ITEMS: tuple[Item, ...] = (
    Item("balancer.hour", "region", (Match(_APPGW, r"Gateway usage \(basic v2\)"),), "Application Gateway Standard v2"),
    Item("balancer.lcu_hour", "region", (Match(_APPGW, r"V2 capacity units \(basic\)"),),
         "a capacity unit: 2.22 Mbit/s (1 GB/h), 50 TLS connections/s"),
    Item("nat.hour", "region", (Match("NAT gateway", "NAT gateway"),), "a NAT gateway"),
    Item("nat.gb", "region", (Match("NAT gateway", "Data processed"),), "through a NAT gateway"),
    Item("ipv4.hour", "same", (Match("Public IPv4", r"IP address \(static, regional\)"),), "a static public address"),
    *_egress(),
    Item("egress.zone.gb", "free", stated=(
        0, "Azure does not charge for traffic between zones (adammazouz.com, \"Understanding Azure bandwidth\")",
        "2023-08")),
    Item("egress.region.gb", "near", (), "inside a continent; between continents up to the dearer of the two",
         (0.02, _BANDWIDTH, "2026"), _BETWEEN),
    Item("disk.gp3.gb_month", "region",
         (Match("Premium SSD Managed Disks", "P4 LRS / P4 LRS Disk", 1 / 32, "a P4 of 32 GiB"),
          Match("Managed Disk", r"Storage \(P4, LRS\)", 1 / 32, "a P4 of 32 GiB")),
         "premium SSD P4 (120 operations/s), as the SLA for one server asks for"),
    Item("disk.snapshot.gb_month", "region",
         (Match("Standard HDD Managed Disks", "Snapshots ZRS / ZRS Snapshots"), Match("Disk snapshot", "Storage"))),
    Item("objects.gb_month", "region", (Match(_BLOB, "Hot ZRS / Hot ZRS Data Stored"),), "Blob, hot, in three zones"),
    Item("objects.put_1k", "near", (Match(_BLOB, "Hot ZRS / Hot ZRS Write Operations", 0.1, "per 10,000 there"),),
         "Blob, hot, in three zones"),
    Item("objects.get_1k", "near", (Match(_BLOB, "Hot ZRS / Hot ZRS Read Operations", 0.1, "per 10,000 there"),),
         "Blob, hot, in three zones"),
    Item("objects.replication.gb", "near",
         (Match("Storage - Bandwidth", "Geo-Replication v2 / Geo-Replication v2 Data Transfer"),), "geo-replication"),
    Item("cdn.profile_month", "global", (), "Front Door Standard", (35, _FRONT_DOOR, "2026")),
    *_cdn(),
    Item("database.storage.gb_month", "region", (Match("Azure Database for PostgreSQL Flexible", "Storage"),),
         "flexible server"),
    Item("database.storage_multi_az.gb_month", "region",
         (Match("Azure Database for PostgreSQL Flexible", "Storage", 2, _SINGLE),),
         "flexible server, both disks of zone-redundant HA"),
    Item("database.backup.gb_month", "region",
         (Match("Azure Database for PostgreSQL Flexible", "Additional backup storage"),), "flexible server"),
    Item("cache.backup.gb_month", "region", (Match(_BLOB, "Hot ZRS / Hot ZRS Data Stored"),), "exported to Blob"),
    Item("keys.month", "free", stated=(
        0, "Key Vault charges for a software-protected key only when it is used (its pricing page)", "2026-11")),
    Item("keys.10k_requests", "same", (Match("Key Vault", "Secrets operations", 1, "keys of RSA 2048 cost the same"),),
         "Key Vault, software-protected RSA 2048"),
    Item("secrets.month", "free", stated=(
        0, "Key Vault charges for a secret only when it is used (its pricing page)", "2026-11")),
    Item("secrets.10k_calls", "same", (Match("Key Vault", "Secrets operations"),), "Key Vault"),
    Item("waf.acl_month", "region", (), "what the gateway costs more as WAF v2", (0.16 * 730, _WAF, "2026-03-31")),
    Item("waf.rule_month", "free", stated=(0, "rules are part of Application Gateway WAF v2 (its pricing page)",
                                           "2026-11")),
    Item("waf.1m_requests", "region", (Match(_APPGW, r"V2 capacity units \(WAF\)", 27.8, _CU),),
         "capacity units of WAF v2"),
    Item("dns.zone_month", "global", (Match("DNS", "Hosted zone", region="westeurope"),), "Azure DNS"),
    Item("dns.1m_queries", "global", (Match("DNS", r"DNS queries \(first 1B\)"),), "Azure DNS"),
    Item("dns.check_month", "as-aws", (), "a Traffic Manager endpoint"),
    Item("logs.gb", "region", (Match(*_LOGS, unit="GB"),), "Log Analytics, pay as you go"),
    Item("logs.gb_month", "region", (Match("Log Analytics", "Log data retention"),),
         "Log Analytics beyond 31 days, not compressed"),
    Item("metrics.month", "free", stated=(
        0, "Azure Monitor does not charge for the platform's own metrics (its pricing page)", "2026-11")),
    Item("alarms.month", "same", (Match("Monitor metric alerts", "Metrics monitoring"),), "a metric alert"),
    Item("backup.gb_month", "region", (Match("Azure Backup", "ZoneRedundant/ZRS data stored"),),
         "Azure Backup in three zones; its fee per protected instance is apart"),
    Item("backup.offsite.gb_month", "region", (Match("Azure Backup", "GeoRedundant/GRS data stored"),),
         "Azure Backup with a copy in the paired region"),
    Item("container.vcpu_hour", "assumed", (), "Container Apps", (1.8e-5 * 3600, _AS_RUN, "2025")),
    Item("container.gb_hour", "assumed", (), "Container Apps", (2e-6 * 3600, _AS_RUN, "2025")),
    Item("kubernetes.cluster_hour", "same", (), "AKS, standard tier",
         (0.1, 'techcommunity.microsoft.com "AKS introduces Uptime SLA"; techmarmot.com the same for 2026', "2026")),
    Item("queue.month", "same", (Match("Service Bus", "Base charge", 730, "730 hours"),), "Service Bus Standard"),
    Item("queue.1m_requests", "same", (Match("Service Bus", r"Messaging operations \(13M-100M\)"),),
         "Service Bus Standard above the 13 million that its base charge contains"),
    Item("registry.month", "same",
         (Match("Container Registry", r"Registry usage \(Basic\)", 365 / 12, "per day there"),), "Basic with 10 GB"),
    Item("registry.gb_month", "same", (Match("Container Registry", r"Storage \(over 10GB\)"),), "beyond 10 GB"),
    Item("trail.100k_events", "region", (Match(*_LOGS, 0.1, "1 KiB an event", unit="GB"),),
         "kept in Log Analytics, 1 KiB an event"),
    Item("trail.copy.100k_events", "region", (Match(*_LOGS, 0.1, "1 KiB an event", unit="GB"),),
         "kept in Log Analytics, 1 KiB an event"),
    Item("flowlogs.gb", "as-aws", (), "virtual network flow logs"),
)  # fmt: skip

# item, beginning of the service, beginning of the condition
SLAS = (
    ("server.single", "Virtual Machines", "single instance, Premium"),
    ("server.multi-zone", "Virtual Machines", "2+ instances across 2+"),
    ("postgres.multi-az", "Database for PostgreSQL Flexible", "zone-redundant HA"),
    ("dns", "DNS", "valid queries"),
    ("kubernetes", "AKS", "API server"),
)

_NONE = "no public text of this SLA was found: taken as"
# item, condition, uptime, assumed, source or ground, date: what the facts do not hold
OTHER_SLAS = tuple(
    (item, condition, uptime, "yes", f"{_NONE} {ground}", "2026-11")
    for item, condition, uptime, ground in (
        ("postgres.single", "flexible server without HA", "0.995", "RDS's for one instance"),
        ("mysql.single", "flexible server without HA", "0.995", "RDS's for one instance"),
        ("mysql.multi-az", "flexible server, zone-redundant HA", "0.9999", "that of PostgreSQL with the same design"),
        ("redis.single", "Azure Managed Redis without HA", "0.995", "ElastiCache's for one node; Azure excludes it"),
        ("redis.replicated", "Azure Managed Redis with HA in zones", "0.9999",
         "Cache for Redis Enterprise's, its predecessor, with zone redundancy (docs commit 80e9c15)"),
        ("balancer", "Application Gateway v2 in zones", "0.9995",
         "five times the downtime of a Load Balancer, Standard"),
        ("balancer.single", "Application Gateway v2", "0.999", "AWS's for a balancer in one zone"),
        ("objects", "Blob, hot, zone-redundant", "0.999", "S3's"),
        ("cdn", "Front Door", "0.999", "CloudFront's"),
        ("secrets", "Key Vault", "0.999", "AWS Secrets Manager's"),
        ("keys", "Key Vault", "0.999", "that of its secrets"),
        ("waf", "Application Gateway WAF v2", "0.9995", "that of the gateway it is part of"),
        ("nat", "one gateway in each zone", "0.9999", "a Load Balancer's, Standard"),
        ("container", "Container Apps in zones", "0.9995", "App Service's (99.95 %)"),
        ("queue", "Service Bus Standard", "0.999", "S3's"),
        ("registry", "Container Registry", "0.999", "ECR's"),
        ("zone", "one zone of a region works", "0.9999",
         "on AWS: nobody promises one zone; one outage of four hours in five years"),
    )
)  # fmt: skip

_SERVERS = {"Azure Database for PostgreSQL Flexible": "postgres", "Azure Database for MySQL Flexible": "mysql"}
_LADDER = (2, 4, 8, 16, 32, 48, 64)
_MEMORY = {"GP": 4.0, "MO": 8.0}  # GiB per vCPU
_PER_VCORE = "flexible servers cost the same per vCore in all sizes of a series, as D4s_v3 and D16s_v3 show"

# Azure Managed Redis (learn.microsoft.com/azure/redis/overview, table of tiers, 2026): name -> GiB, vCPU
_CACHES = {
    "Balanced_B3": (3, 2), "Balanced_B5": (6, 2), "MemoryOptimized_M10": (12, 2), "MemoryOptimized_M20": (24, 4),
    "MemoryOptimized_M50": (60, 8), "MemoryOptimized_M100": (120, 16), "ComputeOptimized_X3": (3, 4),
    "ComputeOptimized_X5": (6, 4), "ComputeOptimized_X10": (12, 8), "ComputeOptimized_X20": (24, 16),
    "ComputeOptimized_X50": (60, 32), "ComputeOptimized_X100": (120, 64),
}  # fmt: skip
_BY_MEMORY = "in proportion to its memory; the tier's price is stated for one size"


def classes(facts: Path) -> Iterator[Class]:
    """Database and cache sizes: those stated, and the rest of their series by the price per vCore or GiB."""
    table = read(facts / "managed_services.csv.gz", NAME)
    found: dict[tuple[str, str, str], Class] = {}
    for fact in table:
        if fact["service"] in _SERVERS and fact["sku"].startswith("Compute "):
            for one in _databases(fact, _SERVERS[fact["service"]]):
                key = one.region, one.kind, one.name
                if key not in found or found[key].quality != "observed":
                    found[key] = one
    for fact in table:
        if fact["service"] == "Azure Managed Redis":
            stated = fact["sku"].removeprefix("Cache usage (").rstrip(")")
            for name, (memory, vcpu) in _CACHES.items():
                if stated in _CACHES and WORDS.family(name) == WORDS.family(stated):
                    quality, note = ("observed", "") if name == stated else ("estimated", f"; {_BY_MEMORY}")
                    usd = float(fact["usd"]) * memory / _CACHES[stated][0]
                    found[fact["region"], "redis", name] = Class(
                        fact["region"], "redis", name, WORDS.family(name), vcpu, memory, "x86_64", usd, quality,
                        fact["source"] + note, fact["date"],
                    )  # fmt: skip
    yield from found.values()


def _databases(fact: dict[str, str], kind: str) -> Iterator[Class]:
    """One stated size, and what follows from it: its series, and each with a standby."""
    name = fact["sku"].removeprefix("Compute ").strip("()")
    tier_name, _, size_name = name.rpartition("_Standard_")
    if not tier_name:  # stated as `E2ds_v5`
        tier_name, size_name = {"B": "B", "D": "GP", "E": "MO"}[name[0]], name
    size = WORDS.parse(f"Standard_{size_name}")
    assert size, fact["sku"]
    suffix = size_name[len(size.series) + len(str(size.vcpu)) :]
    for vcpu in _LADDER if tier_name != "B" else (size.vcpu,):
        own = vcpu == size.vcpu
        memory = vcpu * _MEMORY[tier_name] if tier_name != "B" else {1: 2.0, 2: 8.0}[vcpu]
        full = f"{tier_name}_Standard_{size.series}{vcpu}{suffix}"
        usd = float(fact["usd"]) * vcpu / size.vcpu
        for design in ("", "-multi-az") if tier_name != "B" else ("",):
            notes = ([] if own else [_PER_VCORE]) + ([_SINGLE] if design else [])
            yield Class(
                fact["region"], kind + design, full, size.family, vcpu, memory, "x86_64", usd * (2 if design else 1),
                "derived" if notes else "observed", "; ".join([fact["source"], *notes]), fact["date"],
            )  # fmt: skip


def runs_on(name: str) -> str:
    """Servers of the same processor without the local disk, which are sold nearly everywhere; else all."""
    size = WORDS.parse(name)
    if size is None:
        return ""
    return {"B": "Bs_v2", "D": "Ds_v5", "E": "Es_v5"}[size.series] if "a" not in size.letters else "Das_v5"


def measured_as(name: str) -> str:
    """The server whose measured speed a size has."""
    return name.partition("_")[2] if name.startswith(("B_", "GP_", "MO_")) else name
