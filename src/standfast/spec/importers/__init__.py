"""Importers: from what people have already to a spec. One module per format; the folder is the register.

An importer has

    def recognises(path: Path, text: str) -> bool      is this file in its format?
    def read(paths: Sequence[Path]) -> Imported        the spec it makes of them; raises Problems

It reads its format into `draft.Workload`s and lets `draft.draft` make the spec.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from standfast.problem import Place, Problem, Problems, quoted
from standfast.spec.document import read_text, shown_name
from standfast.spec.draft import Imported
from standfast.spec.reader import parse_spec

__all__ = ["Imported", "import_files", "importers"]


def importers() -> dict[str, ModuleType]:
    """Every importer by its name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}


def import_files(paths: Sequence[Path | str]) -> Imported:
    """The spec that the files together stand for, in whatever format they are.

    Raises Problems for a file that no importer recognises, or that it cannot read. The text is a sound spec.
    """
    files = [Path(path) for path in paths]
    known = importers()
    formats = [_format(path, known) for path in files]
    if len(set(formats)) > 1:
        what = f"these files are in different formats: {', '.join(formats)}"
        raise Problems([Problem(what, fix="import them one by one", place=Place(shown_name(files[-1])))])
    imported: Imported = known[formats[0]].read(files)
    try:
        parse_spec(imported.text, f"{shown_name(files[0])} as a spec")
    except Problems as problems:
        why = "this is a fault of Standfast, not of your file"
        told = Problem("the file could not be turned into a sound spec", why, "report it, with the file if you can")
        raise Problems([told, *problems.problems]) from problems
    return imported


def _format(path: Path, known: dict[str, ModuleType]) -> str:
    text = read_text(path)
    for name, importer in known.items():
        if importer.recognises(path, text):
            return name
    place = Place(shown_name(path))
    if re.search(r"^system\s*:", text, re.MULTILINE):
        raise Problems([Problem(f"{quoted(path)} is a spec already", "", f"standfast check {path}", place)])
    what = f"{quoted(path)} is in no format that can be imported"
    raise Problems(
        [Problem(what, f"known: {', '.join(known)}", "name a Docker Compose file, or Kubernetes manifests", place)]
    )
