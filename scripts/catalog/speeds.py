"""How fast a vCPU of each family is, relative to one of AWS's m7i: docs/catalog.md argues the measure."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import median
from types import ModuleType

from . import aws
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
Known = dict[str, tuple[float, str]]  # family -> Geekbench per vCPU, how it is known


def scores(cloud: ModuleType, facts: Path) -> list[dict[str, str]]:
    """The measurements of servers a planner may buy, or that managed classes run on, by name."""
    found = [
        row for row in read(facts / "server_scores.csv.gz", cloud.NAME)
        if not cloud.WORDS.refused(row["server"]) or cloud.WORDS.family(row["server"]) in cloud.ALSO_MEASURED
    ]  # fmt: skip
    return sorted(found, key=lambda row: row["server"])


def measured(rows: list[dict[str, str]]) -> set[str]:
    return {row["server"] for row in rows if row["geekbench6_multi"]}


def table(cloud: ModuleType, facts: Path, rows: list[dict[str, str]], families: set[str]) -> list[tuple[str, ...]]:
    """(family, speed, how) of every family: its own, else of the relative that the cloud's table names, else of its
    processor's generation or the one before."""
    known = _known(cloud, rows)
    others = {"aws": _known(aws, scores(aws, facts)), cloud.NAME: known}
    reference = others["aws"][REFERENCE][0]
    result = []
    for family in sorted(families):
        if family in cloud.LIKE:
            other, relative, factor, why = cloud.LIKE[family]
            speed, how = others[other][relative][0] * factor, f"as {relative}: {why}"
        else:
            speed, how = known.get(family) or _like(family, known)
        result.append((family, number(speed / reference), how))
    return result


def _known(cloud: ModuleType, rows: list[dict[str, str]]) -> Known:
    """Per vCPU with two vCPUs; with four where no size has two, divided by what the other families lose on the way."""
    sizes: dict[int, dict[str, list[float]]] = {2: defaultdict(list), 4: defaultdict(list)}
    for row in rows:
        cores = int(row["cores_tested"])
        if row["geekbench6_multi"] and cores in sizes:
            sizes[cores][cloud.WORDS.family(row["server"])].append(float(row["geekbench6_multi"]) / cores)
    two, four = ({family: median(found) for family, found in sizes[cores].items()} for cores in (2, 4))
    known = {family: (speed, "measured") for family, speed in two.items()}
    loss = median(four[family] / two[family] for family in two.keys() & four.keys())
    return {**{family: (speed / loss, "measured with 4 vCPUs") for family, speed in four.items()}, **known}


def _like(family: str, known: Known) -> tuple[float, str]:
    wanted = aws.WORDS.parse(f"{family}.large")
    assert wanted, f"no speed for {family}"
    for generation in range(wanted.generation, 0, -1):
        like = []
        for other, (speed, _) in known.items():
            size = aws.WORDS.parse(f"{other}.large")
            if size and size.series != "t" and (size.generation, size.processor) == (generation, wanted.processor):
                like.append(speed)
        if like:
            return median(like), f"median of generation {generation}{wanted.processor}"
    raise SystemExit(f"no speed for {family}")
