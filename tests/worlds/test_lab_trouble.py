"""When something is in the lab's way: said in clear words, healed, and nothing else touched."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from standfast.cli.standing import show
from standfast.cli.terminal import Terminal
from standfast.plan import Plan, make_plan
from standfast.problem import Problems
from standfast.spec import read_spec
from standfast.worlds import shared_memory
from standfast.worlds.lab.addresses import holder, outside
from standfast.worlds.lab.binaries import User
from standfast.worlds.lab.system import assemble, programs
from standfast.worlds.lab.system.build import failed, fingerprint
from standfast.worlds.lab.system.hosts import lab_system
from standfast.worlds.lab.system.launch import Records, Run, start
from standfast.worlds.lab.system.tells import size
from standfast.worlds.lab.system.watching import told
from standfast.worlds.lab.system.world import STATE, SystemLab
from standfast.worlds.process import Process
from tests.shop import EXAMPLES

linux = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="this system does not tell who listens where")
SHOP = EXAMPLES / "shop.yaml"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(read_spec(str(SHOP), ""), margins=False)


def lab_command(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "standfast", "lab", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@linux
@pytest.mark.parametrize(
    ("family", "kind", "address"),
    [
        (socket.AF_INET, socket.SOCK_STREAM, "0.0.0.0"),
        (socket.AF_INET, socket.SOCK_DGRAM, "0.0.0.0"),
        (socket.AF_INET6, socket.SOCK_STREAM, "::1"),
        (socket.AF_INET6, socket.SOCK_STREAM, "::"),
        (socket.AF_INET6, socket.SOCK_DGRAM, "::"),
    ],
)
def test_a_listener_of_any_kind_outside_of_127_is_found_and_one_inside_is_none(family, kind, address) -> None:
    before = outside({os.getpid(): 0})
    with socket.socket(socket.AF_INET, kind) as inside:
        inside.bind(("127.4.5.6", 0))
        if kind == socket.SOCK_STREAM:
            inside.listen()
        assert outside({os.getpid(): 0}) == before
    try:
        opened = socket.socket(family, kind)
        opened.bind((address, 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    with opened:
        if kind == socket.SOCK_STREAM:
            opened.listen()
        assert outside({os.getpid(): 0}) == {os.getpid(): f"{address}:{opened.getsockname()[1]}"}


@linux
def test_who_holds_a_port_of_every_address_is_named() -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"process {os.getpid()}, user " in holder(port)
    with socket.create_server(("127.0.0.1", 0)) as one:
        assert holder(one.getsockname()[1]) == ""


@linux
def test_only_what_a_process_that_is_gone_has_made_is_taken_out_of_shared_memory(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(shared_memory, "MEMORY", tmp_path)
    child = subprocess.Popen(["sleep", "60"])
    process = Process.of(child.pid)
    made = [tmp_path / name.format(child.pid) for name in shared_memory.CLOCKS]
    for path in made:
        path.touch()
    shared_memory.forget([process])
    assert all(path.exists() for path in made), "it still runs"
    child.kill()
    deadline = time.monotonic() + 60
    while process.alive:
        assert time.monotonic() < deadline, "it was killed, and still runs"
        time.sleep(0.01)
    os.utime(made[0], (0, 0))  # another process had this number, long ago
    shared_memory.forget([process])  # nobody has asked for its exit code yet
    assert [path.exists() for path in made] == [True, False]
    child.wait()


def test_a_record_that_cannot_be_read_or_is_of_another_version_is_told_and_down_ends_it(tmp_path) -> None:
    """Through the command, as a user meets it; the process it had started is ended all the same."""
    folder = tmp_path / "lab/system"
    (folder / "room").mkdir(parents=True)
    records = Records(folder)
    run = Run("api-1", "api-1", ("sleep", "300"), str(folder / "room"), str(folder / "room/log"), "", 0)
    for record, words in (("{", "cannot be read"), ('{"hosts": [{"x": 1}]}', "another version"), ("[]", "another ver")):
        ours = start(run, folder / "room", User(), records)
        (folder / STATE).write_text(record)
        said = lab_command("status", str(SHOP), "--out", str(tmp_path))
        assert said.returncode == 1 and words in said.stderr and "lab down" in said.stderr, said.stderr
        said = lab_command("down", str(SHOP), "--out", str(tmp_path))
        assert "ended 1 process" in said.stdout and not ours.alive, said
        assert not folder.exists()
        (folder / "room").mkdir(parents=True)


def test_a_spec_that_says_something_else_is_another_one_and_one_that_says_it_elsewhere_is_not(tmp_path) -> None:
    same, other = tmp_path / "same.yaml", tmp_path / "other.yaml"
    same.write_text("# a line more\n\n" + SHOP.read_text())
    other.write_text(SHOP.read_text().replace("cpu: 14 ms", "cpu: 15 ms"))
    first = fingerprint(read_spec(str(SHOP), ""))
    assert first == fingerprint(read_spec(str(same), "")) != fingerprint(read_spec(str(other), ""))


def test_what_cannot_be_found_is_left_out_by_name_and_raises_no_alarm(plan, tmp_path, monkeypatch) -> None:
    hosts, _ = lab_system(plan)

    def find(name: str) -> Path:
        if name in ("nginx", "valkey", *gone):
            return real(name + " is gone")
        return Path(shutil.which("true") or "/bin/true")

    def real(name: str) -> Path:
        monkeypatch.setitem(
            programs.WANTED, name, replace(programs.WANTED[name.split()[0]], names=(name,), wheel=("", ""))
        )
        return programs_find(name)

    programs_find, gone = programs.find, ()
    monkeypatch.setattr(programs, "find", find)
    _, _, lacks = assemble.found_programs(hosts, tmp_path, User())
    warned = [str(one) for one in assemble.left_out(hosts, lacks)]
    assert sorted(lacks) == ["cache", "edge"] and len(warned) == 2
    assert any("sessions" in one and "services do not call it" in one for one in warned)
    assert any("cdn" in one and "users come in at the balancer" in one for one in warned)
    left = tuple(one for one in hosts if one.role not in lacks)
    assert {one.component for one in told(plan, hosts).conditions} >= {"sessions"}
    assert not {"sessions", "cdn"} & {one.component for one in told(plan, left).conditions}
    gone = ("haproxy",)
    with pytest.raises(Problems, match="haproxy"):
        assemble.found_programs(hosts, tmp_path, User())


def test_a_start_that_failed_says_where_its_logs_are_and_a_full_disk_is_a_problem(tmp_path) -> None:
    problems = failed(OSError(28, "No space left on device", "/lab/x"), {"api-1-api.log": b"oh"}, tmp_path)
    assert "No space left on device: /lab/x" in str(problems) and "free some space" in str(problems)
    assert str(tmp_path / "failed") in str(problems) and (tmp_path / "failed/api-1-api.log").read_bytes() == b"oh"
    lab = SystemLab(tmp_path)
    assert not lab.observe()["well"] and not lab.open()
    lab.clear()
    assert not tmp_path.exists()


def test_without_a_lab_every_command_says_so_and_makes_nothing(tmp_path) -> None:
    out = tmp_path / "a b/ö"
    for action in ("status", "logs", "trace"):
        said = lab_command(action, str(SHOP), "--out", str(out))
        assert said.returncode == 1 and "does not stand" in said.stderr and f"--out '{out}'" in said.stderr
    said = lab_command("down", str(SHOP), "--out", str(out))
    assert said.returncode == 0 and said.stdout == "there was no lab\n" and not out.exists()


ROW = {"component": "c", "role": "database", "zone": "eu-north-1a", "address": "127.64.1.11", "port": 5432, "pid": 4242}
ROWS = [
    {**ROW, "name": "orders-1", "state": "leads", "memory": 50.0, "tells": "commits wait for orders-2"},
    {**ROW, "name": "orders-1.rsyslog", "state": "ready", "memory": 1.4, "tells": ""},
    {**ROW, "name": "orders-1.postgres-exporter", "state": "lost", "memory": None, "pid": None, "tells": ""},
]


@pytest.mark.parametrize(("width", "shown"), [(60, False), (80, False), (120, True)])
def test_the_table_fits_its_terminal_and_leaves_out_what_is_well_beside(width, shown, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(Terminal, "console", lambda self: _console(width))
    seen = {"hosts": ROWS, "entries": [], "verdict": "shop does not stand as planned", "well": False}
    show(seen, Terminal())
    printed = capsys.readouterr().out.splitlines()
    assert all(len(line.rstrip()) <= width for line in printed) and "commits wait for orders-2" in printed[1]
    assert ("4242" in printed[1]) == shown and "rsyslog" not in "".join(printed)
    assert "postgres-exporter" in printed[2] and "lost" in printed[2]


def _console(width: int):
    from rich.console import Console

    return Console(width=width, highlight=False, file=sys.stdout)


def test_how_far_behind_is_told_in_units() -> None:
    assert [size(one) for one in (0, 900, 2048, 3 * 2**20)] == ["0 B", "900 B", "2 KiB", "3.0 MiB"]


def test_a_look_alike_is_left_alone(tmp_path) -> None:
    """Of the same name, in a folder of the same name, and under a number that was recorded for another."""
    folder = tmp_path / "lab"
    (folder / "room/api-1").mkdir(parents=True)
    other = tmp_path / "room/api-1"
    other.mkdir(parents=True)
    alike = subprocess.Popen(["sleep", "300"], cwd=other)
    try:
        Records(folder).add(Process(alike.pid, "1"), "api-1")  # that one has ended since
        lab = SystemLab(folder)
        lab.clear()
        time.sleep(0.05)
        assert alike.poll() is None and lab.ended == 0 and not folder.exists()
    finally:
        alike.kill()
        alike.wait()
