"""One instance of a module: what its names are worth, worked out when they are first asked for, and once.

A cycle is found by asking for what is being worked out: it becomes a Problem, and its value unknown.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from standfast.audit.reading import UNKNOWN
from standfast.audit.sources.hcl import tree
from standfast.audit.sources.terraform.bodies import attribute, default_tags
from standfast.audit.sources.terraform.code import Code, Declared, Key
from standfast.audit.sources.terraform.evaluate import pairs_of, value
from standfast.audit.sources.terraform.reached import Reached, Scope, Unsure
from standfast.audit.sources.terraform.session import Session
from standfast.audit.sources.terraform.thing import Thing, each_of, shown_index
from standfast.audit.sources.terraform.types import converted
from standfast.audit.sources.terraform.values import Cannot, Unordered, later, plain, text, whole, within_bounds
from standfast.blueprint import Var
from standfast.problem import Place, did_you_mean, quoted

SENSITIVE = "(sensitive)"  # what stands for a text that must not be told; it is written down all the same


class _Table(Reached):
    """`var`, `local`, `module`, `data`, a kind of resource: names that lead on."""

    __slots__ = ("find",)

    def __init__(self, find: Callable[[str], Any]):
        self.find = find

    def get(self, name: str) -> Any:
        return self.find(name)


class Instance(Reached):
    """`given`: what the call sets, by name, and the scope to read it in. `address`: "" for the root."""

    def __init__(
        self,
        session: Session,
        code: Code,
        address: str = "",
        given: tuple[Mapping[str, tree.Set], Scope, Declared] | None = None,
        parent: Instance | None = None,
        providers: Mapping[str, Any] | None = None,
    ):
        self.session, self.code, self.address, self.given, self.parent = session, code, address, given, parent
        self.known: dict[Any, Any] = {}
        self.busy: set[Any] = set()
        # The calls that lead here, the nearest first.
        self.calls: tuple[Place, ...] = (given[2].place, *parent.calls) if given and parent else ()
        self.root_module: Instance = parent.root_module if parent else self
        self.scope = Scope(self, {})
        self.providers = dict(providers or {})
        self._tables: dict[str, Any] = {}

    # Names

    def readable(self) -> tuple[Path, ...]:
        return (self.session.folder, self.code.folder)

    def root(self, name: str, at: int) -> Any:
        """The value of the first name of an expression that no loop gives."""
        found = self._tables.get(name)
        if found is None:
            found = self._tables[name] = self._table(name, at)
        return found

    def _table(self, name: str, at: int) -> Any:
        if name == "path":
            return {"module": os.path.relpath(self.code.folder, self.session.folder), "root": ".", "cwd": UNKNOWN}
        if name == "data":
            return _Table(lambda kind: _Table(lambda one: self.resource((True, kind, one))))
        if name in FIRST:
            return FIRST[name](self)
        if name not in self.code.kinds:
            raise Cannot(f"nothing is called {quoted(name)} here", at=at)
        return _Table(lambda one: self.resource((False, name, one)))

    def lazily(self, key: Any, name: str, declared: Declared, at: int, work: Callable[[], Any]) -> Any:
        """What `work` makes, once; UNKNOWN and a Problem where it cannot."""
        if key in self.known:
            return self.known[key]
        if key in self.busy:
            raise Cannot(f"{name} rests on itself", "what it is worth leads back to it", "break the cycle")
        self.busy.add(key)
        try:
            found = within_bounds(work())
        except Cannot as caught:
            self.session.cannot(caught, declared.source, at, name)
            found = UNKNOWN
        except RecursionError:
            self.session.cannot(Cannot(f"{name[:60]} is nested too deep"), declared.source, at, name)
            found = UNKNOWN
        finally:
            self.busy.discard(key)
        self.known[key] = found
        return found

    def local(self, name: str) -> Any:
        key = ("local", name)
        if key in self.known:
            return self.known[key]
        found = self.code.locals.get(name)
        if found is None:
            raise _no("local", name, self.code.locals)
        return self.lazily(key, f"local.{name}", found, found.what.at, lambda: value(found.value, self.scope))

    def variable(self, name: str) -> Any:
        key = ("var", name)
        if key in self.known:
            return self.known[key]
        found = self.code.variables.get(name)
        if found is None:
            raise _no("var", name, self.code.variables)
        return self.lazily(key, f"var.{name}", found, found.what.at, lambda: self._variable(name, found))

    def _variable(self, name: str, declared: Declared) -> Any:
        sets = declared.body.sets
        scope = self.scope
        constant = {key: value(one.value, scope) for key, one in sets.items() if key in ("sensitive", "nullable")}
        given = self._given(name)
        if given is None and "default" in sets and (not self._is_given(name) or constant.get("nullable") is False):
            given = value(sets["default"].value, scope)
        elif given is None and not self._is_given(name):
            if self.parent is None:
                return Var(name)
            raise Cannot(f"the module is not given '{name}'")
        if "type" in sets:
            given = converted(given, sets["type"].value, scope)
        return SENSITIVE if constant.get("sensitive") is True and isinstance(given, str) and given else given

    def _is_given(self, name: str) -> bool:
        return name in (self.given[0] if self.given else self.session.values)

    def _given(self, name: str) -> Any:
        if self.given is None:
            return self.session.values.get(name)
        sets, scope, call = self.given
        if name not in sets:
            return None
        said = sets[name]
        return scope.module.lazily(
            (self.address, "given", name), f"{self.address}.{name}", call, said.at, lambda: value(said.value, scope)
        )

    # Resources

    def resource(self, key: Key) -> Any:
        """A resource as expressions see it: one, a list by count, a map by for_each."""
        if key in self.known:
            return self.known[key]
        declared = self.code.resources.get(key)
        if declared is None:
            near = [name for data, kind, name in self.code.resources if (data, kind) == key[:2]]
            what = f"{'data.' if key[0] else ''}{key[1]}.{key[2]}"
            raise Cannot(f"{quoted(what)} is not declared", "", did_you_mean(key[2], near))
        return self.lazily(key, ".".join(key[1:]), declared, declared.what.at, lambda: self._instances(key, declared))

    def _instances(self, key: Key, declared: Declared) -> Any:
        def make(index: Any, names: dict[str, Any], unsure: bool) -> Reached:
            return Thing(self, key, declared, index, names, unsure)

        return self._repeated(declared, make)

    def _repeated(self, declared: Declared, make: Callable[[Any, dict[str, Any], bool], Any]) -> Any:
        """One, or as many as `count` or `for_each` asks for; Unsure where that is decided later."""
        sets, scope = declared.body.sets, self.scope
        try:
            if "count" in sets:
                count = plain(value(sets["count"].value, scope))
                if later(count):
                    raise _Undecided
                count = whole(float(text(count)))
                if not isinstance(count, int) or count < 0:
                    raise Cannot("a count is a whole number from 0")
                self.session.room_for(count)
                return [make(number, {"count": {"index": number}}, False) for number in range(count)]
            if "for_each" in sets:
                over = value(sets["for_each"].value, scope)
                pairs = pairs_of(over)
                if pairs is None or (isinstance(over, Unordered) and any(later(plain(key)) for key, _ in pairs)):
                    raise _Undecided
                if isinstance(plain(over), list) and not isinstance(plain(over), Unordered):
                    raise Cannot("for_each takes a map or a set", "", "make a set of it: toset(...)")
                self.session.room_for(len(pairs))
                each = [(text(plain(key)), one) for key, one in pairs]
                return {key: make(key, {"each": {"key": key, "value": one}}, False) for key, one in each}
        except _Undecided:
            pass
        except Cannot as caught:
            at = sets["count" if "count" in sets else "for_each"].at
            self.session.cannot(caught, declared.source, at, "how many there are")
        else:
            self.session.room_for(1)
            return make(None, {}, False)
        names = {"count": {"index": UNKNOWN}} if "count" in sets else {"each": {"key": UNKNOWN, "value": UNKNOWN}}
        return Unsure(make(None, names, True))

    # Modules and what they give

    def children(self, name: str) -> Any:
        declared = self.code.modules.get(name)
        if declared is None:
            raise _no("module", name, self.code.modules)
        return self.lazily(
            ("module", name), f"module.{name}", declared, declared.what.at, lambda: self._children(name, declared)
        )

    def _children(self, name: str, declared: Declared) -> Any:
        chain, one = [self.code.folder], self.parent
        while one is not None:
            chain.append(one.code.folder)
            one = one.parent
        inside = f"{self.address}." if self.address else ""
        code = self.session.module(declared, self.scope, self.code.folder, f"{inside}module.{name}", chain)
        if code is None:
            return UNKNOWN
        passed = self._passed(declared)

        def make(index: Any, names: dict[str, Any], unsure: bool) -> Reached:
            address = f"{inside}module.{name}{shown_index(index)}"
            given = (declared.body.sets, Scope(self, names), declared)
            child = Instance(self.session, code, address, given, self, passed)
            child.known["unsure"] = unsure or bool(self.known.get("unsure"))
            return child

        return self._repeated(declared, make)

    def instances(self) -> Iterator[Instance]:
        """The instances of every module that this one calls."""
        for name in self.code.modules:
            yield from each_of(self.children(name))

    def get(self, name: str) -> Any:
        """`module.network.<name>`"""
        declared = self.code.outputs.get(name)
        if declared is None:
            raise _no("module has no output", name, self.code.outputs)
        said = declared.body.sets.get("value")
        if said is None:
            return None
        where = f"{self.address}.{name}"
        return self.lazily(("output", name), where, declared, said.at, lambda: value(said.value, self.scope))

    # Providers

    def configure(self) -> None:
        """What the provider blocks say: for each, by name and alias, its region, its alias and its tags."""
        for declared in self.code.providers:
            assert isinstance(declared.what, tree.Section)
            scope, (name,) = self.scope, declared.what.labels
            alias = attribute(declared.body, "alias", scope, declared.source, self.session)
            region = attribute(declared.body, "region", scope, declared.source, self.session)
            tags = default_tags(declared, scope)
            key = f"{name}.{alias}" if isinstance(alias, str) else name
            self.providers[key] = (region if isinstance(region, str) else "", str(alias or ""), tags)

    def _passed(self, declared: Declared) -> dict[str, Any]:
        passed = {key: one for key, one in self.providers.items() if "." not in key}
        said = declared.body.sets.get("providers")
        if said is not None and isinstance(said.value, tree.Mapped):
            for key, one in said.value.pairs:
                passed[dotted(key)] = self.providers.get(dotted(one), ("", dotted(one).partition(".")[2], {}))
        return passed


# What may stand first in a name, beside kinds of resources and the names of loops.
FIRST: dict[str, Callable[[Instance], Any]] = {
    "var": lambda one: _Table(one.variable),
    "local": lambda one: _Table(one.local),
    "module": lambda one: _Table(one.children),
    "terraform": lambda one: {"workspace": "default", "applying": False},
    "self": lambda one: UNKNOWN,
}


def dotted(node: tree.Node) -> str:
    """`aws.replica` of an expression that is a name; "" for others."""
    if isinstance(node, tree.Literal):
        return str(node.value)
    if isinstance(node, tree.Name):
        return node.name
    return f"{dotted(node.of)}.{node.name}" if isinstance(node, tree.Attribute) else ""


class _Undecided(Exception):
    """How many there are is decided when it is applied."""


def _no(what: str, name: str, known: Mapping[str, Any]) -> Cannot:
    joined = f"{what}.{name}" if " " not in what else f"the {what} {quoted(name)}"
    return Cannot(joined if " " in what else f"{quoted(joined)} is not declared", "", did_you_mean(name, known))
