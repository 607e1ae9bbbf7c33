"""The same system as it stands in staging or in dev: less traffic, less data, promises of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.spec import fields as words
from standfast.spec.document import Node
from standfast.spec.model import (
    PRODUCTION,
    Assumption,
    Environment,
    PromisesWanted,
    Recovery,
    Rules,
    Store,
    System,
)  # fmt: skip
from standfast.spec.walk import Walk, declared

PERCENTILES = ("p50", "p95", "p99")
SECTIONS: dict[str, dict[str, words.Field]] = {
    "scalability": words.SCALABILITY,
    "reliability": words.RELIABILITY,
    "performance": words.PERFORMANCE,
    "security": words.SECURITY,
    "cost": words.COST,
    "rules": words.RULES,
}
Recoveries = Callable[[Walk, Any], dict[str, Recovery]]


def read_environment(
    walk: Walk, wanted: PromisesWanted, rules: Rules, recovery: Recoveries, name: str, node: Node
) -> Environment:
    """An environment with all it promises: what production does, but for what is written here, key by key.

    `recovery` reads what is promised for each disruption. `walk` holds production's assumptions by now.
    """
    raw = walk.mapping(node, words.ENVIRONMENT, f"environment {name}")
    with walk.places_apart() as places:
        said = {key: _said(walk, raw, node, key) for key in SECTIONS}
        if "recovery" in said["reliability"]:
            said["reliability"]["recovery"] = recovery(walk, said["reliability"]["recovery"])
    scale, data = raw["scale"], raw["data"] if declared(raw["data"]) else raw["scale"]
    load = _load(wanted, scale, said["scalability"])
    scaled = {f"scalability.{key}" for key in load if key not in said["scalability"]}
    places.update(dict.fromkeys(scaled, node.keys.get("scale", node.place)))
    speed = said["performance"]
    percentiles = {**wanted.performance.percentiles, **{key: speed[key] for key in PERCENTILES if key in speed}}
    promises = PromisesWanted(
        replace(wanted.scalability, **load),
        replace(wanted.reliability, **said["reliability"]),
        replace(wanted.performance, percentiles=percentiles, users=speed.get("users", wanted.performance.users)),
        replace(wanted.security, **said["security"]),
        replace(wanted.cost, **said["cost"]),
    )
    own = {f"{section}: {key}" for section, values in said.items() for key in values}
    assumed = [*_assumed(walk, own, promises, data), *_of_scale(name, node, scale)]
    return Environment(name, scale, data, promises, replace(rules, **said["rules"]), tuple(assumed), node.place, places)


def _said(walk: Walk, raw: Mapping[str, Any], at: Node, key: str) -> dict[str, Any]:
    """The keys of a section that are written: no defaults, and no assumptions for the others."""
    quiet = {name: replace(field, default=None, assume=None) for name, field in SECTIONS[key].items()}
    values = walk.section(raw, key, quiet, key, at)
    return {name: value for name, value in values.items() if declared(value)}


def _load(wanted: PromisesWanted, scale: float, said: Mapping[str, Any]) -> dict[str, Any]:
    """Peak and average by the scale, unless they are written; the average stays the share of the peak that it is."""
    peak, average = wanted.scalability.peak, wanted.scalability.average
    least = said.get("peak", peak * scale)
    return {"peak": least, "average": least * average / peak if peak else average * scale, **said}


def _assumed(walk: Walk, own: set[str], promises: PromisesWanted, data: float) -> Iterator[Assumption]:
    """Production's assumptions as far as they hold here: what is scaled says so, what is written here is none."""
    for one in walk.assumptions:
        if one.what in own:
            continue
        section, _, key = one.what.rpartition(": ")
        if section == "scalability" and key in ("peak", "average"):
            one = replace(one, value=f"{getattr(promises.scalability, key):.4g} rps")
        elif section.startswith("store ") and key in ("data", "memory"):
            one = replace(one, value=f"{data:.4g} × {one.value}")
        yield one


def _of_scale(name: str, node: Node, scale: float) -> Iterator[Assumption]:
    if "scale" not in node.keys:
        yield Assumption(f"environment {name}: scale", f"{100 * scale:.4g}%", "nothing was declared", node.place)
    if "data" not in node.keys:
        yield Assumption(
            f"environment {name}: data", f"{100 * scale:.4g}%", "the same share as its traffic", node.place
        )


def in_environment(system: System, name: str) -> System:
    """The system as it stands in an environment; `production` is the spec itself. Raises Problems for no such one."""
    if name in ("", PRODUCTION):
        return system
    chosen = next((one for one in system.environments if one.name == name), None)
    if chosen is None:
        known = [PRODUCTION, *(one.name for one in system.environments)]
        place = system.where("environments")
        raise Problems([Problem(f"no environment {quoted(name)} in the spec", "", did_you_mean(name, known), place)])
    return replace(
        system,
        name=f"{system.name}-{name}",
        environment=name,
        environments=(),
        promises=chosen.promises,
        rules=chosen.rules,
        stores=tuple(_scaled(store, chosen) for store in system.stores),
        assumptions=chosen.assumptions,
        places={**system.places, **chosen.places},
    )


def _scaled(store: Store, chosen: Environment) -> Store:
    """What flows by the scale, what is held by the share of the data."""
    return replace(
        store,
        data=store.data * chosen.data,
        memory=store.memory * chosen.data,
        reads=None if store.reads is None else store.reads * chosen.scale,
        writes=None if store.writes is None else store.writes * chosen.scale,
        connections=None if store.connections is None else math.ceil(store.connections * chosen.scale),
        egress=store.egress * chosen.scale,
        requests=store.requests * chosen.scale,
    )
