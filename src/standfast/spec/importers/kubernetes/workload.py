"""One Deployment, StatefulSet, Job … as a Workload."""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.problem import NOWHERE, quoted
from standfast.spec.document import Node
from standfast.spec.draft import Remarks, Workload
from standfast.spec.draft.nodes import inside, items, mapping, text_of
from standfast.spec.draft.parts import health_path
from standfast.spec.draft.workload import Command, Disk, Port, Variable
from standfast.spec.importers.kubernetes.manifests import ONCE, Access, Manifests, Object

# Quantities: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
_UNITS = {"m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_UNITS |= {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}
_QUANTITY = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_REFERENCE = re.compile(r"\$\([^)]+\)")
_KEPT = ("persistentVolumeClaim", "hostPath", "nfs", "csi", "awsElasticBlockStore", "gcePersistentDisk", "azureDisk")
_SIDECARS = re.compile(r"istio|envoy|linkerd|cloud-?sql-?proxy|fluent|filebeat|datadog|vault-agent|otel|jaeger-agent")


def read_workload(one: Object, manifests: Manifests, remarks: Remarks) -> Workload:
    """The workload of an object; its first container that is no helper is what it runs."""
    spec = inside(one.pod, "spec")
    containers = [item for item in items(inside(spec, "containers")) if mapping(item)]
    main = _main(one, containers, remarks)
    _told(one, spec, remarks)
    access = manifests.access.get(one.name, Access())
    names = _port_names(main)
    ports = tuple(_ports(main, names, access))
    path, port = _health(one, main, names, remarks)
    limits, requests = inside(main, "resources", "limits"), inside(main, "resources", "requests")
    return Workload(
        name=one.name,
        place=one.place,
        image=text_of(mapping(main).get("image")),
        ports=ports,
        variables=tuple(_variables(main, manifests)),
        secrets=tuple(_secrets(main)),
        disks=tuple(_disks(one, spec, main)),
        command=" ".join(text_of(item) for key in ("command", "args") for item in items(mapping(main).get(key))),
        run=_command(main),
        health=path,
        health_port=port,
        memory=_gib(text_of(inside(limits, "memory")) or text_of(inside(requests, "memory"))),
        cpus=quantity(text_of(inside(limits, "cpu")) or text_of(inside(requests, "cpu"))),
        replicas=_replicas(one, manifests),
        aliases=access.names,
        once=one.kind in ONCE,
    )


def quantity(text: str) -> float | None:
    """`250m` is 0.25, `1Gi` is 2**30; None for anything that is none, or nothing."""
    found = _QUANTITY.fullmatch(text)
    value = float(found[1]) * _UNITS[found[2] or ""] if found else 0.0
    return value or None


def _gib(text: str) -> float | None:
    value = quantity(text)
    return None if value is None else value / 2**30


def _replicas(one: Object, manifests: Manifests) -> int:
    said = text_of(inside(one.node, "spec", "replicas"))
    return max(manifests.replicas.get(one.name, 1), int(said) if said.isdecimal() and len(said) < 6 else 1)


def _main(one: Object, containers: list[Node], remarks: Remarks) -> Node | None:
    own = [item for item in containers if not _SIDECARS.search(text_of(mapping(item).get("image")).lower())]
    chosen = next(iter(own or containers), None)
    for item in containers:
        if item is not chosen:
            name = text_of(mapping(item).get("name"))
            what = f"the container {quoted(name)} beside {one.name} is left out"
            remarks.say(what, item.place, "a service of a spec is one program", "add it as a service if others need it")
    return chosen


def _told(one: Object, spec: Node | None, remarks: Remarks) -> None:
    first = items(inside(spec, "initContainers"))
    if first:
        why, fix = "they run once before the program starts", "run them as a step of your deploys, or in the image"
        remarks.say_of(one.name, "init containers are left out: {}", first[0].place, why, fix)
    if one.kind == "DaemonSet":
        what = "one for every node of a cluster: taken as a service like any other: {}"
        remarks.say_of(one.name, what, one.place, "", "remove it if it serves the cluster, not the system")


def _port_names(main: Node | None) -> dict[str, int]:
    found = {}
    for port in items(mapping(main).get("ports")):
        number = text_of(mapping(port).get("containerPort"))
        if number.isdecimal() and 0 < int(number) < 65_536:
            found[text_of(mapping(port).get("name")) or number] = int(number)
    return found


def _ports(main: Node | None, names: dict[str, int], access: Access) -> Iterator[Port]:
    """What it listens on: the ports its services lead to, then those of the container."""
    seen: set[int] = set()
    place = main.place if main is not None else None
    targets = [names.get(target) or (int(target) if target.isdecimal() else 0) for target in access.ports.values()]
    for number in (*targets, *names.values()):
        if 0 < number < 65_536 and number not in seen and place is not None:
            seen.add(number)
            yield Port(number, published=access.published and (number in targets or not targets), place=place)


def _variables(main: Node | None, manifests: Manifests) -> Iterator[Variable]:
    for source in items(mapping(main).get("envFrom")):
        name = text_of(inside(source, "configMapRef", "name"))
        for key in manifests.names.get(name, ()):
            yield Variable(key, manifests.values[name, key], place=source.place)
    for item in items(mapping(main).get("env")):
        name = text_of(mapping(item).get("name"))
        if not name or inside(item, "valueFrom", "secretKeyRef") is not None:
            continue
        reference = inside(item, "valueFrom", "configMapKeyRef")
        if reference is not None:
            key = text_of(mapping(reference).get("name")), text_of(mapping(reference).get("key"))
            yield Variable(name, manifests.values.get(key, ""), key in manifests.values, item.place)
        elif "value" in mapping(item):
            text = text_of(mapping(item)["value"]).replace("$$", "$")  # Kubernetes reads $(NAME), and $$ as $
            yield Variable(name, text, place=item.place)


def _command(main: Node | None) -> Command:
    """Kubernetes reads $(NAME) in them, and $$ as $."""
    said = {key: items(mapping(main).get(key)) for key in ("command", "args")}
    place = next((nodes[0].place for nodes in said.values() if nodes), NOWHERE)
    words = {key: [text_of(item) for item in nodes] for key, nodes in said.items()}
    if any(_REFERENCE.search(word.replace("$$", "")) for found in words.values() for word in found):
        return Command(unsure="Kubernetes puts variables into it", place=place)
    first, then = (tuple(word.replace("$$", "$") for word in words[key]) for key in ("command", "args"))
    return Command(first, then, place=place)


def _secrets(main: Node | None) -> Iterator[str]:
    """Names of variables whose values are secrets; the values themselves are never read."""
    for item in items(mapping(main).get("env")):
        if inside(item, "valueFrom", "secretKeyRef") is not None and text_of(mapping(item).get("name")):
            yield text_of(mapping(item).get("name"))


def _disks(one: Object, spec: Node | None, main: Node | None) -> Iterator[Disk]:
    kept = {
        text_of(mapping(volume).get("name")): any(key in mapping(volume) for key in _KEPT)
        for volume in items(inside(spec, "volumes"))
    }
    for claim in items(inside(one.node, "spec", "volumeClaimTemplates")):
        kept[text_of(inside(claim, "metadata", "name"))] = True
    for mount in items(mapping(main).get("volumeMounts")):
        name, path = text_of(mapping(mount).get("name")), text_of(mapping(mount).get("mountPath"))
        if path:
            yield Disk(
                path, f"{one.name}-{name}", kept.get(name, False), text_of(mapping(mount).get("readOnly")) == "true",
                mount.place,
            )  # fmt: skip


def _health(one: Object, main: Node | None, names: dict[str, int], remarks: Remarks) -> tuple[str, int]:
    """Path and port of a probe that asks over HTTP."""
    for key in ("readinessProbe", "livenessProbe", "startupProbe"):
        asked = inside(main, key, "httpGet")
        if asked is not None:
            port = text_of(mapping(asked).get("port"))
            number = names.get(port) or (int(port) if port.isdecimal() and len(port) < 6 else 80)
            return health_path(text_of(mapping(asked).get("path")) or "/"), number
    asked = inside(main, "readinessProbe", "grpc")
    if asked is not None:
        what, why = "a probe that asks over gRPC has no place in a spec yet: {}", "the balancer asks over HTTP"
        remarks.say_of(one.name, what, asked.place, why, "write health: and a path that answers")
    return "", 0
