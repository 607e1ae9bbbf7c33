"""New prices into a catalog's rows: what is taken, what is refused and why. Pure.

A kind that was read is replaced whole, so that what is sold no more goes; unit prices one by one. A price that
cleaning refuses is left out. Where a list names less than half of what is known, it is taken to be read wrongly: for
servers that is a Problem, for other kinds the old prices stay.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from standfast.clouds.cleaning import Row, suspects
from standfast.clouds.model import Words
from standfast.clouds.refresh.quote import Quote
from standfast.problem import Place, Problem, Problems

LEAST = 0.5  # of the sizes known in a region that a list must name
MOST_REFUSED = 0.1  # of a region's new prices that cleaning may refuse


class Line(NamedTuple):
    """One line of a price file."""

    kind: str
    name: str
    usd: str
    source: str


Table = Mapping[str, Collection[Line]]  # region -> its lines


@dataclass
class Merged:
    """The new tables of the regions that were read, and what to tell about them."""

    tables: dict[str, list[Line]] = field(default_factory=dict)
    sources: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # id -> quality, text, date
    notes: list[str] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)  # new prices by region


def merge(
    cloud: str, old: Table, quotes: Mapping[str, Collection[Quote]], words: Words, again: Collection[str] = ()
) -> Merged:
    """`old` holds every region's lines, `quotes` those of the regions that were read. Raises Problems.

    For regions in `again`, read on an earlier day, a fault is no Problem: they are left as shipped, and it is told.
    """
    merged, faults = Merged(), {}
    kept = {region: _without_doubt(region, found, old[region], merged) for region, found in quotes.items()}
    bad = _refused(old, kept, words)
    for region, found in kept.items():
        refused = [bad[region, one.kind, one.name] for one in found if (region, one.kind, one.name) in bad]
        if len(refused) > MOST_REFUSED * len(found):
            what = f"{len(refused)} of {len(found)} prices of {region} cannot be right"
            faults[region] = Problem(what, f"such as: {refused[0]}", _FIX, _place(cloud, region))
            continue
        merged.notes += [f"left out: {why}" for why in refused]
        good = [one for one in found if (region, one.kind, one.name) not in bad]
        lacking = _lacking(old[region], good)
        if "server" in lacking:
            what = f"the list names {lacking['server'][0]} of the {lacking['server'][1]} servers known in {region}"
            faults[region] = Problem(what, "it is read wrongly, or not written as it was", _FIX, _place(cloud, region))
            continue
        for kind, (count, known) in lacking.items():
            merged.notes.append(f"{region}: the list names {count} of {known} {kind}, the old prices stay")
        good = [one for one in good if one.kind not in lacking]
        merged.tables[region] = _table(cloud, old[region], good, merged)
        merged.taken[region] = len(good)
    problems = [problem for region, problem in faults.items() if region not in again]
    if problems:
        raise Problems(problems)
    merged.notes += [f"{region}: as shipped, read it again: {faults[region].what}" for region in faults]
    return merged


_FIX = "nothing was written; see whether a newer Standfast knows the list as it is now"


def _place(cloud: str, region: str) -> Place:
    return Place(f"{cloud} {region}")


def _without_doubt(region: str, quotes: Iterable[Quote], old: Collection[Line], merged: Merged) -> list[Quote]:
    """Each thing once; what has two prices is left out; what the region is not known to sell at all is, too."""
    kinds = {line.kind for line in old}
    found: dict[tuple[str, str], set[float]] = defaultdict(set)
    first: dict[tuple[str, str], Quote] = {}
    for one in quotes:
        if one.kind in kinds:
            found[one.kind, one.name].add(one.usd)
            first.setdefault((one.kind, one.name), one)
    doubted = sorted(key for key, prices in found.items() if len(prices) > 1)
    merged.notes += [f"left out: {kind} {name} in {region} has several prices" for kind, name in doubted]
    return [one for key, one in first.items() if key not in doubted]


def _refused(old: Table, kept: Mapping[str, Collection[Quote]], words: Words) -> dict[tuple[str, str, str], str]:
    """What cleaning refuses of the new prices, seen beside the old ones of the other regions."""
    rows = []
    for region, lines in old.items():
        new = {(one.kind, one.name): one.usd for one in kept.get(region, ())}
        rows += [Row(region, *key, usd) for key, usd in new.items()]
        fresh = {kind for kind, _ in new} - {"item"}
        rows += [
            Row(region, line.kind, line.name, float(line.usd))
            for line in lines
            if line.kind not in fresh and (line.kind, line.name) not in new
        ]
    new_keys = {(region, one.kind, one.name) for region, found in kept.items() for one in found}
    return {key: why for key, why in suspects(rows, words).items() if key in new_keys}


def _lacking(old: Collection[Line], new: Collection[Quote]) -> dict[str, tuple[int, int]]:
    """kind -> how many of how many known names a list has, where that is too few. Unit prices are taken singly."""
    known = Counter(line.kind for line in old if line.kind != "item")
    names = {(line.kind, line.name) for line in old}
    count = Counter(one.kind for one in new if (one.kind, one.name) in names)
    said = {one.kind for one in new} | {"server"}
    return {kind: (count[kind], known[kind]) for kind in known if kind in said and count[kind] < LEAST * known[kind]}


def _table(cloud: str, old: Collection[Line], new: Collection[Quote], merged: Merged) -> list[Line]:
    """The region's lines: kinds that were read are replaced whole, unit prices one by one."""
    fresh = {one.kind for one in new} - {"item"}
    stated = {one.name for one in new if one.kind == "item"}
    lines = [line for line in old if line.kind not in fresh and not (line.kind == "item" and line.name in stated)]
    lines += [Line(one.kind, one.name, f"{one.usd:.6g}", _source(cloud, one, merged)) for one in new]
    return sorted(lines, key=lambda line: (line.kind, 0.0 if line.kind == "item" else float(line.usd), line.name))


def _source(cloud: str, quote: Quote, merged: Merged) -> str:
    """The id of a quote's source: `aws-price-list-amazonec2-2026-09-25`; a note makes it derived."""
    text = f"{quote.source}; {quote.note}" if quote.note else quote.source
    quality = "derived" if quote.note else "exact"
    name = "-".join("".join(c if c.isalnum() else " " for c in quote.source.partition(" version")[0].lower()).split())
    name = f"{name}-{quote.date}"
    number = 1
    while merged.sources.setdefault(f"{name}/{number}" if number > 1 else name, (quality, text, quote.date)) != (
        quality, text, quote.date,
    ):  # fmt: skip
        number += 1
    return f"{name}/{number}" if number > 1 else name
