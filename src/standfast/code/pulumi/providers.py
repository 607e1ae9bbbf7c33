"""The providers of a program: one for the region it stands in, one for each other region that a resource asks for."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.model import Blueprint
from standfast.code.pulumi.python import Code as Expression
from standfast.code.pulumi.python import Node, assigned, call, identifier, quoted
from standfast.code.pulumi.values import Speaker

MAIN = "main"
HEAD = '"""The providers: where the system stands, and what every resource is tagged with, beside its own tags."""'


def provider_lines(blueprint: Blueprint, speaker: Speaker) -> Iterator[list[str]]:
    """Paragraphs of `providers.py`, without its imports."""
    speaker.imports.add(blueprint.cloud)
    yield assigned("TAGS", speaker.typed(dict(blueprint.tags), "{s", "tags", None)).split("\n")
    aliases = sorted({one.provider for one in blueprint.resources if one.provider})
    for alias, region in [(MAIN, blueprint.region), *((one, one.replace("_", "-")) for one in aliases)]:
        yield assigned(identifier(alias), _provider(blueprint.cloud, alias, region)).split("\n")


def _provider(cloud: str, name: str, region: str) -> Node:
    tags = call(f"{cloud}.ProviderDefaultTagsArgs", tags=Expression("TAGS"))
    named = {"region": Expression(quoted(region)), "default_tags": tags}
    return call(f"{cloud}.Provider", Expression(quoted(name)), **named)
