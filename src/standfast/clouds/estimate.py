"""Prices that nobody stated, from those that are known: a region is dearer than another by about the same factor
for everything that runs on servers.

Used when the data files are written (`scripts/regen_catalog.py`), never at run time: an estimate in the catalog
is a row like any other, marked `estimated`, and names the region it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median

from standfast.clouds.latency import distance

Prices = Mapping[str, Mapping[str, float]]  # region -> server name -> USD per hour


def server_ratio(servers: Prices, region: str, known: str, family: str = "") -> float:
    """How much dearer servers are in `region` than in `known`: the median over the names sold in both.

    With `family` only that family's servers are compared, where both regions sell some of it.
    """
    mine, theirs = servers[region], servers[known]
    shared = [name for name in mine if name in theirs]
    same = [name for name in shared if name.partition(".")[0] == family]
    ratios = [mine[name] / theirs[name] for name in (same or shared)]
    if not ratios:
        raise ValueError(f"{region} and {known} sell no server in common")
    return median(ratios)


def nearest(region: str, known: Iterable[str], places: Mapping[str, tuple[float, float]]) -> str:
    """The known region with the shortest great circle to this one; of equals the first by name."""
    return min(sorted(known), key=lambda other: distance(places[region], places[other]))
