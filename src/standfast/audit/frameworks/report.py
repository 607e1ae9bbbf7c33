"""A framework's report: the state of each of its controls, and the score that never counts unknown as good."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from standfast.audit.run import Audit
from standfast.promise import Measured

State = Literal["kept", "broken", "unknown", "by_hand", "not_covered"]
BASELINES = ("low", "moderate", "high", "privacy")
FRAMEWORKS = (*(f"nist-800-53-{baseline}" for baseline in BASELINES), "hipaa")

# Families of controls that people keep and papers prove; no look at resources can decide them.
BY_HAND = {"at", "ca", "ir", "ma", "mp", "pe", "pl", "pm", "ps", "pt", "ra", "sa", "sr"}


@dataclass(frozen=True)
class Control:
    """One control (or section) of a framework. `kept` means: as far as its checks see, which is part of it."""

    id: str
    title: str
    state: State
    checks: tuple[str, ...]
    label: str  # official | ours | ""


def framework_report(audit: Audit, name: str) -> tuple[Control, ...]:
    """Every control of a framework with its state. KeyError for a framework there is no data for."""
    if name not in FRAMEWORKS:
        raise KeyError(name)
    covering, labels = _covering()
    if name == "hipaa":
        return tuple(_section(section, controls, covering, audit) for section, controls in _hipaa().items())
    baseline = name.rpartition("-")[2]
    return tuple(
        _control(row["control"], row["title"], (row["control"],), covering, audit, labels)
        for row in _controls()
        if row[baseline] == "yes"
    )


def _control(
    id_: str, title: str, controls: Iterable[str], covering: dict[str, tuple[str, ...]], audit: Audit, label: str
) -> Control:
    checks = tuple(sorted({check for control in controls for check in covering.get(control, ())}))
    if not checks:
        hand = all(control.split("-")[0] in BY_HAND or control.endswith("-1") for control in controls)
        return Control(id_, title, "by_hand" if hand else "not_covered", (), "")
    verdicts = {audit.verdict_of(check) for check in checks}
    state: State = "broken" if "broken" in verdicts else "kept" if verdicts == {"kept"} else "unknown"
    return Control(id_, title, state, checks, label)


def _section(section: str, controls: tuple[str, ...], covering: dict[str, tuple[str, ...]], audit: Audit) -> Control:
    """A HIPAA section rests on several controls: kept only when checks cover every one of them."""
    parts = [_control(one, "", (one,), covering, audit, "official") for one in controls]
    states = {part.state for part in parts}
    order: tuple[State, ...] = ("broken", "unknown", "not_covered", "by_hand", "kept")
    state = next(one for one in order if one in states)
    checks = tuple(sorted({check for part in parts for check in part.checks}))
    return Control(section, f"HIPAA {section}: {', '.join(controls)}", state, checks, "official" if checks else "")


def score(report: Iterable[Control], name: str, world: str, *, when: str, evidence: str) -> Measured:
    """`security.<framework>`: failed controls; None as long as some are open and none failed."""
    states = [one.state for one in report]
    kept, broken = states.count("kept"), states.count("broken")
    rest = len(states) - kept - broken
    note = f"{kept} of {len(states)} controls hold by checks, {broken} fail, {rest} are by hand, not covered or unknown"
    return Measured(f"security.{name}", float(broken) if broken or not rest else None, when, world, evidence, note)


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = files("standfast.audit.frameworks").joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _controls() -> tuple[dict[str, str], ...]:
    return _rows("nist-800-53.csv")


@cache
def _hipaa() -> dict[str, tuple[str, ...]]:
    sections: dict[str, tuple[str, ...]] = {}
    for row in _rows("hipaa.csv"):
        sections[row["section"]] = (*sections.get(row["section"], ()), row["control"])
    return sections


@cache
def _covering() -> tuple[dict[str, tuple[str, ...]], str]:
    """Control -> the checks that look at part of it; and how that mapping is labelled."""
    covering: dict[str, tuple[str, ...]] = {}
    for row in _rows("checks.csv"):
        for control in row["controls"].split():
            covering[control] = (*covering.get(control, ()), row["check"])
    return covering, "ours"
