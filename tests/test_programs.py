"""Programs and plugin mirrors are found in the documented order, and what is missing is a Problem."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from standfast import programs
from standfast.problem import Problems
from tests.programs import need


def program(folder: Path, name: str, says: str = "tool 1.2.3") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def mirror(folder: Path) -> Path:
    (folder / "registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64").mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """No program, home or variable of this machine is seen."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in (programs.MIRROR_VARIABLE, "TF_CLI_CONFIG_FILE", "XDG_DATA_HOME", "STANDFAST_TERRAFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(programs, "_usual_mirrors", lambda: [Path.home() / ".terraform.d/plugins"])


def test_option_before_variable_before_path(tmp_path, monkeypatch):
    by_option, by_variable, on_path = (program(tmp_path / where, "tool") for where in "abc")
    monkeypatch.setenv("PATH", str(on_path.parent))
    monkeypatch.setenv("TOOL", str(by_variable))
    assert programs.find_program("tool", option=by_option, env="TOOL") == by_option
    assert programs.find_program("tool", env="TOOL") == by_variable
    assert programs.find_program(("other", "tool"), env="ELSE") == on_path


def test_a_missing_program_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problems) as caught:
        programs.find_terraform()
    assert "terraform or tofu is not on PATH" in str(caught.value)
    assert "OpenTofu" in str(caught.value)
    with pytest.raises(Problems, match="which is not a program"):
        programs.find_program("tool", option=tmp_path / "absent")


def test_version(tmp_path):
    assert programs.program_version(program(tmp_path, "one", "OpenTofu v1.9.0\non linux")) == "1.9.0"
    with pytest.raises(Problems, match="does not tell its version"):
        programs.program_version(program(tmp_path, "two", "hello"))


def test_mirror_by_option_variable_and_home(tmp_path, monkeypatch):
    assert programs.plugin_mirror() is None
    usual = mirror(tmp_path / "home/.terraform.d/plugins")
    assert programs.plugin_mirror() == usual
    named = mirror(tmp_path / "named")
    monkeypatch.setenv(programs.MIRROR_VARIABLE, str(named))
    assert programs.plugin_mirror() == named
    assert programs.plugin_mirror(usual) == usual
    with pytest.raises(Problems, match="no plugin mirror"):
        programs.plugin_mirror(tmp_path)


def test_the_users_configuration_is_respected_only_where_it_exists(tmp_path, monkeypatch):
    mirror(tmp_path / "home/.terraform.d/plugins")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "absent"))
    monkeypatch.setenv("TF_CLI_ARGS_plan", "-destroy")
    ready = programs.terraform_environment(tmp_path / "work")
    assert ready["TF_CLI_CONFIG_FILE"] == str(tmp_path / "work/plugins.tfrc")
    assert "TF_CLI_ARGS_plan" not in ready
    theirs = tmp_path / "theirs"
    theirs.write_text("")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(theirs))
    assert programs.terraform_environment(tmp_path / "work")["TF_CLI_CONFIG_FILE"] == str(theirs)


@pytest.mark.real
def test_terraform_reads_the_configuration_and_asks_no_registry(tmp_path):
    """The mirror holds a provider that cannot run: init must get as far as finding it there."""
    terraform = need("terraform", "Terraform")
    odd = mirror(tmp_path / 'odd "${name}" %{x}')
    (odd / "registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64/terraform-provider-aws_v5.100.0").write_text("")
    code = tmp_path / "code"
    code.mkdir()
    (code / "main.tf").write_text(
        'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
    )
    ready = programs.terraform_environment(tmp_path / "work", odd)
    told = subprocess.run([terraform, "init", "-no-color"], cwd=code, env=ready, capture_output=True, text=True)
    assert "Finding latest version of hashicorp/aws" in told.stdout
    assert "v5.100.0" in told.stdout + told.stderr
