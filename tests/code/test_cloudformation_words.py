"""The table of CloudFormation's words, held against the schemas of the resource types that cfn-lint carries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from standfast.blueprint import Ref, Resource
from standfast.code.cloudformation.kinds import table
from standfast.code.cloudformation.words import Each, Fold, Kind, Left, One, Prop, Rules

# Each way a row that depends on the resource can go.
ROWS = {
    "aws_vpc_security_group_egress_rule": [{}, {"referenced_security_group_id": "x"}],
    "aws_vpc_security_group_ingress_rule": [{}, {"referenced_security_group_id": "x"}],
    "aws_db_instance": [{}, {"replicate_source_db": "x"}],
    "aws_s3_bucket_replication_configuration": [{}, {"bucket": Ref("a.b", "id")}],
    "aws_route53_record": [{}, {"name": Ref("a.b", "c", "d"), "records": ["x"]}],
}


def rows() -> Iterator[tuple[str, Kind | Fold]]:
    for kind, row in sorted(table().items()):
        for settings in ROWS.get(kind, [{}]):
            found = row(Resource(kind, "x", settings, "network")) if callable(row) else row
            if isinstance(found, (Kind, Fold)):
                yield kind, found


def schema_of(type_: str) -> Mapping[str, Any]:
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_).schema


def resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in part:
        found: Any = schema
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def inside(schema: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of an object, whichever of its alternatives says them."""
    part = resolved(schema, part)
    if "items" in part:
        return inside(schema, part["items"])
    found = dict(part.get("properties", {}))
    for word in ("anyOf", "oneOf", "allOf"):
        for one in part.get(word, []):
            found |= inside(schema, one)
    return found


def unknown(schema: Mapping[str, Any], here: Mapping[str, Any], rules: Rules, path: str) -> Iterator[str]:
    for rule in rules.values():
        if isinstance(rule, Left):
            continue
        if (isinstance(rule, Prop) or rule.name) and rule.name not in here:
            yield f"{path}{rule.name}"
            continue
        below = inside(schema, here[rule.name]) if rule.name else here
        if isinstance(rule, (One, Each)) and not rule.done:
            yield from unknown(schema, below, rule.rules, f"{path}{rule.name}.")


@pytest.mark.parametrize(("kind", "row"), [pytest.param(*one, id=one[0]) for one in rows() if isinstance(one[1], Kind)])
def test_every_property_and_attribute_is_one(kind: str, row: Kind) -> None:
    schema = schema_of(row.type)
    top = inside(schema, schema)
    within = inside(schema, top[row.under]) if row.under else top
    beyond = {key: rule for key, rule in row.rules.items() if row.under and key in row.beyond}
    rest = {key: rule for key, rule in row.rules.items() if key not in beyond}
    assert [*unknown(schema, within, rest, ""), *unknown(schema, top, beyond, "")] == []
    assert set(row.absent) <= set(top)
    if row.beside:
        assert schema_of(row.beside[0])
    readable = {one.removeprefix("/properties/").replace("/", ".") for one in schema.get("readOnlyProperties", [])}
    for said in row.gives.values():
        for attribute in attributes(said):
            assert attribute in readable or attribute in top, f"{row.type} gives no {attribute}"


def attributes(said: str) -> list[str]:
    if said.startswith("="):
        return []
    if "{" in said:
        return [one for one in re.findall(r"(?<!\$)\{([A-Za-z.]*)\}", said) if one]
    return [said.removesuffix("[]")] if said else []


def test_what_is_said_to_have_no_tags_has_none() -> None:
    """A type that learns to be tagged shows here."""
    untagged = {row.type for _, row in rows() if isinstance(row, Kind) and isinstance(row.rules.get("tags"), Left)}
    assert untagged
    assert [one for one in sorted(untagged) if "Tags" in inside(schema_of(one), schema_of(one))] == []


def test_what_is_left_out_says_why() -> None:
    def left(rules: Rules) -> Iterator[Left]:
        for rule in rules.values():
            if isinstance(rule, Left):
                yield rule
            elif isinstance(rule, (One, Each)):
                yield from left(rule.rules)

    assert all(one.why for _, row in rows() for one in left(row.rules))
