"""A YAML (or JSON) file as values that know their place. Safe against bombs, size and binary input."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from standfast.problem import Place, Problem, Problems, quoted

LIMIT_BYTES = 2_000_000  # a spec of thousands of services is under 1 MB
LIMIT_DEPTH = 40
LIMIT_NODES = 200_000
_PREFIX = "tag:yaml.org,2002:"
_TAGS = {"map", "seq", "str", "int", "float", "bool", "null", "merge", "timestamp", "value"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # by YAML 1.1, 5.1


@dataclass(frozen=True)
class Node:
    """One value: a dict of str -> Node, a list of Node, or a scalar (str, int, float, bool, None).

    Scalars are those of YAML 1.2 as JSON has them: dates, octal numbers, `yes` and `no` stay the text they are.
    """

    value: Any  # dict[str, Node] | list[Node] | str | int | float | bool | None
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)  # for a mapping: where each key stands
    raw: str = ""  # for a scalar: as it was written, so that 1.10 is not 1.1

    def plain(self) -> object:
        """The value without places, as `json` would know it."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def read_text(path: Path) -> str:
    """The text of a file people wrote. Raises Problems: absent, a folder, too large, empty, not UTF-8 text."""
    place = Place(shown_name(path))
    fix = "name a YAML file, or write a new one with: standfast init"
    try:
        if path.is_dir():
            raise Problems([Problem(f"{quoted(path)} is a folder", fix=fix, place=place)])
        with path.open("rb") as file:
            raw = file.read(LIMIT_BYTES + 1)  # never more, whatever the size a device or a pipe claims to have
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Problems([Problem(f"cannot read {quoted(path)}", why=why, fix=fix, place=place)]) from error
    if len(raw) > LIMIT_BYTES:
        raise Problems([_too_large(place)])
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


def shown_name(path: Path) -> str:
    """The name that places carry: the last part of the path, in characters that can be printed."""
    name = path.name or str(path)
    return name if name.isprintable() else name.encode("unicode_escape").decode("ascii")


def parse_documents(text: str, file: str) -> list[Node]:
    """All YAML documents of a text as Nodes. `file` is the name that places carry.

    Raises Problems for broken YAML, duplicate keys, anchors that expand too far, or too much nesting.
    """
    if len(text) > LIMIT_BYTES:
        raise Problems([_too_large(Place(file))])
    found = _UNREADABLE.search(text)
    if found:
        at = Place(file, text.count("\n", 0, found.start()) + 1, found.start() - text.rfind("\n", 0, found.start()))
        what = f"not a text file: it holds the character {quoted(found[0])}"
        raise Problems([Problem(what, "YAML allows no control characters", "remove it", at)])
    marks = _Marks(file, text)
    builder = _Builder(marks)
    try:
        _refuse_deep(text, marks)
        roots = list(yaml.compose_all(text, Loader=_LOADER))
        nodes = [builder.build(root, 0) for root in roots if root is not None]
    except yaml.MarkedYAMLError as error:
        raise Problems([_broken(error, text, marks)]) from error
    except _TooMuch as error:
        raise Problems([error.problem]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        what = f"not valid YAML: {type(error).__name__} {quoted(error, 200)}"
        raise Problems([Problem(what, fix="check that it is the right file", place=Place(file))]) from error
    if builder.problems:
        raise Problems(builder.problems)
    return nodes


def parse_document(text: str, file: str) -> Node:
    """The one YAML document of a text. Raises Problems where there is none or more than one."""
    nodes = parse_documents(text, file)
    if not nodes:
        fix = "write a starter with: standfast init"
        raise Problems([Problem("the file holds no values", fix=fix, place=Place(file))])
    if len(nodes) > 1:
        what = f"the file holds {len(nodes)} documents (---), one is expected"
        raise Problems([Problem(what, fix="keep one of them, or split the file", place=nodes[1].place)])
    return nodes[0]


def _too_large(place: Place) -> Problem:
    why = "a spec is a page or two of text"
    return Problem(f"the file has more than {LIMIT_BYTES:,} bytes", why, "check that it is the right file", place)


class _Marks:
    """Places of a text. What ends too early is seen behind the end: that is the last line that says something."""

    def __init__(self, file: str, text: str):
        self.file, self.last = file, len(_BREAK.findall(text.rstrip())) + 1

    def place(self, mark: Any) -> Place:
        if mark is None:
            return Place(self.file)
        return (
            Place(self.file, mark.line + 1, mark.column + 1) if mark.line < self.last else Place(self.file, self.last)
        )


def _broken(error: yaml.MarkedYAMLError, text: str, marks: _Marks) -> Problem:
    what, why = error.problem or str(error), error.context or ""
    place = marks.place(error.problem_mark or error.context_mark)
    if "'\\t'" in what or _tab_before(text, place):
        return Problem("not valid YAML: a tab stands where spaces must", "", "indent with spaces", place)
    fix = "look at this line and the one above: brackets, quotes, the space after a colon, indentation"
    return Problem(f"not valid YAML: {quoted(what, 150)[1:-1]}", quoted(why, 150)[1:-1], fix, place)


def _tab_before(text: str, place: Place) -> bool:
    lines = text.split("\n")
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    return "\t" in line[: len(line) - len(line.lstrip())]


class _TooMuch(ValueError):
    def __init__(self, what: str, place: Place):
        super().__init__(what)
        self.problem = Problem(what, fix="check that it is the right file; write values out plainly", place=place)


def _refuse_deep(text: str, marks: _Marks) -> None:
    """Nesting is measured on the flat event stream first: composing recurses in C and would overrun its stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > LIMIT_DEPTH:
                raise _TooMuch(f"values nest deeper than {LIMIT_DEPTH} levels", marks.place(event.start_mark))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Builder:
    """Turns PyYAML nodes into ours. Aliases are expanded, so the count of nodes is limited (billion laughs)."""

    def __init__(self, marks: _Marks):
        self.marks, self.count, self.problems = marks, 0, []

    def build(self, node: yaml.Node, depth: int) -> Node:
        place = self.marks.place(node.start_mark)
        self.count += 1
        if self.count > LIMIT_NODES:
            raise _TooMuch(f"more than {LIMIT_NODES:,} values once its aliases are expanded", place)
        if depth > LIMIT_DEPTH:
            raise _TooMuch(f"values nest deeper than {LIMIT_DEPTH} levels once its aliases are expanded", place)
        if node.tag.removeprefix(_PREFIX) not in _TAGS:
            self.problems.append(Problem(f"the tag {quoted(node.tag)} is not allowed", fix="remove it", place=place))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            return Node([self.build(child, depth + 1) for child in node.value], place)
        return Node(_scalar(node), place, raw=node.value)

    def _mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> Node:
        values, keys, own = {}, {}, set()  # own: written here, not merged in
        for key_node, value_node in node.value:
            at = self.marks.place(key_node.start_mark)
            if key_node.tag == f"{_PREFIX}merge":
                for merged in self._merged(self.build(value_node, depth + 1)):
                    for name, child in merged.value.items():
                        values.setdefault(name, child)
                        keys.setdefault(name, merged.keys[name])
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem("a key must be a plain word", fix="write key: value", place=at))
                continue
            name = key_node.value
            if name in own:
                what = f"{quoted(name)} is written twice"
                self.problems.append(Problem(what, f"first at line {keys[name].line}", "keep one of them", at))
                continue
            own.add(name)
            values[name], keys[name] = self.build(value_node, depth + 1), at
        return Node(values, place, keys)

    def _merged(self, node: Node) -> list[Node]:
        found = node.value if isinstance(node.value, list) else [node]
        for one in found:
            if not isinstance(one.value, dict):
                fix = "write <<: *name, where &name marks a mapping"
                self.problems.append(Problem("only a mapping can be merged with <<", fix=fix, place=one.place))
        return [one for one in found if isinstance(one.value, dict)]


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    kind, text = node.tag.removeprefix(_PREFIX), node.value
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "int" and _INT.fullmatch(text):
        return int(text)
    if kind == "float" and _FLOAT.fullmatch(text):
        return float(text)
    return text
