"""The parts of the templates: each resource of the blueprint as one of them, folded into one, or a Problem."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from standfast.blueprint.model import Base64, Block, Blueprint, Join, Json, Ref, Resource
from standfast.code.cloudformation.kinds import table
from standfast.code.cloudformation.words import Each, Fold, Kind, Left, One, Prop, Rules, Said, Unsaid, blocks, pascal
from standfast.problem import NOWHERE, Place, Problem, quoted

LONGEST = 255  # characters of a logical id (CloudFormation user guide, "Resources section structure")
# Names that add nothing to the type: `main` VPC is `VPC`.
_ONLY_ONE = {"main", "this", "current", "default"}
_DYNAMIC = "{{resolve:"


@dataclass
class Part:
    """One resource of a template: properties still hold the blueprint's references."""

    id: str
    type: str
    kind: Kind
    resource: Resource
    properties: dict[str, Any]
    folded: list[Resource] = field(default_factory=list)
    beside: str = ""  # the logical id of the resource that stands beside this one
    owner: str = ""  # the logical id of the one this stands beside

    @property
    def all(self) -> tuple[Resource, ...]:
        return (self.resource, *self.folded)


@dataclass
class Parts:
    """All parts by logical id, where each address went, and what could not be said."""

    blueprint: Blueprint
    by_id: dict[str, Part] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)  # address -> logical id
    problems: list[Problem] = field(default_factory=list)
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)  # logical id -> those it needs, once asked for
    unsaid: list[Problem] = field(default_factory=list)  # known not to be sayable: warnings

    def parameter(self, variable: str) -> str:
        """The name of a variable's parameter; resources and parameters share one space of names."""
        name = pascal(re.sub(r"[^A-Za-z0-9]+", "_", variable))
        return f"{name}Parameter" if name in self.by_id else name

    def part_of(self, address: str) -> Part | None:
        return self.by_id.get(self.where.get(address, ""))


def parts_of(blueprint: Blueprint) -> Parts:
    """Every resource of a blueprint said, folded, or told as a Problem."""
    found = Parts(blueprint, unsaid=unsaid_of(blueprint))
    rows = {one.address: row_of(one) for one in blueprint.resources if not one.data}
    named = {one.address: one for one in blueprint.resources}
    for one in blueprint.resources:
        row = rows.get(one.address)
        for why in hostile(one.settings):
            found.problems.append(Problem(f"{one.address} cannot be said in CloudFormation", why, REWORD, _place(one)))
        if isinstance(row, Kind):
            _add(found, one, row)
        elif row is None and not one.data:
            why = f"no table of code/cloudformation/kinds/ has {one.kind}"
            found.problems.append(Problem(f"{one.address} cannot be said in CloudFormation", why, FIX, _place(one)))
    for one in blueprint.resources:
        row = rows.get(one.address)
        if isinstance(row, Fold):
            _fold(found, one, row, rows, named)
    return found


def unsaid_of(blueprint: Blueprint) -> list[Problem]:
    """A warning for each resource that CloudFormation is known to have no word for."""
    rows = ((one, row_of(one)) for one in blueprint.resources if not one.data)
    return [
        Problem(f"{one.address} is not in the CloudFormation template", row.why, row.fix, _place(one), warning=True)
        for one, row in rows
        if isinstance(row, Unsaid)
    ]


REWORD = "say it in other words in the spec"
FIX = "write this system as Terraform, or leave out what asks for it"


def _place(resource: Resource) -> Place:
    return next(iter(resource.places), NOWHERE)


def row_of(resource: Resource) -> Said | None:
    """What the tables say a resource is; None where none has its type."""
    row = table().get(resource.kind)
    return row if row is None or isinstance(row, Said) else row(resource)


def logical_id(resource: Resource, type_: str) -> str:
    """Letters and digits: what it is called, and what it is. `OrdersDBInstance`, `VPC`."""
    noun = type_.rsplit("::", 1)[-1]
    name = "" if resource.name in _ONLY_ONE else pascal(re.sub(r"[^A-Za-z0-9]+", "_", resource.name))
    return f"{name}{noun}"


def _add(found: Parts, resource: Resource, kind: Kind) -> None:
    _check_life(found, resource)
    inside, beyond = _said(found, resource, kind.rules, kind.beyond if kind.under else ())
    properties = {kind.under: inside, **beyond} if kind.under else inside
    part = Part(logical_id(resource, kind.type), kind.type, kind, resource, properties)
    if kind.more:
        properties |= kind.more(resource)
    if kind.beside:
        type_, made = kind.beside
        other = Part(f"{part.id}Attachment", type_, Kind(type_, {}), resource, dict(made(resource)))
        part.beside, other.owner = other.id, part.id
        _place_part(found, other)
    _place_part(found, part)
    found.where[resource.address] = part.id


def _place_part(found: Parts, part: Part) -> None:
    other = found.by_id.get(part.id)
    if other is not None:
        what = f"{part.resource.address} and {other.resource.address} would both be {part.id}"
        why = "logical ids hold letters and digits only, and must differ"
        place = _place(part.resource)
        found.problems.append(Problem(what, why, f"rename {part.resource.component or 'one'} in the spec", place))
    elif len(part.id) > LONGEST:
        what = f"the logical id of {quoted(part.resource.address)} would have {len(part.id)} characters"
        found.problems.append(
            Problem(what, f"the most is {LONGEST}", "shorten the name in the spec", _place(part.resource))
        )
    else:
        found.by_id[part.id] = part


def _fold(found: Parts, resource: Resource, fold: Fold, rows: Mapping[str, Any], named: Mapping[str, Resource]) -> None:
    reference = resource.settings.get(fold.into)
    target = _target(reference, rows, named)
    part = found.part_of(target.address) if target else None
    if part is None or target is None:
        what = f"{resource.address} cannot be said in CloudFormation"
        why = f"there it is part of the resource that {fold.into} names, which is not in this code"
        found.problems.append(Problem(what, why, FIX, _place(resource)))
        return
    _check_life(found, resource)
    inside, _ = _said(found, resource, {fold.into: Left("the resource itself"), **fold.rules}, ())
    said = {fold.under: inside} if fold.under else inside
    if fold.more:
        said = {**{key: value for key, value in said.items() if value != {}}, **fold.more(resource, target)}
    for name, value in said.items():
        before = part.properties.get(name)
        if before is not None and not (isinstance(before, list) and isinstance(value, list)):
            what = f"{resource.address} and another resource both say {name} of {part.id}"
            found.problems.append(Problem(what, "", "leave one of them out", _place(resource)))
        part.properties[name] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    part.folded.append(resource)
    found.where[resource.address] = part.id


def _target(reference: Any, rows: Mapping[str, Any], named: Mapping[str, Resource]) -> Resource | None:
    """The resource of its own that a reference leads to, through others that are folded."""
    while isinstance(reference, Ref) and reference.address in named:
        resource = named[reference.address]
        row = rows.get(resource.address)
        if not isinstance(row, Fold):
            return resource
        reference = resource.settings.get(row.into)
    return None


def _check_life(found: Parts, resource: Resource) -> None:
    for word in resource.lifecycle or {}:
        if word not in ("create_before_destroy", "ignore_changes", "prevent_destroy"):
            what = f"{resource.address}: CloudFormation has no word for lifecycle {quoted(word)}"
            found.problems.append(Problem(what, "", FIX, _place(resource)))


def _said(
    found: Parts, resource: Resource, table_: Rules, beyond: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings of a resource as properties: those below `under`, and those beyond it."""
    apart = {key: value for key, value in resource.settings.items() if key in beyond}
    rest = {key: value for key, value in resource.settings.items() if key not in beyond}
    return _properties(found, resource, rest, table_, ""), _properties(found, resource, apart, table_, "")


def _properties(
    found: Parts, resource: Resource, settings: Mapping[str, Any], table_: Rules, path: str
) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for setting, value in settings.items():
        if value is None:
            continue
        rule, here = table_.get(setting), f"{path}{setting}"
        if isinstance(rule, Left):
            if rule.only is not None and value != rule.only:
                _refuse(found, resource, here, f"only {rule.only!r} can be said: {rule.why}")
        elif isinstance(rule, Prop):
            if any(isinstance(one, Block) for one in (value if isinstance(value, (list, tuple)) else [value])):
                _refuse(found, resource, here, "no table says what is inside")
            else:
                said[rule.name] = rule.turn(value) if rule.turn else value
        elif isinstance(rule, (One, Each)):
            _nest(found, resource, said, rule, value, here)
        else:
            _refuse(found, resource, here, "no table says what it is there")
    return said


def _nest(found: Parts, resource: Resource, said: dict[str, Any], rule: One | Each, value: Any, here: str) -> None:
    inside = [_properties(found, resource, one, rule.rules, f"{here}.") for one in blocks(value)]
    if rule.done:
        inside = [rule.done(one) for one in inside]
    if isinstance(rule, Each):
        said[rule.name] = [*said.get(rule.name, []), *inside]
    elif len(inside) > 1:
        _refuse(found, resource, here, "it can be said once only")
    elif inside and rule.name:
        said[rule.name] = inside[0]
    elif inside:
        said |= inside[0]


def _refuse(found: Parts, resource: Resource, setting: str, why: str) -> None:
    what = f"{resource.address}: {setting} cannot be said in CloudFormation"
    found.problems.append(Problem(what, why, FIX, _place(resource)))


def hostile(value: Any) -> list[str]:
    """Why CloudFormation would not take a value as it stands: what it reads as more than text."""
    found: list[str] = []
    _hostile(value, found)
    return found


def _hostile(value: Any, found: list[str]) -> None:
    if isinstance(value, str):
        if _DYNAMIC in value:
            found.append(f"{quoted(value)} holds {_DYNAMIC}, which CloudFormation replaces and cannot be told to leave")
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if key == "Ref" or key.startswith("Fn::"):
                found.append(f"the key {quoted(key)} is a function of CloudFormation")
            _hostile(key, found)
            _hostile(one, found)
    elif isinstance(value, (list, tuple)):
        for one in value:
            _hostile(one, found)
    elif isinstance(value, Join):
        _hostile("".join(one if isinstance(one, str) else "\0" for one in value.parts), found)
    elif isinstance(value, Json):
        _hostile(value.document, found)
    elif isinstance(value, Base64):
        _hostile(value.text, found)
    elif isinstance(value, Block):
        _hostile(value.settings, found)
