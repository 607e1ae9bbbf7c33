"""The short ways in which Compose writes things: variables, lists of pairs, ports, volumes, sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from standfast.problem import Place
from standfast.spec.document import Node
from standfast.spec.draft.nodes import items, text_of
from standfast.spec.draft.workload import Disk, Port

# A variable that has no value here. It stands between two characters that no file has (private use in Unicode).
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_UNKNOWN = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEEPEST = 20


def interpolated(node: Node) -> Node:
    """A value with its `${NAME:-default}` filled in; what has no default stays unknown, see `is_known`."""
    if isinstance(node.value, dict):
        return replace(node, value={key: interpolated(child) for key, child in node.value.items()})
    if isinstance(node.value, list):
        return replace(node, value=[interpolated(child) for child in node.value])
    if isinstance(node.value, str) and "$" in node.value:
        text = _filled(node.value, 0)
        return replace(node, value=text, raw=text)
    return node


def _filled(text: str, depth: int) -> str:
    closing = _closing_braces(text)
    found, at = [], 0
    while (dollar := text.find("$", at)) >= 0:
        found.append(text[at:dollar])
        if text.startswith("$$", dollar):
            found.append("$")
            at = dollar + 2
            continue
        inside, at = _bare(text, dollar)
        if dollar + 1 in closing:
            inside, at = text[dollar + 2 : closing[dollar + 1]], closing[dollar + 1] + 1
        found.append(_value(inside, depth) if inside else text[dollar:at])
    return "".join(found) + text[at:]


def _closing_braces(text: str) -> dict[int, int]:
    """Where each brace that opens is closed."""
    opened: list[int] = []
    found: dict[int, int] = {}
    for brace in re.finditer("[{}]", text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif opened:
            found[opened.pop()] = brace.start()
    return found


def _bare(text: str, dollar: int) -> tuple[str, int]:
    name = _NAME.match(text, dollar + 1)
    return (name[0], name.end()) if name else ("", dollar + 1)


def _value(inside: str, depth: int) -> str:
    """Of `NAME`, `NAME:-default`, `NAME-default`, `NAME:?message`, `NAME:+other`: no variable is set."""
    name = _NAME.match(inside)
    if not name:
        return ""
    found = re.match(r":?[-?+]", inside[name.end() :])
    way = found[0] if found else ""
    rest = inside[name.end() + len(way) :]
    if way in (":-", "-") and depth < _DEEPEST:
        return _filled(rest, depth + 1)
    return "" if way in (":+", "+") else f"{_OPEN}{name[0]}{_CLOSE}"


def is_known(text: str) -> bool:
    return _OPEN not in text


def shown(text: str) -> str:
    """A text with its unknown variables as people write them."""
    return _UNKNOWN.sub(lambda found: f"${{{found[1]}}}", text)


def without_unknown(text: str) -> str:
    return _UNKNOWN.sub("", text)


def pairs(node: Node) -> Node:
    """`[A=1, B]` as `{A: 1, B: null}`: environments, labels, dependencies come in both forms."""
    if not isinstance(node.value, list):
        return node
    values, keys = {}, {}
    for item in node.value:
        text = text_of(item)
        if isinstance(item.value, dict):  # A=one: two, without quotes, is read as a mapping
            text = "; ".join(f"{key}: {text_of(child)}" for key, child in item.value.items())
        name, equals, value = text.partition("=")
        if name:
            keys[name] = item.place
            values[name] = Node(value if equals else None, item.place, raw=value)
    return Node(values, node.place, keys)


def ports(node: Node | None, published: bool) -> Iterator[Port]:
    """`8080:80`, `127.0.0.1:80-85:80-85/udp`, `80`, {target: 80, published: 8080, protocol: tcp}."""
    for item in items(node):
        if isinstance(item.value, dict):
            yield from _long_port(item, published)
            continue
        text, _, protocol = text_of(item).partition("/")
        host, _, target = text.rpartition(":")
        address = host.rpartition(":")[0] if ":" in host else ""
        yield from _range(target, published, _is_local(address), protocol, item.place)


def _long_port(item: Node, published: bool) -> Iterator[Port]:
    local = _is_local(text_of(item.value.get("host_ip")))
    protocol = text_of(item.value.get("protocol"))
    yield from _range(text_of(item.value.get("target")), published, local, protocol, item.place)


def _is_local(address: str) -> bool:
    return address.strip("[]").startswith("127.") or address.strip("[]") in ("::1", "localhost")


def _range(text: str, published: bool, local: bool, protocol: str, place: Place) -> Iterator[Port]:
    """The first of a range: a service has one port, and the others are told."""
    numbers = [int(number) for number in re.findall(r"[0-9]{1,5}", without_unknown(text))]
    for number in numbers[:2]:
        if 0 < number < 65_536:
            yield Port(number, published, local, (protocol or "tcp").lower(), place)


_KEPT_FOLDER = re.compile(
    r"(?:^|[/\\_.-])(?:data|db|database|storage|uploads?|media|volumes?|persist\w*|backups?|files)\b", re.I
)
_VOLUME = re.compile(r"((?:[A-Za-z]:[\\/])?[^:]*)(?::([^:]*))?(?::(.*))?")  # a Windows path has a colon of its own
_NOT_KEPT = re.compile(r"docker\.sock|^/(?:etc|proc|sys|dev|run|var/run|lib|usr/share/zoneinfo)\b|\.[A-Za-z]{2,5}$")


def disk(node: Node) -> Disk | None:
    """`db_data:/var/lib/x:ro`, `./data:/data`, `/tmp/scratch`, {type: volume, source: a, target: /b}."""
    if isinstance(node.value, dict):
        kind, source = text_of(node.value.get("type")), text_of(node.value.get("source"))
        path, read_only = text_of(node.value.get("target")), text_of(node.value.get("read_only")) == "true"
        kind = kind or ("volume" if source else "tmpfs")
    else:
        found = _VOLUME.fullmatch(text_of(node))
        source, path, mode = found.groups("") if found else ("", "", "")
        source, path = (source, path) if path else ("", source)
        read_only = "ro" in mode.split(",")
        kind = "bind" if source[:1] in ("/", ".", "~", "\\") or source[1:2] == ":" else "volume"
    if not path:
        return None
    return Disk(path, source, _outlives(kind, source), read_only, node.place)


def _outlives(kind: str, source: str) -> bool:
    """A named volume does; a folder of the machine, where its name says that it holds data and not code."""
    if kind == "volume":
        return bool(source)
    return kind == "bind" and bool(_KEPT_FOLDER.search(source)) and not _NOT_KEPT.search(source)


def gib(text: str) -> float | None:
    """`512m`, `1.5gb`, `268435456`: Docker counts in powers of 1024."""
    found = re.fullmatch(r"([0-9]{1,18}(?:\.[0-9]{1,9})?)\s*([kmgt]?)(?:i?b)?", text.strip().lower())
    if not found or float(found[1]) <= 0:
        return None
    return float(found[1]) * {"": 2.0**-30, "k": 2.0**-20, "m": 2.0**-10, "g": 1.0, "t": 2.0**10}[found[2]]
