"""Prices that nobody stated, from those that are known: a region is dearer than another by about the same factor
for everything that runs on servers.

Used when the data files are written (`scripts/regen_catalog.py`), never at run time: an estimate in the catalog
is a row like any other, marked `estimated`, and names the region it comes from. How good it is, found by leaving
out each known price in turn: see docs/catalog.md, and the test that does it again on the shipped data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import cast

from standfast.clouds import aws
from standfast.clouds.latency import distance
from standfast.clouds.model import Words

AWS = cast(Words, aws)
Prices = Mapping[str, Mapping[str, float]]  # region -> server name -> USD per hour


def server_ratio(servers: Prices, region: str, known: str, family: str = "", words: Words = AWS) -> float:
    """How much dearer servers are in `region` than in `known`.

    With `family` only that family's servers are compared, where both regions sell some of it; else those of
    `words.LEVEL`; else all. `words`: the cloud's module. Raises ValueError for regions that sell no server in common.
    """
    mine, theirs = servers[region], servers[known]
    ratios: dict[str, list[float]] = {}
    for name, usd in mine.items():
        if name in theirs:
            ratios.setdefault(words.family(name), []).append(usd / theirs[name])
    if not ratios:
        raise ValueError(f"{region} and {known} sell no server in common")
    if family in ratios:
        return median(ratios[family])
    level = [median(ratios[name]) for name in words.LEVEL if name in ratios]
    return median(level or [median(found) for found in ratios.values()])


def nearest(region: str, known: Iterable[str], places: Mapping[str, tuple[float, float]]) -> str:
    """The known region with the shortest great circle to this one; of equals the first by name."""
    return min(sorted(known), key=lambda other: distance(places[region], places[other]))
