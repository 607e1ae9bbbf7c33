"""What a verb that plans is told about prices: `--prices`, `--catalog`, `--lock`, `--relock`. docs/prices.md."""

from __future__ import annotations

import argparse
from functools import cache, partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from standfast.clouds import Catalog
    from standfast.spec import System


def price_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prices", metavar="FILE", help="your own prices: discounts, commitments (YAML)")
    parser.add_argument("--catalog", metavar="DIR", help="prices that standfast catalog refresh read")
    parser.add_argument("--lock", metavar="FILE", help="hold the plan to the prices of FILE; written where it is not")
    parser.add_argument("--relock", action="store_true", help="accept today's prices and write the lock anew")


def catalogs(args: argparse.Namespace, system: System) -> dict[str, Catalog]:
    """The catalogs of the clouds that the spec allows, as this user pays them, held to the lock. Raises Problems."""
    from standfast.clouds import load_catalog, own
    from standfast.problem import Problem, Problems

    if args.relock and not args.lock:
        raise Problems([Problem("--relock without a lock", fix="name the file: --lock FILE")])
    load = load_catalog
    if args.catalog:
        from standfast.clouds.refresh import catalog_in

        load = cache(partial(catalog_in, args.catalog))
    prices = own.read_prices(args.prices, load) if args.prices else None
    names = sorted(set(system.rules.clouds))
    found = {cloud: own.applied(load(cloud), system.rules.commitment, prices) for cloud in names}
    if args.lock:
        own.hold_lock(args.lock, {cloud: catalog.facts() for cloud, catalog in found.items()}, relock=args.relock)
    return found
