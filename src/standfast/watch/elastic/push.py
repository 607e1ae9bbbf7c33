"""Send what is beside this file to Elasticsearch and Kibana; what stands there under the same name is replaced.

Python's own library only. From the environment: ELASTICSEARCH_URL, KIBANA_URL, ELASTIC_API_KEY.
Exits 0 when all is there, 1 when something was refused, 2 when there is nothing to begin with.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NEEDED = ("ELASTICSEARCH_URL", "KIBANA_URL", "ELASTIC_API_KEY")


def call(base: str, method: str, path: str, data: bytes | None, kind: str = "application/json") -> Any:
    """One request, and what was answered."""
    headers = {
        "Authorization": f"ApiKey {os.environ['ELASTIC_API_KEY']}",
        "Content-Type": kind,
        "kbn-xsrf": "standfast",
    }
    url = f"{os.environ[base].rstrip('/')}/{path}"
    if not url.startswith(("https://", "http://")):
        raise OSError(f"{base} is no address of a web server")
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=60) as answer:
        return json.load(answer)


def push_storage() -> None:
    for path in sorted((HERE / "elasticsearch").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        call("ELASTICSEARCH_URL", "PUT", document["path"], json.dumps(document["body"]).encode())
        print(f"put  {document['path']}")


def push_objects() -> None:
    body, line = (HERE / "kibana" / "objects.ndjson").read_bytes(), uuid.uuid4().hex
    head = f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="objects.ndjson"\r\n'
    form = head.encode() + b"Content-Type: application/ndjson\r\n\r\n" + body + f"\r\n--{line}--\r\n".encode()
    kind = f"multipart/form-data; boundary={line}"
    told = call("KIBANA_URL", "POST", "api/saved_objects/_import?overwrite=true", form, kind)
    if not told.get("success"):
        raise OSError(f"Kibana took {told.get('successCount', 0)} objects; {json.dumps(told.get('errors', []))[:800]}")
    print(f"put  {told['successCount']} saved objects")


def push_rules() -> None:
    for path in sorted((HERE / "kibana" / "rules").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        at, body = f"api/alerting/rule/{document['id']}", document["body"]
        try:
            call("KIBANA_URL", "GET", at, None)
        except urllib.error.HTTPError as refused:
            if refused.code != 404:
                raise
            call("KIBANA_URL", "POST", at, json.dumps(body).encode())
            print(f"made  {body['name']}")
        else:
            fixed = ("rule_type_id", "consumer")  # what a rule is cannot change
            changed = {key: value for key, value in body.items() if key not in fixed}
            call("KIBANA_URL", "PUT", at, json.dumps(changed).encode())
            print(f"changed  {body['name']}")


def main() -> int:
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        print(f"{', '.join(missing)} must be set", file=sys.stderr)
        return 2
    try:
        push_storage()
        push_objects()
        push_rules()
    except urllib.error.HTTPError as refused:
        print(
            f"{refused.url} answered {refused.code}: {refused.read().decode(errors='replace')[:2000]}", file=sys.stderr
        )
        return 1
    except (OSError, ValueError) as away:
        print(f"not sent: {away}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
