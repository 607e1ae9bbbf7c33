"""What Terraform knows, as resources: `terraform show -json` of a state or of a plan, or a state file.

In a state every reference is already a value. In a plan, what is computed on apply is missing: where the
configuration says that it comes from another resource it becomes a reference to that one, else UNKNOWN. Places come
from the tag `spec`, components from the tag `component`. Secrets are dropped while reading.

Source: developer.hashicorp.com/terraform/internals/json-format (format version 1), state files of version 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from sys import intern
from typing import Any

from standfast.audit.reading import HIDDEN
from standfast.audit.sources.computed import computed_of, providers_of
from standfast.audit.sources.tags import place_of, tags_of
from standfast.blueprint import Resource
from standfast.problem import Place, Problem, Problems

SECRET_NAMES = {"password", "master_password", "auth_token", "secret_string", "secret_binary", "private_key", "token"}


def resources_of(document: Any, file: str = "state") -> list[Resource]:
    """Every resource, also of nested modules, in the order of the document. Raises Problems for anything else."""
    if isinstance(document, Mapping):
        if isinstance(document.get("resources"), list) and document.get("version") == 4:
            return [one for resource in document["resources"] for one in of_state_file(resource)]
        if is_plan(document):
            root = document["planned_values"].get("root_module") or {}
            return list(_of_module(root, computed_of(document), providers_of(document)))
        values = document.get("values") or _prior(document)
        if isinstance(values, Mapping) and isinstance(values.get("root_module"), Mapping):
            return list(_of_module(values["root_module"], {}, {}))
        if "format_version" in document:
            return []  # an empty state has no `values`
    why = "it is no state and no plan in JSON"
    fix = "make it with: terraform show -json > state.json"
    raise Problems([Problem(f"{file} is not what terraform show -json prints", why, fix, Place(file))])


def is_plan(document: Mapping[str, Any]) -> bool:
    """Whether it says what will be. A plan that plans nothing (refresh only) says what is."""
    planned = document.get("planned_values")
    root = planned.get("root_module") if isinstance(planned, Mapping) else None
    return isinstance(root, Mapping) and bool(root.get("resources") or root.get("child_modules"))


def _prior(document: Mapping[str, Any]) -> Any:
    prior = document.get("prior_state")
    return prior.get("values") if isinstance(prior, Mapping) else None


def _of_module(
    module: Mapping[str, Any], computed: Mapping[str, Any], aliases: Mapping[str, str]
) -> Iterator[Resource]:
    for one in module.get("resources") or ():
        yield of_values(one, computed.get(one["address"]), aliases.get(one["address"].partition("[")[0], ""))
    for child in module.get("child_modules") or ():
        yield from _of_module(child, computed, aliases)


def of_values(one: Mapping[str, Any], computed: Any = None, provider: str = "") -> Resource:
    """A resource as `terraform show -json` has it; its module is what stands before it in its address."""
    settings = without_secrets(one.get("values") or {}, one.get("sensitive_values") or {})
    found = resource(one["type"], one["name"], one.get("index"), _merged(settings, computed or {}), one.get("mode"), "")
    inside = one["address"].removesuffix(found.address).removesuffix(".")
    return replace(found, module=inside, provider=provider)


def of_state_file(said: Mapping[str, Any]) -> Iterator[Resource]:
    """The instances of a resource as a state file of version 4 has it."""
    for one in said.get("instances") or ():
        marks: dict[str, Any] = {}
        for path in one.get("sensitive_attributes") or ():
            if path and isinstance(path[0], Mapping):
                marks[path[0].get("value", "")] = True
        settings = without_secrets(one.get("attributes") or {}, marks)
        yield resource(
            said["type"], said["name"], one.get("index_key"), settings, said.get("mode"), said.get("module", "")
        )


def resource(kind: str, name: str, index: Any, settings: dict[str, Any], mode: Any, inside: str) -> Resource:
    """One with its place and component from its tags."""
    number = "" if index is None else f'["{index}"]' if isinstance(index, str) else f"[{index}]"
    tags = tags_of(settings)
    return Resource(
        kind,
        name + number,
        settings,
        "",
        str(tags.get("component") or ""),
        place_of(tags),
        data=mode == "data",
        module=inside,
    )


def without_secrets(value: Any, marks: Any, name: str = "") -> Any:
    """The same data with HIDDEN where Terraform, or the name, marks a secret. Empty values stay as they are."""
    if (marks is True or name in SECRET_NAMES) and value not in (None, "", [], {}) and not isinstance(value, Mapping):
        return HIDDEN
    if isinstance(value, Mapping):
        inside = marks if isinstance(marks, Mapping) else {}
        return {intern(key): without_secrets(one, inside.get(key), key) for key, one in value.items()}
    if isinstance(value, list):
        inside = marks if isinstance(marks, list) else []
        return [without_secrets(one, inside[place] if place < len(inside) else None) for place, one in enumerate(value)]
    return value


def _merged(known: Any, computed: Any) -> Any:
    """What is known, with references or UNKNOWN where a value is computed on apply."""
    if isinstance(computed, Mapping) and (isinstance(known, Mapping) or known is None):
        known = known or {}
        return {key: _merged(known.get(key), computed.get(key)) for key in {**known, **computed}}
    if isinstance(computed, list) and isinstance(known, list) and len(computed) == len(known):
        return [_merged(one, other) for one, other in zip(known, computed, strict=True)]
    return known if computed is None else computed
