"""The keeper as the lab starts it: a process that stays when the tool has ended."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from standfast.problem import Problem, Problems
from standfast.worlds.lab.binaries import User
from standfast.worlds.lab.services.builtin import python_path
from standfast.worlds.lab.system import launch
from standfast.worlds.lab.system.launch import Run

if TYPE_CHECKING:
    from standfast.worlds.lab.system.world import SystemLab

KEEPER, PROGRAM, EVENTS = "keeper", "standfast.worlds.lab.keeper", "events.jsonl"


def start_keeper(lab: SystemLab) -> None:
    """Start it, and wait until it watches every database: from then on a primary may be lost."""
    log, events = lab.folder / "keeper.log", lab.folder / EVENTS
    run = Run(
        KEEPER, "", (sys.executable, "-m", PROGRAM, str(lab.folder)), str(lab.folder), str(log), "", 0,
        environment=python_path(), unprivileged=False,
    )  # fmt: skip
    process = launch.start(run, lab.room, User(), lab.records)
    databases, deadline = len(lab.state["databases"]), time.monotonic() + launch.PATIENCE
    while not (events.exists() and events.read_text(encoding="utf-8").count('"leads"') >= databases):
        if not process.alive or time.monotonic() > deadline:
            said = log.read_text(errors="replace").strip().splitlines()[-2:]
            raise Problems([Problem("the lab's keeper did not come up", " / ".join(said)[-400:])])
        time.sleep(0.02)
