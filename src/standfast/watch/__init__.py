"""HOW TO SEE IT: from the promises of a plan to signals, and from signals to the files of a monitoring product.

A back end is a package in this folder with `def write(plan, signals) -> list[File]`; the folder is the register.
`signals` knows no product; a back end knows no promise. What a product cannot say of a plan, its back end raises as
Problems; what it says in another way stands in the README that it writes.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, replace

from standfast.files import File
from standfast.plan import Plan
from standfast.problem import Problem, Problems


@dataclass(frozen=True)
class Watch:
    """What was written, paths beginning with the back end: `prometheus/rules.yml`. `problems`: what a back end could
    not say, as warnings; of such a one there are no files."""

    files: tuple[File, ...]
    problems: tuple[Problem, ...] = ()


def back_ends() -> tuple[str, ...]:
    """The names of the packages here, sorted."""
    return tuple(sorted(one.name for one in pkgutil.iter_modules(__path__) if one.ispkg))


def write_watch(plan: Plan, back_end: str = "prometheus") -> list[File]:
    """The monitoring of a plan for one back end; paths are relative to that back end's folder."""
    from standfast.watch.signals import signals_of

    return importlib.import_module(f"standfast.watch.{back_end}").write(plan, signals_of(plan))


def write_monitors(plan: Plan) -> Watch:
    """The monitoring of a plan for every back end. What one of them cannot say hides nothing of the others."""
    files, problems = [], []
    for name in back_ends():
        try:
            files += [File(f"{name}/{file.path}", file.text) for file in write_watch(plan, name)]
        except Problems as cannot:
            problems += [replace(problem, warning=True) for problem in cannot.problems]
    return Watch(tuple(files), tuple(problems))
