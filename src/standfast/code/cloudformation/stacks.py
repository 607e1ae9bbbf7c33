"""Which resource stands in which stack: one for the region, and others only where a template cannot hold it.

A stack belongs to one region. What must stand in another (certificates of CloudFront in us-east-1) is a stack there,
made after the first; what needs both comes after both. So the stacks have an order in which each finds what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from standfast.blueprint.model import references
from standfast.code.cloudformation.parts import Part, Parts

MOST_RESOURCES = 500  # of one template (CloudFormation user guide, "Understand CloudFormation quotas")
MOST_EXPORTS = 200  # outputs of one template (the same)


@dataclass(frozen=True)
class Stack:
    """One template: its place in the order from 1, its region, the logical ids it holds in the blueprint's order."""

    number: int
    region: str
    ids: tuple[str, ...]

    @property
    def file(self) -> str:
        return f"{self.number}-{self.region}.yaml"


def stacks_of(parts: Parts) -> list[Stack]:
    """The stacks in the order in which they are made."""
    needs = {part.id: needed(parts, part) for part in parts.by_id.values()}
    level = _levels(parts, needs)
    groups: dict[tuple[int, str], list[str]] = {}
    for one in parts.by_id:
        groups.setdefault(level[one], []).append(one)
    stacks: list[Stack] = []
    for (_, region), ids in sorted(groups.items()):
        for chunk in _chunks(ids, needs):
            stacks.append(Stack(len(stacks) + 1, region, chunk))
    return stacks


def needed(parts: Parts, part: Part) -> tuple[str, ...]:
    """Logical ids that a part refers to or waits for, each once."""
    if part.id not in parts.needs:
        parts.needs[part.id] = _needed(parts, part)
    return parts.needs[part.id]


def _needed(parts: Parts, part: Part) -> tuple[str, ...]:
    ids = [parts.where.get(one.address, "") for one in references(part.properties)]
    if part.owner:
        return tuple(dict.fromkeys(one for one in ids if one))
    ids += [parts.where.get(address, "") for resource in part.all for address in resource.depends_on]
    ids = list(dict.fromkeys(one for one in ids if one in parts.by_id and one != part.id))
    # who uses a gateway needs it attached
    return tuple(dict.fromkeys([*ids, *(beside for one in ids if (beside := parts.by_id[one].beside))]))


def _levels(parts: Parts, needs: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[int, str]]:
    """Each part's place in the order and region: even places are the blueprint's region, odd ones another.

    A resource of a global service stands where the last of what it needs does, or with the first that needs it.
    """
    home = parts.blueprint.region
    found: dict[str, tuple[int, str]] = {}

    def place(one: str, waiting: tuple[str, ...] = ()) -> tuple[int, str]:
        if one in found or one in waiting:
            return found.get(one, (0, home))  # a circle: cfn-lint and CloudFormation name it better
        part = parts.by_id[one]
        before = [place(other, (*waiting, one)) for other in needs[one]]
        last = max(before, default=(0, home))
        if part.kind.everywhere and not part.resource.provider:
            found[one] = last
            return last
        region = part.resource.provider.replace("_", "-") or home
        number = max((where + (there != region) for where, there in before), default=0)
        if (number % 2 == 0) != (region == home):
            number += 1
        found[one] = (number, region)
        return found[one]

    for one in parts.by_id:
        place(one)
    for one, part in parts.by_id.items():
        if part.kind.everywhere and not needs[one]:
            found[one] = min((found[other] for other, before in needs.items() if one in before), default=found[one])
    return found


def _chunks(ids: list[str], needs: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, ...]]:
    """The ids in pieces that a template can hold. Within the limit there is one, in the order of the blueprint."""
    if len(ids) <= MOST_RESOURCES:
        return [tuple(ids)]
    position = {one: number for number, one in enumerate(ids)}
    ordered: list[str] = []
    seen: set[str] = set()

    def put(one: str) -> None:
        if one in seen or one not in position:
            return
        seen.add(one)
        for other in needs[one]:
            put(other)
        ordered.append(one)

    for one in ids:
        put(one)
    pieces, begin = [], 0
    while begin < len(ordered):
        end = min(begin + MOST_RESOURCES, len(ordered))
        while end > begin + 1 and _crossing(ordered[begin:end], ordered[end:], needs) > MOST_EXPORTS // 2:
            end -= 1
        pieces.append(tuple(sorted(ordered[begin:end], key=position.__getitem__)))
        begin = end
    return pieces


def _crossing(inside: list[str], later: list[str], needs: Mapping[str, tuple[str, ...]]) -> int:
    """How many of `inside` are needed later."""
    within = set(inside)
    return len({other for one in later for other in needs[one] if other in within})
