"""The providers of a program: one for the region it stands in, one for each other region that a resource asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from standfast.blueprint.model import Blueprint, Var
from standfast.code.pulumi.values import Speaker
from standfast.python import Code as Expression
from standfast.python import Node, assigned, call, identifier, quoted

MAIN = "main"
HEAD = '"""The providers: where the system stands, and what every resource is tagged with, beside its own tags."""'


def provider_lines(blueprint: Blueprint, speaker: Speaker) -> Iterator[list[str]]:
    """Paragraphs of `providers.py`, without its imports."""
    speaker.imports.add(blueprint.cloud)
    yield assigned("TAGS", speaker.typed(dict(blueprint.tags), "{s", "tags", None)).split("\n")
    aliases = sorted({one.provider for one in blueprint.resources if one.provider})
    for alias, region in [(MAIN, blueprint.region), *((one, one.replace("_", "-")) for one in aliases)]:
        settings = SETTINGS[blueprint.cloud](region, speaker)
        provider = call(f"{blueprint.cloud}.Provider", Expression(quoted(alias)), **settings)
        yield assigned(identifier(alias), provider).split("\n")


def _aws(region: str, speaker: Speaker) -> dict[str, Node]:
    tags = call("aws.ProviderDefaultTagsArgs", tags=Expression("TAGS"))
    return {"region": Expression(quoted(region)), "default_tags": tags}


def _gcp(region: str, speaker: Speaker) -> dict[str, Node]:
    project = speaker.typed(Var("project"), "s", "project", None)
    return {"project": project, "region": Expression(quoted(region)), "default_labels": Expression("TAGS")}


def _azure(region: str, speaker: Speaker) -> dict[str, Node]:
    return {"features": call("azure.ProviderFeaturesArgs")}


SETTINGS: dict[str, Callable[[str, Speaker], dict[str, Node]]] = {"aws": _aws, "azure": _azure, "gcp": _gcp}
