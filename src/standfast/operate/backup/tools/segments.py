"""The names of the files of PostgreSQL's log, and which are missing: pure."""

from __future__ import annotations


def segments(start: str | None, stop: str | None) -> list[str]:
    """The names of the log from one to another, of 16 MiB each (PostgreSQL's default), on one timeline."""
    if not start or not stop or start[:8] != stop[:8]:
        return [one for one in (start, stop) if one]
    first, last = (int(one[8:16], 16) * 256 + int(one[16:], 16) for one in (start, stop))
    return [f"{start[:8]}{at // 256:08X}{at % 256:08X}" for at in range(first, last + 1)]


def first_gap(names: set[str]) -> str:
    """The first file that is missing between the oldest and the newest of a timeline."""
    for line in sorted({one[:8] for one in names}):
        own = sorted(one for one in names if one[:8] == line)
        for name in segments(own[0], own[-1]):
            if name not in names:
                return name
    return ""
