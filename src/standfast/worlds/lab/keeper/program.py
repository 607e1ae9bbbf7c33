"""Looks after the databases and programs of a lab, until the lab's record is gone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from standfast.problem import Problems
from standfast.worlds.lab.keeper.ends import Ends
from standfast.worlds.lab.keeper.events import Events
from standfast.worlds.lab.keeper.watcher import Watcher
from standfast.worlds.lab.system import launch
from standfast.worlds.lab.system.databases import Cluster, Node
from standfast.worlds.lab.system.launch import Run
from standfast.worlds.lab.system.world import LOST, STATE, SystemLab
from standfast.worlds.process import Process

EVERY = 0.25  # seconds between two looks at what is recorded
LOOK = 1.0  # seconds between two looks at a database
APART = 3.0  # seconds without a standby that follows, until commits go on alone
SETTLED = 50_000_000  # nanoseconds


class Keeper:
    def __init__(self, folder: Path):
        self.lab, self.events, self.ends = SystemLab(folder), Events(folder), Ends()
        self.lab.open()
        self.events.hear("keeps")
        self.began = self.lab.state.get("began")
        self.remedies = {"restart": True, "failover": True, **self.lab.state.get("remedies", {})}
        self.watchers: dict[str, Watcher] = {}
        self.ended: dict[str, float] = {}  # program -> when it was seen to be gone
        self.alone: set[str] = set()  # databases whose commits wait for nobody, since nobody follows
        self.read: tuple[Any, ...] = ()  # of the files that say what there is: when each was written last
        self.again: list[Run] = []  # the programs that are started again
        self.records: dict[str, Process] = {}
        self.lost: set[str] = set()

    def keep(self) -> None:
        looked = 0.0
        while self._stands():
            for run in self.again:
                self._program(run)
            if time.monotonic() > looked + LOOK:
                looked = time.monotonic()
                for cluster in self.lab.clusters():
                    self._database(cluster)
            self.ends.wait(EVERY)

    def _stands(self) -> bool:
        """Read again what has changed: who is recorded, what is lost on purpose. False once the lab was taken down."""
        files = (self.lab.folder / STATE, self.lab.folder / LOST, self.lab.records.path)
        now = time.time_ns()
        written = tuple(_written(one) for one in files)
        if written == self.read:
            return True
        # A file system's clock ticks every few milliseconds: what was written just now may be written again unseen.
        self.read = written if now - max(written) > SETTLED else ()
        if not self.lab.open() or self.lab.state.get("began") != self.began:
            return False
        self.again = [run for run in self.lab.runs if run.again is not None] if self.remedies["restart"] else []
        self.records, self.lost = self.lab.records.named(), set(self.lab.lost())
        self.ends.watch(self.records[run.name] for run in self.again if run.name in self.records)
        return True

    def _program(self, run: Run) -> None:
        process = self.records.get(run.name)
        if run.host in self.lost or (process is not None and self.ends.alive(process)):
            self.ended.pop(run.name, None)
            return
        if run.name not in self.ended:
            self.ended[run.name] = time.monotonic()
            self.events.hear("ended", program=run.name)
        if time.monotonic() < self.ended[run.name] + (run.again or 0.0):
            return
        try:
            launch.start(run, self.lab.room, self.lab.site().user, self.lab.records)
            self.events.hear("started_again", program=run.name)
        except Problems as problems:
            self.events.hear("not_started", program=run.name, why=problems.problems[0].why)
        self.ended.pop(run.name, None)
        self.read = ()

    def _database(self, cluster: Cluster) -> None:
        watcher = self.watchers.get(cluster.name)
        if watcher is not None and watcher.thread.is_alive():
            self._together(cluster, watcher)
            return
        try:
            leader = cluster.leader()
        except Problems:
            return
        if leader is not None:
            watcher = Watcher(cluster, leader, self.events.hear, self.remedies["failover"])
            self.watchers[cluster.name] = watcher
            watcher.start()
            self.events.hear("leads", database=cluster.name, server=leader.name)

    def _together(self, cluster: Cluster, watcher: Watcher) -> None:
        """Where commits wait for a standby: no longer, once it is lost; and again, once one follows."""
        if not cluster.synchronous:
            return
        assert isinstance(watcher.primary, Node)
        try:
            if watcher.apart > APART and cluster.name not in self.alone:
                cluster.alone(watcher.primary)
                self.alone.add(cluster.name)
                self.events.hear("alone", database=cluster.name, server=watcher.primary.name)
            elif watcher.apart < APART and cluster.name in self.alone:
                cluster.together(watcher.primary)
                self.alone.discard(cluster.name)
                self.events.hear("together", database=cluster.name, server=watcher.primary.name)
        except Problems:
            return  # the watcher sees the same, and acts


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
