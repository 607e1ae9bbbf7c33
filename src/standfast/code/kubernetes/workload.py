"""A service as objects: its account, its pods, their address, how many there are, and how many may go at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.model import Blueprint, Expand, Given, Workload
from standfast.blueprint.workloads import namespace as namespace_name
from standfast.code.kubernetes.clouds import Cloud
from standfast.code.kubernetes.text import Document

# The CPU at which pods are added: above it queues grow faster than pods start.
BUSY = 60
USER = 10_001  # who a container runs as: nobody of the node's own users
# Asked as often as the plan's recovery times are reckoned with: two failed checks ten seconds apart.
ASK = {"periodSeconds": 10, "timeoutSeconds": 5}
START = {"periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 36}  # three minutes to come up
DRAIN = 15  # seconds in which balancers and callers learn that a pod goes, before it is told to stop
GRACE = 60
PRIVILEGED = 1024  # ports below it need a right that pods do not have, or a setting
ARCH = {"arm64": "arm64", "x86_64": "amd64"}
LABEL = "app.kubernetes.io/name"


def labels(name: str, space: str) -> dict[str, str]:
    return {LABEL: name, "app.kubernetes.io/part-of": space, "app.kubernetes.io/managed-by": "standfast"}


def head(api: str, kind: str, name: str, space: str, **more: Any) -> Document:
    """What every object of a workload begins with."""
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": name, "namespace": space, "labels": labels(name, space), **more},
    }


def selector(name: str) -> dict[str, Any]:
    return {"matchLabels": {LABEL: name}}


def namespace(blueprint: Blueprint, cloud: Cloud) -> Document:
    """The strictest of the three standards for pods (kubernetes.io/docs/concepts/security/pod-security-standards)."""
    strict = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    name = namespace_name(blueprint.system)
    own = {"app.kubernetes.io/part-of": name, "app.kubernetes.io/managed-by": "standfast"}
    found = {**own, **strict, **cloud.namespace}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": found}}


def account(one: Workload, blueprint: Blueprint, cloud: Cloud) -> Document:
    noted = cloud.account(one) if one.identity else {}
    made = head("v1", "ServiceAccount", one.name, namespace_name(blueprint.system), annotations=noted or None)
    return {**made, "automountServiceAccountToken": False}


def service(one: Workload, blueprint: Blueprint, cloud: Cloud) -> Document:
    noted = cloud.service(one) if one.public else {}
    port = {"name": "http", "port": one.port, "targetPort": "http", "protocol": "TCP"}
    spec = {"type": "ClusterIP", "selector": {LABEL: one.name}, "ports": [port]}
    return {
        **head("v1", "Service", one.name, namespace_name(blueprint.system), annotations=noted or None),
        "spec": spec,
    }


def deployment(one: Workload, blueprint: Blueprint, cloud: Cloud) -> Document:
    space = namespace_name(blueprint.system)
    marked = {**labels(one.name, space), **(cloud.pod if one.identity else {})}
    noted = {"secret.reloader.stakater.com/reload": one.name} if one.sealed else {}
    spec = {
        "replicas": one.least if one.most == one.least else None,  # else the autoscaler's to say
        "revisionHistoryLimit": 3,
        "selector": selector(one.name),
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
        "template": {"metadata": {"labels": marked}, "spec": _pod(one)},
    }
    return {**head("apps/v1", "Deployment", one.name, space, annotations=noted or None), "spec": spec}


def _pod(one: Workload) -> dict[str, Any]:
    security: dict[str, Any] = {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if one.port < PRIVILEGED:
        security["sysctls"] = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": str(one.port)}]
    return {
        "serviceAccountName": one.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE,
        "nodeSelector": {"kubernetes.io/os": "linux", "kubernetes.io/arch": ARCH.get(one.arch, "amd64")},
        "securityContext": security,
        "topologySpreadConstraints": _spread(one),
        "containers": [_container(one)],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}],
    }


def _spread(one: Workload) -> list[dict[str, Any]]:
    """Evenly over zones, of which a lost one does not count; over nodes as far as it goes."""
    common = {"maxSkew": 1, "labelSelector": selector(one.name), "matchLabelKeys": ["pod-template-hash"]}
    zones = {"topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"}
    nodes = {"topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}
    over = [{**common, **zones, "nodeTaintsPolicy": "Honor"}] if one.zones > 1 else []
    return [*over, {**common, **nodes}]


def _container(one: Workload) -> dict[str, Any]:
    size = {"cpu": f"{round(one.vcpu * 1000)}m", "memory": f"{one.memory_mib}Mi"}
    asked = {"httpGet": {"path": one.health, "port": "http"}}
    return {
        "name": one.name,
        "image": one.image,
        "imagePullPolicy": "Always",
        "command": _literal(one.entrypoint),
        "args": _literal(one.command),
        "ports": [{"name": "http", "containerPort": one.port, "protocol": "TCP"}],
        "env": list(_variables(one)),
        "resources": {"requests": size, "limits": size},
        "startupProbe": {**asked, **START},
        "readinessProbe": {**asked, **ASK, "failureThreshold": 2},
        "livenessProbe": {**asked, **ASK, "failureThreshold": 6},
        "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN}}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }


def _variables(one: Workload) -> Iterator[dict[str, Any]]:
    """Secrets first: what is made of them comes after. What the spec says itself goes before them."""
    for name in (name for sealed in one.sealed for name in (*sealed.fields, sealed.login)):
        if name and name not in one.environment:
            yield {"name": name, "valueFrom": {"secretKeyRef": {"name": one.name, "key": name}}}
    for name, value in one.environment.items():
        if isinstance(value, Given):
            yield {"name": name, "fromPlatform": value}
        else:
            # a $ is doubled, so that Kubernetes reads no variable into what the spec says
            yield {"name": name, "value": value.text if isinstance(value, Expand) else value.replace("$", "$$")}


def _literal(words: tuple[str, ...]) -> list[str] | None:
    """Its words for what replaces the ENTRYPOINT and the CMD of an image, none where the image's own stay."""
    return [word.replace("$", "$$") for word in words] or None


def scaler(one: Workload, space: str) -> Document:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": one.name}
    busy = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": BUSY}},
    }
    spec = {
        "scaleTargetRef": target,
        "minReplicas": one.least,
        "maxReplicas": one.most,
        "metrics": [busy],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}},
    }
    return {**head("autoscaling/v2", "HorizontalPodAutoscaler", one.name, space), "spec": spec}


def budget(one: Workload, space: str) -> Document:
    """A drained node or an upgrade takes a tenth of the pods at once, and never waits for one that is ill."""
    spec = {"maxUnavailable": "10%", "selector": selector(one.name), "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    return {**head("policy/v1", "PodDisruptionBudget", one.name, space), "spec": spec}
