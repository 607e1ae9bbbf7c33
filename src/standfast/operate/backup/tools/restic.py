"""Files and objects by restic: snapshots in two stores, the second copied from the first."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from standfast.operate.backup.retention import Copy
from standfast.operate.backup.room import Room
from standfast.operate.backup.tools.s3 import named_region, repository, trusted
from standfast.operate.backup.tools.tool import Tool, found, plain_environment, trouble
from standfast.problem import Problem, Problems
from standfast.worlds.lab.processes import Owned

INSTALL = "install restic 0.14 or newer (Debian: apt-get install restic), or name it in STANDFAST_RESTIC"
OLDEST = (0, 14)  # the first with the options of `copy` that are used here
HOLD, NAME = "hold=", "name="
NO_STORE = re.compile(r"unable to open config file|Is there a repository")
PACK = re.compile(r"\b[0-9a-f]{64}\b")


def installed() -> tuple[Path, str]:
    """The program and its version. Raises Problems."""
    return found("restic", "STANDFAST_RESTIC", INSTALL, OLDEST)


@dataclass(frozen=True)
class Restic:
    room: Room
    stores: Mapping[str, str]
    tool: Tool
    version: str

    @classmethod
    def of(cls, room: Room, stores: Mapping[str, str], key: str) -> Restic:
        """Find the program. Raises Problems."""
        program, version = installed()
        cloud = {one: os.environ[one] for one in os.environ if one.startswith("AWS_")}
        environment = {
            **plain_environment(room.user, room.folder), **cloud, **named_region(),
            "RESTIC_PASSWORD": key, "RESTIC_FROM_PASSWORD": key,
            "RESTIC_CACHE_DIR": str(room.folder / "cache"), "RESTIC_PROGRESS_FPS": "0",
        }  # fmt: skip
        return cls(room, stores, Tool(program, room.user, Owned(room.folder.parent / "running"), environment), version)

    def at(self, store: str) -> list[str]:
        return ["--repo", repository(self.stores[store]), *trusted(self.stores[store])]

    def prepare(self, store: str, like: str = "") -> None:
        """Make a store that is not there, cutting files as another does, and take away locks of runs that ended
        without theirs. Raises Problems."""
        other = ("--from-repo", repository(self.stores[like]), "--copy-chunker-params") if like else ()
        ran = self.tool.run(f"looking into {store}", [*self.at(store), "cat", "config"], ok=range(256))
        if ran.code and NO_STORE.search(ran.said):
            self.tool.run(f"making {store}", [*self.at(store), "init", *other])
        elif ran.code:
            raise trouble(f"looking into {store}", ran.said)
        self.tool.run(f"unlocking {store}", [*self.at(store), "unlock"])

    def is_there(self, store: str) -> bool:
        """Whether a store is at its place, be it one that cannot be read."""
        ran = self.tool.run(f"looking into {store}", [*self.at(store), "--no-lock", "cat", "config"], ok=range(256))
        return not (ran.code and NO_STORE.search(ran.said))

    def take(self, store: str, folder: Path, name: str) -> None:
        """A snapshot of a folder, called `name`. Raises Problems, also where some files could not be read."""
        words = ["backup", "--host", self.room.system, "--tag", f"{NAME}{name}", "."]
        self.tool.run(f"the backup to {store}", [*self.at(store), *words], cwd=folder)

    def copy(self) -> None:
        """What is near and not offsite, a run that was cut short included."""
        self.tool.run(
            "the copy to offsite", [*self.at("offsite"), "copy", "--from-repo", repository(self.stores["near"])]
        )

    def copies(self, store: str) -> list[Copy]:
        """Oldest first, by the name that is the same in both stores."""
        return sorted((self._copy(one) for one in self._snapshots(store)), key=lambda one: (one.at, one.name))

    def _snapshots(self, store: str) -> list[dict[str, Any]]:
        ran = self.tool.run(f"looking into {store}", [*self.at(store), "--no-lock", "snapshots", "--json"])
        return json.loads(ran.out or "[]") or []

    def _copy(self, one: dict[str, Any]) -> Copy:
        text = re.sub(r"\.\d+", "", one["time"]).replace("Z", "+00:00")
        held = [tag.removeprefix(HOLD) for tag in one.get("tags") or () if tag.startswith(HOLD)]
        return Copy(_name(one), datetime.fromisoformat(text).timestamp(), "snapshot", held=held[0] if held else "")

    def wrong(self, store: str) -> dict[str, str]:
        """Read everything in the store. Name of a snapshot ("" for the store itself) -> what is wrong with it."""
        quick = self.tool.run(f"verifying {store}", [*self.at(store), "check"], ok=range(256))
        ran = quick  # restic tries a pack that is gone again for a minute: not where the quick look tells it already
        if not quick.code:
            ran = self.tool.run(f"verifying {store}", [*self.at(store), "check", "--read-data"], ok=range(256))
        if not ran.code:
            return {}
        if "wrong password" in ran.said or "Is there a repository" in ran.said or "locked" in ran.said:
            raise trouble(f"verifying {store}", ran.said)
        told = [line.strip() for line in ran.err.splitlines() if line.strip()]
        first = re.sub(PACK, lambda match: match[0][:8], (told or ["restic does not say what"])[0])[:160]
        names = {one["short_id"]: _name(one) for one in self._snapshots(store)}
        damaged = sorted(set(PACK.findall("\n".join(line for line in told if "ack" in line))))
        hit = set()
        for pack in damaged[:50]:
            found = self.tool.run("finding what is damaged", [*self.at(store), "find", "--pack", pack], ok=range(256))
            hit |= {names[one] for one in re.findall(r"in snapshot (\w{8})", found.out) if one in names}
        return dict.fromkeys(sorted(hit), first) or {"": first}

    def hold(self, store: str, name: str, why: str) -> None:
        """`why` "" releases it."""
        one = self._called(store, name)
        for tag in one.get("tags") or ():
            if tag.startswith(HOLD):
                self.tool.run(f"releasing {name}", [*self.at(store), "tag", "--remove", tag, one["id"]])
                one = self._called(store, name)
        if why:
            self.tool.run(f"holding {name}", [*self.at(store), "tag", "--add", f"{HOLD}{why}", one["id"]])

    def remove(self, store: str, name: str) -> None:
        self.tool.run(f"removing {name}", [*self.at(store), "forget", self._called(store, name)["id"]])

    def remove_rest(self, store: str) -> None:
        """The data that no snapshot needs any more."""
        self.tool.run("removing what nothing needs", [*self.at(store), "prune"])

    def restore(self, store: str, folder: Path, name: str) -> None:
        """Bring a snapshot into a folder, and read what was written once more."""
        what = self._called(store, name)["id"]
        self.tool.run(
            f"restoring from {store}", [*self.at(store), "restore", what, "--target", str(folder), "--verify"]
        )

    def _called(self, store: str, name: str) -> dict[str, Any]:
        found = [one for one in self._snapshots(store) if _name(one) == name]
        if not found:
            raise Problems([Problem(f"there is no {name} in {store}", fix="standfast backup list SPEC")])
        return found[-1]


def _name(one: dict[str, Any]) -> str:
    tags = [tag.removeprefix(NAME) for tag in one.get("tags") or () if tag.startswith(NAME)]
    return tags[0] if tags else one["short_id"]
