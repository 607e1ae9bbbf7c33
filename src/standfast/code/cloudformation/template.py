"""One template: parameters, resources under the headings of their concern, outputs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from standfast.blueprint.model import Blueprint, Output, Ref, Variable, references
from standfast.code.cloudformation.parts import FIX, Part, Parts
from standfast.code.cloudformation.stacks import Stack, needed
from standfast.code.cloudformation.values import Unsayable, Values, parameter_id
from standfast.code.cloudformation.yaml import Call, lines
from standfast.code.terraform.layout import FILES
from standfast.problem import NOWHERE, Problem

HEADS = {concern: head for concern, (_, head) in FILES.items()}
# Parameters that CloudFormation can check against the account.
CHECKED = {"zones": "List<AWS::EC2::AvailabilityZone::Name>"}
TYPES = {"string": "String", "number": "Number", "bool": "String", "list(string)": "CommaDelimitedList"}
IMAGE = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
KEPT = {
    "Retain": {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"},
    "Snapshot": {"DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot"},
}


@dataclass
class Template:
    """A stack being written: what it takes from others (id and attribute -> parameter or export), and its sections."""

    stack: Stack
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)  # parameters filled by another stack's output of that name
    imports: set[int] = field(default_factory=set)  # numbers of stacks whose exports it imports


def templates_of(parts: Parts, stacks: list[Stack]) -> tuple[list[Template], list[Problem]]:
    """All templates with everything rendered, and what could not be."""
    home = {one: stack for stack in stacks for one in stack.ids}
    made = {stack.number: Template(stack) for stack in stacks}
    problems: list[Problem] = []
    for stack in stacks:
        template = made[stack.number]
        values = Values(parts, frozenset(stack.ids), _elsewhere(made, home, template))
        for one in _in_reading_order(stack, parts):
            try:
                template.resources[one] = _resource(parts, parts.by_id[one], values, stack)
            except Unsayable as found:
                resource = parts.by_id[one].resource
                what = f"{resource.address} cannot be said in CloudFormation"
                problems.append(Problem(what, str(found), FIX, next(iter(resource.places), NOWHERE)))
        problems += _outputs(parts, template, values, home)
        _parameters(parts, template, values)
        for name in set(template.parameters) & set(template.resources):
            what = f"a parameter and a resource would both be {name}"
            problems.append(Problem(what, "logical ids must differ", "rename the component in the spec"))
    return [one for one in made.values() if one.resources], problems


def text_of(template: Template, blueprint: Blueprint, parts: Parts) -> str:
    """The template as YAML."""
    said = f"{blueprint.system}, stack {template.stack.number} for {template.stack.region}. Made by Standfast."
    head: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09", "Description": said}
    text = [lines(head)]
    if template.parameters:
        text.append(["Parameters:", *_spaced(template.parameters)])
    body, concern = ["Resources:"], None
    for one, said_of in template.resources.items():
        if parts.by_id[one].resource.concern != concern:
            concern = parts.by_id[one].resource.concern
            body += ["", *(f"  # {line}" for line in textwrap.wrap(HEADS[concern], 108, break_on_hyphens=False))]
        body += ["", *lines({one: said_of}, 1)]
    text.append(body)
    if template.outputs:
        text.append(["Outputs:", *_spaced(template.outputs)])
    return "\n\n".join("\n".join(part) for part in text) + "\n"


def _spaced(section: Mapping[str, Any]) -> list[str]:
    return [line for key, value in section.items() for line in ("", *lines({key: value}, 1))][1:]


def _in_reading_order(stack: Stack, parts: Parts) -> Iterable[str]:
    concerns = list(HEADS)
    return sorted(stack.ids, key=lambda one: concerns.index(parts.by_id[one].resource.concern))


def _resource(parts: Parts, part: Part, values: Values, stack: Stack) -> dict[str, Any]:
    values.waits = set()
    absent = {key: value for key, value in part.kind.absent.items() if key not in part.properties}
    properties = values.render({**part.properties, **absent})
    policy = values.render(dict(part.kind.policy(part.resource))) if part.kind.policy else {}
    waits = _waits(parts, part, properties, values.waits, frozenset(stack.ids))
    return {
        "Type": part.type,
        **(_kept(part)),
        **({"DependsOn": waits[0] if len(waits) == 1 else waits} if waits else {}),
        **policy,
        **({"Metadata": about} if (about := _about(part)) else {}),
        **({"Properties": properties} if properties else {}),
    }


def _kept(part: Part) -> Mapping[str, str]:
    """What becomes of the data when the resource goes."""
    if part.owner:
        return {}
    kept = any((one.lifecycle or {}).get("prevent_destroy") for one in part.all)
    return KEPT["Retain"] if kept else KEPT.get(part.kind.keeps, {})


def _about(part: Part) -> dict[str, Any]:
    """The lines of the spec that asked for it, and why it is there."""
    if part.owner:
        return {}
    places = dict.fromkeys(place.short for one in part.all for place in one.places if place.file)
    reasons = dict.fromkeys(one.why for one in part.all if one.why)
    lint = {"config": {"ignore_checks": list(part.kind.lint)}} if part.kind.lint else {}
    said = {"Spec": ", ".join(places), "Why": " ".join(reasons), "cfn-lint": lint}
    return {key: value for key, value in said.items() if value}


def _waits(parts: Parts, part: Part, properties: Any, copied: set[str], inside: frozenset[str]) -> list[str]:
    """What must be there first and is not referred to: CloudFormation sees references by itself."""
    referred = _referred(properties, set())
    wanted = dict.fromkeys([*needed(parts, part), *sorted(copied)])
    return [one for one in wanted if one in inside and one not in referred and one != part.id]


def _referred(value: Any, found: set[str]) -> set[str]:
    """`found`, with the logical ids and parameters that a rendered value refers to."""
    if isinstance(value, Call):
        text = value.value[0] if value.function == "Sub" and isinstance(value.value, list) else value.value
        if value.function in ("Ref", "GetAtt") and isinstance(text, str):
            found.add(text.split(".")[0])
        elif value.function == "Sub":
            found.update(re.findall(r"\$\{([A-Za-z0-9]+)", text))
        if not isinstance(value.value, str):
            _referred(value.value, found)
    elif isinstance(value, dict):
        for one in value.values():
            _referred(one, found)
    elif isinstance(value, list):
        for one in value:
            _referred(one, found)
    return found


def _elsewhere(made: Mapping[int, Template], home: Mapping[str, Stack], template: Template) -> Any:
    """What stands in another stack: imported in the same region, a parameter across regions."""

    def said(part: str, attribute: str, value: Any) -> Any:
        maker = made[home[part].number]
        name = f"{part}{parameter_id(re.sub(r'[^a-z0-9_]', '_', attribute))}"
        if maker.outputs.setdefault(name, _exported(name, value))["Value"] != value:
            raise Unsayable(f"two outputs of stack {maker.stack.number} would both be {name}")
        if maker.stack.region == template.stack.region:
            template.imports.add(maker.stack.number)
            return Call("ImportValue", Call("Sub", f"${{{stack_parameter(maker.stack.number)}}}-{name}"))
        template.given[name] = maker.stack.number
        return Call("Ref", name)

    return said


def stack_parameter(number: int) -> str:
    return f"Stack{number}Name"


def stack_name(blueprint: Blueprint, number: int) -> str:
    return f"{blueprint.system}-{number}"


def _parameters(parts: Parts, template: Template, values: Values) -> None:
    blueprint = parts.blueprint
    for variable in blueprint.variables:
        if variable.name in values.used:
            template.parameters[parts.parameter(variable.name)] = _parameter(variable)
    for one in blueprint.resources:
        if one.address in values.used:
            said = {"Type": IMAGE, "Default": one.settings["name"], "Description": "Looked up anew at each update"}
            template.parameters[parts.parameter(one.name)] = said
    for number in sorted(template.imports):
        said = f"Stack {number}, whose exports this one imports"
        name = stack_name(blueprint, number)
        template.parameters[stack_parameter(number)] = {"Type": "String", "Default": name, "Description": said}
    for name, number in template.given.items():
        template.parameters[name] = {"Type": "String", "Description": f"Output {name} of stack {number}"}


def _parameter(variable: Variable) -> dict[str, Any]:
    said: dict[str, Any] = {"Type": CHECKED.get(variable.name, TYPES[variable.kind]), "Description": variable.means}
    default = variable.default
    if default is not None:
        said["Default"] = ",".join(default) if isinstance(default, (list, tuple)) else default
    if variable.kind == "bool":
        said |= {"AllowedValues": ["true", "false"], "Default": "true" if default else "false"}
    if variable.pattern:
        said["AllowedPattern"] = variable.pattern
        said["ConstraintDescription"] = f"must match {variable.pattern}"
    if variable.secret:
        said["NoEcho"] = True
    return said


def _outputs(parts: Parts, template: Template, values: Values, home: Mapping[str, Stack]) -> Iterator[Problem]:
    """The blueprint's outputs that this stack can give: those of its own resources; the rest is the first stack's."""
    for output in parts.blueprint.outputs:
        owners = {home[part.id].number for one in references(output.value) if (part := parts.part_of(one.address))}
        if output.secret or max(owners, default=1) != template.stack.number:
            continue
        try:
            template.outputs[parameter_id(output.name)] = _output(output, parts, values)
        except Unsayable as found:
            what = f"the output {output.name} cannot be said in CloudFormation"
            yield Problem(what, str(found), FIX)


def _output(output: Output, parts: Parts, values: Values) -> dict[str, Any]:
    name = parameter_id(output.name)
    value = values.render(output.value)
    if isinstance(output.value, Ref) and _is_list(output.value, parts):
        value = Call("Join", [",", value])
    return {"Description": output.means, **_exported(name, value)}


def _exported(name: str, value: Any) -> dict[str, Any]:
    return {"Value": value, "Export": {"Name": Call("Sub", f"${{AWS::StackName}}-{name}")}}


def _is_list(ref: Ref, parts: Parts) -> bool:
    part = parts.part_of(ref.address)
    return part is not None and part.kind.gives.get(ref.attribute, "").endswith("[]")
