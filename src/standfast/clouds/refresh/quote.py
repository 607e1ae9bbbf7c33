"""A price as an API states it, and the ways a list can be wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple, Protocol

from standfast.clouds.refresh.web import Web
from standfast.problem import Problem, Problems


class Quote(NamedTuple):
    """One price: of a shelf's kind or `item`, from `source` of `date`. `note` says what was worked out, if it was."""

    kind: str
    name: str
    usd: float
    source: str
    date: str  # 2026-11-23
    note: str = ""


class Size(NamedTuple):
    vcpu: float
    memory: float  # GiB
    baseline: float


@dataclass(frozen=True)
class Wanted:
    """What of a cloud's price list is worth keeping: its sizes, by name, as the catalog knows them."""

    sizes: Mapping[str, Size]
    today: str  # the date of prices whose list does not say


class Reader(Protocol):
    """What a module of this folder that is named after a cloud has."""

    ENDPOINT: str

    def read(
        self, web: Web, endpoint: str, regions: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, list[Quote]]]:
        """(region, prices) for each region, one after the other. Raises Problems."""
        ...


def number(value: Any) -> float | None:
    """A price as the API writes it; None where it is none."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if isfinite(found) and found >= 0 else None


class Missing:
    """Counts rows that lack a field they must have, and raises Problems when that is how the list is now."""

    def __init__(self, what: str):
        self.what, self.rows, self.lacking = what, 0, 0

    def take(self, row: Mapping[str, Any], *fields: str, of: Callable[[Any], bool] = bool) -> bool:
        """Whether all fields are there and say something."""
        self.rows += 1
        there = all(of(row.get(one)) for one in fields)
        self.lacking += not there
        return there

    def check(self) -> None:
        if self.rows and self.lacking > self.rows / 2:
            why = f"{self.lacking} of {self.rows} rows lack a field that every price has"
            fix = "see whether a newer Standfast knows the list as it is now; the catalog is as it was"
            raise Problems([Problem(f"{self.what} is not written as it was", why, fix)])
