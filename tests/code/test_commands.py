"""A command reaches its program word for word, on every cloud, shape and language: each text is read by who reads it.

Terraform's code by our reader of foreign code (which is held against Terraform), CloudFormation's by cfn-lint,
manifests by PyYAML and then by the rules of Kubernetes, units by systemd itself.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hcl2
import pytest
import yaml
from cfnlint.decode import cfn_yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from standfast.audit.sources.folder import read_path
from standfast.blueprint import Join, Json, make_blueprints
from standfast.blueprint.boot import argument
from standfast.code import write_code
from standfast.code.ansible import write_plan
from standfast.code.ansible.groups import groups_of, lab_hosts
from standfast.code.cloudformation import write as write_template
from standfast.code.terraform.hcl import block
from standfast.files import write_files
from standfast.plan import Plan
from standfast.problem import Problems
from standfast.worlds.lab.roles.values import Templates, hosts_of, read_yaml
from tests.blueprint import azure_shapes, google, shapes
from tests.blueprint.test_boot import here_document
from tests.programs import need

ODD = [
    "", " ", "a b", "--x=y z", "-", ";", "\\;", "'", '"', '\\"', "\\", "\\\\", "\\n", "\\x41", "$", "$$", "$HOME",
    "${HOME}", "${x}", "$${x}", "$(HOME)", "$$(HOME)", "%", "%%", "%n", "%{if}", "%%{if}", "{{ 7 * 7 }}", "{% x %}",
    "{{ .Env.X }}", "!Sub ${x}", "${!x}", "!Ref X", "Fn::Sub", "`id`", "$(id)", "a|b&c>d<e", "#x", "* ?", "~", "yes",
    "null", "1e3", "0x1f", ": ", "- ", "UNIT", "@x", "☃", "é", "𝄞", "=", "a=b", "[x]", "{y}", ",", "<<", "---",
    "\u00b5 ≤ ½",
]  # fmt: skip
words = st.lists(
    st.one_of(st.sampled_from(ODD), st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=12)),
    min_size=20, max_size=60,
)  # fmt: skip
SOME = settings(
    max_examples=6, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)  # plans shrink slowly
PLAIN = re.compile(r"\$\(|\$\$")  # what two platforms may change


WORKERS = ("worker", "api")  # in the one plan or the other


def told(plan: Plan, entrypoint: tuple[str, ...], command: tuple[str, ...]) -> Plan:
    services = tuple(
        replace(one, entrypoint=entrypoint, command=command) if one.name in WORKERS else one
        for one in plan.system.services
    )
    return replace(plan, system=replace(plan.system, services=services))


def resources(plan: Plan, folder: Path) -> dict[str, Any]:
    """Kind -> settings of what the worker is, read out of the Terraform code that was written."""
    write_files(write_code(make_blueprints(plan)[0]), folder)
    found, *_ = read_path(folder)
    return {one.kind: one.settings for one in found.resources if one.name in WORKERS}


def first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def of_ecs(plan: Plan, folder: Path) -> tuple[list[str], list[str]]:
    found = resources(plan, folder)["aws_ecs_task_definition"]["container_definitions"]
    assert isinstance(found, Json)
    (container,) = found.document
    return container["entryPoint"], container["command"]


def of_cloudformation(plan: Plan, folder: Path) -> tuple[list[str], list[str]]:
    texts = [one.text for one in write_template(make_blueprints(plan)[0]) if one.path.endswith(".yaml")]
    parts = [part for text in texts for part in cfn_yaml.loads(text)["Resources"].items()]
    container = next(
        part["Properties"]["ContainerDefinitions"][0]
        for _, part in parts
        if part["Type"] == "AWS::ECS::TaskDefinition" and part["Properties"]["Family"] == "odd-worker"
    )
    return list(container["EntryPoint"]), list(container["Command"])


def of_container_apps(plan: Plan, folder: Path) -> tuple[list[str], list[str]]:
    container = first(first(resources(plan, folder)["azurerm_container_app"]["template"])["container"])
    return container["command"], container["args"]


def of_cloud_run(plan: Plan, folder: Path) -> tuple[list[str], list[str]]:
    container = first(first(resources(plan, folder)["google_cloud_run_v2_service"]["template"])["containers"])
    return container["command"], container["args"]


def expanded(text: str) -> str:
    """As Kubernetes reads it (third_party/forked/golang/expansion): $$ is $, $(NAME) a variable, all else itself."""
    return re.sub(r"\$(?:\$|\(([^)]*)\))", lambda one: "$" if one[0] == "$$" else f"<{one[1]}>", text)


def of_kubernetes(plan: Plan, folder: Path) -> tuple[list[str], list[str]]:
    texts = [one.text for one in write_code(make_blueprints(plan)[0], "kubernetes") if one.path.endswith(".yaml")]
    documents = [one for text in texts for one in yaml.safe_load_all(text)]
    (worker,) = (one for one in documents if one["kind"] == "Deployment" and one["metadata"]["name"] in WORKERS)
    (container,) = worker["spec"]["template"]["spec"]["containers"]
    return [expanded(one) for one in container["command"]], [expanded(one) for one in container["args"]]


def of_ansible(plan: Plan, folder: Path) -> tuple[list[str], list[str]]:
    (text,) = (one.text for one in write_plan(plan) if one.path == "group_vars/worker.yml")
    assert "!unsafe" in text
    variables = read_yaml(text)
    return variables["service_image_entrypoint"], variables["service_image_command"]


CONTAINERS: dict[str, tuple[Plan, Callable[..., tuple[list[str], list[str]]]]] = {
    "ecs": (shapes.contained(), of_ecs),
    "cloudformation": (shapes.contained(), of_cloudformation),
    "container apps": (azure_shapes.everything(shape="container"), of_container_apps),
    "cloud run": (google.small("container"), of_cloud_run),
    "aks": (azure_shapes.everything(shape="kubernetes"), of_kubernetes),
    "gke": (google.small("kubernetes"), of_kubernetes),
}


@pytest.mark.parametrize("name", CONTAINERS)
@SOME
@given(words)
def test_every_word_arrives_in_a_container(
    name: str, tmp_path_factory: pytest.TempPathFactory, drawn: list[str]
) -> None:
    plan, read = CONTAINERS[name]
    if name in ("container apps", "cloud run"):
        drawn = [one for one in drawn if not PLAIN.search(one)]
    argv = ("/usr/bin/tini", *drawn[:5]), tuple(drawn)
    assert read(told(plan, *argv), tmp_path_factory.mktemp("any")) == tuple(map(list, argv))


@pytest.mark.parametrize("name", CONTAINERS)
def test_what_is_not_said_is_left_to_the_image(name: str, tmp_path: Path) -> None:
    plan, read = CONTAINERS[name]
    with pytest.raises(KeyError):
        read(told(plan, (), ()), tmp_path)


@pytest.mark.parametrize(("name", "platform"), [("container apps", "Container Apps"), ("cloud run", "Cloud Run")])
@pytest.mark.parametrize("word", ["--node=$(NODE)", "$$x", "$$(x)"])
def test_what_a_platform_may_change_is_a_problem(name: str, platform: str, word: str) -> None:
    plan, _ = CONTAINERS[name]
    for argv in (((word,), ()), ((), ("x", word))):
        with pytest.raises(Problems) as raised:
            make_blueprints(told(plan, *argv))
        assert f"{platform} may read a variable into the" in str(raised.value) and "compute: vm" in str(raised.value)


def test_what_cloudformation_would_look_up_is_a_problem(tmp_path: Path) -> None:
    plan = told(shapes.contained(), (), ("run", "{{resolve:ssm:password}}"))
    with pytest.raises(Problems, match="CloudFormation"):
        of_cloudformation(plan, tmp_path)


# Servers: docker run, under systemd


def scripts(plan: Plan) -> str:
    """The text of the worker's first start, with a word for each reference."""
    for one in make_blueprints(plan)[0].resources:
        for text in _texts(one.settings):
            if one.name == "worker" and "cat > /etc/systemd/system/app.service" in text:
                return text
    raise AssertionError("no server of the worker starts anything")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Join):
        yield "".join(part if isinstance(part, str) else "<reference>" for part in _flat(value))
    elif isinstance(value, str):
        yield value
    for one in (
        value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple))
        else [getattr(value, name) for name in getattr(value, "__dataclass_fields__", {})]
    ):  # fmt: skip
        yield from _texts(one)


def _flat(value: Join) -> Iterator[Any]:
    for part in value.parts:
        yield from _flat(part) if isinstance(part, Join) else (part,)


SERVERS = {"aws": shapes.everything(), "azure": azure_shapes.everything(), "gcp": google.everything()}
ESCAPES = {"n": "\n", "t": "\t"}


def split_by_systemd(unit: str, folder: Path) -> list[str]:
    """The words of ExecStart as systemd loads them, and then as it starts them: `$$` is `$`, else it is a variable."""
    path = folder / "app.service"
    path.write_text(re.sub(r"(?<==)-?/usr/bin/docker|/usr/bin/python3(?= )", "/bin/true", unit), encoding="utf-8")
    done = subprocess.run(
        [need("systemd-analyze", "systemd"), "verify", "--man=no", str(path)], capture_output=True, text=True,
        env={"SYSTEMD_LOG_LEVEL": "debug", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}, timeout=60,
    )  # fmt: skip
    found = [one for one in re.findall(r"Command Line: (.*)", done.stdout + done.stderr) if " run " in one]
    assert len(set(found)) == 1, done.stderr[-3000:]
    told = [_unquoted(one) for one in re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^\s"]|\\.)+', found[0])]
    assert not any(re.search(r"(?<!\$)(?:\$\$)*\$(?!\$)", one) for one in told)
    return [one.replace("$$", "$") for one in told]


def _unquoted(word: str) -> str:
    """As it prints them: in double quotes where need be, and then with a backslash before what a shell would read."""
    if not word.startswith('"'):
        return word
    octal = re.sub(
        r"(?:\\[0-7]{3})+", lambda one: bytes(int(n, 8) for n in one[0][1:].split("\\")).decode(), word[1:-1]
    )
    return re.sub(r"\\(.)", lambda one: ESCAPES.get(one[1], one[1]), octal)


@pytest.mark.real
@pytest.mark.parametrize("cloud", SERVERS)
@SOME
@given(words)
def test_every_word_arrives_on_a_server(cloud: str, tmp_path_factory: pytest.TempPathFactory, drawn: list[str]) -> None:
    need("systemd-analyze", "systemd")
    plan = told(SERVERS[cloud], ("/usr/bin/tini", "-g", "--"), tuple(drawn))
    unit = here_document(scripts(plan), "/etc/systemd/system/app.service")
    run = split_by_systemd(unit, tmp_path_factory.mktemp("any"))
    assert "--entrypoint=/usr/bin/tini" in run[: run.index("worker:3")]
    assert run[run.index("worker:3") + 1 :] == ["-g", "--", *drawn]


@given(st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" ")))
@settings(max_examples=200, deadline=None)
def test_a_word_is_one_line_in_quotes(text: str) -> None:
    """By the rules of systemd.syntax(7), written down once more: what is between quotes, undone step by step."""
    said = argument(text)
    assert said[0] == said[-1] == '"' and said.isprintable()
    inside = re.sub(r'\\(["\\])', lambda one: f"\0{ord(one[1])}\0", said[1:-1])
    assert '"' not in inside and "\\" not in inside
    plain = re.sub(r"%(.)", lambda one: "%" if one[1] == "%" else "?", inside)
    plain = re.sub(r"\$(.)", lambda one: "$" if one[1] == "$" else "?", plain)
    assert re.sub("\0(\\d+)\0", lambda one: chr(int(one[1])), plain) == text


@SOME
@given(words)
def test_every_word_arrives_in_the_variables_of_the_role(tmp_path_factory, drawn: list[str]) -> None:
    argv = ("/usr/bin/tini", "--"), tuple(drawn)
    assert of_ansible(told(shapes.everything(), *argv), tmp_path_factory.mktemp("any")) == tuple(map(list, argv))


def test_the_role_runs_the_image_by_them(tmp_path: Path) -> None:
    """Docker takes the first word of an entrypoint as an option, and all else after the image."""
    entrypoint, command = ("/usr/bin/tini", "--"), ("run", "{{ 7 * 7 }}", "a b", "")
    plan = told(shapes.everything(), entrypoint, command)
    names = {host.name: host.address for host in lab_hosts(plan, groups_of(plan))}
    values = hosts_of(write_plan(plan), Templates({"STANDFAST_LAB": str(tmp_path)}), names)
    run = values["worker-1"]["service_container"]
    assert run[:4] == ["/usr/bin/docker", "run", "--rm", "--name"]
    assert run[-8:] == ["--entrypoint", "/usr/bin/tini", "worker:3", "--", *command]
    front = values["front-1"]["service_container"]
    assert front[-1].endswith("/front:1") and "--entrypoint" not in front


@pytest.mark.real
def test_terraform_itself_reads_the_same(tmp_path: Path) -> None:
    """The list as it stands in code, and as ECS takes it, as text of JSON."""
    document = Json([{"command": ODD}])
    text = "\n".join([*block('output "a"', {"value": ODD}, 0), "", *block('output "b"', {"value": document}, 0)])
    (tmp_path / "main.tf").write_text(text + "\n")
    assert len(hcl2.loads(text)["output"]) == 2
    program = need("terraform", "Terraform")
    for command in (["init", "-input=false"], ["apply", "-auto-approve", "-input=false"]):
        done = subprocess.run(
            [program, *command, "-no-color"], cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
    done = subprocess.run([program, "output", "-json"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    found = json.loads(done.stdout)
    assert found["a"]["value"] == ODD and json.loads(found["b"]["value"]) == [{"command": ODD}]
