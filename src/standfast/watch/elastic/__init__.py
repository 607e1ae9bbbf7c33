"""The Elastic stack: shippers, a pipeline that masks, storage by what the plan keeps, and Kibana's views and rules."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import yaml

from standfast.files import File
from standfast.plan import Plan
from standfast.watch.elastic import heartbeat, kibana, names, shippers, storage
from standfast.watch.masks import masks
from standfast.watch.signals import Signals

README = """\
# Logs of {system} in the Elastic stack

| file | what |
|---|---|
| `filebeat.yml` | takes {sources}, and sends it to Logstash |
| `logstash.conf` | masks what is private, reads JSON, and names streams: `{pattern}` |
| `elasticsearch/` | kept {days} days, the fields, and a pipeline that masks what came past Logstash |
| `kibana/` | a data view, searches, a dashboard, and rules |
| `heartbeat.yml` | asks the public address from outside: one Heartbeat where users are, with `DOMAIN` and `PLACE` |
| `push.py` | sends the last two, and again after a change |

For Elasticsearch, Kibana, Logstash and Filebeat 8.13 and newer.

    filebeat test config -c filebeat.yml
    logstash --config.test_and_exit -f logstash.conf
    ELASTICSEARCH_URL=… KIBANA_URL=… ELASTIC_API_KEY=… python3 push.py

- **In Filebeat's environment**: {needed}.
- **In Logstash's**: `ELASTICSEARCH_API_KEY`, `ELASTICSEARCH_URL`, and files for TLS: `LOGSTASH_AUTHORITY`,
  `LOGSTASH_CERTIFICATE`, `LOGSTASH_KEY`. Filebeat shows a certificate of the same authority.
- **What services should say**: one JSON object a line with `level`, `message`, `trace_id`, `span_id`; anything else
  is kept under `app`. Lines that are no JSON stay as they are. `service.name` must be among them, or a rule on
  silence finds nothing and rings.
- **Private data** ({classes}): {masks} patterns, by key and by form, twice on the way. What is written in plain words
  is not found: services must not say it.
- **Rules** look once a minute and call nobody yet: give them a connector in Kibana, by the tags `severity` and `owner`.
"""


def write(plan: Plan, signals: Signals) -> list[File]:
    """The files of the back end, relative to its folder."""
    stored = storage.documents(plan)
    rules = kibana.rules(plan, signals)
    asked = heartbeat.heartbeat(plan)
    return [
        File("filebeat.yml", _as_yaml(shippers.filebeat(plan))),
        *([File("heartbeat.yml", _as_yaml(asked))] if asked else []),
        File("logstash.conf", shippers.logstash(plan)),
        *(
            _document(f"elasticsearch/{number}-{name}.json", {"path": path, "body": body})
            for number, (name, (path, body)) in enumerate(stored.items(), start=1)
        ),
        File(
            "kibana/objects.ndjson", "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in kibana.objects(plan))
        ),
        *(
            _document(f"kibana/rules/{name}.json", {"id": kibana.identity(plan, f"rule {name}"), "body": body})
            for name, body in sorted(rules.items())
        ),
        File("push.py", files(__name__).joinpath("push.py").read_text(encoding="utf-8")),
        File("README.md", _readme(plan)),
    ]


def _readme(plan: Plan) -> str:
    sources = [one["type"] for one in shippers.filebeat(plan)["filebeat.inputs"]]
    words = {
        "tcp": "what the hosts' log shipper sends (`log_shipper_target`)",
        "filestream": "what the pods of each node say",
        "aws-cloudwatch": "CloudWatch's log groups",
        "gcp-pubsub": "what a sink of Cloud Logging sends to a topic",
        "azure-eventhub": "what diagnostic settings send to an event hub",
    }
    return README.format(
        system=plan.system.name, sources=" and ".join(words[one] for one in sources), pattern=names.pattern(plan),
        days=names.days(plan), needed=", ".join(f"`{one}`" for one in shippers.needed(plan)),
        classes=", ".join(sorted(plan.system.promises.security.data)) or "none is declared", masks=len(masks(plan)),
    )  # fmt: skip


def _document(path: str, body: dict[str, Any]) -> File:
    return File(path, json.dumps(body, indent=2, ensure_ascii=False) + "\n")


def _as_yaml(document: dict[str, Any]) -> str:
    body = yaml.safe_dump(document, sort_keys=False, width=10_000, allow_unicode=True)
    return f"# Written by Standfast; change the spec, not this file.\n{body}"
