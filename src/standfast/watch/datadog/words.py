"""Datadog's words for what the system is made of: tags, scopes of queries, and text of people inside messages."""

from __future__ import annotations

import re
from typing import Any

from standfast.plan import Plan
from standfast.problem import Problem, quoted
from standfast.watch.signals import Objective

METRIC = "http.server.request.duration"  # OpenTelemetry's histogram in seconds; a distribution in Datadog
REACHED = "network.http.can_connect"  # of the Agent's http_check: 1 where the service answers, else 0
LONGEST_TAG = 200  # characters, key and value; docs.datadoghq.com/getting_started/tagging (2026-11)
MAIL = re.compile(r"[^@\s{}]+@[^@\s{}]+\.[^@\s{}]+")
MANAGED = "managed_by:standfast"
_PLAIN = re.compile(r"[a-z0-9_-]+")


def tag(key: str, value: str) -> str:
    """A tag as Datadog stores it: lower case, anything unusual an underscore, 200 characters."""
    return f"{key}:{re.sub(r'[^a-z0-9_./-]+', '_', value.lower())}"[:LONGEST_TAG].rstrip("_")


def tags(plan: Plan, component: str, measure: str, spec: str) -> list[str]:
    """What every document carries, sorted; `component` "" where it is of the whole system."""
    system = plan.system
    found = [tag("system", system.name), tag("env", system.environment), MANAGED]
    found += [tag("component", component)] if component else []
    found += [tag("promise", measure), tag("spec", spec.replace(":", "_"))]
    return sorted(found)


def scope(plan: Plan, *services: str) -> str:
    """The part in braces that chooses series; names were checked by `unsayable`."""
    system = plan.system
    chosen = f"system:{system.name.lower()} AND env:{system.environment.lower()}"
    if len(services) == 1:
        return f"{chosen} AND service:{services[0].lower()}"
    return f"{chosen} AND service IN ({','.join(sorted(name.lower() for name in services))})"


def total(plan: Plan, objective: Objective) -> str:
    """Every request of the services that users reach."""
    return f"count:{METRIC}{{{scope(plan, *objective.services)}}}"


def good(plan: Plan, objective: Objective) -> str:
    """The requests that keep an objective."""
    chosen = scope(plan, *objective.services)
    if objective.slower_than is None:
        return f"count:{METRIC}{{{chosen} AND NOT http.response.status_code:5*}}"
    return f"count(v: v<={number(objective.slower_than)}):{METRIC}{{{chosen}}}"


def plain(text: str) -> str:
    """Text of people on one line of a message, where `{{` would begin a template and `@` call somebody.

    Datadog has no escape for either, so the text is shown with a gap or a word in that place.
    """
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"([{}])(?=[{}])", r"\1 ", text).replace("@", "(at)")


def number(value: float) -> str:
    """A number as queries take it: no exponent, no dust of binary fractions."""
    return f"{value:.9f}".rstrip("0").rstrip(".")


def metric_query(name: str, query: str) -> dict[str, Any]:
    return {"data_source": "metrics", "name": name, "query": query}


def unsayable(plan: Plan) -> list[Problem]:
    """Names that Datadog would write otherwise than the system sends them, or could not tell apart."""
    system = plan.system
    named = [("system", system.name, system.place), ("env", system.environment, system.place)]
    named += [("component", one.name, one.place) for one in (*system.services, *system.stores)]
    problems, seen = [], {}
    for key, name, place in named:
        if not _PLAIN.fullmatch(name.lower()) or len(f"{key}:{name}") > LONGEST_TAG:
            why = f"a tag has letters, digits, - and _, and at most {LONGEST_TAG} characters"
            problems.append(Problem(f"Datadog cannot say the name {quoted(name)}", why, "give it a plain name", place))
        elif seen.setdefault((key, name.lower()), name) != name:
            why = f"tags are lower case, so that it is {quoted(seen[key, name.lower()])} too"
            problems.append(Problem(f"Datadog cannot tell {quoted(name)} apart", why, "rename one of them", place))
    return problems
