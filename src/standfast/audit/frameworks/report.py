"""A framework's report: the state of each of its controls, and the score that never counts unknown as good."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from standfast.audit.run import Audit
from standfast.promise import Measured
from standfast.spec.fields import FRAMEWORKS

State = Literal["kept", "broken", "unknown", "by_hand", "not_covered"]
NIST, HIPAA = "nist-800-53-", "hipaa"  # the baselines of one list; sections that rest on controls of that list
BY_HAND = "by hand"  # the label of a control that people proved
WORST_FIRST: tuple[State, ...] = ("broken", "unknown", "not_covered", "by_hand", "kept")


@dataclass(frozen=True)
class Control:
    """One control, or section, of a framework.

    `kept` means: as far as its checks see, which is a part of it. `label`: who says that these checks speak of it:
    `official` or `ours`; `by hand` where people put on record that it holds. `why`: what stands behind a state
    without checks, or the parts of a section.
    """

    id: str
    title: str
    state: State
    checks: tuple[str, ...]
    label: str
    why: str = ""


def framework_report(audit: Audit, name: str) -> tuple[Control, ...]:
    """Every control of a framework with its state. KeyError for a framework there is no data for."""
    if name not in FRAMEWORKS:
        raise KeyError(name)
    if name == HIPAA:
        return tuple(_section(section, controls, audit) for section, controls in hipaa_sections().items())
    if name.startswith(NIST):
        baseline = name.removeprefix(NIST)
        return tuple(_nist(row["control"], audit) for row in _rows("nist-800-53.csv") if row[baseline] == "yes")
    return tuple(_control(row["title"], row, audit) for row in listed(name))


def _nist(name: str, audit: Audit) -> Control:
    return _control(controls()[name], coverage()[name], audit)


def _control(title: str, row: Mapping[str, str], audit: Audit) -> Control:
    name = row["control"]
    if row["how"] != "checks":
        return Control(name, title, cast(State, row["how"]), (), "", row["why"])
    checks = tuple(row["checks"].split())
    spoke = {one.check for one in audit.findings}  # a check that found nothing of its kinds has nothing to say
    verdicts = {audit.verdict_of(check) for check in checks if check in spoke}
    state: State = "broken" if "broken" in verdicts else "kept" if verdicts == {"kept"} else "unknown"
    return Control(name, title, state, checks, row["mapping"])


def _section(section: str, names: Sequence[str], audit: Audit) -> Control:
    """A section rests on several controls: it is as good as the worst of them."""
    parts = [_nist(name, audit) for name in names]
    checks = tuple(dict.fromkeys(check for part in parts for check in part.checks))
    counts = Counter(part.state for part in parts)
    why = ", ".join(f"{counts[state]} {state.replace('_', ' ')}" for state in reversed(WORST_FIRST) if counts[state])
    title = section_titles()[section]
    label = "official crosswalk, checks ours" if checks else "official"
    return Control(section, title, _worst(counts), checks, label, f"controls: {why}")


def _worst(states: Iterable[State]) -> State:
    seen = set(states)
    return next(state for state in WORST_FIRST if state in seen)


def score(report: Iterable[Control], name: str, world: str, *, when: str, evidence: str) -> Measured:
    """`security.<framework>`: controls that failed; None as long as none failed and some are not shown to hold."""
    several = tuple(report)
    counts, proved = Counter(one.state for one in several), sum(one.label == BY_HAND for one in several)
    every, broken, open_ = len(several), counts["broken"], counts["by_hand"] + counts["not_covered"]
    said = [f"{counts['kept'] - proved} of {every} controls hold by checks"]
    said += [f"{proved} by what people put on record"] if proved else []
    said += [f"{broken} fail"] if broken else []
    said += [f"{counts['unknown']} cannot be told"] if counts["unknown"] else []
    said += [f"{open_} by hand or not covered"] if open_ else []
    value = float(broken) if broken or counts["kept"] == every else None
    return Measured(f"security.{name}", value, when, world, evidence, ", ".join(said))


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = files("standfast.audit.frameworks").joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def listed(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a framework that has one file of its own: what it asks for, in our words, and what covers it."""
    return _rows(f"{name}.csv")


@cache
def controls() -> dict[str, str]:
    """Control -> its title."""
    return {row["control"]: row["title"] for row in _rows("nist-800-53.csv")}


@cache
def coverage() -> dict[str, dict[str, str]]:
    """Control -> how it is covered: `how` (checks, by_hand, not_covered), `checks`, `mapping`, `why`."""
    return {row["control"]: row for row in _rows("coverage.csv")}


@cache
def hipaa_sections() -> dict[str, tuple[str, ...]]:
    """Section -> its controls."""
    sections: dict[str, tuple[str, ...]] = {}
    for row in _rows("hipaa.csv"):
        sections[row["section"]] = (*sections.get(row["section"], ()), row["control"])
    return sections


@cache
def section_titles() -> dict[str, str]:
    return {row["section"]: row["title"] for row in _rows("hipaa-sections.csv")}
