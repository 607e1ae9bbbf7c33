"""Where the emulator's server is: started once for a folder, found again by later runs, ended by its own."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from standfast.problem import Problem, Problems
from standfast.worlds.process import Process

START_PATIENCE = 60.0  # seconds; about one is usual, a busy machine may need more
ANSWER_PATIENCE = 30.0  # seconds until a server that lives and is silent is a problem
EXTRA = "pip install 'standfast[emulator]'"


@dataclass(frozen=True)
class Endpoint:
    process: Process
    port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        return self.process.alive

    @property
    def silence(self) -> str:
        """Why it does not answer as our server would; "" when it does."""
        from standfast.worlds.emulator.server import HEALTH

        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by way of a proxy
        try:
            with opener.open(self.url + HEALTH, timeout=10) as reply:
                told = reply.read().decode()
        except (OSError, HTTPException) as error:
            return f"{type(error).__name__}: {error}"
        return "" if told == self.token else "another server listens on its port"


def find_endpoint(folder: Path) -> Endpoint | None:
    """The server that was started for this world's folder and is still there; None without one.

    Raises Problems when its process lives and does not answer: that is no reason to give up what it holds.
    """
    try:
        record = json.loads((folder / "server.json").read_text())
        found = Endpoint(Process(record["pid"], record["began"]), record["port"], record["token"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problems([Problem(f"{folder / 'server.json'} cannot be read", str(error))]) from error
    deadline = time.monotonic() + ANSWER_PATIENCE
    while found.alive:
        silence = found.silence
        if not silence:
            return found
        if time.monotonic() > deadline:
            fix = f"try again; if it stays silent, end process {found.process.pid}, and apply starts over"
            raise Problems([Problem("the emulator's server does not answer", silence, fix)])
        time.sleep(0.2)
    return None


def start_endpoint(folder: Path) -> Endpoint:
    """The server of this folder: the one that runs, else a new one, detached so that it outlives this run.

    Raises Problems when it cannot start. Call it with the workspace locked.
    """
    if found := find_endpoint(folder):
        return found
    if missing := [name for name in ("moto", "flask", "boto3") if importlib.util.find_spec(name) is None]:
        raise Problems([Problem(f"the emulator needs {', '.join(missing)}", "it is an optional part", EXTRA)])
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    command = [sys.executable, "-m", "standfast.worlds.emulator.server", str(folder.resolve())]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    with log.open("ab") as out:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, env=environment
        )
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline:
        # A run that was killed while it started a server may have left one that is about to answer: then the
        # new one finds the folder taken and ends, and the first one's record appears.
        if found := find_endpoint(folder):
            return found
        if child.poll() not in (None, 3):
            break
        time.sleep(0.05)
    child.kill()
    child.wait()
    last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
    raise Problems([Problem("the emulator's server did not start", last[0], f"read {log}, then try again")])


def join_endpoint(folder: Path, host: Path) -> Endpoint:
    """The server of another world's folder, for this folder as well. Raises Problems where it is not there."""
    found = find_endpoint(host)
    if found is None:
        raise Problems([Problem("the emulator of the first site is not running", fix="standfast apply SPEC")])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "server.json").write_text((host / "server.json").read_text())
    return found


def end_endpoint(folder: Path) -> None:
    """End this folder's server, if one is there, and forget it."""
    record = folder / "server.json"
    try:
        known = json.loads(record.read_text())
        Process(known["pid"], known["began"]).end()
    except (OSError, ValueError, KeyError, TypeError):
        pass
    record.unlink(missing_ok=True)
