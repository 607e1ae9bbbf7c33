"""A YAML (or JSON) file as values that know their place. Safe against bombs, size and binary input."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from standfast.problem import Place, Problem, Problems, quoted

LIMIT_BYTES = 2_000_000  # a spec of thousands of services is under 1 MB
LIMIT_DEPTH = 40
LIMIT_NODES = 200_000
_TAGS = {"map", "seq", "str", "int", "float", "bool", "null", "merge", "timestamp", "value"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Node:
    """One value: a dict of str -> Node, a list of Node, or a scalar (str, int, float, bool, None)."""

    value: Any  # dict[str, Node] | list[Node] | str | int | float | bool | None
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)  # for a mapping: where each key stands

    def plain(self) -> object:
        """The value without places, as `json` would know it."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def read_text(path: Path) -> str:
    """The text of a file people wrote. Raises Problems: absent, a folder, too large, empty, not UTF-8 text."""
    place = Place(path.name)
    fix = "name a YAML file, or write a new one with: standfast init"
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise Problems([Problem(f"{quoted(path)} is a folder", fix=fix, place=place)])
        if size > LIMIT_BYTES:
            what = f"the file has {size:,} bytes; at most {LIMIT_BYTES:,} are read"
            raise Problems([Problem(what, "a spec is a page or two of text", "check that it is the right file", place)])
        raw = path.read_bytes()
    except OSError as error:
        raise Problems(
            [Problem(f"cannot read {quoted(path)}", why=error.strerror or str(error), fix=fix, place=place)]
        ) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"not a text file: byte {error.start} is not UTF-8"
        raise Problems(
            [Problem(what, "the file looks binary or has another encoding", "save it as UTF-8 text", place)]
        ) from error
    if not text.strip():
        raise Problems([Problem("the file is empty", fix="write a starter with: standfast init", place=place)])
    return text


def parse_documents(text: str, file: str) -> list[Node]:
    """All YAML documents of a text as Nodes. `file` is the name that places carry.

    Raises Problems for broken YAML, duplicate keys, anchors that expand too far, or too much nesting.
    """
    builder = _Builder(file)
    try:
        _refuse_deep(text)
        roots = list(yaml.compose_all(text, Loader=_LOADER))
        nodes = [builder.build(root, 0) for root in roots if root is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        raise Problems(
            [Problem(f"not valid YAML: {error.problem or error}", error.context or "", place=place)]
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        what = (
            "not valid YAML: it nests too deep"
            if isinstance(error, RecursionError)
            else f"not valid YAML: {str(error)[:200]}"
        )
        raise Problems([Problem(what, fix="check that it is the right file", place=Place(file))]) from error
    if builder.problems:
        raise Problems(builder.problems)
    return nodes


def parse_document(text: str, file: str) -> Node:
    """The one YAML document of a text. Raises Problems where there is none or more than one."""
    nodes = parse_documents(text, file)
    if len(nodes) != 1:
        what = (
            "the file holds no values" if not nodes else f"the file holds {len(nodes)} documents (---), one is expected"
        )
        raise Problems([Problem(what, fix="write a starter with: standfast init", place=Place(file))])
    return nodes[0]


class _TooMuch(ValueError):
    pass


def _refuse_deep(text: str) -> None:
    """Nesting is measured on the flat event stream first: composing recurses in C and would overrun its stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > LIMIT_DEPTH:
                raise _TooMuch(f"values nest deeper than {LIMIT_DEPTH} levels ")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Builder:
    """Turns PyYAML nodes into ours. Aliases are expanded, so the count of nodes is limited (billion laughs)."""

    def __init__(self, file: str):
        self.file, self.count, self.problems = file, 0, []
        self.scalars = yaml.SafeLoader("")

    def build(self, node: yaml.Node, depth: int) -> Node:
        place = Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)
        self.count += 1
        if self.count > LIMIT_NODES:
            raise _TooMuch(f"more than {LIMIT_NODES:,} values once its aliases are expanded")
        if depth > LIMIT_DEPTH:
            raise _TooMuch(f"values nest deeper than {LIMIT_DEPTH} levels at {place}")
        if node.tag.removeprefix("tag:yaml.org,2002:") not in _TAGS:
            self.problems.append(Problem(f"the tag {quoted(node.tag)} is not allowed", fix="remove it", place=place))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            return Node([self.build(child, depth + 1) for child in node.value], place)
        return Node(self._scalar(node, place), place)

    def _mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> Node:
        values, keys, own = {}, {}, set()  # own: written here, not merged in
        for key_node, value_node in node.value:
            at = Place(self.file, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key_node.tag == "tag:yaml.org,2002:merge":
                for merged in self._merged(self.build(value_node, depth + 1)):
                    for name, child in merged.value.items():
                        values.setdefault(name, child)
                        keys.setdefault(name, merged.keys[name])
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem("a key must be a plain word", place=at))
                continue
            name = key_node.value
            if name in own:
                what = f"{quoted(name)} is written twice"
                self.problems.append(Problem(what, f"first at line {keys[name].line}", "keep one of them", at))
                continue
            own.add(name)
            values[name], keys[name] = self.build(value_node, depth + 1), at
        return Node(values, place, keys)

    @staticmethod
    def _merged(node: Node) -> list[Node]:
        found = node.value if isinstance(node.value, list) else [node]
        return [one for one in found if isinstance(one.value, dict)]

    def _scalar(self, node: yaml.Node, place: Place):
        """Plain YAML 1.1 scalars, except dates and base-60 numbers, which stay the text that was written."""
        plain = node.tag in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:float")
        if node.tag == "tag:yaml.org,2002:int":
            plain = ":" not in node.value
        if not plain:
            return node.value
        try:
            if node.tag.endswith(":float") and ":" in node.value:
                return node.value
            return self.scalars.construct_object(node, deep=True)
        except (ValueError, yaml.YAMLError) as error:
            self.problems.append(Problem(f"{quoted(node.value)} is not a number", str(error)[:100], place=place))
            return node.value
