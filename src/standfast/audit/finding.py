"""The finding: what one check says of one resource, and the three ways to say it.

A check yields `kept`, `broken` or `unknown`; `run_audit` puts the check's name and severity to it. What cannot be
told before it is applied is `unknown`, never `kept`.
"""

from __future__ import annotations

from dataclasses import dataclass

from standfast.blueprint import Resource
from standfast.problem import NOWHERE, Place
from standfast.promise import Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """`resource` is the address, or the kind of what is missing; `what` a sentence, `fix` empty where it is kept."""

    check: str
    verdict: Verdict
    resource: str
    component: str
    place: Place
    what: str
    fix: str = ""
    severity: str = ""
    title: str = ""


@dataclass(frozen=True)
class Accepted:
    """A finding that people live with: why, who answers for it, and the last day it is accepted (ISO 8601)."""

    finding: Finding
    reason: str
    owner: str
    until: str


def kept(about: Resource, what: str) -> Finding:
    return _finding("kept", about, what, "")


def broken(about: Resource, what: str, fix: str) -> Finding:
    return _finding("broken", about, what, fix)


def unknown(about: Resource, what: str, fix: str = "") -> Finding:
    return _finding("unknown", about, what, fix or "audit what is deployed, where every value is known")


def judged(about: Resource, holds: bool | None, good: str, bad: str, fix: str) -> Finding:
    """Kept with `good`, broken with `bad`; None: unknown, because a value is decided only when it is applied."""
    if holds is None:
        return unknown(about, f"cannot be told yet whether {bad}")
    return kept(about, good) if holds else broken(about, bad, fix)


def missing(kind: str, component: str = "", place: Place = NOWHERE) -> Resource:
    """What a finding is about when the thing it asks for is not there at all."""
    return Resource(kind, "", {}, "", component, (place,) if place.file else ())


def _finding(verdict: Verdict, about: Resource, what: str, fix: str) -> Finding:
    place = about.places[0] if about.places else NOWHERE
    address = about.address if about.name else about.kind
    return Finding("", verdict, address, about.component, place, what, fix)
