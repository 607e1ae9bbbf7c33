"""WHAT IS WANTED: from a file to a `System`, every part of which knows its place in that file.

`read_spec` reads the user's YAML. Importers turn files people already have into a spec: one module per
format in `importers/`, each with `def read(paths) -> Imported`.
"""

from standfast.spec.model import System
from standfast.spec.reader import parse_spec, read_spec

__all__ = ["System", "parse_spec", "read_spec"]
