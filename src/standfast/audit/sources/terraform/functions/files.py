"""Functions that read files: those beside the code and below it, and no others."""

from __future__ import annotations

import base64
import hashlib
import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import Any

from standfast.audit.reading import UNKNOWN
from standfast.audit.sources.hcl import Broken, parse_template
from standfast.audit.sources.terraform.evaluate import value
from standfast.audit.sources.terraform.reached import Scope
from standfast.audit.sources.terraform.values import Cannot, holds_later, kind_of, later

LARGEST = 4 << 20  # bytes of a file that code takes in
MOST = 10_000  # files that a pattern finds


def _bytes(scope: Scope, name: Any) -> bytes:
    path = _inside(scope, name)
    if not path.is_file():
        raise Cannot("there is no such file")
    if path.stat().st_size > LARGEST:
        raise Cannot(f"the file is over {LARGEST >> 20} MiB", seen=False)
    return path.read_bytes()


def _inside(scope: Scope, name: Any) -> Path:
    """The path a name means. Raises Cannot where it leads out of the folders that are audited."""
    if not isinstance(name, str) or "\0" in name:
        raise Cannot(f"{kind_of(name)} is no name of a file")
    path = (scope.module.session.folder / name).resolve()
    if not any(path.is_relative_to(folder) for folder in scope.module.readable()):
        raise Cannot("the file lies outside of what is audited", "it is not read", seen=False)
    return path


def _text(scope: Scope, name: Any) -> str:
    try:
        return _bytes(scope, name).decode("utf-8")
    except UnicodeDecodeError as caught:
        raise Cannot("the file is no text") from caught


def _reading(turn: Callable[..., Any]) -> Callable[..., Any]:
    def read(scope: Scope, *arguments: Any) -> Any:
        return UNKNOWN if any(holds_later(one) for one in arguments) else turn(scope, *arguments)

    return read


def _templatefile(scope: Scope, name: Any, names: Any = None) -> Any:
    if later(name) or later(names):
        return UNKNOWN
    return _filled(scope, _text(scope, name), names)


def _templatestring(scope: Scope, said: Any, names: Any = None) -> Any:
    return UNKNOWN if later(said) or later(names) else _filled(scope, said, names)


def _filled(scope: Scope, said: str, names: Any) -> Any:
    try:
        return value(parse_template(said), Scope(scope.module, dict(names or {})))
    except Broken as caught:
        raise Cannot("a template cannot be read", caught.what) from caught


def _exists(scope: Scope, name: str) -> bool:
    return _inside(scope, name).is_file()


def _fileset(scope: Scope, folder: str, pattern: str) -> Any:
    from standfast.audit.sources.terraform.values import unordered

    where = _inside(scope, folder)
    if ".." in Path(pattern).parts or Path(pattern).is_absolute():
        raise Cannot("the pattern leads out of what is audited", seen=False)
    found = []
    for one in where.glob(pattern):
        if one.is_file():
            found.append(one.relative_to(where).as_posix())
        if len(found) > MOST:
            raise Cannot(f"the pattern finds over {MOST} files", seen=False)
    return unordered(found)


def _hash(name: str, encoded: bool = False) -> Callable[..., Any]:
    def hashed(scope: Scope, path: Any) -> str:
        made = hashlib.new(name, _bytes(scope, path))
        return base64.b64encode(made.digest()).decode() if encoded else made.hexdigest()

    return _reading(hashed)


WITH_SCOPE = {
    "file": _reading(_text),
    "filebase64": _reading(lambda scope, name: base64.b64encode(_bytes(scope, name)).decode()),
    "fileexists": _reading(_exists),
    "fileset": _reading(_fileset),
    "templatefile": _templatefile,
    "templatestring": _templatestring,
    "filemd5": _hash("md5"),
    "filesha1": _hash("sha1"),
    "filesha256": _hash("sha256"),
    "filesha512": _hash("sha512"),
    "filebase64sha256": _hash("sha256", True),
    "filebase64sha512": _hash("sha512", True),
}
FUNCTIONS = {
    "abspath": lambda name: UNKNOWN,
    "basename": lambda name: posixpath.basename(name.rstrip("/")) or ("/" if name else "."),
    "dirname": lambda name: posixpath.dirname(name) or ".",
    "pathexpand": lambda name: UNKNOWN if name.startswith("~") else name,
}
