"""CONFIG.json as frozen plain data. The keys are described in the room's docstring."""

from __future__ import annotations

import ipaddress
import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from standfast.problem import Place, Problem, Problems, did_you_mean, quoted

SCHEMES = {
    "service": ("http", "https"),
    "postgres": ("postgres", "postgresql"),
    "redis": ("redis",),
    "objects": ("http", "https"),
}


@dataclass(frozen=True)
class Target:
    kind: str
    url: str
    host: str = ""
    ca: str = ""
    reads: float = 0.8
    connections: int = 4


@dataclass(frozen=True)
class Call:
    to: str
    times: float = 1.0
    share: float = 1.0
    parallel: bool = False
    essential: bool = True
    cached_by: str = ""
    hit_rate: float = 0.0


@dataclass(frozen=True)
class Config:
    name: str
    address: str
    port: int
    health: str = "/healthz"
    cpu: float = 0.0
    variation: float = 1.0
    speed: float = 1.0
    cores: int = 1
    wait: float = 0.0
    response: int = 1024
    patience: float = 2.0
    timeout: float = 5.0
    optional_timeout: float = 0.25
    calls: tuple[Call, ...] = ()
    targets: Mapping[str, Target] = field(default_factory=dict)
    buckets: tuple[float, ...] = ()
    otlp: str = ""
    version: str = "1"
    fails_health: bool = False
    fails: float = 0.0
    drain: float = 0.0
    grace: float = 5.0
    log: str = "errors"


def read_config(path: Path) -> Config:
    """Raises Problems that name the file and every key that is wrong."""
    place = Place(path.name)
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problems([Problem("the configuration cannot be read", str(error), "name a JSON file", place)]) from error
    return parse_config(given, place)


def parse_config(given: Any, place: Place) -> Config:
    wrong: list[str] = []
    found = _table(Config, given, "", wrong, skip=("calls", "targets", "buckets"))
    calls, targets, buckets = (given.get(key) or () for key in ("calls", "targets", "buckets")) if found else ((),) * 3
    called = tuple(Call(**_table(Call, one, f"calls.{n}.", wrong)) for n, one in enumerate(_listed(calls, wrong)))
    known = {name: Target(**_table(Target, one, f"targets.{name}.", wrong)) for name, one in _named(targets, wrong)}
    bounds = tuple(sorted({float(one) for one in _listed(buckets, wrong) if _number(one)}))
    if not wrong:
        config = Config(**found, calls=called, targets=known, buckets=bounds)
        wrong += _rules(config)
        if not wrong:
            return config
    raise Problems(
        [Problem(one, fix="see the docstring of standfast.worlds.lab.service", place=place) for one in wrong]
    )


def _listed(value: Any, wrong: list[str]) -> tuple:
    if isinstance(value, list | tuple):
        return tuple(value)
    wrong.append(f"a list is wanted, not {quoted(value)}")
    return ()


def _named(value: Any, wrong: list[str]) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return sorted(value.items())
    if value:
        wrong.append(f"targets: a table is wanted, not {quoted(value)}")
    return []


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _table(
    shape: type[Target | Call | Config], given: Any, where: str, wrong: list[str], skip: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The values of one dataclass; what is unknown, missing or of another kind is added to `wrong`."""
    known = {one.name: one for one in fields(shape)}
    if not isinstance(given, dict):
        wrong.append(f"{where.rstrip('.') or 'the configuration'}: a table is wanted, not {quoted(given)}")
        return {name: "" for name, one in known.items() if one.default is MISSING and one.default_factory is MISSING}
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            wrong.append(f"{where}{quoted(key)} is not known: {did_you_mean(str(key), known)}")
        elif key not in skip:
            kind = str(known[key].type)
            right = {
                "str": isinstance(value, str),
                "bool": isinstance(value, bool),
                "int": _number(value) and int(value) == value and value >= 0,
                "float": _number(value) and value >= 0,
            }[kind]
            if not right:
                wrong.append(f"{where}{key}: {quoted(value)} is not a {KINDS[kind]}")
            found[key] = int(value) if right and kind == "int" else value
    for key, one in known.items():
        if key not in given and one.default is MISSING and one.default_factory is MISSING:
            wrong.append(f"{where}{key} is missing")
            found[key] = ""
    return found


KINDS = {"str": "text", "bool": "yes or no", "int": "whole number from 0", "float": "number from 0"}


def _rules(config: Config) -> list[str]:
    wrong = []
    try:
        inside = ipaddress.ip_address(config.address).is_loopback
    except ValueError:
        inside = False
    if not inside:
        wrong.append(f"address: {quoted(config.address)} is not a loopback address")
    if not 0 < config.port < 65_536:
        wrong.append(f"port: {config.port} is not between 1 and 65535")
    if config.cores < 1 or config.speed <= 0 or config.timeout <= 0 or config.optional_timeout <= 0:
        wrong.append("cores, speed, timeout and optional_timeout are above 0")
    if not config.health.startswith("/"):
        wrong.append(f"health: {quoted(config.health)} does not begin with /")
    if config.log not in ("errors", "all"):
        wrong.append(f"log: {quoted(config.log)} is neither errors nor all")
    if config.fails > 1:
        wrong.append("fails is a fraction")
    for call in config.calls:
        for name in filter(None, (call.to, call.cached_by)):
            if name not in config.targets:
                wrong.append(f"targets: {quoted(name)} is called, and it is not said where it is")
        if call.cached_by in config.targets and config.targets[call.cached_by].kind != "redis":
            wrong.append(f"calls: {quoted(call.cached_by)} is not a cache")
        if not (call.share <= 1 and call.hit_rate <= 1):
            wrong.append(f"calls: share and hit_rate of {quoted(call.to)} are fractions")
    for name, target in config.targets.items():
        if target.kind not in SCHEMES:
            wrong.append(f"targets.{name}.kind: {did_you_mean(target.kind, SCHEMES)}")
        elif _scheme(target.url) not in SCHEMES[target.kind]:
            wrong.append(f"targets.{name}.url: it begins with {' or '.join(SCHEMES[target.kind])}://")
        if not target.reads <= 1 or not target.connections:
            wrong.append(f"targets.{name}: reads is a fraction, connections at least 1")
    return wrong


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme if "://" in url else ""
    except ValueError:
        return url.partition("://")[0]  # several hosts, as libpq takes them, are not a URL to others
