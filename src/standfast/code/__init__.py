"""HOW TO BUILD IT: a `Blueprint` in, the files of an infrastructure language out.

A back end is a package in this folder with `def write(blueprint) -> list[File]`; the folder is the register.
"""

from __future__ import annotations

import importlib
import pkgutil

from standfast.blueprint import Blueprint
from standfast.files import File
from standfast.problem import Problem, Problems, did_you_mean, quoted

LANGUAGES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def write_code(blueprint: Blueprint, language: str = "terraform") -> list[File]:
    """The blueprint as code; paths are relative to the language's own folder. Raises Problems for no such language."""
    if language not in LANGUAGES:
        raise Problems([Problem(f"no code is written in {quoted(language)}", fix=did_you_mean(language, LANGUAGES))])
    return importlib.import_module(f"standfast.code.{language}").write(blueprint)
