"""From a workload to a service or a store of the spec: its fields, and what is to be said about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from standfast.spec.draft.command import lines_of
from standfast.spec.draft.images import Known, tag
from standfast.spec.draft.variables import Sorted
from standfast.spec.draft.workload import Disk, Remarks, Workload
from standfast.spec.values import IMAGE, URL_PATH

PEAK = 50.0  # requests per second: where every imported spec starts, see promises.py
# Ports that no browser speaks to.
_NOT_HTTP = {21, 22, 25, 53, 110, 143, 443, 465, 587, 993, 995, 1883, 2222, 3306, 5432, 5672, 6379, 9229, 27017}
# Volumes that hold nothing to keep: what is built, downloaded or logged again, or belongs to the image.
_NO_DATA = {"modules", "vendor", "bundle", "gems", "cache", "tmp", "temp", "venv", "packages", "npm", "yarn", "pnpm",
            "m2", "gradle", "next", "static", "staticfiles", "assets", "dist", "cert", "certs", "certificates", "acme",
            "letsencrypt", "ssl", "sock", "socket", "sockets", "log", "logs", "localtime", "timezone"}  # fmt: skip
_CODE = {"src", "app", "code", "scripts", "build", "target", "run", "html", "www", "conf.d", "templates"}
# The oldest versions that their makers still mend (postgresql.org/support/versioning, mysql.com, 2026-11).
_OLDEST = {"postgres": (14,), "mysql": (8, 0)}
_NEWEST = {"postgres": (99,), "mysql": (8, 4)}  # what comes after 8.4 is not mended for long


@dataclass
class Part:
    """One service or store as it will stand in the spec: notes above it, then its lines with their remarks."""

    name: str
    notes: list[str] = field(default_factory=list)
    lines: list[tuple[str, object, str]] = field(default_factory=list)  # key, value, comment

    def put(self, key: str, value: object, comment: str = "") -> None:
        self.lines.append((key, value, comment))

    def note(self, text: str) -> None:
        self.notes.append(text)


def store(one: Workload, name: str, known: Known, remarks: Remarks) -> Part:
    part = Part(name)
    part.put("kind", known.kind)
    version = _version(one, known, remarks)
    if version:
        part.put("version", version)
    if known.kind == "redis":
        memory = _redis_memory(one)
        if memory:
            part.put("memory", _data(memory))
        if "cache" in name.split("-"):
            part.put("essential", False, "assumed: a cache, without it answers are only slower")
    if known.note:
        remarks.say(f"{one.name} is {known.title}: it becomes {known.kind}", one.place, known.note)
        part.note(f"was {known.title}")
    elif one.build:
        why = "extensions, settings and first data of your own image are not carried over"
        remarks.say(f"{one.name} is {known.title} built from {one.build}: it becomes {known.kind}", one.place, why)
    for port in one.published[:1]:
        what = f"{one.name} publishes port {port.number}"
        remarks.say(what, port.place, "in the spec no store is public: only services that call it reach it")
    return part


def _version(one: Workload, known: Known, remarks: Remarks) -> str:
    if known.kind not in _OLDEST or known.title == "MariaDB":
        return ""
    found = re.search(r"(?:^v?|pg)([0-9]{1,2})(?:\.([0-9]{1,2}))?(?![0-9])", tag(one.image))
    if not found:
        return ""
    oldest = _OLDEST[known.kind]
    numbers = tuple(int(number or 0) for number in found.groups())[: len(oldest)]
    shown = ".".join(map(str, numbers))
    if numbers < oldest:
        what = f"{one.name} is {known.title} {shown}, which its makers no longer mend"
        remarks.say(what, one.place, "the newest is planned instead", "test the upgrade before you move")
        return ""
    return shown if numbers <= _NEWEST[known.kind] else ""


def _redis_memory(one: Workload) -> float | None:
    found = re.search(r"--?maxmemory[ =]+([0-9]+)\s*([kmg]b?)?\b", one.command, re.IGNORECASE)
    if not found:
        return one.memory
    return int(found[1]) * {"": 2.0**-30, "k": 2.0**-20, "m": 2.0**-10, "g": 1.0}[(found[2] or "")[:1].lower()]


@dataclass(frozen=True)
class Setting:
    """What the other parts decide about a service: the names of those it calls, whether users reach it, its secrets."""

    public: bool
    called: bool
    calls: Sequence[str]
    variables: Sorted
    secrets: Sequence[str]
    port: int | None
    mentioned: Sequence[str] = ()  # those that its command names

    @property
    def reached(self) -> bool:
        return self.public or self.called


def service(one: Workload, name: str, known: Known, setting: Setting, remarks: Remarks) -> Part:
    part = Part(name)
    _image(part, one, remarks)
    for key, words in lines_of(one, setting.mentioned, remarks).items():
        part.put(key, words)
    if setting.port:
        part.put("port", setting.port)
    if setting.public:
        part.put("public", True)
    _size(part, one, known)
    if known.role != "alone" and setting.reached:
        part.put("health", one.health or "/", "" if one.health else "assumed")
    _state(part, one, known, remarks)
    if known.role == "proxy" and len(setting.calls) > 1:
        share = f"{100 / len(setting.calls):.3g}%"
        part.put("calls", [{"to": name, "share": share} for name in setting.calls])
    elif setting.calls:
        part.put("calls", list(setting.calls))
    if setting.variables.plain:
        part.put("environment", dict(setting.variables.plain))
    if setting.secrets:
        part.put("secrets", list(setting.secrets))
    _tell(part, one, known, setting, remarks)
    return part


def _image(part: Part, one: Workload, remarks: Remarks) -> None:
    if one.image and IMAGE.fullmatch(one.image):
        part.put("image", one.image)
    elif one.build and one.build.isprintable() and len(one.build) <= 500:
        part.put("build", one.build, f"or image: … once it is pushed; until then {part.name}:latest")
    else:
        part.put("image", f"{part.name}:latest", "assumed")
        why = "its name depends on variables" if one.image else "there is none"
        remarks.say(f"the image of {one.name} cannot be read", one.place, why, f"write the image of {part.name}")


def _size(part: Part, one: Workload, known: Known) -> None:
    if known.role == "proxy":
        part.put("cpu", "1 ms", "assumed: it only passes requests on")
    elif one.cpus and one.cpus > 0:
        limit = one.cpus * max(1, one.replicas)
        seconds = min(max(limit / 2 / PEAK, 0.001), 0.5)
        part.put(
            "cpu", f"{float(f'{seconds * 1e3:.2g}'):g} ms", f"assumed: at the peak half of its {limit:g} CPU is busy"
        )
    if one.memory:
        part.put("memory", _data(one.memory))
    elif known.memory:
        part.put("memory", known.memory, "assumed")


def _data(gib: float) -> str:
    gib = min(max(gib, 2 / 1024), 20_000.0)
    return f"{gib:g} GiB" if gib >= 1 and gib == round(gib, 2) else f"{max(1, round(gib * 1024))} MiB"


def _state(part: Part, one: Workload, known: Known, remarks: Remarks) -> None:
    if known.role == "alone":
        part.put("stateful", True, "one server with one disk, no standby")
        part.note(f"{known.title}: no store of the spec can take its place yet")
        why = "it stays as a service with stateful: true"
        remarks.say(f"{one.name} is {known.title}, for which there is no store", one.place, why, known.note)
        why = (
            "each is one server with one disk and no standby. When the server dies it starts again with the same disk; "
            "when its zone is lost it is restored from the newest backup. The balancer between services speaks HTTP, "
            "which their clients may not"
        )
        fix = "use the plan for their size and cost, then run them as managed services beside it"
        remarks.say_of(one.name, "what stateful: true means for {}", one.place, why, fix)
        return
    disk = next(iter(kept_disks(one)), None)
    if disk and known.role != "proxy":
        part.put("stateful", True, f"keeps data at {disk.path}: one server, no standby")
        what = f"{one.name} keeps data on its own disk ({disk.path})"
        why = "so it can have one server only, without a standby; when its zone is lost it is restored from a backup"
        remarks.say(what, disk.place, why, "keep files in a store of kind objects, then remove stateful")


def kept_disks(one: Workload) -> Iterator[Disk]:
    """The disks whose loss would be a loss."""
    for disk in one.disks:
        if disk.kept and not disk.read_only and _holds_data(disk.path) and _holds_data(disk.source):
            yield disk


def _holds_data(name: str) -> bool:
    last = name.rstrip("/").rpartition("/")[2].lower()
    words = set(re.split(r"[_.\s-]+", last))
    return not (words & _NO_DATA or (last in _CODE and not name.startswith("/var/")) or name.startswith("/etc/"))


def _tell(part: Part, one: Workload, known: Known, setting: Setting, remarks: Remarks) -> None:
    sorted_ = setting.variables
    told = [f"{', '.join(names)} ({target})" for target, names in sorted_.places.items()]
    if told:
        part.note(f"left out, they said where others are: {'; '.join(told)}")
    if sorted_.unknown:
        part.note(f"left out, the value is not in the file: {', '.join(sorted_.unknown)}")
    if sorted_.unusable:
        part.note(f"left out, they cannot stay as they are: {', '.join(sorted_.unusable)}")
    if one.replicas > 1:
        part.note(f"{one.replicas} copies so far: the plan decides how many from the load")
    if not setting.reached and known.role == "":
        part.note("nothing here calls it: no request counts towards its size")
    others = sorted({port.number for port in one.published} - {setting.port, 443})
    if others and setting.public:
        shown = ", ".join(map(str, others))
        what = f"{one.name} publishes {shown} too: only port {setting.port} is carried over"
        remarks.say(what, one.published[0].place, "the balancer passes HTTP on to one port of a service")
    for port in one.ports:
        if port.protocol != "tcp" and port.published:
            what = f"{one.name} publishes {port.number}/{port.protocol}, which is not carried over"
            remarks.say(what, port.place, "the balancer passes on HTTP, over TCP")


def choose_port(one: Workload, known: Known, named: Sequence[int]) -> int | None:
    """The port it listens on for HTTP; None where nothing tells. `named`: ports that others address it at."""
    if known.role == "alone" and known.port:
        return known.port
    published = [port.number for port in one.published]
    others = [port.number for port in one.ports if port.protocol == "tcp" and port.number not in published]
    own = [int(v.value) for v in one.variables if v.name == "PORT" and re.fullmatch("[0-9]{2,5}", v.value)]
    usual = [known.port] if known.port and known.port in published else []
    candidates = [*usual, *published, *([one.health_port] if one.health_port else []), *others, *own, *named]
    candidates = [port for port in candidates if 0 < port < 65_536]
    web = [port for port in candidates if port not in _NOT_HTTP]
    return next(iter([*web, *candidates, *([known.port] if known.port else [])]), None)


def health_path(text: str) -> str:
    """The path of an HTTP health check, "" where it cannot stand in a spec."""
    return text if URL_PATH.fullmatch(text) else ""
