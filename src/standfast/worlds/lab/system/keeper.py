"""What stays when the tool has ended: python -m standfast.worlds.lab.system.keeper FOLDER

It does what the cloud does in production: fails a database over to its standby, lets commits go on when the standby is
lost, and starts a program again that ended by itself. Alerts come in here too. All it sees and does is in events.jsonl.
It ends when the lab's record is gone.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standfast.problem import Problem, Problems
from standfast.worlds.lab.controller import Controller
from standfast.worlds.lab.system import launch
from standfast.worlds.lab.system.databases import Cluster, Node
from standfast.worlds.lab.system.launch import Run
from standfast.worlds.lab.system.world import EVENTS, SystemLab

EVERY = 0.25  # seconds between two looks at the programs
MOST = 4 * 2**20  # bytes of one message with alerts
WEBHOOK = 9099
STARTUP = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"  # SSLRequest of PostgreSQL's protocol: one byte comes back
HUNG = 1.0  # seconds without that byte


class Events:
    """Appends to events.jsonl: `at` (monotonic seconds, one clock for all processes), `time`, `what`, and facts."""

    def __init__(self, folder: Path):
        self.path, self.lock = folder / EVENTS, threading.Lock()

    def hear(self, what: str, **facts: Any) -> None:
        line = json.dumps({"at": round(time.monotonic(), 6), "time": round(time.time(), 3), "what": what, **facts})
        with self.lock, self.path.open("a", encoding="utf-8") as out:
            out.write(line + "\n")


class Watcher(Controller):
    """Watches one primary until it is lost. A server that is held up does not answer either, and is not waited for."""

    def __init__(self, cluster: Cluster, primary: Node, events: Events, failover: bool):
        self.cluster, self.failover = cluster, failover

        def hear(what: str, **facts: Any) -> None:
            events.hear(what, database=cluster.name, **facts)

        super().__init__(primary, self._take_over, hear)

    def _take_over(self) -> str:
        assert isinstance(self.primary, Node)
        if not self.failover:
            raise Problems([Problem(f"nothing can take over for {self.cluster.name}", "failover is switched off")])
        if self.primary.runs:  # or else there might be two that take writes
            self.primary.lose()
            self.hear("fenced", server=self.primary.name)
        return self.cluster.fail_over()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(self.primary.address, timeout=HUNG) as connection:
                connection.sendall(STARTUP)
                return len(connection.recv(1)) == 1
        except OSError:
            return False


class Keeper:
    def __init__(self, folder: Path):
        self.lab, self.events = SystemLab(folder), Events(folder)
        self.lab.open()
        self.events.hear("keeps")
        self.began = self.lab.state.get("began")
        self.remedies = {"restart": True, "failover": True, **self.lab.state.get("remedies", {})}
        self.watchers: dict[str, Watcher] = {}
        self.ended: dict[str, float] = {}  # program -> when it was seen to be gone
        self.apart: dict[str, int] = {}  # database -> looks in a row without a standby that follows

    def keep(self) -> None:
        turn = 0
        while self.lab.open() and self.lab.state.get("began") == self.began:
            lost = set(self.lab.lost())
            for run in self.lab.runs:
                self._program(run, lost)
            if turn % 4 == 0:
                for cluster in self.lab.clusters():
                    self._database(cluster, lost)
            turn += 1
            time.sleep(EVERY)

    def _program(self, run: Run, lost: set[str]) -> None:
        process = self.lab.records.named().get(run.name)
        if (
            run.again is None
            or not self.remedies["restart"]
            or run.host in lost
            or (process is not None and process.alive)
        ):
            self.ended.pop(run.name, None)
            return
        if run.name not in self.ended:
            self.ended[run.name] = time.monotonic()
            self.events.hear("ended", program=run.name)
        if time.monotonic() < self.ended[run.name] + run.again:
            return
        try:
            launch.start(run, self.lab.room, self.lab.site().user, self.lab.records)
            self.events.hear("started_again", program=run.name)
        except Problems as problems:
            self.events.hear("not_started", program=run.name, why=problems.problems[0].why)
        self.ended.pop(run.name, None)

    def _database(self, cluster: Cluster, lost: set[str]) -> None:
        watcher = self.watchers.get(cluster.name)
        if watcher is not None and watcher.thread.is_alive():
            self._together(cluster, watcher)
            return
        try:
            leader = cluster.leader()
        except Problems:
            return
        if leader is not None:
            self.watchers[cluster.name] = watcher = Watcher(cluster, leader, self.events, self.remedies["failover"])
            watcher.start()
            self.events.hear("leads", database=cluster.name, server=leader.name)

    def _together(self, cluster: Cluster, watcher: Watcher) -> None:
        """Where commits wait for a standby: no longer, once it is lost; and again, once one follows."""
        if not cluster.synchronous:
            return
        assert isinstance(watcher.primary, Node)
        try:
            follow = cluster.follows(watcher.primary)
            missing = 0 if follow else self.apart.get(cluster.name, 0) + 1
            if missing == 3:
                cluster.alone(watcher.primary)
                self.events.hear("alone", database=cluster.name, server=watcher.primary.name)
            elif follow and self.apart.get(cluster.name, 0) >= 3:
                cluster.together(watcher.primary)
                self.events.hear("together", database=cluster.name, server=watcher.primary.name)
            self.apart[cluster.name] = missing
        except Problems:
            return  # the watcher sees the same, and acts


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
    threading.Thread(target=server.serve_forever, daemon=True).start()
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
