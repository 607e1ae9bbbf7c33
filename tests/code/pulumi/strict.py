"""What a program asked for, held against the SDK's own metadata: every name, nesting, type and enumerated value.

Runs with the interpreter that has the SDKs. Pulumi's mocks alone take a misspelt key of a nested block, a number for
a text, and a block without what it needs.
"""

from __future__ import annotations

import enum
import re
import sys
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts/pulumi"))
sys.path.insert(0, str(Path(__file__).parent))
import sdk
from marks import SECRET, UNKNOWN, number

KINDS = {"s": str, "i": (int, float), "f": (int, float), "b": bool}


@cache
def by_token(cloud: str) -> dict[str, str]:
    return {token: path for path, token in sdk.classes(cloud).items()}


@cache
def function(cloud: str, token: str) -> Any:
    """The look-up behind `aws:ssm/getParameter:getParameter`."""
    module, name = token.split(":")[1].split("/")[0], token.rpartition(":")[2]
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
    path = f"{snake}_output" if module == "index" else f"{module}.{snake}_output"
    found = [one for one in sdk.lookups(cloud) if one.replace("_", "").lower() == path.replace("_", "").lower()]
    return sdk.named(cloud, found[0])


@cache
def fields(cls: type) -> dict[str, tuple[str, Any]]:
    """Python name and type of each property by its wire name."""
    return {wire: (name, hint) for name, (wire, _, hint) in sdk.properties(cls).items()}


def resource_class(token: str) -> type | None:
    cloud = token.split(":")[2 if token.startswith("pulumi:providers:") else 0]
    if token.startswith("pulumi:providers:"):
        return sdk.package(cloud).Provider
    path = by_token(cloud).get(token)
    return sdk.named(cloud, path) if path else None


def faults(token: str, inputs: dict[str, Any], at: str) -> Iterator[str]:
    """What is wrong with the arguments of a resource."""
    cls = resource_class(token)
    if cls is None:
        yield f"{at}: no such resource as {token}"
        return
    yield from _object(inputs, sdk.arguments_of(cls), at)


def call_faults(token: str, given: dict[str, Any]) -> Iterator[str]:
    wanted = typing.get_type_hints(function(token.split(":")[0], token), localns=dict(sdk.OWN))
    known = {re.sub(r"_(\w)", lambda found: found[1].upper(), name): hint for name, hint in wanted.items()}
    for name, value in given.items():
        if name not in known:
            yield f"{token}: unknown argument {name}"
        elif value is not None:
            yield from _value(value, known[name], f"{token}.{name}")


def _object(value: dict[str, Any], cls: type, at: str) -> Iterator[str]:
    known = fields(cls)
    for name, inner in value.items():
        if name not in known:
            yield f"{at}.{name}: unknown property"
        elif inner is not None:
            yield from _value(inner, known[name][1], f"{at}.{name}")
    given = {known[name][0] for name, inner in value.items() if name in known and inner is not None}
    for name in sorted(set(sdk.required(cls)) - given):
        yield f"{at}: {name} is required"


def _value(value: Any, hint: Any, at: str) -> Iterator[str]:
    hint, value = sdk.bare(hint), revealed(value)
    code = sdk.code(hint)
    if value == UNKNOWN:
        return
    if code.startswith("["):
        if not isinstance(value, list):
            yield f"{at}: a list, not {type(value).__name__}"
            return
        for number, inner in enumerate(value):
            yield from _value(inner, typing.get_args(hint)[0], f"{at}[{number}]")
    elif code.startswith("{"):
        if not isinstance(value, dict):
            yield f"{at}: a map, not {type(value).__name__}"
            return
        for key, inner in value.items():
            yield from _value(inner, typing.get_args(hint)[1], f"{at}[{key}]")
    elif isinstance(hint, type) and issubclass(hint, enum.Enum):
        later = isinstance(value, str) and re.fullmatch(r"<.*\|.*>", value)  # what a resource will give back
        if not later and value not in [one.value for one in hint]:
            yield f"{at}: {value!r} is none of {[one.value for one in hint]}"
    elif code in KINDS:
        whole = code != "i" or not isinstance(value, float) or value == int(value)  # the wire knows no whole numbers
        if not isinstance(value, KINDS[code]) or isinstance(value, bool) != (code == "b") or not whole:
            yield f"{at}: {value!r} is no {code}"
    elif code != "?":
        if not isinstance(value, dict):
            yield f"{at}: an object, not {type(value).__name__}"
            return
        yield from _object(value, hint, at)


def revealed(value: Any) -> Any:
    """A secret travels in an envelope."""
    return value["value"] if isinstance(value, dict) and SECRET in value else value


def result_class(token: str) -> type:
    """What a look-up gives."""
    hints = typing.get_type_hints(function(token.split(":")[0], token), localns=dict(sdk.OWN))
    return sdk.bare(hints["return"])


def given(token: str, name: str, cls: type) -> dict[str, Any]:
    """What a made resource gives back: a value of the right type for each of its properties, that tells whose it is."""
    return {wire: _given(hint, f"{token}|{name}|{wire}") for wire, (_, hint) in fields(cls).items()}


def _given(hint: Any, at: str, depth: int = 0) -> Any:
    hint = sdk.bare(hint)
    code = sdk.code(hint)
    if code.startswith("["):
        return [_given(typing.get_args(hint)[0], at, depth)]
    if code.startswith("{"):
        return {}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return f"<{at}>" if code == "s" else next(iter(hint)).value
    if len(code) > 1:
        if depth > 1:
            return {}
        return {wire: _given(inner, f"{at}.{wire}", depth + 1) for wire, (_, inner) in fields(hint).items()}
    return {"s": f"<{at}>", "i": number(at), "f": number(at), "b": True}.get(code)
