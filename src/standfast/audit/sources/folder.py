"""What a path holds: Terraform's code, a state or plan of it as JSON, or templates of CloudFormation.

Code and what Terraform wrote down of it are two worlds, `code` and `state`, which are audited apart.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from standfast.audit.sources.terraform import read_terraform
from standfast.audit.sources.terraform.code import Code, is_code, read_code
from standfast.audit.sources.written import read_written
from standfast.blueprint import Resource
from standfast.problem import Place, Problem, Problems

TEMPLATES = (".json", ".template", ".yaml", ".yml")
LARGEST_TEMPLATE = 2 << 20  # bytes; CloudFormation takes 1 MB
FOLDERS = 5_000  # folders that are looked into
HOW = "in it, run: terraform show -json > state.json (or: terraform show -json PLANFILE > plan.json)"


@dataclass(frozen=True)
class Found:
    """`world`: `code`, `template`, or `state` for what Terraform wrote down. `planned`: it says what will be.

    `region`: where most of it stands, "" where nothing tells. `name`: which of several roots or stacks it is, "" for
    the only one.
    """

    world: str
    file: Path
    resources: tuple[Resource, ...]
    planned: bool
    region: str
    name: str = ""
    problems: tuple[Problem, ...] = ()


def read_path(path: Path, variables: Sequence[Path] = ()) -> list[Found]:
    """Everything a folder or file holds, code before states. `variables`: files of values for the code's variables.

    Raises Problems where there is nothing to read; what cannot be read beside other things is a Problem in Found.
    """
    if path.is_file():
        return [_template(path) or read_file(path)]
    found = [*_code(path, variables), *_templates(path), *([state] if (state := _state(path)) is not None else [])]
    if not found:
        raise Problems([_nothing(path)])
    return found


def _templates(folder: Path) -> Iterator[Found]:
    """Each template by itself: a stack is an estate of its own."""
    files = sorted(one for ending in TEMPLATES for one in folder.glob(f"*{ending}"))
    found = [read for one in files if (read := _template(one)) is not None]
    for one in found:
        yield replace(one, name=one.file.name if len(found) > 1 else "")


def _template(path: Path) -> Found | None:
    try:
        if path.suffix not in TEMPLATES or not path.is_file() or path.stat().st_size > LARGEST_TEMPLATE:
            return None
        from standfast.audit.sources.cloudformation import is_template, read_template  # its tables take their time

        if not is_template(path.read_text(encoding="utf-8")):
            return None
    except (OSError, UnicodeDecodeError):
        return None
    resources, problems = read_template(path, str(path))
    return Found("template", path, resources, True, "", "", problems)


def read_file(path: Path) -> Found:
    """A state or plan by its own name. Raises Problems."""
    found = _written(path, asked=True)
    if found is None:
        raise Problems([Problem(f"{path} is no state and no plan of Terraform as JSON", "", HOW, Place(str(path)))])
    return found


def read_folder(folder: Path) -> Found:
    """The resources of the state or plan in a folder, a state before a plan. Raises Problems."""
    found = _state(folder)
    if found is None:
        raise Problems([_nothing(folder)])
    return found


def _state(folder: Path) -> Found | None:
    candidates = sorted([*folder.glob("*.json"), *folder.glob("*.tfstate")])
    read = [found for path in candidates if (found := _written(path)) is not None]
    return min(read, key=lambda one: (one.planned, one.file.name)) if read else None


def _written(path: Path, asked: bool = False) -> Found | None:
    found = read_written(path, asked)
    if found is None:
        return None
    resources = tuple(found.resources)
    region = found.region or _region(resources)
    return Found("state", path, resources, found.planned, region, "", tuple(found.problems))


def _code(folder: Path, variables: Sequence[Path]) -> Iterator[Found]:
    """Each root of code in a folder and below."""
    files = {one: read_code(one.resolve(), str(one)) for one in _holding(folder)}
    roots, codes = _roots(files), {code.folder: code for code in files.values()}
    said: set[tuple[Place, str]] = set()
    for one in roots:
        code = read_terraform(one, str(one), variables, codes)
        name = "" if one == folder or len(roots) == 1 else one.relative_to(folder).as_posix()
        fresh = tuple(each for each in code.problems if (each.place, each.what) not in said)  # of modules they share
        said |= {(each.place, each.what) for each in fresh}
        yield Found("code", one, code.resources, True, code.region, name, fresh)


def _roots(files: dict[Path, Code]) -> list[Path]:
    """The folders that no other one takes as a module; of those that take one another in a circle, the first."""
    takes = {code.folder: code.local_modules() - {code.folder} for code in files.values()}
    taken = {one for each in takes.values() for one in each}
    seen: set[Path] = set()
    roots = []
    for path, code in sorted(files.items(), key=lambda one: (one[1].folder in taken, one[0])):
        if code.folder in taken and code.folder in seen:
            continue
        roots.append(path)
        todo = [code.folder]
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += takes.get(one, ())
    return sorted(roots)


def _holding(folder: Path) -> Iterator[Path]:
    for number, (where, inside, files) in enumerate(os.walk(folder)):
        inside[:] = sorted(one for one in inside if not one.startswith("."))
        if number >= FOLDERS:
            return
        if any(is_code(Path(one)) for one in files):
            yield Path(where)


def _nothing(folder: Path) -> Problem:
    kinds = "no Terraform code, no template of CloudFormation"
    why = f"there is {kinds}, no plan.json of standfast build, and no state or plan of Terraform as JSON"
    return Problem(f"nothing to audit in {folder}", why, f"name a spec, or a folder with code; or {HOW}")


def _region(resources: tuple[Resource, ...]) -> str:
    """The region that most ARNs name."""
    counts: dict[str, int] = {}
    for one in resources:
        parts = str(one.settings.get("arn") or "").split(":")
        if len(parts) > 4 and parts[3]:
            counts[parts[3]] = counts.get(parts[3], 0) + 1
    return max(sorted(counts), key=lambda name: counts[name]) if counts else ""
