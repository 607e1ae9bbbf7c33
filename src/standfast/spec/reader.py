"""From the user's file to a System: every problem collected, every default that matters an assumption."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from standfast.problem import Place, Problems
from standfast.spec import fields as words
from standfast.spec.check import problems_of
from standfast.spec.document import Node, parse_document, read_text, shown_name
from standfast.spec.environment import PERCENTILES, in_environment, read_environment
from standfast.spec.model import (
    Cost,
    Deploys,
    Performance,
    PromisesWanted,
    Recovery,
    Reliability,
    Rules,
    Scalability,
    Security,
    System,
)  # fmt: skip
from standfast.spec.parts import read_service, read_store, resolved
from standfast.spec.walk import Walk, declared


def read_spec(path: Path | str, environment: str = "") -> System:
    """Read a spec file, as it stands in one of its environments, else in production.

    Raises Problems with everything that is wrong with it, in the order of the file.
    """
    path = Path(path)
    return in_environment(parse_spec(read_text(path), shown_name(path)), environment)


def parse_spec(text: str, file: str) -> System:
    """Read a spec from its text; `file` is the name its places carry. Raises Problems."""
    walk = Walk()
    system = _system(walk, parse_document(text, file))
    if walk.problems:
        raise Problems(walk.problems)
    problems = problems_of(system)
    for one in () if problems else system.environments:
        problems += problems_of(in_environment(system, one.name))
    if problems:
        raise Problems(problems)
    return system


def _system(walk: Walk, root: Node) -> System:
    """The System of a document; where `walk` has collected problems, it is not to be used."""
    top = walk.mapping(root, words.SYSTEM, "the spec")
    services = walk.named(top["services"], "services", partial(read_service, walk))
    stores = walk.named(top["stores"], "stores", partial(read_store, walk))
    if isinstance(top["services"], Node) and not services and not walk.problems:
        walk.problem("the spec has no services", top["services"].place, fix="add at least one service")
    services = resolved(services, stores)
    promises = _promises(walk, top, root, any(service.public for service in services))
    rules = Rules(**walk.section(top, "rules", words.RULES, "rules", root))
    deploys = Deploys(**walk.section(top, "deploys", words.DEPLOYS, "deploys", root))
    reading = partial(read_environment, walk, promises, rules, _recovery)
    environments = walk.named(top["environments"], "environments", reading)
    places = {**root.keys, **walk.places}
    return System(
        top["system"] or "", top["owner"] or "", promises, rules, services, stores, deploys, environments,
        tuple(walk.assumptions), root.place, places,
    )  # fmt: skip


def _promises(walk: Walk, top: Mapping[str, Any], root: Node, public: bool) -> PromisesWanted:
    sections = walk.section(top, "promises", words.PROMISES, "promises", root)

    def section(name: str, table: Mapping[str, words.Field]) -> dict[str, Any]:
        return walk.section(sections, name, table, name, root)

    def place(path: str) -> Place:
        return walk.places.get(path, root.place)

    load = section("scalability", words.SCALABILITY)
    if not declared(load["average"]):
        load["average"] = load["peak"] / 3
        shown = f"{load['average']:.4g} rps"
        walk.assume("scalability: average", shown, "a third of the peak", place("scalability"))
    reliability = section("reliability", words.RELIABILITY)
    performance = section("performance", words.PERFORMANCE)
    if not declared(performance["users"]):
        performance["users"] = {}
        ground = "no users declared: network distance is 0"
        walk.assume("performance: users", "beside the region", ground, place("performance"))
    security = section("security", words.SECURITY)
    if not declared(security["exposure"]):
        security["exposure"] = "public" if public else "private"
    percentiles = {name: performance[name] for name in PERCENTILES if declared(performance[name])}
    return PromisesWanted(
        Scalability(**load),
        Reliability(reliability["availability"], _recovery(walk, reliability["recovery"])),
        Performance(percentiles, performance["users"]),
        Security(**security),
        Cost(**section("cost", words.COST)),
    )


def _recovery(walk: Walk, node: Any) -> dict[str, Recovery]:
    if not isinstance(node, Node):
        return {}
    found = walk.mapping(node, words.DISRUPTION, "recovery")
    recovery = {}
    for name, child in found.items():
        if name not in node.keys:
            continue
        body = child if isinstance(child, Node) else Node({}, node.keys[name])
        path = f"reliability.recovery.{name}"
        walk.places[path] = node.keys[name]
        walk.places.update({f"{path}.{key}": place for key, place in body.keys.items()})
        recovery[name] = Recovery(**walk.mapping(body, words.RECOVERY, name))
        if not body.value:
            fix = "write {rto: 1 h, rpo: 5 min}, or remove the line"
            walk.problem(f"recovery of {name} promises nothing", node.keys[name], fix=fix)
    return recovery
