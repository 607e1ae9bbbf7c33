"""Whether what a program registered is what the blueprint holds: resource by resource, argument by argument.

Works from the blueprint and the wire alone, not from the writer's tables: words are compared without case, plural and
`_`, and a reference by the mark that the mocks gave back for that resource's property.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from standfast.blueprint import Base64, Block, Blueprint, Join, Json, Ref, Resource, Var
from standfast.code.pulumi.words import parted, words
from tests.code.pulumi.marks import SECRET, number

# What the SDK says by itself where nothing is said, as Terraform does in other words.
BY_ITSELF = {("comment", "Managed by Pulumi"), ("description", "Managed by Pulumi"), ("applymethod", "immediate")}


def plain(word: str) -> str:
    """A word without case, plural and `_`: `vpcZoneIdentifiers` is `vpc_zone_identifier`."""
    word = word.replace("_", "").lower()
    word = re.sub("ies$", "y", word)
    return re.sub("(e?s)+e?$|e$", "", word)


class Agreement:
    def __init__(self, blueprint: Blueprint, told: dict[str, Any], config: dict[str, str]):
        self.blueprint, self.told = blueprint, told
        self.words = words(blueprint.cloud)
        self.resources = {one.address: one for one in blueprint.resources}
        self.config = config
        self.inside: dict[str, str] = {}  # words that have another name in some block
        for row in self.words.table["types"].values():
            self.inside |= row.get("renamed", {})
        self.kinds = {one.name: one.kind for one in blueprint.variables}

    def differences(self) -> Iterator[str]:
        """All differences in words; none where the two agree."""
        made = {(one["type"], one["name"]): one for one in self.told["resources"] if ":providers:" not in one["type"]}
        wanted = {(self.token(one), one.name): one for one in self.blueprint.resources if not one.data}
        yield from (f"{key} is registered, and not in the blueprint" for key in made.keys() - wanted.keys())
        for key, resource in wanted.items():
            if key not in made:
                yield f"{resource.address} is not registered as {key[0]}"
                continue
            if made[key]["provider"] != (resource.provider or "main"):
                yield f"{resource.address} has the provider {made[key]['provider']}"
            settings = parted(resource.settings, self.words.table["resources"][resource.kind].get("split", {}))
            settings = {name: value for name, value in settings.items() if name != "timeouts"}
            if self.blueprint.cloud == "azure" and "tags" in settings:  # its provider has no default tags
                settings["tags"] = {**self.blueprint.tags, **settings["tags"]}
            yield from self.object(settings, made[key]["inputs"], resource.address, self.renamed(resource))
        for output in self.blueprint.outputs:
            if output.name not in self.told["exports"]:
                yield f"{output.name} is not exported"
            else:
                yield from self.value(output.value, self.told["exports"][output.name], f"output {output.name}")

    def token(self, resource: Resource) -> str:
        return self.words.table["resources"][resource.kind]["token"]

    def renamed(self, resource: Resource) -> dict[str, str]:
        return self.words.table["resources"][resource.kind].get("renamed", {})

    def object(self, wanted: Mapping[str, Any], got: Any, at: str, renamed: dict[str, str]) -> Iterator[str]:
        if not isinstance(got, dict):
            yield f"{at}: an object is wanted, and {got!r} given"
            return
        want = {plain(renamed.get(key, key)): (key, value) for key, value in wanted.items() if value is not None}
        have = {plain(key): value for key, value in got.items() if value is not None}
        have = {key: value for key, value in have.items() if key in want or not _by_itself(key, value)}
        yield from (f"{at}.{name} is given, and not in the blueprint" for name in have.keys() - want.keys())
        for name, (key, value) in want.items():
            if name not in have:
                yield f"{at}.{key} is not given"
            else:
                yield from self.value(value, have[name], f"{at}.{key}")

    def value(self, wanted: Any, got: Any, at: str) -> Iterator[str]:
        if isinstance(got, dict) and SECRET in got:
            got = got["value"]
        if isinstance(wanted, Block):
            one = got[0] if isinstance(got, list) and len(got) == 1 else got
            yield from self.object(wanted.settings, one, at, self.inside)
        elif isinstance(wanted, (list, tuple)):
            many = got if isinstance(got, list) else [got]
            if len(many) != len(wanted):
                yield f"{at}: {len(wanted)} are wanted, and {len(many)} given"
            for number, (want, have) in enumerate(zip(wanted, many, strict=False)):
                yield from self.value(want, have, f"{at}[{number}]")
        elif isinstance(wanted, Mapping):
            if not isinstance(got, dict) or wanted.keys() != got.keys():
                yield f"{at}: {sorted(wanted)} are wanted, and {got!r} given"
                return
            for key, value in wanted.items():
                yield from self.value(value, got[key], f"{at}[{key}]")
        elif isinstance(wanted, Json):
            yield from self.value(wanted.document, json.loads(got), at)
        elif isinstance(wanted, Base64):
            yield from self.value(wanted.text, base64.b64decode(got).decode(), at)
        elif not self.same(wanted, got):
            yield f"{at}: {wanted!r} is wanted, and {got!r} given"

    def same(self, wanted: Any, got: Any) -> bool:
        if isinstance(wanted, Var) and wanted.index is None and self.kinds[wanted.name] not in ("string", "number"):
            return json.loads(self.config[wanted.name]) == got
        if isinstance(got, (dict, list)):
            return isinstance(wanted, Ref) and self.marks(str(got)) == self.marks(f"['{self.text(wanted)}']")
        if isinstance(got, bool) and isinstance(wanted, str):
            return wanted == ("true" if got else "false")
        if isinstance(wanted, Ref) and re.fullmatch(r"\d{7}(\.0)?", str(got)):
            target = self.resources[wanted.address]
            path = re.sub(r"\[\d+\]", "", _camel(wanted.attribute))
            return int(float(got)) == number(f"{self.token(target)}|{target.name}|{path}")
        return self.marks(_text(got)) == self.marks(self.numbered(self.text(wanted), _text(got)))

    @staticmethod
    def numbered(wanted: str, got: str) -> str:
        """What is wanted, with the number that stands for a property in place of its mark where that was given."""
        for mark in re.findall(r"<([^<>]*\|[^<>]*\|[^<>]*)>", wanted):
            stands_for = str(number(_camel(mark)))
            if stands_for in got:
                wanted = wanted.replace(f"<{mark}>", stands_for)
        return wanted

    def text(self, value: Any) -> str:
        if isinstance(value, Join):
            return "".join(map(self.text, value.parts))
        if isinstance(value, Var):
            given = self.config[value.name]
            return given if value.index is None else _text(json.loads(given)[value.index])
        if isinstance(value, Ref):
            target = self.resources[value.address]
            path = re.sub(r"\[\d+\]", "", value.attribute) + (f".{value.inside}" if value.inside else "")
            if target.data:
                return f"<?|{target.kind}|{path}>"
            renamed = self.renamed(target)
            return f"<{self.token(target)}|{target.name}|{renamed.get(path, path)}>"
        return _text(value)

    @staticmethod
    def marks(text: str) -> str:
        """A text in which each mark is spelled in one way: whose property it is, in plain words."""

        def mark(found: re.Match[str]) -> str:
            whose, name, path = found[1], found[2], found[3]
            if ":get" in whose or whose == "?":  # a look-up is told by its property alone
                whose, name = "look-up", ""
            return f"<{whose}|{name}|{'.'.join(map(plain, path.split('.')))}>"

        return re.sub(r"<([^<>|]+)\|([^<>|]*)\|([^<>|]+)>", mark, text)


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def _by_itself(name: str, value: Any) -> bool:
    return any(name == plain(word) and value == text for word, text in BY_ITSELF)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)
