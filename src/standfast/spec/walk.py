"""The walk over a spec: one mapping at a time by its table, collecting problems, assumptions and places."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from standfast.problem import Place, Problem, did_you_mean, quoted
from standfast.spec.document import Node
from standfast.spec.fields import ABSENT, NESTED, REQUIRED, Field
from standfast.spec.model import Assumption
from standfast.spec.values import NAME, NAME_FIX, Bad, default_of, read_value

Part = TypeVar("Part")


def declared(value: Any) -> bool:
    """Whether the spec said something, where there is no default."""
    return value is not ABSENT and value is not None


class Walk:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.assumptions: list[Assumption] = []
        self.places: dict[str, Place] = {}  # of promises and rules, by dotted path

    def problem(self, what: str, place: Place, why: str = "", fix: str = "") -> None:
        self.problems.append(Problem(what, why, fix, place))

    def assume(self, what: str, value: str, ground: str, place: Place) -> None:
        self.assumptions.append(Assumption(what, value, ground, place))

    @contextmanager
    def places_apart(self) -> Generator[dict[str, Place]]:
        """The places of what is read inside, kept from the others: those of an environment's own promises."""
        before, self.places = self.places, {}
        try:
            yield self.places
        finally:
            self.places = before

    def mapping(self, node: Node, table: Mapping[str, Field], subject: str) -> dict[str, Any]:
        """The values of a mapping by its table; nested kinds are left as Nodes. Unknown keys are problems.

        A field that is not there has its default, None or ABSENT.
        """
        if not isinstance(node.value, dict):
            fix = f"write keys such as {', '.join(list(table)[:3])}, each with a value"
            self.problem(f"{subject} must be a mapping", node.place, fix=fix)
            return {key: None if field.default is REQUIRED else default_of(field) for key, field in table.items()}
        for key, place in node.keys.items():
            if key not in table:
                self.problem(f"unknown key {quoted(key)} in {subject}", place, fix=did_you_mean(key, table))
        values = {}
        for key, field in table.items():
            child = node.value.get(key)
            if child is None or child.value is None:
                values[key] = self._default(key, field, node, subject)
            else:
                values[key] = child if field.kind in NESTED else self._scalar(key, child, field)
        return values

    def _default(self, key: str, field: Field, node: Node, subject: str) -> Any:
        place = node.keys.get(key, node.place)
        if field.default is REQUIRED:
            self.problem(f"{subject} has no {quoted(key)}", place, fix=f"add: {key}: … ({field.means})")
            return None
        if field.assume is not None:
            self.assume(f"{subject}: {key}", str(field.default), field.assume, place)
        return default_of(field)

    def _scalar(self, key: str, child: Node, field: Field) -> Any:
        try:
            return read_value(child, field)
        except Bad as bad:
            place = bad.place if bad.place.file else child.place
            self.problem(f"{key}: {bad.what}", place, fix=bad.fix)
            return None if field.default is REQUIRED else default_of(field)

    def section(self, parent: Mapping[str, Any], key: str, table: Mapping[str, Field], path: str, at: Node) -> dict:
        """A nested mapping of promises or rules; remembers where each of its keys stands under `path`."""
        node = parent.get(key)
        if not isinstance(node, Node):
            node = Node({}, at.place)
        else:
            self.places[path] = node.place
            for name, place in node.keys.items():
                self.places[f"{path}.{name}"] = place
        return self.mapping(node, table, path.rpartition(".")[2])

    def named(self, node: Any, subject: str, read: Callable[[str, Node], Part]) -> tuple[Part, ...]:
        """The parts of a mapping of names, each read with the place of its name."""
        if not isinstance(node, Node):
            return ()
        if not isinstance(node.value, dict):
            self.problem(f"{subject} must be a mapping of names", node.place, fix=f"write {subject}: {{name: {{…}}}}")
            return ()
        parts = []
        for name, child in node.value.items():
            place = node.keys.get(name, child.place)
            if not NAME.fullmatch(name):
                self.problem(f"{quoted(name)} cannot be a name", place, fix=NAME_FIX)
                continue
            value = {} if child.value is None else child.value
            parts.append(read(name, Node(value, place, child.keys)))
        return tuple(parts)
