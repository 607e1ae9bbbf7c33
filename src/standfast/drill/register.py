"""The drills there are: one module each in `drills/`, found by its name."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from standfast.drill import drills
from standfast.problem import Problem, Problems, did_you_mean, quoted


def drill_names() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(drills.__path__)))


def drill_module(name: str) -> ModuleType:
    """The drill of that name. Raises Problems, with the nearest name there is."""
    if name not in drill_names():
        raise Problems([Problem(f"there is no drill {quoted(name)}", fix=did_you_mean(name, drill_names()))])
    return importlib.import_module(f"{drills.__name__}.{name}")
