"""One rule of a firewall, whichever cloud it stands in, and what rules in their order let through: exact, as boxes.

Security groups (AWS) only allow, in no order; network security groups (Azure), firewall rules (Google Cloud) and
network ACLs (AWS) allow and refuse, and the first that fits decides. Both are the same here: rules of order 0 that
allow do not hide one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from standfast.audit.reach.boxes import POSSIBLE, Box, Boxes, meet, without
from standfast.audit.reach.spans import ANYWHERE, Spans, intersection
from standfast.blueprint import Resource

Way = Literal["ingress", "egress"]


@dataclass(frozen=True)
class Rule:
    """Lets `spans` of traffic through (or not: `allows`) between what it guards and its peers, by address or group.

    `group`: the firewall it belongs to. `own`, `own_groups`: what of the guarded it speaks of; no groups: all.
    `unclear`: the peer or the ports are decided only when it is applied. `implied`: the name of a rule nobody wrote.
    """

    group: str
    way: Way
    spans: Spans
    addresses: Spans
    groups: frozenset[str]
    unclear: bool
    origin: Resource = field(compare=False)
    allows: bool = True
    order: int = 0  # the lower decides
    own: Spans = ANYWHERE
    own_groups: frozenset[str] = frozenset()
    implied: str = ""


@dataclass(frozen=True)
class End:
    """One end of a connection: its addresses, and the groups (tags, accounts) that rules know it by."""

    addresses: Spans
    names: frozenset[str] = frozenset()


def ordered(rules: Iterable[Rule]) -> list[Rule]:
    """As they are asked: by their order; of two that stand together, the one that refuses."""
    return sorted(rules, key=lambda rule: (rule.order, rule.allows))


def let_through(rules: Sequence[Rule], own: End, peer: End) -> Iterator[tuple[Rule, Boxes]]:
    """What each rule that allows really opens, as (own, peer, traffic): not what one before it has decided.

    `rules`: of one firewall and one way, `ordered`. An unclear rule opens nothing here, and refuses nothing.
    """
    decided: list[Box] = []
    for rule in rules:
        if rule.unclear:
            continue
        box = _box(rule, own, peer)
        if box is None:
            continue
        if rule.allows:
            left = without([box], decided)
            if rule.implied:  # nobody wrote it: told of only where it really opens something
                left = meet(left, POSSIBLE)
            if left:
                yield rule, left
        if rule.order or not rule.allows:
            decided.append(box)


def _box(rule: Rule, own: End, peer: End) -> Box | None:
    mine = own.addresses if rule.own_groups & own.names else ()
    if not rule.own_groups:
        mine = intersection(rule.own, own.addresses)
    if not mine:
        return None
    theirs = peer.addresses if rule.groups & peer.names else intersection(rule.addresses, peer.addresses)
    return (mine, theirs, rule.spans) if theirs and rule.spans else None
