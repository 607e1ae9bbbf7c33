"""Synthetic checks: what they promise, and what the real blackbox exporter makes of them over real TLS."""

from __future__ import annotations

import datetime
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from standfast.files import write_files
from standfast.plan import Plan
from standfast.watch import write_watch
from standfast.watch.probes import PLACES, probes_of
from standfast.watch.prometheus import as_yaml
from standfast.watch.prometheus.rules import rules
from standfast.watch.signals import signals_of
from tests.programs import need
from tests.shop import shop_plan
from tests.watch.test_sources import free_port


def with_public(*services: str, **performance: object) -> Plan:
    """The shop with these services open to users."""
    plan = shop_plan()
    changed = tuple(
        replace(one, public=one.name in services, traffic=0.7 if one.name == services[0] else 0.3)
        for one in plan.system.services
    )
    wanted = replace(plan.system.promises, performance=replace(plan.system.promises.performance, **performance))
    return replace(plan, system=replace(plan.system, services=changed, promises=wanted))


def test_each_public_service_is_asked_as_the_spec_says() -> None:
    (probe,) = probes_of(shop_plan())
    assert (probe.what, probe.status, probe.places) == ("GET /healthz of web", 200, ("DE", "FR"))
    assert probe.limits == ((0.95, 0.3),) and probe.address("shop.test") == "https://shop.test/healthz"
    assert probe.place.short == shop_plan().system.services[0].where("health").short and not probe.inside
    both = probes_of(with_public("api", "web", percentiles={"p99": 8.0, "p95": 0.3}))
    assert [one.address("shop.test") for one in both] == ["https://shop.test/healthz", "https://web.shop.test/healthz"]
    assert both[0].limits == ((0.95, 0.3), (0.99, 8.0)) and both[0].timeout == 16.0
    assert (both[0].every, probes_of(with_public("web", percentiles={"p95": 60.0}))[0].every) == (60, 180)
    many = with_public("web", users=dict.fromkeys(("PL", "AT", "DE", "CH"), 0.25))
    assert probes_of(many)[0].places == ("AT", "CH", "DE") and PLACES == 3
    assert probes_of(with_public("web", users={}))[0].places == ()


def test_a_system_that_is_asked_by_nobody_has_none() -> None:
    plan = shop_plan()
    closed = replace(plan, system=replace(plan.system, services=tuple(
        replace(one, public=False) for one in plan.system.services)))  # fmt: skip
    assert probes_of(closed) == ()
    files = {one.path: one.text for one in write_watch(closed)}
    assert not [path for path in files if "blackbox" in path]
    assert "OutsideFails" not in files["rules.yml"] and "own/endpoints" not in files["prometheus.yml"]


@pytest.mark.real
def test_alerts_from_outside_fire_when_every_place_fails(tmp_path: Path) -> None:
    """One place alone may be cut off itself; p95 of an hour's requests is slow once three of sixty were."""
    document = rules(shop_plan(), signals_of(shop_plan()))
    kept = [one for group in document["groups"] for one in group["rules"] if one.get("alert", "").startswith("Outside")]
    (tmp_path / "rules.yml").write_text(as_yaml({"groups": [{"name": "outside", "rules": kept}]}, "outside"))
    of = 'system="shop",service="web",instance="https://shop.test/healthz",place="{}"'
    series = [
        {"series": f"probe_success{{{of.format('DE')}}}", "values": "1x9 0x20 1x60"},
        {"series": f"probe_success{{{of.format('FR')}}}", "values": "1x4 0x25 1x60"},
    ]
    for phase, seconds in (("tls", "9x90"), ("transfer", "0.01x90"), ("processing", "0.1x59 0.5x1 0.1x9 0.5x1 0.1x20")):
        series.append(
            {"series": f'probe_http_duration_seconds{{{of.format("DE")},phase="{phase}"}}', "values": seconds}
        )
    fails = [("8m", 0), ("12m", 0), ("13m", 1), ("29m", 1), ("31m", 0)]  # nobody is answered from the 10th to the 30th
    slow = [("69m", 0), ("88m", 1)]  # from the 70th minute four of sixty are, held for a quarter of an hour
    tests = [
        {"expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)', "eval_time": at,
         "exp_samples": [{"labels": "{}", "value": count}]}
        for name, expected in (("OutsideFails", fails), ("OutsideSlow", slow)) for at, count in expected
    ]  # fmt: skip
    case = {"interval": "1m", "input_series": series, "promql_expr_test": tests}
    (tmp_path / "test.yml").write_text(yaml.safe_dump({"rule_files": ["rules.yml"], "tests": [case]}))
    ran = subprocess.run([need("promtool", "prometheus"), "test", "rules", "test.yml"], cwd=tmp_path,
                         capture_output=True, text=True, timeout=60)  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        code = {"/healthz": 200, "/broken": 500, "/moved": 302}[self.path]
        self.send_response(code)
        self.send_header("Content-Length", "0")
        if code == 302:
            self.send_header("Location", "/healthz")
        self.end_headers()

    def log_message(self, format: str, *words: object) -> None:
        pass


def certificate(folder: Path, days: int) -> tuple[Path, Path]:
    """One for 127.0.0.1 that ends in so many days, signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    import ipaddress

    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=90))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    public = folder / f"authority{days}.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both = folder / f"both{days}.pem"
    both.write_bytes(public.read_bytes() + private)
    return public, both


@contextmanager
def serving(both: Path | None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    if both:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def probed(exporter: int, address: str) -> dict[str, float]:
    """What the exporter says of one request to an address."""
    asked = urllib.parse.urlencode({"module": "web", "target": address})
    ends = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{exporter}/probe?{asked}", timeout=20) as answer:
                lines = answer.read().decode().splitlines()
            break
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert time.monotonic() < ends, "blackbox_exporter does not listen after 20 s"
            time.sleep(0.1)
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#")}


@pytest.mark.real
def test_the_real_exporter_tells_good_answers_from_bad(tmp_path: Path) -> None:
    exporter = need("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    write_files(write_watch(shop_plan()), tmp_path)
    (good, both), (old, expired) = certificate(tmp_path, 30), certificate(tmp_path, -1)
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(good.read_bytes() + old.read_bytes())
    port = free_port()
    words = [exporter, "--config.file=exporters/blackbox.yml", f"--web.listen-address=127.0.0.1:{port}"]
    with serving(both) as well, serving(expired) as late, serving(None) as plain:
        process = subprocess.Popen(words, cwd=tmp_path, env={"SSL_CERT_FILE": str(trusted)}, stderr=subprocess.DEVNULL)
        try:
            right = probed(port, f"https://127.0.0.1:{well}/healthz")
            wrong = {
                what: probed(port, address)["probe_success"]
                for what, address in {
                    "fails": f"https://127.0.0.1:{well}/broken",
                    "sends elsewhere": f"https://127.0.0.1:{well}/moved",
                    "shows an old certificate": f"https://127.0.0.1:{late}/healthz",
                    "is not encrypted": f"http://127.0.0.1:{plain}/healthz",
                    "is not there": f"https://127.0.0.1:{free_port()}/healthz",
                }.items()
            }
        finally:
            process.terminate()
            process.wait(10)
    assert right["probe_success"] == 1 and set(wrong.values()) == {0.0}, wrong
    left = right["probe_ssl_earliest_cert_expiry"] - time.time()
    assert 29 * 86_400 < left <= 30 * 86_400
    phases = {f'probe_http_duration_seconds{{phase="{one}"}}' for one in ("processing", "transfer")}
    assert phases <= set(right)


def test_targets_and_modules_are_of_one_another() -> None:
    files = {one.path: one.text for one in write_watch(with_public("web", "api"))}
    modules = yaml.safe_load(files["exporters/blackbox.yml"])["modules"]
    targets = yaml.safe_load(files["targets/public.yml"])
    assert {one["labels"]["module"] for one in targets} == {*modules} - {"read_certificate"} == {"web", "api"}
    assert [one["targets"] for one in targets] == [["https://api.YOUR-DOMAIN/healthz"], ["https://YOUR-DOMAIN/healthz"]]
    (job,) = [one for one in yaml.safe_load(files["prometheus.yml"])["scrape_configs"]
              if one["job_name"] == "own/endpoints"]  # fmt: skip
    slowest = max(float(one["timeout"][:-1]) for one in modules.values())
    assert slowest < float(job["scrape_timeout"][:-1]) < float(job["scrape_interval"][:-1])
