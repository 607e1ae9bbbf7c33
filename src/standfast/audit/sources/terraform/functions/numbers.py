"""Functions of numbers, of networks and of times."""

from __future__ import annotations

import ipaddress
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from standfast.audit.sources.terraform.values import Cannot, number, whole


def cidrsubnet(prefix: str, more: int, which: int) -> str:
    network = ipaddress.ip_network(prefix, strict=False)
    length = network.prefixlen + more
    if length > network.max_prefixlen or not 0 <= which < 1 << more:
        raise Cannot("the network has no such part")
    start = int(network.network_address) + (which << (network.max_prefixlen - length))
    return f"{ipaddress.ip_address(start) if network.version == 4 else ipaddress.IPv6Address(start)}/{length}"


def cidrsubnets(prefix: str, *more: int) -> list[str]:
    network = ipaddress.ip_network(prefix, strict=False)
    at, end, found = int(network.network_address), int(network.broadcast_address) + 1, []
    for bits in more:
        length = network.prefixlen + bits
        size = 1 << (network.max_prefixlen - length)
        at = -(-at // size) * size
        if at + size > end:
            raise Cannot("the network has no room for these parts")
        address = ipaddress.IPv4Address(at) if network.version == 4 else ipaddress.IPv6Address(at)
        found.append(f"{address}/{length}")
        at += size
    return found


def cidrhost(prefix: str, which: int) -> str:
    network = ipaddress.ip_network(prefix, strict=False)
    if not -network.num_addresses <= which < network.num_addresses:
        raise Cannot("the network has no such address")
    return str(network[which])


def power(one: float, other: float) -> Any:
    if abs(other) > 1000 or abs(one) > 1e100:
        raise Cannot("the number would be too large")
    return whole(one**other)


_DURATION = re.compile(r"([-+]?\d+(?:\.\d+)?)(h|m|s|ms|us|ns)")
_SECONDS = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def moment(said: str) -> datetime:
    return datetime.fromisoformat(said.replace("Z", "+00:00"))


def timeadd(said: str, by: str) -> str:
    sign = -1 if by.startswith("-") else 1
    seconds = sum(abs(float(value)) * _SECONDS[unit] for value, unit in _DURATION.findall(by))
    return (moment(said) + timedelta(seconds=sign * seconds)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_DATES = {
    "YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "DD": "%d", "EEEE": "%A", "EEE": "%a",
    "hh": "%H", "HH": "%I", "mm": "%M", "ss": "%S", "AA": "%p", "ZZZZ": "%z",
}  # fmt: skip
_DATE_WORD = re.compile(r"'((?:[^']|'')*)'|Y+|M+|D+|E+|h+|H+|m+|s+|A+|a+|Z+")


def formatdate(said: str, when: str) -> str:
    at = moment(when)

    def word(seen: re.Match[str]) -> str:
        if seen[1] is not None:
            return seen[1].replace("''", "'")
        alone = {"M": at.month, "D": at.day, "h": at.hour, "m": at.minute, "s": at.second}
        if seen[0] == "Z":
            return "Z" if not at.utcoffset() else at.strftime("%z")
        if seen[0] in alone:
            return str(alone[seen[0]])
        return at.strftime(_DATES[seen[0]])

    return _DATE_WORD.sub(word, said)


FUNCTIONS = {
    "abs": lambda value: abs(number(value)),
    "ceil": lambda value: math.ceil(number(value)),
    "floor": lambda value: math.floor(number(value)),
    "log": lambda value, to: whole(math.log(number(value)) / math.log(number(to))),
    "max": lambda *values: max(map(number, values)),
    "min": lambda *values: min(map(number, values)),
    "parseint": lambda said, to: int(str(said), to),
    "pow": lambda one, other: power(number(one), number(other)),
    "signum": lambda value: (number(value) > 0) - (number(value) < 0),
    "cidrhost": lambda prefix, which: cidrhost(prefix, int(number(which))),
    "cidrnetmask": lambda prefix: str(ipaddress.IPv4Network(prefix, strict=False).netmask),
    "cidrsubnet": lambda prefix, more, which: cidrsubnet(prefix, int(number(more)), int(number(which))),
    "cidrsubnets": lambda prefix, *more: cidrsubnets(prefix, *map(int, more)),
    "formatdate": formatdate,
    "timeadd": timeadd,
    "timecmp": lambda one, other: (moment(one) > moment(other)) - (moment(one) < moment(other)),
}
