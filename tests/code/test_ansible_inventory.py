"""The inventories of the clouds: AWS's by the real plugin against an emulator, all by the plugins' own manuals."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from standfast.code.ansible import write_plan
from standfast.files import write_files
from standfast.plan import Plan
from tests.blueprint.shapes import everything
from tests.programs import ansible
from tests.shop import shop_plan

pytestmark = [pytest.mark.real]

COLLECTIONS = Path(__file__).parent.parent.parent / ".tools" / "ansible" / "collections"
PLANS = {
    "aws": everything(),
    "azure": replace(shop_plan(), cloud="azure", region="westeurope", zones=("westeurope-1", "westeurope-2")),
    "gcp": replace(shop_plan(), cloud="gcp", region="europe-west4", zones=("europe-west4-a", "europe-west4-b")),
}


def told(program: str, *words: str, folder: Path, **more: str) -> dict:
    environment = {**os.environ, "HOME": str(folder), "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), **more}
    command = [ansible(program), *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def project(plan: Plan, folder: Path) -> dict[str, str]:
    files = write_plan(plan)
    write_files(files, folder)
    return {one.path: one.text for one in files}


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An emulator of AWS on loopback, with keys that open nothing else."""
    server = pytest.importorskip("moto.server")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


def test_servers_are_found_by_their_tags_and_put_into_their_groups(emulator: str, tmp_path: Path) -> None:
    import boto3

    ansible("ansible-inventory")
    client = boto3.client("ec2", region_name="eu-north-1", endpoint_url=emulator)
    started = {}
    for component, zone, system in (
        ("front", "a", "odd"),
        ("cart", "b", "odd"),
        ("front", "c", "odd"),
        ("front", "a", "x"),
    ):
        tags = [{"Key": "system", "Value": system}, {"Key": "component", "Value": component}]
        made = client.run_instances(
            ImageId="ami-12c6146b", MinCount=1, MaxCount=1, Placement={"AvailabilityZone": f"eu-north-1{zone}"},
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )["Instances"][0]  # fmt: skip
        started[component, zone, system] = made
    project(PLANS["aws"], tmp_path)
    found = told("ansible-inventory", "--list", folder=tmp_path, AWS_ENDPOINT_URL=emulator)
    ids = {key: one["InstanceId"] for key, one in started.items()}
    ours = {value for (_, _, system), value in ids.items() if system == "odd"}
    assert set(found["_meta"]["hostvars"]) == ours
    assert set(found["front"]["hosts"]) == {ids["front", "a", "odd"], ids["front", "c", "odd"]}
    assert found["zone_eu_north_1b"]["hosts"] == [ids["cart", "b", "odd"]]
    assert {"front", "cart"} <= set(found["all_services"]["children"])
    host = found["_meta"]["hostvars"][ids["cart", "b", "odd"]]
    assert plain(host["host_address"]) == started["cart", "b", "odd"]["PrivateIpAddress"]
    assert plain(host["ansible_host"]) == ids["cart", "b", "odd"]
    assert host["ansible_connection"] == "amazon.aws.aws_ssm"
    assert plain(host["placement"]["region"]) == "eu-north-1"  # ansible_aws_ssm_region follows from it
    assert (host["service_port"], host["service_manager"], host["host_component"]) == (8080, "systemd", "cart")


def test_a_secret_is_looked_up_where_the_cloud_keeps_it(emulator: str, tmp_path: Path) -> None:
    """Under the name that the infrastructure code gives it; nothing of it stands in a file."""
    import boto3

    secrets = boto3.client("secretsmanager", region_name="eu-north-1", endpoint_url=emulator)
    for name in ("API_KEY", "dotted.name"):
        secrets.create_secret(Name=f"odd/{name}", SecretString=f"{{{{ {name} }}}}")
    project(PLANS["aws"], tmp_path)
    words = ["-i", "localhost,", "localhost", "-m", "debug", "-a", "var=service_secrets"]
    environment = {
        **os.environ, "HOME": str(tmp_path), "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "AWS_ENDPOINT_URL": emulator,
    }  # fmt: skip
    words += ["-e", "@inventory/production/group_vars/front.yml"]
    done = subprocess.run([ansible("ansible"), *words], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "{{ API_KEY }}" in done.stdout and "{{ dotted.name }}" in done.stdout


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
def test_the_plugins_know_every_setting(cloud: str, tmp_path: Path) -> None:
    """Each setting is one of the plugin's own manual, of the kind that it wants, and its file has a name it takes."""
    (path, text), *_ = [
        (path, text)
        for path, text in project(PLANS[cloud], tmp_path).items()
        if path.startswith("inventory/production/1_")
    ]
    settings = yaml.safe_load(text)
    name = settings["plugin"]
    manual = told("ansible-doc", "-t", "inventory", "--json", name, folder=tmp_path)[name]["doc"]
    kinds = {"list": list, "dict": dict, "str": str, "string": str, "bool": bool, "boolean": bool}
    for key, value in settings.items():
        if key == "plugin":  # Ansible's own, in no manual of google's
            continue
        option = manual["options"][key]
        known = kinds.get(option.get("type", ""))  # some options of azure's have none
        assert known is None or isinstance(value, known), key
        assert not option.get("choices") or value in option["choices"], key
    assert path.endswith((f"{name.rpartition('.')[2]}.yml",))
    wanted = {
        one["name"]: one["version"]
        for one in yaml.safe_load((tmp_path / "requirements.yml").read_text())["collections"]
    }
    manifest = COLLECTIONS / "ansible_collections" / name.rpartition(".")[0].replace(".", "/") / "MANIFEST.json"
    version = json.loads(manifest.read_text())["collection_info"]["version"]
    least, below = wanted[name.rpartition(".")[0]].split(",")
    assert number(least.removeprefix(">=")) <= number(version) < number(below.removeprefix("<"))


def plain(value: str | dict[str, str]) -> str:
    """A value as Ansible lists it: what came from the cloud is marked, so that none of it is a template."""
    return value if isinstance(value, str) else value["__ansible_unsafe"]


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
