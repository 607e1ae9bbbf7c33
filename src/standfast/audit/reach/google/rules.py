"""Firewall rules of Google Cloud, with the two that every network has without anybody writing them.

Source: Google Cloud docs, "VPC firewall rules": by priority, of two that stand together the one that refuses; implied
are deny ingress and allow egress. They are stateful: an answer needs no rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach.google.atlas import Atlas
from standfast.audit.reach.rules import Rule, Way
from standfast.audit.reach.spans import ALL_TRAFFIC, ANYWHERE, Spans, port_spans, union
from standfast.audit.reading import LATER, UNKNOWN, blocks, flag, items, known, raw
from standfast.blueprint import Ref, Resource

NETWORK = "google_compute_network"
LAST = 65536  # after every priority that can be written
SIDES = {"ingress": ("source_ranges", ("source_tags", "source_service_accounts")), "egress": ("destination_ranges", ())}
TARGETS = ("target_tags", "target_service_accounts")


def network_name(estate: Estate, value: Any) -> str:
    """The address of a network, else its name; "" where it is decided later."""
    found = estate.target(value, NETWORK)
    if found is not None:
        return found.address
    return "" if isinstance(value, LATER) or not value else str(value).rpartition("/")[2]


def identity(estate: Estate, value: Any) -> str:
    """A service account by its resource, else by its address; a tag as it is; "" where that is decided later."""
    if isinstance(value, Ref):
        found = estate.target(value, "google_service_account")
        literal = known({"value": value}, "value")
        return literal if isinstance(literal, str) else found.address if found is not None else ""
    return value if isinstance(value, str) else ""


def read_rules(estate: Estate, atlas: Atlas) -> Iterator[Rule]:
    for one in estate.of("google_compute_firewall"):
        if flag(one, "disabled") is not True:
            yield _rule(estate, atlas, one)
    for one in estate.of(NETWORK):
        for way, allows in (("ingress", False), ("egress", True)):
            implied = f"Google's own rule, implied {'allow' if allows else 'deny'} {way},"
            yield Rule(
                one.address, way, ALL_TRAFFIC, ANYWHERE, frozenset(), False, one, allows, LAST, implied=implied
            )  # fmt: skip


def _rule(estate: Estate, atlas: Atlas, one: Resource) -> Rule:
    said = known(one, "direction", "INGRESS")
    way: Way = "egress" if said == "EGRESS" else "ingress"
    order = known(one, "priority", 1000)
    path, groups = SIDES[way]
    written = items(one, path)
    named = [identity(estate, value) for group in groups for value in items(one, group)]
    targets = [identity(estate, value) for group in TARGETS for value in items(one, group)]
    everybody = not written and not named
    ranges = [atlas.read(value) for value in written]
    unclear = (
        UNKNOWN in (said, order) or None in ranges or "" in named or "" in targets or flag(one, "disabled") is None
    )
    allowed = blocks(one, "allow")
    spans, later = _spans(allowed or blocks(one, "deny"))
    return Rule(
        network_name(estate, raw(one, "network")),
        way,
        spans,
        ANYWHERE if everybody else union(*(found for found in ranges if found)),
        frozenset(name for name in named if name),
        unclear or later,
        one,
        bool(allowed),
        1 if order is UNKNOWN else int(order) + 1,
        own_groups=frozenset(name for name in targets if name),
    )


def _spans(said: list[Any]) -> tuple[Spans, bool]:
    """The traffic of its blocks, and whether a part of it is decided later."""
    spans, later = [], False
    for one in said:
        kind = UNKNOWN if one is UNKNOWN else known(one, "protocol", "all")
        ports = [] if one is UNKNOWN else items(one, "ports")
        later = later or kind is UNKNOWN or any(isinstance(port, LATER) for port in ports)
        spans.append(
            ALL_TRAFFIC if kind is UNKNOWN else port_spans(str(kind), [p for p in ports if not isinstance(p, LATER)])
        )
    return union(*spans), later
