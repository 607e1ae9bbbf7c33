"""A price API on loopback: answers by path, in turn where there are several, and what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

RECORDINGS = Path(__file__).parent / "recordings"


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None  # what Content-Length says, where it is not the truth


def recorded(name: str) -> Answer:
    return Answer((RECORDINGS / name).read_bytes())


@dataclass
class PriceServer:
    """`answer` takes the decoded path with its query; None is 404."""

    answer: Callable[[str], Answer | None]
    url: str = ""
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[str], Answer | None]) -> Generator[PriceServer]:
    server = PriceServer(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(self.path)
            server.asked.append(path)
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            found = server.answer(path) or Answer(b"no such page", 404)
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body) if found.length is None else found.length))
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def in_turn(*answers: Answer) -> Callable[[str], Answer | None]:
    """One answer after the other; the last one again and again."""
    left = list(answers)
    return lambda path: left.pop(0) if len(left) > 1 else left[0]
