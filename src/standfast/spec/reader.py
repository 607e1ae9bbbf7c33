"""From the user's file to a System: every problem collected, every default that matters an assumption."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from standfast.problem import Place, Problem, Problems, did_you_mean, quoted
from standfast.spec import fields as words
from standfast.spec.check import problems_of
from standfast.spec.document import Node, parse_document, read_text
from standfast.spec.fields import ABSENT, REQUIRED, Field
from standfast.spec.model import (
    DATABASES,
    DISRUPTIONS,
    Assumption,
    Call,
    Cost,
    Deploys,
    Environment,
    Performance,
    PromisesWanted,
    Recovery,
    Reliability,
    Rules,
    Scalability,
    Security,
    Service,
    Store,
    System,
)  # fmt: skip
from standfast.spec.values import NAME, Bad, read_value


def read_spec(path: Path | str) -> System:
    """Read a spec file. Raises Problems with everything that is wrong with it, in the order of the file."""
    path = Path(path)
    return parse_spec(read_text(path), path.name)


def parse_spec(text: str, file: str) -> System:
    """Read a spec from its text; `file` is the name its places carry. Raises Problems."""
    reader = _Reader()
    system = reader.system(parse_document(text, file))
    problems = [*reader.problems]
    if not problems and system is not None:
        problems = problems_of(system)
    if system is None or any(not problem.warning for problem in problems):
        raise Problems(problems)
    return system


class _Reader:
    """Walks the document with the tables of `fields`; collects problems, assumptions and places."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.assumptions: list[Assumption] = []
        self.places: dict[str, Place] = {}  # of promises and rules, by dotted path

    # -- one mapping by its table ------------------------------------------------------------------

    def mapping(self, node: Node, table: dict[str, Field], subject: str) -> dict[str, Any]:
        """The values of a mapping by its table; nested kinds are left as Nodes. Unknown keys are problems."""
        if not isinstance(node.value, dict):
            shown = ", ".join(list(table)[:3])
            self.problem(
                f"{subject} must be a mapping",
                node.place,
                fix=f"write keys such as {shown}, each with a value",
            )
            node = Node({}, node.place, {})
        for key, place in node.keys.items():
            if key not in table:
                self.problem(f"unknown key {quoted(key)} in {subject}", place, fix=did_you_mean(key, table))
        values = {}
        for key, field in table.items():
            child = node.value.get(key)
            if child is None or child.value is None:
                values[key] = self._default(key, field, node, subject)
            elif field.kind in _NESTED:
                values[key] = child
            else:
                values[key] = self._scalar(key, child, field)
        return values

    def _default(self, key: str, field: Field, node: Node, subject: str) -> Any:
        if field.default is REQUIRED:
            self.problem(f"{subject} has no {quoted(key)}", node.place, fix=f"add: {key}: … ({field.means})")
            return None
        if field.assume:
            value, _, ground = field.assume.partition(": ")
            self.assume(f"{subject}: {key}", value, ground, node.place)
        return field.default

    def _scalar(self, key: str, child: Node, field: Field) -> Any:
        try:
            return read_value(child, field)
        except Bad as bad:
            self.problem(f"{key}: {bad.what}", child.place, fix=bad.fix)
            return None if field.default in (REQUIRED, ABSENT) else field.default

    def problem(self, what: str, place: Place, why: str = "", fix: str = "") -> None:
        self.problems.append(Problem(what, why, fix, place))

    def assume(self, what: str, value: str, ground: str, place: Place) -> None:
        self.assumptions.append(Assumption(what, value, ground, place))

    def section(self, parent: dict[str, Any], key: str, table: dict[str, Field], path: str, at: Node) -> dict[str, Any]:
        """A nested mapping of promises or rules; remembers where each of its keys stands under `path`."""
        node = parent.get(key)
        if not isinstance(node, Node):
            node = Node({}, at.place, {})
        else:
            self.places[path] = node.place
            for name, place in node.keys.items():
                self.places[f"{path}.{name}"] = place
        return self.mapping(node, table, path.rpartition(".")[2])

    # -- the whole ---------------------------------------------------------------------------------

    def system(self, root: Node) -> System | None:
        top = self.mapping(root, words.SYSTEM, "the spec")
        if not isinstance(root.value, dict):
            return None
        services = self._named(top["services"], "services", self._service)
        stores = self._named(top["stores"], "stores", self._store)
        if isinstance(top["services"], Node) and not services and not self.problems:
            self.problem("the spec has no services", top["services"].place, fix="add at least one service")
        services = _resolved(services, stores)
        public = any(service.public for service in services)
        system = System(
            name=top["system"] or "",
            owner=top["owner"] or "",
            promises=self._promises(top, root, public),
            rules=Rules(**self.section(top, "rules", words.RULES, "rules", root)),
            services=services,
            stores=stores,
            deploys=Deploys(**self.section(top, "deploys", words.DEPLOYS, "deploys", root)),
            environments=tuple(self._named(top["environments"], "environments", self._environment)),
            assumptions=tuple(self.assumptions),
            place=root.place,
            places=self.places,
        )
        return system

    def _named(self, node: Any, subject: str, read: Any) -> tuple[Any, ...]:
        """A mapping of names to parts, each read by `read(name, node)`."""
        if not isinstance(node, Node):
            return ()
        if not isinstance(node.value, dict):
            self.problem(f"{subject} must be a mapping of names", node.place, fix=f"write {subject}: {{name: {{…}}}}")
            return ()
        parts = []
        for name, child in node.value.items():
            place = node.keys.get(name, child.place)
            if not NAME.fullmatch(name):
                fix = "use lower-case letters, digits and hyphens, beginning with a letter, at most 32 characters"
                self.problem(f"{quoted(name)} cannot be a name", place, fix=fix)
                continue
            body = child if child.value is not None else Node({}, place, {})
            parts.append(read(name, Node(body.value, place, body.keys)))
        return tuple(parts)

    # -- promises ----------------------------------------------------------------------------------

    def _promises(self, top: dict[str, Any], root: Node, public: bool) -> PromisesWanted:
        sections = self.section(top, "promises", words.PROMISES, "promises", root)
        load = self.section(sections, "scalability", words.SCALABILITY, "scalability", root)
        if load["average"] is ABSENT or load["average"] is None:
            load["average"] = (load["peak"] or 0) / 3
            self.assume(
                "scalability: average",
                f"{load['average']:.4g} rps",
                "a third of the peak",
                self._at("scalability", root),
            )
        reliability = self.section(sections, "reliability", words.RELIABILITY, "reliability", root)
        performance = self.section(sections, "performance", words.PERFORMANCE, "performance", root)
        users = performance.pop("users")
        if users in (ABSENT, None):
            users = {}
            self.assume(
                "performance: users",
                "beside the region",
                "no users declared: network distance is 0",
                self._at("performance", root),
            )
        security = self.section(sections, "security", words.SECURITY, "security", root)
        if security["exposure"] in (ABSENT, None):
            security["exposure"] = "public" if public else "private"
        return PromisesWanted(
            scalability=Scalability(**load),
            reliability=Reliability(reliability["availability"], self._recovery(reliability["recovery"])),
            performance=Performance(
                {name: value for name, value in performance.items() if isinstance(value, float)}, users
            ),
            security=Security(**security),
            cost=Cost(**self.section(sections, "cost", words.COST, "cost", root)),
        )

    def _at(self, path: str, root: Node) -> Place:
        return self.places.get(path, root.place)

    def _recovery(self, node: Any) -> dict[str, Recovery]:
        if not isinstance(node, Node):
            return {}
        table = {name: Field("mapping") for name in DISRUPTIONS}
        found = self.mapping(node, table, "recovery")
        recovery = {}
        for name, child in found.items():
            if isinstance(child, Node):
                path = f"reliability.recovery.{name}"
                self.places[path] = child.place
                for key, place in child.keys.items():
                    self.places[f"{path}.{key}"] = place
                recovery[name] = Recovery(**self.mapping(child, words.RECOVERY, name))
        return recovery

    # -- services and stores -----------------------------------------------------------------------

    def _service(self, name: str, node: Node) -> Service:
        subject = f"service {name}"
        raw = self.mapping(node, words.SERVICE, subject)
        build = raw.pop("build")
        if raw["image"] in (ABSENT, None):
            raw["image"] = ""
            if build in (ABSENT, None):
                self.problem(
                    f"{subject} has no image",
                    node.place,
                    fix="add image: ghcr.io/you/name:1.0, or build: FOLDER",
                )
            else:
                self.assume(f"{subject}: image", f"{name}:latest", f"built from {build}", node.place)
                raw["image"] = f"{name}:latest"
        raw["traffic"] = -1.0 if raw["traffic"] in (ABSENT, None) else raw["traffic"]
        raw["environment"] = {} if raw["environment"] in (ABSENT, None) else raw["environment"]
        raw["calls"] = self._calls(raw["calls"], subject)
        return Service(name=name, place=node.place, places=node.keys, **raw)

    def _calls(self, node: Any, subject: str) -> tuple[Call, ...]:
        if not isinstance(node, Node):
            return ()
        if not isinstance(node.value, list):
            self.problem(f"calls of {subject} must be a list", node.place, fix="write calls: [api, orders]")
            return ()
        calls = []
        for item in node.value:
            if isinstance(item.value, str):
                item = Node({"to": item}, item.place, {"to": item.place})
            raw = self.mapping(item, words.CALL, f"a call of {subject}")
            raw["hit_rate"] = -1.0 if raw["hit_rate"] in (ABSENT, None) else raw["hit_rate"]
            calls.append(Call(place=item.place, **raw))
        return tuple(calls)

    def _store(self, name: str, node: Node) -> Store:
        subject = f"store {name}"
        raw = self.mapping(node, words.STORE, subject)
        kind = raw["kind"] or ""
        for key, by_kind in _STORE_DEFAULTS.items():
            if raw[key] in (ABSENT, None):
                raw[key], shown, ground = by_kind.get(kind, (0.0, "", ""))
                if shown:
                    self.assume(f"{subject}: {key}", shown, ground, node.place)
        for key, kinds in _STORE_ONLY.items():
            if kind and kind not in kinds and key in node.keys:
                self.problem(
                    f"{key} means nothing for {kind}",
                    node.keys[key],
                    fix=f"remove it; it is for {' and '.join(kinds)}",
                )
        return Store(name=name, place=node.place, places=node.keys, **raw)

    def _environment(self, name: str, node: Node) -> Environment:
        raw = self.mapping(node, words.ENVIRONMENT, f"environment {name}")
        inside = raw["reliability"]
        availability = None
        if isinstance(inside, Node):
            only = {"availability": Field("share", None, least=0.5, most=1.0)}
            availability = self.mapping(inside, only, f"reliability of {name}")["availability"]
        return Environment(name, raw["scale"], availability, node.place)


def _resolved(services: tuple[Service, ...], stores: tuple[Store, ...]) -> tuple[Service, ...]:
    """What a service leaves to the others: an equal share of traffic; whether a call is essential, its hit rate."""
    public = [service for service in services if service.public]
    left = max(0.0, 1 - sum(max(0.0, service.traffic) for service in public))
    silent = [service for service in public if service.traffic < 0]
    known = {store.name: store for store in stores}
    resolved = []
    for service in services:
        share = 0.0 if not service.public else (left / len(silent) if service.traffic < 0 else service.traffic)
        calls = []
        for call in service.calls:
            cache, target = known.get(call.cached_by), known.get(call.to)
            essential = call.essential
            if not isinstance(essential, bool):
                essential = target.essential if target else True
            hit = call.hit_rate
            if hit < 0:
                hit = cache.hit_rate if cache else 0.0
            calls.append(replace(call, essential=essential, hit_rate=hit))
        resolved.append(replace(service, traffic=share, calls=tuple(calls)))
    return tuple(resolved)


_NESTED = {
    "mapping",
    "promises",
    "rules",
    "services",
    "stores",
    "deploys",
    "environments",
    "recovery",
    "calls",
}
_STORE_DEFAULTS: dict[str, dict[str, tuple[float, str, str]]] = {
    # key: kind -> value, what is shown as an assumption ("": nothing), its ground
    "data": dict.fromkeys(("postgres", "mysql", "objects"), (10.0, "10 GiB", "nothing was declared")),
    "memory": {"redis": (1.0, "1 GiB", "nothing was declared")},
    "hit_rate": {"redis": (0.8, "80%", "no measurement declared"), "objects": (0.85, "", "")},
    "egress": {},
    "requests": {},
}
_STORE_ONLY = {
    "memory": ("redis",),
    "egress": ("objects",),
    "requests": ("objects",),
    "cdn": ("objects",),
    "reads": DATABASES,
    "writes": DATABASES,
    "connections": DATABASES,
}
