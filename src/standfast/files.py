"""Files: what the writers yield, and the one function that puts them on disk."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from standfast.problem import Problem, Problems


@dataclass(frozen=True)
class File:
    """A text file to be written: `path` is relative, with forward slashes, inside the output folder."""

    path: str
    text: str


MANIFEST = ".written.json"  # what `replace_files` wrote below a folder: path -> hash of its text


@dataclass(frozen=True)
class Replaced:
    """What `replace_files` did, as sorted paths. `edited` had been changed by hand: written anew, with what people
    wrote in a file beside it (`kept`: path -> that file's), or left where they are no longer generated (`left`)."""

    written: tuple[str, ...]
    same: tuple[str, ...]
    removed: tuple[str, ...]
    edited: tuple[str, ...]
    left: tuple[str, ...]
    kept: Mapping[str, str]


def replace_files(files: Iterable[File], folder: Path) -> Replaced:
    """Let `folder` hold these files in place of those an earlier call wrote, and touch nothing else there.

    What is the same already is not written; what an earlier call wrote and is not wanted any more is removed,
    unless it was changed by hand. What people changed is copied beside the file before that is written. Killed at
    any moment, the next call finishes the work. Raises Problems.
    """
    files = list(files)
    before = _read_manifest(folder)
    wanted = {file.path: _hash(file.text.encode()) for file in files}
    found = {path: _hash_of(folder / path) for path in {*before, *wanted}}
    edited = {path for path, now in found.items() if now not in (None, before.get(path), wanted.get(path))}
    changed = [file for file in files if found[file.path] != wanted[file.path]]
    stale = {path for path in before if path not in wanted and found[path] is not None}
    removed = stale - edited
    kept = {path: _keep(folder, path, found[path] or "") for path in sorted(edited - stale)}
    # Until all is done the record names old and new: nothing is forgotten if this run is cut short.
    write_files([*changed, File(MANIFEST, _manifest({**before, **wanted}))], folder)
    for path in removed:
        _remove(folder, path)
    write_files([File(MANIFEST, _manifest(wanted))], folder)
    same = set(wanted) - {file.path for file in changed}
    groups = ([file.path for file in changed], same, removed, edited, stale & edited)
    return Replaced(*(tuple(sorted(group)) for group in groups), kept)


def add_files(files: Iterable[File], folder: Path) -> None:
    """Write files into a folder that `replace_files` keeps, so that it knows them as its own. Raises Problems."""
    files = list(files)
    known = {**_read_manifest(folder), **{file.path: _hash(file.text.encode()) for file in files}}
    write_files([*files, File(MANIFEST, _manifest(known))], folder)


def _read_manifest(folder: Path) -> dict[str, str]:
    """What an earlier call wrote; nothing where the record is absent or not ours."""
    try:
        read = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    entries = read.items() if isinstance(read, dict) else ()
    return {path: known for path, known in entries if isinstance(known, str) and _inside(path)}


def _manifest(entries: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(entries.items())), indent=1, ensure_ascii=False) + "\n"


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _hash_of(path: Path) -> str | None:
    try:
        return _hash(path.read_bytes())
    except OSError:
        return None


def _remove(folder: Path, path: str) -> None:
    """Remove a file, and the folders above it that are empty now."""
    target = folder / path
    try:
        target.unlink(missing_ok=True)
        for parent in target.parents:
            if parent == folder or any(parent.iterdir()):
                break
            parent.rmdir()
    except OSError as error:
        raise Problems([Problem(f"could not remove {target}", str(error), "remove it by hand")]) from error


def _keep(folder: Path, path: str, known: str) -> str:
    """Copy what people made of a file beside it, under a name that no tool reads and that says the same each time."""
    beside = f"{path}.edited-{known[:8]}"
    try:
        shutil.copyfile(folder / path, folder / beside)
    except OSError as error:
        fix = "move your version away, then build again"
        raise Problems([Problem(f"could not keep what was changed in {folder / path}", str(error), fix)]) from error
    return beside


def _inside(path: str) -> bool:
    """Whether a relative path stays below the folder it is relative to."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path


def write_files(files: Iterable[File], folder: Path) -> list[Path]:
    """Write all files below `folder`, each replaced atomically; nothing is written if one path is bad.

    Raises Problems for a path that would leave the folder, twice the same path, or a disk that refuses.
    """
    files = list(files)
    problems, seen = [], set()
    for file in files:
        if not _inside(file.path):
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


def write_atomically(target: Path, text: str | bytes) -> None:
    """Replace `target` by `text` so that a reader sees the old or the new file, never half of one."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
