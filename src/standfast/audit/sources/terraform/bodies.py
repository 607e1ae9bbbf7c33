"""The body of a block, with every expression worked out: attributes, nested blocks, dynamic ones.

Nested blocks are lists of mappings, as `terraform show -json` has them; [UNKNOWN] where it is decided later how many.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from standfast.audit.reading import UNKNOWN
from standfast.audit.sources.hcl import tree
from standfast.audit.sources.terraform.evaluate import pairs_of, value
from standfast.audit.sources.terraform.reached import Scope, settled
from standfast.audit.sources.terraform.values import Cannot, Part, plain, text

if TYPE_CHECKING:
    from standfast.audit.sources.terraform.code import Declared, Source
    from standfast.audit.sources.terraform.session import Session

META = {"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection", "providers"}


def attribute(body: tree.Body, name: str, scope: Scope, source: Source, session: Session) -> Any:
    """The value of one attribute, settled; None where it is not set, UNKNOWN and a Problem where it has none."""
    said = body.sets.get(name)
    if said is None:
        return None
    try:
        return settled(value(said.value, scope))
    except Cannot as caught:
        session.cannot(caught, source, said.at, name)
    except RecursionError:
        session.cannot(Cannot("this is nested too deep"), source, said.at, name)
    return UNKNOWN


def settings(body: tree.Body, scope: Scope, source: Source, session: Session) -> dict[str, Any]:
    """All attributes and blocks that are set."""
    found: dict[str, Any] = Part()
    for name in body.sets:
        if name not in META and (one := attribute(body, name, scope, source, session)) is not None:
            found[name] = one
    for section in body.sections:
        if section.kind not in META:
            for name, one in _blocks(section, scope, source, session):
                if isinstance(found.get(name), list):
                    found[name].append(one)
                else:
                    found[name] = [one]
    return found


def block_list(body: tree.Body, kind: str, scope: Scope, source: Source) -> list[Any]:
    """The blocks of one kind."""
    wanted = [one for one in body.sections if one.kind == kind or one.labels[:1] == (kind,)]
    session = scope.module.session
    return [one for section in wanted for _, one in _blocks(section, scope, source, session)]


def _blocks(section: tree.Section, scope: Scope, source: Source, session: Session) -> Iterator[tuple[str, Any]]:
    if section.kind != "dynamic" or len(section.labels) != 1:
        yield section.kind, settings(section.body, scope, source, session)
        return
    name, body = section.labels[0], section.body
    content = next(iter(body.of("content")), None)
    said = body.sets.get("for_each")
    if content is None or said is None:
        session.cannot(Cannot("a dynamic block has a for_each and a content"), source, section.at, name)
        return
    called = body.sets.get("iterator")
    iterator = called.value.name if called is not None and isinstance(called.value, tree.Name) else name
    try:
        pairs = pairs_of(value(said.value, scope))
    except Cannot as caught:
        session.cannot(caught, source, said.at, name)
        pairs = None
    if pairs is None:
        yield name, UNKNOWN
        return
    for key, one in pairs:
        yield name, settings(content.body, scope.inside(**{iterator: {"key": key, "value": one}}), source, session)


def default_tags(declared: Declared, scope: Scope) -> dict[str, Any]:
    """The tags that a provider puts on everything; what cannot be told is left out."""
    try:
        found = block_list(declared.body, "default_tags", scope, declared.source)
    except Cannot:
        return {}
    tags = plain(found[0].get("tags")) if found and isinstance(found[0], dict) else None
    return {text(key): one for key, one in tags.items()} if isinstance(tags, dict) else {}
