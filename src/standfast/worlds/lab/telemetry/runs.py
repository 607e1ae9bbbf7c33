"""The programs as the lab starts them: the one that keeps lines and traces, and rsyslog on every host."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from standfast.plan import Plan
from standfast.worlds.lab.binaries import _works
from standfast.worlds.lab.roles.tasks import configured
from standfast.worlds.lab.roles.values import Values
from standfast.worlds.lab.services.builtin import OTLP, make_folder, python_path
from standfast.worlds.lab.system import programs
from standfast.worlds.lab.system.disks import planned_disks
from standfast.worlds.lab.system.hosts import Host
from standfast.worlds.lab.system.launch import RESTART, Run
from standfast.worlds.lab.system.room import Place
from standfast.worlds.lab.telemetry.masking import masks_config
from standfast.worlds.lab.telemetry.store import FILE

TELEMETRY = "standfast.worlds.lab.telemetry"
LINES = 6514


def telemetry_run(plan: Plan, watch: Host, hosts: tuple[Host, ...], folder: Path, place: Place) -> Run:
    """`folder`: the lab's own, where its processes are recorded. Runs as whoever runs the lab, as the keeper does."""
    root = place.root(watch.name)
    for one in ("var/log", "etc", "var/lib/telemetry"):
        make_folder(root / one, place)
    path, file, disks = root / "etc/telemetry.json", root / FILE, planned_disks(plan, hosts)
    config = {
        "address": watch.address, "lines_port": LINES, "http_port": OTLP, "file": str(file), "lab": str(folder),
        "hosts": [{**asdict(one), "root": str(place.root(one.name)), "disk": disks.get(one.name, 0)} for one in hosts],
        "masks": masks_config(plan),
    }  # fmt: skip
    path.write_text(json.dumps(config, indent=1) + "\n")
    return Run(
        f"{watch.name}.telemetry", watch.name, (sys.executable, "-m", TELEMETRY, str(path)), str(root),
        str(root / "var/log/telemetry.log"), watch.address, OTLP, ready="/", environment=python_path(),
        unprivileged=False, again=RESTART,
    )  # fmt: skip


def shipper_run(host: Host, values: Values, watch: Host, place: Place) -> Run:
    """The host's rsyslog, as the role sets it up."""
    root = place.root(host.name)
    program, modules, environment = _unpacked(place)
    told = values.with_(
        {
            "log_shipper_program": str(program), "log_shipper_modules": modules, "log_shipper_environment": environment,
            "log_shipper_target": watch.address, "log_shipper_port": LINES,
            "log_shipper_files": [str(root / "var/log/*.log")],
        }
    )  # fmt: skip
    made = configured("log_shipper", told, "ship.yml")
    for path, mode in made.folders:
        make_folder(path, place)
        path.chmod(mode)
    make_folder(root / "run", place)
    make_folder(root / "var/log", place)
    for path, mode, text in made.files:
        path.write_text(text)
        path.chmod(mode)
        place.user.own(path)
    return Run(
        f"{host.name}.rsyslog", host.name, made.command, str(root), str(root / "var/rsyslog.txt"), "", 0,
        environment=made.environment, again=RESTART,
    )  # fmt: skip


def _unpacked(place: Place) -> tuple[Path, str, dict[str, str]]:
    """The program, the folder of its modules and its environment: what a package that was only unpacked has beside it
    is copied where the servers' user can read it."""
    program, origin = place.found["rsyslogd"], programs.find("rsyslogd")
    modules = next(iter(sorted((origin.parent.parent / "lib").glob("*/rsyslog"))), None)
    if modules is None or str(origin).startswith(("/usr/", "/sbin/")):
        return program, "", {}
    if not _works(["test", "-r", str(modules / "imfile.so")], place.user):
        copy = place.room / "programs/rsyslog-lib"
        if not copy.exists():
            shutil.copytree(modules.parent, copy)
        modules = copy / "rsyslog"
    return program, str(modules), {"LD_LIBRARY_PATH": str(modules.parent)}
