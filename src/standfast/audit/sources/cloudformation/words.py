"""The tables of `code/cloudformation/kinds`, read backwards: a type of CloudFormation in the words of Terraform.

A property without a rule keeps its name, spelt as Terraform spells names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from standfast.audit.reading import LATER
from standfast.blueprint import Json, Resource
from standfast.code.cloudformation.kinds import table
from standfast.code.cloudformation.words import Each, Fold, Kind, One, Prop, Rules


@dataclass(frozen=True)
class Back:
    """How a type is called, its rules, and the parts of it that are resources of their own with Terraform."""

    kind: str
    rules: Rules
    under: str
    beyond: tuple[str, ...]
    gives: Mapping[str, str]
    folds: tuple[tuple[str, Fold], ...]


# What the written templates never say in this way, and people do.
RULE = {
    "IpProtocol": "protocol", "FromPort": "from_port", "ToPort": "to_port", "CidrIp": "cidr_blocks",
    "CidrIpv6": "ipv6_cidr_blocks", "SourceSecurityGroupId": "security_groups",
    "DestinationSecurityGroupId": "security_groups", "Description": "description",
}  # fmt: skip
LISTED = {"cidr_blocks", "ipv6_cidr_blocks", "security_groups"}
INSIDE = {"SecurityGroupIngress": "ingress", "SecurityGroupEgress": "egress"}
VERSIONING = "aws_s3_bucket_versioning"


@cache
def types() -> dict[str, Back]:
    """Type of CloudFormation -> how it is read."""
    kinds: dict[str, Kind] = {}
    folds: list[tuple[str, Fold]] = []
    for name, row in table().items():
        said = row(Resource(name, "", {}, "")) if callable(row) else row
        if isinstance(said, Kind):
            kinds.setdefault(name, said)
        elif isinstance(said, Fold) and said.under:
            folds.append((name, said))
    found: dict[str, Back] = {}
    for name, kind in kinds.items():
        own = tuple((each, fold) for each, fold in folds if each.startswith(f"{name}_"))
        found.setdefault(kind.type, Back(name, kind.rules, kind.under, kind.beyond, kind.gives, own))
    return found


def snake(name: str) -> str:
    """`KmsKeyId` as Terraform spells most names: `kms_key_id`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def settings_of(properties: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """Properties in the words of Terraform."""
    found: dict[str, Any] = {}
    named = dict(_named(rules))
    for name, value in properties.items():
        setting, rule = named.get(name, (snake(name), None))
        found[setting] = _value(value, rule, name)
    for setting, rule in rules.items():  # a block whose settings stand among its parent's properties
        if isinstance(rule, One) and not rule.name:
            inside = {each[0]: found.pop(each[0]) for each in dict(_named(rule.rules)).values() if each[0] in found}
            if inside:
                found[setting] = [inside]
    return found


def _named(rules: Rules) -> Iterator[tuple[str, tuple[str, Any]]]:
    for setting, rule in rules.items():
        if isinstance(rule, One) and not rule.name:
            yield from _named(rule.rules)
        elif isinstance(rule, (Prop, One, Each)) and rule.name:
            yield rule.name, (setting, rule)


def _value(value: Any, rule: Any, name: str) -> Any:
    if isinstance(value, LATER):
        return value
    if name == "Tags" and isinstance(value, list):
        return {str(one.get("Key")): one.get("Value") for one in value if isinstance(one, dict)}
    if isinstance(rule, (One, Each)):
        several = value if isinstance(value, list) else [value]
        return [settings_of(one, rule.rules) if isinstance(one, dict) else one for one in several]
    if name.endswith("Document") or name in ("KeyPolicy", "Policy"):
        return Json(value) if isinstance(value, dict) else value
    if isinstance(value, dict) and rule is None:
        return [settings_of(value, {})]
    if isinstance(value, list) and rule is None:
        return [settings_of(one, {}) if isinstance(one, dict) else one for one in value]
    return value


def firewall(properties: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The rules that stand inside a security group; taken out of its properties."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, way in INSIDE.items():
        said = properties.pop(name, None)
        for one in said if isinstance(said, list) else [said] if isinstance(said, dict) else ():
            if isinstance(one, dict):
                rule = {RULE[key]: value for key, value in one.items() if key in RULE}
                rule = {key: [value] if key in LISTED else value for key, value in rule.items()}
                found.setdefault(way, []).append({"from_port": 0, "to_port": 0, **rule})
    return found
