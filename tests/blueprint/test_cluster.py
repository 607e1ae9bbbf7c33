"""The cluster on AWS: what its nodes hold, who may reach what, and which rights the pods have."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest

from standfast.audit import run_audit
from standfast.blueprint import Blueprint, Json, Resource, make_blueprint
from standfast.plan import Plan, make_plan
from standfast.problem import Problems
from standfast.spec import read_spec
from tests.shop import EXAMPLES


@lru_cache
def plan() -> Plan:
    return make_plan(read_spec(EXAMPLES / "gallery.yaml"))


@lru_cache
def blueprint() -> Blueprint:
    return make_blueprint(plan())


def only(kind: str, name: str = "main") -> Resource:
    return next(one for one in blueprint().find(kind) if one.name == name)


def findings(resources: tuple[Resource, ...]) -> list[str]:
    audit = run_audit(plan().system, resources, region=plan().region)
    return [one.what for one in audit.findings if one.verdict != "kept"]


def test_nodes_hold_every_pod_even_packed_badly() -> None:
    """Pods are put on nodes one by one, in whole pods; a zone holds its share by itself."""
    size = plan().choice("cluster").size  # type: ignore[union-attr]
    zones = len(plan().zones)
    for key, count in (("min_count", "count"), ("max_count", "most")):
        needed = 0
        for one in blueprint().workloads:
            fit = min(float(size["vcpu"]) * 0.85 // one.vcpu, float(size["memory_gib"]) * 1024 * 0.85 // one.memory_mib)
            needed += math.ceil(math.ceil(getattr(one, count) / zones) / fit)
        assert int(size[key]) >= needed * zones, "a node for each service of its own, and still enough"
        assert int(size[key]) % zones == 0
    scaling = only("aws_eks_node_group").settings["scaling_config"].settings
    assert (scaling["min_size"], scaling["max_size"]) == (size["min_count"], size["max_count"])


def test_the_control_plane_is_closed_encrypted_and_recorded() -> None:
    settings = only("aws_eks_cluster").settings
    assert settings["vpc_config"].settings["endpoint_public_access"] is False
    assert settings["encryption_config"].settings["resources"] == ["secrets"]
    assert len(settings["enabled_cluster_log_types"]) == 5
    assert settings["access_config"].settings == {
        "authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": False,
    }  # fmt: skip


def test_each_role_may_do_what_its_pods_need_and_only_they_may_take_it() -> None:
    roles = {one.settings["name"]: one for one in blueprint().find("aws_iam_role") if one.name.endswith("_pod")}
    taken = {(one.settings["namespace"], one.settings["service_account"])
             for one in blueprint().find("aws_eks_pod_identity_association")}  # fmt: skip
    assert taken == {
        ("gallery", "api"), ("external-secrets", "external-secrets"),
        ("kube-system", "aws-load-balancer-controller"), ("kube-system", "cluster-autoscaler"),
    }, "front asks AWS for nothing"  # fmt: skip
    for one in roles.values():
        (trust,) = one.settings["assume_role_policy"].document["Statement"]
        assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        assert "aws:SourceArn" in str(trust["Condition"]), "pods of this cluster"
    policies: dict[str, Json] = {one.name: one.settings["policy"] for one in blueprint().find("aws_iam_role_policy")}

    def actions(name: str) -> set[str]:
        found: set[str] = set()
        for statement in policies[name].document["Statement"]:
            said: Any = statement["Action"]
            found |= {said} if isinstance(said, str) else set(said)
        return found

    assert actions("api_pod") == {
        "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "kms:Decrypt", "kms:GenerateDataKey",
    }  # fmt: skip
    assert not any("*" in action for name in policies if name.endswith("_pod") for action in actions(name))


def test_the_audit_finds_nothing_and_finds_what_is_changed() -> None:
    resources = blueprint().resources
    assert findings(resources) == []

    def with_port(address: str, port: int) -> tuple[Resource, ...]:
        return tuple(
            replace(one, settings={**one.settings, "from_port": port, "to_port": port})
            if one.address == address
            else one
            for one in resources
        )

    opened = with_port("aws_vpc_security_group_ingress_rule.cluster_nodes_from_balancer_8080", 8081)
    said = "\n".join(findings(opened))
    assert "balancer may reach cluster on 8081" in said, "api is not public"
    assert "balancer cannot reach cluster on 8080" in said
    ssh = with_port("aws_vpc_security_group_ingress_rule.cluster_nodes_from_control_kubelet", 22)
    assert "control plane may reach cluster on 22" in "\n".join(findings(ssh))
    gone = tuple(one for one in resources if one.address != "aws_vpc_security_group_ingress_rule.control_from_nodes")
    assert "cluster cannot reach control plane on 443" in "\n".join(findings(gone))


def test_a_plan_that_says_nothing_of_nodes_is_a_problem() -> None:
    bare = tuple(replace(one, size={}) if one.component == "cluster" else one for one in plan().choices)
    with pytest.raises(Problems, match="nothing of the cluster's nodes"):
        make_blueprint(replace(plan(), choices=bare))
