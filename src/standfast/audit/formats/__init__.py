"""Audits in the forms that other programs read.

A format is a module in this folder with `def write(audits, checks) -> str`: `audits` by world (`plan`, `emulator`,
`state`), `checks` the modules of all checks by their ID. The folder is the register.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from standfast.audit.run import Audit, all_checks

FORMATS = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def write_audit(audits: Mapping[str, Audit], form: str) -> str:
    """The audits in one of FORMATS, as the text of a file."""
    return importlib.import_module(f"{__name__}.{form}").write(audits, all_checks())
