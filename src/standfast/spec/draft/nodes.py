"""Values of a file in the form an importer wants them, whatever form they are written in."""

from __future__ import annotations

from collections.abc import Mapping

from standfast.spec.document import Node


def text_of(node: Node | None) -> str:
    """A scalar as it was written; "" for anything else."""
    if node is None or isinstance(node.value, (dict, list)) or node.value is None:
        return ""
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    return node.value if isinstance(node.value, str) else node.raw


def items(node: Node | None) -> list[Node]:
    """The items of a list; a single value is a list of one."""
    if node is None or node.value is None:
        return []
    return node.value if isinstance(node.value, list) else [node]


def mapping(node: Node | None) -> Mapping[str, Node]:
    """The fields of a mapping; none for anything else."""
    return node.value if node is not None and isinstance(node.value, dict) else {}


def inside(node: Node | None, *keys: str) -> Node | None:
    """What stands below these keys, one in the other; None where one is missing."""
    for key in keys:
        node = mapping(node).get(key)
    return node


def texts(node: Node | None) -> dict[str, str]:
    """A mapping of texts: labels, annotations."""
    return {key: text_of(child) for key, child in mapping(node).items()}
