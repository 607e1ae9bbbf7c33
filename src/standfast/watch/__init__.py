"""HOW TO SEE IT: from the promises of a plan to signals, and from signals to the files of a monitoring product.

A back end is a package in this folder with `def write(plan, signals) -> list[File]`; the folder is the
register. `signals` knows no product; a back end knows no promise.
"""

from __future__ import annotations

import importlib
import pkgutil

from standfast.files import File
from standfast.plan import Plan


def back_ends() -> tuple[str, ...]:
    """The names of the packages here, sorted."""
    return tuple(sorted(one.name for one in pkgutil.iter_modules(__path__) if one.ispkg))


def write_watch(plan: Plan, back_end: str = "prometheus") -> list[File]:
    """The monitoring of a plan for one back end; paths are relative to that back end's folder."""
    from standfast.watch.signals import signals_of

    return importlib.import_module(f"standfast.watch.{back_end}").write(plan, signals_of(plan))


def write_monitors(plan: Plan) -> list[File]:
    """The monitoring of a plan for every back end, each in a folder of its name."""
    return [File(f"{name}/{file.path}", file.text) for name in back_ends() for file in write_watch(plan, name)]
