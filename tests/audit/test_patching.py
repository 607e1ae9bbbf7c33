"""What hosts lack, asked by the real Ansible of the real apt over lists of our own, and read into the register."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from standfast.audit.vulnerabilities import due, overdue, read_scan
from standfast.cli import run
from standfast.code.ansible import PROJECT
from standfast.ledger import entries
from standfast.problem import Problems
from tests.programs import ansible, need
from tests.shop import EXAMPLES

SHOP = str(EXAMPLES / "shop.yaml")
INSTALLED = {"openssl": "3.0.1", "bash": "5.2-1", "tzdata": "2026a"}
OFFERED = {"debian-security": {"openssl": "3.0.2"}, "debian": {"bash": "5.2-2", "tzdata": "2026a"}}


def package(name: str, version: str, *lines: str) -> str:
    about = ("Architecture: all", "Maintainer: nobody <nobody@example.com>", "Description: a test", *lines)
    return "\n".join((f"Package: {name}", f"Version: {version}", *about)) + "\n"


def apt(folder: Path) -> dict[str, str]:
    """The settings of an apt that knows three packages and two archives, one of them for security, all in a folder."""
    for one in ("state/lists/partial", "cache/archives/partial", "etc"):
        (folder / one).mkdir(parents=True)
    sources = []
    for archive, offered in OFFERED.items():
        place = folder / archive
        place.mkdir()
        told = "\n".join(
            package(name, version, f"Filename: ./{name}.deb", "Size: 1", f"SHA256: {'0' * 64}")
            for name, version in offered.items()
        )
        (place / "Packages").write_text(told)
        label = "Debian-Security" if "security" in archive else "Debian"
        digest = f" {hashlib.sha256(told.encode()).hexdigest()} {len(told)} Packages"
        (place / "Release").write_text(f"Origin: Debian\nLabel: {label}\nSuite: stable\nSHA256:\n{digest}\n")
        sources.append(f"deb [trusted=yes] file:{place} ./")
    (folder / "etc" / "sources.list").write_text("\n".join(sources) + "\n")
    states = (package(name, version, "Status: install ok installed") for name, version in INSTALLED.items())
    (folder / "status").write_text("\n".join(states))
    settings = {
        "Dir::State": folder / "state", "Dir::State::status": folder / "status", "Dir::Cache": folder / "cache",
        "Dir::Etc": folder / "etc", "APT::Sandbox::User": "root",
    }  # fmt: skip
    (folder / "apt.conf").write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()))
    return {**os.environ, "APT_CONFIG": str(folder / "apt.conf")}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the project's own playbook wrote down of two hosts on loopback."""
    get, play = need("apt-get", "apt (Debian, Ubuntu)"), ansible("ansible-playbook")
    folder = tmp_path_factory.mktemp("patching")
    environment = {**apt(folder), "ANSIBLE_LOCALHOST_WARNING": "False", "HOME": str(folder)}
    subprocess.run([get, "-qq", "update"], env=environment, check=True, capture_output=True, timeout=60)
    project = folder / "project"
    (project / "files").mkdir(parents=True)
    for name in ("facts.yml", "files/updates.py"):
        (project / name).write_bytes((PROJECT / name).read_bytes())
    how = f"ansible_host=127.0.0.1 ansible_connection=local ansible_python_interpreter={sys.executable}"
    hosts = "".join(f"{name} {how}\n" for name in ("web-1", "api-1"))
    (project / "hosts").write_text(hosts)
    done = subprocess.run(
        [play, "-i", "hosts", "facts.yml"], cwd=project, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return project / "facts"


@pytest.mark.real
def test_what_hosts_lack_comes_from_ansible_into_the_register(
    facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scan = read_scan(facts / "web-1.json")
    assert (scan.tool, scan.subject) == ("ansible", "web-1")
    told = [(one.id, one.package, one.version, one.fixed) for one in scan.found if one.id == "security update"]
    assert told == [("security update", "openssl", "3.0.1", "3.0.2")], "bash is old, and no matter of security"
    out = tmp_path / "out"
    assert run(["evidence", "scan", SHOP, str(facts), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "ansible on api-1" in said and "openssl 3.0.1  fixed in 3.0.2" in said
    records = entries(out / "ledger.sqlite")
    assert [one.subject for one in records] == ["api-1", "web-1"]
    day = date.fromisoformat(records[0].at[:10]) + timedelta(days=31)
    late = overdue(records, day)
    assert late is not None and late.value >= 2, "a month later both are overdue"
    assert {one.subject for one in due(records, day) if one.overdue(day)} == {"api-1", "web-1"}


def told(**more: Any) -> dict[str, Any]:
    updates = {"asked": "2026-11-28T10:00:00Z", "lists": "2026-11-27T10:00:00Z", "lacking": [], "restart": False} | more
    system = {"ansible_distribution": "Debian", "ansible_distribution_version": "12.9"}
    return {"host": "web-1", "ansible_facts": {**system, "ansible_local": {"updates": updates}}}


def read(tmp_path: Path, document: Any) -> Any:
    path = tmp_path / "web-1.json"
    path.write_text(json.dumps(document))
    return read_scan(path)


def test_a_host_that_cannot_tell_is_no_clean_host(tmp_path: Path) -> None:
    assert read(tmp_path, told()).found == ()
    for document, why in (
        ({"host": "web-1", "ansible_facts": {}}, "say nothing of updates"),
        (told(lists=""), "no lists of packages"),
        (told(lists="2026-11-01T10:00:00Z"), "are of 2026-11-01"),
    ):
        with pytest.raises(Problems, match=why):
            read(tmp_path, document)


def test_a_release_without_updates_lacks_nothing_that_apt_knows_and_is_found(tmp_path: Path) -> None:
    document = told(restart=True)
    document["ansible_facts"]["ansible_distribution_version"] = "11.11"
    assert [(one.id, one.package, one.version) for one in read(tmp_path, document).found] == [
        ("restart", "what was updated", ""), ("no more updates", "Debian", "11"),
    ]  # fmt: skip
    document["ansible_facts"] |= {"ansible_distribution": "Ubuntu", "ansible_distribution_version": "24.04"}
    assert [one.id for one in read(tmp_path, document).found] == ["restart"]


def test_what_attackers_use_in_what_is_open_has_three_days(tmp_path: Path) -> None:
    """web is open to the internet in the shop, api is not."""
    report, known, out = tmp_path / "trivy.json", tmp_path / "kev.json", tmp_path / "out"
    found = {"VulnerabilityID": "CVE-2026-2", "PkgName": "zlib", "InstalledVersion": "1", "Severity": "LOW"}
    report.write_text(json.dumps({"SchemaVersion": 2, "ArtifactName": "x", "Results": [{"Vulnerabilities": [found]}]}))
    known.write_text(json.dumps({"vulnerabilities": [{"cveID": "CVE-2026-2"}]}))
    for subject in ("web", "web-1", "api", "website"):
        words = ["--subject", subject, "--exploited", str(known), "--out", str(out)]
        assert run(["evidence", "scan", SHOP, str(report), *words]) == 0
    records = entries(out / "ledger.sqlite")
    days = {
        one.subject: (date.fromisoformat(one.until) - date.fromisoformat(one.since)).days
        for one in due(records, date.fromisoformat(records[-1].at[:10]))
    }
    assert days == {"web": 3, "web-1": 3, "api": 14, "website": 14}


def test_one_report_that_cannot_be_read_keeps_no_other_from_the_register(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "facts"
    folder.mkdir()
    (folder / "a.json").write_text("{}")
    (folder / "b.json").write_text(json.dumps(told()))
    assert run(["evidence", "scan", SHOP, str(folder), "--out", str(tmp_path / "out")]) == 1
    assert "a.json" in capsys.readouterr().err
    assert [one.subject for one in entries(tmp_path / "out" / "ledger.sqlite")] == ["web-1"]
