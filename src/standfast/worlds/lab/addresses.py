"""Where the lab's hosts live: one loopback address each, found free before use and checked after start."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import os
import pwd
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from standfast.problem import Problem, Problems

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
PORT = 5432
TRIES = 24
# Where the kernel lists sockets, and the state of one that waits for anybody (include/net/tcp_states.h: TCP_LISTEN; a
# UDP socket that is connected to nobody is TCP_CLOSE).
TABLES = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}

Address = tuple[str, int]


def free_addresses(folder: Path, hosts: Sequence[str]) -> dict[str, Address]:
    """An address for every host: 127.x.y.11, .12 … with x.y from the name of the folder, so that two labs on one
    machine do not meet, and the same lab is found at the same place. Raises Problems when all that was tried is taken.
    """
    for candidate in _candidates(folder, hosts):
        if all(_free(address) for address in candidate.values()):
            return candidate
    why = f"tried {TRIES} networks below 127.0.0.0/8 and as many ports"
    fix = "see what listens there with: ss -ltnp"
    raise Problems([Problem("no free loopback address for the lab", why, fix)])


def _candidates(folder: Path, hosts: Sequence[str]) -> Iterator[dict[str, Address]]:
    """The usual port first; then others, since a listener on every address takes a port away from all of 127/8.

    Last, ports on 127.0.0.1: a system such as macOS gives no other loopback address to a program.
    """
    name = os.fsencode(folder.resolve())
    for attempt in range(TRIES):
        seed = hashlib.sha256(name + b"%d" % attempt).digest()
        second, third = 64 + seed[0] % 190, 1 + seed[1] % 254
        port = PORT if attempt < TRIES // 3 else 20_000 + int.from_bytes(seed[2:4], "big") % 12_000
        if attempt < 2 * TRIES // 3:
            yield {host: (f"127.{second}.{third}.{11 + n}", port) for n, host in enumerate(hosts)}
        else:
            yield {host: ("127.0.0.1", port + n) for n, host in enumerate(hosts)}


def _free(address: Address) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL does: only listeners count
        try:
            probe.bind(address)
        except OSError:
            return False
    return True


def listening(pid: int, port: int) -> list[str] | None:
    """The addresses that a process listens on, by TCP or UDP; None where the system does not tell (no /proc).

    In a container, root may not look into the process of another user: then by user and port, which also takes in
    what other processes of that user have on that port.
    """
    try:
        user = Path(f"/proc/{pid}").stat().st_uid
        rows = _listeners()
    except OSError:
        return None
    sockets = _sockets(pid)
    found = []
    for fields in rows:
        address, _, number = fields[1].partition(":")
        ours = fields[9] in sockets if sockets is not None else (int(fields[7]), int(number, 16)) == (user, port)
        if ours:
            found.append(_address(address))
    return found


def _listeners() -> list[list[str]]:
    """The kernel's row of every socket that waits for anybody. Raises OSError where there is no /proc."""
    rows = []
    for name, waits in TABLES.items():
        with contextlib.suppress(FileNotFoundError):  # a kernel without IPv6
            lines = Path("/proc/net", name).read_text().splitlines()[1:]
            rows += [fields for fields in map(str.split, lines) if fields[3] == waits]
    return rows


def holder(port: int) -> str:
    """Who listens on this port of every address, as far as we may know: `redis-server (process 812, user redis)`; ""
    where nobody does."""
    try:
        rows = [one for one in _listeners() if int(one[1].partition(":")[2], 16) == port]
    except OSError:
        return ""
    for fields in rows:
        if ipaddress.ip_address(_address(fields[1].partition(":")[0])).is_unspecified:
            try:
                user = pwd.getpwuid(int(fields[7])).pw_name
            except KeyError:
                user = fields[7]
            process = next((one for one in _numbers() if fields[9] in (_sockets(one) or ())), 0)
            try:
                name = Path(f"/proc/{process}/comm").read_text().strip()
            except OSError:
                return f"a program of user {user}"
            return f"{name} (process {process}, user {user})"
    return ""


def _numbers() -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]


def outside(ports: Mapping[int, int]) -> dict[int, str]:
    """Process -> address outside of 127.0.0.0/8 that it listens on. `ports`: of each process the port it is asked at,
    for one that we may not look into."""
    try:
        rows = [(fields, _address(fields[1].partition(":")[0])) for fields in _listeners()]
    except OSError:
        return {}
    rows = [(fields, at) for fields, at in rows if ipaddress.ip_address(at) not in LOOPBACK]
    found = {}
    for pid, port in ports.items() if rows else ():
        sockets = _sockets(pid)
        for fields, at in rows:
            number = int(fields[1].partition(":")[2], 16)
            if fields[9] in sockets if sockets is not None else (number == port and int(fields[7]) == _user(pid)):
                found[pid] = f"{at}:{number}"
    return found


def _user(pid: int) -> int:
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return -1


def _sockets(pid: int) -> set[str] | None:
    """The inodes of its sockets; None where we may not look."""
    found = set()
    try:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed since
                found.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
    except OSError:
        return None
    return found


def _address(text: str) -> str:
    """`0B01017F` gives `127.1.1.11`: the kernel prints each 32-bit word in the order of this machine."""
    raw = bytes.fromhex(text)
    words = (raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    address = ipaddress.ip_address(b"".join(words))
    return str(getattr(address, "ipv4_mapped", None) or address)


def check_loopback(pid: int, port: int, what: str) -> None:
    """Raises Problems when the process can be reached from outside this machine, or listens nowhere."""
    found = listening(pid, port)
    if found is None:
        return
    outside = [one for one in found if ipaddress.ip_address(one) not in LOOPBACK]
    if outside or not found:
        where = f"on {', '.join(outside)}" if outside else "nowhere"
        raise Problems([Problem(f"{what} listens {where}, not on a loopback address", fix="the lab was taken down")])
