"""Programs and provider plugins of others: how they are found, asked for their version, and configured.

One way for every program: what the user named with an option, then an environment variable, then PATH,
else a Problem that says what to install.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from standfast.problem import Problem, Problems, quoted

TERRAFORM = ("terraform", "tofu")  # OpenTofu reads the same code
# Terraform and its providers hold large schemas which Go's collector walks again and again: let garbage grow first, up
# to a GiB. A plan over the AWS provider took 2.9 s of processor instead of 3.8 (measured 2026-11-28).
GO = {"GOGC": "400", "GOMEMLIMIT": "1GiB"}
INSTALL_TERRAFORM = "install Terraform 1.9 or newer (developer.hashicorp.com/terraform/install) or OpenTofu"
MIRROR_VARIABLE = "STANDFAST_PLUGIN_MIRROR"
HOSTS = ("registry.terraform.io", "registry.opentofu.org")  # the first folder level of a mirror


def find_program(
    names: str | Sequence[str], *, option: str | Path | None = None, env: str | None = None, install: str = ""
) -> Path:
    """The program the user named, else the one that variable `env` names, else the first of `names` on PATH.

    Raises Problems when what was named cannot be run, or nothing is found; `install` says what to do then.
    """
    names = (names,) if isinstance(names, str) else tuple(names)
    fix = install or f"install {' or '.join(names)}, so that it is on PATH"
    for said, where in ((option, "the option"), (os.environ.get(env) if env else None, str(env))):
        if said:
            found = shutil.which(str(said))
            if found is None:
                raise Problems([Problem(f"{where} names {quoted(said)}, which is not a program", fix=fix)])
            return Path(found)
    for name in names:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    raise Problems([Problem(f"{' or '.join(names)} is not on PATH", fix=fix)])


def find_terraform(option: str | Path | None = None) -> Path:
    """Terraform or OpenTofu: the option, the variable STANDFAST_TERRAFORM, then PATH. Raises Problems."""
    return find_program(TERRAFORM, option=option, env="STANDFAST_TERRAFORM", install=INSTALL_TERRAFORM)


@lru_cache(maxsize=64)
def program_version(program: Path, argument: str = "--version") -> str:
    """What the program says its version is (`1.11.4`), recorded with every measurement. Raises Problems."""
    without = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    try:
        told = subprocess.run(
            [program, argument], capture_output=True, text=True, timeout=60, env={**without, "CHECKPOINT_DISABLE": "1"}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Problems([Problem(f"{program} does not run", str(error), "install it again")]) from error
    found = re.search(r"\d+(\.\d+)+\S*", told.stdout + told.stderr)
    if told.returncode or not found:
        why = (told.stderr or told.stdout).strip().splitlines()[-1:] or ["it printed nothing"]
        raise Problems([Problem(f"{program} does not tell its version", why[0], "install it again")])
    return found.group().rstrip(",;)")


def plugin_mirror(option: str | Path | None = None) -> Path | None:
    """A folder with provider plugins, so that Terraform needs no network; None where there is none.

    Looked for in this order: the option, the variable STANDFAST_PLUGIN_MIRROR, the folders Terraform itself
    looks in (developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories), and
    the add-on folders of the system. Raises Problems when a folder the user named holds no plugins.
    """
    for said, where in ((option, "the option"), (os.environ.get(MIRROR_VARIABLE), MIRROR_VARIABLE)):
        if said:
            folder = Path(said).expanduser().absolute()
            if not mirrored(folder):
                why = f"a mirror holds folders such as {HOSTS[0]}/hashicorp/aws"
                fix = "make one with: terraform providers mirror DIR"
                raise Problems([Problem(f"{where} names {quoted(said)}, which is no plugin mirror", why, fix)])
            return folder
    return next((folder for folder in _usual_mirrors() if _has_aws(folder)), None)


def mirrored(folder: Path) -> tuple[str, ...]:
    """The providers in a mirror, packed or unpacked: `registry.terraform.io/hashicorp/aws`, sorted."""
    found = [path for host in HOSTS for path in folder.glob(f"{host}/*/*") if path.is_dir()]
    return tuple(sorted(path.relative_to(folder).as_posix() for path in found))


def _has_aws(folder: Path) -> bool:
    return any((folder / host / "hashicorp" / "aws").is_dir() for host in HOSTS)


def _usual_mirrors() -> list[Path]:
    home, local = Path.home(), ("/usr/local/share", "/usr/share")
    shares = [os.environ.get("XDG_DATA_HOME") or home / ".local/share", *local]
    implied = [home / ".terraform.d/plugins", *(Path(share) / "terraform/plugins" for share in shares)]
    return [*implied, *sorted(path for path in Path("/opt").glob("*") if path.is_dir())]


def terraform_environment(work: Path, mirror: Path | None = None) -> dict[str, str]:
    """The environment to run Terraform with, complete. May write `plugins.tfrc` into the folder `work`.

    A CLI configuration the user has is left alone. Where there is none and a plugin mirror is found (or given),
    the providers in it are taken from it and all others from their registry.
    """
    kept = {name: value for name, value in os.environ.items() if not _steers(name)}
    ready = {**GO, **kept, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    theirs = _user_configuration(os.environ)
    if theirs is not None and mirror is None:
        return {**ready, "TF_CLI_CONFIG_FILE": str(theirs)}
    mirror = mirror or plugin_mirror()
    if mirror is not None:
        work.mkdir(parents=True, exist_ok=True)
        configuration = (work / "plugins.tfrc").absolute()
        configuration.write_text(mirror_configuration(mirror), encoding="utf-8")
        ready["TF_CLI_CONFIG_FILE"] = str(configuration)
    return ready


def mirror_configuration(mirror: Path) -> str:
    """A CLI configuration that takes the mirror's providers from it and never asks a registry for those."""
    path = _escaped(str(mirror))
    names = ", ".join(f'"{_escaped(name)}"' for name in mirrored(mirror))
    return (
        "provider_installation {\n"
        f'  filesystem_mirror {{\n    path    = "{path}"\n    include = [{names}]\n  }}\n'
        f"  direct {{\n    exclude = [{names}]\n  }}\n"
        "}\n"
    )


def _escaped(text: str) -> str:
    """A string of HCL version 1, in which the CLI configuration is written: it knows no templates to escape."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _steers(name: str) -> bool:
    """Variables that would change what a run of ours does or prints, or that name a file that may not exist."""
    return name.startswith("TF_CLI_ARGS") or name in ("TF_CLI_CONFIG_FILE", "TF_WORKSPACE", "TF_DATA_DIR")


def _user_configuration(environment: Mapping[str, str]) -> Path | None:
    named = environment.get("TF_CLI_CONFIG_FILE")
    usual = [Path(named)] if named else [Path.home() / ".terraformrc", Path.home() / ".tofurc"]
    return next((path.absolute() for path in usual if path.is_file()), None)
