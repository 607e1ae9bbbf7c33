"""The words of the tables in `kinds/`: how a resource of Terraform's AWS provider is said in CloudFormation.

A table has one row per Terraform type: a `Kind` (a resource of its own) or a `Fold` (a part of another resource).
Rules say what becomes of each setting; a setting without a rule is a Problem, never silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from standfast.blueprint.model import Block, Json, Resource


@dataclass(frozen=True)
class Prop:
    """The property `name` has the same value; `turn` says it otherwise, where the value is said otherwise."""

    name: str
    turn: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class One:
    """A nested block that is an object; with an empty name its settings belong to the parent."""

    name: str
    rules: Mapping[str, Rule]
    done: Callable[[dict[str, Any]], dict[str, Any]] | None = None  # adds what only CloudFormation wants said


@dataclass(frozen=True)
class Each:
    """A nested block that may repeat: a list of objects."""

    name: str
    rules: Mapping[str, Rule]
    done: Callable[[dict[str, Any]], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Left:
    """Nothing in the template says this; why none is needed. `only`: the one value of which that is true."""

    why: str
    only: Any = None


Rule = Prop | One | Each | Left
Rules = Mapping[str, Rule]
Made = Callable[[Resource], Mapping[str, Any]]


@dataclass(frozen=True)
class Kind:
    """A resource of its own.

    `gives`: attribute of Terraform -> "" (what `!Ref` gives), an attribute for `!GetAtt`, or a text of `!Sub` in which
    `{}` is `!Ref` and `{Attribute}` is `!GetAtt`; `[]` ends an attribute that is a list, `=` begins a fixed value.
    """

    type: str
    rules: Rules
    gives: Mapping[str, str] = field(default_factory=lambda: {"id": ""})
    under: str = ""  # the property that holds all others but those of the settings `beyond`
    beyond: tuple[str, ...] = ("tags",)
    keeps: str = ""  # what becomes of the data when the resource goes: Retain or Snapshot
    more: Made | None = None  # properties that follow from several settings
    absent: Mapping[str, Any] = field(default_factory=dict)  # what is said where nothing else says the property
    policy: Made | None = None  # attributes of the resource beside its properties: UpdatePolicy
    beside: tuple[str, Made] | None = None  # a second resource: its type and its properties
    lint: tuple[str, ...] = ()  # rules of cfn-lint that are wrong about it
    everywhere: bool = False  # a global service: may stand in a stack of any region


@dataclass(frozen=True)
class Fold:
    """Part of the resource that the setting `into` refers to; `more` makes properties from both."""

    into: str
    rules: Rules
    gives: Mapping[str, str] = field(default_factory=lambda: {"id": ""})
    under: str = ""
    more: Callable[[Resource, Resource], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Unsaid:
    """CloudFormation has no word for it: why, and what to do by hand instead."""

    why: str
    fix: str


Said = Kind | Fold | Unsaid
Row = Said | Callable[[Resource], Said]  # the second where it depends on the settings


def rules(words: str, **odd: Rule) -> Rules:
    """Rules for settings that keep their value: `cidr_block` is `CidrBlock`; `vpc_id:VPC` says the name itself."""
    table: dict[str, Rule] = {}
    for word in words.split():
        setting, _, name = word.partition(":")
        table[setting] = Prop(name or pascal(setting))
    return {**table, **odd}


def pascal(name: str) -> str:
    """`cidr_block` as CloudFormation spells most names: `CidrBlock`."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def pairs(tags: Mapping[str, Any]) -> list[Any]:
    """Tags as most types want them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def document(value: Any) -> Any:
    """A document that Terraform embeds as JSON text stands here as itself."""
    return value.document if isinstance(value, Json) else value


def text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def blocks(value: Any) -> list[Mapping[str, Any]]:
    """The settings of a nested block, or of each of several."""
    several = value if isinstance(value, (list, tuple)) else [value]
    return [one.settings if isinstance(one, Block) else one for one in several if one is not None]


TAGS = Prop("Tags", pairs)
TAG_MAP = Prop("Tags")  # the few types that want a mapping
UNTAGGED = Left("CloudFormation tags no resource of this type")
POLICY = Prop("PolicyDocument", document)
