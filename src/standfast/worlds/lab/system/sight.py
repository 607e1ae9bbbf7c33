"""What runs now: each program with its process, whether it answers, and the memory it uses."""

from __future__ import annotations

import http.client
import json
import shutil
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standfast.worlds.lab.addresses import outside
from standfast.worlds.lab.contents import accepts_writes
from standfast.worlds.lab.postgres import Unanswered
from standfast.worlds.lab.system import launch, tells
from standfast.worlds.process import Process

if TYPE_CHECKING:
    from standfast.worlds.lab.system.hosts import Host
    from standfast.worlds.lab.system.world import SystemLab

SEEN_BY_UP = ("InstancesMissing", "StoreMissing")
CLOCK = 3.0  # seconds: an answer is dated to the second
FULL = 16 * 2**20  # bytes that are free of a disk that nobody can work on
WELL = ("ready", "leads", "follows")


def seen(lab: SystemLab) -> Mapping[str, Any]:
    """`hosts`: one row per program: host, component, role, zone, address, port, pid, state, memory (MiB or None).

    `state`: ready; leads, follows (a database); apart (answers, and does not follow); stopped (held up); silent (runs,
    and does not answer); clock off (a service whose clock is another than this machine's); lost. `tells`: what it says
    of its promises. `outside`: programs that others than this machine could reach, and where.
    """
    if not lab.state:
        nothing = {"system": "", "well": False, "verdict": "the lab does not stand", "folder": str(lab.folder)}
        return {**nothing, "hosts": [], "keeper": False, "entries": [], "missing": [], "outside": {}}
    records, hosts = lab.records.named(), {one.name: one for one in lab.hosts}
    told = {run.name: _state(run, records.get(run.name)) for run in lab.runs}
    for run in lab.runs:
        if told[run.name] == "ready" and hosts[run.host].role == "service" and abs(_skew(run)) > CLOCK:
            told[run.name] = "clock off"
    for cluster in lab.clusters():
        for node in cluster.nodes:
            process = records.get(node.name)
            state = "lost" if process is None or not process.alive else _held(process.pid)
            if not state:
                state = "leads" if accepts_writes(node) else "follows" if _answers(node) else "silent"
            told[node.name] = state
    said = tells.tells(lab, told)
    told |= {name: "apart" for name, words in said.items() if words == tells.NOT}
    below = launch.tree()
    rows: list[dict[str, Any]] = []
    names = {run.name: run for run in lab.runs}
    for name, state in told.items():
        host = hosts[names[name].host if name in names else name]
        process = records.get(name)
        alive = process is not None and process.alive
        port = names[name].port if name in names else host.port
        rows.append(
            {
                "name": name, "component": host.component, "role": host.role, "zone": host.zone,
                "address": host.address, "port": port, "pid": process.pid if process and alive else None,
                "state": state, "memory": memory(process, below) if process and alive else None,
                "tells": said.get(name, ""),
            }
        )  # fmt: skip
    order = [one.name for one in lab.hosts]
    rows.sort(
        key=lambda row: (order.index(names[row["name"]].host if row["name"] in names else row["name"]), row["name"])
    )
    entries = [entry(lab, host) for host in lab.entries]
    down = [row["name"] for row in rows if row["state"] not in WELL]
    unanswered = [one["host"] for one in entries if one["status"] != 200]
    used = [row["memory"] for row in rows if row["memory"] is not None]
    reached = _reached(records, {row["name"]: row["port"] for row in rows})
    keeper = lab.records.one("keeper")
    kept = keeper is not None and keeper.alive
    system, well = lab.state.get("system", ""), kept and not down and not unanswered and not reached
    verdict = f"{system} stands: {len(rows)} programs run" if well else f"{system} does not stand as planned"
    verdict += f"; {', '.join(down)} not well" if down else ""
    verdict += f"; no good answer from {' and '.join(unanswered)}" if unanswered else ""
    verdict += "" if kept else "; its keeper is gone: nothing fails over, nothing is started again"
    verdict += "".join(f"; others can reach {name} at {at}" for name, at in reached.items())
    verdict += "; the disk it is on is full" if shutil.disk_usage(lab.room).free < FULL else ""
    verdict += f"; {sum(used):,.0f} MiB" if used else ""
    return {
        "system": system, "well": well, "verdict": verdict, "folder": str(lab.folder), "hosts": rows,
        "keeper": kept, "entries": entries, "missing": [one["what"] for one in lab.state.get("missing", ())],
        "outside": reached,
    }  # fmt: skip


def _reached(records: Mapping[str, Process], ports: Mapping[str, int]) -> dict[str, str]:
    """Program -> where others than this machine could reach it: by TCP or UDP, outside of 127.0.0.0/8."""
    whose = {one.pid: name for name, process in records.items() if process.alive for one in launch.family(process)}
    return {whose[pid]: at for pid, at in outside({pid: ports.get(name, 0) for pid, name in whose.items()}).items()}


def entry(lab: SystemLab, host: Host) -> dict[str, Any]:
    """What a user gets there now."""
    began, status = time.monotonic(), 0
    try:
        status, _ = launch.get(host.address, host.port, "/", authority=str(lab.room / "authority.pem"), timeout=5.0)
        answer = f"answers {status} in {(time.monotonic() - began) * 1000:.0f} ms"
    except (OSError, http.client.HTTPException) as error:
        answer = f"does not answer: {error}"
    return {"host": host.name, "url": f"https://{host.address}:{host.port}/", "status": status, "answer": answer}


def unwatched(lab: SystemLab) -> str:
    """What Prometheus does not see, or sees as missing: what it has not found yet is no instance that was lost. ""
    where it sees all, or there is none."""
    watch = next((run for run in lab.runs if run.name == run.host and run.ready == "/-/ready"), None)
    if watch is None:
        return ""
    try:
        targets, alerts = (
            json.loads(launch.get(watch.address, watch.port, f"/api/v1/{path}", timeout=2.0)[1])["data"]
            for path in ("targets?state=active", "alerts")
        )
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        return f"Prometheus does not tell: {error}"
    down = [one["labels"]["job"] for one in targets["activeTargets"] if one["health"] != "up"]
    missing = [one["labels"]["alertname"] for one in alerts["alerts"] if one["labels"]["alertname"] in SEEN_BY_UP]
    return ", ".join([*down, *missing] or ([] if targets["activeTargets"] else ["everything"]))


def _state(run: launch.Run, process: Any) -> str:
    if process is None or not process.alive:
        return "lost"
    return _held(process.pid) or ("ready" if launch.answers(run, 0.5) else "silent")


def _skew(run: launch.Run, timeout: float = 1.0) -> float:
    """Seconds by which the date of its answer is ahead of this machine's clock; 0 where it tells none."""
    connection = http.client.HTTPConnection(run.address, run.port, timeout=timeout)
    try:
        connection.request("GET", run.ready or "/")
        told = connection.getresponse().getheader("date", "")
        return parsedate_to_datetime(told).timestamp() - time.time()
    except (OSError, http.client.HTTPException, ValueError, TypeError):
        return 0.0
    finally:
        connection.close()


def _held(pid: int) -> str:
    try:
        return "stopped" if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T" else ""
    except OSError:
        return ""


def _answers(node: Any) -> bool:
    try:
        return node.ask("SELECT 1") == 1
    except Unanswered:
        return False


def memory(process: Process, below: Mapping[int, list[Process]]) -> float | None:
    """MiB that the process and its children use, what they share counted once (PSS); None where it is not told."""
    total, todo = 0, [process]
    while todo:
        one = todo.pop()
        todo += below.get(one.pid, [])
        try:
            text = Path(f"/proc/{one.pid}/smaps_rollup").read_text()
        except OSError:
            return None
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return round(total / 1024, 1)
