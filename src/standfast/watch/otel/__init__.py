"""OpenTelemetry: one collector that takes what the services say by OTLP, masks what is private, and passes it on."""

from __future__ import annotations

from typing import Any

import yaml

from standfast.files import File
from standfast.plan import Plan
from standfast.watch.otel.collector import KEPT_PERCENT, MEMORY_MIB, OPTIONS, collector
from standfast.watch.private import CLASSES
from standfast.watch.signals import Signals

README = """\
# OpenTelemetry for {system}

`collector.yaml` is for OpenTelemetry Collector Contrib. Services send to it by OTLP (4317 gRPC, 4318 HTTP), with
`service.name` and `service.instance.id` as their resource.

    otelcol-contrib validate --config collector.yaml --config to-datadog.yaml
    otelcol-contrib --config collector.yaml --config to-datadog.yaml

`collector.yaml` alone has no pipeline and does not start: add the places to send to, one or several of

| file | what goes there | set in its environment |
|---|---|---|
{options}
It listens on 127.0.0.1; `OTLP_HOST` says otherwise. Between machines, let it stand behind TLS.

- **Memory**: {memory} MiB are assumed; at four fifths of it the collector refuses, and services send again.
- **Traces**: all that fail or are slower than promised ({slow}), and {kept}% of the others (assumed). Each
  place keeps its own traces in memory while it waits. All spans of a trace must reach the same
  collector: with several, put the `loadbalancing` exporter before them.
- **Private data**: the values of attributes that open something, and those of the data classes the spec declares
  ({classes}), are masked in traces, metrics and logs by name and by form. What is written in the text of a log, or
  under a name nobody foresaw, is not found: services must not send it.
"""


def write(plan: Plan, signals: Signals) -> list[File]:
    """The files of the back end, relative to its folder."""
    main, *options = collector(plan, signals)
    rows = "".join(f"| `to-{one.name}.yaml` | {', '.join(one.signals)} | {', '.join(one.needs)} |\n" for one in OPTIONS)
    slow = ", ".join(f"{one.slower_than * 1000:g} ms" for one in signals.objectives if one.slower_than is not None)
    data = [name for name in plan.system.promises.security.data if name in CLASSES]
    words = {"memory": MEMORY_MIB, "slow": slow or "none is promised", "kept": KEPT_PERCENT, "options": rows}
    return [
        File("collector.yaml", _as_yaml(main)),
        *(File(f"to-{one.name}.yaml", _as_yaml(body)) for one, body in zip(OPTIONS, options, strict=True)),
        File("README.md", README.format(system=plan.system.name, classes=", ".join(data) or "none", **words)),
    ]


def _as_yaml(document: dict[str, Any]) -> str:
    body = yaml.safe_dump(document, sort_keys=False, width=10_000, allow_unicode=True)
    return f"# Written by Standfast; change the spec, not this file.\n{body}"
