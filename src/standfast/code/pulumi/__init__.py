"""Pulumi: a Python program with a module per concern, as an expert would write and keep it."""

from __future__ import annotations

from standfast.blueprint.model import Blueprint
from standfast.code.pulumi.concerns import concern_files
from standfast.code.pulumi.places import site
from standfast.code.pulumi.project import TEXT, project_files
from standfast.code.pulumi.readme import readme
from standfast.code.pulumi.words import words
from standfast.files import File
from standfast.problem import Problems

CLOUDS = ("aws", "azure", "gcp")  # those with a table of words


def write(blueprint: Blueprint) -> list[File]:
    """All files of the blueprint's program; paths are relative to its folder. Raises Problems for what Pulumi has no
    word for."""
    known = words(blueprint.cloud)
    where = site(blueprint, known)
    files, problems = concern_files(blueprint, known, where)
    around, more = project_files(blueprint, known, where)
    if problems or more:
        raise Problems([*problems, *more])
    text = [File("text.py", TEXT)] if any("text.in_base64(" in file.text for file in files) else []
    return [*around, *files, *text, readme(blueprint, known, where)]
