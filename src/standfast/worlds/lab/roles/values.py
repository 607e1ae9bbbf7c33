"""The variables of a host and the templates of a role, as Ansible has them, without a run of Ansible.

A run over ten hosts takes a minute, and the lab is to stand in seconds. What the roles use of Ansible is small: the
order in which variables hide one another, values that are templates themselves, three lookups and a few filters. A
test runs the real Ansible on the same inventory and compares every file byte by byte.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import secrets
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined
from jinja2.runtime import Context, missing

from standfast.code.ansible import PROJECT
from standfast.code.ansible.yaml_text import Unsafe
from standfast.files import File

LAB = "inventory/lab"
LETTERS = string.ascii_letters + string.digits
ONE = re.compile(r"\s*\{\{((?:(?!\}\}|\{\{).)*)\}\}\s*", re.DOTALL)  # a text that is one expression gives its value


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_constructor("!unsafe", lambda loader, node: Unsafe(loader.construct_scalar(node)))


def read_yaml(text: str) -> Any:
    """YAML as Ansible reads it: what is marked `!unsafe` is never a template."""
    return yaml.load(text, Loader=_Loader)


class _Names(Context):
    """Names that a template does not set itself are variables of the host."""

    def resolve_or_missing(self, key: str) -> Any:
        found = super().resolve_or_missing(key)
        if found is missing and key != "_host":
            host = super().resolve_or_missing("_host")
            if host is not missing and key in host:
                return host[key]
        return found


class Values(Mapping):
    """The variables of one host; a value that is a template is filled in when it is asked for."""

    def __init__(self, raw: Mapping[str, Any], templates: Templates):
        self.raw, self.templates = raw, templates

    def __getitem__(self, name: str) -> Any:
        return self.filled(self.raw[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def filled(self, value: Any) -> Any:
        if isinstance(value, Unsafe):
            return str(value)
        if isinstance(value, str):
            return self.templates.filled(value, self) if "{{" in value or "{%" in value else value
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        if isinstance(value, dict):
            return {key: self.filled(one) for key, one in value.items()}
        return value

    def with_(self, more: Mapping[str, Any]) -> Values:
        return Values({**self.raw, **more}, self.templates)

    def true(self, condition: Any) -> bool:
        """`when` of a task: an expression, or several that must all hold."""
        if isinstance(condition, list):
            return all(self.true(one) for one in condition)
        return bool(self.filled("{{ " + str(condition) + " }}"))

    def file(self, role: str, name: str) -> str:
        return self.templates.file(role, name, self)


class Templates:
    """Jinja as Ansible sets it up, with what the roles use of Ansible's own filters and lookups.

    `environment`: what the lookup `env` finds; `made_up`: the folder of passwords that are made up on the first look.
    """

    def __init__(self, environment: Mapping[str, str]):
        self.environment = environment
        self.jinja = Environment(trim_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined)
        self.jinja.context_class = _Names
        self.jinja.filters |= FILTERS
        self.jinja.globals.update(lookup=self._lookup)  # ty: ignore
        self._expression = lru_cache(maxsize=None)(
            lambda text: self.jinja.compile_expression(text, undefined_to_none=False)
        )
        self._text = lru_cache(maxsize=None)(self.jinja.from_string)

    def filled(self, text: str, host: Values) -> Any:
        one = ONE.fullmatch(text)
        return self._expression(one[1].strip())(_host=host) if one else self._text(text).render(_host=host)

    def file(self, role: str, name: str, host: Values) -> str:
        text = (PROJECT / "roles" / role / "templates" / name).read_text(encoding="utf-8")
        return self._text(text).render(_host=host)

    def _lookup(self, plugin: str, *terms: str, **options: Any) -> str:
        kind = plugin.rpartition(".")[2]
        if kind == "env":
            return self.environment.get(terms[0], "")
        if kind == "password":
            return _password(Path(terms[0]), int(options["length"]))
        if kind == "pipe" and terms[0] == "id -un":
            import pwd

            return pwd.getpwuid(os.geteuid()).pw_name
        raise ValueError(f"the lookup {plugin} is not known in the lab")


def _password(path: Path, length: int) -> str:
    """As Ansible's own lookup: made up once, and kept in a file for the user alone."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("".join(secrets.choice(LETTERS) for _ in range(length)) + "\n")
    return path.read_text().strip()


def _combine(first: Mapping[str, Any], *others: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(first)
    for other in others:
        found |= other
    return found


def _extract(key: str, container: Any, attribute: str | None = None) -> Any:
    found = container[key]
    return found if attribute is None else found[attribute]


def _flat(items: Sequence[Any]) -> list[Any]:
    found = []
    for one in items:
        found += _flat(one) if isinstance(one, list | tuple) else [one]
    return found


FILTERS: dict[str, Callable[..., Any]] = {
    "to_json": json.dumps,
    "dirname": lambda path: str(PurePosixPath(path).parent),
    "combine": _combine,
    "extract": _extract,
    "difference": lambda one, other: [item for item in one if item not in other],
    "product": lambda one, other: list(itertools.product(one, other)),
    "flatten": _flat,
    "regex_replace": lambda text, pattern, by: re.sub(pattern, by, text),
}


def hosts_of(files: Sequence[File], templates: Templates, addresses: Mapping[str, str]) -> dict[str, Values]:
    """The variables of every host of the lab's inventory. `addresses` go before those that the inventory holds."""
    texts = {file.path: file.text for file in files}
    inventory = read_yaml(texts[f"{LAB}/hosts.yml"])
    members = _members(inventory)
    groups = {group: sorted(hosts) for group, hosts in members.items()}
    order = [hosts for group in inventory.values() for hosts in (group or {}).get("hosts") or {}]
    names = list(dict.fromkeys(order))
    groups = {group: [name for name in names if name in hosts] for group, hosts in groups.items()}
    found: dict[str, Values] = {}
    everywhere = _role_defaults()
    for name in names:
        mine = sorted(
            (group for group, hosts in groups.items() if name in hosts), key=lambda g: (_depth(inventory, g), g)
        )
        raw = {**everywhere, "ansible_managed": "Ansible managed", "playbook_dir": str(PROJECT)}
        raw |= {"ansible_check_mode": False}
        for group in mine:
            raw |= (inventory[group] or {}).get("vars") or {}
        for place in (f"{LAB}/group_vars/all.yml", "group_vars/all.yml"):
            raw |= read_yaml(texts[place]) if place in texts else {}
        for folder in (f"{LAB}/group_vars", "group_vars"):
            for group in mine:
                raw |= read_yaml(texts[f"{folder}/{group}.yml"]) if f"{folder}/{group}.yml" in texts else {}
        for group in mine:
            raw |= ((inventory[group] or {}).get("hosts") or {}).get(name) or {}
        if name in addresses:
            raw["host_address"] = addresses[name]
        raw |= _role_vars()
        raw |= {"inventory_hostname": name, "groups": {**groups, "all": names}, "hostvars": found}
        found[name] = Values(raw, templates)
    return found


def _members(inventory: Mapping[str, Any]) -> dict[str, set[str]]:
    def of(group: str) -> set[str]:
        told = inventory.get(group) or {}
        return set(told.get("hosts") or {}).union(*(of(child) for child in told.get("children") or {}))

    return {group: of(group) for group in inventory}


def _depth(inventory: Mapping[str, Any], group: str) -> int:
    """How many groups stand above: what a group says goes before what those above it say."""
    above = [one for one, told in inventory.items() if group in ((told or {}).get("children") or {})]
    return 1 + max((_depth(inventory, one) for one in above), default=0)


@lru_cache
def _role_defaults() -> dict[str, Any]:
    return _of_roles("defaults")


@lru_cache
def _role_vars() -> dict[str, Any]:
    return _of_roles("vars")


def _of_roles(folder: str) -> dict[str, Any]:
    """Every role's names begin with the role's, so that all of them can be had at once."""
    found: dict[str, Any] = {}
    for path in sorted((PROJECT / "roles").glob(f"*/{folder}/main.yml")):
        found |= read_yaml(path.read_text(encoding="utf-8")) or {}
    return found
