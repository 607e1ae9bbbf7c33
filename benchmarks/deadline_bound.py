"""How often, and by how much, a bound on late requests is too tight: python benchmarks/deadline_bound.py [SYSTEMS]

Random systems with random options; a promise that some combinations break and some keep. A bound is made at one that
breaks it, and held against others that keep it: refused wrongly is one whose summed loads are above EXCESS or
EXCESS_RARE, whichever is for the system, and `by at most` says how far above nothing its sum was. The figures behind
both in plan/question/late.py.
"""

from __future__ import annotations

import math
import sys

import numpy as np

from standfast.plan.models.deadline import Deadline
from standfast.plan.models.latency import Serving, percentiles
from standfast.plan.models.load import Load, loads
from standfast.plan.question.late import EXCESS, EXCESS_RARE, Late
from standfast.spec import parse_spec
from standfast.spec.model import System

RTT = {"DE": 0.02, "FR": 0.03}
SHARE = 0.95
TRIED, MADE = 30, 5  # combinations of each system, and bounds made at some of them


def system(rng: np.random.Generator, rarest: int) -> System:
    """A call graph with several ways, several calls, parallel calls and uneven times."""
    n = int(rng.integers(2, 8))
    lines = []
    for i in range(n):
        calls = []
        for j in range(i + 1, n):
            if rng.random() < 2 / n or (j == i + 1 and rng.random() < 0.7):
                call = f"to: s{j}, parallel: {'true' if rng.random() < 0.4 else 'false'}"
                call += f", times: {rng.integers(1, 4)}" if rng.random() < 0.3 else ""
                call += f", share: {rng.integers(rarest, 100)}%" if rng.random() < 0.3 else ""
                calls.append("{" + call + "}")
        if rng.random() < 0.4:
            calls.append("{to: db, times: 3}" if rng.random() < 0.3 else "db")
        lines.append(
            f"  s{i}: {{image: b:1, port: 80, public: {'true' if i == 0 else 'false'}, cpu: {rng.integers(2, 25)} ms, "
            f"variation: {rng.choice([0.3, 1.0, 1.0, 2.0])}, memory: 300 MiB, calls: [{', '.join(calls)}]}}"
        )
    text = "system: s\npromises: {scalability: {peak: 400 rps, average: 100 rps}, performance: {p95: 300 ms, "
    text += "users: {DE: 60%, FR: 40%}}}\nservices:\n" + "\n".join(lines) + "\n"
    return parse_spec(text + "stores:\n  db: {kind: postgres, data: 20 GiB}\n", "s.yaml")


def options(load: Load) -> list[Serving]:
    some = [Serving(c * n, s, n) for s in (1.0, 1.3, 1.7) for n in (2, 3, 4, 6, 8) for c in (2, 4)]
    return [one for one in some if one.cores * one.speed * 0.8 >= load.cores] or [Serving(400, 1.7, 100)]


def facts(load: Load, one: Serving) -> np.ndarray:
    """As the search has them: of a service by its instances, of a store without."""
    return np.array([-one.speed, -one.cores / one.instances, -one.cores])


def excess(rng: np.random.Generator, rarest: int) -> tuple[bool, list[float]]:
    """Whether the system has a rare way, and sums of the loads of combinations that keep the promise."""
    one = system(rng, rarest)
    load = loads(one)
    sold = {name: options(load[name]) for name in load}
    names = [name for name in sold if name != "db"] + [name for name in sold if name == "db"]
    best = {name: max(some, key=lambda s: (s.speed, s.cores)) for name, some in sold.items()}
    p95 = percentiles(one, best, RTT, ("p95",), load)["p95"]
    if not math.isfinite(p95):
        return False, []
    seconds = p95 * rng.uniform(1.0, 1.6)
    there, late = Deadline(one, load, seconds), Late(one, load, names, "p95", seconds, SHARE, {"here": RTT})
    tried = [[some[int(rng.integers(len(some)))] for some in (sold[name] for name in names)] for _ in range(TRIED)]
    shares = [there.share({n: there.own(n, s) for n, s in zip(names, row, strict=True)}, RTT) for row in tried]
    found: list[float] = []
    ideal = tuple(np.array([facts(load[n], s) for s in sold[n]]).min(axis=0) for n in names)
    for row in [row for row, share in zip(tried, shares, strict=True) if share < SHARE][:MADE]:
        mixture = [(facts(load[n], s)[None], np.ones(1)) for n, s in zip(names, row, strict=True)]
        cut = late.cut("here", mixture, ideal)
        for other in [other for other, share in zip(tried, shares, strict=True) if cut and share >= SHARE]:
            parts = (cut.load(t, facts(load[n], s)[None]) for t, (n, s) in enumerate(zip(names, other, strict=True)))
            found.append(float(sum(part[0] for part in parts)))
    return late.excess == EXCESS_RARE, found


def main() -> None:
    systems = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print("rare ways  combinations  refused wrongly  by at most")
    found: dict[bool, list[float]] = {False: [], True: []}
    for rarest in (5, 20, 50):
        rng = np.random.default_rng(rarest)
        for _ in range(systems):
            rare, sums = excess(rng, rarest)
            found[rare] += sums
    for rare, sums in found.items():
        most, values = EXCESS_RARE if rare else EXCESS, np.array(sums or [0.0])
        print(
            f"{'some' if rare else 'none':>9}  {len(sums):12,d}  {(values > most).mean():15.4%}  {values.max():10.4f}"
        )


if __name__ == "__main__":
    main()
