"""WHAT WAS PROVED: append-only evidence, hash-chained. The ledger stores; it judges nothing."""

from standfast.ledger.chain import append, append_measured, entries, measured, newest, now, verify
from standfast.ledger.record import Evidence

__all__ = ["Evidence", "append", "append_measured", "entries", "measured", "newest", "now", "verify"]
