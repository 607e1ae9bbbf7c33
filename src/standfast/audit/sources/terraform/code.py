"""One folder of Terraform code: what its files declare, each with its place. Nothing is worth anything yet.

Files ending in `.tf` and `.tf.json`; what `override.tf` and `*_override.tf` say replaces what the others do.
Source: developer.hashicorp.com/terraform/language/files
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standfast.audit.sources.hcl import Broken, parse_body, parse_expression, parse_template, tree
from standfast.problem import Place, Problem, quoted

LARGEST = 20 << 20  # bytes of one file
FIX = "terraform validate names it too; mend it, then audit again"
IGNORED = {"terraform", "moved", "import", "removed", "check", "ephemeral", "action", "list"}


class Source:
    """A file by its shown name, for places."""

    __slots__ = ("lines", "name")

    def __init__(self, name: str, text: str):
        self.name = name
        self.lines = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")] if "\n" in text else [0]

    def place(self, at: int) -> Place:
        return Place(self.name, bisect_right(self.lines, at)) if at >= 0 else Place(self.name)


@dataclass(slots=True)
class Declared:
    """A block, or one value of `locals`, and the file it stands in."""

    source: Source
    what: tree.Section | tree.Set
    place: Place = field(init=False)
    body: tree.Body = field(init=False)  # of a block
    value: tree.Node = field(init=False)  # of one value

    def __post_init__(self) -> None:
        self.place = self.source.place(self.what.at)
        if isinstance(self.what, tree.Section):
            self.body = self.what.body
        else:
            self.value = self.what.value


Key = tuple[bool, str, str]  # of a resource: whether it is looked up only, its kind, its name


@dataclass(slots=True)
class Code:
    folder: Path
    variables: dict[str, Declared] = field(default_factory=dict)
    locals: dict[str, Declared] = field(default_factory=dict)
    resources: dict[Key, Declared] = field(default_factory=dict)
    modules: dict[str, Declared] = field(default_factory=dict)
    outputs: dict[str, Declared] = field(default_factory=dict)
    providers: list[Declared] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)  # of the resources that it makes

    def local_modules(self) -> set[Path]:
        """The folders on this disk that it calls by a path: a source is written as a text, never worked out."""
        said = [one.body.sets["source"].value for one in self.modules.values() if "source" in one.body.sets]
        texts = [one.value for one in said if isinstance(one, tree.Literal) and isinstance(one.value, str)]
        return {(self.folder / one).resolve() for one in texts if is_local(one)}


def is_local(source: str) -> bool:
    """Whether the source of a module is a path."""
    return source.startswith(("./", "../", ".\\", "..\\")) or source in (".", "..")


def is_code(path: Path) -> bool:
    return path.name.endswith((".tf", ".tf.json")) and not path.name.startswith((".", "#"))


def read_code(folder: Path, shown: str) -> Code:
    """Everything that a folder declares; files that cannot be read are Problems, and the others count."""
    code = Code(folder)
    files = sorted((one for one in folder.iterdir() if is_code(one)), key=lambda one: (_overrides(one), one.name))
    for path in files:
        name = f"{shown}/{path.name}" if shown not in ("", ".") else path.name
        text = read_text(path, name, code.problems)
        if text is None:
            continue
        source = Source(name, text)
        try:
            body = json_body(text) if path.name.endswith(".json") else parse_body(text)
        except Broken as caught:
            code.problems.append(Problem(f"this is not HCL: {caught.what}", "", FIX, source.place(caught.at)))
            continue
        except RecursionError:
            code.problems.append(Problem("this is nested too deep", "", FIX, Place(name)))
            continue
        for section in body.sections:
            _declare(code, source, section, _overrides(path))
    return code


def read_text(path: Path, name: str, problems: list[Problem]) -> str | None:
    """The text of a file; None, and a Problem, where it cannot be read."""
    try:
        if not path.is_file():
            what = "it is no file"
        elif path.stat().st_size > LARGEST:
            what = f"it is over {LARGEST >> 20} MiB"
        else:
            return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        what = "it is no text in UTF-8"
    except OSError as caught:
        what = (caught.strerror or "it cannot be opened").lower()
    problems.append(Problem(f"{quoted(path.name)} cannot be read", what, "", Place(name)))
    return None


def _overrides(path: Path) -> bool:
    stem = path.name.partition(".tf")[0]
    return stem == "override" or stem.endswith("_override")


LABELS = {"variable": 1, "output": 1, "module": 1, "provider": 1, "resource": 2, "data": 2, "locals": 0}


def _declare(code: Code, source: Source, section: tree.Section, overrides: bool) -> None:
    kind, labels = section.kind, section.labels
    if kind in IGNORED:
        return
    found = Declared(source, section)
    if kind not in LABELS or len(labels) != LABELS[kind]:
        wants = {0: "no names", 1: "one name", 2: "a kind and a name"}
        what = f"a block {quoted(kind)} takes {wants[LABELS[kind]]}" if kind in LABELS else f"no block {quoted(kind)}"
        code.problems.append(Problem(what, "", FIX, found.place))
        return
    if kind == "locals":
        for name, one in section.body.sets.items():
            if name in code.locals and not overrides:
                code.problems.append(Problem(f"local.{name} is declared twice", "", FIX, source.place(one.at)))
            code.locals[name] = Declared(source, one)
    elif kind == "provider":
        code.providers.append(found)
    else:
        table: dict[Any, Declared]
        table, key = _table(code, kind, labels)
        if kind == "resource":
            code.kinds.add(labels[0])
        if key not in table:
            table[key] = found
        elif overrides:
            table[key] = _overridden(table[key], found)
        else:
            name = ".".join(labels)
            what = f"{kind} {quoted(name)} is declared twice"
            code.problems.append(Problem(what, f"first at {table[key].place}", FIX, found.place))


def _table(code: Code, kind: str, labels: tuple[str, ...]) -> tuple[dict[Any, Declared], Any]:
    if kind in ("resource", "data"):
        return code.resources, (kind == "data", labels[0], labels[1])
    return {"variable": code.variables, "output": code.outputs, "module": code.modules}[kind], labels[0]


def _overridden(first: Declared, then: Declared) -> Declared:
    """Attributes one by one; blocks of a kind all together."""
    replaced = {one.kind for one in then.body.sections}
    kept = [one for one in first.body.sections if one.kind not in replaced]
    body = tree.Body({**first.body.sets, **then.body.sets}, [*kept, *then.body.sections])
    assert isinstance(first.what, tree.Section)
    return Declared(first.source, tree.Section(first.what.kind, first.what.labels, body, first.what.at))


# Terraform's JSON syntax. Source: developer.hashicorp.com/terraform/language/syntax/json


def json_body(text: str) -> tree.Body:
    """The same tree from JSON: texts are templates. Raises Broken."""
    try:
        said = json.loads(text)
    except ValueError as caught:
        raise Broken("this is no JSON", getattr(caught, "pos", 0)) from caught
    body = tree.Body()
    for kind, inside in said.items() if isinstance(said, dict) else ():
        if kind == "//":
            continue
        for labels, one in _labelled(inside, LABELS.get(kind, 0)):
            body.sections.append(tree.Section(kind, labels, _of_json(one, kind), -1))
    return body


def _labelled(value: Any, count: int) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, dict):
            continue
        if not count:
            yield (), one
            continue
        for name, inside in one.items():
            if name != "//":
                yield from (((name, *rest), each) for rest, each in _labelled(inside, count - 1))


def _of_json(said: dict[str, Any], kind: str) -> tree.Body:
    body = tree.Body()
    for name, one in said.items():
        if name == "//":
            continue
        if name in ("lifecycle", "provisioner", "connection"):
            continue
        if name == "dynamic":
            for labels, inside in _labelled(one, 1):
                content = tree.Section("content", (), _of_json(inside.get("content") or {}, ""), -1)
                rest = {key: value for key, value in inside.items() if key != "content"}
                dynamic = tree.Body(_of_json(rest, "").sets, [content])
                body.sections.append(tree.Section("dynamic", labels, dynamic, -1))
            continue
        means_code = (kind == "variable" and name == "type") or name in ("provider", "providers", "depends_on")
        body.sets[name] = tree.Set(name, _node(one, means_code), -1)
    return body


def _node(said: Any, means_code: bool = False) -> tree.Node:
    if isinstance(said, str):
        return parse_expression(said) if means_code else parse_template(said)
    if isinstance(said, list):
        return tree.Listing([_node(one, means_code) for one in said])
    if isinstance(said, dict):
        return tree.Mapped([(tree.Literal(key), _node(one, means_code)) for key, one in said.items()])
    return tree.Literal(said)
