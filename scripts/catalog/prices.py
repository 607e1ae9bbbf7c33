"""What is sold where and for how much: cleaned, then filled in where nobody states a price."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from standfast.clouds import aws
from standfast.clouds.cleaning import Row, suspects
from standfast.clouds.estimate import Prices, nearest, server_ratio

from .facts import Sources, read
from .items import ITEMS, Item

ENGINES = {
    "RDS postgres": ("postgres", "postgres-multi-az"),
    "RDS mysql": ("mysql", "mysql-multi-az"),
    "ElastiCache Redis": ("redis",),
    "ElastiCache Valkey": ("valkey",),
}

Stated = tuple[float, str]  # USD, source id
Sold = dict[tuple[str, str], dict[str, Stated]]  # (region, kind) -> name -> price
Sizes = dict[str, tuple[str, float, float, str]]  # name -> family, vCPU, GiB, architecture
Places = Mapping[str, tuple[float, float]]


def servers(facts: Path, sources: Sources, sizes: Sizes) -> Sold:
    """The servers a planner may buy, cleaned."""
    rows = [row for row in read(facts / "servers.csv.gz") if not aws.refused(row["server"])]
    bad = suspects(Row(row["region"], "server", row["server"], float(row["usd_hour"])) for row in rows)
    sold: Sold = defaultdict(dict)
    for row in rows:
        name = row["server"]
        if not _left_out(bad, (row["region"], "server", name)):
            done = "-line" if row["price_quality"] == "derived" else ""
            source = sources.id(row["price_quality"], row["source"], row["date"], done)
            sold[row["region"], "server"][name] = float(row["usd_hour"]), source
            sizes[name] = name.partition(".")[0], float(row["vcpu"]), float(row["mem_gib"]), row["arch"]
    return sold


def managed(facts: Path, sources: Sources, sizes: Sizes, regions: set[str]) -> Sold:
    """Database and cache classes as published, cleaned."""
    found = []
    for fact in read(facts / "managed_services.csv.gz"):
        if fact["service"] in ENGINES and fact["region"] in regions:
            name, _, mode = fact["sku"].partition(" ")
            kind = ENGINES[fact["service"]][mode == "Multi-AZ"]
            found.append((Row(fact["region"], kind, name, float(fact["usd"])), fact))
    bad = suspects(row for row, _ in found)
    sold: Sold = defaultdict(dict)
    for row, fact in found:
        if not _left_out(bad, row.key):
            size = aws.parse(row.name)
            assert size, row.name
            arch = "arm64" if size.processor == "g" else "x86_64"
            sizes[row.name] = size.family, float(fact["vcpu"]), float(fact["mem_gib"]), arch
            sold[row.region, row.kind][row.name] = row.usd, sources.id("observed", fact["source"], fact["date"])
    return sold


def _left_out(bad: Mapping[tuple[str, str, str], str], key: tuple[str, str, str]) -> bool:
    if key in bad:
        print("left out:", bad[key], file=sys.stderr)
    return key in bad


def levels(sold: Sold) -> Prices:
    """region -> server -> USD per hour: how dear each region is."""
    return {region: {n: usd for n, (usd, _) in t.items()} for (region, kind), t in sold.items() if kind == "server"}


def fill(sold: Sold, places: Places, sources: Sources) -> None:
    """For every region with servers, add the kinds that nobody states a price for: the nearest region's, scaled.

    Only classes of families whose servers the region sells: the machines have to be there.
    """
    level = levels(sold)
    for kind in (kind for kinds in ENGINES.values() for kind in kinds):
        known = {region for region, k in sold if k == kind}
        for region in sorted(set(level) - known):
            base = nearest(region, known, places)
            families = {name.partition(".")[0] for name in level[region]}
            for name, (usd, source) in sold[base, kind].items():
                family = name.split(".")[1]
                if family in families:
                    ratio = server_ratio(level, region, base, family)
                    sold[region, kind][name] = usd * ratio, _scaled(sources, source, base)


def items(facts: Path, sold: Sold, places: Places, sources: Sources) -> None:
    """Add every unit price in every region (or `global`); what to do where none is stated is the item's scope."""
    table = [row for name in ("managed_services", "storage", "egress") for row in read(facts / f"{name}.csv.gz")]
    level = levels(sold)
    for item in ITEMS:
        known = stated(item, table, set(level), sources)
        if not known:
            raise SystemExit(f"no fact states {item.key}")
        if item.scope == "global":
            sold["global", "item"][item.key] = known["global"]
            continue
        for region in sorted(level):
            sold[region, "item"][item.key] = known.get(region) or _elsewhere(
                item, region, known, level, places, sources
            )


def _elsewhere(item: Item, region: str, known: dict[str, Stated], level: Prices, places: Places, sources: Sources):
    base = nearest(region, known, places)
    usd, source = known[base]
    if item.scope == "same":
        words = "the same in every region that states it"
        return usd, sources.changed(source, "derived", words, "-same")
    if item.scope == "near":
        return usd, sources.changed(source, "estimated", f"taken from the nearest region, {base}", f"-near-{base}")
    return usd * server_ratio(level, region, base), _scaled(sources, source, base)


def _scaled(sources: Sources, source: str, base: str) -> str:
    words = f"estimated from {base} by the ratio of server prices"
    return sources.changed(source, "estimated", words, f"-from-{base}")


def stated(item: Item, table: list[dict[str, str]], regions: set[str], sources: Sources) -> dict[str, Stated]:
    """The stated prices of an item by region (or `global`): of several the earlier match, then the newest."""
    best: dict[str, tuple[int, str]] = {}
    found: dict[str, Stated] = {}
    for rank, match in enumerate(item.matches):
        for row in table:
            region = row.get("region") or row["from_region"]
            name = row.get("sku") or row.get("tier") or ""
            fits = row.get("service", "egress") == match.service and re.fullmatch(match.pattern, name)
            if not fits or (region not in regions and region != "global"):
                continue
            region = "global" if item.scope == "global" else region
            if (-rank, row["date"]) > best.get(region, (-99, "")):
                best[region] = -rank, row["date"]
                text = f"{row['source']}; {match.note}" if match.note else row["source"]
                quality, done = ("derived", "-part") if match.times != 1 else ("observed", "")
                found[region] = float(row["usd"]) * match.times, sources.id(quality, text, row["date"], done)
    if item.stated:
        usd, text, date = item.stated
        found = {"global" if item.scope == "global" else "us-east-1": (usd, sources.id("observed", text, date))}
    return found
