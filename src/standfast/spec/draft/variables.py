"""What environment variables tell: which other part they point at, what is secret, and what is plain configuration."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from standfast.spec.draft.workload import Variable, Workload
from standfast.spec.secrecy import looks_secret, secret_name
from standfast.spec.values import ENVIRONMENT_NAME

_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
# A variable whose name ends so holds hosts, so that a bare word in it is one.
_POINTS = re.compile(
    r"(?:^|[_.-])(?:HOST|HOSTS|HOSTNAME|ADDR|ADDRESS|ADDRESSES|SERVER|SERVERS|SERVICE|SERVERNAME|URL|URLS|URI|ENDPOINT"
    r"|ENDPOINTS|BROKER|BROKERS|BACKEND|UPSTREAM|NODE|NODES|PEER|PEERS|CONNECT|CONNECTION|BOOTSTRAP|PROXY|TARGET|DSN"
    r"|MASTER|PRIMARY|REPLICA|CLUSTER|LOCATION|SERVERS?_?URL|CONTACT_POINTS|HOSTPORT)(?:_?[0-9]+)?$|(?:host|addr|url)$",
    re.IGNORECASE,
)
# A variable that names who may come, or where users are sent back to: not whom it calls.
_NO_CALL = re.compile(
    r"CORS|ORIGIN|ALLOWED|TRUSTED|WHITELIST|REDIRECT|CALLBACK|CSRF|NO_PROXY|ADVERTISED|VIRTUAL_HOST|LETSENCRYPT",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?://|@|,|^|\b(?:host|server|data source|addr|address|endpoint)\s*=\s*(?:tcp:)?)$", re.IGNORECASE
)
# How one logs in: what stands beside an address under the same beginning, such as DB_USER beside DB_HOST.
_LOGIN = ("HOST", "HOSTNAME", "PORT", "USER", "USERNAME", "USR", "PASSWORD", "PASSWD", "PASS", "PWD", "NAME",
          "DATABASE", "DB", "DBNAME", "SCHEMA", "BUCKET", "ACCESS_KEY", "SECRET_KEY", "ACCESS_KEY_ID",
          "SECRET_ACCESS_KEY")  # fmt: skip
_ADDRESS = ("URL", "URI", "DSN", "ADDR", "ADDRESS", "ENDPOINT", "SERVER")
# What the plan puts under the name of a part into the environment of those that call it.
_GIVEN = ("HOST", "PORT", "NAME", "USER", "PASSWORD", "URL", "BUCKET")
_OPENS = re.compile(r"(?:^|[_.-])(?:AUTH|CREDS?|LOGIN_?URL|COOKIE)$", re.IGNORECASE)
_MAY_OPEN = re.compile(r"(?:^|[_.-])(?:KEY|KEYS|CERT|CERTIFICATE|PRIVATE)$", re.IGNORECASE)  # or name a file that does
LONGEST_VALUE = 4_000  # characters: no address or password is longer, and no search may take long
_FLAG = re.compile(r"(?:|true|false|yes|no|on|off|none|null)", re.IGNORECASE)
_PATH = re.compile(r"[.~]?/[\w./~-]*\.(?:pem|crt|cer|key|p12|pfx|jks|json|pub|txt)")
_RANDOM = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9+/_=-]{24,}")


def hosts(variable: Variable, names: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The parts whose host names stand in a value, each with the port beside it (0: none).

    `names`: every host name of the system -> the part it leads to.
    """
    if _NO_CALL.search(variable.name):
        return
    for part, port, sure in _mentioned(variable.value, names):
        if sure or _POINTS.search(variable.name):
            yield part, port


def named_ports(workloads: Iterable[Workload], names: Mapping[str, str]) -> dict[str, list[int]]:
    """The ports at which the parts are addressed in variables, in their order."""
    found: dict[str, list[int]] = {}
    for variable in (variable for one in workloads for variable in one.variables):
        for part, port in hosts(variable, names):
            if port:
                found.setdefault(part, []).append(port)
    return found


def hosts_of_command(command: str, names: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    for part, port, sure in _mentioned(command, names):
        if sure:
            yield part, port


def _mentioned(text: str, names: Mapping[str, str]) -> Iterator[tuple[str, int, bool]]:
    """Part, port, and whether the text around it says that it is a host: `//db`, `@db`, `db:5432`, `host=db`."""
    text = text[:LONGEST_VALUE]
    for found in _HOST.finditer(text):
        part = names.get(found[0].lower())
        if part is None:
            continue
        before, after = text[max(0, found.start() - 30) : found.start()], text[found.end() :]
        if after.startswith("://") or (before.endswith("//") and re.match(r"[^/\s]*@", after)):
            continue  # redis:// is a scheme, and in //postgres:…@db the name of a user
        port = re.match(r":([0-9]{2,5})\b", after)
        bounded = _BEFORE.search(before) is not None
        sure = bool(port) or (bounded and before[-1:] not in ("", ","))
        if sure or (bounded and (not after or after[0] in ",:/")):
            yield part, int(port[1]) if port else 0, sure


@dataclass(frozen=True)
class Sorted:
    """The variables of one workload by what becomes of them.

    `plain`     name -> value, to be kept
    `secrets`   names of those whose values are secret
    `places`    part -> names of variables that say where it is and how to log in
    `unknown`   names whose values stand elsewhere
    `unusable`  names that cannot be kept as they are: paths to mounted secrets, text of several lines
    """

    plain: dict[str, str]
    secrets: tuple[str, ...]
    places: dict[str, tuple[str, ...]]
    unknown: tuple[str, ...]
    unusable: tuple[str, ...]


def sort_variables(
    workload: Workload, names: Mapping[str, str], called: Mapping[str, str], services: Collection[str], port: int
) -> Sorted:
    """Sort the variables of a workload. `called`: the parts it calls -> the names they will have in the spec.

    How to log in stays beside the address of one of the `services`: the plan makes logins for stores alone.
    """
    places = _places(workload, names, called, services)
    pointing = {name for found in places.values() for name in found}
    plain: dict[str, str] = {}
    secrets, unknown, unusable = [], [], []
    for variable in workload.variables:
        name, value = variable.name, variable.value
        if name in pointing or (name == "PORT" and value == str(port)):
            continue
        if not ENVIRONMENT_NAME.fullmatch(name) or len(value) > LONGEST_VALUE:
            unusable.append(name)
        elif is_secret(name, value):
            secrets.append(name)
        elif not variable.known:
            unknown.append(name)
        elif len(value) > 500 or not value.isprintable() or value.startswith("/run/secrets/"):
            unusable.append(name)
        else:
            plain[name] = value
    return Sorted(plain, tuple(secrets), places, tuple(unknown), tuple(unusable))


def _places(
    workload: Workload, names: Mapping[str, str], called: Mapping[str, str], services: Collection[str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for variable in workload.variables:
        for part, _ in hosts(variable, names):
            same = found.setdefault(part, [])
            if variable.name not in same and not (part in services and is_secret(variable.name, variable.value)):
                same.append(variable.name)
    for part, pointing in found.items():
        if part not in services:
            beginnings = {one for name in pointing for one in _beginnings(name, (*_LOGIN, *_ADDRESS))}
            others = [one.name for one in workload.variables if one.name not in pointing]
            pointing += [name for name in others if beginnings & _beginnings(name, _LOGIN)]
    for part, name in called.items():
        given = {f"{re.sub('[^A-Za-z0-9]', '_', name).upper()}_{end}" for end in _GIVEN}
        known = {one for same in found.values() for one in same}
        found.setdefault(part, []).extend(one.name for one in workload.variables if one.name in given - known)
    return {part: tuple(same) for part, same in found.items() if same}


def _beginnings(name: str, ends: Iterable[str]) -> set[str]:
    """`WORDPRESS_DB_` of WORDPRESS_DB_USER: what stands before a word of `ends`."""
    upper = name.upper()
    return {name[: -len(end)] for end in ends if upper.endswith((f"_{end}", f".{end}"))}


def is_secret(name: str, value: str) -> bool:
    """Whether a value must not be copied. Rather once too often than once too little."""
    value = value.strip()[:LONGEST_VALUE]
    if _FLAG.fullmatch(value):
        return False
    if looks_secret(name, value) or secret_name(name) or _OPENS.search(name) or _RANDOM.fullmatch(value):
        return True
    return bool(_MAY_OPEN.search(name)) and not _PATH.fullmatch(value)
