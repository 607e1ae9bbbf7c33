"""The drills: one module each, and the folder is the register.

A module has `NAME`, `TITLE`, `DISRUPTION`, `MEASURES` (what it measures, in the words of the promise table; none: its
findings decide), `RUNBOOK` (the page that it follows; "": none), `ON` (what kind of world it is for: database, system,
people), and where it is for some systems only `NEEDS` (kinds of stores, of which there must be one),

    shape(shape) -> Shape                       on a database: what it needs of the planned shape
    run(world, recorder, settings) -> None      break and look; raises Problems when it cannot go on
    judge(history, wanted) -> Judgement         pure; called again for an old history

To add a drill, write one file.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from standfast.problem import Problem, Problems, did_you_mean, quoted


def drill_names() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def drill_module(name: str) -> ModuleType:
    """The drill of that name. Raises Problems, with the nearest name there is."""
    if name not in drill_names():
        raise Problems([Problem(f"there is no drill {quoted(name)}", fix=did_you_mean(name, drill_names()))])
    return importlib.import_module(f"{__name__}.{name}")
