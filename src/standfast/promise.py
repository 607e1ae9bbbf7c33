"""The promise: declared, predicted, measured, and the verdict that follows from the three.

Every room turns what it knows into one of these: the plan predicts, drills, load tests, deployed prices and
audits measure. `promise_table` joins them; it is the one table the user sees everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from standfast.problem import NOWHERE, Place

Verdict = Literal["kept", "broken", "unknown"]
PROMISES = ("scalability", "reliability", "performance", "security", "cost")
EXIT_CODE: dict[Verdict, int] = {"kept": 0, "broken": 1, "unknown": 2}

PREDICTED_BY_AUDIT = "plan"  # the world of a measurement that was made on planned resources: a prediction


@dataclass(frozen=True)
class Measured:
    """One observed value of one measure.

    `value` is in the unit of the promise it belongs to, None where the judge could not tell.
    `world` says where it was observed: `lab`, `emulator`, `cloud`, `simulated`; `plan` for a check on
    planned resources, which is a prediction.
    `evidence` leads to the raw record (a path below the output folder, or a ledger entry).
    `failed` says that the thing did not come about at all: a restore that never ended has no time in seconds,
    and breaks every RTO there is.
    `scale`: the share of the declared load at which it was seen, 1 where load plays no part. What was seen at less
    is shown, and judges nothing: neither that the declared load is carried, nor that it is not.
    """

    measure: str
    value: float | None
    when: str
    world: str
    evidence: str
    note: str = ""
    failed: bool = False
    scale: float = 1.0

    @property
    def full(self) -> bool:
        """Whether it was seen at the declared load, so that it can be judged by what is declared."""
        return self.scale >= 1 - 1e-9


@dataclass(frozen=True)
class Promise:
    """One line of the promise table.

    `measure` is the stable key (`reliability.rto.zone`); its first word is one of `PROMISES`.
    `declared`, `predicted` and the measured value share `unit`: s, ms, %, rps, USD/month, checks.
    """

    measure: str
    declared: float
    unit: str
    better: Literal["lower", "higher"]
    place: Place = NOWHERE
    predicted: float | None = None
    measured: Measured | None = None
    note: str = ""

    @property
    def promise(self) -> str:
        return self.measure.split(".", 1)[0]

    def keeps(self, value: float) -> bool:
        """Whether this value keeps what was declared. A relative 1e-9 absorbs floating point, nothing else."""
        slack = abs(self.declared) * 1e-9
        return value <= self.declared + slack if self.better == "lower" else value >= self.declared - slack

    @property
    def verdict(self) -> Verdict:
        """Broken if anything known breaks it; unknown if a judge could not tell or nothing is known."""
        known = [self.predicted] if self.predicted is not None else []
        if self.measured is not None and self.measured.full:
            if self.measured.failed:
                return "broken"
            if self.measured.value is None:
                return "broken" if any(not self.keeps(value) for value in known) else "unknown"
            known.append(self.measured.value)
        if not known:
            return "unknown"
        return "kept" if all(self.keeps(value) for value in known) else "broken"

    @property
    def because(self) -> Literal["measured", "predicted", "nothing"]:
        """What the verdict rests on: the strongest knowledge there is."""
        if self.measured is not None and self.measured.full:
            return "measured"
        return "predicted" if self.predicted is not None else "nothing"


def promise_table(promises: Iterable[Promise], measurements: Iterable[Measured]) -> tuple[Promise, ...]:
    """The promises with the newest measurement of each joined to it: pure, same input, same table.

    One at the declared load goes before every one at a part of it.
    """
    newest: dict[tuple[str, bool], Measured] = {}
    for one in measurements:
        key = (one.measure, one.world == PREDICTED_BY_AUDIT)
        if key not in newest or (one.full, one.when) >= (newest[key].full, newest[key].when):
            newest[key] = one
    table = []
    for line in promises:
        predicted, measured = newest.get((line.measure, True)), newest.get((line.measure, False))
        if predicted is not None:
            line = replace(line, predicted=predicted.value, note=predicted.note or line.note)
        if measured is not None:
            line = replace(line, measured=measured)
        table.append(line)
    return tuple(table)


def overall(promises: Iterable[Promise]) -> Verdict:
    """Broken if one is broken, else unknown if one is unknown, else kept. No promises: unknown."""
    verdicts = {line.verdict for line in promises}
    if "broken" in verdicts:
        return "broken"
    return "kept" if verdicts == {"kept"} else "unknown"
