"""A service's own command in the lab: found, told what production would tell it, explained where it fails; and run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from standfast.blueprint.aws.environment import environment as production
from standfast.blueprint.aws.environment import secrets
from standfast.blueprint.aws.site import Site
from standfast.plan import Plan, make_plan
from standfast.problem import Problem, Problems
from standfast.spec import parse_spec, read_spec
from standfast.worlds import Fault
from standfast.worlds.lab.binaries import User
from standfast.worlds.lab.postgres import Postgres
from standfast.worlds.lab.processes import MARK, end, strays
from standfast.worlds.lab.services import command as found_by
from standfast.worlds.lab.services.command import environment, find_program, shown
from standfast.worlds.lab.services.start import blind, start_commands
from standfast.worlds.lab.system import launch
from standfast.worlds.lab.system.assemble import in_order, values_of
from standfast.worlds.lab.system.hosts import lab_system
from standfast.worlds.lab.system.launch import Records, Run
from standfast.worlds.lab.system.room import Place
from standfast.worlds.lab.system.watching import alerting, told
from standfast.worlds.lab.system.world import SystemLab
from tests.postgres import need_postgres
from tests.shop import EXAMPLES

PROGRAM = Path(__file__).parent / "program" / "shop.py"
SPEC = """\
system: own
services:
  web: {image: shop, public: true, command: [python3, shop.py, "a b", "$HOME", "%%n", "{{ x }}"], calls: [orders]%s}
stores:
  orders: {kind: postgres}
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(parse_spec(SPEC % "", "own.yaml"), margins=False)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, User(), Postgres(Path("/nowhere"), "16.1"), {})


# Found


def test_a_program_is_looked_for_as_a_shell_would(plan: Plan, place: Place, monkeypatch) -> None:
    (web,) = plan.system.services
    home, bin = place.room / "home", place.room / "bin"
    for folder in (home, bin):
        folder.mkdir()
        (folder / "run").write_text("#!/bin/sh\n")
        (folder / "run").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin}:{os.environ['PATH']}")
    assert find_program(replace(web, command=("run",)), home, place) == bin / "run"
    assert find_program(replace(web, command=("./run",)), home, place) == home / "run"
    assert find_program(replace(web, entrypoint=("/bin/sh",)), home, place) == Path("/bin/sh")


@pytest.mark.parametrize(
    ("command", "why", "fix"),
    [
        (("no-such-program", "x"), "'no-such-program' is not on PATH", "install it"),
        (("./none",), "there is no './none' beside the spec", "install it"),
        (("./closed",), "may not run", "chmod a+rx"),
    ],
)
def test_one_that_is_not_here_is_told_with_its_place(plan: Plan, place: Place, command, why: str, fix: str) -> None:
    (web,) = plan.system.services
    (place.room / "closed").write_text("")
    with pytest.raises(Problems) as raised:
        find_program(replace(web, command=command), place.room, place)
    (one,) = raised.value.problems
    assert one.warning and one.place.line == 3 and why in one.why and fix in one.fix
    assert one.what == f"web runs here as the built-in service, not by its own command: {shown(command)}"


def test_the_folder_that_is_closed_is_named_behind_a_link(plan: Plan, place: Place, monkeypatch) -> None:
    (web,) = plan.system.services
    shut, home = place.room / "shut", place.room / "home"
    for folder in (shut / "bin", home):
        folder.mkdir(parents=True)
    (shut / "bin/run").write_text("#!/bin/sh\n")
    (home / "run").symlink_to(shut / "bin/run")
    monkeypatch.setattr(found_by, "can_reach", lambda folder, user: shut not in (folder, *folder.parents))
    with pytest.raises(Problems) as raised:
        find_program(replace(web, command=("./run",)), home, place)
    (one,) = raised.value.problems
    assert one.why == f"the unprivileged user that root becomes cannot enter {shut}, where ./run is"


# Told


def test_it_is_told_under_the_names_of_production(tmp_path: Path, place: Place) -> None:
    """Of the example with all kinds of stores, on AWS: the same names, and those of the lab alone."""
    plan = make_plan(read_spec(str(EXAMPLES / "shop.yaml"), ""), margins=False)
    hosts, _ = lab_system(plan)
    values = values_of(plan, hosts, place)
    site = Site(plan)
    compared = 0
    for host in site.hosted:
        at = next(one for one in hosts if one.component == host.name)
        found = environment(plan, host.service, at, values[at.name], hosts, place)
        wanted = {*production(site, host), *(name for one in secrets(site, host) for name in one.variables)}
        missing = {name for name in wanted - set(found) if "_READ_" not in name}  # the lab has no read replicas
        assert not missing, host.name
        more = {name for name in set(found) - wanted if not name.startswith("AWS_")}
        assert more == {"HOST", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}
        assert found["HOST"] == at.address and found["PORT"] == str(at.port)
        compared += len(wanted)
    assert compared > 10


def test_what_the_spec_says_itself_goes_first_and_data_has_a_folder(place: Place) -> None:
    given = ", stateful: true, environment: {HOST: '::1', ORDERS_URL: mine, SSL_CERT_FILE: /etc/own.pem}"
    plan = make_plan(parse_spec(SPEC % given, "own.yaml"), margins=False)
    hosts, _ = lab_system(plan)
    at = next(one for one in hosts if one.role == "service")
    found = environment(plan, plan.system.services[0], at, values_of(plan, hosts, place)[at.name], hosts, place)
    assert (found["HOST"], found["ORDERS_URL"], found["SSL_CERT_FILE"]) == ("::1", "mine", "/etc/own.pem")
    assert Path(found["DATA_DIR"]).is_dir() and Path(found["DATA_DIR"]).is_relative_to(place.root(at.name))


# Started


def run_of(folder: Path, *command: str, ready: str = "/healthz", number: int = 1) -> Run:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {"HOST": "127.0.0.1", "PORT": str(port), "HOME": str(folder / "web-1")}
    (folder / "web-1").mkdir(exist_ok=True)
    log = str(folder / f"web-{number}.log")
    return Run(f"web-{number}", f"web-{number}", command, str(folder), log, "127.0.0.1", port, ready,
               environment=told, own=True)  # fmt: skip


SERVE = (
    "import http.server,os,sys;print('here',file=sys.stderr,flush=True);"
    "H=http.server.SimpleHTTPRequestHandler;H.log_message=lambda *a:None;"
    "http.server.ThreadingHTTPServer((%s,int(os.environ['PORT'])),H).serve_forever()"
)


def started(plan: Plan, folder: Path, *runs: Run) -> Records:
    records = Records(folder / "records")
    try:
        start_commands(plan, list(runs), lambda run: launch.start(run, folder, User(), records))
    except BaseException:
        records.end_all()
        raise
    return records


@pytest.mark.parametrize(
    ("command", "ready", "why", "fix"),
    [
        ((sys.executable, "-c", "print('one\\ntwo\\nthree\\x07\\nKeyError: 4'); raise SystemExit(3)"), "/",
         "web-1 ended while it started; the last it said: two / three / KeyError: 4", "must listen on HOST and PORT"),
        ((sys.executable, "-c", "pass"), "/", "it said nothing", "must listen on HOST and PORT"),
        ((sys.executable, "-c", SERVE % "'0.0.0.0'"), "/", "every address of this machine (0.0.0.0)", "what HOST says"),
        ((sys.executable, "-c", SERVE % "os.environ['HOST']"), "/nothing", "answers 404 at /nothing", "write health:"),
        ((sys.executable, "-c", "import time; time.sleep(60)"), "/", "does not answer on 127.0.0.1", "HOST and PORT"),
        (("/etc/passwd",), "/", "Permission denied", "HOST and PORT"),
    ],
)  # fmt: skip
def test_one_that_does_not_come_up_is_explained(
    plan: Plan, tmp_path: Path, monkeypatch, command, ready: str, why: str, fix: str
) -> None:
    monkeypatch.setattr(launch.wait_ready, "__defaults__", (0, 3.0))  # seconds of patience
    with pytest.raises(Problems) as raised:
        started(plan, tmp_path, run_of(tmp_path, *command, ready=ready))
    (one,) = raised.value.problems
    assert one.what == "web does not come up by its own command: " + shown(plan.system.services[0].argv)
    assert why in one.why and fix in one.fix and "--built-in" in one.fix and one.place.line == 3
    assert str(one).isprintable() or "\n" in str(one)
    assert not any(process.alive for process in Records(tmp_path / "records").all())


def test_one_instance_goes_first_so_that_a_mistake_is_made_once(plan: Plan, tmp_path: Path) -> None:
    begun: list[str] = []

    def begin(run: Run):
        begun.append(run.name)
        raise Problems([Problem("it could not be started", "no memory")])

    runs = [run_of(tmp_path, "x", number=number) for number in (1, 2, 3)]
    with pytest.raises(Problems, match="no memory"):
        start_commands(plan, runs, begin)
    assert begun == ["web-1"]


def test_what_a_killed_tool_left_is_known_though_it_works_elsewhere(plan: Plan, tmp_path: Path) -> None:
    """Also what it has started itself; and nothing that only has the one or the other."""
    room = tmp_path / "room"
    (room / "web-1").mkdir(parents=True)
    twice = f"import os;os.fork();{SERVE % repr('127.0.0.1')}"
    mark, home = {MARK: str(room)}, {"HOME": str(room / "web-1")}
    environments = [{**mark, **home}, mark, home]
    ports = []
    for _ in environments:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(str(probe.getsockname()[1]))
    children = [
        subprocess.Popen([sys.executable, "-c", twice if n == 0 else SERVE % repr("127.0.0.1")], cwd="/",
                         env={"PORT": port, **one}, stderr=subprocess.DEVNULL, start_new_session=True)
        for n, (one, port) in enumerate(zip(environments, ports, strict=True))
    ]  # fmt: skip
    try:
        assert soon(lambda: {one.pid for one in strays(room)} >= {children[0].pid})
        found = {one.pid for one in strays(room)}
        assert not found & {children[1].pid, children[2].pid}
        end(strays(room), 3.0)
        assert soon(lambda: children[0].poll() is not None) and children[1].poll() is children[2].poll() is None
    finally:
        for one in children:
            os.killpg(one.pid, signal.SIGKILL)
            one.wait(10)


def soon(asked: Callable[[], object], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not asked():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_it_starts_once_the_stores_are_there() -> None:
    roles = {"db-1": "database", "web-1": "service", "api-1": "service", "balancer-1": "balancer"}
    own = Run("web-1", "web-1", ("x",), "/", "", "", 80, own=True)
    others = [Run(name, name, ("x",), "/", "", "", 80) for name in ("api-1", "balancer-1")]
    exporter = Run("db-1.postgres-exporter", "db-1", ("x",), "/", "", "", 80)
    ships = Run("web-1.rsyslog", "web-1", ("x",), "/", "", "", 0)
    first, commands, last, shipping = in_order((own, *others, exporter, ships), roles)
    assert (first, commands) == ([others[0]], [own]) and (last, shipping) == ([others[1], exporter], [ships])


def test_one_that_tells_nothing_of_itself_is_no_lost_instance(plan: Plan, tmp_path: Path) -> None:
    """It answers 404 at /metrics: nobody is told that it is gone, and it is told that nobody would be."""
    run = run_of(tmp_path, sys.executable, "-c", SERVE % "os.environ['HOST']", ready="/")
    records = started(plan, tmp_path, run)
    try:
        assert blind([run]) == ("web", "web.clock") and blind([replace(run, own=False)]) == ()
        (tmp_path / "metrics").write_text("# TYPE http_server_request_duration_seconds histogram\n")
        assert blind([run]) == ("web.clock",)  # it serves the files of its folder
        (tmp_path / "metrics").write_text("# TYPE requests counter\nnode_time_seconds 1\n")
        assert blind([run]) == ("web",)
    finally:
        records.end_all()
    hosts, _ = lab_system(plan)
    assert "InstancesMissing" in {one.name for one in alerting(plan, hosts).alerts}
    assert "InstancesMissing" not in {one.name for one in alerting(plan, hosts, blind=["web"]).alerts}
    clocks = [
        {one.component for one in told(plan, hosts, blind=blind).conditions if one.resource == "clock"}
        for blind in ((), ("web.clock",))
    ]
    assert clocks == [{"web"}, set()]
    left = {one.component for one in told(plan, hosts, blind=["web"]).conditions}
    assert "orders" in left  # only what the service itself would tell


# Run


@pytest.fixture(scope="module")
def lab(plan: Plan) -> Iterator[SystemLab]:
    """Below the temporary folder itself: the user that root becomes cannot enter pytest's."""
    need_postgres()
    home = Path(tempfile.mkdtemp(prefix="standfast-own-"))
    home.chmod(0o755)
    shutil.copy(PROGRAM, home)
    lab = SystemLab(home / "out" / "lab", plan, home=home)
    try:
        lab.build()
        yield lab
    finally:
        lab.clear()
        shutil.rmtree(home)


def asked(lab: SystemLab, path: str, host: str = "web-1") -> dict:
    at = next(one for one in lab.hosts if one.name == host)
    authority = "" if at.role == "service" else str(lab.room / "authority.pem")
    status, body = launch.get(at.address, at.port, path, authority=authority)
    assert status == 200, body
    return json.loads(body)


@pytest.mark.real
@pytest.mark.slow
def test_it_runs_in_the_folder_of_the_spec_word_for_word_and_uses_its_database(lab: SystemLab) -> None:
    assert not [one for one in lab.state["missing"] if "built-in" in one["what"]]
    said = asked(lab, "/told")
    assert said["argv"] == ["a b", "$HOME", "%n", "{{ x }}"] and Path(said["folder"]) == lab.home.resolve()
    assert said["user"] == (lab.site().user.uid or os.getuid()) != 0
    assert said["environment"]["HOST"] == next(one.address for one in lab.hosts if one.name == "web-1")
    first = asked(lab, "/", "balancer-1")["rows"]
    assert asked(lab, "/", "balancer-1")["rows"] > first
    assert soon(lambda: "served" in (lab.room / "web-1/var/log/web.log").read_text())
    assert lab.observe()["well"] or soon(lambda: lab.observe()["well"])


@pytest.mark.real
@pytest.mark.slow
def test_a_lost_instance_comes_back_and_a_bad_version_of_it_is_rolled_back(lab: SystemLab) -> None:
    def pid() -> int:
        return lab.records.named()["web-1"].pid

    before = pid()
    lab.break_(Fault("kill_instance", {"host": "web-1"}))
    assert soon(lambda: pid() != before and lab.records.named()["web-1"].alive and lab.observe()["well"])
    assert asked(lab, "/told")["argv"] == ["a b", "$HOME", "%n", "{{ x }}"]  # the keeper started the same
    lab.break_(Fault("bad_deploy", {"service": "web"}))
    assert "web-1" in lab.observe()["verdict"]
    lab.heal()
    assert soon(lambda: lab.observe()["well"]) and asked(lab, "/told")["argv"][0] == "a b"


@pytest.mark.real
@pytest.mark.slow
def test_nothing_of_it_is_left(lab: SystemLab) -> None:
    """Also of one whose record was not written any more, since the tool was killed."""
    own = [lab.records.named()[run.name] for run in lab.runs if run.own]
    assert own and all(one.alive for one in own)
    (lab.records.path / "web-1.json").unlink()
    lab.clear()
    assert not any(one.alive for one in own) and not lab.folder.exists()
