"""The Ansible project of whole plans: read back as YAML, judged by ansible-lint and Ansible's own reader."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.code.ansible import PROJECT, SHAPES, write_plan
from standfast.code.ansible.backups import schedule
from standfast.code.ansible.groups import groups_of, lab_hosts
from standfast.code.ansible.yaml_text import Unsafe, file
from standfast.files import write_files
from standfast.plan import Elsewhere, Plan
from standfast.plan.schedule import schedule_of
from standfast.problem import Problems
from standfast.spec import parse_spec
from tests.blueprint.shapes import everything, plan_of
from tests.code.test_hcl import ODD
from tests.programs import ansible, need
from tests.shop import shop_plan

HOSTILE = [
    *ODD, "{{ 7 * 7 }}", "{% raw %}", "{# gone #}", "!unsafe x", "'", "a: b", "- x", "x #y", "%n %(x)s %%", "$(id)",
    "`id`", "~", "null", "yes", "0x1F", "1e3", "2026-11-28", "[a", "{a", "&a", "*a", "@a", "|", ">", "x" * 200,
    "{{ lookup('pipe', 'id') }}", "".join(ODD),
]  # fmt: skip


class Reader(yaml.SafeLoader):
    pass


Reader.add_constructor("!unsafe", lambda loader, node: Unsafe(loader.construct_scalar(node)))


def read(text: str) -> Any:
    return yaml.load(text, Reader)  # a SafeLoader


def files_of(plan: Plan) -> dict[str, str]:
    return {one.path: one.text for one in write_plan(plan)}


@pytest.fixture(scope="module")
def shop() -> dict[str, str]:
    return files_of(shop_plan())


@given(
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.characters(exclude_categories=["Cs"])), max_size=60).map("".join)
)
@settings(max_examples=200, deadline=None)
def test_any_text_comes_back_as_it_was_and_is_marked(text: str) -> None:
    found = read(file("x.yml", {"a": Unsafe(text), "b": [{text or "k": text}]}, text).text)
    assert found == {"a": text, "b": [{text or "k": text}]}
    assert type(found["a"]) is Unsafe or "{" not in text  # a word such as null, which no template can be in


@pytest.mark.parametrize("name", ["shop", "everything"])
def test_what_a_user_wrote_is_marked_wherever_it_stands(name: str) -> None:
    """Nothing but `!unsafe` holds text of the spec, so no word of it is ever taken for a template."""
    plan = shop_plan() if name == "shop" else everything(motto="'{{ evil }}'", owner="'{% evil %}'")
    for path, text in files_of(plan).items():
        if path.endswith(".yml") and not path.startswith("roles/"):
            for value in strings(read(text)):
                assert "evil" not in value or type(value) is Unsafe, path
    assert "{% evil %}" in files_of(plan)["group_vars/all.yml"] or name == "shop"


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [one for pair in value.items() for part in pair for one in strings(part)]
    if isinstance(value, list):
        return [one for part in value for one in strings(part)]
    return [value] if isinstance(value, str) else []


def test_values_come_from_the_plan(shop: dict[str, str]) -> None:
    orders, api = read(shop["group_vars/orders.yml"]), read(shop["group_vars/api.yml"])
    assert (orders["postgres_version"], orders["postgres_memory_mib"], orders["postgres_cores"]) == ("16", 32768, 4)
    assert orders["postgres_synchronous"] is True  # rpo 0 for the loss of an instance
    assert orders["postgres_callers"] == ["api"] and orders["postgres_connections"] == 140
    assert (api["service_port"], api["service_memory_mib"]) == (8081, 700)
    balancer = read(shop["group_vars/balancer.yml"])
    assert balancer["haproxy_front"] == "web"
    assert [(one["name"], one["public"], one.get("listener")) for one in balancer["haproxy_services"]] == [
        ("web", True, None), ("api", False, 8081),
    ]  # fmt: skip


def test_production_has_what_runs_on_servers_and_the_lab_has_all(shop: dict[str, str]) -> None:
    groups = read(shop["inventory/production/2_groups.yml"])
    assert {name: list(one["children"]) for name, one in groups.items()} == {
        "all_services": ["web", "api"], "all_postgres": [], "all_redis": [], "all_balancers": [], "all_edges": [],
        "all_files": [],
    }  # fmt: skip
    hosts = read(shop["inventory/lab/hosts.yml"])
    assert list(hosts["orders"]["hosts"]) == ["orders-1", "orders-2"] and len(hosts["api"]["hosts"]) == 3
    addresses = [host["host_address"] for one in hosts.values() for host in one.get("hosts", {}).values() if host]
    assert len(set(addresses)) == len(addresses) == 12
    assert all(one.startswith("127.") for one in addresses)
    known = ["zone_eu_west_1a", "zone_eu_west_1b", "zone_eu_west_1c"]
    assert [one["hosts"] for one in read(shop["patch.yml"])] == [*known, ":!".join(["all", *known])]


def test_what_the_lab_says_otherwise_is_not_said_where_it_would_lose(shop: dict[str, str]) -> None:
    """A group's variables beside the playbook go before those beside the inventory, in any group but `all`."""
    beside = {path: read(text) for path, text in shop.items() if path.startswith("group_vars/")}
    said = {key for path, told in beside.items() if not path.endswith("/all.yml") for key in told}
    for path, text in shop.items():
        if path.startswith("inventory/lab/group_vars/"):
            assert not said & set(read(text)), path


def test_no_file_holds_a_secret_or_a_place_of_this_machine(shop: dict[str, str]) -> None:
    text = "".join(shop.values())
    assert "/tmp" not in text and str(Path.home()) not in text and "BEGIN " not in text
    for path, one in shop.items():
        if path.endswith(".yml") and "vars" in path and not path.startswith("roles/"):
            for key, value in read(one).items():
                assert "password" not in key or "lookup" in str(value) or "lab_passwords" in str(value), (path, key)


def test_every_cloud_has_its_inventory_and_a_standby_its_own() -> None:
    plan = replace(shop_plan(), standby=Elsewhere("gcp", "europe-west4", "pilot-light"))
    files = files_of(plan)
    assert read(files["inventory/standby/1_gcp_compute.yml"])["plugin"] == "google.cloud.gcp_compute"
    assert len(read(files["requirements.yml"])["collections"]) == 2
    assert "zone_europe_west4_a" in [one["hosts"] for one in read(files["patch.yml"])]
    belgium = files_of(replace(shop_plan(), cloud="gcp", region="europe-west1"))  # its zones begin with b
    assert read(belgium["inventory/production/1_gcp_compute.yml"])["zones"][0] == "europe-west1-b"
    azure = files_of(replace(shop_plan(), cloud="azure", region="westeurope"))
    assert read(azure["inventory/production/1_azure_rm.yml"])["plugin"] == "azure.azcollection.azure_rm"


def test_the_same_plan_gives_the_same_bytes(shop: dict[str, str]) -> None:
    assert files_of(shop_plan()) == shop
    assert SHAPES == ("vm",)


CLASH = """\
system: odd
services:
  all: {image: nginx, port: 8080, public: true, cpu: 1 ms}
  all-services: {image: nginx, port: 8080, public: true, cpu: 1 ms}
"""


def test_a_component_that_would_be_a_group_of_ours_is_a_problem() -> None:
    with pytest.raises(Problems) as raised:
        write_plan(plan_of(CLASH))
    assert [one.place.line for one in raised.value.problems] == [3, 4]
    assert "rename it" in raised.value.problems[0].fix


def test_two_systems_have_labs_at_two_places() -> None:
    one, other = everything(), everything(system="other")
    assert not {host.address for host in lab_hosts(one, groups_of(one))} & {
        host.address for host in lab_hosts(other, groups_of(other))
    }


RECOVERY = """\
system: odd
promises: {reliability: {recovery: {corruption: {rto: 4 h, rpo: %s}, region: {rto: 30 days, rpo: 1 h}}}}
rules: {retention: {hourly: 3, yearly: 7}, hold: %s}
services: {none: {image: "web:1", public: true, cpu: 1 ms, calls: [orders]}}
stores: {orders: {kind: postgres}, images: {kind: objects}, fast: {kind: redis}}
"""


@pytest.mark.parametrize(("rpo", "hold"), [("10 s", "true"), ("5 min", "false"), ("3 days", "false")])
def test_the_spec_on_the_hosts_asks_the_same_of_backups(rpo: str, hold: str) -> None:
    """What `standfast backup` reads there gives the schedule, the retention and the hold of the user's own spec."""
    plan = plan_of(RECOVERY % (rpo, hold))
    files = files_of(plan)
    there = parse_spec(files["files/backup.yaml"], "backup.yaml")
    assert there.rules.retention == plan.system.rules.retention and there.rules.hold == plan.system.rules.hold
    for store in there.stores:
        ours = plan.system.component(store.name)
        told, why = schedule(plan, ours)
        timers = read(files[f"group_vars/{store.name}.yml"])["backup_timers"]
        if told is None:
            assert timers == [] and why in files["README.md"]
            continue
        assert [(one["name"], one["calendar"]) for one in timers] == [(one.name, one.calendar) for one in told.timers]
        same = schedule_of(there, store, "SPEC")
        assert (same.rpo, same.log, same.timers) == (told.rpo, told.log, told.timers)
    assert [store.name for store in there.stores] == ["orders", "images"] and "{{" not in files["files/backup.yaml"]


# The real programs


@pytest.mark.real
@pytest.mark.parametrize("user", ["", "daemon"])
@pytest.mark.parametrize("environment", [{}, {"A": "b"}])
def test_systemd_takes_the_units(user: str, environment: dict[str, str], tmp_path: Path) -> None:
    template = (PROJECT / "roles/process/templates/unit.service.j2").read_text()
    given = {
        "ansible_managed": "x", "process_name": "haproxy", "process_about": "100% of shop", "process_user": user,
        "process_environment": environment, "process_launcher": "/bin/true", "process_reload": "HUP",
        "process_command": ["/bin/true", "-f", "/etc/100%/$x"], "process_stop": "TERM",
        "process_writes": ["/var/lib"] if user else [], "process_runtime": "haproxy",
    }  # fmt: skip
    jinja = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined)  # as Ansible's own templates
    unit = tmp_path / "haproxy.service"
    unit.write_text(jinja.from_string(template).render(given))
    program = need("systemd-analyze", "systemd")
    done = subprocess.run([program, "verify", "--man=no", str(unit)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.real
@pytest.mark.slow
def test_the_linter_has_nothing_to_say(tmp_path: Path) -> None:
    """Profile production, every warning an error; it also has Ansible check the syntax of each playbook."""
    program = ansible("ansible-lint")
    write_files(write_plan(everything(motto="'{{ 7 * 7 }} \" '", owner="'{% x'")), tmp_path)
    path = f"{Path(program).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "HOME": str(tmp_path)}
    words = [program, "--nocolor", "--offline", "-q"]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.real
def test_ansible_reads_what_was_written_and_evaluates_none_of_it(tmp_path: Path) -> None:
    """The real inventory reader, with all variables of a host as Ansible itself understands them."""
    program = ansible("ansible-inventory")
    plan = everything()
    services = tuple(
        replace(one, environment={f"V{n}": text for n, text in enumerate(HOSTILE)}, command=tuple(HOSTILE))
        for one in plan.system.services
    )
    plan = replace(plan, system=replace(plan.system, services=services, owner="{{ 7 * 7 }}"))
    write_files(write_plan(plan), tmp_path)
    done = subprocess.run(
        [program, "--playbook-dir", str(tmp_path), "-i", "inventory/lab", "--host", "front-1"], cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    plain = lambda value: value.get("__ansible_unsafe", value) if isinstance(value, dict) else value  # noqa: E731
    given = {name: plain(value) for name, value in told["service_environment"].items()}
    assert given == {f"V{n}": text for n, text in enumerate(HOSTILE)}
    assert list(map(plain, told["service_image_command"])) == list(HOSTILE)
