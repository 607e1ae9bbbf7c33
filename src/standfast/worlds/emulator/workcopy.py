"""The code as the emulator runs it: a copy of the user's Terraform folder, and one override file beside it.

The code users keep knows nothing of the emulator. What differs here is said in `standfast_override.tf`, which
Terraform merges over the code (developer.hashicorp.com/terraform/language/files/override), and in the
environment: the endpoint of every service, keys that are no keys, and a proxy that leads nowhere, so that no
call can leave this machine whatever the code says.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from standfast.files import write_atomically
from standfast.problem import Problem, Problems

STANDBY = "standby"  # the folder of another site's code, which has a state of its own
OVERRIDE = "standfast_override.tf"
FAKE_KEY = "emulator"  # signs requests to the emulator; the real AWS refuses it
NOWHERE_PROXY = "http://127.0.0.1:9"  # the discard port: nothing listens there; loopback calls need no proxy

PROVIDER = """\
provider "aws" {{
{alias}  access_key                  = "{key}"
  secret_key                  = "{key}"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  s3_use_path_style           = true
  max_retries                 = 3
}}
"""


def copy_code(code: Path, work: Path) -> None:
    """Make `work` hold exactly the code of `code`, and keep Terraform's own files there. Raises Problems."""
    if not any(code.glob("*.tf")):
        raise Problems([Problem(f"no Terraform code in {code}", fix="write it with: standfast build SPEC")])
    inside = [path for path in sorted(code.rglob("*")) if _is_code(path.relative_to(code))]
    wanted = {at: path for path in inside if (at := path.relative_to(code)).parts[0] != STANDBY}
    work.mkdir(parents=True, exist_ok=True)
    for old in sorted(work.rglob("*")):
        if _is_code(old.relative_to(work)) and old.is_file() and old.relative_to(work) not in wanted:
            old.unlink()
    for relative, path in wanted.items():
        if path.is_file():
            (work / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, work / relative)
    write_atomically(work / OVERRIDE, override(_aliases(wanted.values()), _guarded(wanted.values())))


def _is_code(relative: Path) -> bool:
    """Neither hidden, nor Terraform's own: state, plans, plugins."""
    return not any(part.startswith(".") for part in relative.parts) and not relative.name.endswith(
        (".tfstate", ".backup", ".tfplan")
    )


def override(aliases: Iterable[str], guarded: Iterable[str] = ()) -> str:
    """The override file: a local state, and for each provider configuration keys that are no keys.

    `guarded`: addresses that the code protects with `prevent_destroy`; in the emulator they may go.
    """
    parts = ['terraform {\n  backend "local" {\n    path = "terraform.tfstate"\n  }\n}\n']
    for alias in ("", *sorted(set(aliases))):
        line = f'  alias                       = "{alias}"\n' if alias else ""
        parts.append(PROVIDER.format(alias=line, key=FAKE_KEY))
    for address in sorted(set(guarded)):
        kind, _, name = address.partition(".")
        parts.append(f'resource "{kind}" "{name}" {{\n  lifecycle {{\n    prevent_destroy = false\n  }}\n}}\n')
    return "\n".join(parts)


def _documents(paths: Iterable[Path], word: str) -> Iterable[Mapping]:
    """The files that have the word, parsed."""
    import hcl2

    for path in paths:
        if path.suffix == ".tf" and path.is_file() and word in (text := path.read_text(encoding="utf-8")):
            try:
                yield hcl2.loads(text)
            except Exception as error:  # lark raises many kinds; Terraform itself says it better, with a place
                raise Problems([Problem(f"{path.name} is not Terraform code", str(error)[:300])]) from error


def _aliases(paths: Iterable[Path]) -> list[str]:
    blocks = [block for document in _documents(paths, "provider") for block in document.get("provider", [])]
    found = [settings.get("alias") for block in blocks for name, settings in block.items() if _bare(name) == "aws"]
    return [_bare(alias) for alias in found if alias]


def _guarded(paths: Iterable[Path]) -> list[str]:
    found = []
    for document in _documents(paths, "prevent_destroy"):
        for block in document.get("resource", []):
            for kind, named in block.items():
                for name, settings in named.items():
                    lives = settings.get("lifecycle", []) if isinstance(settings, dict) else []
                    if any(str(life.get("prevent_destroy")).lower() == "true" for life in lives):
                        found.append(f"{_bare(kind)}.{_bare(name)}")
    return found


def _bare(word: str) -> str:
    """A label as it is meant: the parser of some versions keeps the quotes."""
    return str(word).strip('"')


def code_stamp(work: Path) -> str:
    """Changes when `terraform init` must run again: with the providers or the backend the code names."""
    texts = [path.read_bytes() for path in sorted(work.glob("*.tf"))]
    needed = [text for text in texts if b"required_providers" in text or b"backend" in text or b"module" in text]
    return hashlib.sha256(b"\0".join(needed)).hexdigest()


def environment_for(url: str, environment: Mapping[str, str], values: Mapping[str, object]) -> dict[str, str]:
    """The environment of a run against the emulator at `url`: nothing of the user's AWS account is in it.

    `values` are the input variables that the code leaves to the user.
    """
    steers = ("AWS_", "TF_VAR_", "TF_LOG")
    proxies = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(steers) and name.lower() not in proxies
    }
    given = {f"TF_VAR_{name}": value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    return {
        **kept,
        **given,
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": FAKE_KEY,
        "AWS_SECRET_ACCESS_KEY": FAKE_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "HTTP_PROXY": NOWHERE_PROXY,
        "HTTPS_PROXY": NOWHERE_PROXY,
        "NO_PROXY": "127.0.0.1,localhost",
    }
