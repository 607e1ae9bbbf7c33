"""Literals as the type that the SDK asks for, turned as Terraform would turn them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from standfast.blueprint.model import Block

MEANS = {"s": "text", "i": "a whole number", "f": "a number", "b": "true or false", "[": "a list", "{": "a map"}


def whole(parts: Iterable[Any]) -> list[Any]:
    """Neighbouring texts as one, and none that is empty, unless there is nothing else."""
    found: list[Any] = []
    for text, run in groupby(parts, lambda part: isinstance(part, str)):
        neighbours = list(run)
        found += ["".join(neighbours)] if text else neighbours
    return [one for one in found if one != ""] or [""]


def converted(value: Any, code: str) -> Any:
    """A literal as the type that is asked for, as Terraform would turn it; None where it cannot be."""
    if isinstance(value, bool):
        return {"b": value, "s": "true" if value else "false"}.get(code)
    if isinstance(value, (int, float)):
        if code == "s":
            return str(int(value)) if value == int(value) else repr(value)
        whole = value == int(value)
        return {"i": int(value) if whole else None, "f": int(value) if whole else value}.get(code)
    if isinstance(value, str):
        return _of_text(value, code)
    return None


def _of_text(value: str, code: str) -> Any:
    if code == "s":
        return value
    if code == "b":
        return {"true": True, "false": False}.get(value)
    try:
        return int(value) if code == "i" or value.lstrip("-").isdigit() else float(value)
    except ValueError:
        return None


def several(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    return {dict: "a map", Block: "a block"}.get(type(value), type(value).__name__)
