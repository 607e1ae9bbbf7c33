"""One module of the program per concern: its resources, each below why it is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from standfast.blueprint.model import Block, Blueprint, Resource
from standfast.code.pulumi.places import Module, Site
from standfast.code.pulumi.providers import MAIN
from standfast.code.pulumi.values import Speaker
from standfast.code.pulumi.words import Shape, Words, parted
from standfast.code.terraform.clouds import CLOUDS
from standfast.code.terraform.layout import comment, joined, reasons
from standfast.files import File
from standfast.problem import Problem
from standfast.python import Code, Group, Node, array, assigned, call, camel, docstring, identifier, quoted

STANDARD = ("base64", "json", "re")


def concern_files(blueprint: Blueprint, words: Words, site: Site) -> tuple[list[File], list[Problem]]:
    """The modules, and what Pulumi cannot say of the blueprint."""
    resources = {one.address: one for one in blueprint.resources}
    variables = {one.name: one for one in blueprint.variables}
    files, problems = [], []
    for module in site.modules:
        speaker = Speaker(blueprint.cloud, words, site, resources, variables, module.name)
        parts = [part for said, one in reasons(module.resources) for part in _resource(speaker, said, one)]
        head = [docstring(module.head or module.name)]
        files.append(File(f"{module.name}.py", joined([head, *imports(blueprint.cloud, speaker.imports), *parts])))
        problems += speaker.problems
    return files, problems


def imports(cloud: str, used: Iterable[str]) -> Iterator[list[str]]:
    """Paragraphs of imports: Python's own, Pulumi's, the program's."""
    used = set(used)
    yield [f"import {name}" for name in STANDARD if name in used]
    pulumi = ["import pulumi"] if "pulumi" in used else []
    yield pulumi + ([f"import pulumi_{cloud} as {cloud}"] if cloud in used else [])
    yield [f"import {name}" for name in sorted(used - {*STANDARD, "pulumi", cloud})]


def _resource(speaker: Speaker, said: str, resource: Resource) -> Iterator[list[str]]:
    shape = (speaker.words.lookup if resource.data else speaker.words.resource)(resource.kind)
    if shape is None:
        speaker.cannot(f"{speaker.words.sdk} has no such resource", resource)
        return
    speaker.imports |= {speaker.cloud, "pulumi"}
    speaker.texts.clear()
    settings = parted(resource.settings, shape.split)
    timeouts = settings.pop("timeouts", None)
    items: list[tuple[str, Node]] = [] if resource.data else [("", Code(quoted(resource.name)))]
    items += [_tagged(speaker.cloud, name, node) for name, node in speaker.arguments(settings, shape, "", resource)]
    items.append(("opts=", _options(speaker, shape, resource, timeouts)))
    node = Group(f"{speaker.cloud}.{shape.path}(", tuple(items), ")")
    texts = [assigned(name, text) for name, text in speaker.texts]
    lines = [*texts, assigned(speaker.site.variable[resource.address], node)]
    yield [*comment(said), *"\n".join(lines).split("\n")]


def _tagged(cloud: str, name: str, node: Node) -> tuple[str, Node]:
    """Where a provider has no default tags, each resource says the common ones too."""
    if name != "tags=" or not CLOUDS[cloud].tags_each or not isinstance(node, Group):
        return name, node
    return name, Group("{", (("**", Code("providers.TAGS")), *node.items), "}")


def _options(speaker: Speaker, shape: Shape, resource: Resource, timeouts: Any) -> Node:
    """Which provider, and what governs the resource's life."""
    speaker.imports.add("providers")
    options: dict[str, Node] = {"provider": Code(f"providers.{identifier(resource.provider or MAIN)}")}
    needs = [speaker.place(address) for address in resource.depends_on if not address.startswith("data.")]
    looked_up = [speaker.place(address) for address in resource.depends_on if address.startswith("data.")]
    if needs or looked_up:
        options["depends_on"] = _after(looked_up, array(map(Code, needs)))
    if resource.data:
        return call("pulumi.InvokeOutputOptions" if needs or looked_up else "pulumi.InvokeOptions", **options)
    options |= _life(speaker, shape, resource)
    if isinstance(timeouts, Block):
        given = {key: Code(quoted(str(value))) for key, value in timeouts.settings.items() if value is not None}
        options["custom_timeouts"] = call("pulumi.CustomTimeouts", **given)
    return call("pulumi.ResourceOptions", **options)


def _after(looked_up: list[str], needs: Group) -> Node:
    """What comes first. A look-up is no resource that could be named: what is named is then known once it is done."""
    if not looked_up:
        return needs
    done = looked_up[0] if len(looked_up) == 1 else f"pulumi.Output.all({', '.join(looked_up)})"
    return call(f"{done}.apply", Code(f"lambda _: {needs.flat}"))


def _life(speaker: Speaker, shape: Shape, resource: Resource) -> Iterator[tuple[str, Node]]:
    """Terraform's lifecycle in Pulumi's words. Pulumi makes the new one first unless it is told otherwise."""
    for rule, value in (resource.lifecycle or {}).items():
        if rule == "create_before_destroy":
            if not value:
                yield "delete_before_replace", Code("True")
        elif rule == "prevent_destroy":
            if value:
                yield "protect", Code("True")
        elif rule == "ignore_changes" and isinstance(value, (list, tuple)):
            yield "ignore_changes", array(_ignored(speaker, shape, resource, name) for name in value)
        else:
            speaker.cannot(f"Pulumi has no word for the lifecycle rule {rule}", resource)


def _ignored(speaker: Speaker, shape: Shape, resource: Resource, path: str) -> Node:
    """What a rule names: an argument as Python spells it, or a path to what is inside as the engine does."""
    steps, code = [], ""
    for step, index in re.findall(r"(\w+)(\[\d+\])?", path):
        if code and len(code) < 2:
            break
        shape = speaker.words.inside(code) if code else shape
        name = shape.argument(step)
        if name is None:
            return speaker.cannot(f"{speaker.words.sdk} has no argument {path} whose changes to ignore", resource)
        code = shape.takes[name]
        steps.append(name + (index if code.startswith("[") else ""))  # of what it takes once there is no first
        code = code.removeprefix("[") if index else code
    if len(steps) == 1:
        return Code(quoted(steps[0]))
    return Code(quoted(".".join(map(camel, steps))))


def modules_used(speaker: Speaker, modules: Iterable[Module]) -> list[str]:
    """Import lines for a program that needs every module: those it never names are imported for what they make."""
    return [
        f"import {one.name}" if one.name in speaker.imports else f"import {one.name}  # noqa: F401"
        for one in sorted(modules, key=lambda one: one.name)
    ]
