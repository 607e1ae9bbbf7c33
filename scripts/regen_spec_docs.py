#!/usr/bin/env python3
"""Write docs/spec.md, the reference of every field of the spec, from the tables that the reader itself walks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from standfast.spec import fields
from standfast.spec.check import LONGEST_NAME, RESERVED
from standfast.spec.document import LIMIT_BYTES, LIMIT_DEPTH
from standfast.spec.fields import ABSENT, REQUIRED, Field
from standfast.spec.model import Retention
from standfast.spec.quantity import KINDS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "spec.md"

INTRODUCTION = """\
# The spec

One YAML file (JSON is YAML) says what production must promise, and what runs. `standfast init` writes a commented one
to begin with; `standfast import FILE` makes one of a Docker Compose file or of Kubernetes manifests; `standfast check
FILE` says whether it is sound and what will be assumed.

Only `system` and one public service are required. Everything else has a default. A default that decides size, cost or
a promise is an **assumption**: `check` and `plan` print it with its ground until you declare the number. In the tables
below these are marked *assumed*.

This page is generated from `src/standfast/spec/fields.py` by `scripts/regen`.

```yaml
system: shop
promises:
  scalability: {peak: 200 rps, average: 50 rps}
  reliability: {availability: 99.9%, recovery: {zone: {rto: 5 min, rpo: 0 s}}}
services:
  web: {image: ghcr.io/acme/web:1.4, public: true, cpu: 6 ms, calls: [orders]}
stores:
  orders: {kind: postgres, data: 50 GiB}
```
"""
ENVIRONMENTS = """\
A smaller copy of the system, a system of its own: its plan, code, state and evidence are in `out/<system>-NAME/`, its
resources are named and tagged so. Every command takes `--environment NAME`; without it, or with `production`, it works
on what the spec itself says. Services, stores and their calls are the same everywhere. What flows (requests, reads,
egress) is production's by `scale`, what is held (data, memory of caches) by `data`. A key written under a promise or
`rules` stands in place of production's; what is not written is promised as in production.

```yaml
environments:
  staging: {scale: 10%, reliability: {availability: 99%}}
  dev:
    scale: 1%
    reliability: {availability: 95%, recovery: {corruption: {rto: 1 day, rpo: 1 day}}}   # no other disruption
    security: {data: [], exposure: public}
    cost: {budget: 900 USD/month}
```
"""
COMMANDS = """\
## A service's own command

```yaml
services:
  web:    {image: ghcr.io/acme/shop:1.4, public: true, command: [gunicorn, "shop:app"]}
  worker: {image: ghcr.io/acme/shop:1.4, command: [celery, -A, shop, worker], calls: [orders]}
```

A list of texts: the program, then its arguments. No shell reads it, and no target expands anything in it: `$HOME`,
`%n`, `${x}`, `$(x)` and `{{ x }}` reach the program as they stand. Who wants a shell names it:
`[sh, -c, "exec app --port $PORT"]`. One text instead of a list is refused, with the list that was probably meant; so
are line breaks, and what looks like a secret.

As in Docker, `command` takes the place of the image's `CMD`, and is given to its `ENTRYPOINT`, where it has one;
`entrypoint` takes the place of that, and then the image's `CMD` does not count either. What is not written stays the
image's own business. On this machine [the lab](lab.md) runs `entrypoint` and `command`, one after the other, as the
service, without its image.
"""
SECTIONS = (
    ("The whole", "", fields.SYSTEM),
    ("`promises`", "What production must promise, as numbers. What is left out is not promised.", fields.PROMISES),
    ("`promises.scalability`", "", fields.SCALABILITY),
    ("`promises.reliability`", "", fields.RELIABILITY),
    (
        "`promises.reliability.recovery`",
        "Per disruption; what is left out is not promised. Each entry says at least one of `rto` and `rpo`.",
        fields.DISRUPTION,
    ),
    ("One disruption", "", fields.RECOVERY),
    ("`promises.performance`", "As users see it, network included.", fields.PERFORMANCE),
    ("`promises.security`", "", fields.SECURITY),
    ("`promises.cost`", "", fields.COST),
    ("`rules`", "What the plan may choose from.", fields.RULES),
    ("`services.NAME`", "A program that runs as several equal servers, or one where it is stateful.", fields.SERVICE),
    (
        "`services.NAME.calls`",
        "A list. An entry is a name (`calls: [api, orders]`) or a mapping of these fields. Calls form no circle.",
        fields.CALL,
    ),
    ("`stores.NAME`", "What a cloud runs for you. Some fields are for some kinds only.", fields.STORE),
    ("`deploys`", "Changes are the largest cause of outages: they count towards availability.", fields.DEPLOYS),
    ("`environments.NAME`", ENVIRONMENTS, fields.ENVIRONMENT),
)


def page() -> str:
    parts = [INTRODUCTION, quantities()]
    parts += [section(title, text, table) for title, text, table in SECTIONS]
    parts += [COMMANDS, names(), refusals()]
    return "\n".join(parts)


def quantities() -> str:
    rows = [
        (kind, " ".join(f"`{unit}`" for unit in units) if kind != "data rate" else "data `/day` `/month` `/year`",
         ", ".join(f"`{one}`" for one in examples.split(", ")))
        for kind, (units, examples) in KINDS.items()
    ]  # fmt: skip
    text = (
        "A number has its unit; only 0 may stand alone. The decimal sign is a point, thousands may be separated:\n"
        "`1,500 rps`. Capitals matter in data alone (`MB` is a megabyte, `Mb` is refused). A month is a twelfth of\n"
        "365.25 days; `GB` is 10⁹ bytes, `GiB` 2³⁰.\n"
    )
    return f"## Quantities\n\n{text}\n{grid(('kind', 'units', 'written like'), rows)}"


def section(title: str, text: str, table: Mapping[str, Field]) -> str:
    store = table is fields.STORE
    heads = (
        ("field", "written as", "default", "for", "meaning") if store else ("field", "written as", "default", "meaning")
    )
    rows = []
    for key, field in table.items():
        row = [f"`{key}`", written(field), default(key, field, store), meaning(field)]
        if store:
            row.insert(3, ", ".join(fields.STORE_ONLY.get(key, ("all",))))
        rows.append(tuple(row))
    return f"## {title}\n\n{text + chr(10) * 2 if text else ''}{grid(heads, rows)}"


def written(field: Field) -> str:
    if field.choices:
        one = " or ".join(f"`{choice}`" for choice in field.choices)
        return f"list of {one}" if field.kind == "words" else one
    if field.kind in KINDS:
        return f"[{field.kind}](#quantities)"
    return fields.WRITTEN[field.kind]


def default(key: str, field: Field, store: bool) -> str:
    if field.default is REQUIRED:
        return "**required**"
    by_kind = fields.STORE_DEFAULTS.get(key, {}) if store else {}
    if by_kind and "; default: " not in field.means:
        kinds: dict[tuple[str, str | None], list[str]] = {}
        for kind, value in by_kind.items():
            kinds.setdefault(value, []).append(kind)
        told = [
            (f"`{value}`" + ("" if ground is None else ", *assumed*"), which)
            for (value, ground), which in kinds.items()
        ]
        return "; ".join(f"{value} ({', '.join(which)})" if len(told) > 1 else value for value, which in told)
    if field.default in (ABSENT, None, "", ()):
        return ""
    value = field.default
    shown = ("true" if value else "false") if isinstance(value, bool) else value
    if isinstance(shown, Retention):
        shown = "{" + ", ".join(f"{name}: {one}" for name, one in asdict(shown).items()) + "}"
    shown = ", ".join(shown) if isinstance(shown, tuple) else f"{shown:g}" if isinstance(shown, float) else shown
    return f"`{shown}`" + (", *assumed*" if field.assume is not None else "")


def meaning(field: Field) -> str:
    means, split, without = field.means.partition("; default: ")
    return f"{means}. Without it: {without}" if split else means


def names() -> str:
    reserved = ", ".join(f"`{name}`" for name in sorted(RESERVED))
    return f"""\
## Names

Names of the system, services, stores and environments have lower-case letters, digits and hyphens, begin with a letter
and have at most {LONGEST_NAME} characters. Services and stores share one space of names. Taken, as names of the plan's
own parts: {reserved}.

A secret is named, never written: its value is put into the cloud's store of secrets, and the service finds it in the
environment variable of its name. A value under `environment` that looks like a secret is refused.
"""


def refusals() -> str:
    return f"""\
## What is refused

Every problem is told at once, each with its line, the reason and a remedy; nothing is written. Unknown keys, keys
written twice, wrong or missing units, numbers that cannot be meant, circles in the calls, names that are taken, files
of more than {LIMIT_BYTES:,} bytes, values nested deeper than {LIMIT_DEPTH} levels, aliases that expand without end,
tags of YAML, more than one document.

## What an import makes of Docker Compose

| in the Compose file | in the spec |
|---|---|
| services that are programs | services; their port, memory limit, HTTP health check; CPU from the limit, as a guess |
| images of PostgreSQL, MySQL and MariaDB, Redis and Valkey, MinIO | stores |
| images of other databases, brokers, caches, search engines | services with `stateful: true`, and a warning |
| addresses in the environment, `links`, `depends_on`, labels for a proxy | calls; of a circle the least sure goes |
| published ports | public services; what stands behind a published proxy is not public |
| values that look like secrets, `secrets` | names under `secrets`; the values stay where they are |
| `command`, `entrypoint` | the same, word for word, one text split as Compose does; not with variables, words for a \
shell, secrets or names of other parts in it, which is told |
| named volumes and folders of data | `stateful: true` |
| profiles, tools, monitoring, jobs that run once | left out |

What is guessed is marked in the text, and everything that was dropped or changed is told with its line.

## What an import makes of Kubernetes

Manifests, several files or documents at once, as people apply them or as `helm template` and `kustomize build` print
them. Deployments, StatefulSets, DaemonSets, ReplicaSets and Pods become services or stores by their image, as above;
Jobs are left out. Services give their names to the workloads they select, so that `CART_ADDR: cart.shop.svc:7070` is a
call; config maps are read, of secrets only the names of the variables. An Ingress, a LoadBalancer or a NodePort makes a
service public. Limits (else requests) and the most replicas an autoscaler allows give CPU and memory; a persistent
volume makes a service `stateful`; an HTTP probe is its health check; `command` is an `entrypoint` and `args` are a
`command`, unless `$(NAME)` stands in them. What is left out is named.
"""


def grid(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *map(list, rows)]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
