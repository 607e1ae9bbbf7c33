"""Reads what a Pulumi SDK says of itself: its classes, what they take and give, and of which type each is.

Runs with the interpreter that has the SDKs (.tools/pulumi). A type is a short text:

    s i f b ?        text, whole number, number, truth value, anything
    [x {x            a list of x, a map of x
    ec2.XArgs        an object, by the path of its class in the SDK; `ec2.outputs.X` where it is given back
    !ec2.X           one of the values of an enumeration, where the SDK's types take no text for it
"""

from __future__ import annotations

import collections.abc
import enum
import importlib
import inspect
import json
import re
import sys
import types
import typing
from pathlib import Path
from typing import Any

import pulumi

OWN = {"Output": pulumi.Output, "T": Any}  # names that pulumi.Input itself speaks of
SCALARS = {str: "s", int: "i", float: "f", bool: "b"}


def package(cloud: str) -> types.ModuleType:
    return importlib.import_module(f"pulumi_{cloud}")


def classes(cloud: str) -> dict[str, str]:
    """Every resource of the SDK: its token by the path of its class, from the SDK's own register."""
    said = Path(package(cloud).__file__).read_text()
    register = json.loads(re.search(r'resource_modules="""(.*?)"""', said, re.DOTALL)[1])
    found = {}
    for module in register:
        for token, name in module["classes"].items():
            found[".".join([*module["fqn"].split(".")[1:], name])] = token
    return found


def lookups(cloud: str) -> list[str]:
    """The path of every look-up that takes and gives outputs: `ssm.get_parameter_output`."""
    root = Path(package(cloud).__file__).parent
    return sorted(
        ".".join([*file.relative_to(root).parts[:-1], f"{file.stem}_output"]) for file in root.rglob("get_*.py")
    )


def named(cloud: str, path: str) -> Any:
    """The class or function at a path."""
    thing = package(cloud)
    for name in path.split("."):
        thing = getattr(thing, name)
    return thing


def where(thing: type | types.FunctionType) -> str:
    """The path under which a program finds a class or function: `ec2.Vpc` of pulumi_aws/ec2/vpc.py."""
    path, file = thing.__module__.split(".")[1:], thing.__name__
    holder = sys.modules[thing.__module__]
    package_of = path if hasattr(holder, "__path__") else path[:-1]
    return ".".join([*package_of, *(["outputs"] if path[-1:] == ["outputs"] else []), file])


def properties(cls: type) -> dict[str, tuple[str, str, Any]]:
    """Of a class of arguments, outputs or a resource: wire name and type of each property by its Python name."""
    found = {}
    space = vars(sys.modules[cls.__module__])
    for name, value in vars(cls).items():
        if isinstance(value, property) and value.fget and (wire := getattr(value.fget, "_pulumi_name", None)):
            # On Python 3.11 a resolved name is kept per text: without names of its own, `SkuArgs` of another
            # module would be found here.
            hint = typing.get_type_hints(value.fget, globalns=space, localns={**space, **OWN}).get("return")
            found[name] = (wire, code(hint), hint)
    return found


def code(hint: Any) -> str:
    """A type hint in the short form."""
    whole, hint = hint, bare(hint)
    origin = typing.get_origin(hint)
    if hint in SCALARS:
        return SCALARS[hint]
    if origin in (list, collections.abc.Sequence):
        return "[" + code(typing.get_args(hint)[0])
    if origin in (dict, collections.abc.Mapping):
        return "{" + code(typing.get_args(hint)[1])
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        scalar = type(next(iter(hint)).value)
        return SCALARS[scalar] if scalar in typing.get_args(whole) else f"!{where(hint)}"
    if any(getattr(hint, mark, False) for mark in ("_pulumi_input_type", "_pulumi_output_type")):
        return where(hint)
    return "?"


def bare(hint: Any) -> Any:
    """A hint without what every hint is wrapped in: Optional, Input, Output, Awaitable, a TypedDict for a class."""
    while True:
        origin = typing.get_origin(hint)
        if origin in (typing.Union, types.UnionType):
            inner = [one for one in typing.get_args(hint) if one is not type(None)]
            inner = [one for one in inner if typing.get_origin(one) not in (collections.abc.Awaitable, pulumi.Output)]
            inner = [one for one in inner if not typing.is_typeddict(one)]
            classes = [one for one in inner if isinstance(one, type) and issubclass(one, enum.Enum)]
            hint = classes[0] if classes else inner[0]
        elif origin is pulumi.Output:
            hint = typing.get_args(hint)[0]
        else:
            return hint


def arguments_of(cls: type) -> type:
    """The class of a resource's arguments."""
    holder = sys.modules[cls.__module__]
    name = f"{cls.__name__}InitArgs"  # where an object inside some resource has the shorter name
    return getattr(holder, name, None) or getattr(holder, f"{cls.__name__}Args")


def required(cls: type) -> list[str]:
    """The arguments without a default."""
    said = inspect.signature(cls.__init__).parameters.values()
    return sorted(one.name for one in said if one.kind is one.KEYWORD_ONLY and one.default is one.empty)


def singular(name: str) -> list[str]:
    """A name, and what it may be the plural of: the SDKs use plurals where Terraform repeats a block."""
    found = [name, name.removesuffix("_")]
    if name.endswith("ies"):
        found.append(f"{name[:-3]}y")
    if name.endswith("es"):
        found.append(name[:-2])
    if name.endswith("s"):
        found.append(name[:-1])
    return found
