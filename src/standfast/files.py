"""Files: what the writers yield, and the one function that puts them on disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from standfast.problem import Problem, Problems


@dataclass(frozen=True)
class File:
    """A text file to be written: `path` is relative, with forward slashes, inside the output folder."""

    path: str
    text: str


def write_files(files: Iterable[File], folder: Path) -> list[Path]:
    """Write all files below `folder`, each replaced atomically; nothing is written if one path is bad.

    Raises Problems for a path that would leave the folder, twice the same path, or a disk that refuses.
    """
    files = list(files)
    problems, seen = [], set()
    for file in files:
        parts = PurePosixPath(file.path).parts
        if not parts or file.path.startswith("/") or ".." in parts or "\0" in file.path:
            problems.append(Problem(f"refused to write outside the output folder: {file.path!r}"))
        if file.path in seen:
            problems.append(Problem(f"two writers want the same file: {file.path!r}"))
        seen.add(file.path)
    if problems:
        raise Problems(problems)
    written = []
    for file in files:
        target = folder / file.path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, file.text)
        except OSError as error:
            raise Problems(
                [
                    Problem(
                        f"could not write {target}",
                        why=str(error),
                        fix="free the path, or choose another --out",
                    )
                ]
            ) from error
        written.append(target)
    return written


def write_atomically(target: Path, text: str) -> None:
    """Replace `target` by `text` so that a reader sees the old or the new file, never half of one."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
