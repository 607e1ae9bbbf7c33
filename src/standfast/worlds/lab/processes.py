"""The processes a lab has started, on disk, so that the next run ends what a killed run left behind.

Only what is in the record, and is still the same process, is ever ended.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from standfast.files import write_atomically
from standfast.worlds.process import Process, began
from standfast.worlds.shared_memory import forget

RECORD = "processes.json"
MARK = "STANDFAST_LAB_ROOM"  # in the environment of every process: the room it belongs to
NUMBERED = (  # where in a room programs note their numbers
    "*/run/*/*.pid", "*/run/*.pid", "*/var/lib/postgresql/data/postmaster.pid", "*/postmaster.pid",
)  # fmt: skip


class Owned:
    """The record of one lab. Written before the process it names does anything of note."""

    def __init__(self, folder: Path):
        self.path = folder / RECORD

    def all(self) -> tuple[Process, ...]:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            return tuple(Process(int(one["pid"]), str(one["began"])) for one in kept)
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    def named(self) -> dict[str, Process]:
        """By what they are."""
        return {str(one.get("what", "")): Process(one["pid"], one["began"]) for one in self._kept()}

    def one(self, name: str) -> Process | None:
        return self.named().get(name)

    def add(self, process: Process, what: str) -> None:
        self._write([*self._kept(), {"pid": process.pid, "began": process.began, "what": what}])

    def _kept(self) -> list[dict]:
        alive = {one.pid for one in self.all() if one.alive}
        try:
            return [one for one in json.loads(self.path.read_text(encoding="utf-8")) if one["pid"] in alive]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def _write(self, kept: list[dict]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, json.dumps(kept, indent=1) + "\n")

    def end_all(self) -> int:
        """End every process of the record that still runs, with its children. How many there were."""
        alive = [one for one in self.all() if one.alive]
        end(alive)
        forget(self.all())  # also of those that were dead before
        self.path.unlink(missing_ok=True)
        return len(alive)


def strays(room: Path) -> list[Process]:
    """Processes of this room that no record names: the tool was killed just as it started them.

    Two things together are proof: it works in the room, has its number in a file of the room, has the room's mark in
    its environment, has its home in the room (PostgreSQL and nginx write over their environment, rsyslog works in /, a
    service's own command and what it starts work where the spec lies).
    """
    numbered = set()
    for pattern in NUMBERED:
        for note in room.glob(pattern):
            try:
                numbered.add(int(note.read_text().split()[0]))
            except (OSError, ValueError, IndexError):
                continue
    mark, home = f"{MARK}={room}".encode(), f"HOME={room}/".encode()
    found = []
    for folder in Path("/proc").iterdir() if Path("/proc/self/stat").exists() else ():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            works = (folder / "cwd").readlink().is_relative_to(room.resolve())
            noted = int(folder.name) in numbered
            told = [] if works and noted else (folder / "environ").read_bytes().split(b"\0")
            if works + noted + (mark in told) + any(one.startswith(home) for one in told) >= 2:
                found.append(Process.of(int(folder.name)))
        except OSError:
            continue
    return found


def end(servers: Iterable[Process], grace: float = 3.0) -> None:
    """End servers with all their children, now: first asked for an immediate shutdown, then killed.

    A stopped process does not hear, and PostgreSQL's children each have a session of their own, so they are
    known before their parent goes.
    """
    servers = [one for one in servers if one.alive]
    families = {one: [one, *children(one.pid)] for one in servers}
    for one in servers:
        for member in families[one]:
            member.signal(signal.SIGCONT)
        one.signal(signal.SIGQUIT)
    deadline = time.monotonic() + grace
    while any(reap(one) for one in servers) and time.monotonic() < deadline:
        time.sleep(0.01)
    kill([process for family in families.values() for process in family])


def kill(processes: Iterable[Process]) -> None:
    """SIGKILL, in the order given, and wait until they are gone."""
    processes = list(processes)
    for one in processes:
        one.signal(signal.SIGKILL)
    deadline = time.monotonic() + 5.0
    while any(reap(one) for one in processes) and time.monotonic() < deadline:
        time.sleep(0.005)
    forget(processes)


def reap(process: Process) -> bool:
    """Whether it still runs. Collects it if it was our own child and has ended."""
    if process.alive:
        return True
    try:
        os.waitpid(process.pid, os.WNOHANG)
    except (ChildProcessError, ValueError):
        return False
    return False


def children(pid: int) -> list[Process]:
    """The direct children of a process: all of PostgreSQL's are direct."""
    if Path("/proc/self/stat").exists():
        pairs = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    fields = (folder / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                pairs.append((int(folder.name), int(fields[1])))
    else:
        told = subprocess.run(["ps", "-ax", "-o", "pid=,ppid="], capture_output=True, text=True, check=False).stdout
        pairs = [(int(one), int(parent)) for one, parent in map(str.split, told.splitlines())]
    return [Process(one, began(one)) for one, parent in pairs if parent == pid]
