"""Who must know what: by the roles of people and the frameworks of the spec, and whether it is on record.

training.csv says which topic which role must know, and which controls ask for it. Topics and roles are our words; the
days are a framework's where it names some, else ours.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from standfast.audit.evidence.hand import Proof, proofs_of
from standfast.audit.frameworks import framework_report
from standfast.audit.run import Audit
from standfast.ledger import Evidence
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.spec.document import Node, parse_document, read_text, shown_name
from standfast.spec.fields import REQUIRED, Field
from standfast.spec.walk import Walk

EVERYBODY, NIST = "everybody", "nist-800-53"
FIX = "docs/evidence.md shows how people are listed"
FILE = {"people": Field("calls", REQUIRED, "a list of people")}
PERSON = {
    "name": Field("text", REQUIRED, "as training is put on record"),
    "roles": Field("words", (), "what they do: developer, operator, privacy, responder"),
}
Known = Literal["kept", "expired", "missing"]


@dataclass(frozen=True)
class Topic:
    """`controls` as `framework:control`; `nist-800-53` stands for all its baselines. `days` by whom: `days_by`."""

    name: str
    role: str
    days: int
    days_by: str
    controls: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Duty:
    """What a person must know, why, and until when it is on record. `subject` is how it is put on record."""

    person: str
    topic: str
    because: tuple[str, ...]
    state: Known
    until: str

    @property
    def subject(self) -> str:
        return f"{self.person}: {self.topic}"


@cache
def topics() -> tuple[Topic, ...]:
    text = files("standfast.audit.evidence").joinpath("training.csv").read_text(encoding="utf-8")
    return tuple(
        Topic(row["topic"], row["role"], int(row["days"]), row["days_by"], tuple(row["controls"].split()))
        for row in csv.DictReader(text.splitlines())
    )


def roles() -> tuple[str, ...]:
    return tuple(sorted({one.role for one in topics()} - {EVERYBODY}))


def read_people(path: Path | str) -> tuple[Person, ...]:
    """Raises Problems with everything that is wrong with the file, in its order."""
    path = Path(path)
    root = parse_document(read_text(path), shown_name(path))
    walk, found = Walk(), []
    listed = walk.mapping(root, FILE, "the list of people")["people"]
    if isinstance(listed, Node) and not isinstance(listed.value, list):
        walk.problem("people must be a list", listed.place, fix=FIX)
    for node in listed.value if isinstance(listed, Node) and isinstance(listed.value, list) else []:
        values = walk.mapping(node, PERSON, "a person")
        if not isinstance(node.value, dict) or values["name"] is None:
            continue
        for role in values["roles"] or ():
            if role not in roles():
                walk.problem(f"no role {quoted(role)}", node.value["roles"].place, fix=did_you_mean(role, roles()))
        if any(one.name == values["name"] for one in found):
            walk.problem(f"{quoted(values['name'])} is listed twice", node.place, fix="give each a name of their own")
        found.append(Person(values["name"], tuple(values["roles"] or ())))
    if walk.problems:
        raise Problems(walk.problems)
    if not found:
        raise Problems([Problem("nobody is listed", "whoever works on the system must know something", FIX)])
    return tuple(found)


def duties(
    people: Sequence[Person], frameworks: Sequence[str], records: Sequence[Evidence], day: date
) -> tuple[Duty, ...]:
    """What each must know under these frameworks, in the order of the list. What ran out is not known any more."""
    proofs = proofs_of(records, day, "training")
    ever = {one.subject: str(one.details.get("until", "")) for one in records if one.what == "training"}
    return tuple(
        _duty(person, topic, because, proofs, ever)
        for person in people
        for topic, because in _asked(frameworks)
        if topic.role == EVERYBODY or topic.role in person.roles
    )


@dataclass(frozen=True)
class Tabletop:
    """A disaster that was played through: when, whether the answers were the plan's, who was there, and who was not."""

    day: str
    verdict: str
    present: tuple[str, ...]
    absent: tuple[str, ...]


def last_tabletop(people: Sequence[Person], records: Sequence[Evidence], day: date) -> Tabletop | None:
    """The newest until that day, by a drill or put on record by hand. Whoever is listed and was not there is absent."""
    played = [
        one for one in records
        if (one.what, one.subject) == ("drill", "tabletop") or one.what == "tabletop"
        if one.at[:10] <= day.isoformat()
    ]  # fmt: skip
    if not played:
        return None
    newest = max(played, key=lambda one: one.at)
    present = tuple(str(name) for name in newest.details.get("present", ()))
    there = {name.casefold() for name in present}
    absent = tuple(one.name for one in people if one.name.casefold() not in there) if present else ()
    return Tabletop(newest.at[:10], newest.verdict, present, absent)


def _asked(frameworks: Sequence[str]) -> Iterator[tuple[Topic, tuple[str, ...]]]:
    for topic in topics():
        because = tuple(one for control in topic.controls for one in _named(control, frameworks))
        if because:
            yield topic, because


def _named(control: str, frameworks: Sequence[str]) -> Iterator[str]:
    """The control under the names of those frameworks that have it."""
    asks, _, name = control.partition(":")
    for one in frameworks:
        if (one == asks or (asks == NIST and one.startswith(f"{NIST}-"))) and name in _controls(one):
            yield f"{one}:{name}"


@cache
def _controls(framework: str) -> frozenset[str]:
    return frozenset(one.id for one in framework_report(Audit(()), framework))


def _duty(
    person: Person, topic: Topic, because: tuple[str, ...], proofs: Mapping[str, Proof], ever: Mapping[str, str]
) -> Duty:
    subject = f"{person.name}: {topic.name}"
    proof = proofs.get(subject)
    state: Known = "kept" if proof else "expired" if subject in ever else "missing"
    return Duty(person.name, topic.name, because, state, proof.until if proof else ever.get(subject, ""))
