"""The roles, really run: PostgreSQL that streams, a cache, a service, its balancer and its edge, exporters, logs.

Every host is an address of 127/8 and a folder. The second run changes nothing.
"""

from __future__ import annotations

import ipaddress
import json
import os
import shlex
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import yaml

from standfast.code.ansible import inventory, variables, write_plan
from standfast.code.ansible.groups import groups_of, lab_hosts
from standfast.files import write_files
from standfast.plan import Plan
from standfast.worlds.lab.addresses import listening
from standfast.worlds.lab.roles.tasks import configured
from standfast.worlds.lab.roles.values import Templates, hosts_of
from tests.blueprint.shapes import plan_of
from tests.code import units
from tests.code.hosts import Hosts, exporters, make_hosts, python, rsyslog
from tests.code.test_ansible import HOSTILE
from tests.postgres import need_postgres
from tests.programs import ansible

pytestmark = [pytest.mark.real, pytest.mark.slow]

SPEC = """\
system: {name}
owner: "{{{{ 7 * 7 }}}}"
promises:
  reliability: {{availability: 99.5%, recovery: {{instance: {{rto: 5 min, rpo: 0 s}}}}}}
services:
  web: {{image: web:1, port: 8080, public: true, cpu: 1 ms, calls: [orders, sessions], secrets: [API_KEY]}}
stores:
  orders: {{kind: postgres, data: 1 GiB}}
  sessions: {{kind: redis, memory: 1 GiB}}
"""
PORTS = (5432, 6379, 8080, 8404, 8443, 9100, 9121, 9187)
NAMES = [f"V{n}" for n in range(len(HOSTILE))]


def small(name: str) -> Plan:
    """Two hosts of PostgreSQL, one of everything else; the service has every hostile text in its environment."""
    plan = plan_of(SPEC.format(name=name), zones=("eu-north-1a", "eu-north-1b"))
    choices = tuple(replace(one, zones=1) if one.component == "sessions" else one for one in plan.choices)
    given = {key: text for key, text in zip(NAMES, HOSTILE, strict=True) if "\0" not in text}
    services = tuple(replace(one, environment=given) for one in plan.system.services)
    return replace(plan, choices=choices, system=replace(plan.system, services=services))


@dataclass
class Sink:
    """Takes the lines that the log shipper sends."""

    server: socket.socket
    text: bytearray = field(default_factory=bytearray)

    def take(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection:
                while got := connection.recv(65536):
                    self.text += got


@dataclass
class Lab:
    hosts: Hosts
    plan: Plan
    first: dict[str, dict[str, int]]
    sink: Sink

    @property
    def addresses(self) -> dict[str, str]:
        return {one.name: one.address for one in lab_hosts(self.plan, groups_of(self.plan))}

    def password(self, of: str) -> str:
        return (self.hosts.folder / "secrets" / of).read_text().split()[0]

    def get(self, host: str, path: str) -> tuple[int, str, str]:
        """Over HTTPS with the lab's authority, as a user: status, X-Cache, body."""
        trust = ssl.create_default_context(cafile=self.hosts.folder / "authority" / "authority.pem")
        trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
        url = f"https://{self.addresses[host]}:8443{path}"
        with urllib.request.urlopen(url, context=trust, timeout=10) as answer:
            return answer.status, answer.headers.get("X-Cache", ""), answer.read().decode()

    def postgres(self, host: str, **more: str):
        import psycopg

        given = {
            "host": self.addresses[host], "port": 5432, "user": "app", "password": self.password("orders"),
            "dbname": "app", "sslmode": "verify-full", "connect_timeout": 5,
            "sslrootcert": str(self.hosts.folder / "authority" / "authority.pem"),
        }  # fmt: skip
        return psycopg.connect(**{**given, **more}, autocommit=True)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    need_postgres()
    ansible("ansible-playbook")
    hosts = make_hosts()
    server = None
    try:
        hosts.environment.update(units.programs())
        plan = small(f"t{os.getpid()}")
        write_files(write_plan(plan), hosts.project)
        addresses = {one.name: one.address for one in lab_hosts(plan, groups_of(plan))}
        server = socket.create_server((addresses["web-1"], 0))
        sink = Sink(server)
        threading.Thread(target=sink.take, daemon=True).start()
        (hosts.project / "more.yml").write_text(yaml.safe_dump(more(hosts, server)))
        yield Lab(hosts, plan, hosts.play("site.yml"), sink)
    finally:
        if server is not None:
            server.close()
        hosts.end()


def more(hosts: Hosts, server: socket.socket) -> dict:
    """What this machine adds to the inventory: where programs are, and which hosts are watched how."""
    wanted = {"postgres": "orders-1", "redis": "sessions-1", "node": "balancer-1"}
    told: dict[str, dict] = {host: {"exporters_wanted": [name]} for name, host in wanted.items()}
    told["cdn-1"] = {"host_hardening": True}
    told["web-1"] = {
        **rsyslog(hosts.folder, hosts.user),
        "log_shipper_target": server.getsockname()[0],
        "log_shipper_port": server.getsockname()[1],
        "log_shipper_files": [str(hosts.folder / "web-1" / "var" / "log" / "web.log")],
        "log_shipper_user": "",
    }
    everywhere = {"exporters_folder": str(exporters(hosts.folder, hosts.user)), "service_python": python(hosts.user)}
    return {"all": {"hosts": told, "vars": everywhere}}


def test_users_reach_the_service_through_edge_and_balancer(lab: Lab) -> None:
    status, _, body = lab.get("balancer-1", "/hello")
    assert status == 200 and json.loads(body)["host"] == lab.addresses["web-1"]
    first, second = lab.get("cdn-1", "/kept"), lab.get("cdn-1", "/kept")
    assert (first[0], first[1]) == (200, "MISS")
    assert (second[0], second[1], second[2]) == (200, "HIT", first[2])


def test_the_lab_of_drills_has_the_same_files_without_a_run_of_ansible(lab: Lab) -> None:
    """Byte by byte: what `standfast lab up` reads out of the roles is what Ansible makes of them."""
    plan = lab.plan
    groups = groups_of(plan)
    templates = Templates({key: value for key, value in lab.hosts.environment.items() if key.startswith("STANDFAST_")})
    files = [*inventory.files(plan, groups), *variables.files(plan, groups)]
    hosts, compared = hosts_of(files, templates, {}), []
    for one in lab_hosts(plan, groups):
        role = {"balancer": "haproxy", "edge": "nginx"}.get(one.group.kind, one.group.kind)
        if role != "service":
            for path, mode, text in configured(role, hosts[one.name]).files:
                assert path.read_bytes() == text.encode(), path
                assert path.stat().st_mode & 0o777 == mode
                compared.append(path.name)
        else:
            told = configured(role, hosts[one.name], "role.yml")
            launcher = (lab.hosts.folder / one.name / "etc/standfast/run-web").read_bytes().decode()
            assert all(shlex.quote(value) in launcher for value in told.environment.values())
    assert sorted(set(compared)) == [
        "haproxy.cfg", "nginx.conf", "passwords", "pg_hba.conf", "pg_ident.conf", "postgresql.conf", "redis.conf",
    ]  # fmt: skip


def test_a_row_written_on_the_primary_is_read_on_the_replica(lab: Lab) -> None:
    import psycopg

    with lab.postgres("orders-1") as primary, lab.postgres("orders-2") as replica:
        primary.execute("CREATE TABLE seen (what text)")
        primary.execute("INSERT INTO seen VALUES ('a row')")  # returns when the replica has it: rpo is 0
        row = None
        deadline = time.monotonic() + 20
        while row is None and time.monotonic() < deadline:
            try:
                row = replica.execute("SELECT what FROM seen").fetchone()
            except psycopg.errors.UndefinedTable:
                time.sleep(0.05)
        assert row == ("a row",)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            replica.execute("INSERT INTO seen VALUES ('not here')")
        # 256 MiB in the lab: a quarter of it
        assert primary.execute("SHOW shared_buffers").fetchone() == ("64MB",)
        assert primary.execute("SHOW data_checksums").fetchone() == ("on",)


def test_the_log_reaches_the_archive(lab: Lab) -> None:
    archive = lab.hosts.folder / "archive" / "orders"
    deadline = time.monotonic() + 20
    while not list(archive.glob("0*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list(archive.glob("0*")) and not list(archive.glob("*.partial"))


def test_nobody_enters_the_stores_without_password_and_tls(lab: Lab) -> None:
    import psycopg

    for wrong in ({"password": "x"}, {"sslmode": "disable"}, {"user": "postgres"}, {"user": "monitor"}):
        with pytest.raises(psycopg.OperationalError):
            lab.postgres("orders-1", **wrong)
    with socket.create_connection((lab.addresses["sessions-1"], 6379), timeout=5) as cache:
        cache.sendall(b"PING\r\n")
        assert cache.recv(100).startswith(b"-NOAUTH")
        cache.sendall(f"AUTH {lab.password('sessions')}\r\nSET a b\r\nGET a\r\n".encode())
        time.sleep(0.3)
        assert cache.recv(100).endswith(b"$1\r\nb\r\n")


@pytest.mark.parametrize(
    ("host", "port", "line"),
    [
        ("orders-1", 9187, "pg_up 1"),
        ("sessions-1", 9121, "redis_up 1"),
        ("balancer-1", 9100, "node_load1 "),
        ("balancer-1", 8404, 'haproxy_backend_active_servers{proxy="web"} 1'),
    ],
)
def test_exporters_answer_prometheus(lab: Lab, host: str, port: int, line: str) -> None:
    with urllib.request.urlopen(f"http://{lab.addresses[host]}:{port}/metrics", timeout=10) as answer:
        assert f"\n{line}" in answer.read().decode()


def test_a_line_of_the_service_reaches_the_place_of_logs(lab: Lab) -> None:
    lab.get("balancer-1", "/a-line-of-its-own")
    deadline = time.monotonic() + 20
    while b"/a-line-of-its-own" not in lab.sink.text and time.monotonic() < deadline:
        time.sleep(0.1)
    assert b"/a-line-of-its-own" in lab.sink.text


def test_what_the_user_wrote_arrives_unchanged_and_is_never_evaluated(lab: Lab) -> None:
    """From the spec through YAML, Jinja, a shell and the supervisor, into the environment of the running service."""
    (service,) = [
        one for one in lab.hosts.processes()
        if b"stand_in.py" in Path(f"/proc/{one.pid}/cmdline").read_bytes()
    ]  # fmt: skip
    raw = Path(f"/proc/{service.pid}/environ").read_bytes()
    found = dict(pair.decode().partition("=")[::2] for pair in raw.split(b"\0") if pair)
    wanted = {name: text for name, text in zip(NAMES, HOSTILE, strict=True) if "\0" not in text}
    assert {name: found.get(name) for name in wanted} == wanted
    assert found["ORDERS_URL"].startswith(f"postgresql://app:{lab.password('orders')}@{lab.addresses['orders-1']},")
    assert len(found["API_KEY"]) == 32


def test_every_listener_is_on_loopback_and_nothing_runs_as_root_that_need_not(lab: Lab) -> None:
    found, owners = set(), set()
    for one in lab.hosts.processes():
        for port in PORTS:
            found |= set(listening(one.pid, port) or ())
        words = Path(f"/proc/{one.pid}/cmdline").read_bytes().split(b"\0")
        if not any(b"supervisord" in word or b"rsyslogd" in word for word in words):
            owners.add(Path(f"/proc/{one.pid}").stat().st_uid)
    assert all(ipaddress.ip_address(one) in ipaddress.ip_network("127.0.0.0/8") for one in found)
    assert found >= set(lab.addresses.values())
    assert 0 not in owners


def test_hardening_is_written_below_the_hosts_folder_only(lab: Lab) -> None:
    root = lab.hosts.folder / "cdn-1" / "etc"
    assert "PermitRootLogin no" in (root / "ssh/sshd_config.d/10-standfast.conf").read_text()
    for line in (root / "sysctl.d/60-standfast.conf").read_text().splitlines():
        assert line.startswith("#") or Path("/proc/sys", line.split(" = ")[0].replace(".", "/")).name


def test_the_second_run_changes_nothing(lab: Lab) -> None:
    assert all(told["failed"] == told["unreachable"] == 0 and told["changed"] > 0 for told in lab.first.values())
    again = lab.hosts.play("site.yml")
    assert {host: told["changed"] for host, told in again.items()} == dict.fromkeys(lab.first, 0)


def test_a_change_reaches_its_host_and_no_other_and_cuts_nobody_off(lab: Lab) -> None:
    kept = socket.create_connection((lab.addresses["balancer-1"], 8443), timeout=5)
    done = lab.hosts.play("site.yml", "--tags", "balancers", "-e", "haproxy_maxconn=300")
    changed = {host: told["changed"] for host, told in done.items() if told["changed"]}
    assert changed == {"balancer-1": 2}  # the file, and the reload
    assert lab.get("balancer-1", "/after")[0] == 200
    kept.close()


def test_patching_restarts_a_host_behind_its_health_gate(lab: Lab) -> None:
    before = json.loads(lab.get("balancer-1", "/before")[2])["process"]
    done = lab.hosts.play("patch.yml", "--limit", "web")
    assert done["web-1"]["changed"] == 1
    deadline, after = time.monotonic() + 20, before
    while after == before and time.monotonic() < deadline:
        try:
            after = json.loads(lab.get("balancer-1", "/now")[2])["process"]
        except OSError:  # the balancer has yet to see it come back
            time.sleep(0.2)
    assert after != before


def test_the_backups_of_the_plan_run_as_their_units_say(lab: Lab, tmp_path: Path) -> None:
    """systemd takes the units; what they start is started here, on the primary and on its replica."""
    first, second = (units.Units(lab.hosts, host, "orders") for host in ("orders-1", "orders-2"))
    for one in (first, second):
        one.verify_with_systemd()
        one.let_in_whoever_runs_this()
    assert first.environment_file.stat().st_mode & 0o777 == 0o400
    key = lab.password("orders-backup")
    for path in (*first.folder.iterdir(), first.root / "etc/standfast/backup/backup.yaml"):
        assert key not in path.read_text(), path
    for name in ("run", "verify", "prune", "restore-test"):
        assert first.start(name) == 0, name
    assert second.start("verify") is None  # it is left to the primary
    assert second.start("run") == 0 and second.start("list") in (0, 1)
    with lab.postgres("orders-1") as primary, lab.postgres("orders-2") as replica:
        told = [str(one.execute("SHOW archive_timeout").fetchone()[0]) for one in (primary, replica)]
    assert told == ["1h", "1h"]  # set with the command that hands on the log, which is not for everybody to see

    assert first.start("list") in (0, 1)
    assert units.alerts(lab.plan, first.figures, tmp_path, hours=1) == set()
    assert units.alerts(lab.plan, first.figures, tmp_path, hours=14) == {"BackupTooOld"}  # ten hours are allowed
    offsite = lab.hosts.folder / "offsite" / "orders" / "backup" / "orders"
    offsite.rename(offsite.with_name("away"))
    try:
        assert first.start("restore-test") == 1 and first.start("verify") == 1
        assert units.alerts(lab.plan, first.figures, tmp_path, hours=2) == {"BackupTooOld", "RestoreNotTested"}
    finally:
        offsite.with_name("away").rename(offsite)
    assert first.start("restore-test") == 0 and first.start("verify") == 0
    assert units.alerts(lab.plan, first.figures, tmp_path, hours=2) == set()
