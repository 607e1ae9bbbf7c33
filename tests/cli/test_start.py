"""What a plan costs before any work is done: only what it uses is imported, and numpy starts no threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SPEC = """
system: small
promises:
  scalability: {peak: 60 rps}
  performance: {p95: 300 ms, users: {DE: 100%}}
rules: {clouds: [gcp], residency: DE}
services:
  web: {image: a/web:1, public: true, cpu: 9 ms, memory: 500 MiB}
"""
ASK = """
import os, sys
from standfast.__main__ import main
sys.argv = ["standfast", "plan", sys.argv[1], "--format", "json"]
main()
print(os.environ["OPENBLAS_NUM_THREADS"], *sys.modules, file=sys.stderr)
"""
UNUSED = {
    "boto3", "hcl2", "jinja2", "moto", "psycopg", "pydantic", "rich", "standfast.files",
    "standfast.clouds.own.lock", "standfast.clouds.own.reading",
}  # fmt: skip


@pytest.mark.parametrize("said", ["", "3"])
def test_a_plan_imports_only_what_it_uses(tmp_path: Path, said: str) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    surroundings = {name: word for name, word in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    surroundings |= {"OPENBLAS_NUM_THREADS": said} if said else {}
    words = [sys.executable, "-c", ASK, str(tmp_path / "spec.yaml")]
    done = subprocess.run(words, env=surroundings, capture_output=True, text=True, check=True)
    threads, *modules = done.stderr.split()
    assert threads == (said or "1"), "what the user set stands"
    assert {"numpy", "highspy"} <= set(modules)
    assert not UNUSED & set(modules)
