"""Kubernetes manifests as specs: what belongs together is found, nothing is lost in silence, any input is held."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standfast.problem import Problems
from standfast.spec import parse_spec
from standfast.spec.importers import import_files
from standfast.spec.importers.kubernetes.workload import quantity

BOUTIQUE = Path(__file__).parent / "data" / "online-boutique.kubernetes.yaml"  # Google, Apache-2.0

# Read off the manifest's environment variables by hand.
CALLS = {
    "frontend": {
        "productcatalogservice", "currencyservice", "cartservice", "recommendationservice", "shippingservice",
        "checkoutservice", "adservice",
    },
    "checkoutservice": {
        "productcatalogservice", "shippingservice", "paymentservice", "emailservice", "currencyservice", "cartservice",
    },
    "recommendationservice": {"productcatalogservice"},
    "cartservice": {"redis-cart"},
    "loadgenerator": {"frontend"},
}  # fmt: skip


def imported(tmp_path: Path, text: str):
    path = tmp_path / "app.yaml"
    path.write_text(text)
    found = import_files([path])
    return parse_spec(found.text, "app.yaml"), "\n".join(str(one) for one in found.remarks)


def test_the_online_boutique() -> None:
    found = import_files([BOUTIQUE])
    system = parse_spec(found.text, "boutique.yaml")
    services = {service.name: service for service in system.services}
    assert system.name == "online-boutique" and len(services) == 11
    assert [(store.name, store.kind, store.memory) for store in system.stores] == [("redis-cart", "redis", 0.25)]
    calls = {name: {call.to for call in service.calls} for name, service in services.items() if service.calls}
    assert calls == CALLS
    assert [name for name, service in services.items() if service.public] == ["frontend"]
    assert (services["frontend"].port, services["frontend"].health) == (8080, "/_healthz")
    assert services["emailservice"].port == 8080, "the port of the container, not of the service before it"
    assert services["adservice"].memory == pytest.approx(300 / 1024)
    said = "\n".join(str(one) for one in found.remarks)
    assert "init containers are left out: loadgenerator" in said and "gRPC" in said


WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app.kubernetes.io/part-of: shop}}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: proxy, image: istio/proxyv2:1.20}
        - name: web
          image: acme/web:1.4
          ports: [{name: http, containerPort: 8080}]
          envFrom: [{configMapRef: {name: settings}}]
          env:
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: keys, key: token}}}
            - {name: DB_HOST, valueFrom: {configMapKeyRef: {name: settings, key: db}}}
          readinessProbe: {httpGet: {path: /ready, port: http}}
          resources: {limits: {cpu: 250m, memory: 512Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: web-svc}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: way}
spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: web-svc, port: {number: 80}}}}]}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: grow}
spec: {scaleTargetRef: {name: web}, maxReplicas: 8}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {MODE: production, db: "orders.default.svc.cluster.local"}
---
apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: orders}
    spec:
      template:
        metadata: {labels: {app: orders}}
        spec:
          containers: [{name: db, image: "postgres:16", volumeMounts: [{name: data, mountPath: /var/lib/postgresql}]}]
      volumeClaimTemplates: [{metadata: {name: data}}]
  - apiVersion: v1
    kind: Service
    metadata: {name: orders}
    spec: {selector: {app: orders}, ports: [{port: 5432}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec: {template: {spec: {containers: [{name: m, image: acme/web:1.4}]}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed}
spec: {}
"""


def test_what_belongs_together_is_found(tmp_path: Path) -> None:
    system, said = imported(tmp_path, WEB)
    (web,) = system.services
    assert system.name == "shop" and web.public and (web.port, web.health) == (8080, "/ready")
    assert [(store.name, store.kind, store.version) for store in system.stores] == [("orders", "postgres", "16")]
    assert [call.to for call in web.calls] == ["orders"], "through a config map and a name of the cluster"
    assert web.environment["MODE"] == "production" and web.secrets == ("TOKEN",)
    assert web.memory == 0.5
    assert web.cpu == pytest.approx(0.25 * 8 / 2 / 50), "eight copies that the autoscaler allows, half busy at 50 rps"
    for word in ("'proxy' beside web is left out", "migrate runs once", "NetworkPolicy"):
        assert word in said


def test_a_persistent_volume_makes_it_stateful_and_an_empty_one_does_not(tmp_path: Path) -> None:
    mount = "volumeMounts: [{name: d, mountPath: /srv/files}]"
    text = WEB.replace("image: acme/web:1.4\n", f"image: acme/web:1.4\n          {mount}\n", 1)
    kept = text.replace("    spec:\n      containers:", "    spec:\n      volumes: [VOLUME]\n      containers:", 1)
    claimed, _ = imported(tmp_path, kept.replace("VOLUME", "{name: d, persistentVolumeClaim: {claimName: x}}"))
    empty, _ = imported(tmp_path, kept.replace("VOLUME", "{name: d, emptyDir: {}}"))
    assert claimed.services[0].stateful and not empty.services[0].stateful


@pytest.mark.parametrize(("old", "new", "words"), [
    ("metadata: {name: web, labels", "metadata: {labels", "without a name"),
    ("kind: Deployment\n", "", "without a kind"),
])  # fmt: skip
def test_broken_objects_are_problems_with_their_place(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(Problems, match=words) as found:
        imported(tmp_path, WEB.replace(old, new, 1))
    assert found.value.problems[0].place.line


def test_files_without_workloads_and_twins_are_told(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="no Deployment"):
        imported(tmp_path, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    _, said = imported(tmp_path, WEB + "---" + WEB.split("---")[0])
    assert "'web' is there already" in said


def test_hostile_names_and_values_stay_values(tmp_path: Path) -> None:
    evil = """it's ${x} "quoted": #no, [a"""
    text = WEB.replace("MODE: production", f"MODE: {json.dumps(evil)}").replace("name: web,", "name: We.B_1,")
    system, _ = imported(tmp_path, text)
    assert system.services[0].name == "we-b-1"
    assert system.services[0].environment["MODE"] == evil


def test_secret_values_never_reach_the_spec(tmp_path: Path) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {token: hunter2hunter2}\n---"
    path = tmp_path / "app.yaml"
    path.write_text(secret + WEB)
    found = import_files([path])
    assert "hunter2" not in found.text + "".join(str(one) for one in found.remarks)


@pytest.mark.parametrize(("text", "value"), [
    ("250m", 0.25), ("1", 1.0), ("1.5", 1.5), ("128Mi", 2.0**27), ("1G", 1e9), ("", None), ("many", None), ("-1", None),
    ("0", None), ("1e400", None),
])  # fmt: skip
def test_quantities(text: str, value: float | None) -> None:
    assert quantity(text) == value


WORDS = [
    "name", "spec", "template", "metadata", "containers", "env", "ports", "port", "labels", "items", "kind", "image",
    "selector", "valueFrom", "resources", "limits", "cpu", "backend", "readinessProbe", "httpGet", "path",
]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 70_000) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["Deployment", "Service", "Ingress", "List", "ConfigMap", "Job"]), VALUES)))
def test_any_shape_is_a_spec_or_a_problem(tmp_path: Path, objects) -> None:
    documents = [json.dumps({"apiVersion": "v1", "kind": kind, "metadata": {"name": f"n{n}"}, "spec": value,
                             "data": value, "items": value}) for n, (kind, value) in enumerate(objects)]  # fmt: skip
    path = tmp_path / "any.yaml"
    path.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n---\n" + "\n---\n".join(documents))
    try:
        parse_spec(import_files([path]).text, "any.yaml")
    except Problems as problems:
        assert all(problem.what for problem in problems.problems)
        assert "fault of Standfast" not in str(problems)
