"""What runs somewhere already, in words that every format has: what an importer reads, and a draft is made from."""

from __future__ import annotations

from dataclasses import dataclass, field

from standfast.problem import NOWHERE, Place, Problem

# How sure it is that one calls another.
GUESSED, ORDERED, LINKED, ADDRESSED = range(4)


@dataclass(frozen=True)
class Port:
    """A port it listens on. `published`: reached from outside; `local`: from the machine it runs on only."""

    number: int
    published: bool = False
    local: bool = False
    protocol: str = "tcp"
    place: Place = NOWHERE


@dataclass(frozen=True)
class Variable:
    """An environment variable. Of a value that is not `known`, parts are left in braces: `${TAG}`."""

    name: str
    value: str
    known: bool = True
    place: Place = NOWHERE


@dataclass(frozen=True)
class Disk:
    """Something mounted at `path`. `kept`: a volume or folder that outlives the container."""

    path: str
    source: str
    kept: bool
    read_only: bool = False
    place: Place = NOWHERE


@dataclass(frozen=True)
class Need:
    """It says that it needs another one; `strength` is how sure it is that it calls it."""

    to: str
    strength: int
    ground: str  # the words of the file that say so
    place: Place = NOWHERE


@dataclass(frozen=True)
class Command:
    """What it is started by: in place of the image's ENTRYPOINT and of its CMD. `unsure`: why that cannot be told."""

    entrypoint: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    unsure: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True)
class Workload:
    """One program that runs somewhere. Memory in GiB, `cpus` in cores, per copy; None where nothing is said."""

    name: str
    place: Place
    image: str = ""
    build: str = ""
    ports: tuple[Port, ...] = ()
    variables: tuple[Variable, ...] = ()
    secrets: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    disks: tuple[Disk, ...] = ()
    command: str = ""  # all of its words, to be searched
    run: Command = Command()
    health: str = ""  # path of an HTTP health check
    health_port: int = 0
    memory: float | None = None
    cpus: float | None = None
    replicas: int = 1
    aliases: tuple[str, ...] = ()  # other host names others reach it by
    routed: bool = False  # a proxy outside of these words sends users here
    once: bool = False  # runs to its end and is gone: a migration

    @property
    def published(self) -> tuple[Port, ...]:
        return tuple(port for port in self.ports if port.published and not port.local and port.protocol == "tcp")


@dataclass(frozen=True)
class Imported:
    """A spec made from another format, as its text, and what is to be said about it."""

    text: str
    remarks: tuple[Problem, ...] = ()


@dataclass
class Remarks:
    """What the person is told: nothing is dropped in silence, and what holds of several parts is said once."""

    said: list[Problem] = field(default_factory=list)
    shared: dict[tuple[str, str, str], list[tuple[Place, str]]] = field(default_factory=dict)

    def say(self, what: str, place: Place, why: str = "", fix: str = "") -> None:
        self.said.append(_problem(what, why, fix, place))

    def say_of(self, name: str, what: str, place: Place, why: str = "", fix: str = "") -> None:
        """The same of several parts: `what` has {} where their names go."""
        self.shared.setdefault((what, why, fix), []).append((place, name))

    @property
    def all(self) -> tuple[Problem, ...]:
        """Every remark, in the order of the file."""
        joined = [
            _problem(what.replace("{}", ", ".join(name for _, name in parts)), why, fix, parts[0][0])
            for (what, why, fix), parts in self.shared.items()
        ]
        return tuple(sorted([*self.said, *joined], key=lambda one: one.place))


def _problem(what: str, why: str, fix: str, place: Place) -> Problem:
    return Problem(printed(what), printed(why), printed(fix), place, warning=True)


def printed(text: str, limit: int = 400) -> str:
    """Words of a file in a line of our own: what cannot be printed is escaped, what is endless is cut."""
    shown = "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
    return shown if len(shown) <= limit else f"{shown[:limit]}…"
