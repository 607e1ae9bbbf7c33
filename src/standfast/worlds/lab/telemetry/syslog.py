"""Lines as rsyslog sends them: RFC 5424, each with its length before it (RFC 6587, 3.4.1)."""

from __future__ import annotations

import re

from standfast.worlds.lab.telemetry.store import Line

LONGEST = 64 * 1024  # bytes of one line
HEAD = re.compile(r"<\d{1,3}>1 (\S+) (\S+) \S+ \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+) ?", re.DOTALL)


class Malformed(Exception):
    """What came is no frame: the sender is out of step, and only a new connection helps."""


def frames(buffer: bytes) -> tuple[list[bytes], bytes]:
    """Whole frames, and what is left of the next. Raises Malformed."""
    found = []
    while True:
        length, space, rest = buffer.partition(b" ")
        if not space:
            if len(length) > 6 or not (length.isdigit() or not length):
                raise Malformed
            return found, buffer
        if not length.isdigit() or not 0 < int(length) <= LONGEST:
            raise Malformed
        if len(rest) < int(length):
            return found, buffer
        found.append(rest[: int(length)])
        buffer = rest[int(length) :]


def line(frame: bytes) -> Line | None:
    """None where it is not what RFC 5424 asks for."""
    text = frame.decode("utf-8", "replace")
    head = HEAD.match(text)
    if head is None:
        return None
    return Line(head[1], head[2], text[head.end() :].lstrip("\ufeff").rstrip("\n"))
