"""Marks that tell, in what a program registered, whose property a value is. Read by both interpreters."""

from __future__ import annotations

SECRET = "4dabf18193072939515e22adb298388d"  # Pulumi's key for a value of a kind of its own on the wire
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # what a preview sends for what only stands later


def number(whose: str) -> int:
    """A number that stands for a property, where a mark in text cannot: `aws:ec2/vpc:Vpc|main|ipv4Count`."""
    return 1_000_000 + sum((place + 1) * ord(one) for place, one in enumerate(whose)) % 1_000_000
