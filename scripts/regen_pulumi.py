"""Writes the tables of the Pulumi writer: what each Terraform type that a blueprint speaks of is called in the SDK.

Runs with the interpreter that has the SDKs: .tools/pulumi/bin/python scripts/regen_pulumi.py [--check]
A table holds only words that the cloud's blueprint uses: it stays small, and one word more is one run more.
"""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "pulumi"))
import sdk

ROOT = Path(__file__).parent.parent / "src/standfast"
PREFIX = {"aws": "aws", "azure": "azurerm", "gcp": "google"}
# Where the SDK's name is another than module and class say; everything else follows the rule in `_named`.
RENAMED = json.loads((ROOT / "code/pulumi/tables/renamed.json").read_text())


def words(cloud: str) -> tuple[set[str], str]:
    """Every word in the texts of the cloud's blueprint, kinds of resources among them; and the texts."""
    found: set[str] = set()
    texts = []
    for file in [*(ROOT / "blueprint" / cloud).rglob("*.py"), *(ROOT / "blueprint").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(r"\w+", node.value))
                texts.append(node.value)
            if isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
    return found, "\n".join(texts)


def _plain(text: str) -> str:
    return re.sub(r"[._]", "", text).lower()


def _named(kind: str, paths: list[str], renamed: dict[str, str]) -> str | None:
    """The path whose module and class, or class alone, read like the kind: `aws_iam_role` is `iam.Role`."""
    if kind in renamed:
        return renamed[kind]
    wanted = _plain(kind.split("_", 1)[1])
    whole = [path for path in paths if _plain(path) == wanted]
    homes = RENAMED["homes"]
    alone = [path for path in paths if path.split(".")[0] in homes and _plain(path.rpartition(".")[2]) == wanted]
    found = whole or alone
    if len(found) > 1:
        print(f"{kind} may be any of {', '.join(found)}: name one in renamed.json", file=sys.stderr)
    return found[0] if found else None


def table(cloud: str) -> dict[str, Any]:
    known, texts = words(cloud)
    named = {*known, *RENAMED["resources"], *RENAMED["lookups"]}
    kinds = sorted(  # some are no kinds, but how kinds begin: those have no name in the SDK, and are passed over
        word for word in named if re.fullmatch(rf"{PREFIX[cloud]}_[a-z0-9_]*[a-z0-9]", word)
    )
    classes, lookups = sdk.classes(cloud), sdk.lookups(cloud)
    spoken = {re.sub(r"\bget_(\w+)_output$", r"\1", path): path for path in lookups}
    found: dict[str, Any] = {"sdk": f"pulumi-{cloud} {importlib.metadata.version(f'pulumi-{cloud}')}"}
    found |= {"resources": {}, "lookups": {}, "types": {}}
    for kind in kinds:
        path = _named(kind, list(classes), RENAMED["resources"])
        if path:
            cls = sdk.named(cloud, path)
            arguments = sdk.arguments_of(cls)
            takes, gives = _typed(arguments), _typed(cls)
            found["resources"][kind] = {
                "class": path,
                "token": classes[path],
                "takes": _kept(takes, known, all_of_it=True),
                "needs": sdk.required(arguments),
                "gives": {"id": "s"} | _kept(gives, known),
            }
            if others := RENAMED["words"].get(kind):
                found["resources"][kind]["renamed"] = others
            if parts := RENAMED["split"].get(kind):  # an id in Terraform's newer words, two names in the SDK's
                found["resources"][kind]["split"] = parts
            _types(cloud, [*found["resources"][kind]["takes"].items()], known, found["types"])
            _types(cloud, [*found["resources"][kind]["gives"].items()], known, found["types"])
        looked = f"data.{kind}." in texts and _named(kind, list(spoken), RENAMED["lookups"])
        if looked:
            function = sdk.named(cloud, spoken.get(looked, looked))
            takes, gives = _lookup(function)
            found["lookups"][kind] = {"function": spoken.get(looked, looked), "takes": takes, "gives": gives}
            _types(cloud, [*takes.items(), *gives.items()], known, found["types"])
    return found


def _typed(cls: type) -> dict[str, str]:
    return {name: code for name, (_, code, _) in sdk.properties(cls).items()}


def _kept(properties: dict[str, str], known: set[str], all_of_it: bool = False) -> dict[str, str]:
    """What the blueprint may speak of. `all_of_it` keeps scalars too: a misspelt word is then told from a new one."""
    return {
        name: code
        for name, code in sorted(properties.items())
        if name == "id" or _spoken(name, known) or (all_of_it and not re.search(r"\w{2}", code))
    }


def _spoken(name: str, known: set[str]) -> bool:
    """Whether a blueprint has a word: whole, or put together from parts (`tunnel1_`, `_log_options`)."""
    if set(sdk.singular(name)) & known:
        return True
    ends = {word for word in known if len(word) > 5 and (word.startswith("_") or word.endswith("_"))}
    return any(name.startswith(word) if word.endswith("_") else name.endswith(word) for word in ends)


def _lookup(function: Any) -> tuple[dict[str, str], dict[str, str]]:
    space = vars(sys.modules[function.__module__])
    hints = typing.get_type_hints(function, globalns=space, localns={**space, **sdk.OWN})
    takes = {name: sdk.code(hint) for name, hint in hints.items() if name not in ("opts", "return")}
    return takes, _typed(sdk.bare(hints["return"]))


def _types(cloud: str, properties: list[tuple[str, str]], known: set[str], into: dict[str, Any]) -> None:
    """The objects inside, as far as the blueprint has words for them."""
    for name, code in properties:
        path = code.lstrip("[{")
        if path.startswith("!"):
            into[path] = {"values": {one.value: one.name for one in sdk.named(cloud, path[1:])}}
        elif len(path) > 1 and path not in into and _spoken(name, known):
            _object(cloud, path, known, into)


def _object(cloud: str, path: str, known: set[str], into: dict[str, Any]) -> None:
    cls = sdk.named(cloud, path)
    into[path] = {"takes": _kept(_typed(cls), known, all_of_it=True)}
    if others := RENAMED["words"].get(path):
        into[path]["renamed"] = others
    if needs := sdk.required(cls):
        into[path]["needs"] = needs
    _types(cloud, list(into[path]["takes"].items()), known, into)


def _lines(value: dict[str, Any]) -> Iterator[str]:
    """One resource or type per line: a change shows as the line it is."""
    yield "{"
    yield f'"sdk": {json.dumps(value["sdk"])},'
    parts = ("resources", "lookups", "types")
    for part in parts:
        yield f'"{part}": {{'
        rows = sorted(value[part].items())
        for number, (key, row) in enumerate(rows):
            yield f"{json.dumps(key)}: {json.dumps(row, sort_keys=True)}{',' if number < len(rows) - 1 else ''}"
        yield "}" if part == parts[-1] else "},"
    yield "}"


def _holds(kept: Any, said: Any) -> bool:
    """Whether all that is kept is what the SDK says; a blueprint may have learnt a word since that needs no entry."""
    if isinstance(kept, dict) and isinstance(said, dict):
        return all(key in said and _holds(value, said[key]) for key, value in kept.items())
    return kept == said


if __name__ == "__main__":
    differs = []
    for cloud in [one for one in PREFIX if (ROOT / "blueprint" / one).is_dir()]:
        file, text = ROOT / f"code/pulumi/tables/{cloud}.json", "\n".join(_lines(table(cloud))) + "\n"
        if "--check" not in sys.argv:
            file.write_text(text)
        elif not _holds(json.loads(file.read_text()), json.loads(text)):
            differs.append(f"{file.name} is not what the SDK says: run scripts/regen_pulumi.py")
    sys.exit("\n".join(differs) or 0)
