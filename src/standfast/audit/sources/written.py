"""What Terraform wrote down, from a file: a state by its parts, however large; a plan as a whole.

Of a state that breaks off, what stands before is read, and where it breaks is a Problem.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standfast.audit.sources.computed import region_of
from standfast.audit.sources.parts import Cut, parts
from standfast.audit.sources.state import is_plan, of_state_file, of_values, resources_of
from standfast.blueprint import Resource
from standfast.problem import Place, Problem, Problems

MOST = 200 * 2**20  # bytes of a plan, which is held as a whole: ten thousand resources have some 50 MB
SURE = (".tfstate", ".tfplan")  # by the name alone
PLAN = ("planned_values", "prior_state")


@dataclass
class Written:
    resources: list[Resource] = field(default_factory=list)
    planned: bool = False
    region: str = ""
    problems: list[Problem] = field(default_factory=list)


def read_written(path: Path, asked: bool = False) -> Written | None:
    """What a file says; None where it is neither state nor plan. `asked`: somebody named it. Raises Problems.

    A state of 100 MB takes some seconds, and little more memory than its resources.
    """
    found, head = Written(), dict[str, Any]()
    try:
        with path.open(encoding="utf-8") as file:
            for keys, value in parts(file):
                if keys[-1] == "resources" and not _take(found, keys, value):
                    return None
                if len(keys) == 1 and keys[0] in PLAN and value:
                    return _plan(path)
                if len(keys) == 1:
                    head[keys[0]] = value if isinstance(value, (str, int)) else True
    except Cut as caught:
        if not (asked or path.suffix in SURE or _ours(head, bool(found.resources))):
            return None
        place = Place(str(path), caught.line, caught.column)
        what = f"this is no JSON: {caught.what}"
        why = f"{len(found.resources)} resources stand before it; what comes after is not seen"
        found.problems.append(Problem(what, why, "write it again: terraform show -json", place))
        return found
    except (OSError, UnicodeDecodeError, RecursionError):
        return None
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    return found if _ours(head, bool(found.resources)) else None


def _ours(head: Mapping[str, Any], some: bool) -> bool:
    return "format_version" in head or (
        "terraform_version" in head and (some or "resources" in head or "serial" in head)
    )


def _take(found: Written, keys: tuple[str, ...], value: Any) -> bool:
    """Whether it is a resource as Terraform writes one."""
    if not isinstance(value, dict) or "type" not in value or "name" not in value:
        return False
    found.resources += of_state_file(value) if len(keys) == 1 else [of_values(value)]
    return True


def _plan(path: Path) -> Written | None:
    if path.stat().st_size > MOST:
        raise Problems([Problem(f"{path} is too large for a plan", f"over {MOST >> 20} MiB", place=Place(str(path)))])
    document = json.loads(path.read_text(encoding="utf-8"))
    return Written(resources_of(document, path.name), is_plan(document), region_of(document))
