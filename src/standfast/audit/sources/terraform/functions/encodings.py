"""Functions that encode, decode and hash."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import uuid
from typing import Any
from urllib.parse import quote

from standfast.audit.sources.terraform.reached import settled
from standfast.audit.sources.terraform.values import Cannot, deep, holds_later, text, whole
from standfast.blueprint import Json


def jsonencode(value: Any) -> Any:
    """Text; a Json with what is decided later in it, where there is any."""
    value = settled(value)
    inside = deep(value)
    if holds_later(inside) or holds_later(value):
        return Json(value)
    return json_text(inside)


def json_text(value: Any) -> str:
    """As Go writes it."""
    written = json.dumps(_numbers(value), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return written


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    return whole(value) if isinstance(value, float) else value


def jsondecode(said: str) -> Any:
    try:
        return _numbers(json.loads(said))
    except (ValueError, RecursionError) as caught:
        raise Cannot("this is no JSON") from caught


def yamldecode(said: str) -> Any:
    import yaml

    try:
        if "&" in said and "*" in said:  # aliases may grow without end
            raise Cannot("YAML with aliases is not read", seen=False)
        return yaml.safe_load(said)
    except (yaml.YAMLError, RecursionError) as caught:
        raise Cannot("this is no YAML") from caught


def yamlencode(value: Any) -> str:
    import yaml

    return yaml.safe_dump(value, sort_keys=True, default_style='"')


def base64decode(said: str) -> str:
    try:
        return base64.b64decode(said, validate=True).decode("utf-8")
    except (ValueError, UnicodeDecodeError) as caught:
        raise Cannot("this is no base64 of a text") from caught


def _hash(name: str, encoded: bool = False) -> Any:
    def hashed(said: str) -> str:
        made = hashlib.new(name, text(said).encode())
        return base64.b64encode(made.digest()).decode() if encoded else made.hexdigest()

    return hashed


def csvdecode(said: str) -> list[dict[str, str]]:
    return [dict(row) for row in csv.DictReader(said.splitlines())]


NAMESPACES = {
    "dns": uuid.NAMESPACE_DNS, "url": uuid.NAMESPACE_URL, "oid": uuid.NAMESPACE_OID, "x500": uuid.NAMESPACE_X500
}  # fmt: skip

OPEN = {"jsonencode": jsonencode}
FUNCTIONS = {
    "base64decode": base64decode,
    "base64encode": lambda said: base64.b64encode(text(said).encode()).decode(),
    "base64sha256": _hash("sha256", True),
    "base64sha512": _hash("sha512", True),
    "csvdecode": csvdecode,
    "jsondecode": jsondecode,
    "md5": _hash("md5"),
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "sha512": _hash("sha512"),
    "urlencode": lambda said: quote(text(said), safe="-_.~").replace("%20", "+"),
    "uuidv5": lambda space, name: str(uuid.uuid5(NAMESPACES.get(space) or uuid.UUID(space), name)),
    "yamldecode": yamldecode,
    "yamlencode": yamlencode,
}
