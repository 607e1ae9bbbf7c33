"""Prices that cannot be right, found by what prices of sizes have in common.

Public price dumps are dirty: dedicated-tenancy prices (6 to 10 % too high) and zeros among the shared ones,
decimal slips, the same size twice. Every rule here is pure and names the row it refuses; `docs/catalog.md`
explains them. The rules:

- a price is a positive, finite number, and stands there once;
- a family has one price per factor in a region (Amazon EC2 User Guide, "Instance size flexibility": its
  normalization factor; elsewhere the vCPU): rows off that line are refused. Where a dump mixes two lines, the lower
  consistent one is right, because dedicated tenancy and a Windows licence only ever add;
- Azure's dumps mix in prices with a Windows licence, exactly 0.046 USD per vCPU and hour too high (0.0046 for B v2):
  `windows` finds them, in a family or as a whole family, and says the price without;
- an offer costs much the same in every region: no more than `SPREAD` from its median over the regions
  (`ITEM_SPREAD` for unit prices).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import isfinite
from statistics import median
from typing import NamedTuple, cast

from standfast.clouds import aws
from standfast.clouds.model import Words

ON_LINE = 0.03  # prices per factor this close belong to one line: list prices of small sizes are rounded to 1e-3
ROUNDING = 0.001  # USD: prices are published to three or four decimals
SPREAD = 2.5  # the dearest region (São Paulo) costs 1.6 times the cheapest
ITEM_SPREAD = 8.0  # of unit prices: traffic between regions does cost 0.02 here and 0.147 there
LARGE_STEP = 0.3  # of a price: a step below that cannot be told from what regions differ by
NEAR_STEP = 0.25  # of a Windows step: how near to it the difference of two prices lies
SUPPORT = 0.25  # a line is consistent when at least this share of a family's sizes, and two of them, lie on it

AWS = cast(Words, aws)
Key = tuple[str, str, str]  # region, kind, name


class Row(NamedTuple):
    region: str
    kind: str
    name: str
    usd: float

    @property
    def key(self) -> Key:
        return self.region, self.kind, self.name


def suspects(rows: Iterable[Row], words: Words = AWS) -> dict[Key, str]:
    """Every row that must not be used, with the reason in one sentence that names it. `words`: the cloud's module."""
    rows = list(rows)
    found: dict[Key, str] = {}
    twice = {key for key, times in Counter(row.key for row in rows).items() if times > 1}
    for row in rows:
        if not isfinite(row.usd) or row.usd <= 0:
            found[row.key] = f"{_name(row)} costs {row.usd}: not a price"
        elif row.key in twice:
            found[row.key] = f"{_name(row)} is there more than once"
    for row, right in windows((row for row in rows if row.key not in found), words).items():
        found[row.key] = f"{_name(row)} costs {row.usd:g}: with a Windows licence, {right:.4g} without"
    for row, right in off_line((row for row in rows if row.key not in found), words).items():
        found[row.key] = f"{_name(row)} costs {row.usd:g}, its family's other sizes say {right:.4g}"
    for row, usual in out_of_reach(row for row in rows if row.key not in found).items():
        found[row.key] = f"{_name(row)} costs {row.usd:g}, in the other regions about {usual:.4g}"
    return found


def line(prices: Sequence[float], lowest: bool) -> float:
    """The price per factor that a family's sizes agree on.

    Prices are gathered into clusters `ON_LINE` wide. With `lowest`, the lowest cluster with support is right, else
    the largest (of equals the lower). Where no two sizes agree, the median stands.
    """
    ordered = sorted(prices)
    clusters = [[price for price in ordered if low <= price <= low * (1 + ON_LINE)] for low in ordered]
    need = max(2, SUPPORT * len(ordered))
    supported = [cluster for cluster in clusters if len(cluster) >= need]
    if not supported:
        return median(ordered)
    return median(supported[0] if lowest else max(supported, key=len))


def _families(rows: Iterable[Row], words: Words) -> dict[tuple[str, str, str], list[tuple[Row, float]]]:
    """(region, kind, family) -> its rows, each with its factor."""
    families: dict[tuple[str, str, str], list[tuple[Row, float]]] = defaultdict(list)
    for row in rows:
        found = words.line(row.name)
        if found:
            families[row.region, row.kind, found[0]].append((row, found[1]))
    return families


def windows(rows: Iterable[Row], words: Words) -> dict[Row, float]:
    """Servers priced with a Windows licence, and the price without.

    What a family should cost in a region is the cheaper line of its own sizes or, where the whole family stands off,
    what it costs elsewhere at this region's level. A row is found when it stands above that by one licence step.
    """
    families = _families((row for row in rows if row.kind == "server"), words)
    lines = {key: line([row.usd / size for row, size in members], lowest=True) for key, members in families.items()}
    elsewhere: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (region, _, family), usd in lines.items():
        elsewhere[family].append((region, usd))
    usual = {family: median(usd for _, usd in found) for family, found in elsewhere.items()}
    levels: dict[str, list[float]] = defaultdict(list)
    for (region, _, family), usd in lines.items():
        levels[region].append(usd / usual[family])
    level = {region: median(found) for region, found in levels.items()}
    found = {}
    for (region, kind, family), members in families.items():
        own, other = lines[region, kind, family], usual[family] * level[region]
        for row, size in members:
            step = words.windows_step(row.name)
            expected = [own] if step < LARGE_STEP * other * size else [own, other]
            if step and any(abs(row.usd - usd * size - step) <= NEAR_STEP * step for usd in expected):
                found[row] = row.usd - step
    return found


def off_line(rows: Iterable[Row], words: Words = AWS) -> dict[Row, float]:
    """Rows off their family's line, and the price that the line says."""
    found = {}
    for members in _families(rows, words).values():
        if len(members) < 2:
            continue
        right = line([row.usd / size for row, size in members], lowest=members[0][0].kind == "server")
        for row, size in members:
            if abs(row.usd - right * size) > max(ON_LINE * right * size, ROUNDING):
                found[row] = right * size
    return found


def out_of_reach(rows: Iterable[Row]) -> dict[Row, float]:
    """Rows too far from the same offer's median over all regions: whole families that slipped together."""
    offers: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        offers[row.kind, row.name].append(row)
    found = {}
    for members in offers.values():
        usual = median(row.usd for row in members)
        if len(members) > 2:
            found.update({row: usual for row in members if far(row.kind, row.usd, usual)})
    return found


def far(kind: str, usd: float, usual: float) -> bool:
    """Whether a price is too far from what the same offer usually costs."""
    spread = ITEM_SPREAD if kind == "item" else SPREAD
    return not usual / spread <= usd <= usual * spread


def _name(row: Row) -> str:
    return f"{row.kind} {row.name} in {row.region}"
