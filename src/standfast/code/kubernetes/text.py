"""Objects as YAML that every reader understands alike, and what of them the platform fills in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from standfast.blueprint.model import Given, Workload

Document = dict[str, Any]
LATER = "set-by-platform.env"  # stands where kustomize puts a value of the platform
# Words that mean themselves in YAML 1.1 and 1.2 alike: everything else is quoted (1e3 is a number to Go alone).
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
_TAKEN = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


@dataclass(frozen=True)
class Replacement:
    """A field of an object that takes its text from platform.env."""

    value: str
    kind: str
    name: str
    path: str


@dataclass
class Resolved:
    """Objects whose `Given` values are looked up: plain text is put in, the rest is noted to be filled in later."""

    platform: Mapping[str, Any]
    replacements: list[Replacement] = field(default_factory=list)
    told: set[str] = field(default_factory=set)  # values that platform.env must hold
    absent: set[str] = field(default_factory=set)

    def document(self, one: Document) -> Document:
        return self._walk(one, one, ())

    def _walk(self, value: Any, top: Document, path: tuple[str, ...]) -> Any:
        if isinstance(value, Mapping):
            if "fromPlatform" in value:
                return {"name": value["name"], **self._variable(value["fromPlatform"])}
            return {key: self._walk(item, top, (*path, str(key))) for key, item in value.items() if item is not None}
        if isinstance(value, (list, tuple)):
            return [self._walk(item, top, (*path, str(at))) for at, item in enumerate(value)]
        if isinstance(value, Given):
            return self._given(value, top, path)
        return value

    def _given(self, value: Given, top: Document, path: tuple[str, ...]) -> str:
        found = self.platform.get(value.name)
        if isinstance(found, str):
            return found
        if found is None:
            self.absent.add(value.name)
        self.told.add(value.name)
        where = ".".join(f"[{part}]" if "." in part or "/" in part else part for part in path)
        self.replacements.append(Replacement(value.name, top["kind"], top["metadata"]["name"], where))
        return LATER

    def _variable(self, value: Given) -> dict[str, Any]:
        """The value of an environment variable: as text, or read from the platform's ConfigMap."""
        found = self.platform.get(value.name)
        if isinstance(found, str):
            return {"value": found.replace("$", "$$")}
        if found is None:
            self.absent.add(value.name)
        self.told.add(value.name)
        return {"valueFrom": {"configMapKeyRef": {"name": "platform", "key": value.name}}}


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _TAKEN
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, None if plain else '"')


_Dumper.add_representer(str, _text)


def dumped(one: Document) -> str:
    return yaml.dump(one, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9)


def manifest(documents: Sequence[Document], head: str) -> str:
    """Objects as one file, under a comment that says what they are."""
    return "".join(f"# {line}\n" for line in _lines(head)) + "---\n".join(map(dumped, documents))


def _lines(text: str, width: int = 110) -> Iterable[str]:
    shown = "".join(one if one.isprintable() else " " for one in text)
    line = ""
    for word in shown.split():
        if line and len(line) + len(word) >= width:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    yield line


def comment(one: Workload) -> str:
    place = f" ({one.place.short})" if one.place.file else ""
    return f"{one.name}{place}: {one.least} to {one.most} pods, {one.count} at the planned peak. {one.why}"
