"""OpenSLO v1 documents: objectives written, and a team's own documents read and held against the spec.

Source: github.com/OpenSLO/OpenSLO, specification v1 (kinds SLO, SLI, Service; fields as there, read 2026-11). Read is
what Standfast can promise: one rolling window in days, occurrences, a share of good requests, a threshold in time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from standfast.plan import Plan
from standfast.problem import Place, Problem, Problems, did_you_mean, quoted
from standfast.watch.signals import PERIOD_DAYS, Objective, Signals

VERSION = "openslo/v1"
KINDS = ("SLO", "SLI", "Service", "AlertPolicy", "AlertCondition", "AlertNotificationTarget", "DataSource")
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123, as the specification asks
LARGEST = 4 * 2**20  # bytes of a file that is read


@dataclass(frozen=True)
class Written:
    """One objective of one SLO document. `slower_than`: seconds, where it speaks of latency; `days` None: not told."""

    name: str
    service: str
    target: float
    days: float | None
    slower_than: float | None
    place: Place


def document(plan: Plan, signals: Signals) -> str:
    """A Service, and for each objective an SLO with its indicator inside, as one YAML stream."""
    from standfast.watch.prometheus.text import as_yaml

    system, owner = _name(plan.system.name), plan.system.owner
    service: dict[str, Any] = {"apiVersion": VERSION, "kind": "Service", "metadata": {"name": system}}
    service["spec"] = {"description": f"Owner: {owner}" if owner else "The spec names no owner"}
    every = [*signals.objectives, *(one.objective for one in signals.parts)]
    documents = [service, *(_slo(plan, system, one) for one in every if one.services)]
    return "---\n".join(as_yaml(one, f"{one['kind']} {one['metadata']['name']}") for one in documents)


def _slo(plan: Plan, system: str, one: Objective) -> dict[str, Any]:
    from standfast.watch.prometheus.objectives import HISTOGRAM, selector

    chosen = selector(plan.system.name, one)
    if one.slower_than is None:
        side = {"bad": _query(f'{HISTOGRAM}_count{{{chosen},http_response_status_code=~"5.."}}')}
    else:
        side = {"good": _query(f'{HISTOGRAM}_bucket{{{chosen},le="{one.slower_than:g}"}}')}
    ratio = {"counter": True, **side, "total": _query(f"{HISTOGRAM}_count{{{chosen}}}")}
    indicator = {"metadata": {"name": _name(f"{system}-{one.name}")}, "spec": {"ratioMetric": ratio}}
    return {
        "apiVersion": VERSION,
        "kind": "SLO",
        "metadata": {
            "name": _name(f"{system}-{one.name}"),
            "displayName": f"{plan.system.name}: {one.name}",
            "annotations": {"standfast/promise": one.measure, "standfast/spec": one.place.short},
        },
        "spec": {
            "description": one.means,
            "service": system,
            "indicator": indicator,
            "timeWindow": [{"duration": f"{PERIOD_DAYS}d", "isRolling": True}],
            "budgetingMethod": "Occurrences",
            "objectives": [{"displayName": one.name, "target": round(one.target, 12)}],
        },
    }


def _query(expr: str) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": f"sum({expr})"}}}


def _name(text: str) -> str:
    """A name by RFC 1123, from our own names: letters in lower case, at most 63."""
    return re.sub(r"[^a-z0-9-]", "-", text.lower()).strip("-")[:63].rstrip("-") or "unnamed"


def read_openslo(path: Path) -> tuple[Written, ...]:
    """The objectives of every SLO in a file. Raises Problems for what is no OpenSLO v1, or cannot be promised here."""
    import yaml

    try:
        if path.stat().st_size > LARGEST:
            raise Problems([Problem(f"{path} is too large", f"at most {LARGEST >> 20} MiB are read", "split it")])
        text = path.read_text(encoding="utf-8")
        documents = [one for one in yaml.compose_all(text, Loader=yaml.SafeLoader) if one is not None]
        twice = [Place(str(path), line) for one in documents for line in _twice(one)]
        built = [(yaml.SafeLoader("").construct_document(one), one.start_mark.line + 1) for one in documents]
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError, RecursionError) as error:
        why = " ".join(str(error).split())[:200]
        raise Problems([Problem(f"{path} cannot be read as YAML", why, "give an OpenSLO v1 document")]) from error
    problems = [Problem("a key is written twice", "only one of them would count", "keep one", at) for at in twice]
    found: list[Written] = []
    for body, line in built:
        place = Place(str(path), line)
        try:
            found += _objectives(body, place)
        except Problems as wrong:
            problems += wrong.problems
    seen: dict[str, Place] = {}
    for one in found:
        if one.name in seen:
            why = f"the same name stands at {seen[one.name]}"
            problems.append(Problem(f"two objectives are called {quoted(one.name)}", why, "rename one", one.place))
        seen.setdefault(one.name, one.place)
    if not found and not problems:
        fix = "give documents of kind SLO, with objectives"
        problems.append(
            Problem(f"no SLO stands in {path}", "there is nothing to hold against the spec", fix, Place(str(path), 1))
        )
    if problems:
        raise Problems(problems)
    return tuple(found)


def _objectives(body: Any, place: Place) -> list[Written]:
    def refuse(what: str, why: str, fix: str) -> Problems:
        return Problems([Problem(what, why, fix, place)])

    if not isinstance(body, Mapping):
        raise refuse("this is no OpenSLO document", "a document is a mapping", f"begin with apiVersion: {VERSION}")
    if body.get("apiVersion") != VERSION:
        raise refuse(f"apiVersion {quoted(body.get('apiVersion'))} is not read", "this reader knows v1",
                     f"write apiVersion: {VERSION}")  # fmt: skip
    kind = body.get("kind")
    if kind not in KINDS:
        raise refuse(f"kind {quoted(kind)} is not of OpenSLO v1", did_you_mean(str(kind), KINDS), "correct the kind")
    if kind != "SLO":
        return []
    name = _of(_of(body, "metadata"), "name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise refuse(f"metadata.name {quoted(name)} is no name", "RFC 1123: a-z, 0-9 and -, at most 63", "rename it")
    spec = _of(body, "spec")
    if not isinstance(spec, Mapping):
        raise refuse(f"{name}: spec is no mapping", f"it says {quoted(spec)}", "write what the SLO is below spec")
    if spec.get("budgetingMethod", "Occurrences") != "Occurrences":
        raise refuse(f"{name}: budgetingMethod {quoted(spec['budgetingMethod'])} is not kept here",
                     "a promise counts requests, not slices of time", "use Occurrences")  # fmt: skip
    days = _days(spec, name, refuse)
    objectives = spec.get("objectives")
    if not isinstance(objectives, list) or not objectives:
        raise refuse(f"{name}: no objectives", "an SLO has at least one, with a target", "add objectives")
    found = []
    for number, one in enumerate(objectives, 1):
        said = one if isinstance(one, Mapping) else {}
        target = said.get("target")
        if target is None and isinstance(said.get("targetPercent"), int | float):
            target = said["targetPercent"] / 100
        if isinstance(target, bool) or not isinstance(target, int | float) or not 0 < target <= 1:
            raise refuse(f"{name}: objective {number} has no target between 0 and 1", f"it says {quoted(target)}",
                         "write target: 0.999")  # fmt: skip
        label = name if len(objectives) == 1 else f"{name}-{number}"
        found.append(
            Written(label, str(spec.get("service", "")), float(target), days, _threshold(said, label, refuse), place)
        )
    return found


def _threshold(said: Mapping[str, Any], name: str, refuse: Any) -> float | None:
    """`op: lte` with `value` in seconds, for the SLI of a threshold."""
    if "value" not in said:
        return None
    value = said["value"]
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < inf
    if said.get("op") not in ("lte", "lt") or not number:
        raise refuse(f"{name}: op {quoted(said.get('op'))} and value {quoted(value)} are no latency",
                     "a latency is at most (lte) a number of seconds", "write op: lte and value: 0.3")  # fmt: skip
    return float(value)


def _days(spec: Mapping[str, Any], name: str, refuse: Any) -> float | None:
    windows = spec.get("timeWindow")
    if windows is None:
        return None
    if not isinstance(windows, list) or len(windows) != 1 or not isinstance(windows[0], Mapping):
        raise refuse(f"{name}: timeWindow must be one window", "v1 takes a list of exactly one", "give one window")
    said = re.fullmatch(r"([1-9]\d{0,3})([dw])", str(windows[0].get("duration", "")))
    if said is None or windows[0].get("isRolling") is not True:
        raise refuse(f"{name}: this timeWindow is not kept here", "promises hold over rolling days",
                     "write duration: 30d and isRolling: true")  # fmt: skip
    return int(said[1]) * (7 if said[2] == "w" else 1)


def _twice(node: Any) -> Iterator[int]:
    """Lines of keys that stand twice in one mapping, below a node of YAML; an alias is looked at once."""
    seen, waiting = set(), [node]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or not isinstance(one.value, list):
            continue
        seen.add(id(one))
        keys: set[str] = set()
        for part in one.value:
            if isinstance(part, tuple):
                key = part[0].value if isinstance(part[0].value, str) else ""
                if key and key in keys:
                    yield part[0].start_mark.line + 1
                keys.add(key)
            waiting += part if isinstance(part, tuple) else [part]


def _of(body: Any, key: str) -> Any:
    return body.get(key) or {} if isinstance(body, Mapping) else {}


def differences(signals: Signals, written: tuple[Written, ...]) -> list[Problem]:
    """Where a team's documents promise other than the spec: what is stricter, looser, or not promised at all.

    A document speaks of the promise with its threshold, else of availability; a spec that is stricter keeps it too.
    """
    every = {one.slower_than: one for one in signals.objectives}
    problems = []
    for one in written:
        ours = every.get(one.slower_than)
        if ours is None:
            what = f"{one.name} promises an answer within {one.slower_than:g} s, and the spec has no such latency"
            known = ", ".join(f"{limit:g} s" for limit in every if limit is not None) or "none"
            fix = f"promise p{one.target * 100:.0f} in the spec"
            problems.append(Problem(what, f"latencies of the spec: {known}", fix, one.place))
        elif one.target > ours.target + 1e-12:
            what = f"{one.name} promises {one.target * 100:.10g}%, the spec {ours.target * 100:.10g}%"
            problems.append(
                Problem(
                    what, f"{ours.measure} is looser, at {ours.place}", "promise the stricter of the two", one.place
                )
            )
        if one.days is not None and one.days != PERIOD_DAYS:
            what = f"{one.name} is judged over {one.days:g} days"
            fix = f"write duration: {PERIOD_DAYS}d"
            problems.append(Problem(what, f"budgets here are of {PERIOD_DAYS} days", fix, one.place, warning=True))
    return problems
