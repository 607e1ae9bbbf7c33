"""Stands in for a service where its image cannot run: answers on PORT of HOST, and says who it is.

`/healthz` and any other path answer 200; `/metrics` counts; `/environment` names (not shows) what it was given.
"""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADDRESS = (os.environ.get("HOST", "127.0.0.1"), int(os.environ["PORT"]))
COUNTED = {"requests": 0}


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        COUNTED["requests"] += 1
        kind = "application/json"
        if self.path == "/metrics":
            kind = "text/plain; version=0.0.4"
            said = f"# TYPE requests_total counter\nrequests_total {COUNTED['requests']}\n"
        elif self.path == "/environment":
            said = json.dumps(sorted(os.environ))
        else:
            said = json.dumps({"host": ADDRESS[0], "port": ADDRESS[1], "path": self.path, "process": os.getpid()})
        body = said.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        print(self.address_string(), format % arguments, file=sys.stderr, flush=True)


if __name__ == "__main__":
    ThreadingHTTPServer(ADDRESS, Answer).serve_forever()
