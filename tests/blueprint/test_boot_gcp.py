"""The start of a server on Google Cloud: read by a real shell, its secrets fetched from a stand-in on this machine."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from standfast.blueprint.gcp.compute.boot import startup_script
from standfast.blueprint.gcp.site import survey
from standfast.plan import Plan
from tests.blueprint.google import everything, small
from tests.blueprint.test_boot import here_document
from tests.programs import need

SERVICES = [(small, "web"), (small, "api"), *((everything, name) for name in ("front", "mail", "worker"))]


def script(plan: Plan, service: str) -> str:
    """The script with every reference replaced by a word that says what it was."""
    site = survey(plan)
    host = next(one for one in site.hosted if one.name == service)
    parts = startup_script(site, host).parts
    return "".join(one if isinstance(one, str) else getattr(one, "address", getattr(one, "name", "")) for one in parts)


@pytest.mark.real
@pytest.mark.parametrize(("plan", "service"), SERVICES)
def test_the_shell_can_read_it(plan, service: str, tmp_path: Path) -> None:
    path = tmp_path / "boot.sh"
    path.write_text(script(plan(), service))
    told = subprocess.run([need("bash", "bash"), "-n", path], capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")


def test_only_images_of_google_are_pulled_with_a_login() -> None:
    login = "docker-credential-gcr configure-docker --registries=europe-docker.pkg.dev"
    assert login in script(small(), "web") and "docker-credential-gcr" not in script(small(), "api")


def test_a_disk_that_stays_is_formatted_once_and_handed_to_the_container() -> None:
    text = script(everything(), "mail")
    assert 'blkid "$disk" || mkfs.ext4' in text and "--volume /var/lib/app:/data" in text
    assert "mkfs" not in script(everything(), "front")


class Google(BaseHTTPRequestHandler):
    """The metadata server and Secret Manager: a token for who may ask, a secret for who has the token."""

    secrets: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        if "service-accounts" in self.path and self.headers["Metadata-Flavor"] == "Google":
            return self._tell({"access_token": "a-token"})
        name = self.path.removeprefix("/v1/").removesuffix("/versions/latest:access")
        if self.headers["Authorization"] != "Bearer a-token" or name not in self.secrets:
            return self.send_error(403)
        return self._tell({"payload": {"data": base64.b64encode(self.secrets[name].encode()).decode()}})

    def _tell(self, document: object) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def google() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Google)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.real
def test_secrets_are_written_as_systemd_reads_them(google: str, tmp_path: Path) -> None:
    text = here_document(script(small(), "api"), "/etc/app-secrets.py")
    for there in ("http://metadata.google.internal", "https://secretmanager.googleapis.com"):
        assert there in text
        text = text.replace(there, google)
    program = tmp_path / "app-secrets.py"
    program.write_text(text.replace("/run/app/secrets", str(tmp_path / "secrets")))
    ends = ("orders_password", "orders_url", "orders_ca", "sessions_password", "sessions_url", "sessions_ca")
    Google.secrets = {f"google_secret_manager_secret.{one}": f'{one} "$x"' for one in ends}
    subprocess.run([sys.executable, program], check=True)
    told = (tmp_path / "secrets").read_text()
    assert told.splitlines() == [f'{one.upper()}="{one} \\"\\$x\\""' for one in ends]
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o600
    Google.secrets = {}
    assert subprocess.run([sys.executable, program], capture_output=True).returncode != 0  # the service waits
    assert (tmp_path / "secrets").read_text() == told
