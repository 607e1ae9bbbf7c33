"""A program of somebody's own, of the standard library alone: a request writes a row into PostgreSQL, and counts.

It finds everything in its environment: HOST and PORT to listen on, ORDERS_URL. GET /healthz says that it can serve,
/told what it was told, anything else writes. `die` as its first argument: it ends while it starts; `everywhere`: it
listens on every address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import socket
import ssl
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Postgres:
    """As much of its protocol as a question needs: TLS, SCRAM-SHA-256, simple queries. The host that takes writes."""

    def __init__(self, url: str):
        self.login, _, hosts = urlsplit(url).netloc.rpartition("@")
        self.name, self.hosts = urlsplit(url).path[1:], hosts.split(",")
        self.hosts = [one if ":" in one else f"{one}:{hosts.rpartition(':')[2]}" for one in self.hosts]
        self.lock, self.stream = threading.Lock(), None

    def ask(self, query: str) -> str:
        with self.lock:
            try:
                if self.stream is None:
                    self.stream = self._connected()
                return self._asked(query)
            except (OSError, ValueError):
                self.stream = None
                raise

    def _connected(self) -> ssl.SSLSocket:
        for host in self.hosts:
            try:
                self.stream = self._opened(host)
                if self._asked("SELECT pg_is_in_recovery()") == "f":
                    return self.stream
            except OSError:
                continue
        raise OSError(f"nobody takes writes: {', '.join(self.hosts)}")

    def _opened(self, host: str) -> ssl.SSLSocket:
        address, _, port = host.partition(":")
        plain = socket.create_connection((address, int(port)), timeout=3)
        plain.sendall(struct.pack("!II", 8, 80877103))
        if plain.recv(1) != b"S":
            raise OSError("no TLS")
        trusted = ssl.create_default_context()
        trusted.check_hostname, trusted.verify_mode = False, ssl.CERT_NONE  # sslmode=require
        self.stream = trusted.wrap_socket(plain)
        user, _, password = self.login.partition(":")
        told = f"user\0{unquote(user)}\0database\0{self.name}\0\0".encode()
        self.stream.sendall(struct.pack("!II", len(told) + 8, 196608) + told)
        self._read("R")
        nonce = secrets.token_hex(12)
        first = f"n=,r={nonce}"
        message = f"n,,{first}".encode()
        self._send("p", b"SCRAM-SHA-256\0" + struct.pack("!I", len(message)) + message)
        server = self._read("R")[4:].decode()
        fields = dict(one.split("=", 1) for one in server.split(","))
        salted = hashlib.pbkdf2_hmac(
            "sha256", unquote(password).encode(), base64.b64decode(fields["s"]), int(fields["i"])
        )
        key = hmac.digest(salted, b"Client Key", "sha256")
        last = f"c=biws,r={fields['r']}"
        signed = hmac.digest(hashlib.sha256(key).digest(), f"{first},{server},{last}".encode(), "sha256")
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, signed, strict=True))).decode()
        self._send("p", f"{last},p={proof}".encode())
        while self._read("RSKZ") and self.kind != "Z":
            pass
        return self.stream

    def _asked(self, query: str) -> str:
        self._send("Q", query.encode() + b"\0")
        found = ""
        while True:
            body = self._read("")
            if self.kind == "D":
                length = struct.unpack("!i", body[2:6])[0]
                found = body[6 : 6 + max(length, 0)].decode()
            elif self.kind == "Z":
                return found

    def _send(self, kind: str, body: bytes) -> None:
        self.stream.sendall(kind.encode() + struct.pack("!I", len(body) + 4) + body)

    def _read(self, wanted: str) -> bytes:
        self.kind, length = self._bytes(1).decode(), struct.unpack("!I", self._bytes(4))[0]
        body = self._bytes(length - 4)
        if self.kind == "E" or (wanted and self.kind not in wanted):
            raise OSError(body.decode(errors="replace").replace("\0", " "))
        return body

    def _bytes(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            more = self.stream.recv(count - len(found))
            if not more:
                raise OSError("the server has gone")
            found += more
        return found


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, said = 200, {}
        if self.path == "/told":
            said = {
                "argv": sys.argv[1:],
                "environment": dict(os.environ),
                "folder": str(Path.cwd()),
                "user": os.getuid(),
            }
        elif self.path != "/healthz":
            try:
                ORDERS.ask("INSERT INTO seen DEFAULT VALUES")
                said = {"rows": int(ORDERS.ask("SELECT count(*) FROM seen"))}
            except (OSError, ValueError) as error:
                status, said = 503, {"error": str(error)}
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        print("served", self.path, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["die"]:
        print("reading the settings", file=sys.stderr)
        raise SystemExit("no settings for this shop")
    ORDERS = Postgres(os.environ["ORDERS_URL"])
    ORDERS.ask("CREATE TABLE IF NOT EXISTS seen (id bigserial, at timestamptz DEFAULT now())")
    host = "0.0.0.0" if sys.argv[1:2] == ["everywhere"] else os.environ.get("HOST", "")
    ThreadingHTTPServer((host, int(os.environ["PORT"])), Answer).serve_forever()
