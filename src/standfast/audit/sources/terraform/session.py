"""What one reading of Terraform's code has in common: its files, its Problems, its limits."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from standfast.audit.sources.hcl.circles import circles
from standfast.audit.sources.terraform.code import Code, Declared, Source, is_code, is_local, read_code
from standfast.audit.sources.terraform.evaluate import value
from standfast.audit.sources.terraform.reached import Scope
from standfast.audit.sources.terraform.values import Cannot, plain
from standfast.problem import Place, Problem, quoted

MOST = 200_000  # instances of resources and modules
DEEPEST = 30  # modules inside modules
NOT_SEEN = "what it makes is not looked at, and what it gives is unknown"


class Session:
    """`folder` as it lies on the disk, `shown` as the user named it; `values` of the root's variables. `codes`: what
    was read already, by folder."""

    def __init__(self, folder: Path, shown: str, values: Mapping[str, Any], codes: Mapping[Path, Code]):
        self.folder, self.shown, self.values = folder, shown, values
        self.problems: dict[tuple[Place, str], Problem] = {}
        self.codes, self._told = dict(codes), set[Path]()
        self.made = 0
        self._folders: dict[tuple[Path, str], Path] = {}
        self._fetched: dict[str, str] | None = None

    def add(self, one: Problem) -> None:
        self.problems.setdefault((one.place, one.what), one)

    def cannot(self, caught: Cannot, source: Source, at: int, name: str) -> None:
        """A Problem for an expression without a value; `at` where the expression does not say it itself."""
        place = source.place(at if caught.at is None else caught.at)
        why = caught.why or f"{quoted(name)} is unknown here, and what rests on it"
        self.add(Problem(caught.what, why, caught.fix, place, warning=not caught.seen))

    def room_for(self, more: int) -> None:
        self.made += more
        if self.made > MOST:
            self.made -= more
            raise Cannot(f"the code makes more than {MOST} resources", "the rest is not looked at")

    def code(self, folder: Path) -> Code:
        """A resolved folder's code, read once however often it is used."""
        if folder not in self.codes:
            inside = os.path.relpath(folder, self.folder)
            shown = os.path.normpath(os.path.join(self.shown, inside))  # noqa: PTH118
            self.codes[folder] = read_code(folder, shown)
        if folder not in self._told:
            self._told.add(folder)
            for one in (*self.codes[folder].problems, *_circles(self.codes[folder])):
                self.add(one)
        return self.codes[folder]

    def module(
        self, declared: Declared, scope: Scope, beside: Path, address: str, chain: Sequence[Path]
    ) -> Code | None:
        """The code of the module that a call names; None, and a Problem, where it is not here."""
        said = declared.body.sets.get("source")
        source = plain(value(said.value, scope)) if said is not None else None
        what = f"module {quoted(address.rpartition('module.')[2])}"
        if not isinstance(source, str):
            self.add(Problem(f"{what} does not say its source", NOT_SEEN, "", declared.place))
            return None
        place = declared.source.place(said.at if said is not None else -1)
        folder = self._beside(beside, source) if is_local(source) else self._of_init(address)
        if folder is None:
            fix = f"run terraform init in {self.shown}, and audit again; or audit a plan as JSON"
            why = f"{quoted(source)} is not on this disk: {NOT_SEEN}"
            self.add(Problem(f"{what} was not fetched", why, fix, place, warning=True))
            return None
        if folder not in self.codes and not _holds_code(folder):
            why = f"{quoted(source)} holds no Terraform code: {NOT_SEEN}"
            self.add(Problem(f"{what} is not there", why, "", place))
            return None
        if folder in chain or len(chain) > DEEPEST:
            self.add(Problem(f"{what} calls itself", NOT_SEEN, "break the cycle", place))
            return None
        return self.code(folder)

    def _beside(self, folder: Path, source: str) -> Path:
        found = self._folders.get((folder, source))
        if found is None:
            found = self._folders[folder, source] = _resolved(folder / source)
        return found

    def _of_init(self, address: str) -> Path | None:
        """Where `terraform init` has put a module that lies elsewhere."""
        if self._fetched is None:
            self._fetched = _fetched(self.folder)
        key = ".".join(part.partition("[")[0] for part in address.replace("module.", "\0").split("\0") if part)
        inside = self._fetched.get(key.replace("..", "."))
        return _resolved(self.folder / inside) if inside else None


def _circles(code: Code) -> Iterator[Problem]:
    """A Problem for each circle inside a module that has a resource in it, at the first of its blocks."""
    nodes = {f"local.{name}": one for name, one in code.locals.items()}
    nodes |= {f"{'data.' if data else ''}{kind}.{name}": one for (data, kind, name), one in code.resources.items()}
    for circle in circles({name: one.what for name, one in nodes.items()}):
        own = [name for name in circle if not name.startswith("local.")]
        if own:
            first = min(own, key=lambda name: nodes[name].place)
            others = ", ".join(name[:60] for name in circle if name != first)[:200]
            what = f"{first[:60]} rests on itself{f', through {others}' if others else ''}"
            fix = "break the circle: a resource of its own for the link often does, such as a rule"
            yield Problem(what, "Terraform can begin with none of them", fix, nodes[first].place)


def _resolved(folder: Path) -> Path:
    try:
        return folder.resolve()
    except (OSError, ValueError, RuntimeError):
        return folder


def _holds_code(folder: Path) -> bool:
    try:
        return folder.is_dir() and any(is_code(one) for one in folder.iterdir())
    except (OSError, ValueError):
        return False


def _fetched(folder: Path) -> dict[str, str]:
    """Key -> folder. Source: .terraform/modules/modules.json, as Terraform 1.11 writes it."""
    try:
        said = json.loads((folder / ".terraform" / "modules" / "modules.json").read_text(encoding="utf-8"))
        return {one["Key"]: one["Dir"] for one in said["Modules"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
