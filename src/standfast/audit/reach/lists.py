"""Network ACLs, which know no connections: the call needs a rule at both subnets, and so does its answer.

Source: Amazon VPC User Guide, "Network ACL rules" and "Ephemeral ports"; Linux, net.ipv4.ip_local_port_range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from standfast.audit.reach.boxes import Box, Boxes, meet, turned, without
from standfast.audit.reach.roads import Place
from standfast.audit.reach.rules import End, Rule, Way, let_through
from standfast.audit.reach.spans import ALL_TRAFFIC, ANYWHERE, PORTS, PROTOCOLS, Spans, intersection, traffic, union

# Ports a caller takes the answer at: any that its system may choose, and those that Linux chooses by default.
EPHEMERAL, LINUX = (1024, 65535), (32768, 60999)
Rules = Callable[[Way, frozenset[str]], Sequence[Rule]]


def past_lists(passing: Boxes, here: Place, there: Place, rules: Rules) -> tuple[Boxes, Spans]:
    """What of a connection both lists let through, and the traffic whose answers pass at whichever port they take."""
    called = calls(passing, here, there, rules)
    answered = answers(here, there, rules)
    kept = tuple(
        box
        for number in sorted({first // PORTS for part in called for first, _ in _each_protocol(part[2])})
        for box in meet(meet(called, _any(_whole(number))), _pairs(answered, number))
    )
    return kept, union(*(intersection(box[2], _surely(answered, box)) for box in kept))


def calls(passing: Boxes, here: Place, there: Place, rules: Rules) -> Boxes:
    """What they let through in the direction of the call."""
    callers, called = here.calls_from, there.addresses
    if here.lists:
        found = let_through(rules("egress", here.lists), End(callers), End(called))
        passing = meet(passing, [box for _, boxes in found for box in boxes])
    if there.lists and passing:
        found = let_through(rules("ingress", there.lists), End(called), End(callers))
        passing = meet(passing, turned(box for _, boxes in found for box in boxes))
    return passing


def answers(here: Place, there: Place, rules: Rules) -> Boxes:
    """What may come back, as (caller, called, traffic of the answer)."""
    callers, called = here.calls_from, there.addresses
    answer: Boxes = ((callers, called, ALL_TRAFFIC),)
    if there.lists:
        found = let_through(rules("egress", there.lists), End(called), End(callers))
        answer = meet(answer, turned(box for _, boxes in found for box in boxes))
    if here.lists:
        found = let_through(rules("ingress", here.lists), End(callers), End(called))
        answer = meet(answer, [box for _, boxes in found for box in boxes])
    return answer


def _each_protocol(spans: Spans) -> Iterator[tuple[int, int]]:
    for first, last in spans:
        for number in range(first // PORTS, last // PORTS + 1):
            yield max(first, number * PORTS), min(last, number * PORTS + PORTS - 1)


def _whole(number: int) -> Spans:
    return ((number * PORTS, number * PORTS + PORTS - 1),)


def _any(spans: Spans) -> Boxes:
    return ((ANYWHERE, ANYWHERE, spans),)


def _answer_ports(number: int, ports: tuple[int, int]) -> Spans:
    """Where answers arrive: at a port the caller chose, for protocols that have ports."""
    has_ports = number in (PROTOCOLS["tcp"], PROTOCOLS["udp"])
    return traffic(str(number), *ports) if has_ports else _whole(number)


def _pairs(answered: Boxes, number: int) -> Boxes:
    """The pairs of addresses between which an answer of a protocol gets through at some port."""
    found = meet(answered, _any(_answer_ports(number, EPHEMERAL)))
    return tuple((callers, called, _whole(number)) for callers, called, _ in found)


def _surely(answered: Boxes, box: Box) -> Spans:
    """The protocols whose answers get through at every port that Linux chooses, between all addresses of a box."""
    numbers = {first // PORTS for first, _ in _each_protocol(box[2])}
    sure = (one for one in numbers if not without([(box[0], box[1], _answer_ports(one, LINUX))], answered))
    return union(*(_whole(one) for one in sure))
