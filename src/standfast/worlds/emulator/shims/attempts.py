"""A call that is sent again is done once, as AWS does it by client tokens, which moto does not look at.

On a busy machine a connection can break after the work was done; the SDK then sends the same call again, and moto would
say that the thing exists already. Every SDK marks its attempts at one call with one id
(docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html; header amz-sdk-invocation-id).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from standfast.worlds.emulator.shims import around

KEPT = 1000  # answers; attempts follow one another within seconds


@dataclass
class Call:
    lock: threading.Lock = field(default_factory=threading.Lock)
    answer: tuple[str, list[tuple[str, str]], bytes] | None = None


def install() -> None:
    calls: OrderedDict[str, Call] = OrderedDict()
    guard = threading.Lock()

    @around(DomainDispatcherApplication, "__call__")
    def answered(original: Callable[..., Any], app: Any, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        name = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if not name or environ.get("REQUEST_METHOD") in ("GET", "HEAD"):
            return original(app, environ, start)
        with guard:
            call = calls.setdefault(name, Call())
            while len(calls) > KEPT:
                calls.popitem(last=False)
        with call.lock:  # an attempt may come while the one before it is still at work
            if call.answer is not None:
                environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                status, headers, body = call.answer
            else:
                told: list[Any] = []
                body = b"".join(original(app, environ, lambda *words: told.extend(words[:2])))
                status, headers = told
                if status.startswith("2"):
                    call.answer = status, headers, body
        start(status, headers)
        return [body]
