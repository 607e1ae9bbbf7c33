"""Values of the blueprint as values of a template: references, texts made of several parts, documents."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from standfast.blueprint.model import Base64, Block, Join, Json, Ref, Resource, Var
from standfast.code.cloudformation.parts import Parts, row_of
from standfast.code.cloudformation.words import Fold, Kind, pascal
from standfast.code.cloudformation.yaml import Call

# What is looked up in Terraform and said by CloudFormation itself.
PSEUDO = {
    ("aws_caller_identity", "account_id"): "AWS::AccountId",
    ("aws_partition", "partition"): "AWS::Partition",
    ("aws_partition", "dns_suffix"): "AWS::URLSuffix",
    ("aws_region", "name"): "AWS::Region",
    ("aws_region", "region"): "AWS::Region",
}
AWS = "arn:aws:"  # of one partition of AWS; a template asks for the one it stands in
_CLOSED = re.compile(r"\$\{(?=[^${}\n]*\})")


class Unsayable(Exception):
    """A value that no template can hold; the text is why."""


class Values:
    """Renders values for one template; `elsewhere(id, value)` says what stands in another stack."""

    def __init__(self, parts: Parts, inside: frozenset[str], elsewhere: Callable[[str, str, Any], Any]):
        self.parts, self.inside, self.elsewhere = parts, inside, elsewhere
        blueprint = parts.blueprint
        self.variables = {one.name: one for one in blueprint.variables}
        self.resources = {one.address: one for one in blueprint.resources}
        self.generated = generated(parts)
        self.used: dict[str, None] = {}  # parameters that were asked for
        self.waits: set[str] = set()  # ids whose settings were copied: no reference leads there

    def render(self, value: Any) -> Any:
        """The value as mappings, lists, strings, numbers and `Call`s. Raises Unsayable."""
        if isinstance(value, str):
            return value
        if isinstance(value, (Ref, Var)):
            return self._reference(value)
        if isinstance(value, Join):
            return self._join(value)
        if isinstance(value, Json):
            return self._join(Join(tuple(_json_text(value.document))))
        if isinstance(value, Base64):
            return Call("Base64", self.render(value.text))
        if isinstance(value, Block):
            raise Unsayable("a nested block has no table")
        if isinstance(value, Mapping):
            return {key: self.render(one) for key, one in value.items() if one is not None}
        if isinstance(value, (list, tuple)):
            return [self.render(one) for one in value]
        if isinstance(value, float) and value == int(value):
            return int(value)
        return value

    def _reference(self, value: Ref | Var) -> Any:
        return self._variable(value) if isinstance(value, Var) else self._ref(value)

    def _variable(self, value: Var) -> Any:
        if value.name in self.generated:
            secret = Ref(self.generated[value.name], "arn")
            return self._join(Join(("{{resolve:secretsmanager:", secret, "}}")))
        if value.name not in self.variables:
            raise Unsayable(f"there is no variable {value.name}")
        name = self.parts.parameter(value.name)
        self.used[value.name] = None
        return Call("Ref", name) if value.index is None else Call("Select", [value.index, Call("Ref", name)])

    def _ref(self, ref: Ref) -> Any:
        resource = self.resources.get(ref.address)
        if resource is None:
            raise Unsayable(f"there is no {ref.address}")
        if resource.data:
            return self._looked_up(resource, ref)
        part = self.parts.part_of(ref.address)
        if part is None or ref.inside:
            raise Unsayable(f"{ref.address} has no {ref.attribute} there")
        row = row_of(resource)
        said = row.gives.get(ref.attribute) if isinstance(row, (Kind, Fold)) else None
        if said is None:
            return self._copied(resource, ref, part.id)
        if part.id not in self.inside:
            return self.elsewhere(part.id, ref.attribute, _given(part.id, said))
        return _given(part.id, said)

    def _copied(self, resource: Resource, ref: Ref, part: str) -> Any:
        """An attribute that CloudFormation does not give, but that the code itself sets."""
        value = resource.settings.get(ref.attribute)
        if value is None or isinstance(value, Block):
            raise Unsayable(f"CloudFormation does not tell {ref.attribute} of {ref.address}")
        self.waits.add(part)
        return self.render(value)

    def _looked_up(self, resource: Resource, ref: Ref) -> Any:
        pseudo = PSEUDO.get((resource.kind, ref.attribute))
        if pseudo:
            return Call("Ref", pseudo)
        if resource.kind == "aws_ssm_parameter" and isinstance(resource.settings.get("name"), str):
            self.used[resource.address] = None
            return Call("Ref", self.parts.parameter(resource.name))
        raise Unsayable(f"CloudFormation does not look up {ref.attribute} of {ref.address}")

    def _join(self, value: Join) -> Any:
        """Text with references in it, as `!Sub`; what cannot stand inside it is said beside it."""
        found: list[Any] = []
        for part in value.parts:
            one = self.render(part)
            if isinstance(one, str) and found and isinstance(found[-1], str):
                found[-1] += one
            else:
                found.append(one)
        if len(found) == 1:
            return found[0]
        said, apart = "", {}
        if isinstance(found[0], str) and found[0].startswith(AWS):
            found[0] = found[0].removeprefix(AWS)
            said = "arn:${AWS::Partition}:"
        for one in found:
            said += _literal(one, apart) if isinstance(one, str) else _inside(one, apart)
        return Call("Sub", [said, apart]) if apart else Call("Sub", said)


def parameter_id(name: str) -> str:
    """The name of the parameter for a variable: `fast_token` is `FastToken`."""
    return pascal(re.sub(r"[^A-Za-z0-9]+", "_", name))


def generated(parts: Parts) -> Mapping[str, str]:
    """Secret variables that are put into a secret as they are, by the address of that secret: it makes them itself."""
    found = {}
    secrets = {one.name for one in parts.blueprint.variables if one.secret}
    for one in parts.blueprint.resources:
        value, place = one.settings.get("secret_string"), one.settings.get("secret_id")
        kept = one.kind == "aws_secretsmanager_secret_version" and isinstance(place, Ref)
        if kept and isinstance(value, Var) and value.name in secrets and value.index is None:
            found[value.name] = place.address
    return found


def _given(part: str, said: str) -> Any:
    """What a table says an attribute is, for the resource with this logical id."""
    if said.startswith("="):
        return said[1:]
    if "{" in said:
        text = re.sub(r"(?<!\$)\{([A-Za-z.]*)\}", lambda found: f"${{{part}{'.' if found[1] else ''}{found[1]}}}", said)
        return Call("Sub", text)
    return Call("GetAtt", f"{part}.{said.removesuffix('[]')}") if said else Call("Ref", part)


def _literal(text: str, apart: dict[str, Any]) -> str:
    """Text inside `!Sub` that means itself: `${!x}` for `${x}`; a `${` that nothing closes is said beside it."""

    def said(found: re.Match[str]) -> str:
        return "${!" if _CLOSED.match(text, found.start()) else f"${{{_beside(apart, '${')}}}"

    return re.sub(r"\$\{", said, text)


def _inside(found: Any, apart: dict[str, Any]) -> str:
    """A function inside the text of `!Sub`."""
    if isinstance(found, Call) and found.function in ("Ref", "GetAtt"):
        return f"${{{found.value}}}"
    if isinstance(found, Call) and found.function == "Sub" and isinstance(found.value, str):
        return found.value
    return f"${{{_beside(apart, found)}}}"


def _beside(apart: dict[str, Any], value: Any) -> str:
    for name, known in apart.items():
        if known == value:
            return name
    name = f"Part{len(apart) + 1}"
    apart[name] = value
    return name


def _json_text(document: Any) -> Iterator[Any]:
    """A document as JSON text with its references in it."""
    if isinstance(document, Mapping):
        for number, (key, value) in enumerate(document.items()):
            yield ("{" if number == 0 else ",") + json.dumps(str(key)) + ":"
            yield from _json_text(value)
        yield "}" if document else "{}"
    elif isinstance(document, (list, tuple)):
        yield "["
        for number, one in enumerate(document):
            if number:
                yield ","
            yield from _json_text(one)
        yield "]"
    elif isinstance(document, (Ref, Var)):
        yield from ('"', document, '"')
    elif isinstance(document, Join):
        yield '"'
        for part in document.parts:
            yield json.dumps(part)[1:-1] if isinstance(part, str) else part
        yield '"'
    else:
        yield json.dumps(document)
