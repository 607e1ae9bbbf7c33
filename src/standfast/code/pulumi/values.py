"""Values of a blueprint as expressions of Python, each of the type that the SDK asks for.

Terraform turns a number into text by itself, and one block into a list of one; Python does not, so it is done here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from standfast.blueprint.model import Base64, Block, Join, Json, Ref, Resource, Var, Variable
from standfast.code.pulumi.literals import MEANS, converted, several, whole
from standfast.code.pulumi.places import Site
from standfast.code.pulumi.words import Shape, Words
from standfast.problem import NOWHERE, Problem
from standfast.python import (
    Code,
    Group,
    Node,
    array,
    call,
    formatted,
    identifier,
    lines_of_text,
    mapping,
    quoted,
)

KINDS = {"string": "s", "number": "f", "bool": "b", "list(string)": "[s", "map(string)": "{s"}
LONG = 3  # text of more lines than this stands above the resource, under a name


@dataclass
class Speaker:
    """Says the values of one module; keeps what it needed on the way: modules, long texts, problems."""

    cloud: str
    words: Words
    site: Site
    resources: Mapping[str, Resource]
    variables: Mapping[str, Variable]
    module: str
    imports: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    texts: list[tuple[str, Node]] = field(default_factory=list)

    def typed(self, value: Any, code: str, at: str, of: Resource | None) -> Node:
        """A value as the SDK's type `code`; `at` is its path, for names and messages."""
        if len(code) == 1 and isinstance(value, (str, bool, int, float)):
            return self.scalar(value, code, at, of)
        first = code[0]
        if first == "[":
            values = value if isinstance(value, (list, tuple)) else [value]
            if isinstance(value, (Var, Ref)):
                return self.reference(value, code, at, of)
            return array(self.typed(one, code[1:], at, of) for one in values)
        if first == "{":
            inner = value.settings if isinstance(value, Block) else value
            if isinstance(inner, Mapping):
                return mapping({key: self.typed(one, code[1:], f"{at}_{key}", of) for key, one in inner.items()})
            return self.reference(value, code, at, of)
        if first == "!":
            return self.member(value, code, at, of)
        if isinstance(value, (list, tuple)) and len(value) == 1 and code != "?":
            value = value[0]  # the bridge takes a list that holds one at most as the one
        if len(code) > 1:
            return self.object(value, code, at, of)
        if isinstance(value, (Var, Ref)):
            return self.reference(value, code, at, of)
        return self.scalar(value, code, at, of)

    def object(self, value: Any, path: str, at: str, of: Resource | None) -> Node:
        """A block as the SDK's class of arguments."""
        settings = value.settings if isinstance(value, Block) else value
        if not isinstance(settings, Mapping):
            return self.cannot(f"{at} holds {several(value)}, and Pulumi takes one object there", of)
        return Group(f"{self.cloud}.{path}(", tuple(self.arguments(settings, self.words.inside(path), at, of)), ")")

    def member(self, value: Any, code: str, at: str, of: Resource | None) -> Node:
        """A value of an enumeration, by its name."""
        name = self.words.member(code, value) if isinstance(value, str) else None
        if name is None:
            return self.cannot(f"{at} is {value!r}, and {code[1:]} of {self.words.sdk} has no such value", of)
        return Code(f"{self.cloud}.{code[1:]}.{name}")

    def arguments(
        self, settings: Mapping[str, Any], shape: Shape, at: str, of: Resource | None
    ) -> list[tuple[str, Node]]:
        """What a resource, a look-up or an object inside is given, in the order of the blueprint. None is left out."""
        said, given = [], set()
        for key, value in settings.items():
            if value is None:
                continue
            name = shape.argument(key)
            where = f"{at}_{key}" if at else key
            if name is None or name in given:
                self.cannot(f"{self.words.sdk} has no argument {key} in {shape.path}", of)
                continue
            given.add(name)
            said.append((f"{name}=", self.typed(value, shape.takes[name], where, of)))
        for name in sorted(set(shape.needs) - given):
            self.cannot(f"{shape.path} of {self.words.sdk} cannot be made without {name}", of)
        return said

    def scalar(self, value: Any, code: str, at: str, of: Resource | None) -> Node:
        if code == "?":
            return self.anything(value, at, of)
        if code == "s" and isinstance(value, (str, Join, Json, Base64)):
            return self.text(value, at, of)
        literal = converted(value, code)
        if literal is None:
            return self.cannot(f"{at} is {several(value)}, and Pulumi asks for {MEANS[code]}", of)
        if isinstance(literal, str):
            return self.text(literal, at, of)
        return Code(repr(literal))

    def anything(self, value: Any, at: str, of: Resource | None) -> Node:
        if isinstance(value, Block):
            value = value.settings
        if isinstance(value, Mapping):
            return mapping({key: self.anything(one, f"{at}_{key}", of) for key, one in value.items()})
        if isinstance(value, (list, tuple)):
            return array(self.anything(one, at, of) for one in value)
        if isinstance(value, (str, Join, Json, Base64)):
            return self.text(value, at, of)
        if isinstance(value, (Ref, Var)):
            return self.reference(value, "?", at, of)
        return Code(repr(value))

    def text(self, value: str | Join | Json | Base64, at: str, of: Resource | None) -> Node:
        if isinstance(value, str) and value.count("\n") <= LONG:
            return Code(quoted(value))
        if isinstance(value, Json):
            return self.json(value, at, of)
        if isinstance(value, Base64):
            self.imports.add("text")
            return call("text.in_base64", self.text(value.text, at, of))
        parts = whole(value.parts if isinstance(value, Join) else (value,))
        if sum(one.count("\n") for one in parts if isinstance(one, str)) > LONG:
            return self.long_text(parts, at, of)
        if len(parts) == 1 and isinstance(parts[0], str):
            return Code(quoted(parts[0]))
        if len(parts) == 1:
            return self.reference(parts[0], "s", at, of)
        return _joined([self.run(list(run), plain, at, of) for plain, run in groupby(parts, self.plain)])

    def run(self, parts: list[Any], plain: bool, at: str, of: Resource | None) -> list[Node]:
        """Neighbouring parts of a text: those known at once as one literal, the others each as it is."""
        if not plain:
            return [self.reference(one, "s", at, of) for one in parts]
        if all(isinstance(one, str) for one in parts):
            return [Code(quoted("".join(parts)))]
        if len(parts) == 1:
            return [self.reference(parts[0], "s", at, of)]
        said = [one if isinstance(one, str) else Code(self.reference(one, "?", at, of).flat) for one in parts]
        return [Code(formatted(said))]

    def long_text(self, parts: list[Any], at: str, of: Resource | None) -> Node:
        """Text of many lines stands above its resource as it is, with what is known later between its lines."""
        said = [
            Code(lines_of_text(one, first=not number))
            if isinstance(one, str) and ("\n" in one)
            else (Code(quoted(one)) if isinstance(one, str) else self.reference(one, "s", at, of))
            for number, one in enumerate(parts)
        ]
        node = said[0] if len(said) == 1 else call("pulumi.Output.concat", *said)
        name = identifier((f"{self.site.variable[of.address]}_{at}" if of else at).lower())
        while any(name == taken for taken, _ in self.texts):
            name += "_"
        self.texts.append((name, node))
        if len(said) > 1:
            self.imports.add("pulumi")
        return Code(name)

    def json(self, value: Json, at: str, of: Resource | None) -> Node:
        document = self.anything(value.document, at, of)
        if self.known(value.document):
            self.imports.add("json")
            return call("json.dumps", document)
        self.imports.add("pulumi")
        return call("pulumi.Output.json_dumps", document)

    def plain(self, value: Any) -> bool:
        """Whether a value is known while the program runs, before anything stands."""
        if isinstance(value, Var):
            return not self.variables[value.name].secret
        return not isinstance(value, Ref)

    def known(self, value: Any) -> bool:
        """Whether all of a document is."""
        if isinstance(value, Mapping):
            return all(map(self.known, value.values()))
        if isinstance(value, (list, tuple)):
            return all(map(self.known, value))
        if isinstance(value, Join):
            return all(map(self.known, value.parts))
        if isinstance(value, (Json, Base64)):
            return False if isinstance(value, Base64) else self.known(value.document)
        return self.plain(value.settings if isinstance(value, Block) else value)

    def reference(self, value: Any, code: str, at: str, of: Resource | None) -> Node:
        """A reference to a resource or to what the user supplies, turned into the type that is asked for."""
        if isinstance(value, Var):
            text, given = self.variable(value)
            known = self.plain(value)
        elif isinstance(value, Ref):
            text, given = self.attribute(value, of)
            known = False
        else:
            return self.cannot(f"{at} is {several(value)}, and Pulumi asks for {MEANS.get(code[0], code)}", of)
        if code == given or "?" in (code, given) or (code, given) == ("f", "i") or len(code) > 1:
            return Code(text)
        if code == "s" and given in "if":
            return Code(f"str({text})" if known else f"{text}.apply(str)")
        if (code, given) in (("i", "s"), ("f", "s"), ("i", "f")):
            turn = {"i": "int", "f": "float"}[code]
            return Code(f"{turn}({text})" if known else f"{text}.apply({turn})")
        return self.cannot(f"{at} is {MEANS[given[0]]}, and Pulumi asks for {MEANS[code[0]]}", of)

    def variable(self, value: Var) -> tuple[str, str]:
        self.imports.add("config")
        kind = KINDS[self.variables[value.name].kind]
        text = f"config.{identifier(value.name)}"
        return (text, kind) if value.index is None else (f"{text}[{value.index}]", kind[1:])

    def attribute(self, value: Ref, of: Resource | None) -> tuple[str, str]:
        """`orders_instance.master_user_secrets[0].secret_arn`, and its type."""
        target = self.resources[value.address]
        text = self.place(value.address)
        shape = self.words.lookup(target.kind) if target.data else self.words.resource(target.kind)
        if shape is None:
            return text, "?"
        code = ""
        for step in value.attribute.replace("[", ".[").split(".") + ([value.inside] if value.inside else []):
            if step.startswith("["):
                if code.startswith("["):
                    text, code = f"{text}{step}", code[1:]
                continue
            if code.startswith("["):  # a set or a list that holds one
                text, code = f"{text}[0]", code[1:]
            if len(code) > 1:
                shape = self.words.inside(code)
            name = shape.attribute(step)
            if name is None:
                self.cannot(f"{self.words.sdk} gives no {step} of {value.address}", of)
                return text, "?"
            text, code = f"{text}.{name}", shape.gives[name]
        return text, code

    def place(self, address: str) -> str:
        """A resource, as this module names it."""
        name, module = self.site.variable[address], self.site.module[address]
        if module == self.module:
            return name
        self.imports.add(module)
        return f"{module}.{name}"

    def cannot(self, what: str, of: Resource | None) -> Node:
        place = next(iter(of.places), NOWHERE) if of else NOWHERE
        where = f"{of.address}: " if of else ""
        self.problems.append(Problem(f"{where}{what}", "", "leave pulumi out of --languages", place))
        return Code("None")


def _joined(runs: Iterable[list[Node]]) -> Node:
    nodes = [node for run in runs for node in run]
    return nodes[0] if len(nodes) == 1 else call("pulumi.Output.concat", *nodes)
