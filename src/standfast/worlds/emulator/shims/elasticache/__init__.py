"""ElastiCache: replication groups and parameter groups, and copies of them in other regions."""

from __future__ import annotations

from standfast.worlds.emulator.shims.elasticache import copies, groups


def install() -> None:
    groups.install()
    copies.install()
