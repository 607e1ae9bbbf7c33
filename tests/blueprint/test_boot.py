"""The first start of a server: its script is run here, in pieces, with a stand-in for the cloud."""

from __future__ import annotations

import json
import os
import py_compile
import re
import subprocess
import sys
from pathlib import Path

import pytest

from standfast.blueprint import Join, Ref, Var
from standfast.blueprint.aws.servers.boot import user_data
from standfast.blueprint.aws.site import survey
from standfast.blueprint.boot import quoted
from tests.blueprint.shapes import everything
from tests.programs import need
from tests.shop import shop_plan


def script(plan, service: str) -> str:
    """The script with every reference replaced by a word that says what it was."""
    site = survey(plan)
    host = next(one for one in site.hosted if one.name == service)
    words = {Ref: lambda one: f"<{one.address}.{one.attribute}>", Var: lambda one: f"<{one.name}>", str: str}
    return "".join(words[type(part)](part) for part in _flat(user_data(site, host)))


def _flat(value):
    for part in value.parts:
        yield from _flat(part) if isinstance(part, Join) else (part,)


def here_document(text: str, path: str) -> str:
    found = re.search(rf"cat > {re.escape(path)} <<'(\w+)'\n(.*?)^\1$", text, re.S | re.M)
    assert found, path
    return found[2]


SERVICES = [(shop_plan, "web"), (shop_plan, "api"), *((everything, name) for name in ("front", "mail", "worker"))]


@pytest.mark.real
@pytest.mark.parametrize(("plan", "service"), SERVICES)
def test_the_shell_can_read_it(plan, service: str, tmp_path: Path) -> None:
    path = tmp_path / "boot.sh"
    path.write_text(script(plan(), service))
    told = subprocess.run([need("bash", "bash"), "-n", path], capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")


def test_a_service_without_secrets_reads_none() -> None:
    text = script(shop_plan(), "web")
    assert "app-secrets" not in text
    assert 'Environment="API_URL=https://api.internal.<domain>:8081"' in text
    assert "--env PORT \\\n  --env API_URL \\\n  ghcr.io/acme/web:1.4" in text


def test_images_of_the_account_are_pulled_with_its_login() -> None:
    text = script(everything(), "front")
    assert "aws ecr get-login-password --region eu-west-1 | /usr/bin/docker login --username AWS" in text
    assert "get-login-password" not in script(everything(), "cart")


def test_values_of_the_user_stay_inside_their_line() -> None:
    """systemd.syntax(7): backslash escapes inside double quotes; systemd.unit(5): % begins a specifier."""
    assert quoted('a "b" \\ $HOME `x` %n\n') == 'a \\"b\\" \\\\ $HOME `x` %%n\\x0a'
    text = script(everything(motto="""'UNIT "x" $(reboot) %n ${y}'"""), "front")
    unit = here_document(text, "/etc/systemd/system/app.service")
    assert 'Environment="MOTTO=UNIT \\"x\\" $(reboot) %%n ${y}"\n' in unit
    assert unit.rstrip().endswith("WantedBy=multi-user.target")


def test_what_the_spec_says_goes_before_what_is_derived() -> None:
    from standfast.blueprint.aws.servers.boot import environment

    spec = (
        "system: x\nservices:\n  a: {image: a, public: true, calls: [b], environment: {B_URL: mine}}\n  b: {image: b}\n"
    )
    from tests.blueprint.shapes import plan_of

    site = survey(plan_of(spec))
    assert environment(site, site.hosted[0]) == {"PORT": "8080", "B_URL": "mine"}
    stores = "stores:\n  b: {kind: postgres}\n"
    text = script(plan_of(spec.replace("  b: {image: b}\n", "") + stores), "a")
    assert 'for name in ["B_URL"]:' in text and text.count("--env B_URL") == 1


@pytest.mark.real
def test_secrets_are_written_as_systemd_reads_them(tmp_path: Path) -> None:
    """The script runs with a stand-in for `aws` and `systemctl`; once more changes nothing; a new password restarts."""
    need("bash", "bash")
    text = here_document(script(shop_plan(), "api"), "/etc/app-secrets.py")
    program = tmp_path / "app-secrets.py"
    program.write_text(text.replace("/run/app/secrets", str(tmp_path / "secrets")))
    py_compile.compile(str(program), doraise=True)
    for name, body in {
        "aws": 'for last; do :; done; cat "$FAKE/$(echo "$last" | tr -c "a-z\\n" _)"',
        "systemctl": 'echo "$@" >> "$FAKE/restarts"',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{body}\n")
        (tmp_path / name).chmod(0o755)

    def give(secret: str, value: str) -> None:
        (tmp_path / re.sub("[^a-z]", "_", secret)).write_text(json.dumps({"SecretString": value}))

    def run(*words: str) -> str:
        env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "FAKE": str(tmp_path)}
        subprocess.run([sys.executable, program, *words], env=env, check=True)
        return (tmp_path / "secrets").read_text()

    database = "<aws_db_instance.orders.master_user_secret[0].secret_arn>"
    give(database, json.dumps({"username": "app_admin", "password": 'p$"\\`/@ s'}))
    give("<aws_secretsmanager_secret.sessions.arn>", "abc123")
    first = run()
    cache = "<aws_elasticache_replication_group.sessions.primary_endpoint_address>"
    assert first.splitlines() == [
        'ORDERS_USER="app_admin"',
        'ORDERS_PASSWORD="p\\$\\"\\\\\\`/@ s"',
        'ORDERS_URL="postgresql://app_admin:p%24%22%5C%60%2F%40%20s@<aws_db_instance.orders.address>:5432/app?sslmode=require"',
        'SESSIONS_PASSWORD="abc123"',
        f'SESSIONS_URL="rediss://:abc123@{cache}:6379"',
    ]
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o600
    assert run("--restart") == first and not (tmp_path / "restarts").exists()
    give(database, json.dumps({"username": "app_admin", "password": "new"}))
    assert 'ORDERS_PASSWORD="new"' in run("--restart")
    assert (tmp_path / "restarts").read_text() == "try-restart app.service\n"
