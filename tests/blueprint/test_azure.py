"""What stands on Azure for a plan: names, references, firewalls, identities. Read from the resources themselves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from standfast.blueprint import Block, Blueprint, Join, Ref, Resource, Var, make_blueprint, make_blueprints, unwritten
from standfast.blueprint.azure.site import squeezed
from standfast.problem import Problems
from tests.blueprint.azure_shapes import REPLICAS, everything, plan_of, with_standby
from tests.blueprint.test_aws import parts
from tests.providers import stub

DESIGNS = ("log-shipping", "pilot-light", "warm-standby", "active-active")
PLANS = {
    "servers": everything(),
    "private": everything(exposure="private"),
    "containers": everything(shape="container"),
    "cluster": everything(shape="kubernetes"),
    "one zone": everything(zones=("northcentralus-1",), system="a-system-with-a-very-long-name-x"),
    "replicas": plan_of(REPLICAS, read_replicas=2),
    "bare container": plan_of("system: bare\nservices: {web: {image: x, port: 80, public: true}}\n", shape="container"),
    "keeps data": plan_of("system: kept\nservices: {web: {image: x, port: 80, public: true, stateful: true}}\n"),
    **{design: with_standby(plan_of(REPLICAS), design) for design in DESIGNS},
}
SITES = [(name, number) for name, plan in PLANS.items() for number in range(2 if plan.standby else 1)]


@pytest.fixture(params=SITES, ids=lambda one: f"{one[0]}-{one[1]}", scope="module")
def blueprint(request: pytest.FixtureRequest) -> Blueprint:
    name, number = request.param
    return make_blueprints(PLANS[name])[number]


@pytest.fixture(scope="module")
def servers() -> Blueprint:
    return make_blueprint(PLANS["servers"])


def only(blueprint: Blueprint, address: str) -> Resource:
    return next(one for one in blueprint.resources if one.address == address)


def text(value: Any) -> str:
    """A name with the user's mark and domain filled in, references left out."""
    if isinstance(value, Join):
        return "".join(map(text, value.parts))
    if isinstance(value, Var):
        return {"mark": "x7k2zz", "domain": "shop.example.com"}.get(value.name, "value")
    return value if isinstance(value, str) else ""


def test_every_reference_leads_to_a_resource(blueprint: Blueprint) -> None:
    known = {one.address for one in blueprint.resources}
    told = [one.value for one in blueprint.outputs]
    assert {one.address for one in parts(told) if isinstance(one, Ref)} <= known
    for resource in blueprint.resources:
        refs = [one.address for one in parts(resource.settings) if isinstance(one, Ref)]
        assert set(refs) | set(resource.depends_on) <= known, resource.address


def test_references_make_no_circle(blueprint: Blueprint) -> None:
    needs = {
        one.address: {ref.address for ref in parts(one.settings) if isinstance(ref, Ref)} | set(one.depends_on)
        for one in blueprint.resources
    }
    while ready := [name for name, refs in needs.items() if not refs & needs.keys()]:
        for name in ready:
            del needs[name]
    assert not needs


def test_every_variable_is_declared_and_used(blueprint: Blueprint) -> None:
    declared = {one.name for one in blueprint.variables}
    everywhere = [one.settings for one in blueprint.resources], blueprint.tags, [one.value for one in blueprint.outputs]
    used = {one.name for one in parts(list(everywhere)) if isinstance(one, Var)}
    assert used | {"domain"} == declared


def test_variables_have_an_example_or_a_default_that_matches(blueprint: Blueprint) -> None:
    for one in blueprint.variables:
        given = one.default if one.default is not None else one.example
        assert one.secret or given is not None, one.name
        assert not (one.secret and one.default), one.name
        if one.pattern and given:
            assert re.search(one.pattern, given), one.name


def test_what_the_standby_asks_the_first_site_tells() -> None:
    for design in ("backup", *DESIGNS):
        first, other = make_blueprints(with_standby(plan_of(REPLICAS), design))
        own = {one.name for one in make_blueprint(plan_of(REPLICAS)).variables}
        asked = {one.name for one in other.variables if not one.secret} - own
        assert asked <= {one.name for one in first.outputs}, design
        assert asked


def test_every_argument_is_one_of_the_provider(blueprint: Blueprint) -> None:
    """As the stub would say it, in a moment: names, nesting, what is required, known values and names."""
    known = stub.schemas("azurerm")
    for one in blueprint.resources:
        kind = f"data.{one.kind}" if one.data else one.kind
        assert list(stub.faults(known[kind], kind, one.settings, text)) == [], one.address


LIMITS = {
    "azurerm_storage_account": r"[a-z0-9]{3,24}",
    "azurerm_key_vault": r"[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]",
    "azurerm_container_app": r"[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]",
    "azurerm_postgresql_flexible_server": r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    "azurerm_mysql_flexible_server": r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    "azurerm_storage_container": r"[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]",
    "azurerm_key_vault_secret": r"[A-Za-z0-9-]{1,127}",
    "azurerm_linux_virtual_machine_scale_set": r"[a-z0-9-]{1,64}",
    "azurerm_user_assigned_identity": r"[a-z0-9-]{3,128}",
    "azurerm_network_security_rule": r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,79}",
    "azurerm_kubernetes_cluster_node_pool": r"[a-z][a-z0-9]{0,11}",
}
HOSTILE = """\
system: {system}
services:
  {a}: {{image: x, port: 80, public: true, calls: [{b}, {c}, {d}], secrets: [A_B]}}
stores:
  {b}: {{kind: postgres, data: 1 GiB}}
  {c}: {{kind: redis, memory: 1 GiB}}
  {d}: {{kind: objects, data: 1 GiB}}
"""
LONG = "abcdefghijklmnopqrstuvwxyz-01"


@pytest.mark.parametrize("shape", ["vm", "container", "kubernetes"])
@pytest.mark.parametrize("names", [("a", "b", "c", "d", "e"), ("x--y", "p--q", "r--s", "t--u", "v--w"),
                                   tuple(f"{LONG}{one}" for one in "abcde")])  # fmt: skip
def test_every_name_fits_the_rules_of_azure(shape: str, names: tuple[str, ...]) -> None:
    system, *others = names
    done = make_blueprint(plan_of(HOSTILE.format(system=system, **dict(zip("abcd", others, strict=True))), shape=shape))
    seen: dict[str, set[str]] = {}
    known = stub.schemas("azurerm")
    for one in done.resources:
        if not one.data:
            assert list(stub.faults(known[one.kind], one.kind, one.settings, text)) == [], one.address
        if one.kind in LIMITS:
            name = text(one.settings["name"])
            assert re.fullmatch(LIMITS[one.kind], name), f"{one.address}: {name}"
            if not one.kind.endswith("_rule"):
                assert name not in seen.setdefault(one.kind, set()), name
                seen[one.kind].add(name)


def test_names_that_azure_would_take_for_one_are_a_problem() -> None:
    with pytest.raises(Problems, match="would both be called shopab…"):
        make_blueprint(plan_of("system: shop\nstores: {a-b: {kind: objects, data: 1 GiB}, ab: {kind: objects, "
                               "data: 1 GiB}}\nservices: {web: {image: x, port: 80, public: true}}"))  # fmt: skip
    with pytest.raises(Problems, match="would be one in the vault"):
        make_blueprint(plan_of("system: shop\nservices: {web: {image: x, port: 80, public: true, "
                               "secrets: [API_KEY, api.key]}}"))  # fmt: skip


def test_long_names_stay_apart_when_they_are_cut() -> None:
    assert squeezed("shop-images", 18) == "shopimages"
    assert squeezed(f"{LONG}-one", 18) != squeezed(f"{LONG}-two", 18)
    assert len(squeezed(f"{LONG}-one", 18)) == 18


def test_backups_go_to_the_paired_region_only() -> None:
    plan = replace(with_standby(plan_of(REPLICAS), "backup", region="swedencentral"))
    with pytest.raises(Problems, match="Azure does not copy backups from westeurope to swedencentral"):
        make_blueprints(plan)


def test_everything_that_is_planned_can_be_written() -> None:
    for plan in PLANS.values():
        assert unwritten(plan) == []


def test_what_is_followed_is_not_burstable() -> None:
    plan = with_standby(plan_of(REPLICAS), "pilot-light")
    small = tuple(
        replace(one, offer="B_Standard_B2ms") if one.kind == "postgres" else one for one in plan.standby.choices
    )
    first, other = make_blueprints(replace(plan, standby=replace(plan.standby, choices=small)))
    for done in (first, other):
        for one in done.find("azurerm_postgresql_flexible_server"):
            assert not one.settings["sku_name"].startswith("B_")


def test_only_users_come_from_the_internet(servers: Blueprint) -> None:
    rules = [one.settings for one in servers.find("azurerm_network_security_rule") if one.settings["access"] == "Allow"]
    open_ones = {one["name"] for one in rules if one.get("source_address_prefix") in ("*", "Internet", "0.0.0.0/0")
                 and one["direction"] == "Inbound"}  # fmt: skip
    assert open_ones == {"https", "http"}
    assert not [one for one in rules if one["destination_port_range"] in ("22", "3389")]


def test_rules_follow_the_call_graph(servers: Blueprint) -> None:
    """A rule for each edge, and none between services that do not call one another."""
    between = {
        one.name for one in servers.find("azurerm_network_security_rule")
        if "source_application_security_group_ids" in one.settings
        and "destination_application_security_group_ids" in one.settings
    }  # fmt: skip
    assert between == {"admin_to_cart", "front_to_cart", "front_to_mail"}
    asked = {
        one.name for one in servers.find("azurerm_network_security_rule")
        if "source_application_security_group_ids" in one.settings and one.name.endswith(("_stock", "_fast"))
    }  # fmt: skip
    assert asked == {"front_to_stock", "front_to_fast", "cart_to_stock", "worker_to_stock", "worker_to_fast"}


def test_priorities_of_a_group_differ(blueprint: Blueprint) -> None:
    seen = [
        (one.settings["network_security_group_name"], one.settings["direction"], one.settings["priority"])
        for one in blueprint.find("azurerm_network_security_rule")
    ]
    assert len(seen) == len(set(seen))
    assert all(100 <= priority <= 4096 for _, _, priority in seen)


def test_a_service_reads_its_own_secrets_only(servers: Blueprint) -> None:
    names = {one.name for one in servers.find("azurerm_role_assignment") if "_reads_" in one.name}
    assert "front_reads_dotted_name" in names
    assert "admin_reads_dotted_name" not in names
    assert not {one for one in names if one.startswith("mail_")}
    wide = {"Owner", "User Access Administrator"}
    for one in servers.find("azurerm_role_assignment"):
        assert one.settings["role_definition_name"] not in wide


def test_what_holds_data_is_encrypted_and_out_of_reach(blueprint: Blueprint) -> None:
    for one in blueprint.find("azurerm_managed_redis"):
        assert one.settings["public_network_access"] == "Disabled"
    for one in blueprint.find("azurerm_storage_account"):
        assert one.settings["shared_access_key_enabled"] is False
        assert isinstance(one.settings["customer_managed_key"], Block)
        assert one.settings["public_network_access_enabled"] == one.settings["allow_nested_items_to_be_public"]
    recorded = [one.settings["target_resource_id"] for one in blueprint.find("azurerm_monitor_diagnostic_setting")]
    for one in blueprint.find("azurerm_storage_container"):
        assert Join((one.settings["storage_account_id"], "/blobServices/default")) in recorded
    for one in blueprint.find("azurerm_postgresql_flexible_server"):
        assert one.settings["delegated_subnet_id"].address == "azurerm_subnet.postgres"


def test_schemas_hold_what_is_used_and_no_more() -> None:
    every = [one for plan in PLANS.values() for done in make_blueprints(plan) for one in done.resources]
    used = {f"data.{one.kind}" if one.data else one.kind for one in every}
    assert used == set(stub.schemas("azurerm")) - {"provider"}


def script(done: Blueprint, address: str) -> str:
    return text(only(done, address).settings["custom_data"].text)


def test_what_a_server_boots_with_is_sound() -> None:
    """The shell reads it, Python reads the programs inside it, and the identity of the service is named."""
    done = make_blueprint(PLANS["replicas"])
    told = script(done, "azurerm_linux_virtual_machine_scale_set.web")
    assert subprocess.run(["bash", "-n"], input=told, text=True, capture_output=True).stderr == ""
    programs = re.findall(r"<<'SCRIPT'\n(.*?)\nSCRIPT\n", told, re.S)
    assert len(programs) == 2  # one logs in to the registry, one reads secrets
    for program in programs:
        compile(program, "program", "exec")
    assert "ExecStartPre=/usr/local/bin/app-login" in told and "acmeregistry.azurecr.io" in programs[0]


def test_secrets_are_read_with_the_identity_of_the_service(tmp_path: Path) -> None:
    """The program itself, run against a stand-in for the metadata of a server and for the vault."""
    told = script(make_blueprint(PLANS["replicas"]), "azurerm_linux_virtual_machine_scale_set.web")
    program = re.findall(r"<<'SCRIPT'\n(.*?)\nSCRIPT\n", told, re.S)[1]
    asked: list[tuple[str, str]] = []

    class Stand(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization") or self.headers.get("Metadata") or ""))
            body = {"access_token": "t0ken"} if "identity" in self.path else {"value": 'a "b" $c'}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Stand)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    (tmp_path / "who").write_text("client-1\n")
    for old, new in (("http://169.254.169.254", here), ("/etc/app-identity", str(tmp_path / "who")),
                     ("/run/app/secrets", str(tmp_path / "secrets"))):  # fmt: skip
        program = program.replace(old, new)
    program = re.sub(r'"value", "", ""', f'"value", "{here}/secrets/one", ""', program)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    server.shutdown()
    assert done.stderr == ""
    lines = (tmp_path / "secrets").read_text().splitlines()
    assert 'ORDERS_PASSWORD="a \\"b\\" \\$c"' in lines
    assert any("client_id=client-1" in path and kind == "true" for path, kind in asked)
    assert ("/secrets/one?api-version=7.4", "Bearer t0ken") in asked
