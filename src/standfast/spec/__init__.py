"""WHAT IS WANTED: from a file to a `System`, every part of which knows its place in that file.

`read_spec` reads the user's YAML. Importers turn files people already have into a spec: one module per
format in `importers/`, each with `def read(paths) -> Imported`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from standfast.spec.model import System

if TYPE_CHECKING:
    from standfast.spec.reader import parse_spec, read_spec

__all__ = ["System", "parse_spec", "read_spec"]


def __getattr__(name: str) -> Any:
    if name not in ("parse_spec", "read_spec"):
        raise AttributeError(name)
    from standfast.spec import reader  # whoever knows the system already needs no YAML

    return getattr(reader, name)
