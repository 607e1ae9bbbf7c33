"""Where the lab's hosts live: one loopback address each, found free before use and checked after start."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

from standfast.problem import Problem, Problems

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
PORT = 5432
TRIES = 24
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LISTEN = "0A"  # TCP_LISTEN, include/net/tcp_states.h

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
    """The addresses that a process listens on; None where the system does not tell (no /proc).

    In a container, root may not look into the process of another user: then by user and port, which also takes in
    what other processes of that user have on that port.
    """
    try:
        user = Path(f"/proc/{pid}").stat().st_uid
        rows = [line.split() for table in TABLES if table.exists() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return None
    sockets = _sockets(pid)
    found = []
    for fields in rows:
        address, _, number = fields[1].partition(":")
        ours = fields[9] in sockets if sockets is not None else (int(fields[7]), int(number, 16)) == (user, port)
        if fields[3] == LISTEN and ours:
            found.append(_address(address))
    return found


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
    return str(ipaddress.ip_address(b"".join(words)))


def check_loopback(pid: int, port: int, what: str) -> None:
    """Raises Problems when the process can be reached from outside this machine, or listens nowhere."""
    found = listening(pid, port)
    if found is None:
        return
    outside = [one for one in found if ipaddress.ip_address(one) not in LOOPBACK]
    if outside or not found:
        where = f"on {', '.join(outside)}" if outside else "nowhere"
        raise Problems([Problem(f"{what} listens {where}, not on a loopback address", fix="the lab was taken down")])
