"""The server of the emulator: the AWS API on a loopback port, as a process of its own. `python -m … FOLDER`.

It writes `server.json` into its world's folder once it listens, and ends by itself when that file goes: a
folder that was deleted by hand leaves no process behind. The lock it holds for its whole life makes sure that
one folder never has two.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import sys
import threading
import time
from pathlib import Path

from standfast.worlds.process import began

HEALTH = "/standfast/health"

# Set before moto is imported. What a fresh AWS account has, and moto leaves out to start faster.
SETTINGS = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",  # AWS's own policies can be attached
    "MOTO_ACM_VALIDATION_WAIT": "0",  # a certificate is issued once it is asked for
    "MOTO_DISABLE_GLOBAL_CORS": "true",  # no web page may read it
    "TEST_SERVER_MODE": "true",
}


def serve(folder: Path) -> int:
    lock = os.open(folder / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print("another server holds this folder", file=sys.stderr)
        return 3
    os.environ.update(SETTINGS)
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    from standfast.worlds.emulator.shims import install

    install()
    token = secrets.token_hex(16)
    app = DomainDispatcherApplication(create_backend_app)

    def answer(environ, start):
        if environ.get("PATH_INFO") == HEALTH:
            start("200 OK", [("Content-Type", "text/plain")])
            return [token.encode()]
        return app(environ, start)

    class Quiet(MotoRequestHandler):
        def log_request(self, code="-", size="-"):
            if str(code)[:1] == "5":  # moto could not do it: the only lines worth keeping
                super().log_request(code, size)

    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=Quiet)
    record = folder / "server.json"
    text = json.dumps({"pid": os.getpid(), "began": began(os.getpid()), "port": server.port, "token": token})
    partial = folder / ".server.json"
    partial.write_text(text)
    partial.replace(record)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    threading.Thread(target=_end_with_record, args=(record, text), daemon=True).start()
    server.serve_forever()
    return 0


def _end_with_record(record: Path, text: str) -> None:
    while True:
        time.sleep(1.0)
        try:
            if record.read_text() != text:
                break
        except OSError:
            break
    os._exit(0)


if __name__ == "__main__":
    raise SystemExit(serve(Path(sys.argv[1])))
