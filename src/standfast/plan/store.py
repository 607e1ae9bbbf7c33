"""A Plan as JSON and back: the same bytes for the same plan, and no loss."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from standfast.plan.model import Plan
from standfast.problem import Place, Problem, Problems


def plan_to_json(plan: Plan) -> str:
    """The whole plan as JSON text, keys in the order of the types, ending in a newline."""
    return json.dumps(dataclasses.asdict(plan), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def plan_from_json(text: str, file: str = "plan.json") -> Plan:
    """The plan again. Raises Problems for text that is not a plan."""
    from pydantic import TypeAdapter, ValidationError  # heavy: only where a plan is read back

    try:
        return TypeAdapter(Plan).validate_json(text)
    except ValidationError as error:
        first: Any = error.errors()[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        fix = "plan again with: standfast plan SPEC --out DIR"
        raise Problems([Problem(f"{file} is not a plan of this version", why, fix, Place(file))]) from error


def read_plan(path: Path) -> Plan:
    """Read a plan from disk. Raises Problems when it is absent or not a plan."""
    try:
        return plan_from_json(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        fix = "make one with: standfast build SPEC --out DIR"
        raise Problems([Problem(f"no plan at {path}", str(error), fix, Place(path.name))]) from error
