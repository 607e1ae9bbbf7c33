"""How fast a vCPU of each family is, relative to one of m7i: docs/catalog.md argues the measure."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import median

from standfast.clouds import aws

from .facts import number, read

REFERENCE = "m7i"
COLUMNS = {
    "server": "server",
    "cores_tested": "vcpu",
    "geekbench6_single": "geekbench6_single",
    "geekbench6_multi": "geekbench6_multi",
    "stressng_div16_1core": "stressng_div16_1core",
    "stressng_div16_allcore": "stressng_div16_allcore",
    "static_web_1k_rps_max": "static_web_1k_rps",
    "redis_set_rps_max_pipelined": "redis_set_rps",
    "measured": "measured",
}


def scores(facts: Path) -> list[dict[str, str]]:
    """The measurements of servers a planner may buy, by name."""
    found = [row for row in read(facts / "server_scores.csv.gz") if not aws.refused(row["server"])]
    return sorted(found, key=lambda row: row["server"])


def measured(rows: list[dict[str, str]]) -> set[str]:
    return {row["server"] for row in rows if row["geekbench6_multi"]}


def table(rows: list[dict[str, str]], families: set[str]) -> list[tuple[str, str, str]]:
    """(family, speed, how) of every family: its own, else of its processor's generation, else of the one before."""
    per_core = defaultdict(list)
    for row in rows:
        if row["geekbench6_multi"] and row["cores_tested"] == "2":
            per_core[row["server"].partition(".")[0]].append(float(row["geekbench6_multi"]) / 2)
    known = {family: median(found) for family, found in per_core.items()}
    result = []
    for family in sorted(families):
        speed, how = (known[family], "measured") if family in known else _like(family, known)
        result.append((family, number(speed / known[REFERENCE]), how))
    return result


def _like(family: str, known: dict[str, float]) -> tuple[float, str]:
    wanted = aws.parse(f"{family}.large")
    assert wanted, family
    for generation in range(wanted.generation, 0, -1):
        like = []
        for other, speed in known.items():
            size = aws.parse(f"{other}.large")
            if size and size.series != "t" and (size.generation, size.processor) == (generation, wanted.processor):
                like.append(speed)
        if like:
            return median(like), f"median of generation {generation}{wanted.processor}"
    raise SystemExit(f"no speed for {family}")
