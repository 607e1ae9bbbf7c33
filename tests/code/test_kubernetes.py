"""The manifests of whole plans, judged by the API's own schemas and by kubectl, and read back as what they came of."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.blueprint import Blueprint, Ref, make_blueprint
from standfast.blueprint.model import Expand, Given, Workload
from standfast.blueprint.workloads import givens, namespace, with_workloads
from standfast.code import languages_for, write_code
from standfast.code.kubernetes.text import dumped
from standfast.files import File, write_files
from standfast.plan import make_plan
from standfast.problem import Problems
from standfast.spec import parse_spec, read_spec
from standfast.spec.importers import import_files
from tests.blueprint.shapes import EVERYTHING, plan_of
from tests.programs import need
from tests.shop import EXAMPLES

VERSION = "1.35"
# Kinds that the API itself does not have: operators bring them, and no schema of theirs is at hand.
OPERATORS = {"ExternalSecret", "SecretStore", "TargetGroupBinding", "BackendConfig", "FrontendConfig"}
HOSTILE = [
    '"quoted" \\',
    "$(PORT) $$ ${x}",
    "yes",
    "1e3",
    "0x1F",
    "~",
    "{{ .x }}",
    "☃ é",
    "#no: comment",
    " edges ",
    "",
]


@lru_cache
def gallery(cloud: str = "aws") -> Blueprint:
    """The example as the real planner and the cloud's own blueprint have it."""
    text = (EXAMPLES / "gallery.yaml").read_text().replace("clouds: [aws]", f"clouds: [{cloud}]")
    return make_blueprint(make_plan(parse_spec(text.replace("1500 USD", "3000 USD"), "gallery.yaml")))


@lru_cache
def everything(cloud: str = "aws") -> Blueprint:
    """Every kind of store, a call to itself by two services, secrets, a port below 1024, a hostile environment."""
    text = EVERYTHING.format(system="odd", owner="'x@y.z'", exposure="public", motto="plain").replace(
        "stateful: true", "wait: 5 ms"
    )
    plan = plan_of(text)
    motto = {f"V{number}": value for number, value in enumerate(HOSTILE)}
    services = [replace(one, environment={**one.environment, **motto}) for one in plan.system.services]
    pool = {"node": "m7g.xlarge", "vcpu": 4, "memory_gib": 16, "arch": "arm64", "min_count": 2, "max_count": 4}
    cluster = replace(plan.choices[0], component="cluster", kind="cluster", offer="EKS", size=pool)
    system = replace(plan.system, services=tuple(services))
    plan = replace(plan, system=system, shape="kubernetes", choices=(*plan.choices, cluster))
    made = make_blueprint(plan)
    if cloud == "aws":
        return made
    asked = [
        "vault_url", "project", "admin_certificate", "front_certificate", "balancer_address", "balancer_certificate",
        "balancer_tls_policy", "web_firewall", "admin_identity", "worker_identity",
    ]  # fmt: skip
    later = {name: Ref("some.thing", name) for name in asked}
    bare = replace(made, cloud=cloud, platform={**made.platform, **later}, workloads=(), outputs=())
    return with_workloads(bare, plan)


PLANS = {
    "gallery": gallery, "gallery on azure": lambda: gallery("azure"), "gallery on gcp": lambda: gallery("gcp"),
    "aws": everything, "azure": lambda: everything("azure"), "gcp": lambda: everything("gcp"),
}  # fmt: skip


def objects_of(files: list[File]) -> list[dict[str, Any]]:
    manifests = [one for one in files if one.path.endswith(".yaml") and one.path != "kustomization.yaml"]
    return [found for one in manifests for found in yaml.safe_load_all(one.text)]


def built(blueprint: Blueprint, folder: Path, values: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """What `kubectl apply -k` would send: the real kustomize, with the example of platform.env or these values."""
    write_files(write_code(blueprint, "kubernetes"), folder)
    example = folder / "platform.env.example"
    told = "".join(f"{name}={value}\n" for name, value in values.items()) if values else example.read_text()
    (folder / "platform.env").write_text(told)
    done = subprocess.run([need("kubectl", "kubectl"), "kustomize", folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@lru_cache
def written(name: str) -> list[dict[str, Any]]:
    """The objects of one of the plans; not to be changed."""
    return objects_of(write_code(PLANS[name](), "kubernetes"))


def by_kind(objects: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in objects if one["kind"] == kind}


@pytest.mark.parametrize("name", PLANS)
def test_the_api_knows_every_word(name: str) -> None:
    """Strict: an unknown key is refused. What only operators know is named, not skipped in silence."""
    objects = written(name)
    for one in objects:
        if one["kind"] not in OPERATORS:
            kubernetes_validate.validate(one, VERSION, strict=True)
    judged = {one["kind"] for one in objects} - OPERATORS
    assert {"Namespace", "ServiceAccount", "Deployment", "Service", "NetworkPolicy"} <= judged
    wrong = copy.deepcopy(by_kind(objects, "Deployment").popitem()[1])
    wrong["spec"]["template"]["spec"]["containers"][0]["resource"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


@pytest.mark.real
@pytest.mark.parametrize("name", PLANS)
def test_kubectl_builds_what_was_written(name: str, tmp_path: Path) -> None:
    """Another reader of YAML, in Go, sees the same objects; kustomize fills in what the platform tells."""
    blueprint = PLANS[name]()
    wanted = written(name)
    found = built(blueprint, tmp_path)
    maps = by_kind(found, "ConfigMap")
    assert all(one.startswith("platform-") for one in maps), "the name carries a hash of what it holds"
    text = yaml.safe_dump([one for one in found if one["kind"] != "ConfigMap"])
    for hashed in maps:
        text = text.replace(hashed, "platform")
    seen = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load(text)}
    assert set(seen) == {(one["kind"], one["metadata"]["name"]) for one in wanted}
    told = next(iter(maps.values()))["data"] if maps else {}
    for one in wanted:
        assert _differences(one, seen[one["kind"], one["metadata"]["name"]]) <= {
            ("set-by-platform.env", value) for value in told.values()
        }
    assert "set-by-platform.env" not in text, "everything that stands open is filled in"


def _differences(one: Any, other: Any) -> set[tuple[str, str]]:
    """Pairs of leaves that differ; two that are not both text never pass."""
    if isinstance(one, dict) and isinstance(other, dict) and set(one) == set(other):
        return {pair for key in one for pair in _differences(one[key], other[key])}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return {pair for left, right in zip(one, other, strict=True) for pair in _differences(left, right)}
    return set() if one == other and type(one) is type(other) else {(str(one), f"{other}")}


@pytest.mark.real
@pytest.mark.parametrize("name", ["gallery", "aws"])
def test_imported_again_it_is_the_same_system(name: str, tmp_path: Path) -> None:
    """An oracle that knows nothing of the writer: services, ports, health, memory, calls, who is public."""
    blueprint = PLANS[name]()
    path = tmp_path / "all.yaml"
    path.write_text(yaml.safe_dump_all(built(blueprint, tmp_path / "code")))
    system = parse_spec(import_files([path]).text, "again.yaml")
    assert system.name == namespace(blueprint.system)
    services = {one.name: one for one in system.services}
    assert set(services) == {one.name for one in blueprint.workloads}
    for one in blueprint.workloads:
        again = services[one.name]
        assert (again.image, again.port, again.public, again.health) == (one.image, one.port, one.public, one.health)
        assert again.memory == pytest.approx(one.memory_mib / 1024, rel=0.01)
        assert {call.to for call in again.calls} == {way.to for way in one.ways if way.kind == "service"}
        kept = {key: value for key, value in one.environment.items() if re.match(r"V\d", key)}
        assert {key: again.environment.get(key) for key in kept} == kept


def allowed(policies: dict[str, dict[str, Any]], source: str, target: str, port: int) -> bool:
    """Whether policies let one pod reach another: both sides, as networking.k8s.io/v1 says, for pods of one space."""

    def opens(name: str, way: str, peers: str, other: str) -> bool:
        chosen = [one["spec"] for one in policies.values() if _selects(one["spec"]["podSelector"], name)]
        guarding = [spec for spec in chosen if way.capitalize() in spec["policyTypes"]]
        rules = [rule for spec in guarding for rule in spec.get(way, ())]
        return not guarding or any(
            any("podSelector" in peer and "namespaceSelector" not in peer and _selects(peer["podSelector"], other)
                for peer in rule[peers])
            and any(one["port"] == port and one["protocol"] == "TCP" for one in rule["ports"])
            for rule in rules
        )  # fmt: skip

    return opens(source, "egress", "to", target) and opens(target, "ingress", "from", source)


def _selects(selector: dict[str, Any], name: str) -> bool:
    return selector.get("matchLabels", {}).get("app.kubernetes.io/name", name) == name


@pytest.mark.parametrize("name", PLANS)
def test_policies_open_the_calls_and_nothing_else(name: str) -> None:
    blueprint = PLANS[name]()
    policies = by_kind(written(name), "NetworkPolicy")
    names, ports = [one.name for one in blueprint.workloads], {one.port for one in blueprint.workloads} | {1}
    calls = {(one.name, way.to, way.port) for one in blueprint.workloads for way in one.ways if way.kind == "service"}
    assert {
        (source, target, port)
        for source in names for target in names for port in ports
        if allowed(policies, source, target, port)
    } == calls  # fmt: skip
    for one in blueprint.workloads:
        spec = policies[one.name]["spec"]
        outside = [rule for rule in spec["egress"] if any("ipBlock" in peer for peer in rule["to"])]
        blocks = {
            (peer["ipBlock"]["cidr"], port["port"]) for rule in outside for peer in rule["to"] for port in rule["ports"]
        }
        stores = {
            (cidr, way.port)
            for way in one.ways
            for cidr in blueprint.platform["data_ranges"]
            if way.kind in ("mysql", "redis")
        }
        far = {("0.0.0.0/0", 443)} if any(way.kind in ("objects", "outside") for way in one.ways) else set()
        assert {block for block in blocks if not block[0].startswith("169.254.")} == stores | far
        users = [peer for rule in spec.get("ingress", ()) for peer in rule["from"] if "ipBlock" in peer]
        assert bool(users) == one.public


def expanded(container: dict[str, Any], told: dict[str, str], secrets: dict[str, str]) -> dict[str, str]:
    """The environment as the kubelet makes it: $(NAME) of what stands before, $$ for a $ (core/v1, EnvVar.value)."""
    found: dict[str, str] = {}
    for one in container["env"]:
        source = one.get("valueFrom", {})
        if "configMapKeyRef" in source:
            found[one["name"]] = told[source["configMapKeyRef"]["key"]]
        elif "secretKeyRef" in source:
            found[one["name"]] = secrets[source["secretKeyRef"]["key"]]
        else:
            parts = re.compile(r"\$\$|\$\(([^)]*)\)")
            known = dict(found)
            found[one["name"]] = parts.sub(
                lambda part, known=known: "$" if part[0] == "$$" else known.get(part[1], part[0]), one["value"]
            )
    return found


@pytest.mark.real
def test_a_container_finds_what_the_spec_says_and_where_its_stores_are(tmp_path: Path) -> None:
    blueprint = everything()
    told = dict(line.split("=", 1) for line in _example(blueprint).splitlines() if not line.startswith("#"))
    objects = built(blueprint, tmp_path)
    container = by_kind(objects, "Deployment")["worker"]["spec"]["template"]["spec"]["containers"][0]
    secrets = {
        "STOCK_USER": "app",
        "STOCK_PASSWORD": "p@:/",
        "STOCK_LOGIN": "app:p%40%3A%2F",
        "FAST_PASSWORD": "t",
        "FAST_LOGIN": "t",
    }
    found = expanded(container, told, secrets)
    assert {f"V{number}": value for number, value in enumerate(HOSTILE)}.items() <= found.items()
    assert found["STOCK_URL"] == f"mysql://app:p%40%3A%2F@{told['stock_host']}:3306/app"
    assert (
        found["FAST_URL"] == f"rediss://:t@{told['fast_host']}:6379" and found["FILES_BUCKET"] == told["files_bucket"]
    )
    front = by_kind(objects, "Deployment")["front"]["spec"]["template"]["spec"]["containers"][0]
    assert (
        expanded(front, told, dict.fromkeys(("API_KEY", "dotted_name", *secrets), "x"))["CART_URL"]
        == "http://cart:8080"
    )


def _example(blueprint: Blueprint) -> str:
    return next(one.text for one in write_code(blueprint, "kubernetes") if one.path == "platform.env.example")


def test_a_secret_is_copied_by_name_only_and_only_by_whom_it_is_for() -> None:
    objects = written("aws")
    assert not by_kind(objects, "Secret")
    copied = by_kind(objects, "ExternalSecret")
    entries = {name: [one["remoteRef"]["key"] for one in found["spec"]["data"]] for name, found in copied.items()}
    assert entries["admin"] == ["odd/API_KEY"]
    assert set(entries["front"]) == {"odd/API_KEY", "odd/dotted.name", "set-by-platform.env"}, "stock, and the cache"
    template = copied["front"]["spec"]["target"]["template"]["data"]
    assert template["STOCK_LOGIN"] == "{{ .entry_3_username | urlquery }}:{{ .entry_3_password | urlquery }}"


@pytest.mark.parametrize("name", PLANS)
def test_pods_have_no_rights_and_an_end(name: str) -> None:
    """What the standard `restricted` for pods asks, and what keeps a rollout, a drain and a lost zone harmless."""
    blueprint, objects = PLANS[name](), written(name)
    assert (
        by_kind(objects, "Namespace").popitem()[1]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        == "restricted"
    )
    scalers, budgets = by_kind(objects, "HorizontalPodAutoscaler"), by_kind(objects, "PodDisruptionBudget")
    for one in blueprint.workloads:
        deployed = by_kind(objects, "Deployment")[one.name]["spec"]
        pod = deployed["template"]["spec"]
        (container,) = pod["containers"]
        inside = container["securityContext"]
        assert inside["capabilities"] == {"drop": ["ALL"]} and not inside["allowPrivilegeEscalation"]
        assert (
            pod["securityContext"]["runAsNonRoot"]
            and pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
        )
        assert not pod["automountServiceAccountToken"] and pod["serviceAccountName"] == one.name
        assert container["resources"]["limits"] == container["resources"]["requests"]
        assert pod["terminationGracePeriodSeconds"] > container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert ("sysctls" in pod["securityContext"]) == (one.port < 1024)
        keys = [spread["topologyKey"] for spread in pod["topologySpreadConstraints"]]
        assert ("topology.kubernetes.io/zone" in keys) == (one.zones > 1)
        if one.most > one.least:
            spec = scalers[one.name]["spec"]
            assert (spec["minReplicas"], spec["maxReplicas"]) == (one.least, one.most) and "replicas" not in deployed
        else:
            assert deployed["replicas"] == one.least and one.name not in scalers
        assert (one.name in budgets) == (one.least > 1)


def test_only_what_asks_its_cloud_for_something_has_an_identity() -> None:
    for cloud, noted in (("azure", "azure.workload.identity/client-id"), ("gcp", "iam.gke.io/gcp-service-account")):
        accounts = by_kind(written(cloud), "ServiceAccount")
        with_one = {name for name, one in accounts.items() if noted in one["metadata"].get("annotations", {})}
        assert with_one == {"admin", "worker"}, "the two that use the bucket"


def test_what_the_platform_does_not_say_is_a_problem() -> None:
    blueprint = everything()
    short = replace(blueprint, platform={k: v for k, v in blueprint.platform.items() if k != "stock_host"})
    with pytest.raises(Problems, match="stock_host"):
        write_code(short, "kubernetes")
    plan = make_plan(read_spec(EXAMPLES / "gallery.yaml"))
    with pytest.raises(Problems, match="pictures_bucket"):
        with_workloads(replace(gallery(), platform={"front_host": "x"}), plan)
    assert {one.name for workload in blueprint.workloads for one in givens(workload)} <= set(blueprint.platform)


def test_it_is_for_plans_on_kubernetes_alone() -> None:
    plan = make_plan(read_spec(EXAMPLES / "gallery.yaml"))
    assert "kubernetes" in languages_for(plan)
    assert "kubernetes" not in languages_for(replace(plan, shape="vm"))
    assert write_code(replace(gallery(), workloads=()), "kubernetes") == []


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert write_code(everything(), "kubernetes") == write_code(everything(), "kubernetes")


@pytest.mark.parametrize(
    ("system", "space"),
    [
        ("shop", "shop"),
        ("default", "app-default"),
        ("kube-system", "app-kube-system"),
        ("x" * 32 + "-" + "y" * 40, None),
    ],
)
def test_a_namespace_is_a_name_that_the_api_takes(system: str, space: str | None) -> None:
    found = namespace(system)
    assert space in (None, found) and re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", found)


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@given(
    st.dictionaries(st.from_regex(r"[A-Za-z_]{1,20}", fullmatch=True), st.one_of(text, st.integers(), st.booleans()))
)
@settings(max_examples=100, deadline=None)
def test_whatever_is_written_is_read_back(values: dict[str, Any]) -> None:
    assert yaml.safe_load(dumped({"data": values})) == {"data": values}


@pytest.mark.real
def test_go_reads_hostile_text_as_python_does(tmp_path: Path) -> None:
    """Words that YAML 1.1, YAML 1.2 and Go take for numbers, truths, dates or nothing; and every awkward character."""
    words = ["1e3", "1_000", "0o7", "012", "0b1", ".5", "1:30", "2001-01-01", "NaN", ".inf", "y", "NO", "null", "=",
             "<<",
             "*a", "&a", "!x", "%x", "@x", "`x`", "- a", "? a", "a: b", "a #b", "[", "{", "|", ">", "'", '"', "\\",
             "\t", " ", "a\nb", "a\r\nb\n", "\x07", "\x85", "\u2028", "\ufeff", "\U0001f600", "x" * 300, "é" * 200,
             "---", "...", "e1", "Infinity", "0x", "--- a", "\u00a0", "a\u2029b"]  # fmt: skip
    data = {f"k{number}": word for number, word in enumerate(words)}
    about = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "annotations": data}, "data": data}
    (tmp_path / "x.yaml").write_text(dumped(about))
    command = [need("kubectl", "kubectl"), "label", "--local", "-f", tmp_path / "x.yaml", "a=b", "-o", "json"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "KUBECONFIG": "/dev/null"}
    )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert (read["data"], read["metadata"]["annotations"]) == (data, data)


def test_every_value_of_a_workload_has_a_kind_that_the_writer_knows() -> None:
    values = [value for one in everything().workloads for value in one.environment.values()]
    assert {type(value) for value in values} == {str, Given, Expand}
    assert all(isinstance(one, Workload) for one in everything().workloads)
