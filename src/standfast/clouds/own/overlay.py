"""A catalog with the user's own prices and a commitment laid over it. Works a region and a kind at a time, as asked.

The order: the list price; rules of the price file without a term; the commitment's factor; in place of all that, rules
with the commitment's term, off the list price.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from standfast.clouds.model import QUALITIES, Catalog, Price, Shelf
from standfast.clouds.own.commitments import ON_DEMAND, Commitment, commitments, hash_of_file, sold_as
from standfast.clouds.own.rules import OwnPrices, Rule
from standfast.clouds.tables import PAIRS


@dataclass
class Columns:
    """The columns of a shelf that a price decides, or of one unit price (arrays of one)."""

    usd: np.ndarray
    low: np.ndarray
    high: np.ndarray
    quality: np.ndarray
    source: np.ndarray
    date: np.ndarray

    def copied(self) -> Columns:
        """The same to be changed; texts as objects, so that longer ones fit."""
        numbers = (column.copy() for column in (self.usd, self.low, self.high))
        return Columns(*numbers, *(column.astype(object) for column in (self.quality, self.source, self.date)))


class Overlay:
    """A `Catalog` that answers as `base` does, with other prices. All that is not a price is the base's own."""

    def __init__(self, base: Catalog, term: str = ON_DEMAND, prices: OwnPrices | None = None):
        self.base, self.term, self.own = base, term, prices
        self.cloud = base.cloud
        self.commitments = commitments(base.cloud, term)
        self._shelves: dict[tuple[str, str], Shelf] = {}
        self._items: dict[tuple[str, str], Price] = {}

    def __getattr__(self, name: str) -> Any:
        """Regions, SLAs, round trips and whatever else a catalog knows."""
        if name == "base":  # not set yet: a copy that is being made
            raise AttributeError(name)
        return getattr(self.base, name)

    def shelf(self, region: str, kind: str) -> Shelf:
        key = region, kind
        if key not in self._shelves:
            listed = self.base.shelf(region, kind)
            one = PAIRS.get(kind)
            paired = one and _is_pair(listed, self.base.shelf(region, one))
            self._shelves[key] = self._pair(listed, self.shelf(region, one)) if one and paired else self._shelf(listed)
        return self._shelves[key]

    def price(self, region: str, item: str) -> Price:
        return self._item(region, self.base.price(region, item))

    def prices(self, region: str) -> tuple[Price, ...]:
        return tuple(self._item(region, price) for price in self.base.prices(region))

    def tiers(self, region: str, item: str) -> tuple[tuple[float, Price], ...]:
        return tuple((start, self._item(region, price)) for start, price in self.base.tiers(region, item))

    def facts(self) -> Mapping[str, str]:
        """The base's, with the lock and the dates of what was laid over it."""
        import hashlib

        facts = dict(self.base.facts())
        parts = [facts["lock"], self.term]
        dates = [facts["oldest"], facts["newest"]]
        if self.term != ON_DEMAND:
            parts.append(hash_of_file())
            dates += [one.date for one in self.commitments.values()]
        if self.own:
            parts.append(self.own.sha256)
            dates.append(self.own.date)
        lock = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return {**facts, "lock": f"sha256:{lock}", "oldest": min(dates), "newest": max(dates)}

    def _rules(self, region: str, kind: str) -> tuple[list[Rule], list[Rule]]:
        """The rules that can matter here: those without a term, and those of this term."""
        found = [rule for rule in self.own.rules if rule.about(self.cloud, region, kind)] if self.own else []
        return [rule for rule in found if not rule.term], [rule for rule in found if rule.term == self.term]

    def _shelf(self, shelf: Shelf) -> Shelf:
        rules, of_term = self._rules(shelf.region, shelf.kind)
        sold = self.commitments.get(sold_as(shelf.kind))
        if not len(shelf) or not (rules or of_term or sold):
            return shelf
        columns = self._columns(_priced(shelf), _names(shelf), shelf.burstable, rules, of_term, sold)
        return _cheapest_first(shelf, columns)

    def _pair(self, listed: Shelf, one: Shelf) -> Shelf:
        """Two nodes for twice what one costs here; rules that name the pair itself count last."""
        pair = replace(one, kind=listed.kind, usd_hour=2 * one.usd_hour, low=2 * one.low, high=2 * one.high)
        found = [rule for part in self._rules(listed.region, listed.kind) for rule in part if rule.kind == listed.kind]
        if not found:
            return pair
        order = np.argsort(listed.name)[np.searchsorted(listed.name, pair.name, sorter=np.argsort(listed.name))]
        columns, names = _priced(pair).copied(), _names(pair)
        for rule in found:
            self._apply(rule, columns, _priced(listed, order), names)
        return _cheapest_first(pair, columns)

    def _item(self, region: str, price: Price) -> Price:
        key = region, price.item
        if key not in self._items:
            self._items[key] = self._unit_price(region, price)
        return self._items[key]

    def _unit_price(self, region: str, price: Price) -> Price:
        rules, of_term = ([rule for rule in found if rule.names(price.item)] for found in self._rules(region, "item"))
        sold = self.commitments.get(sold_as(price.item))
        if not (rules or of_term or sold):
            return price
        numbers = (np.array([value]) for value in (price.usd, price.low, price.high))
        listed = Columns(*numbers, *(_texts(value) for value in (price.quality, price.source, price.date)))
        one = self._columns(listed, [price.item], np.array([False]), rules, of_term, sold)
        return Price(
            price.item, float(one.usd[0]), price.unit, float(one.low[0]), float(one.high[0]), str(one.quality[0]),
            str(one.source[0]), str(one.date[0]),
        )  # fmt: skip

    def _columns(
        self, listed: Columns, names: list[str], burstable: np.ndarray, rules: list[Rule], of_term: list[Rule],
        sold: Commitment | None,
    ) -> Columns:  # fmt: skip
        columns = listed.copied()
        for rule in rules:
            self._apply(rule, columns, listed, names)
        if sold:
            _commit(columns, sold, np.ones(len(names), bool) if sold.burstable else ~burstable)
        for rule in of_term:
            self._apply(rule, columns, listed, names)
        return columns

    def _apply(self, rule: Rule, columns: Columns, listed: Columns, names: list[str]) -> None:
        """A price of one's own is exact; a discount leaves the list price as well known as it was."""
        assert self.own is not None
        rows = np.flatnonzero(np.fromiter(map(rule.names, names), bool, len(names)))
        said = f"own price file {self.own.name}"
        if rule.usd is not None:
            for column in (columns.usd, columns.low, columns.high):
                column[rows] = rule.usd
            columns.quality[rows], columns.source[rows], columns.date[rows] = "exact", said, self.own.date
            return
        left = 1 - (rule.discount or 0.0)
        for column, of_list in ((columns.usd, listed.usd), (columns.low, listed.low), (columns.high, listed.high)):
            column[rows] = of_list[rows] * left
        columns.quality[rows] = listed.quality[rows]
        columns.date[rows] = listed.date[rows]
        columns.source[rows] = [f"{said}: {1 - left:.4g} off; list: {text}" for text in listed.source[rows]]


def _commit(columns: Columns, sold: Commitment, covered: np.ndarray) -> None:
    rows = np.flatnonzero(covered)
    columns.usd[rows] *= sold.factor
    columns.low[rows] *= sold.low
    columns.high[rows] *= sold.high
    worst = {quality: max(quality, sold.quality, key=QUALITIES.index) for quality in QUALITIES}
    columns.quality[rows] = [worst[str(quality)] for quality in columns.quality[rows]]
    columns.date[rows] = [min(str(date), sold.date) for date in columns.date[rows]]
    said = f"{sold.factor:g} of it, committed for {sold.term}"
    columns.source[rows] = [f"{said}; on demand: {text}" for text in columns.source[rows]]


def _texts(value: str) -> np.ndarray:
    return np.array([value], dtype=object)


def _priced(shelf: Shelf, order: np.ndarray | slice = slice(None)) -> Columns:
    columns = (shelf.usd_hour, shelf.low, shelf.high, shelf.quality, shelf.source, shelf.date)
    return Columns(*(column[order] for column in columns))


def _names(shelf: Shelf) -> list[str]:
    return [str(name) for name in shelf.name]


def _is_pair(two: Shelf, one: Shelf) -> bool:
    """Whether a shelf of two nodes is nothing but twice the one of single nodes."""
    return len(two) == len(one) and bool((two.name == one.name).all() and (two.usd_hour == 2 * one.usd_hour).all())


def _cheapest_first(shelf: Shelf, columns: Columns) -> Shelf:
    changed = replace(
        shelf, usd_hour=columns.usd, low=columns.low, high=columns.high, quality=columns.quality.astype(str),
        source=columns.source, date=columns.date.astype(str),
    )  # fmt: skip
    order = np.argsort(changed.usd_hour, kind="stable")
    return replace(
        changed, **{name: value[order] for name, value in vars(changed).items() if isinstance(value, np.ndarray)}
    )
