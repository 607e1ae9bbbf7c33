"""Prices that cannot be right, found by what prices of sizes have in common.

Public price dumps are dirty: dedicated-tenancy prices (6 to 10 % too high) and zeros among the shared ones,
decimal slips, the same size twice. Every rule here is pure and names the row it refuses; `docs/catalog.md`
explains them. The rules:

- a price is a positive, finite number, and stands there once;
- a family has one price per normalization factor in a region (Amazon EC2 User Guide, "Instance size
  flexibility"): rows off that line are refused. Where a dump mixes two lines, the lower consistent one is right,
  because dedicated tenancy only ever adds;
- an offer costs much the same in every region: no more than `SPREAD` from its median over the regions
  (`ITEM_SPREAD` for unit prices).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import isfinite
from statistics import median
from typing import NamedTuple

from standfast.clouds.aws import factor

ON_LINE = 0.03  # prices per factor this close belong to one line: list prices of small sizes are rounded to 1e-3
ROUNDING = 0.001  # USD: prices are published to three or four decimals
SPREAD = 2.5  # the dearest region (São Paulo) costs 1.6 times the cheapest
ITEM_SPREAD = 8.0  # of unit prices: traffic between regions does cost 0.02 here and 0.147 there
SUPPORT = 0.25  # a line is consistent when at least this share of a family's sizes, and two of them, lie on it

Key = tuple[str, str, str]  # region, kind, name


class Row(NamedTuple):
    region: str
    kind: str
    name: str
    usd: float

    @property
    def key(self) -> Key:
        return self.region, self.kind, self.name


def suspects(rows: Iterable[Row]) -> dict[Key, str]:
    """Every row that must not be used, with the reason in one sentence that names it."""
    rows = list(rows)
    found: dict[Key, str] = {}
    twice = {key for key, times in Counter(row.key for row in rows).items() if times > 1}
    for row in rows:
        if not isfinite(row.usd) or row.usd <= 0:
            found[row.key] = f"{_name(row)} costs {row.usd}: not a price"
        elif row.key in twice:
            found[row.key] = f"{_name(row)} is there more than once"
    for row, right in off_line(row for row in rows if row.key not in found).items():
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


def off_line(rows: Iterable[Row]) -> dict[Row, float]:
    """Rows off their family's line, and the price that the line says."""
    families: dict[tuple[str, str, str], list[tuple[Row, float]]] = defaultdict(list)
    for row in rows:
        size = factor(row.name)
        if size:
            families[row.region, row.kind, row.name.rpartition(".")[0]].append((row, size))
    found = {}
    for members in families.values():
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
