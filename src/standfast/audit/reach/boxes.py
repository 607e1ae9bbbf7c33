"""Sets of (source address, target address, traffic) as boxes: a union of products of spans, exact under difference.

A box is three `Spans`; it holds every combination of one number of each. Boxes of one set need not be disjoint.
"""

from __future__ import annotations

from collections.abc import Iterable

from standfast.audit.reach.spans import ALL_TRAFFIC, FAMILIES, Spans, difference, intersection, union

Box = tuple[Spans, Spans, Spans]
Boxes = tuple[Box, ...]

# Between IPv4 and IPv6 nothing passes.
POSSIBLE: Boxes = tuple((family, family, ALL_TRAFFIC) for family in FAMILIES)


def meet(one: Iterable[Box], other: Iterable[Box]) -> Boxes:
    """What both sets hold."""
    others = tuple(other)
    return tuple(both for left in one for right in others if (both := _both(left, right)))


def _both(left: Box, right: Box) -> Box | None:
    sources = intersection(left[0], right[0])
    targets = intersection(left[1], right[1]) if sources else ()
    traffic = intersection(left[2], right[2]) if targets else ()
    return (sources, targets, traffic) if traffic else None


def without(one: Iterable[Box], other: Iterable[Box]) -> Boxes:
    """What the first set holds and the second does not."""
    left = tuple(one)
    for taken in other:
        left = tuple(piece for box in left for piece in _less(box, taken))
    return left


def _less(box: Box, taken: Box) -> list[Box]:
    """A box with a box cut out: what differs in the source, else in the target, else in the traffic."""
    both = _both(box, taken)
    if both is None:
        return [box]
    pieces = [
        (difference(box[0], both[0]), box[1], box[2]),
        (both[0], difference(box[1], both[1]), box[2]),
        (both[0], both[1], difference(box[2], both[2])),
    ]
    return [piece for piece in pieces if all(piece)]


def turned(boxes: Iterable[Box]) -> Boxes:
    """The same, seen from the other end."""
    return tuple((targets, sources, traffic) for sources, targets, traffic in boxes)


def traffic_of(boxes: Iterable[Box]) -> Spans:
    """Protocols and ports that some source and target of the set share."""
    return union(*(box[2] for box in boxes))
