"""WHAT WAS PROVED: append-only evidence, hash-chained. The ledger stores; it judges nothing."""

from __future__ import annotations
