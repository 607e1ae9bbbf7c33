"""What stays when the tool has ended: python -m standfast.worlds.lab.system.keeper FOLDER

It does what the cloud does in production: fails a database over to its standby, lets commits go on when the standby is
lost, and starts a program again that ended by itself. Alerts come in here too. All it sees and does is in events.jsonl.
It ends when the lab's record is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standfast.problem import Problems
from standfast.worlds.lab.processes import reap
from standfast.worlds.lab.system import launch
from standfast.worlds.lab.system.databases import Cluster, Node
from standfast.worlds.lab.system.keeping import EVENTS
from standfast.worlds.lab.system.launch import Run
from standfast.worlds.lab.system.watcher import Watcher
from standfast.worlds.lab.system.world import LOST, STATE, SystemLab
from standfast.worlds.process import Process

EVERY = 0.25  # seconds between two looks at what is recorded
LOOK = 1.0  # seconds between two looks at a database
APART = 3.0  # seconds without a standby that follows, until commits go on alone
SETTLED = 50_000_000  # nanoseconds
MOST = 4 * 2**20  # bytes of one message with alerts
WEBHOOK = 9099


class Events:
    """Appends to events.jsonl: `at` (monotonic seconds, one clock for all processes), `time`, `what`, and facts."""

    def __init__(self, folder: Path):
        self.path, self.lock = folder / EVENTS, threading.Lock()

    def hear(self, what: str, **facts: Any) -> None:
        line = json.dumps({"at": round(time.monotonic(), 6), "time": round(time.time(), 3), "what": what, **facts})
        with self.lock, self.path.open("a", encoding="utf-8") as out:
            out.write(line + "\n")


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


class Ends:
    """Which processes have ended, without asking for each again and again: the kernel says so (pidfd, Linux 5.3)."""

    def __init__(self) -> None:
        self.poll, self.open = select.poll(), dict[Process, int]()

    def watch(self, processes: Iterable[Process]) -> None:
        """These, and no others."""
        wanted = set(processes)
        for process in self.open.keys() - wanted:
            self._forget(process)
        for process in wanted - self.open.keys():
            with contextlib.suppress(OSError, AttributeError):  # it is gone; or the kernel cannot tell: `alive` asks
                descriptor = os.pidfd_open(process.pid)
                self.open[process] = descriptor
                self.poll.register(descriptor, select.POLLIN)
                if not process.alive:  # the number was another's by now
                    self._forget(process)

    def alive(self, process: Process) -> bool:
        return process in self.open or process.alive

    def wait(self, seconds: float) -> None:
        """Until one ends, and no longer than this."""
        ended = {descriptor for descriptor, _ in self.poll.poll(seconds * 1000)}
        for process in [one for one, descriptor in self.open.items() if descriptor in ended]:
            self._forget(process)
            reap(process)  # it may have been started here

    def _forget(self, process: Process) -> None:
        descriptor = self.open.pop(process)
        self.poll.unregister(descriptor)
        os.close(descriptor)


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def receive_alerts(address: str, events: Events) -> ThreadingHTTPServer:
    """The webhook of Alertmanager; where there is none, Prometheus sends its alerts here itself.

    Each alert is an event with its name, state, labels and times, once when it begins and once when it ends.
    """
    told_last: dict[str, str] = {}

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            try:
                if not 0 < length <= MOST:
                    raise ValueError(f"{length} bytes")
                told = json.loads(self.rfile.read(length))
                routed = isinstance(told, dict)
                for alert in told["alerts"] if routed else told:
                    labels = alert["labels"]
                    state = alert["status"] if routed else _state(alert["endsAt"])
                    known = json.dumps(labels, sort_keys=True)
                    if told_last.get(known) == state:
                        continue  # said again, as it is as long as it lasts
                    told_last[known] = state
                    who = told.get("receiver", "") if routed else "prometheus"
                    when = {"starts": alert.get("startsAt", ""), "ends": alert.get("endsAt", "")}
                    events.hear("alert", name=labels["alertname"], state=state, labels=labels, receiver=who, **when)
            except (ValueError, KeyError, TypeError) as error:
                self.send_error(400, str(error)[:100])
                return
            self.send_response(200)
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer((address, WEBHOOK), Receiver)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[3600], daemon=True).start()  # seconds: it is never asked to end
    return server


def _state(ends: str) -> str:
    """Prometheus tells of an alert that goes on when it would end: a few minutes from now."""
    return "firing" if datetime.fromisoformat(ends.replace("Z", "+00:00")) > datetime.now(UTC) else "resolved"


def main(argv: list[str]) -> int:
    keeper = Keeper(Path(argv[0]))
    watch = next((one for one in keeper.lab.hosts if one.role == "watch"), None)
    if watch is not None:
        receive_alerts(watch.address, keeper.events)
    keeper.keep()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
