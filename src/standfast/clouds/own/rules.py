"""What a user pays other than the list price: the file's rules as plain data, and what each of them matches."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from standfast.clouds.own.commitments import sold_as
from standfast.problem import NOWHERE, Place

GROUPS = ("database", "cache")  # kinds that stand for several; `any` stands for all


@dataclass(frozen=True)
class Rule:
    """One line of a price file: what it is about, and either a discount off the list price or a price of its own.

    `name` and `region` are patterns (`m7*`, `eu-*`). `discount` is a fraction. `usd` is per hour, of an item per unit.
    `term`: what is paid under that commitment, in place of the factor the catalog would take; "" without one.
    """

    cloud: str
    kind: str  # a shelf's kind, `item`, one of GROUPS, or `any`
    name: str = "*"
    region: str = "*"
    discount: float | None = None
    usd: float | None = None
    term: str = ""
    place: Place = NOWHERE

    def about(self, cloud: str, region: str, kind: str) -> bool:
        """Whether it can say anything of this kind in this region."""
        kinds = (kind, sold_as(kind), "any")
        return self.cloud == cloud and self.kind in kinds and fnmatchcase(region, self.region)

    def names(self, name: str) -> bool:
        """Whether an offer or unit price is meant. `egress.internet.gb` also means its tiers, `…@10240`."""
        return self.name == "*" or fnmatchcase(name, self.name) or fnmatchcase(name.partition("@")[0], self.name)


@dataclass(frozen=True)
class OwnPrices:
    """A price file: its name, the day its prices were agreed on, sha256 of its text, its rules in their order.

    Of several rules that match, the last one counts.
    """

    name: str
    date: str
    sha256: str
    rules: tuple[Rule, ...]
