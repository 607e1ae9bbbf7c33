"""What a parsed file is made of. `at` is the offset in the text; whoever holds the text makes a line of it.

Source: the HCL native syntax specification (github.com/hashicorp/hcl, hclsyntax/spec.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class Node:
    """An expression. `work`: what a reader has made of it, to be asked again; None before."""

    __slots__ = ("work",)
    work: Any

    def __post_init__(self) -> None:
        self.work = None


@dataclass(slots=True)
class Literal(Node):
    value: Any


@dataclass(slots=True)
class Template(Node):
    """Text with expressions in it. One that is a single expression has been unwrapped, as the language asks."""

    parts: list[Node]


@dataclass(slots=True)
class Name(Node):
    name: str
    at: int


@dataclass(slots=True)
class Attribute(Node):
    of: Node
    name: str


@dataclass(slots=True)
class Index(Node):
    of: Node
    key: Node


@dataclass(slots=True)
class Splat(Node):
    """`of[*].a[0]`: the steps are said of each member. A step is a name, or a Node for an index."""

    of: Node
    steps: list[str | Node]


@dataclass(slots=True)
class Call(Node):
    name: str
    arguments: list[Node]
    spread: bool  # the last argument is a list of arguments: `...`
    at: int


@dataclass(slots=True)
class Unary(Node):
    sign: str
    of: Node
    at: int


@dataclass(slots=True)
class Binary(Node):
    sign: str
    left: Node
    right: Node
    at: int


@dataclass(slots=True)
class Condition(Node):
    asked: Node
    yes: Node
    no: Node


@dataclass(slots=True)
class Listing(Node):
    members: list[Node]


@dataclass(slots=True)
class Mapped(Node):
    pairs: list[tuple[Node, Node]]


@dataclass(slots=True)
class Loop(Node):
    """A for expression; `key` None for a list; `text`: it stands in a template, and its results are joined."""

    names: tuple[str, ...]
    over: Node
    key: Node | None
    value: Node
    asked: Node | None
    grouped: bool = False
    text: bool = False
    at: int = 0


@dataclass(slots=True)
class Set:
    """`name = value` in a body."""

    name: str
    value: Node
    at: int


@dataclass(slots=True)
class Section:
    """A block: `kind "label" "label" { body }`."""

    kind: str
    labels: tuple[str, ...]
    body: Body
    at: int


@dataclass(slots=True)
class Body:
    sets: dict[str, Set] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)

    def of(self, kind: str) -> list[Section]:
        return [one for one in self.sections if one.kind == kind]
