"""The example shop, and a plan of it written by hand for the rooms that stand after the planner.

The figures here are no oracle: tests that judge numbers use the real planner.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from standfast.plan import Choice, CostLine, Money, Plan, Prices
from standfast.promise import Promise
from standfast.spec import System, read_spec

EXAMPLES = Path(__file__).parent.parent / "examples"


@cache
def shop() -> System:
    return read_spec(EXAMPLES / "shop.yaml")


def _choice(component: str, kind: str, offer: str, count: int, zones: int, design: str, usd: float, **size) -> Choice:
    line = CostLine(offer, float(count), "month", usd, Money(usd, usd, usd), "tests", "2026-11-23")
    known = {part.name: part.place for part in (*shop().services, *shop().stores)}
    place = known.get(component, shop().place)
    return Choice(component, kind, offer, count, zones, design, size, (line,), "for the test", "", None, place)


def shop_plan() -> Plan:
    system = shop()
    where = system.where
    choices = (
        _choice("web", "server", "m7g.large", 3, 3, "multi-zone", 180, vcpu=2, memory_gib=8.0, arch="arm64",
                min_count=3, needed=3, max_count=6, port=8080, disk_gib=30),
        _choice("api", "server", "m7g.xlarge", 6, 3, "multi-zone", 720, vcpu=4, memory_gib=16.0, arch="arm64",
                min_count=6, needed=6, max_count=12, port=8081, disk_gib=30),
        _choice("orders", "postgres", "db.r6g.xlarge", 1, 2, "multi-az-standby", 900, vcpu=4, memory_gib=32.0,
                arch="arm64", storage_gib=400, iops=3000, storage_type="gp3", engine_version="16", retention_days=14),
        _choice("sessions", "redis", "cache.r6g.large", 2, 2, "replicated", 330, vcpu=2, memory_gib=13.07,
                arch="arm64", engine_version="7.1"),
        _choice("images", "objects", "S3 Standard", 1, 3, "regional", 60, storage_gib=2048, versioned=True),
        _choice("balancer", "balancer", "Application Load Balancer", 1, 3, "multi-zone", 40),
        _choice("network", "network", "NAT gateway", 3, 3, "multi-zone", 110),
        _choice("cdn", "cdn", "CloudFront", 1, 0, "global", 600, hit_rate=0.85),
        _choice("waf", "waf", "AWS WAF", 1, 0, "regional", 10),
        _choice("dns", "dns", "Route 53", 1, 0, "global", 1),
        _choice("keys", "keys", "AWS KMS", 2, 0, "regional", 2),
        _choice("secrets", "secrets", "Secrets Manager", 1, 0, "regional", 1),
        _choice("backup", "backup", "AWS Backup", 1, 0, "regional", 30, interval_hours=24, retention_days=35),
        _choice("logs", "logs", "CloudWatch", 1, 0, "regional", 50, retention_days=90),
    )  # fmt: skip
    promises = (
        Promise("scalability.peak", 2100, "rps", "higher", where("scalability.peak"), 2400.0),
        Promise("reliability.availability", 99.9, "%", "higher", where("reliability.availability"), 99.93),
        Promise("reliability.rto.instance", 60, "s", "lower", where("reliability.recovery.instance.rto"), 30.0),
        Promise("reliability.rpo.instance", 0, "s", "lower", where("reliability.recovery.instance.rpo"), 0.0),
        Promise("reliability.rto.zone", 180, "s", "lower", where("reliability.recovery.zone.rto"), 120.0),
        Promise("reliability.rpo.zone", 0, "s", "lower", where("reliability.recovery.zone.rpo"), 0.0),
        Promise(
            "reliability.rto.corruption", 14400, "s", "lower", where("reliability.recovery.corruption.rto"), 9000.0
        ),
        Promise("reliability.rpo.corruption", 300, "s", "lower", where("reliability.recovery.corruption.rpo"), 300.0),
        Promise("performance.p95", 300, "ms", "lower", where("performance.p95"), 140.0),
        Promise("security.checks", 0, "failed checks", "lower", where("security")),
        Promise("cost.budget", 6000, "USD/month", "lower", where("cost.budget"), 3034.0),
    )
    zones = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
    prices = Prices("2024-08-09", "2026-07-20", "sha256:0")
    return Plan(system, "aws", "eu-west-1", zones, choices, promises, system.assumptions, prices)
