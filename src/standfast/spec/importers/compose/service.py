"""One service of a Compose file as a Workload."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from standfast.problem import NOWHERE, quoted
from standfast.spec.document import Node
from standfast.spec.draft import Remarks, Workload
from standfast.spec.draft.command import split
from standfast.spec.draft.nodes import items, text_of
from standfast.spec.draft.parts import health_path
from standfast.spec.draft.workload import LINKED, ORDERED, Command, Disk, Need, Port, Variable
from standfast.spec.importers.compose.project import Project
from standfast.spec.importers.compose.words import (
    disk,
    gib,
    is_known,
    ports,
    shown,
    without_unknown,
)

# What the spec has no word for, though the program may not run without it.
_NOT_CARRIED = ("privileged", "devices", "gpus", "cap_add", "network_mode", "pid", "ipc", "sysctls", "configs",
                "volumes_from", "extra_hosts", "runtime", "models")  # fmt: skip
_NOTHING = Node(None, NOWHERE)
_CHECK = re.compile(r"https?://[^/\s\"'|;:]*(?::([0-9]{2,5}))?(/[^\s\"'|;,)\]]*)?")
_ROUTED = re.compile(r"traefik\.enable|traefik\.(?:http|frontend).*|caddy(?:\..*)?")
_ROUTED_PORT = re.compile(r"traefik\.(?:http\.services\..*\.loadbalancer\.server\.)?port")


def read_workload(name: str, node: Node, project: Project, remarks: Remarks) -> Workload:
    fields: Mapping[str, Node] = node.value
    environment = tuple(_variables(fields.get("environment")))
    labels = {**_texts(fields.get("labels")), **_texts(_inside(fields, "deploy", "labels"))}
    path, port = _health(fields)
    image = text_of(fields.get("image"))
    if not is_known(image):
        what = f"the image of {quoted(name)} depends on a variable: {quoted(shown(image))}"
        remarks.say(
            what, fields["image"].place, "variables are not read from the shell or .env", "check image: in the spec"
        )
        image = re.sub(r":?$", "", without_unknown(image).strip("/"))
    _untold(name, node, remarks)
    return Workload(
        name=name,
        place=project.places.get(name, node.place),
        image=image,
        build=shown(text_of(_inside(fields, "build", "context")) or text_of(fields.get("build"))),
        ports=(*ports(fields.get("ports"), True), *ports(fields.get("expose"), False), *_label_ports(labels)),
        variables=environment,
        secrets=tuple(_secrets(fields.get("secrets"))),
        needs=tuple(_needs(fields)),
        disks=tuple(_disks(fields)),
        command=" ".join([*_words(fields.get("entrypoint")), *_words(fields.get("command"))]),
        run=_command(fields.get("entrypoint"), fields.get("command")),
        health=health_path(path),
        health_port=port,
        memory=_first(fields, gib, ("deploy", "resources", "limits", "memory"), ("mem_limit",),
                      ("deploy", "resources", "reservations", "memory"), ("mem_reservation",)),
        cpus=_first(fields, _number, ("deploy", "resources", "limits", "cpus"), ("cpus",)),
        replicas=int(_first(fields, _number, ("deploy", "replicas"), ("scale",)) or 1),
        aliases=tuple(_aliases(name, fields, project)),
        routed=any(_ROUTED.fullmatch(label) and value != "false" for label, value in labels.items())
        or any(variable.name == "VIRTUAL_HOST" for variable in environment),
    )  # fmt: skip


def _variables(node: Node | None) -> Iterator[Variable]:
    if node is None or not isinstance(node.value, dict):
        return
    for name, child in node.value.items():
        text = text_of(child)
        known = child.value is not None and is_known(text)  # without a value it comes from the shell
        yield Variable(name, shown(text), known, node.keys.get(name, child.place))


def _texts(node: Node | None) -> dict[str, str]:
    if node is None or not isinstance(node.value, dict):
        return {}
    return {key: text_of(child) for key, child in node.value.items()}


def _inside(fields: Mapping[str, Node], *keys: str) -> Node | None:
    node = None
    for key in keys:
        node = fields.get(key)
        if node is None:
            return None
        fields = node.value if isinstance(node.value, dict) else {}
    return node


def _first(fields: Mapping[str, Node], read, *paths: tuple[str, ...]):
    return next((value for path in paths if (value := read(text_of(_inside(fields, *path))))), None)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,6})?", text) else None


def _words(node: Node | None) -> list[str]:
    return [shown(text_of(item)) for item in items(node)]


def _command(entrypoint: Node | None, command: Node | None) -> Command:
    """An entrypoint that is empty takes the image's away: then the command is the whole program."""
    said = [node for node in (entrypoint, command) if node is not None and node.value is not None]
    if not said:
        return Command()
    place = said[0].place
    texts = [text_of(item) for node in said for item in items(node)]
    if not all(map(is_known, texts)):
        return Command(unsure="it depends on variables, which are not read from the shell or .env", place=place)
    try:
        first, then = (_argv(node) for node in (entrypoint, command))
    except ValueError as error:
        return Command(unsure=str(error).lower(), place=place)
    if first == () and then:
        first, then = then, None
    if not first and not then:
        return Command(unsure="it takes the image's own away, and names none", place=place)
    return Command(first or (), then or (), place=place)


def _argv(node: Node | None) -> tuple[str, ...] | None:
    """None where it is not said. ValueError for what Compose would not run word for word."""
    if node is None or node.value is None:
        return None
    if isinstance(node.value, list):
        return tuple(text_of(item) for item in node.value)
    return split(text_of(node))


def _secrets(node: Node | None) -> Iterator[str]:
    for item in items(node):
        yield text_of(item.value.get("source")) if isinstance(item.value, dict) else text_of(item)


def _needs(fields: Mapping[str, Node]) -> Iterator[Need]:
    waits = fields.get("depends_on", _NOTHING)
    for to, child in (waits.value if isinstance(waits.value, dict) else {}).items():
        condition = text_of(child.value.get("condition")) if isinstance(child.value, dict) else ""
        done = condition == "service_completed_successfully"
        yield Need(to, ORDERED, condition if done else "depends_on", waits.keys.get(to, child.place))
    for link in items(fields.get("links")):
        yield Need(text_of(link).partition(":")[0], LINKED, "links", link.place)


def _disks(fields: Mapping[str, Node]) -> Iterator[Disk]:
    for item in items(fields.get("volumes")):
        found = disk(item)
        if found:
            yield found


def _aliases(name: str, fields: Mapping[str, Node], project: Project) -> Iterator[str]:
    yield from project.aliases.get(name, ())
    yield from filter(None, (text_of(fields.get("container_name")), text_of(fields.get("hostname"))))
    networks = fields.get("networks", _NOTHING)
    for network in (networks.value if isinstance(networks.value, dict) else {}).values():
        if isinstance(network.value, dict):
            yield from (text_of(alias) for alias in items(network.value.get("aliases")))


def _health(fields: Mapping[str, Node]) -> tuple[str, int]:
    """Path and port of a check that asks over HTTP."""
    found = _CHECK.search(" ".join(_words(_inside(fields, "healthcheck", "test"))))
    return (found[2] or "/", int(found[1] or 80)) if found else ("", 0)


def _label_ports(labels: Mapping[str, str]) -> Iterator[Port]:
    for label, value in labels.items():
        if _ROUTED_PORT.fullmatch(label) and re.fullmatch("[0-9]{1,5}", value) and 0 < int(value) < 65_536:
            yield Port(int(value))


def _untold(name: str, node: Node, remarks: Remarks) -> None:
    """What is in the file and not in the spec."""
    lost = [key for key in _NOT_CARRIED if key in node.value and node.value[key].value not in (None, False, [], {})]
    if lost:
        what, why = f"a spec has no word for {', '.join(lost)}: {{}}", "it may not run without"
        remarks.say_of(name, what, node.keys[lost[0]], why, "check whether it needs it in production")
    files = node.value.get("env_file")
    if files is not None:
        names = [item.value.get("path") if isinstance(item.value, dict) else item for item in items(files)]
        listed = ", ".join(quoted(shown(text_of(one))) for one in names)
        what, why = f"the variables in {listed} are not read: {{}}", "such files mostly hold secrets"
        fix = "write plain ones under environment, names of others under secrets"
        remarks.say_of(name, what, node.keys["env_file"], why, fix)
