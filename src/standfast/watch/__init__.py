"""HOW TO SEE IT: from the promises of a plan to signals, and from signals to the files of a monitoring product.

A back end is a package or module in this folder with `def write(plan, signals) -> list[File]`; the folder is the
register. `signals` knows no product; a back end knows no promise.
"""

from __future__ import annotations

import importlib

from standfast.files import File
from standfast.plan import Plan

BACK_ENDS = ("prometheus",)


def write_watch(plan: Plan, back_end: str = "prometheus") -> list[File]:
    """The monitoring of a plan for one back end; paths are relative to that back end's folder."""
    from standfast.watch.signals import signals_of

    return importlib.import_module(f"standfast.watch.{back_end}").write(plan, signals_of(plan))
