"""A price file read: docs/prices.md has its words. Every fault is a Problem with its line, all of them at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from standfast.clouds import clouds, load_catalog
from standfast.clouds.cleaning import ITEM_SPREAD, SPREAD
from standfast.clouds.model import Catalog
from standfast.clouds.own.commitments import TERMS
from standfast.clouds.own.rules import GROUPS, OwnPrices, Rule
from standfast.clouds.tables import KINDS, PAIRS
from standfast.problem import Place, Problem, Problems, did_you_mean, quoted
from standfast.spec.document import Node, parse_document, read_text, shown_name
from standfast.spec.fields import ABSENT, REQUIRED, Field
from standfast.spec.walk import Walk, declared

PATTERN = re.compile(r"[A-Za-z0-9*][A-Za-z0-9._*@-]{0,99}")
FIX = "docs/prices.md shows how a price file is written"
Load = Callable[[str], Catalog]


def read_prices(path: Path | str, load: Load = load_catalog) -> OwnPrices:
    """Read a price file; `load` gives the catalog of a cloud, against which names and regions are checked.

    Raises Problems with everything that is wrong with it, in the order of the file.
    """
    path = Path(path)
    try:
        text = read_text(path)
        return parse_prices(text, shown_name(path), load)
    except Problems as caught:  # the reader of specs says how to begin a spec
        found = [replace(one, fix=FIX) if "standfast init" in one.fix else one for one in caught.problems]
        raise Problems(found) from caught


def parse_prices(text: str, file: str, load: Load = load_catalog) -> OwnPrices:
    """Read a price file from its text; `file` is the name its places carry. Raises Problems."""
    walk = Walk()
    root = parse_document(text, file)
    file_fields = {
        "date": Field("text", REQUIRED, "the day these prices were agreed on, such as 2026-10-01"),
        "currency": Field("text", "USD", "USD"),
        "prices": Field("calls", REQUIRED, "a list of rules"),
    }
    top = walk.mapping(root, file_fields, "the price file")
    _check_date(walk, root, top["date"])
    if isinstance(top["currency"], str) and top["currency"] != "USD":
        fix = "convert them to USD"
        walk.problem(f"prices in {quoted(top['currency'])} cannot be compared", root.value["currency"].place, fix=fix)
    rules = []
    for node in _list(walk, top["prices"]):
        before = len(walk.problems)
        rule = _rule(walk, node)
        if rule is not None and len(walk.problems) == before:
            walk.problems += _unsold(rule, node, load)
            rules.append(rule)
    if walk.problems:
        raise Problems(walk.problems)
    return OwnPrices(file, top["date"], hashlib.sha256(text.encode()).hexdigest(), tuple(rules))


def _list(walk: Walk, node: Node | None) -> list[Node]:
    if not isinstance(node, Node):
        return []
    if not isinstance(node.value, list) or not node.value:
        fix = "write - {cloud: aws, kind: server, discount: 10%} below it"
        walk.problem("prices must be a list of rules", node.place, fix=fix)
        return []
    return node.value


def _check_date(walk: Walk, root: Node, written: str | None) -> None:
    if written is None:
        return
    try:
        if date.fromisoformat(written).isoformat() == written:
            return
    except ValueError:
        pass
    walk.problem(f"{quoted(written)} is not a date", root.value["date"].place, fix="write it like 2026-10-01")


def _rule(walk: Walk, node: Node) -> Rule | None:
    """One rule; where `walk` has collected problems, it is not to be used."""
    kinds = (*KINDS, *PAIRS, *GROUPS, "item", "any")
    rule_fields = {
        "cloud": Field("word", REQUIRED, "which cloud", choices=clouds()),
        "kind": Field("word", "any", "what", choices=kinds),
        "name": Field("text", "*", "which of it"),
        "region": Field("text", "*", "where"),
        "discount": Field("share", ABSENT, "off the list price", most=1.0),
        "usd": Field("number", ABSENT, "the price"),
        "term": Field("word", "", "under which commitment", choices=TERMS[1:]),
    }
    values = walk.mapping(node, rule_fields, "a price")
    if not isinstance(node.value, dict):
        return None
    discount, usd = (values[key] if declared(values[key]) else None for key in ("discount", "usd"))
    for key in ("name", "region"):
        if isinstance(values[key], str) and not PATTERN.fullmatch(values[key]):
            place, fix = node.value[key].place, "use letters, digits, '.', '_', '-', and * for any"
            walk.problem(f"{quoted(values[key])} is not a name or pattern", place, fix=fix)
    said = [key for key in ("discount", "usd") if key in node.value]
    if len(said) != 1:
        what = "a price has both a discount and usd" if said else "a price has neither a discount nor usd"
        walk.problem(what, node.place, fix="write one: discount: 12% off the list price, or usd: 0.05")
    elif usd == 0:
        walk.problem("0 USD is not a price", node.value["usd"].place, fix="write discount: 100% where it is free")
    elif usd is not None and (values["kind"] in ("any", *GROUPS) or "*" in values["name"]):
        fix = "name one kind and one name, or write a discount"
        walk.problem("one price in USD for several offers", node.value["usd"].place, fix=fix)
    if values["cloud"] is None or len(said) != 1:
        return None
    kind, name, region = values["kind"], values["name"], values["region"]
    return Rule(values["cloud"], kind, name, region, discount, usd, values["term"], node.place)


def _unsold(rule: Rule, node: Node, load: Load) -> Iterator[Problem]:
    """What a rule is about and its cloud does not sell, and a price that must be a slip."""
    catalog = load(rule.cloud)
    regions = [region.name for region in catalog.regions()]
    there = [region for region in regions if fnmatchcase(region, rule.region)]
    if not there:
        what = f"{rule.cloud} has no region {quoted(rule.region)}"
        yield Problem(what, fix=did_you_mean(rule.region, regions), place=_at(node, "region"))
        return
    if rule.name == "*":
        return
    sold_as = [kind for kind in (*KINDS, *PAIRS, "item") if rule.about(rule.cloud, there[0], kind)]
    known: set[str] = set()
    for region in there:
        for kind in sold_as:
            names = _names(catalog, region, kind)
            found = next((name for name in names if rule.names(name)), None)
            if found is not None:
                yield from _slip(rule, node, names[found], region, found)
                return
            known.update(names)
    where = rule.region if "*" not in rule.region else rule.cloud
    what = f"no {rule.kind if rule.kind != 'any' else 'offer'} {quoted(rule.name)} in {where}"
    near = did_you_mean(rule.name, known)
    fix = near if near.startswith("did you") else f"see: standfast catalog --cloud {rule.cloud} --region {there[0]}"
    yield Problem(what, fix=fix, place=_at(node, "name"))


def _slip(rule: Rule, node: Node, listed: float, region: str, name: str) -> Iterator[Problem]:
    most = listed * (ITEM_SPREAD if rule.kind == "item" else SPREAD)
    if rule.usd is not None and rule.usd > most:
        why = f"the list price of {name} in {region} is {listed:g} USD"
        fix = "write USD per unit of the item" if rule.kind == "item" else "write USD per hour, not per month"
        yield Problem(f"{rule.usd:g} USD is far above the list price", why, fix, _at(node, "usd"))


def _at(node: Node, key: str) -> Place:
    found = node.value.get(key)
    return found.place if found else node.place


def _names(catalog: Catalog, region: str, kind: str) -> dict[str, float]:
    """The list prices of a kind in a region, by name."""
    if kind == "item":
        return {price.item: price.usd for price in catalog.prices(region)}
    shelf = catalog.shelf(region, kind)
    return dict(zip(map(str, shelf.name), map(float, shelf.usd_hour), strict=True))
