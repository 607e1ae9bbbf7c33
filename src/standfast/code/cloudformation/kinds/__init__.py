"""The table: Terraform type -> what it is in CloudFormation, one module per part of the system.

The folder is the register: every module's `KINDS` is part of the table.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from standfast.code.cloudformation.words import Row


@cache
def table() -> dict[str, Row]:
    """All rows. A type stands in one module only."""
    rows: dict[str, Row] = {}
    for module in pkgutil.iter_modules(__path__):
        rows |= importlib.import_module(f"{__name__}.{module.name}").KINDS
    return rows
