"""The parts of a system as they are read: services with their calls, and stores."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from standfast.problem import NOWHERE, quoted
from standfast.spec import fields as words
from standfast.spec.document import Node
from standfast.spec.fields import ABSENT
from standfast.spec.model import Call, Service, Store
from standfast.spec.values import default_of
from standfast.spec.walk import Walk, declared

UNSAID = -1.0  # a share that is left to the other parts, until `resolved`


def read_service(walk: Walk, name: str, node: Node) -> Service:
    subject = f"service {name}"
    raw = walk.mapping(node, words.SERVICE, subject)
    build = raw.pop("build")
    if not declared(raw["image"]):
        raw["image"] = f"{name}:latest"
        if declared(build):
            walk.assume(f"{subject}: image", raw["image"], f"built from {build}", node.keys["build"])
        elif "image" not in node.keys:  # else its own problem has been told
            fix = "add image: ghcr.io/you/name:1.0, or build: FOLDER"
            walk.problem(f"{subject} has no image", node.place, fix=fix)
    raw["traffic"] = UNSAID if not declared(raw["traffic"]) else raw["traffic"]
    raw["environment"] = {} if not declared(raw["environment"]) else raw["environment"]
    raw["calls"] = _calls(walk, raw["calls"], subject)
    return Service(name=name, place=node.place, places=node.keys, **raw)


def _calls(walk: Walk, node: Any, subject: str) -> tuple[Call, ...]:
    if not isinstance(node, Node):
        return ()
    if not isinstance(node.value, list):
        walk.problem(f"calls of {subject} must be a list", node.place, fix="write calls: [api, orders]")
        return ()
    calls: list[Call] = []
    known: set[Call] = set()
    for item in node.value:
        if isinstance(item.value, str):
            item = Node({"to": item}, item.place, {"to": item.place})
        raw = walk.mapping(item, words.CALL, f"a call of {subject}")
        if "hit_rate" in item.keys and not raw["cached_by"]:
            fix = "add cached_by: and the name of a redis store, or remove hit_rate"
            walk.problem("a call has hit_rate but no cached_by", item.keys["hit_rate"], fix=fix)
        raw["hit_rate"] = UNSAID if not declared(raw["hit_rate"]) else raw["hit_rate"]
        raw["to"] = raw["to"] or ""
        call = Call(place=item.place, **raw)
        if (same := replace(call, place=NOWHERE)) in known:
            walk.problem(f"{subject} calls {quoted(call.to)} twice in the same words", call.place, fix="write times: 2")
        known.add(same)
        calls.append(call)
    return tuple(calls)


def read_store(walk: Walk, name: str, node: Node) -> Store:
    subject = f"store {name}"
    raw = walk.mapping(node, words.STORE, subject)
    kind = raw["kind"] or ""
    for key, by_kind in words.STORE_DEFAULTS.items():
        if not declared(raw[key]):
            raw[key] = 0.0
            if kind in by_kind:
                written, ground = by_kind[kind]
                raw[key] = default_of(replace(words.STORE[key], default=written))
                if ground is not None:
                    walk.assume(f"{subject}: {key}", written, ground, node.place)
    for key, kinds in words.STORE_ONLY.items():
        if kind and kind not in kinds and key in node.keys:
            fix = f"remove it; it is for {' and '.join(kinds)}"
            walk.problem(f"{key} means nothing for {kind}", node.keys[key], fix=fix)
    return Store(name=name, place=node.place, places=node.keys, **raw)


def resolved(services: tuple[Service, ...], stores: tuple[Store, ...]) -> tuple[Service, ...]:
    """What a service leaves to the others: an equal share of traffic; whether a call is essential, its hit rate."""
    public = [service for service in services if service.public]
    left = max(0.0, 1 - sum(max(0.0, service.traffic) for service in public))
    silent = [service for service in public if service.traffic < 0]
    known = {store.name: store for store in stores}
    found = []
    for service in services:
        share = 0.0 if not service.public else (left / len(silent) if service.traffic < 0 else service.traffic)
        calls = tuple(_resolved(call, known) for call in service.calls)
        found.append(replace(service, traffic=share, calls=calls))
    return tuple(found)


def _resolved(call: Call, stores: dict[str, Store]) -> Call:
    cache, target = stores.get(call.cached_by), stores.get(call.to)
    essential: Any = call.essential
    if essential is ABSENT:
        essential = target.essential if target else True
    hit = call.hit_rate if call.hit_rate >= 0 else cache.hit_rate if cache else 0.0
    return replace(call, essential=essential, hit_rate=hit)
