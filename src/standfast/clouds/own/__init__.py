"""What the user pays: a price file of negotiated discounts, and a commitment of one or three years.

Most users have neither a price file nor a lock: what reads and holds them is imported when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from standfast.clouds.model import Catalog
from standfast.clouds.own.commitments import ON_DEMAND, TERMS
from standfast.clouds.own.overlay import Overlay
from standfast.clouds.own.rules import OwnPrices, Rule
from standfast.problem import NOWHERE, Place, Problem, Problems, did_you_mean, quoted
from standfast.spec.model import Assumption

if TYPE_CHECKING:
    from standfast.clouds.own.lock import check_lock, hold_lock, write_lock
    from standfast.clouds.own.reading import read_prices

__all__ = [
    "OwnPrices", "Rule", "applied", "assumed", "check_lock", "committed", "hold_lock", "read_prices", "term_of",
    "with_prices", "write_lock",
]  # fmt: skip
_LAZY = {"check_lock": "lock", "hold_lock": "lock", "read_prices": "reading", "write_lock": "lock"}


def __getattr__(name: str) -> Any:
    import importlib

    if name not in _LAZY:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"standfast.clouds.own.{_LAZY[name]}"), name)


def applied(catalog: Catalog, commitment: str, prices: OwnPrices | None = None) -> Catalog:
    """The catalog as this user pays it: `commitment` is `on-demand`, `1y` or `3y`. Raises Problems for another.

    Nothing is read or worked out before it is asked for; where there is nothing to lay over, it is `catalog` itself.
    """
    if commitment not in TERMS:
        raise Problems([Problem(f"no commitment {quoted(commitment)}", fix=did_you_mean(commitment, TERMS))])
    if commitment == ON_DEMAND and prices is None:
        return catalog
    return cast(Catalog, Overlay(catalog, commitment, prices))


def with_prices(catalog: Catalog, prices: OwnPrices) -> Catalog:
    """The catalog with the prices of a price file."""
    return applied(catalog, ON_DEMAND, prices)


def committed(catalog: Catalog, term: str) -> Catalog:
    """The catalog with the prices of a commitment of one or three years ("1y", "3y")."""
    return applied(catalog, term)


def term_of(catalog: Catalog) -> str:
    """The commitment a catalog's prices hold under. Under one, a server is paid every hour, used or not."""
    return catalog.term if isinstance(catalog, Overlay) else ON_DEMAND


def assumed(catalog: Catalog, place: Place = NOWHERE) -> tuple[Assumption, ...]:
    """What prices of an overlay rest on, to be shown with every plan; nothing for a catalog without one.

    `place`: where the spec asks for the commitment.
    """
    if not isinstance(catalog, Overlay):
        return ()
    found = [
        Assumption(
            f"price of a {one.kind}, committed for {one.term}",
            f"{one.factor:.0%} of on demand" + (f" ({one.low:.0%} to {one.high:.0%})" if one.low < one.high else ""),
            f"paid every hour, used or not{'' if one.burstable else '; burstable sizes stay on demand'}; "
            f"{one.source}, {one.date}",
            place,
        )
        for one in catalog.commitments.values()
    ]
    if catalog.own:
        many = len([rule for rule in catalog.own.rules if rule.cloud == catalog.cloud])
        value = f"{many} rule{'' if many == 1 else 's'} for {catalog.cloud}"
        found.append(
            Assumption(f"own prices: {catalog.own.name}", value, f"as agreed on {catalog.own.date}; else list prices")
        )
    return (*found, *assumed(catalog.base, place))
