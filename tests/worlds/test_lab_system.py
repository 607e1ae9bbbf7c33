"""The whole system in the lab, with real programs: it answers, it is broken, it heals, and nothing is left of it."""

from __future__ import annotations

import inspect
import ipaddress
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from standfast.plan import Plan, make_plan
from standfast.problem import Problems
from standfast.spec import read_spec
from standfast.watch import write_watch
from standfast.worlds import Fault
from standfast.worlds.lab.addresses import listening
from standfast.worlds.lab.drilled import DrilledLab
from standfast.worlds.lab.faults import clock, damage
from standfast.worlds.lab.keeper.ends import Ends
from standfast.worlds.lab.processes import MARK, strays
from standfast.worlds.lab.system import hosts, launch, programs
from standfast.worlds.lab.system.hosts import lab_system, placed
from standfast.worlds.lab.system.watching import CALM, alarms, as_small, shortened
from standfast.worlds.lab.system.world import SystemLab
from standfast.worlds.lab.telemetry.tree import tree
from standfast.worlds.process import Process
from standfast.worlds.system import FAULTS
from tests.postgres import need_postgres
from tests.programs import need
from tests.shop import EXAMPLES

PATIENCE = 120.0


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(read_spec(str(EXAMPLES / "shop.yaml"), ""), margins=False)


@pytest.fixture(scope="module")
def lab(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemLab]:
    need_postgres()
    need("prometheus", "prometheus")
    need("prometheus-alertmanager", "prometheus-alertmanager")
    for name in ("haproxy", "nginx", "valkey", "openssl"):
        try:
            programs.find(name)
        except Problems:
            need(name, name)
    lab = SystemLab(tmp_path_factory.mktemp("system") / "lab", plan)
    lab.drilled = True  # its monitoring looks by the second
    try:
        lab.build()
        yield lab
    finally:
        lab.clear()


def soon(asked: Callable[[], object]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not asked():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def answer(lab: SystemLab, host: str = "balancer-1") -> int:
    at = next(one for one in lab.hosts if one.name == host)
    try:
        return launch.get(at.address, at.port, "/", authority=str(lab.room / "authority.pem"))[0]
    except OSError:
        return 0


def states(lab: SystemLab) -> dict[str, str]:
    return {row["name"]: row["state"] for row in lab.observe()["hosts"]}


def events(lab: SystemLab, what: str) -> list[dict]:
    lines = (lab.folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [one for one in map(json.loads, lines) if one["what"] == what]


def pid(lab: SystemLab, name: str) -> int:
    return lab.records.named()[name].pid


def well(lab: SystemLab) -> bool:
    assert soon(lambda: lab.observe()["well"]), lab.observe()["verdict"]
    return True


@pytest.mark.real
@pytest.mark.slow
def test_it_answers_through_edge_and_balancer_and_says_how_it_stands(lab: SystemLab) -> None:
    assert soon(lambda: answer(lab, "cdn-1") == answer(lab) == 200)
    assert well(lab)
    seen = lab.observe()
    assert seen["well"] and seen["verdict"].startswith("shop stands")
    told = {row["name"]: row["tells"] for row in seen["hosts"]}
    assert told["orders-1"] == "commits wait for orders-2" and told["orders-2"].endswith(" behind")
    assert told["web-1"] == told["api-3"] == "gets requests"
    assert {row["role"] for row in seen["hosts"]} >= {
        "database", "cache", "service", "balancer", "edge", "objects", "watch",
    }  # fmt: skip
    assert {row["zone"] for row in seen["hosts"] if row["role"] == "service"} == {
        "eu-north-1a", "eu-north-1b", "eu-north-1c",
    }  # fmt: skip
    used = [row["memory"] for row in seen["hosts"] if row["memory"] is not None]
    assert sum(used) < 1500


@pytest.mark.real
@pytest.mark.slow
def test_every_listener_is_on_loopback(lab: SystemLab) -> None:
    found = {at for one in launch.families(lab.records.all()) for at in listening(one.pid, 0) or ()}
    assert found and all(ipaddress.ip_address(at) in ipaddress.ip_network("127.0.0.0/8") for at in found)
    assert not lab.observe()["outside"]


def ask(lab: SystemLab, path: str, host: str = "cdn-1") -> int:
    at = next(one for one in lab.hosts if one.name == host)
    return launch.get(at.address, at.port, path, authority=str(lab.room / "authority.pem"))[0]


def prometheus(lab: SystemLab, what: str, **told: object) -> list:
    at = next(one for one in lab.hosts if one.role == "watch")
    return json.loads(launch.get(at.address, at.port, f"/api/v1/{what}?{urlencode(told)}")[1])["data"]


@pytest.mark.real
@pytest.mark.slow
def test_its_lines_are_shipped_masked_and_found_and_a_request_is_followed(lab: SystemLab) -> None:
    """Through rsyslog on every host; from the edge to the store; from a bucket of the histogram to a trace."""
    need("rsyslogd", "rsyslog")
    assert soon(lambda: ask(lab, "/?email=anna.miller@example.org&from=drill") == 200)
    kept = lab.telemetry()
    assert soon(lambda: {one.host for one in kept.search("email masked from drill")} >= {"cdn-1", "balancer-1"})
    raw = (lab.room / "cdn-1/var/log/nginx-access.log").read_text()
    assert "anna.miller@example.org" in raw  # on the host's own disk, as everywhere
    assert not kept.search("miller") and kept.search("email masked", "cdn-1")[-1].text.count("[masked]") == 1
    assert soon(lambda: kept.search("ready to accept connections", "orders-1"))
    assert soon(lambda: kept.search("web listens", "web-1")) and not kept.search("web listens", "api-1")
    trace = re.findall(r" trace=(\w{32}) ", kept.search("email masked from drill", "cdn-1")[-1].text)[-1]
    wanted = [
        (0, "cdn", "GET"), (1, "web", "GET"), (2, "web", "service api"), (3, "api", "GET"),
        (4, "api", "postgres orders"),
    ]  # fmt: skip
    assert soon(lambda: set(wanted) <= {(at, one.service, one.name) for at, one in tree(kept.trace(trace))})
    found = {one.host for one in kept.search(trace)}
    assert found == {"cdn-1", "balancer-1"}

    def exemplars() -> set[str]:
        query = 'http_server_request_duration_seconds_bucket{service="api"}'
        told = prometheus(lab, "query_exemplars", query=query, start=time.time() - 600, end=time.time())
        return {one["labels"]["trace_id"] for series in told for one in series["exemplars"]}

    assert soon(lambda: ask(lab, "/") and exemplars() & {one.trace for one, _ in kept.newest(1000)})


UNFED = {  # panels without data in the lab, and why
    "Changed by hand": "`standfast status --format prometheus` writes it, of what was applied to a cloud",
    "Audit checks that fail": "as above",
    "Newest point to return to": "`standfast backup` writes it",
    "Newest restore that was tried": "as above",
}
LATER = {"Answer time from outside"}  # it looks at full minutes only, and one is not waited for


@pytest.mark.real
@pytest.mark.slow
def test_every_query_of_every_panel_has_data_from_the_lab_or_a_reason(lab: SystemLab, plan: Plan) -> None:
    for name in ("node", "postgres", "redis", "blackbox"):
        need(f"prometheus-{name}-exporter", f"prometheus-{name}-exporter")
    wanted = {
        (panel["title"], target["expr"])
        for file in write_watch(plan, "grafana") if file.path.startswith("dashboards/")
        for panel in json.loads(file.text)["panels"] for target in panel.get("targets", ())
    }  # fmt: skip
    empty = set(wanted)

    def asked() -> bool:
        ask(lab, "/")  # users come: a share of nothing is no number
        for title, expr in sorted(empty):
            if prometheus(lab, "query", query=f"({expr}) == ({expr})")["result"]:  # ty: ignore
                empty.discard((title, expr))
        return {title for title, _ in empty} - LATER <= set(UNFED)

    assert len(wanted) > 60 and soon(asked), sorted(empty)
    assert {title for title, _ in empty} - LATER == set(UNFED), "a reason that is none any more"


@pytest.mark.real
@pytest.mark.slow
def test_a_release_that_fails_half_of_it_pages_by_the_burn_of_its_budget_and_that_ends(lab: SystemLab) -> None:
    def told(state: str) -> set[str]:
        return {one["receiver"] for one in events(lab, "alert") if one["state"] == state
                and one["name"] == "ErrorBudgetBurn" and one["labels"]["severity"] == "page"}  # fmt: skip

    routed = any(run.name.endswith(".alertmanager") for run in lab.runs)
    who = {"page" if routed else "prometheus"}
    lab.break_(Fault("failing_release", {"service": "web", "share": 0.5}))
    assert set(states(lab).values()) <= {"ready", "leads", "follows"}  # by their own word all is well
    assert soon(lambda: answer(lab) and told("firing") == who)
    lab.heal()
    assert soon(lambda: answer(lab) == 200 and told("resolved") == who)
    assert well(lab)


@pytest.mark.real
@pytest.mark.slow
def test_a_lost_primary_is_followed_by_its_standby_and_services_find_it(lab: SystemLab) -> None:
    lab.break_(Fault("kill_instance", {"host": "orders-1"}))
    assert soon(lambda: [one["server"] for one in events(lab, "promoted")] == ["orders-2"])
    assert soon(lambda: answer(lab) == 200)
    assert states(lab)["orders-1"] == "lost" and states(lab)["orders-2"] == "leads"
    lab.heal()
    assert well(lab)
    assert states(lab)["orders-1"] == "follows"


@pytest.mark.real
@pytest.mark.slow
def test_a_lost_zone_takes_its_data_along_an_alert_tells_of_it_and_it_comes_back(lab: SystemLab) -> None:
    lab.break_(Fault("lose_zone", {"zone": "eu-north-1b"}))  # where the primary is since the last test
    lost = {name.partition(".")[0] for name, state in states(lab).items() if state == "lost"}
    assert lost == {"orders-2", "web-2", "api-2"}
    assert not (lab.room / "orders-2/var/lib/postgresql/data").exists()
    assert soon(lambda: answer(lab) == 200)

    def told() -> set[tuple[str, str]]:
        return {(one["labels"].get("component", ""), one["receiver"]) for one in events(lab, "alert")
                if one["name"] == "InstancesMissing" and one["state"] == "firing"}  # fmt: skip

    routed = any(run.name.endswith(".alertmanager") for run in lab.runs)  # Debian's wants a user namespace of its own
    who = "ticket" if routed else "prometheus"
    assert soon(lambda: {("web", who), ("api", who)} <= told())
    lab.heal()
    assert well(lab)
    assert states(lab)["orders-2"] == "follows"


@pytest.mark.real
@pytest.mark.slow
def test_a_bad_deploy_stops_at_its_gate_and_a_certificate_runs_out(lab: SystemLab) -> None:
    lab.break_(Fault("bad_deploy", {"service": "api"}))
    assert [name for name, state in states(lab).items() if state == "silent"] == ["api-1"]
    assert soon(lambda: answer(lab) == 200)
    lab.break_(Fault("expire_certificate"))
    assert soon(lambda: answer(lab) == 0)  # the test verifies it, as a browser does
    lab.heal()
    assert well(lab)


@pytest.mark.real
@pytest.mark.slow
def test_a_certificate_a_disk_and_a_clock_are_told_by_alerts_that_come_and_end(lab: SystemLab) -> None:
    """From the real exporter's probe, the keeper's figures and a real jump, by Prometheus and Alertmanager."""
    need("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    try:
        clock.find()
    except Problems:
        need("faketime", "libfaketime")
    wanted = {"CertificateEnds": ("page", ""), "StoreRunsShort": ("page", "storage"), "HostRunsShort": ("", "clock")}

    def told(state: str) -> set[str]:
        found = set()
        for one in events(lab, "alert"):
            severity, resource = wanted.get(one["name"], ("no", ""))
            if one["state"] == state and resource == one["labels"].get("resource", ""):
                found |= {one["name"]} if severity in ("", one["labels"]["severity"]) else set()
        return found

    lab.break_(Fault("jump_clock", {"host": "web-1", "seconds": 3600.0}))
    assert states(lab)["web-1"] == "clock off"
    clock_alone = {"HostRunsShort"}  # not with the others: what users meet at web pages, and hides web's tickets
    assert soon(lambda: told("firing") == clock_alone), told("firing")
    lab.heal()
    assert soon(lambda: told("resolved") == clock_alone), told("resolved")
    lab.break_(Fault("fill_disk", {"host": "orders-1"}))
    lab.break_(Fault("expire_certificate", {"host": "cdn-1"}))
    assert soon(lambda: told("firing") == wanted.keys()), told("firing")
    lab.heal()
    assert soon(lambda: told("resolved") == wanted.keys()), told("resolved")
    assert well(lab)


@pytest.mark.real
@pytest.mark.slow
def test_a_fault_that_it_cannot_make_is_a_problem(lab: SystemLab) -> None:
    for fault, words in (
        (Fault("lose_zone", {"zone": "eu-north-1d"}), "no zone eu-north-1d"),
        (Fault("nonsense"), "cannot break"),
        (Fault("jump_clock", {"host": "orders-1", "seconds": 60.0}), "clock of orders-1"),
        (Fault("fill_disk", {"host": "web-1"}), "disk of web-1"),
        (Fault("kill_instance", {}), "wrong things"),
    ):
        with pytest.raises(Problems, match=words):
            lab.break_(fault)
    assert well(lab)


@pytest.mark.real
@pytest.mark.slow
def test_a_second_lab_beside_it_and_a_component_that_dies_at_start(
    lab: SystemLab, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "valkey-server"
    bad.write_text("#!/bin/sh\necho 'ERROR: no such luck'\nexit 3\n")
    bad.chmod(0o755)
    tmp_path.chmod(0o755)
    monkeypatch.setenv("STANDFAST_VALKEY", str(bad))
    other = SystemLab(tmp_path / "other" / "lab", plan)
    with pytest.raises(Problems, match=r"no such luck(.|\n)*what all programs said is in .*failed"):
        other.build()
    assert [one.name for one in other.folder.iterdir()] == ["failed"], "what all said stays, until the next start"
    assert "no such luck" in (other.folder / "failed/sessions-1-redis.log").read_text()
    other.clear()
    assert not other.folder.exists() and answer(lab) == 200


@pytest.mark.real
@pytest.mark.slow
def test_as_drills_see_it_a_lost_region_comes_back_from_the_offsite_copy_under_load(lab: SystemLab, plan: Plan) -> None:
    heard: list[tuple[str, dict]] = []
    world = DrilledLab(lab.folder, plan, hear=lambda what, **facts: heard.append((what, facts)))
    world.lab.open()

    def answers() -> list[int]:
        return [status for what, facts in heard if what == "requests" for _, _, status in facts["sent"]]

    def goes_on(asked: Callable[[], object]) -> bool:
        return soon(lambda: world.wait(0.2) or asked())

    try:
        world.start_load(5)
        world.start_writing()
        assert goes_on(lambda: 200 in answers() and any(what == "acknowledged" for what, _ in heard))
        world.stop_writing()
        acknowledged = {facts["id"] for what, facts in heard if what == "acknowledged"}
        world.back_up()
        world.break_(Fault("lose_region"))
        heard.clear()
        assert goes_on(lambda: answers() and 200 not in answers()[-3:])
        assert not world.observe()["well"] and not world.observe()["writable"]
        world.carry_out("restore_offsite")
        heard.clear()
        assert goes_on(lambda: 200 in answers())
        assert acknowledged <= set(world.written())
        world.break_(Fault("lose_edge"))
        world.carry_out("bypass_edge")
        heard.clear()
        assert goes_on(lambda: 200 in answers())
    finally:
        world.stop_load()
        world.stop_writing()
        world.heal()
    assert well(lab)
    assert not list(lab.folder.glob("load-*"))


@pytest.mark.real
@pytest.mark.slow
def test_a_new_run_ends_all_that_a_killed_one_left_and_nothing_else(lab: SystemLab) -> None:
    """Last of this file: it takes the lab down."""
    everything = [one for one in launch.families(lab.records.all()) if one.alive]
    room = lab.room
    bystander = subprocess.Popen(["sleep", "300"], cwd=room / "web-1")  # somebody looks around there
    try:
        os.kill(pid(lab, "keeper"), signal.SIGKILL)
        (lab.records.path / "web-2.json").unlink()  # the tool was killed before it could write it down
        SystemLab(lab.folder).clear()
        assert not [one for one in everything if one.alive]
        assert bystander.poll() is None
        assert not room.exists() and not lab.folder.exists()
    finally:
        bystander.kill()
        bystander.wait()


def test_a_port_that_is_taken_moves_the_lab_or_is_named(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape, _ = lab_system(plan)
    usual, claim = placed(shape, tmp_path)
    network = usual[0].address.rpartition(".")[0]
    with claim:  # somebody else builds a lab there now
        moved, other = placed(shape, tmp_path)
        other.close()
    assert moved[0].address.rpartition(".")[0] != network
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((usual[3].address, usual[3].port))
        taken.listen()
        again, other = placed(shape, tmp_path)
        other.close()
        assert again[0].address.rpartition(".")[0] != network
    monkeypatch.setattr(hosts, "_free", lambda address, port: port != 8443)
    with pytest.raises(Problems, match=r"no free loopback addresses(.|\n)*8443(.|\n)*ss -ltnp"):
        placed(shape, tmp_path)


def test_rules_are_those_of_production_with_time_made_short(plan: Plan) -> None:
    from standfast.watch.prometheus import rules
    from standfast.watch.signals import signals_of

    small = as_small(plan, lab_system(plan)[0])
    production, lab = rules(plan, signals_of(plan)), shortened(rules(plan, signals_of(small)))
    for group, short in zip(production["groups"], lab["groups"], strict=True):
        assert short["interval"] == "1s"
        rung = [rule for rule in group["rules"] if alarms(rule.get("alert", ""), rule["labels"])]
        for rule, other in zip(rung, short["rules"], strict=True):
            missing = rule.get("alert") in ("InstancesMissing", "StoreMissing")  # they tell of as many as there are
            windows = "objective" in rule["labels"]
            assert missing or re.sub(r"\[\w+\]", "[]", rule["expr"]) == re.sub(r"\[\w+\]", "[]", other["expr"])
            assert missing or windows or rule["expr"] == other["expr"]
            assert ("for" in rule) == ("for" in other) and rule["labels"] == other["labels"]
    calm = shortened(rules(plan, signals_of(small)), CALM)
    assert {group["interval"] for group in calm["groups"]} == {"5s"}
    held = [
        rule["for"] for group in lab["groups"] for rule in group["rules"] if rule.get("alert") == "InstancesMissing"
    ]
    assert set(held) == {"5s"}
    assert "25s" in {rule.get("for") for group in calm["groups"] for rule in group["rules"]}


def test_the_end_of_a_process_is_known_at_once_and_another_of_its_number_is_not_taken_for_it() -> None:
    one, other = (subprocess.Popen(["sleep", "300"]) for _ in range(2))
    try:
        ends, first, second = Ends(), Process.of(one.pid), Process.of(other.pid)
        ends.watch([first, second, Process(second.pid, "1")])
        assert ends.alive(first) and ends.alive(second) and not ends.alive(Process(second.pid, "1"))
        one.kill()
        ends.wait(PATIENCE)  # returns as soon as it ends: the test would take minutes otherwise
        assert not ends.alive(first) and ends.alive(second)
        ends.watch([])
        assert ends.alive(second), "asked for itself where the kernel does not tell"
    finally:
        for process in (one, other):
            process.kill()
            process.wait()


def test_the_lab_breaks_what_drills_may_ask_for() -> None:
    assert set(damage.FAULTS) == set(FAULTS)
    for name, told in FAULTS.items():
        assert tuple(inspect.signature(damage.FAULTS[name]).parameters)[1:] == told


def test_a_process_that_only_works_in_the_room_is_not_the_labs(tmp_path: Path) -> None:
    room = tmp_path / "room"
    (room / "web-1").mkdir(parents=True)
    marked = {**os.environ, MARK: str(room)}
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    ours = subprocess.Popen(sleep, cwd=room / "web-1", env=marked)
    (room / "web-1/run").mkdir()
    noted = subprocess.Popen(sleep, cwd="/", env=marked)
    (room / "web-1/run/noted.pid").write_text(f"{noted.pid}\n")
    elsewhere, plain = subprocess.Popen(sleep, cwd=tmp_path, env=marked), subprocess.Popen(sleep, cwd=room)
    try:
        assert soon(lambda: all(Path(f"/proc/{one.pid}/environ").read_bytes() for one in (ours, noted)))
        assert {one.pid for one in strays(room)} == {ours.pid, noted.pid}
    finally:
        for one in (ours, noted, elsewhere, plain):
            one.kill()
            one.wait()
