"""Compose files as one project: includes and extensions followed, files laid over one another, variables filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from standfast.problem import NOWHERE, Place, Problem, Problems, quoted
from standfast.spec.document import Node, parse_document, read_text, shown_name
from standfast.spec.draft import Remarks
from standfast.spec.draft.nodes import items, text_of
from standfast.spec.importers.compose.words import interpolated, is_known, pairs, shown

_DEEPEST = 20  # files that include files, services that extend services
_PAIRS = ("environment", "labels", "depends_on", "networks", "extra_hosts")
_REPLACED = {"command", "entrypoint", "test", "image", "build"}
_TOP = {"version", "name", "services", "networks", "volumes", "secrets", "configs", "include", "models"}
_USUAL = re.compile(r"(?:docker-)?compose(?:[._-].*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Project:
    name: str
    source: str  # the file names, for the title of the spec
    place: Place
    services: Mapping[str, Node]
    places: Mapping[str, Place]  # of the services
    networks: tuple[str, ...] = ()
    networks_place: Place = NOWHERE
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)  # service -> names that links give it


def read_project(paths: Sequence[Path], remarks: Remarks) -> Project:
    """Raises Problems for a file that cannot be read or is no Compose file."""
    reader = _Reader(remarks)
    top = Node({}, Place(shown_name(paths[0])))
    for path in paths:
        top = merged(top, reader.file(path, ()))
    name = text_of(top.value.get("name")) or _name_of(paths[0])
    services = top.value["services"].value
    places = top.value["services"].keys
    networks = [one for one in _mapping(top.value.get("networks")) if one != "default"]
    place = top.keys.get("networks", top.place)
    source = ", ".join(shown_name(path) for path in paths)
    first = Place(shown_name(paths[0]))
    return Project(shown(name), source, first, services, places, tuple(networks), place, _link_aliases(services))


def merged(base: Node, over: Node) -> Node:
    """One value laid over another as Compose does: mappings are joined, lists appended, anything else replaced."""
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        values = dict(base.value)
        for key, node in over.value.items():
            values[key] = merged(values[key], node) if key in values and key not in _REPLACED else node
        return Node(values, base.place, {**base.keys, **over.keys})
    if isinstance(base.value, list) and isinstance(over.value, list):
        known = [one.plain() for one in base.value]
        return Node([*base.value, *(one for one in over.value if one.plain() not in known)], base.place)
    return over


class _Reader:
    def __init__(self, remarks: Remarks):
        self.remarks = remarks
        self.known: dict[Path, Node] = {}

    def file(self, path: Path, within: tuple[Path, ...]) -> Node:
        """A file with what it includes, its services complete. `within`: the files that led here."""
        root = self._raw(path)
        services = {}
        for name, node in _mapping(root.value.get("services")).items():
            services[name] = self._extended(name, node, path, ())
        keys = root.keys
        whole = Node(
            {**root.value, "services": Node(services, root.place, root.value["services"].keys)}, root.place, keys
        )
        included = Node({}, root.place)
        for item in items(root.value.get("include")):
            listed = items(item.value.get("path")) if isinstance(item.value, dict) else [item]
            for one in listed:
                inside = self._beside(path, text_of(one), one.place, "include")
                if inside is not None and inside not in within and len(within) < _DEEPEST:
                    included = merged(included, self.file(inside, (*within, path.resolve())))
        return merged(included, whole)

    def _raw(self, path: Path) -> Node:
        """One file as it stands, with every service a mapping in the long form."""
        known = self.known.get(path.resolve())
        if known is not None:
            return known
        name = shown_name(path)
        root = interpolated(parse_document(read_text(path), name))
        if not isinstance(root.value, dict):
            raise Problems(
                [Problem("a Compose file is a mapping with services:", place=root.place, fix="add services:")]
            )
        services = root.value.get("services")
        if services is None:  # the first format had no services:, they stood at the top
            bare = {key: node for key, node in root.value.items() if key not in _TOP and not key.startswith("x-")}
            services = Node(bare, root.place, root.keys)
        if not isinstance(services.value, dict):
            raise Problems(
                [Problem("services must be a mapping of names", place=services.place, fix="services: {web: …}")]
            )
        long, problems = {}, []
        for key, node in services.value.items():
            if node.value is None or isinstance(node.value, dict):
                long[key] = _long(node)
            else:
                what = f"the service {quoted(key)} must be a mapping"
                problems.append(Problem(what, fix="write image: or build: below it", place=node.place))
        if problems:
            raise Problems(problems)
        found = Node({**root.value, "services": Node(long, services.place, services.keys)}, root.place, root.keys)
        self.known[path.resolve()] = found
        return found

    def _extended(self, name: str, node: Node, path: Path, within: tuple[tuple[Path, str], ...]) -> Node:
        """A service laid over the one it extends, and so on."""
        extends = node.value.get("extends")
        if extends is None:
            return node
        file, base = path, text_of(extends)
        if isinstance(extends.value, dict):
            base = text_of(extends.value.get("service"))
            other = text_of(extends.value.get("file"))
            file = self._beside(path, other, extends.place, f"{name} extends") if other else path
        if file is None:
            return node
        found = self._raw(file).value["services"].value.get(base)
        if found is None or (file, base) in within or len(within) >= _DEEPEST:
            what = f"{quoted(name)} extends {quoted(base)}, which is not there"
            if found is not None:
                what = f"{quoted(name)} extends itself in the end"
            self.remarks.say(what, extends.place, "it is imported without")
            return node
        return merged(self._extended(base, found, file, (*within, (file, base))), node)

    def _beside(self, path: Path, other: str, place: Place, who: str) -> Path | None:
        """A file named in another, relative to it; None, with a remark, where it cannot be read."""
        if not other or not is_known(other) or "://" in other or other[:1] in ("/", "~") or ":" in other:
            self.remarks.say(f"{who} {quoted(shown(other))}: not read", place, "only files beside this one are", "")
            return None
        found = path.parent / other
        try:
            self._raw(found)
        except Problems as problems:
            first = problems.problems[0]
            self.remarks.say(f"{who} {quoted(other)}, which cannot be read", place, first.what, "put it there")
            return None
        return found


def _long(node: Node) -> Node:
    if node.value is None:
        return Node({}, node.place)
    value = {key: pairs(child) if key in _PAIRS else child for key, child in node.value.items()}
    return Node(value, node.place, node.keys)


def _mapping(node: Node | None) -> dict[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _link_aliases(services: Mapping[str, Node]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in services.values():
        for link in items(node.value.get("links")):
            target, _, alias = text_of(link).partition(":")
            if alias:
                found.setdefault(target, []).append(alias)
    return found


def _name_of(path: Path) -> str:
    """shop.compose.yaml is called shop; docker-compose.yml as the folder it lies in."""
    stem = path.name.removesuffix(path.suffix)
    if _USUAL.fullmatch(stem):
        return path.resolve().parent.name
    return re.sub(r"[._-](?:docker-)?compose(?:[._-].*)?$", "", stem, flags=re.IGNORECASE)
