"""`standfast catalog`: what can be bought where, for how much, and how well that is known."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from standfast.cli.terminal import Terminal

if TYPE_CHECKING:
    from standfast.clouds.model import Offer, Price
    from standfast.clouds.tables import FileCatalog

HELP = "list what can be bought: prices, their age and quality; check or refresh them"
SORTS = ("price", "value", "vcpu", "memory", "speed", "name")
HOURS = 730  # of a month on a bill
NARROW = 100  # columns of a window below which tables leave some out
SHOWN = 30  # offers in a table, unless --limit says otherwise


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("list", "check", "refresh"), default="list")
    parser.add_argument("--cloud", default="aws", help="aws (default), azure, gcp")
    parser.add_argument("--region", help="one region; without it and --kind, an overview of all regions")
    parser.add_argument("--kind", help="server (default), postgres, postgres-multi-az, mysql, redis ...; item: units")
    parser.add_argument("--vcpu", type=float, default=0.0, metavar="N", help="at least so many vCPU")
    parser.add_argument("--memory", type=float, default=0.0, metavar="GIB", help="at least so much memory")
    parser.add_argument("--sort", choices=SORTS, default="price", help="value: USD per vCPU of reference speed")
    parser.add_argument("--limit", type=int, metavar="N", help=f"show N offers (text: {SHOWN}; json: all)")
    parser.add_argument("--file", metavar="CSV", help="check: a price file of your own (region,kind,name,usd)")
    parser.add_argument("--out", metavar="DIR", help="refresh: the catalog's folder (see docs/prices.md)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    catalog = _catalog(args.cloud)
    if args.action == "check":
        return _check(args, catalog, terminal)
    if args.action == "refresh":
        from standfast.cli.refresh import refresh

        return refresh(args, terminal)
    if args.kind == "item":
        return _items(args, catalog, terminal)
    if args.region or args.kind or args.vcpu or args.memory:
        return _offers(args, catalog, terminal)
    return _overview(args, catalog, terminal)


def _catalog(cloud: str) -> FileCatalog:
    from standfast.clouds import clouds, load_catalog
    from standfast.clouds.tables import FileCatalog
    from standfast.problem import Problem, Problems, did_you_mean, quoted

    if cloud not in clouds():
        raise Problems([Problem(f"no catalog of the cloud {quoted(cloud)}", fix=did_you_mean(cloud, clouds()))])
    catalog = load_catalog(cloud)
    assert isinstance(catalog, FileCatalog)
    return catalog


def _check(args: argparse.Namespace, catalog: FileCatalog, terminal: Terminal) -> int:
    from pathlib import Path

    from standfast.clouds.checking import check_file, check_shipped

    problems = check_file(Path(args.file), catalog) if args.file else check_shipped(catalog)
    what = args.file or f"the {catalog.cloud} catalog"
    if args.format == "json":
        found = [{"place": str(one.place), "what": one.what, "why": one.why, "fix": one.fix} for one in problems]
        terminal.json({"checked": what, **catalog.facts(), "problems": found})
    else:
        terminal.problems(problems)
        terminal.result(f"{what}: {len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'} found")
    return 1 if problems else 0


def _items(args: argparse.Namespace, catalog: FileCatalog, terminal: Terminal) -> int:
    from standfast.problem import Problem, Problems

    if not args.region:
        raise Problems(
            [
                Problem(
                    "unit prices are of one region",
                    fix=f"add --region, for instance --region {catalog.regions()[0].name}",
                )
            ]
        )
    prices = catalog.prices(args.region)
    if args.format == "json":
        found = [{"item": one.item, **_price(one)} for one in prices]
        terminal.json({"cloud": catalog.cloud, "region": args.region, "prices": dict(catalog.facts()), "items": found})
        return 0
    meaning = catalog.item_meanings
    names = {one.item for one in prices}  # `cdn.gb` stands for its tiers `cdn.gb@10240` and areas `cdn.gb.asia`
    flat = [one for one in prices if "@" not in one.item and one.item.rpartition(".")[0] not in names]
    rows = [
        (
            one.item,
            f"{one.usd:.5g}" if one.usd else "free",
            _band(one),
            one.unit,
            one.quality,
            one.date,
            meaning[one.item],
        )
        for one in flat
    ]
    _table(
        terminal,
        ("item", "USD", "band", "per", "quality", "of", "what it is"),
        rows,
        right=(1, 2),
        wide=(2, 5),
        narrow=150,
    )
    terminal.say(f"{len(rows)} unit prices; --format json has the tiers and areas, too. {_age(catalog)}")
    return 0


def _offers(args: argparse.Namespace, catalog: FileCatalog, terminal: Terminal) -> int:
    kind = args.kind or "server"
    regions = [catalog.region(args.region)] if args.region else catalog.regions()
    offers = []
    for region in regions:
        shelf = catalog.shelf(region.name, kind)
        fits = ((shelf.vcpu >= args.vcpu) & (shelf.memory >= args.memory)).nonzero()[0]
        offers += [shelf.offer(int(row)) for row in fits]
    offers.sort(key=_order(args.sort))
    limit = args.limit if args.limit is not None else len(offers) if args.format == "json" else SHOWN
    shown = offers[: max(0, limit)]
    if args.format == "json":
        found = [_offer(one) for one in shown]
        terminal.json({"cloud": catalog.cloud, "prices": dict(catalog.facts()), "offers": found})
        return 0
    rows = [
        (one.name, one.region, f"{one.vcpu:g}", f"{one.memory:g}", one.arch, f"{one.speed:.2f}", f"{one.price.usd:.4f}",
         f"{one.price.usd * HOURS:,.0f}", _band(one.price), one.price.quality, one.price.date) for one in shown
    ]  # fmt: skip
    header = (kind, "region", "vCPU", "GiB", "processor", "speed", "USD/h", "USD/month", "band", "quality", "of")
    _table(terminal, header, rows, right=(2, 3, 5, 6, 7, 8), wide=(4, 8, 9))
    more = f" of {len(offers)} (--limit N shows more)" if len(shown) < len(offers) else ""
    if not offers and kind in catalog.unsold:
        terminal.say(f"{catalog.unsold[kind]}.")
    terminal.say(f"{len(shown)} offers{more}. Speed: of a vCPU under lasting load, m7i = 1. {_age(catalog)}")
    return 0


def _overview(args: argparse.Namespace, catalog: FileCatalog, terminal: Terminal) -> int:
    from collections import Counter

    from standfast.clouds.estimate import server_ratio

    servers = {region.name: catalog.listed(region.name, "server") for region in catalog.regions()}
    home = catalog.words.HOME
    found, rows = [], []
    for region in catalog.regions():
        kinds = {kind: catalog.shelf(region.name, kind) for kind in ("server", "postgres", "redis")}
        counts = {kind: len(shelf) for kind, shelf in kinds.items()}
        quality = {kind: Counter(map(str, shelf.quality)).most_common(1)[0][0] for kind, shelf in kinds.items()}
        level = server_ratio(servers, region.name, home, words=catalog.words)
        found.append({
            "region": region.name, "title": region.title, "country": region.country, "eu": region.eu,
            "zones": region.zones, "offers": counts, "price_level": round(level, 3), "quality": quality,
        })  # fmt: skip
        place = f"{region.country} EU" if region.eu else region.country
        offers = [f"{'~' * (quality[kind] == 'estimated')}{count}" for kind, count in counts.items()]
        rows.append((region.name, region.title, place, str(region.zones), *offers, f"{level:.2f}", quality["server"]))
    if args.format == "json":
        terminal.json({"cloud": catalog.cloud, "prices": dict(catalog.facts()), "regions": found})
        return 0
    header = ("region", "where", "", "zones", "servers", "databases", "caches", "level", "prices are")
    _table(terminal, header, rows, right=(3, 4, 5, 6, 7), wide=(1, 8))
    terminal.say(f"Level: what servers cost, {home} = 1. ~ prices estimated from another region. {_age(catalog)}")
    cloud = "" if catalog.cloud == "aws" else f" --cloud {catalog.cloud}"
    named = f"standfast catalog{cloud} --region {home} --vcpu 4 --memory 16"
    terminal.say(f"Next: {named}; with --kind item its unit prices{_others(catalog.cloud)}")
    return 0


def _others(cloud: str) -> str:
    from standfast.clouds import clouds

    others = [f"--cloud {other}" for other in clouds() if other != cloud]
    return f". Other clouds: {', '.join(others)}" if others else ""


def _order(sort: str):
    def key(offer: Offer):
        price = offer.price.usd
        first = {
            "price": price, "value": price / (offer.vcpu * offer.speed), "vcpu": offer.vcpu, "memory": offer.memory,
            "speed": -offer.speed, "name": 0.0,
        }[sort]  # fmt: skip
        return (offer.name if sort == "name" else "", first, price, offer.name, offer.region)

    return key


def _offer(offer: Offer) -> dict:
    return {
        "kind": offer.kind, "name": offer.name, "region": offer.region, "vcpu": offer.vcpu,
        "memory_gib": offer.memory, "arch": offer.arch, "burstable": offer.burstable, "speed": round(offer.speed, 4),
        **_price(offer.price),
    }  # fmt: skip


def _price(price: Price) -> dict:
    return {
        "usd": price.usd, "unit": price.unit, "low": round(price.low, 6), "high": round(price.high, 6),
        "quality": price.quality, "source": price.source, "date": price.date,
    }  # fmt: skip


def _band(price: Price) -> str:
    """How far the true price may be from the stated one, in percent."""
    if not price.usd:
        return ""
    low, high = (round((bound / price.usd - 1) * 100) for bound in (price.low, price.high))
    if low == high == 0:
        return ""
    return f"±{high} %" if low == -high else f"{low} to {high:+d} %" if high else f"{low} to 0 %"


def _age(catalog: FileCatalog) -> str:
    """How old the prices are today, in words."""
    from datetime import date

    facts = catalog.facts()
    oldest = (f"{facts['oldest']}-01-01")[:10]
    months = round((date.today() - date.fromisoformat(oldest)).days / 30.44)
    return f"Prices of {facts['oldest']} to {facts['newest']}: the oldest is {months} months old."


def _table(
    terminal: Terminal,
    header: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    right: tuple[int, ...],
    wide: tuple[int, ...] = (),
    narrow: int = NARROW,
) -> None:
    """A table on stdout; the columns `wide` are left out where the window is narrower than `narrow`."""
    from rich import box
    from rich.table import Table

    console = terminal.console()
    shown = [number for number in range(len(header)) if number not in wide or console.width >= narrow]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number in shown:
        table.add_column(header[number], justify="right" if number in right else "left", no_wrap=number < 2)
    for row in rows:
        table.add_row(*(row[number] for number in shown))
    console.print(table)
