"""What is sold where and for how much: cleaned, then filled in where nobody states a price."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

from standfast.clouds import load_catalog
from standfast.clouds.cleaning import Row, suspects, windows
from standfast.clouds.estimate import Prices, nearest, server_ratio

from . import aws
from .facts import ASSUMED, Sources, read
from .items import Item

Stated = tuple[float, str]  # USD, source id
Sold = dict[tuple[str, str], dict[str, Stated]]  # (region, kind) -> name -> price
Sizes = dict[str, tuple[str, float, float, str]]  # name -> family, vCPU, GiB, architecture
Places = Mapping[str, tuple[float, float]]
_AWS_SCOPES = {item.key: item.scope for item in aws.ITEMS}


def servers(cloud: ModuleType, facts: Path, sources: Sources, sizes: Sizes) -> Sold:
    """The servers a planner may buy, cleaned."""
    words = cloud.WORDS
    rows = [row for row in read(facts / "servers.csv.gz", cloud.NAME) if not words.refused(row["server"])]
    rows = [row for row in rows if row["region"] not in cloud.LEFT_OUT]
    licensed = windows((_row(row) for row in rows), words)
    for row in rows:
        without = licensed.get(_row(row))
        if without:
            row["usd_hour"], row["price_quality"] = str(round(without, 6)), "corrected (Windows licence removed)"
    bad = suspects((_row(row) for row in rows), words)
    sold: Sold = defaultdict(dict)
    for row in rows:
        name = row["server"]
        if not _left_out(bad, (row["region"], "server", name)):
            quality, _, note = row["price_quality"].partition(" (")
            quality = "derived" if quality == "corrected" else quality
            done = "-licence" if note else "-line" if quality == "derived" else ""
            text = row["source"] + (f"; {note.rstrip(')')}" if note else "")
            sold[row["region"], "server"][name] = float(row["usd_hour"]), sources.id(quality, text, row["date"], done)
            sizes[name] = words.family(name), float(row["vcpu"]), float(row["mem_gib"]), row["arch"]
    return sold


def _row(fact: dict[str, str]) -> Row:
    return Row(fact["region"], "server", fact["server"], float(fact["usd_hour"]))


def managed(cloud: ModuleType, facts: Path, sources: Sources, sizes: Sizes, regions: set[str]) -> Sold:
    """Database and cache classes as published, cleaned."""
    found = [one for one in cloud.classes(facts) if one.region in regions]
    bad = suspects((Row(one.region, one.kind, one.name, one.usd) for one in found), cloud.WORDS)
    sold: Sold = defaultdict(dict)
    for one in found:
        if not _left_out(bad, (one.region, one.kind, one.name)):
            sizes[one.name] = one.family, one.vcpu, one.memory, one.arch
            done = "" if one.quality == "observed" else f"-{one.kind.partition('-')[0]}"
            sold[one.region, one.kind][one.name] = one.usd, sources.id(one.quality, one.source, one.date, done)
    return sold


def _left_out(bad: Mapping[tuple[str, str, str], str], key: tuple[str, str, str]) -> bool:
    if key in bad:
        print("left out:", bad[key], file=sys.stderr)
    return key in bad


def levels(sold: Sold) -> Prices:
    """region -> server -> USD per hour: how dear each region is."""
    return {region: {n: usd for n, (usd, _) in t.items()} for (region, kind), t in sold.items() if kind == "server"}


def fill(cloud: ModuleType, sold: Sold, zones: Mapping[str, int], places: Places, sources: Sources) -> None:
    """For every region with servers, add the kinds that nobody states a price for: the nearest region's, scaled.

    On AWS only classes of families whose servers the region sells: the machines have to be there. What stands in
    two zones is not sold in a region that has none.
    """
    level = levels(sold)
    for kind in sorted({kind for _, kind in sold} - {"server"}):
        known = {region for region, k in sold if k == kind} - set(cloud.PARTLY.get(kind, ()))
        for region in sorted(set(level) - known):
            base = nearest(region, known, places)
            families = {cloud.WORDS.family(name) for name in level[region]}
            for name, (usd, source) in sold[base, kind].items():
                family = cloud.runs_on(name)
                if (cloud.NAME != "aws" or family in families) and name not in sold[region, kind]:
                    ratio = server_ratio(level, region, base, family, cloud.WORDS)
                    sold[region, kind][name] = usd * ratio, _scaled(sources, source, base)
    for region, kind in [key for key in sold if key[1].endswith("-multi-az") and zones[key[0]] < 2]:
        del sold[region, kind]


def items(
    cloud: ModuleType, facts: Path, sold: Sold, continents: Mapping[str, str], places: Places, sources: Sources
) -> None:
    """Add every unit price in every region (or `global`); what to do where none is stated is the item's scope."""
    names = ("managed_services", "storage", "egress")
    table = [row for name in names for row in read(facts / f"{name}.csv.gz", cloud.NAME)]
    level = levels(sold)
    for item in cloud.ITEMS:
        if item.scope == "free":
            continue
        known = _as_aws(cloud, item, sources) or stated(cloud, item, table, set(level), sources)
        if not known:
            raise SystemExit(f"{cloud.NAME}: no fact states {item.key}")
        if "global" in known:
            sold["global", "item"][item.key] = known["global"]
            continue
        for region, continent in continents.items():
            if continent in item.continents:
                known[region] = item.continents[continent], known[cloud.HOME][1]
        for region in sorted(level):
            found = known.get(region) or _elsewhere(cloud, item, region, known, level, places, sources)
            sold[region, "item"][item.key] = found
    for region in sorted(level):
        _fall(sold[region, "item"], sources)


def _as_aws(cloud: ModuleType, item: Item, sources: Sources) -> dict[str, Stated]:
    if item.scope != "as-aws":
        return {}
    price = load_catalog("aws").price("us-east-1", item.key)
    text = f"no price found; taken as AWS's in us-east-1, {price.source}"
    where = "global" if item.key.startswith(("cdn.", "dns.")) else cloud.HOME
    return {where: (price.usd, sources.id(ASSUMED, text, price.date, "-as-aws"))}


def _fall(prices: dict[str, Stated], sources: Sources) -> None:
    """A first tier is never cheaper than a later one: where it is not stated, the later one is the least it can be."""
    for name in sorted((name for name in prices if "@" in name), key=lambda name: -float(name.partition("@")[2])):
        key, _, start = name.partition("@")
        before = [float(other.partition("@")[2] or 0) for other in prices if other.partition("@")[0] == key]
        last = max(one for one in before if one < float(start))
        other = f"{key}@{last:.0f}" if last else key
        if prices[other][0] < prices[name][0]:
            source = sources.changed(prices[name][1], "estimated", "taken from the next tier", "-tier")
            prices[other] = prices[name][0], source


def _elsewhere(
    cloud: ModuleType,
    item: Item,
    region: str,
    known: dict[str, Stated],
    level: Prices,
    places: Places,
    sources: Sources,
) -> Stated:
    base = nearest(region, known, places)
    usd, source = known[base]
    scope = _AWS_SCOPES[item.key] if item.scope == "as-aws" else item.scope
    if item.scope == "as-aws" and scope != "region":
        return usd, source
    if scope == "same":
        words = "the same in every region that states it"
        return usd, sources.changed(source, "derived", words, "-same")
    if scope == "near":
        return usd, sources.changed(source, "estimated", f"taken from the nearest region, {base}", f"-near-{base}")
    return usd * server_ratio(level, region, base, words=cloud.WORDS), _scaled(sources, source, base)


def _scaled(sources: Sources, source: str, base: str) -> str:
    words = f"estimated from {base} by the ratio of server prices"
    return sources.changed(source, "estimated", words, f"-from-{base}")


def stated(
    cloud: ModuleType, item: Item, table: list[dict[str, str]], regions: set[str], sources: Sources
) -> dict[str, Stated]:
    """The stated prices of an item by region (or `global`): of several the earlier match, then the newest."""
    best: dict[str, tuple[int, str]] = {}
    found: dict[str, Stated] = {}
    for rank, match in enumerate(item.matches):
        for row in table:
            name = row.get("sku") or row.get("tier") or ""
            place = row.get("region") or row["from_region"]
            if row.get("service", "egress") != match.service or not re.fullmatch(match.pattern, name):
                continue
            if match.unit not in ("", row["unit"]) or match.region not in ("", place):
                continue
            for region in _regions(cloud, item, place, regions):
                if (-rank, row["date"]) > best.get(region, (-99, "")):
                    best[region] = -rank, row["date"]
                    text = f"{row['source']}; {match.note}" if match.note else row["source"]
                    quality, done = ("derived", "-part") if match.times != 1 else ("observed", "")
                    source = sources.id(quality, text, row["date"], done)
                    found[region] = float(row["usd"]) * match.times, source
    if item.stated:
        usd, text, date = item.stated
        where = "global" if item.scope == "global" else cloud.HOME
        quality, done = (ASSUMED, "-assumed") if item.scope == "assumed" else ("observed", "")
        found = {where: (usd, sources.id(quality, text, date, done)), **found}
    return found


def _regions(cloud: ModuleType, item: Item, place: str, regions: set[str]) -> Iterable[str]:
    """Our regions that a fact's place stands for."""
    if item.scope == "global":
        return ("global",) if place in regions or place in cloud.SPREAD or place == "global" else ()
    if place in cloud.SPREAD:
        return [region for region in sorted(regions) if region.startswith(cloud.SPREAD[place])]
    return (place,) if place in regions else ()
