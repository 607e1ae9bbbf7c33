"""Which resource stands in which file, and the comment above it that says why it is there."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from standfast.blueprint.model import Block, Blueprint, Output, Resource, Variable
from standfast.code.terraform.clouds import CLOUDS
from standfast.code.terraform.hcl import Name, Names, block, expression, quoted
from standfast.files import File
from standfast.problem import Place

TAGS_EACH = {cloud.provider for cloud in CLOUDS.values() if cloud.tags_each}
# concern -> file, and what stands at its head
FILES = {
    "network": ("network.tf", "The private network: zones, subnets, ways in and out, and a record of its traffic."),
    "firewall": ("firewall.tf", "Who may talk to whom: the edges of the call graph, and nothing else."),
    "edge": ("edge.tf", "Where users arrive: names, certificates, web firewall, balancers, content delivery."),
    "compute": ("compute.tf", "The servers of each service, and when there are more of them."),
    "cluster": (
        "cluster.tf",
        "The cluster, its nodes, and what runs on them by itself; workloads: ../kubernetes.",
    ),
    "data": ("data.tf", "Databases, caches and object storage."),
    "identity": ("identity.tf", "What each service may do in the account: what its calls and secrets need, no more."),
    "keys": ("keys.tf", "Encryption keys and the places of secrets."),
    "backup": ("backup.tf", "Copies kept apart from the systems they are made of."),
    "watch": ("observability.tf", "Logs, alarms, and a record of what is done in the account."),
}


def concern_files(blueprint: Blueprint) -> Iterator[File]:
    """One file per concern that has resources, in the order of `FILES`. KeyError for a concern without a file."""
    by_concern: dict[str, list[Resource]] = {concern: [] for concern in FILES}
    for resource in blueprint.resources:
        by_concern[resource.concern].append(resource)
    for concern, resources in by_concern.items():
        if resources:
            path, head = FILES[concern]
            yield File(path, joined([comment(head), *_commented(resources)]))


def resource_lines(resource: Resource) -> list[str]:
    """A resource, with its provider first and what governs its life last, as is the custom."""
    settings: dict[str, Any] = {}
    if resource.provider:
        settings["provider"] = Name(f"{resource.kind.partition('_')[0]}.{resource.provider}")
    settings |= resource.settings
    if "tags" in settings and resource.kind.partition("_")[0] in TAGS_EACH:
        settings["tags"] = Name(f"merge(local.tags, {expression(settings['tags'], 1)})")
    if resource.lifecycle:
        settings["lifecycle"] = Block({key: _names(value) for key, value in resource.lifecycle.items()})
    if resource.depends_on:
        settings["depends_on"] = Names(tuple(Name(address) for address in resource.depends_on))
    word = "data" if resource.data else "resource"
    return block(f"{word} {quoted(resource.kind)} {quoted(resource.name)}", settings)


def _commented(resources: Iterable[Resource]) -> Iterator[list[str]]:
    for said, resource in reasons(resources):
        yield [*comment(said), *resource_lines(resource)]


def reasons(resources: Iterable[Resource]) -> Iterator[tuple[str, Resource]]:
    """Each resource with why it is there and who asked. One without a reason of its own follows from those above."""
    before: tuple[Place, ...] | None = None
    for resource in resources:
        places = ", ".join(dict.fromkeys(place.short for place in resource.places if place.file))
        said = f"{resource.why} ({places})" if places and resource.why else resource.why
        if not said and resource.places != before:
            said = places
        before = resource.places
        yield said, resource


def _names(value: Any) -> Any:
    """The attributes that a lifecycle rule names are words, not text."""
    return [Name(one) for one in value] if isinstance(value, (list, tuple)) else value


def variable_lines(variable: Variable) -> list[str]:
    settings: dict[str, Any] = {"type": Name(variable.kind), "description": variable.means}
    if variable.default is not None:
        settings["default"] = variable.default
    if variable.secret:
        settings["sensitive"] = True
    if variable.pattern:
        message = f"The value of {variable.name} must match {variable.pattern}"
        test = Name(f"can(regex({quoted(variable.pattern)}, var.{variable.name}))")
        settings["validation"] = Block({"condition": test, "error_message": f"{message}."})
    return block(f"variable {quoted(variable.name)}", settings)


def output_lines(output: Output) -> list[str]:
    settings: Mapping[str, Any] = {"description": output.means, "value": output.value}
    if output.secret:
        settings = {**settings, "sensitive": True}
    return block(f"output {quoted(output.name)}", settings)


def comment(text: str) -> list[str]:
    """Comment lines; whatever the text holds, it stays inside the comment."""
    plain = text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)
    return [f"# {line}" for line in _wrapped(plain)]


@lru_cache(maxsize=10_000)  # the same reasons stand above the same resources in several languages
def _wrapped(text: str) -> tuple[str, ...]:
    return tuple(textwrap.wrap(text, 108, break_on_hyphens=False))


def joined(parts: Iterable[list[str]]) -> str:
    """Parts of a file with a blank line between them."""
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"
