"""Round trips: measured between regions, and between the users of a country and a region.

Users of a country that hosts regions are taken to be where those regions are (`hosts.csv`: the share of the
country's city population nearest to each), and to reach the target over the measured path. Other users are at
their country's centre of city population, and the distance is turned into time by a line fitted on all
measured pairs of regions (`FIT`; docs/catalog.md states its error). Both have the users' own access added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import asin, cos, radians, sin, sqrt

from standfast.clouds.model import Catalog
from standfast.problem import Problem, Problems, did_you_mean, quoted

EARTH = 6371.0  # km, mean radius
ACCESS = 0.020  # s, round trip over the users' own access network: an assumption (wired about 10, mobile about 40 ms)
FIT = (6.5e-3, 15.8e-6)  # s, s per km of great circle
"""The line of least mean relative error over the measured pairs of AWS regions; a test searches for a better one,
and another that it serves the pairs of the other clouds nearly as well as their own would."""


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle kilometres between two (latitude, longitude) in degrees: the haversine formula."""
    (lat1, lon1), (lat2, lon2) = one, other
    a = sin(radians(lat2 - lat1) / 2) ** 2
    b = cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(a + b)))


def by_distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Seconds of round trip between two (latitude, longitude), by `FIT`."""
    return FIT[0] + FIT[1] * distance(one, other)


def rtt_between(one: Catalog, region: str, other: Catalog, far: str) -> tuple[float, bool]:
    """Seconds of round trip between a region of `one` and a region `far` of `other`; True where it was measured.

    Nobody publishes round trips between clouds: across them it is by distance. Raises Problems for unknown regions.
    """
    if one.cloud == other.cloud:
        return one.rtt_between(region, far)
    here, there = one.region(region), other.region(far)
    return by_distance((here.latitude, here.longitude), (there.latitude, there.longitude)), False


class Network:
    """Round trips of one cloud. Every answer is (seconds, measured)."""

    def __init__(
        self,
        latency: Iterable[Mapping[str, str]],
        hosts: Iterable[Mapping[str, str]],
        countries: Iterable[Mapping[str, str]],
        regions: Mapping[str, tuple[float, float]],
    ):
        self.pairs = {(row["from"], row["to"]): float(row["rtt_ms"]) / 1e3 for row in latency}
        self.regions = regions
        self.countries = {row["country"]: (float(row["latitude"]), float(row["longitude"])) for row in countries}
        self.hosts: dict[str, list[tuple[str, float]]] = {}
        for row in hosts:
            self.hosts.setdefault(row["country"], []).append((row["region"], float(row["share"])))

    def rtt_between(self, one: str, other: str) -> tuple[float, bool]:
        """Seconds between two regions, both ways the same. Raises Problems for a region that is not known."""
        known = self.pairs.get((one, other)) or self.pairs.get((other, one))
        if known:
            return known, True
        return by_distance(self._region(one), self._region(other)), False

    def rtt(self, country: str, region: str) -> tuple[float, bool]:
        """Seconds between the users of a country and a region. Raises Problems for one that is not known."""
        target = self._region(region)
        if country not in self.countries:
            raise Problems([Problem(f"no country {quoted(country)}", fix=did_you_mean(country, self.countries))])
        if country in self.hosts:
            paths = [(self.rtt_between(host, region), share) for host, share in self.hosts[country]]
            if all(measured for (_, measured), _ in paths):
                return ACCESS + sum(seconds * share for (seconds, _), share in paths), True
        return ACCESS + by_distance(self.countries[country], target), False

    def _region(self, name: str) -> tuple[float, float]:
        if name not in self.regions:
            raise Problems([Problem(f"no region {quoted(name)}", fix=did_you_mean(name, self.regions))])
        return self.regions[name]
