"""What a program is started by, carried over where the file leaves no doubt about it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from standfast.spec.document import Node
from standfast.spec.draft.variables import is_secret
from standfast.spec.draft.workload import Command, Remarks, Workload
from standfast.spec.fields import SERVICE
from standfast.spec.values import Bad, read_command, told_to

OPERATORS = ";&|<>()`"  # of a shell, where nothing quotes them
_DEVELOPMENT = re.compile(r"runserver|nodemon|--reload|webpack|(?:[a-z:]*[:-])?dev|--watch|--debug|--hot")


def split(text: str) -> tuple[str, ...]:
    """One text as Compose splits it: like a shell that knows quotes alone. ValueError where a shell would see more."""
    words = shlex.shlex(text, posix=True, punctuation_chars=OPERATORS)
    words.whitespace_split, words.commenters = True, ""
    found = list(words)
    if any(word and set(word) <= set(OPERATORS) for word in found):
        raise ValueError("it is written for a shell, which does not read it")
    return tuple(found)


def lines_of(one: Workload, mentioned: Iterable[str], remarks: Remarks) -> dict[str, list[str]]:
    """`entrypoint` and `command` as they stand in a spec. `mentioned`: parts of the system that the command names."""
    run = one.run
    why = run.unsure or _refused(run)
    if not why and (names := sorted(set(mentioned) - {one.name})):
        why = f"it names {', '.join(names)}, which are called otherwise in production"
    if why:
        fix = "write command: in the spec, or make it the command of the image"
        remarks.say_of(one.name, "the command is not carried over: {}", run.place, why, fix)
        return {}
    if any(_DEVELOPMENT.fullmatch(word) for word in (*run.entrypoint, *run.arguments)):
        why, fix = "it looks for changed files, and answers few at once", "write what production runs as command:"
        remarks.say_of(one.name, "the command starts a server for development: {}", run.place, why, fix)
    return {key: list(words) for key, words in (("entrypoint", run.entrypoint), ("command", run.arguments)) if words}


def _refused(run: Command) -> str:
    """Why a spec would not take it, or should not: a secret is not repeated in what is said of it."""
    for words in (run.entrypoint, run.arguments):
        if any(_opens(before, word) for before, word in zip(("", *words), words, strict=False)):
            return "it looks like it holds a secret"
        try:
            if words:
                read_command(Node([Node(word, run.place) for word in words], run.place), SERVICE["command"])
        except Bad as bad:
            return bad.what
    return ""


def _opens(before: str, word: str) -> bool:
    """Rather once too often than once too little."""
    name, value = told_to(before, word)
    return is_secret(name, value) and (name != "" or not value.startswith(("/", "./", "-")))
