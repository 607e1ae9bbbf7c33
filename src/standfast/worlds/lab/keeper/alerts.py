"""Where alerts come in."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standfast.worlds.lab.keeper.events import Events

MOST = 4 * 2**20  # bytes of one message with alerts
WEBHOOK = 9099


def receive_alerts(address: str, events: Events) -> ThreadingHTTPServer:
    """The webhook of Alertmanager; where there is none, Prometheus sends its alerts here itself.

    Each alert is an event with its name, state, labels and times, once when it begins and once when it ends.
    """
    told_last: dict[str, str] = {}

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            try:
                if not 0 < length <= MOST:
                    raise ValueError(f"{length} bytes")
                told = json.loads(self.rfile.read(length))
                routed = isinstance(told, dict)
                for alert in told["alerts"] if routed else told:
                    labels = alert["labels"]
                    state = alert["status"] if routed else _state(alert["endsAt"])
                    known = json.dumps(labels, sort_keys=True)
                    if told_last.get(known) == state:
                        continue  # said again, as it is as long as it lasts
                    told_last[known] = state
                    who = told.get("receiver", "") if routed else "prometheus"
                    when = {"starts": alert.get("startsAt", ""), "ends": alert.get("endsAt", "")}
                    events.hear("alert", name=labels["alertname"], state=state, labels=labels, receiver=who, **when)
            except (ValueError, KeyError, TypeError) as error:
                self.send_error(400, str(error)[:100])
                return
            self.send_response(200)
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer((address, WEBHOOK), Receiver)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[3600], daemon=True).start()  # seconds: it is never asked to end
    return server


def _state(ends: str) -> str:
    """Prometheus tells of an alert that goes on when it would end: a few minutes from now."""
    return "firing" if datetime.fromisoformat(ends.replace("Z", "+00:00")) > datetime.now(UTC) else "resolved"
