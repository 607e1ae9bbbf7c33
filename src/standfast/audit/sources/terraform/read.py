"""A root module's folder, read as resources."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfast.audit.reading import UNKNOWN
from standfast.audit.sources.hcl import Broken, parse_body
from standfast.audit.sources.state import SECRET_NAMES
from standfast.audit.sources.tags import tags_of
from standfast.audit.sources.terraform.bodies import settings
from standfast.audit.sources.terraform.code import FIX, Source, read_text
from standfast.audit.sources.terraform.code import Code as Files
from standfast.audit.sources.terraform.evaluate import value
from standfast.audit.sources.terraform.instance import Instance, dotted
from standfast.audit.sources.terraform.reached import Scope
from standfast.audit.sources.terraform.session import Session
from standfast.audit.sources.terraform.thing import Thing, each_of, shown_index
from standfast.audit.sources.terraform.values import Cannot, plain
from standfast.blueprint import Json, Resource
from standfast.problem import Place, Problem

WRITTEN = "(written in the code)"  # stands for a secret that the code holds as text
DEEP = 4000  # frames of Python: values lead to values


@dataclass(frozen=True)
class Code:
    resources: tuple[Resource, ...]
    region: str
    problems: tuple[Problem, ...]


def read_terraform(
    folder: Path, shown: str = "", variables: Sequence[Path] = (), codes: Mapping[Path, Files] | None = None
) -> Code:
    """Every resource that the code of a folder makes, and every Problem; `variables` are more files of values,
    `codes` what was read of its files already, by folder."""
    problems: list[Problem] = []
    values = _values(folder, shown, variables, problems)
    session = Session(folder.resolve(), shown or str(folder), values, codes or {})
    for one in problems:
        session.add(one)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, DEEP))
    try:
        root = Instance(session, session.code(session.folder))
        root.configure()
        resources = tuple(_resources(root, session))
    finally:
        sys.setrecursionlimit(before)
    region = root.providers.get("aws", ("", "", {}))[0]
    return Code(resources, region, tuple(sorted(session.problems.values(), key=_order)))


def _order(one: Problem) -> tuple[Place, str]:
    return one.place, one.what


def _resources(instance: Instance, session: Session) -> Iterator[Resource]:
    for key in instance.code.resources:
        found = instance.resource(key)
        for thing in each_of(found):
            yield _resource(thing, session)
    for child in instance.instances():
        yield from _resources(child, session)


def _resource(thing: Thing, session: Session) -> Resource:
    declared = thing.declared
    said = without_secrets(settings(declared.body, thing.scope, declared.source, session))
    region, alias, tags = _provider(thing)
    if tags and not thing.key[0]:
        own = said.get("tags")
        said["tags_all"] = {**tags, **own} if isinstance(own, dict) else tags if own is None else UNKNOWN
    if thing.unsure or thing.module.known.get("unsure"):
        said["count"] = UNKNOWN
    name = thing.key[2] + shown_index(thing.index)
    component = tags_of(said).get("component")
    kept = (one.body for one in declared.body.of("lifecycle") if "prevent_destroy" in one.body.sets)
    lifecycle = next((settings(one, thing.scope, declared.source, session) for one in kept), None)
    places = (declared.place, *thing.module.calls)
    return Resource(
        thing.key[1], name, said, "", component if isinstance(component, str) else "", places, data=thing.key[0],
        provider=region or alias.replace("-", "_"), lifecycle=lifecycle, module=thing.module.address,
    )  # fmt: skip


def _provider(thing: Thing) -> tuple[str, str, dict[str, Any]]:
    """Region, alias and tags of what makes it; the region of the default provider is the estate's own."""
    said = thing.declared.body.sets.get("provider")
    key = dotted(said.value) if said is not None else thing.key[1].partition("_")[0]
    found = thing.module.providers.get(key)
    if found is None:
        return "", key.partition(".")[2], {}
    return ("", "", found[2]) if found == thing.module.root_module.providers.get(key.partition(".")[0]) else found


def without_secrets(value: Any, name: str = "") -> Any:
    """The same with a word that says a secret is written there, where the code holds one as text."""
    if isinstance(value, dict):
        return {
            key: without_secrets(one, key) if key in SECRET_NAMES or isinstance(one, (dict, list)) else one
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(one) for one in value]
    if name in SECRET_NAMES and value not in (None, "") and isinstance(value, (str, Json)):
        return WRITTEN if isinstance(value, str) else UNKNOWN
    return value


def _values(folder: Path, shown: str, more: Sequence[Path], problems: list[Problem]) -> dict[str, Any]:
    """The values of variables, later files before earlier ones, as Terraform takes them."""
    files = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
    files += sorted([*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")])
    found: dict[str, Any] = {}
    for path in [*(one for one in files if one.exists()), *more]:
        name = str(path) if path in more else f"{shown}/{path.name}" if shown not in ("", ".") else path.name
        text = read_text(path, name, problems)
        if text is None:
            continue
        source, at = Source(name, text), 0
        try:
            if name.endswith(".json"):
                said = json.loads(text)
                found |= said if isinstance(said, dict) else {}
                continue
            for key, one in parse_body(text).sets.items():
                at = one.at
                found[key] = plain(value(one.value, Scope(_NOWHERE, {})))
        except Broken as caught:
            problems.append(Problem(f"this is not HCL: {caught.what}", "", FIX, source.place(caught.at)))
        except ValueError as caught:
            problems.append(Problem("this is no JSON", "", "", source.place(getattr(caught, "pos", 0))))
        except Cannot as caught:
            what = f"a value of a variable stands for itself: {caught.what}"
            problems.append(Problem(what, "", "", source.place(at if caught.at is None else caught.at)))
    return found


class _Nowhere:
    """Files of values speak of nothing else."""

    def root(self, name: str, at: int = 0) -> Any:
        raise Cannot("it may not speak of anything else", at=at or None)

    variable = local = root


_NOWHERE: Any = _Nowhere()
