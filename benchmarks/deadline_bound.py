"""How often, and by how much, the bound on late requests is too tight: python benchmarks/deadline_bound.py [SYSTEMS]

Random systems with random options. Too tight is a combination whose summed loads exceed what it truly loses, counted
where it loses less than a fifth (beyond that no promise is kept anyway). The figures behind TRUST in plan/bounds.py.
"""

from __future__ import annotations

import math
import sys

import numpy as np

from standfast.plan.models.deadline import Deadline
from standfast.plan.models.latency import Serving, percentiles
from standfast.plan.models.load import Load, loads
from standfast.spec import parse_spec
from standfast.spec.model import System

RTT = {"DE": 0.02, "FR": 0.03}
TRIED = 20  # combinations of each system


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


def excess(rng: np.random.Generator, rarest: int) -> list[float]:
    """By what share the loads of some combinations exceed what they lose; one entry per combination."""
    one = system(rng, rarest)
    load = loads(one)
    sold = {name: options(load[name]) for name in load}
    best = {name: max(some, key=lambda s: (s.speed, s.cores)) for name, some in sold.items()}
    p95 = percentiles(one, best, RTT, ("p95",), load)["p95"]
    if not math.isfinite(p95):
        return []
    deadline = Deadline(one, load, p95 * rng.uniform(1.0, 1.6))
    own = {name: deadline.own(name, serving) for name, serving in best.items()}
    share, slopes = deadline.slopes(own, RTT)
    found = []
    for _ in range(TRIED):
        times = {name: deadline.own(name, some[int(rng.integers(len(some)))]) for name, some in sold.items()}
        told = sum(-float((slopes[name] * (times[name] - own[name])).real.sum()) / share for name in times)
        lost = math.log(share / max(1e-9, deadline.share(times, RTT)))
        found.append(max(0.0, told / lost - 1) if 1e-6 < lost < 0.2 else 0.0)
    return found


def main() -> None:
    systems = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print("rarest way  combinations  too tight   by at most")
    for rarest in (5, 20, 50):
        rng = np.random.default_rng(rarest)
        found = np.array([value for _ in range(systems) for value in excess(rng, rarest)])
        print(f"{rarest:8d} %  {len(found):12,d}  {(found > 1e-3).mean():9.2%}  {found.max():10.1%}")


if __name__ == "__main__":
    main()
