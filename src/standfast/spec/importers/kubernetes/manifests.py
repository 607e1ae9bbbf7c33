"""The objects of manifests, and how they belong together: services to workloads, routes to services, sizes to both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from standfast.problem import Place, Problem, Problems, quoted
from standfast.spec.document import Node, parse_documents, read_text, shown_name
from standfast.spec.draft import Remarks
from standfast.spec.draft.nodes import inside, items, mapping, text_of, texts

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod", "Rollout")
ONCE = ("Job", "CronJob")
DEEPEST = 5  # lists within lists


@dataclass(frozen=True)
class Object:
    """One object: its kind, its name, the namespace it names, and all of it."""

    kind: str
    name: str
    namespace: str
    node: Node
    place: Place

    @property
    def pod(self) -> Node | None:
        """The pod it makes: metadata and spec."""
        if self.kind == "Pod":
            return self.node
        path = ("spec", "jobTemplate", "spec", "template") if self.kind == "CronJob" else ("spec", "template")
        return inside(self.node, *path)


@dataclass(frozen=True)
class Access:
    """How others reach a workload: the names of its services, their ports, and whether users do."""

    names: tuple[str, ...] = ()
    ports: Mapping[int, str] = field(default_factory=dict)  # port of a service -> port or name of a port it leads to
    published: bool = False


@dataclass(frozen=True)
class Manifests:
    title: str
    workloads: tuple[Object, ...]
    others: tuple[Object, ...]
    access: Mapping[str, Access]  # by name of a workload
    replicas: Mapping[str, int]  # that autoscalers may grow workloads to
    values: Mapping[tuple[str, str], str]  # of config maps: (name, key) -> text
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)  # of config maps: their keys


def read_manifests(paths: Sequence[Path], remarks: Remarks) -> Manifests:
    """Raises Problems for a file that cannot be read, or an object that is none."""
    objects = [one for path in paths for one in _objects(path)]
    workloads, others = [], []
    seen: dict[tuple[str, str], Object] = {}
    for one in objects:
        if one.kind not in WORKLOADS + ONCE:
            others.append(one)
            continue
        twin = seen.setdefault((one.name, ""), one)
        if twin is one:
            workloads.append(one)
        else:
            what = f"{one.kind} {quoted(one.name)} is there already, as {twin.kind} of line {twin.place.line}: left out"
            remarks.say(what, one.place, "names of a spec are unique", "rename one of them, or import them apart")
    title = next((found for one in workloads if (found := _labels(one).get("app.kubernetes.io/part-of"))), "")
    maps = [one for one in others if one.kind == "ConfigMap"]
    values = {(one.name, key): text for one in maps for key, text in texts(inside(one.node, "data")).items()}
    names = {one.name: list(mapping(inside(one.node, "data"))) for one in maps}
    return Manifests(
        title, tuple(workloads), tuple(others), _access(workloads, others), dict(_grown(others)), values, names
    )


def _objects(path: Path) -> Iterator[Object]:
    name = shown_name(path)
    for node in parse_documents(read_text(path), name):
        yield from _unrolled(node, 0)


def _unrolled(node: Node, depth: int) -> Iterator[Object]:
    """The object, or those of a List."""
    if not isinstance(node.value, dict):
        raise Problems([Problem("a manifest is a mapping with apiVersion and kind", "", "", node.place)])
    kind = text_of(node.value.get("kind"))
    if kind.endswith("List") and isinstance(mapping(node).get("items", Node(None, node.place)).value, list):
        if depth < DEEPEST:
            for item in items(node.value["items"]):
                yield from _unrolled(item, depth + 1)
        return
    name = text_of(inside(node, "metadata", "name"))
    if not kind or not (name or text_of(inside(node, "metadata", "generateName"))):
        if kind or "apiVersion" in node.value:
            what = f"an object of kind {quoted(kind)} without a name" if kind else "an object without a kind"
            raise Problems([Problem(what, "", "write kind and metadata.name", node.place)])
        return  # helm prints comments and values beside its objects
    name = name or text_of(inside(node, "metadata", "generateName")).rstrip("-")
    yield Object(kind, name, text_of(inside(node, "metadata", "namespace")), node, node.place)


def _labels(one: Object) -> dict[str, str]:
    return {**texts(inside(one.node, "metadata", "labels")), **texts(inside(one.pod, "metadata", "labels"))}


def _access(workloads: Sequence[Object], others: Sequence[Object]) -> dict[str, Access]:
    routed = {name for one in others if one.kind in ("Ingress", "HTTPRoute") for name in _backends(one)}
    bound = (one for one in others if one.kind == "TargetGroupBinding")  # a balancer of AWS that stands already
    routed |= {text_of(inside(one.node, "spec", "serviceRef", "name")) for one in bound}
    found: dict[str, Access] = {}
    for one in others:
        selector = texts(inside(one.node, "spec", "selector"))
        if one.kind != "Service" or not selector:
            continue
        kind = text_of(inside(one.node, "spec", "type"))
        open_ = kind in ("LoadBalancer", "NodePort") or one.name in routed
        spaces = (one.namespace or "default",)
        names = [one.name]
        names += [f"{one.name}.{space}{end}" for space in spaces for end in ("", ".svc", ".svc.cluster.local")]
        for workload in workloads:
            if workload.namespace == one.namespace and selector.items() <= _labels(workload).items():
                known = found.get(workload.name, Access())
                ports = {**known.ports, **dict(_ports(one))}
                found[workload.name] = Access((*known.names, *names), ports, known.published or open_)
    return found


def _ports(one: Object) -> Iterator[tuple[int, str]]:
    for port in items(inside(one.node, "spec", "ports")):
        number = text_of(mapping(port).get("port"))
        if number.isdecimal() and 0 < int(number) < 65_536:
            yield int(number), text_of(mapping(port).get("targetPort")) or number


def _backends(one: Object) -> Iterator[str]:
    """The services that a route leads to, whatever version of the API it is written in."""
    todo = [inside(one.node, "spec")]
    while todo:
        node = todo.pop()
        if node is None:
            continue
        if isinstance(node.value, list):
            todo += node.value
            continue
        for key, child in mapping(node).items():
            if key in ("backend", "defaultBackend"):
                yield text_of(inside(child, "service", "name")) or text_of(inside(child, "serviceName"))
            elif key == "backendRefs":
                yield from (text_of(mapping(item).get("name")) for item in items(child))
            else:
                todo.append(child)


def _grown(others: Sequence[Object]) -> Iterator[tuple[str, int]]:
    for one in others:
        most = text_of(inside(one.node, "spec", "maxReplicas"))
        if one.kind == "HorizontalPodAutoscaler" and most.isdecimal() and 0 < int(most) <= 10_000:
            yield text_of(inside(one.node, "spec", "scaleTargetRef", "name")), int(most)
