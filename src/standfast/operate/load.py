"""A load on the lab, measured against what is promised: predicted for the lab, driven, judged, and kept as evidence."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from standfast.files import write_atomically
from standfast.problem import Place, Problem, Problems, quoted
from standfast.promise import Measured, Promise, Verdict, overall
from standfast.spec import System
from standfast.workspace import Ledger
from standfast.worlds.lab.load import prediction
from standfast.worlds.lab.load.drive import WARM, Standing, Users, answered, calibrated, capacities, driven, entries
from standfast.worlds.lab.load.order import TIMEOUT, Order, Phase, check
from standfast.worlds.lab.load.prediction import Calibration
from standfast.worlds.lab.load.record import FEWEST, LATE, Sent, Summary, as_json, histogram, read_record, summary

USUAL = 0.5  # of what the lab could do, where it cannot do what is declared
SECONDS = 30.0
Told = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Wanted:
    """What to drive: requests per second, or a share of what the lab could do; neither: the declared peak if it can."""

    rps: float | None = None
    share: float | None = None
    seconds: float = SECONDS


@dataclass(frozen=True)
class Loaded:
    """One load and what came of it.

    `peak`: the declared one, grown to the horizon; `busy`: cores that the lab used; `capacity`: requests per second at
    which its cores are full; `predicted`: seconds by percentile, for the lab and this load.
    """

    folder: Path
    when: str
    system: System
    rps: float
    peak: float
    cores: int
    busy: float
    capacity: float
    calibration: Calibration
    predicted: Mapping[str, float]
    summary: Summary
    notes: tuple[str, ...]

    @property
    def ends(self) -> float:
        """Seconds from the start of the record to the end of what is looked at."""
        return self.summary.seconds + WARM

    @property
    def scale(self) -> float:
        """The share of the declared peak that was driven."""
        return min(1.0, self.rps / self.peak)

    @property
    def measured(self) -> tuple[Measured, ...]:
        """What the table of promises takes of it; nothing where it was too short to tell."""
        if self.summary.requests < FEWEST:
            return ()
        evidence = f"load/{self.folder.name}/requests.csv"
        at = f"at {self.rps:,.4g} rps" + (f", {self.scale:.2%} of the peak" if self.scale < 1 else "")
        at += f", {self.summary.errors:.2%} errors, without the users' network"
        carried = self.rps if self._all_carried else self.summary.throughput
        found = [Measured("scalability.peak", carried, self.when, "lab", evidence, at, scale=self.scale)]
        for name, seconds in self.summary.percentiles.items():
            if name in self.system.promises.performance.percentiles:
                failed = math.isnan(seconds)
                value = None if failed else seconds * 1e3
                found.append(Measured(f"performance.{name}", value, self.when, "lab", evidence, at, failed, self.scale))
        return tuple(found)

    @property
    def _all_carried(self) -> bool:
        """Answered well but for the errors that the promised availability leaves; arrivals vary by chance."""
        return self.summary.errors <= 1 - self.system.promises.reliability.availability

    @property
    def rows(self) -> tuple[Promise, ...]:
        """The promises this speaks about, as the table has them."""
        wanted, where = self.system.promises, self.system.where
        declared: dict[str, tuple[float, str, Literal["lower", "higher"], Place]]
        declared = {"scalability.peak": (self.peak, "rps", "higher", where("scalability.peak"))}
        for name, seconds in wanted.performance.percentiles.items():
            declared[f"performance.{name}"] = (seconds * 1e3, "ms", "lower", where(f"performance.{name}"))
        return tuple(
            Promise(one.measure, number, unit, better, place, measured=one)
            for one in self.measured
            for number, unit, better, place in (declared[one.measure],)
        )

    @property
    def verdict(self) -> Verdict:
        """Unknown below the declared peak: a part of the load proves nothing of the whole."""
        return overall(self.rows)


def run_load(lab: Standing, system: System, root: Path, wanted: Wanted, told: Told = lambda *_: None) -> Loaded:
    """Calibrate, predict, drive and measure. Raises Problems; the raw record of what was driven stays.

    `told`: ("calibrating" | "driving" | "predicted", what the generator says, or what is known).
    """
    check_wanted(wanted)
    users = Users(entries(lab, system), TIMEOUT)
    when = time.gmtime()
    folder = root / "load" / time.strftime("%Y%m%dT%H%M%SZ", when)
    here = capacities(lab)
    try:
        folder.mkdir(parents=True)
        light = calibrated(lab, system, users, folder, here, lambda one: told("calibrating", one))
        full = prediction.capacity(system, light, here)
        peak = system.promises.scalability.at_horizon(system.promises.scalability.peak)
        rps, notes = chosen(wanted, peak, full)
        percentiles = sorted({"p50", "p95", "p99", *system.promises.performance.percentiles})
        said = prediction.predicted(system, rps, light, here, percentiles)
        told("predicted", {"rps": rps, **said})
        order = Order(users.entries, (Phase(rps, WARM + wanted.seconds),), str(folder / "requests.csv"), 1, TIMEOUT)
        sent, books = driven(lab, order, folder, "requests", lambda one: told("driving", one))
    except OSError as error:
        why = error.strerror or str(error)
        raise Problems(
            [Problem("the load's record cannot be written", why, "free some space, or name another --out")]
        ) from error
    found = _summary(sent, order, percentiles)
    notes += _notes(found, light, rps, full)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", when)
    busy = books.lab_used / books.seconds
    loaded = Loaded(folder, stamp, system, rps, peak, here.cores, busy, full, light, said, found, notes)
    write_atomically(folder / "load.json", json.dumps(load_json(loaded, sent), indent=1, allow_nan=False) + "\n")
    answered(sent, "the load")
    return loaded


def judge_load(folder: Path, system: System) -> Loaded:
    """What an old load says of the spec of today, from its record: nothing is driven. Raises Problems."""
    place = Place("load.json")
    try:
        told = json.loads((folder / "load.json").read_text(encoding="utf-8"))
        light = Calibration(**told["calibration"])
        rps, cores, busy, when = float(told["rps"]), int(told["cores"]), float(told["cores_used"]), str(told["when"])
        full = math.inf if told["capacity_rps"] is None else float(told["capacity_rps"])
        end, of = float(told["seconds"]), str(told["system"])
        known = {name: math.inf if value is None else float(value) for name, value in told["predicted"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise Problems(
            [Problem("this is not the folder of a load", why, "name one of out/<system>/load", place)]
        ) from error
    if of != system.name:
        raise Problems([Problem(f"this is a load of {quoted(of)}, not of {system.name}", place=place)])
    wanted = system.promises.scalability
    percentiles = sorted({"p50", "p95", "p99", *system.promises.performance.percentiles})
    order = Order((), (Phase(rps, end),), str(folder / "requests.csv"))
    found = _summary(read_record(folder / "requests.csv"), order, percentiles)
    said = {name: known.get(name, math.nan) for name in percentiles}
    peak, notes = wanted.at_horizon(wanted.peak), _notes(found, light, rps, full)
    return Loaded(folder, when, system, rps, peak, cores, busy, full, light, said, found, notes)


def check_wanted(wanted: Wanted) -> None:
    """Raises Problems for what cannot be driven."""
    if wanted.rps is not None and wanted.share is not None:
        raise Problems([Problem("--rps and --share say the same in two ways", fix="give one of them")])
    if wanted.share is not None and not (math.isfinite(wanted.share) and 0 < wanted.share <= 5):
        raise Problems([Problem(f"a share of {wanted.share:.0%} cannot be driven", fix="use --share 50%")])
    rps = 1.0 if wanted.rps is None else wanted.rps
    order = Order(entries=(), phases=(Phase(rps, wanted.seconds),), record="")
    try:
        check(order)
    except Problems as problems:
        wrong = [one for one in problems.problems if "address" not in one.what]
        if wrong:
            raise Problems(wrong) from None


def chosen(wanted: Wanted, peak: float, full: float) -> tuple[float, tuple[str, ...]]:
    """The rate to drive, and what the user should know of the choice."""
    if wanted.rps is not None:
        return wanted.rps, ()
    if wanted.share is not None:
        return round(wanted.share * full, 1), ()
    if peak <= prediction.BUSY * full:
        return peak, ()
    usual = round(USUAL * full, 1)
    note = f"the declared peak is {peak:,.0f} rps, and this machine is full at about {full:,.0f}: "
    note += f"{USUAL:.0%} of that is driven; --share or --rps drive another part"
    return usual, (note,)


def _summary(sent: list[Sent], order: Order, percentiles: list[str]) -> Summary:
    """Of what was due after the warm-up; of a load that was stopped early, up to then."""
    end = min(order.seconds, max((one.due for one in sent), default=0.0) + 1e-6)
    return summary(sent, min(WARM, end / 2), max(end, 1e-3), percentiles)


def _notes(found: Summary, light: Calibration, rps: float, full: float) -> tuple[str, ...]:
    notes = []
    if found.requests < FEWEST:
        notes.append(f"{found.requests} requests are too few to tell percentiles by: drive for longer")
    if found.late > LATE:
        notes.append(
            f"the generator itself was late, by {found.late * 1e3:,.0f} ms: the machine is too busy to trust this"
        )
    if light.others > 0.1:
        notes.append(f"other programs kept {light.others:.1f} cores busy: what is predicted is for a quiet machine")
    if rps > prediction.BUSY * full:
        notes.append(f"above {prediction.BUSY:.0%} of what the cores can do: this measures an overload")
    return tuple(notes)


def load_json(one: Loaded, sent: list[Sent] | None = None) -> dict[str, Any]:
    """What `standfast lab load --format json` prints, and load.json holds (with the histogram)."""
    known = {name: round(value, 6) if math.isfinite(value) else None for name, value in one.predicted.items()}
    document: dict[str, Any] = {
        "system": one.system.name,
        "world": "lab",
        "when": one.when,
        "verdict": one.verdict,
        "rps": one.rps,
        "seconds": round(one.ends, 3),
        "declared_peak_rps": one.peak,
        "scale": round(one.scale, 6),
        "capacity_rps": None if math.isinf(one.capacity) else round(one.capacity, 3),
        "cores": one.cores,
        "cores_used": round(one.busy, 3),
        "calibration": {name: round(value, 6) for name, value in asdict(one.calibration).items()},
        "predicted": known,
        "measured": as_json(one.summary),
        "notes": list(one.notes),
        "record": str(one.folder / "requests.csv"),
    }
    if sent is not None:
        document["histogram_us"] = {str(key): count for key, count in sorted(histogram(sent).counts.items())}
    return document


def keep_load(one: Loaded, ledger: Ledger) -> None:
    """Append what was measured to the ledger. Raises Problems when it cannot be kept."""
    from standfast.ledger import append_measured

    for row in one.rows:
        assert row.measured is not None
        append_measured(ledger, row.measured, what="load", subject=one.system.name, verdict=row.verdict)
