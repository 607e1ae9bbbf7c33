"""One process of the lab: started, asked whether it is ready, recorded, found again, ended.

Each has a record of its own, so that the tool and the keeper can both write: `processes/<name>.json`.
"""

from __future__ import annotations

import errno
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from standfast.files import write_atomically
from standfast.problem import Problem, Problems
from standfast.worlds.lab.addresses import outside
from standfast.worlds.lab.binaries import User
from standfast.worlds.lab.processes import MARK, Owned, children, end, kill
from standfast.worlds.lab.system.room import FIX
from standfast.worlds.process import Process, began
from standfast.worlds.shared_memory import forget

PATIENCE = 60.0  # seconds until a program that does not answer is given up
TAIL = 1500  # characters of a log that are looked at for what went wrong
RECORDS = "processes"
RESTART = 5.0  # seconds: RestartSec of the role's unit (service/templates/limits.conf.j2)
TELLING = ("FATAL", "PANIC", "ERROR", "[ALERT]", "[emerg]", "level=error", "err=", "Error", "error:")


@dataclass(frozen=True)
class Run:
    """A program of a host. `name` is the host's, with `.what` for what runs beside its main program.

    `ready`: a path that answers 200 over HTTP, "" where a connection is enough. `again`: seconds until it is started
    again where it ends by itself, as the role's unit has it; None: never.
    """

    name: str
    host: str
    command: tuple[str, ...]
    folder: str
    log: str
    address: str
    port: int
    ready: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    unprivileged: bool = True
    again: float | None = None
    own: bool = False  # a service's own command

    @classmethod
    def of(cls, told: dict[str, Any]) -> Run:
        known: dict[str, Any] = {**told, "command": tuple(told["command"])}
        return cls(**known)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Records(Owned):
    """What a lab has started, one file for each process."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.path = folder / RECORDS

    def all(self) -> tuple[Process, ...]:
        return tuple(self.named().values())

    def named(self) -> dict[str, Process]:
        names = [path.name.removesuffix(".json") for path in sorted(self.path.glob("*.json"))]
        return {name: process for name in names if (process := self.one(name)) is not None}

    def one(self, name: str) -> Process | None:
        try:
            told = json.loads((self.path / f"{name}.json").read_text(encoding="utf-8"))
            return Process(int(told["pid"]), str(told["began"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def add(self, process: Process, what: str) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        host, _, child = what.partition(": ")  # a child of a server that is held up: there may be several
        name = f"{host}.{child}.{process.pid}" if child else what
        write_atomically(self.path / f"{name}.json", json.dumps({"pid": process.pid, "began": process.began}) + "\n")

    def end_all(self) -> int:
        alive = [one for one in self.all() if one.alive]
        end_families(alive)
        forget(self.all())  # also of those that were dead before
        for path in self.path.glob("*.json"):
            path.unlink(missing_ok=True)
        return len(alive)


def start(run: Run, room: Path, user: User, records: Records) -> Process:
    """Start a program and record it. Raises Problems where it cannot be started."""
    log = Path(run.log)
    log.parent.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
    environment = {**kept, "HOME": run.folder, "TZ": "UTC", **run.environment, MARK: str(room)}
    try:
        with log.open("ab") as out:
            user.own(log)  # who ships the host's lines reads it, whoever writes it
            child = subprocess.Popen(
                run.command, cwd=run.folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, umask=0o077, **(user.arguments if run.unprivileged else {}),
            )  # fmt: skip
    except OSError as error:
        raise Problems(
            [
                Problem(
                    f"{run.name} could not be started",
                    str(error),
                    "",
                )
            ]
        ) from error
    process = Process(child.pid, began(child.pid))
    try:
        records.add(process, run.name)
    except OSError as error:  # what is not written down would not be found again
        kill([process])
        raise Problems([Problem(f"{run.name} could not be written down", error.strerror or str(error), FIX)]) from error
    return process


def wait_ready(run: Run, process: Process, begin: int = 0, patience: float = PATIENCE) -> None:
    """Wait until it answers. Raises Problems, with the end of its log, when it ends instead or never answers."""
    deadline = time.monotonic() + patience
    while True:
        check_alive(run, process, begin)
        if answers(run):
            break
        if time.monotonic() > deadline:
            raise Problems([_died(run, f"does not answer on {run.address}:{run.port} after {patience:.0f} s", begin)])
        time.sleep(0.02)
    check_listeners([process], run.name)


def check_alive(run: Run, process: Process, begin: int = 0) -> None:
    """Raises Problems, with the end of its log, when it has ended."""
    _collect(process)
    if not process.alive:
        raise Problems([_died(run, "ended while it started", begin)])


def answers(run: Run, timeout: float = 1.0) -> bool:
    """Whether the program answers as it should."""
    if not run.port:
        return True  # it listens nowhere: that it runs is all that can be asked
    try:
        if not run.ready:
            with socket.create_connection((run.address, run.port), timeout=timeout):
                return True
        return get(run.address, run.port, run.ready, timeout=timeout)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def get(
    address: str, port: int, path: str, *, authority: str = "", host: str = "", timeout: float = 5.0
) -> tuple[int, bytes]:
    """Status and body of a request; over TLS, verified against `authority`, where one is named."""
    if authority:
        context = ssl.create_default_context(cafile=authority)
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            address, port, timeout=timeout, context=context
        )
    else:
        connection = http.client.HTTPConnection(address, port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _died(run: Run, state: str, begin: int) -> Problem:
    said = ""
    try:
        with Path(run.log).open("rb") as log:
            log.seek(begin)
            said = log.read()[-TAIL:].decode(errors="replace")
    except OSError:
        pass
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in TELLING)]
    full = os.strerror(errno.ENOSPC) in said
    fix = FIX if full else ""
    why = " / ".join(line[-220:] for line in (telling or lines)[-2:])
    return Problem(f"{run.name} {state}", why or "it printed nothing", fix)


def check_listeners(processes: Iterable[Process], name: str = "the lab") -> None:
    """Raises Problems when one of these, or a child of it, listens on another address than of 127.0.0.0/8."""
    found = outside({one.pid: 0 for one in families(processes)})
    if found:
        what = f"{name} listens on {', '.join(sorted(set(found.values())))}, not on a loopback address"
        raise Problems([Problem(what, "others could reach it", "tell it where to listen: the lab was taken down")])


def _collect(process: Process) -> None:
    try:
        os.waitpid(process.pid, os.WNOHANG)
    except (ChildProcessError, ValueError):
        return


def family(process: Process) -> list[Process]:
    """The process with all that it has started, and they have: parents first."""
    return families([process])


def families(processes: Iterable[Process]) -> list[Process]:
    below = tree() if Path("/proc/self/stat").exists() else {}
    found, todo = [], list(processes)
    while todo:
        one = todo.pop(0)
        found.append(one)
        todo += below.get(one.pid, []) if below else children(one.pid)
    return found


def tree() -> dict[int, list[Process]]:
    """Every process of the system by the number of its parent, from one look."""
    below: dict[int, list[Process]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] not in "ZX":
                below.setdefault(int(fields[1]), []).append(Process(int(folder.name), fields[19]))
    return below


def end_families(processes: Iterable[Process], grace: float = 3.0) -> None:
    """End processes with all that they have started: PostgreSQL at once, others by SIGTERM, then killed."""
    alive = [one for one in processes if one.alive]
    servers = [one for one in alive if _is_postgres(one)]
    others = families(one for one in alive if one not in servers)
    for one in others:
        one.signal(signal.SIGCONT)
        one.signal(signal.SIGTERM)
    end(servers, grace)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline:
        for one in others:
            _collect(one)
        if not any(one.alive for one in others):
            break
        time.sleep(0.02)
    kill(others)


def _is_postgres(process: Process) -> bool:
    try:
        return Path(f"/proc/{process.pid}/comm").read_text().strip() == "postgres"
    except OSError:
        return False
