"""A catalog read from the data files of this package. Nothing is read before it is asked for, and once only.

    data/items.csv                what each unit price means, and what it is on each cloud
    data/countries.csv            where the users of a country live
    data/pairs.csv                where a cloud copies the backups of its managed databases to
    data/scores/                  measured speeds (CC BY-SA 4.0)
    data/<cloud>/                 regions, sizes, slas, latency, hosts (where a country's users are), cdn (price areas),
                                  products (what the parts of a plan are called there)
    data/<cloud>/sources.csv      where each price comes from: id, quality, band, text, licence, date
    data/<cloud>/free.csv         unit prices the cloud does not charge: item, reason, source, date
    data/<cloud>/unsold.csv       what it does not sell, and regions left out: what, reason, source, date
    data/<cloud>/global.csv       unit prices that have no region (CDN, DNS)
    data/<cloud>/prices/<region>.csv   everything sold in one region

Price files hold no quotes and no commas inside values, and their rows are sorted, so that they split with
`str.split`: the shelves of all regions together have to be there in a few hundredths of a second.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np

from standfast.clouds.columns import Sizes, Sources
from standfast.clouds.latency import Network
from standfast.clouds.model import Price, Region, Shelf, Sla, Words
from standfast.problem import Problem, Problems, did_you_mean, quoted

DATA = Path(__file__).parent / "data"
Section = tuple[list[str], list[str], list[str]]  # names, USD, source ids
KINDS = ("server", "postgres", "postgres-multi-az", "mysql", "mysql-multi-az", "redis", "valkey")
PAIRS = {"redis-replicated": "redis", "valkey-replicated": "valkey"}
"""Two nodes in two zones: twice the price of one, where a cloud has no price of their own (Google does)."""


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lock_of(data: Path, cloud: str) -> str:
    """sha256 over every data file a cloud's catalog is read from (names and bytes, in the order of names)."""
    import hashlib

    digest = hashlib.sha256()
    facts = data / cloud / "facts.csv"
    shared = [data / "items.csv", data / "countries.csv", *data.glob(f"scores/{cloud}_*.csv")]
    for path in sorted({*shared, *(data / cloud).rglob("*.csv")} - {facts}):
        digest.update(f"{path.relative_to(data).as_posix()}\n".encode() + path.read_bytes())
    return f"sha256:{digest.hexdigest()}"


class FileCatalog:
    """The `Catalog` of one cloud from `data/<cloud>/`."""

    def __init__(self, cloud: str, data: Path = DATA):
        self.cloud = cloud
        self.data = data
        self.folder = data / cloud
        self._prices: dict[str, str] = {}
        self._shelves: dict[tuple[str, str], Shelf] = {}
        self._items: dict[str, dict[str, tuple[float, int]]] = {}  # USD, row of the source
        self._known: dict[tuple[str, str], Price] = {}
        self._tiers: dict[tuple[str, str], tuple[tuple[float, Price], ...]] = {}

    def regions(self) -> tuple[Region, ...]:
        return self._regions

    @cached_property
    def _regions(self) -> tuple[Region, ...]:
        return tuple(
            Region(
                self.cloud, row["region"], row["title"], row["country"], row["continent"], row["eu"] == "yes",
                row["eea"] == "yes", float(row["latitude"]), float(row["longitude"]), int(row["zones"]),
            )
            for row in rows(self.folder / "regions.csv")
        )  # fmt: skip

    def region(self, name: str) -> Region:
        """The region of that name. Raises Problems, naming the nearest known, for one without prices."""
        found = self._by_name.get(name)
        if found is None:
            why = self.unsold.get(name) or f"the catalog of {self.cloud} has no such region"
            raise Problems([Problem(f"no prices for {quoted(name)}", why, did_you_mean(name, self._by_name))])
        return found

    @cached_property
    def _by_name(self) -> dict[str, Region]:
        return {region.name: region for region in self._regions}

    @property
    def words(self) -> Words:
        """The cloud's module: how it names what it sells."""
        import importlib

        return cast(Words, importlib.import_module(f"standfast.clouds.{self.cloud}"))

    @cached_property
    def _sources(self) -> Sources:
        return Sources(rows(self.folder / "sources.csv"))

    @cached_property
    def free(self) -> dict[str, dict[str, str]]:
        """The unit prices that the cloud does not charge, each with its reason, source and date."""
        return {row["item"]: row for row in rows(self.folder / "free.csv")}

    @cached_property
    def unsold(self) -> dict[str, str]:
        """The kinds that the cloud does not sell and the regions left out, each with the reason."""
        return {row["what"]: row["reason"] for row in rows(self.folder / "unsold.csv")}

    @cached_property
    def _sizes(self) -> Sizes:
        speeds = {row["family"]: float(row["speed"]) for row in rows(self.data / "scores" / f"{self.cloud}_speeds.csv")}
        return Sizes(rows(self.folder / "sizes.csv"), speeds)

    @cached_property
    def network(self) -> Network:
        return Network(
            rows(self.folder / "latency.csv"), rows(self.folder / "hosts.csv"), rows(self.data / "countries.csv"),
            {region.name: (region.latitude, region.longitude) for region in self._regions},
        )  # fmt: skip

    def _section(self, region: str, kind: str) -> Section:
        """One kind in one region, as the files have it; unit prices with those that have no region."""
        if region not in self._prices:
            self.region(region)
            self._prices[region] = (self.folder / "prices" / f"{region}.csv").read_text(encoding="utf-8")
        names, prices, origins = _split(self._prices[region], kind)
        if kind == "item":
            for column, more in zip((names, prices, origins), self._global, strict=True):
                column.extend(more)
        return names, prices, origins

    @cached_property
    def _global(self) -> Section:
        return _split((self.folder / "global.csv").read_text(encoding="utf-8"), "item")

    def shelf(self, region: str, kind: str) -> Shelf:
        """The offers of a kind in a region, cheapest first. Raises Problems for an unknown region or kind."""
        key = region, kind
        if key not in self._shelves:
            if kind not in (*KINDS, *PAIRS):
                raise Problems([Problem(f"nothing is sold as {quoted(kind)}", fix=did_you_mean(kind, KINDS))])
            found = self._read_shelf(region, kind)
            self._shelves[key] = self._pairs(region, kind) if kind in PAIRS and not len(found) else found
        return self._shelves[key]

    def _pairs(self, region: str, kind: str) -> Shelf:
        one = self.shelf(region, PAIRS[kind])
        return replace(one, kind=kind, usd_hour=2 * one.usd_hour, low=2 * one.low, high=2 * one.high)

    def _read_shelf(self, region: str, kind: str) -> Shelf:
        names, prices, origins = self._section(region, kind)
        sizes, sources = self._sizes, self._sources
        size = np.array([sizes.row[name] for name in names], dtype=np.intp)
        source = np.array([sources.row[origin] for origin in origins], dtype=np.intp)
        usd = np.array(prices, dtype=float)
        return Shelf(
            self.cloud, region, kind, sizes.name[size], sizes.vcpu[size], sizes.memory[size], usd,
            usd * sources.low[source], usd * sources.high[source], sizes.arch[size], sizes.burstable[size],
            sizes.speed[size], sizes.measured[size], sources.quality[source], sources.text[source],
            sources.date[source],
        )  # fmt: skip

    def listed(self, region: str, kind: str) -> dict[str, float]:
        """The bare USD prices of a kind (`item` for unit prices) in a region, by name."""
        names, prices, _ = self._section(region, kind)
        return dict(zip(names, map(float, prices), strict=True))

    def price(self, region: str, item: str) -> Price:
        """One unit price. Raises Problems for an item or region nobody sells."""
        key = region, item
        if key not in self._known:
            self._known[key] = self._read_price(region, item)
        return self._known[key]

    def _read_price(self, region: str, item: str) -> Price:
        if region not in self._items:
            names, prices, origins = self._section(region, "item")
            found = zip(names, prices, origins, strict=True)
            self._items[region] = {name: (float(usd), self._sources.row[origin]) for name, usd, origin in found}
        sold = self._items[region]
        if item in self.free:
            why = self.free[item]
            text = f"{why['reason']}; {why['source']}" if why["source"] else why["reason"]
            return Price(item, 0.0, self.item_units[item], 0.0, 0.0, "exact", text, why["date"])
        if item not in sold:
            raise Problems([Problem(f"no price for {quoted(item)} in {region}", fix=did_you_mean(item, sold))])
        usd, row = sold[item]
        sources = self._sources
        return Price(
            item, usd, self.item_units[item.partition("@")[0]], usd * float(sources.low[row]),
            usd * float(sources.high[row]), str(sources.quality[row]), str(sources.text[row]), str(sources.date[row]),
        )  # fmt: skip

    def prices(self, region: str) -> tuple[Price, ...]:
        """Every unit price of a region, by name; tiers are named `item@first unit`."""
        names = {*self._section(region, "item")[0], *self.free}
        return tuple(self.price(region, name) for name in sorted(names))

    def tiers(self, region: str, item: str) -> tuple[tuple[float, Price], ...]:
        """(first unit of the tier, price) for an item sold in tiers, cheapest last; one pair from 0 if it is flat."""
        key = region, item
        if key not in self._tiers:
            first, mark = self.price(region, item), f"{item}@"
            starts = sorted(float(name.removeprefix(mark)) for name in self._items[region] if name.startswith(mark))
            more = ((start, self.price(region, f"{mark}{start:.0f}")) for start in starts)
            self._tiers[key] = ((0.0, first), *more)
        return self._tiers[key]

    @cached_property
    def item_units(self) -> dict[str, str]:
        return {row["item"]: row["unit"] for row in rows(self.data / "items.csv")}

    @cached_property
    def item_meanings(self) -> dict[str, str]:
        """What each unit price is on this cloud, or where that is plain what it means everywhere."""
        return {row["item"]: row[self.cloud] or row["meaning"] for row in rows(self.data / "items.csv")}

    def sla(self, item: str) -> Sla:
        """The published uptime of an item. Raises Problems for one that is not known."""
        if item not in self._slas:
            raise Problems([Problem(f"no SLA known for {quoted(item)}", fix=did_you_mean(item, self._slas))])
        return self._slas[item]

    @cached_property
    def _slas(self) -> dict[str, Sla]:
        return {
            row["item"]: Sla(row["item"], row["condition"], float(row["uptime"]), row["source"], row["date"],
                             row["assumed"] == "yes")
            for row in rows(self.folder / "slas.csv")
        }  # fmt: skip

    def rtt(self, country: str, region: str) -> tuple[float, bool]:
        """Seconds of round trip between users of a country (ISO 3166, two capitals) and a region."""
        return self.network.rtt(country, region)

    def rtt_between(self, one: str, other: str) -> tuple[float, bool]:
        """Seconds of round trip between two regions; True where it was measured."""
        return self.network.rtt_between(one, other)

    def cdn_zone(self, country: str) -> str:
        """The price area of the CDN that serves a country: `europe` for `cdn.gb.europe`. `europe` where unknown."""
        zones = self._cdn
        return zones.get(country) or zones.get(self._continents.get(country, ""), "europe")

    @cached_property
    def _cdn(self) -> dict[str, str]:
        return {row["area"]: row["zone"] for row in rows(self.folder / "cdn.csv")}

    @cached_property
    def _continents(self) -> dict[str, str]:
        return {row["country"]: f"*{row['continent']}" for row in rows(self.data / "countries.csv")}

    def product(self, part: str) -> str:
        """What a part of a plan is called here: `balancer` is an Application Load Balancer. The part where unknown."""
        return self._products.get(part, part)

    @cached_property
    def _products(self) -> dict[str, str]:
        return {row["part"]: row["product"] for row in rows(self.folder / "products.csv")}

    def facts(self) -> Mapping[str, str]:
        """`lock` over all data files, `oldest` and `newest` date of a price. Recorded when they were written."""
        return {row["fact"]: row["value"] for row in rows(self.folder / "facts.csv")}


def _split(text: str, kind: str) -> Section:
    """The rows of one kind: a price file is sorted by kind, so that they stand together."""
    mark = f"\n{kind},"
    start = text.find(mark)
    if start < 0:
        return [], [], []
    end = text.index("\n", text.rindex(mark) + 1)
    values = text[start + 1 : end].replace("\n", ",").split(",")
    return values[1::4], values[2::4], values[3::4]
