"""The Resource: one cloud object in the words of the cloud's Terraform provider.

`settings` is plain nested data with six value types of its own, so that every writer can say the same thing
in its own language and every check can look through it:

    Ref(resource address, attribute)   a reference to another resource's attribute
    Block({...})                       a nested block (a plain dict is a map attribute); a list of Blocks repeats it
    Var(name)                          a value the user supplies (an input variable)
    Join([...])                        text made of literal parts and references
    Json({...})                        a document that is embedded as JSON text (an IAM policy)
    Base64(text)                       text that the cloud wants in base64 (the user data of a server)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from standfast.problem import NOWHERE, Place


@dataclass(frozen=True)
class Ref:
    """`Ref("aws_vpc.main", "id")`; a data source is addressed as `data.aws_caller_identity.current`.

    `attribute` may be a path with indexes: `master_user_secret[0].secret_arn`. Where it is a set that holds one
    object, `inside` names the attribute of that object (the validation record of a certificate).
    """

    address: str
    attribute: str
    inside: str = ""


@dataclass(frozen=True)
class Var:
    """A value the user supplies; `index` picks one of a list."""

    name: str
    index: int | None = None


@dataclass(frozen=True)
class Join:
    parts: tuple[Any, ...]  # str, Ref or Var


@dataclass(frozen=True)
class Json:
    document: Any  # may hold Ref, Var and Join


@dataclass(frozen=True)
class Base64:
    text: str | Join


@dataclass(frozen=True)
class Block:
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Variable:
    """An input the user supplies. `default` None: must be given. Secrets are never given a default."""

    name: str
    kind: str  # "string", "number", "bool", "list(string)", "map(string)"
    means: str
    default: Any = None
    secret: bool = False
    pattern: str = ""  # a regular expression (RE2) the text must match; "" for any
    example: str = ""  # a value that matches, safe to try anywhere but in production


@dataclass(frozen=True)
class Output:
    name: str
    means: str
    value: Any
    secret: bool = False


@dataclass(frozen=True)
class Note:
    """What the people who run the system must know or do, in Markdown."""

    heading: str
    text: str
    language: str = ""  # "" for all; else the one language whose words it uses: "terraform"


@dataclass(frozen=True)
class Resource:
    """One object. `concern` groups resources into files: network, compute, data, edge, identity, keys, watch …"""

    kind: str  # "aws_db_instance"
    name: str  # identifier inside the code
    settings: Mapping[str, Any]
    concern: str
    component: str = ""  # the part of the plan it belongs to
    places: tuple[Place, ...] = ()  # the lines of the spec that asked for it
    data: bool = False  # a data source: looked up, not created
    provider: str = ""  # alias of another region's provider, e.g. "us_east_1"
    lifecycle: Mapping[str, Any] | None = None
    depends_on: tuple[str, ...] = ()
    why: str = ""  # one line for the reader of the code
    module: str = ""  # of code that others wrote: `module.network`; ours has none

    @cached_property
    def address(self) -> str:
        inside = f"{self.module}." if self.module else ""
        return f"{inside}{'data.' if self.data else ''}{self.kind}.{self.name}"


@dataclass(frozen=True)
class Given:
    """A value that the cloud decides, by its name in `Blueprint.platform`: an address, a role, a certificate."""

    name: str


@dataclass(frozen=True)
class Expand:
    """A variable made of those before it: `https://$(HOST)/` as Kubernetes reads it."""

    text: str


@dataclass(frozen=True)
class Sealed:
    """An entry of the cloud's store of secrets that a workload reads, and the variables it becomes.

    `fields`: variable -> what it is in the entry: the name of a JSON field, or "" for all of its text; `login` is
    the variable that holds user and password as a URL wants them, "" for none.
    """

    entry: Given
    fields: Mapping[str, str]
    login: str = ""


@dataclass(frozen=True)
class Way:
    """A connection that a workload opens. `kind`: `service`, a kind of store, or `outside` for what is not ours."""

    to: str
    kind: str
    port: int


@dataclass(frozen=True)
class Workload:
    """A service as a Kubernetes cluster runs it, the same on every cloud (blueprint/workloads.py makes them).

    vcpu and memory_mib are of one pod; pods are `least` to `most`, `count` at the planned peak, over `zones` zones.
    """

    name: str
    image: str
    port: int
    health: str  # path of the health check
    public: bool
    host: Given | None  # the name users reach it under
    vcpu: float
    memory_mib: int
    arch: str  # arm64 | x86_64
    least: int
    count: int
    most: int
    zones: int
    environment: Mapping[str, str | Given | Expand]  # in the order in which they may refer to one another
    sealed: tuple[Sealed, ...]
    ways: tuple[Way, ...]
    callers: tuple[str, ...]  # services that call it
    identity: bool  # whether it asks the cloud for something in its own name
    why: str = ""
    place: Place = NOWHERE
    entrypoint: tuple[str, ...] = ()  # in place of the image's ENTRYPOINT, and of its CMD; both word for word
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Blueprint:
    """Everything that must stand, for one cloud and region. `site`: "" for the first, "standby" for the other.

    What a standby needs of the first site is a variable of the one and an output of the other, of the same name.
    """

    cloud: str
    region: str
    system: str
    resources: tuple[Resource, ...]
    variables: tuple[Variable, ...]
    outputs: tuple[Output, ...]
    tags: Mapping[str, Any] = field(default_factory=dict)  # on every resource, beside its own
    notes: tuple[Note, ...] = ()
    site: str = ""  # "" for the primary, "standby" for what stands elsewhere: a root and a state of its own
    workloads: tuple[Workload, ...] = ()  # what runs on its cluster; empty where there is none
    platform: Mapping[str, Any] = field(default_factory=dict)  # what the workloads ask of this cloud, by name

    def find(self, kind: str) -> Iterator[Resource]:
        return (resource for resource in self.resources if resource.kind == kind)


def references(value: Any) -> list[Ref]:
    """All references inside a value, in the order in which it speaks of them."""
    found: list[Ref] = []
    _refer(value, found)
    return found


def _refer(value: Any, found: list[Ref]) -> None:
    if isinstance(value, str):
        return
    if isinstance(value, Ref):
        found.append(value)
    elif isinstance(value, dict):
        for one in value.values():
            _refer(one, found)
    elif isinstance(value, (list, tuple)):
        for one in value:
            _refer(one, found)
    elif isinstance(value, Block):
        _refer(value.settings, found)
    elif isinstance(value, Join):
        _refer(value.parts, found)
    elif isinstance(value, Json):
        _refer(value.document, found)
    elif isinstance(value, Base64):
        _refer(value.text, found)
    elif isinstance(value, Mapping):
        _refer(dict(value), found)
