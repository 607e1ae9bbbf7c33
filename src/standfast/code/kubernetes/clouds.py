"""What differs between the clusters of the three clouds, and nothing else: one entry per cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from standfast.blueprint.model import Blueprint, Given, Workload
from standfast.blueprint.site import identifier
from standfast.code.kubernetes.text import Document

Rule = dict[str, Any]


@dataclass(frozen=True)
class Cloud:
    """`entrance` joins public services to the balancer; `identity` are the ways to the cloud's own log-in."""

    entrance: Callable[[Blueprint, str], list[Document]]
    secrets: Callable[[Blueprint], dict[str, Any]]  # the provider of the store, read in the operator's own name
    account: Callable[[Workload], dict[str, Any]] = lambda one: {}  # annotations of a ServiceAccount
    service: Callable[[Workload], dict[str, Any]] = lambda one: {}  # annotations of a public Service
    namespace: Mapping[str, str] = field(default_factory=dict)  # labels
    pod: Mapping[str, str] = field(default_factory=dict)  # labels of a pod that has an identity
    identity: tuple[Rule, ...] = ()


def _public(blueprint: Blueprint) -> list[Workload]:
    return [one for one in blueprint.workloads if one.public]


def _labels(space: str) -> dict[str, str]:
    return {"app.kubernetes.io/part-of": space, "app.kubernetes.io/managed-by": "standfast"}


def _ingress(name: str, space: str, noted: dict[str, Any], spec: dict[str, Any]) -> Document:
    made = {"name": name, "namespace": space, "labels": _labels(space), "annotations": noted}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": made, "spec": spec}


def _rule(one: Workload) -> Rule:
    backend = {"service": {"name": one.name, "port": {"name": "http"}}}
    return {"host": one.host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}


def _bindings(blueprint: Blueprint, space: str) -> list[Document]:
    """The AWS Load Balancer Controller keeps the pods of a service in the balancer's target group."""
    return [
        {
            "apiVersion": "elbv2.k8s.aws/v1beta1",
            "kind": "TargetGroupBinding",
            "metadata": {"name": one.name, "namespace": space, "labels": _labels(space)},
            "spec": {
                "serviceRef": {"name": one.name, "port": "http"},
                "targetGroupARN": Given(f"{identifier(one.name)}_target_group"),
                "targetType": "ip",
            },
        }
        for one in _public(blueprint)
    ]


def _application_gateway(blueprint: Blueprint, space: str) -> list[Document]:
    """The gateway's add-on reads one Ingress per service: its health path is its own. TLS ends at the gateway."""
    prefix = "appgw.ingress.kubernetes.io"
    found = []
    for one in _public(blueprint):
        noted = {
            f"{prefix}/appgw-ssl-certificate": Given(f"{identifier(one.name)}_certificate"),
            f"{prefix}/ssl-redirect": "true",
            f"{prefix}/health-probe-path": one.health,
            f"{prefix}/connection-draining": "true",
            f"{prefix}/connection-draining-timeout": "30",
        }
        if "balancer_private" in blueprint.platform:
            noted[f"{prefix}/use-private-ip"] = "true"
        spec = {"ingressClassName": "azure-application-gateway", "rules": [_rule(one)]}
        found.append(_ingress(one.name, space, noted, spec))
    return found


def _google_balancer(blueprint: Blueprint, space: str) -> list[Document]:
    """One Ingress is one balancer: an address, certificates and TLS settings by name, health and firewall beside it."""
    public = _public(blueprint)
    if not public:
        return []
    noted = {
        "kubernetes.io/ingress.class": "gce",
        "kubernetes.io/ingress.global-static-ip-name": Given("balancer_address"),
        "ingress.gcp.kubernetes.io/pre-shared-cert": Given("balancer_certificate"),
        "kubernetes.io/ingress.allow-http": "true",  # answered with a redirect
        "networking.gke.io/v1beta1.FrontendConfig": "public",
    }
    front = {"redirectToHttps": {"enabled": True}, "sslPolicy": Given("balancer_tls_policy")}
    about = {"name": "public", "namespace": space, "labels": _labels(space)}
    found: list[Document] = [
        {"apiVersion": "networking.gke.io/v1beta1", "kind": "FrontendConfig", "metadata": about, "spec": front},
        _ingress("public", space, noted, {"rules": [_rule(one) for one in public]}),
    ]
    guarded = {"securityPolicy": {"name": Given("web_firewall")}} if "web_firewall" in blueprint.platform else {}
    for one in public:
        health = {"type": "HTTP", "requestPath": one.health, "port": one.port, "checkIntervalSec": 10, "timeoutSec": 5}
        spec = {"healthCheck": health, "connectionDraining": {"drainingTimeoutSec": 30}, **guarded}
        made = {"name": one.name, "namespace": space, "labels": _labels(space)}
        found.append({"apiVersion": "cloud.google.com/v1", "kind": "BackendConfig", "metadata": made, "spec": spec})
    return found


def _to(cidr: str, port: int) -> Rule:
    return {"to": [{"ipBlock": {"cidr": cidr}}], "ports": [{"protocol": "TCP", "port": port}]}


CLOUDS: dict[str, Cloud] = {
    # Roles come by Pod Identity: the cluster's associations name the account, so no annotation is needed. Its agent
    # answers on the node (EKS user guide, "Learn how EKS Pod Identity grants pods access").
    "aws": Cloud(
        entrance=_bindings,
        secrets=lambda blueprint: {"aws": {"service": "SecretsManager", "region": blueprint.region}},
        namespace={"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"},
        identity=(_to("169.254.170.23/32", 80),),
    ),
    # Workload identity exchanges a token at login.microsoftonline.com, which what uses storage reaches already (AKS
    # guide, "Use Microsoft Entra Workload ID").
    "azure": Cloud(
        entrance=_application_gateway,
        secrets=lambda blueprint: {"azurekv": {"authType": "WorkloadIdentity", "vaultUrl": Given("vault_url")}},
        account=lambda one: {"azure.workload.identity/client-id": Given(f"{identifier(one.name)}_identity")},
        pod={"azure.workload.identity/use": "true"},
    ),
    # The metadata server of a node, and where it really listens (GKE guide, "Network policies and Workload Identity").
    "gcp": Cloud(
        entrance=_google_balancer,
        secrets=lambda blueprint: {"gcpsm": {"projectID": Given("project")}},
        account=lambda one: {"iam.gke.io/gcp-service-account": Given(f"{identifier(one.name)}_identity")},
        service=lambda one: {
            "cloud.google.com/backend-config": f'{{"default": "{one.name}"}}',
            "cloud.google.com/neg": '{"ingress": true}',
        },
        identity=(_to("169.254.169.252/32", 988), _to("169.254.169.254/32", 80)),
    ),
}
