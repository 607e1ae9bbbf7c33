"""Programs with one fault each: what the SDK under mocks, the strict check and the type checker tell together.

A check that cannot fail checks nothing. `faults.csv` holds the faults; what nobody tells is named here.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from standfast.code.pulumi import CLOUDS
from tests.code.pulumi import programs
from tests.code.pulumi.blueprints import small

FAULTS = list(csv.DictReader((programs.HERE / "faults.csv").open(encoding="utf-8", newline="")))
# The SDKs bridged from Terraform know few enumerations: what only the documentation lists passes all three.
MISSED = {f"{cloud}: a value the documentation does not list" for cloud in ("azure", "gcp")}


def named(fault: dict[str, str]) -> str:
    return f"{fault['cloud']}: {fault['fault']}"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Who tells of each fault: mocks (the SDK itself), strict, ty."""
    root = tmp_path_factory.mktemp("faults")
    found: dict[str, set[str]] = {}
    for cloud in CLOUDS:
        faults = [one for one in FAULTS if one["cloud"] == cloud]
        folders = [_spoilt(one, root / f"{cloud}-{number}") for number, one in enumerate(faults)]
        ran = programs.mocked(folders, [programs.settings(small(cloud))] * len(folders))
        for fault, folder, one in zip(faults, folders, ran, strict=True):
            found[named(fault)] = _tellers(one, folder)
    said = programs.ty(root)
    for cloud in CLOUDS:
        for number, fault in enumerate(one for one in FAULTS if one["cloud"] == cloud):
            if f"{cloud}-{number}/" in said:
                found[named(fault)].add("ty")
    return found


def _spoilt(fault: dict[str, str], folder: Path) -> Path:
    program = programs.write_program(small(fault["cloud"]), folder)
    file = program / fault["file"]
    text = file.read_text()
    assert fault["text"] in text, f"{named(fault)}: {fault['text']!r} is not in {fault['file']}"
    file.write_text(text.replace(fault["text"], fault["instead"], 1))
    return program


def _tellers(told: dict[str, Any], folder: Path) -> set[str]:
    return {name for name, said in (("mocks", told["error"]), ("strict", told["faults"])) if said}


@pytest.mark.real
def test_every_fault_is_told_but_those_named(told: dict[str, set[str]]) -> None:
    silent = {name for name, tellers in told.items() if not tellers}
    assert silent == {name for name in MISSED if name.split(":")[0] in CLOUDS}


@pytest.mark.real
def test_mocks_alone_would_not_do(told: dict[str, set[str]]) -> None:
    """Why there is a strict check: without it, more than what is missed now would pass."""
    alone = {name for name, tellers in told.items() if tellers == {"strict"}}
    assert "aws: a key misspelt in a dict for a block" in alone | {n for n, t in told.items() if "mocks" not in t}
    assert len({name for name, tellers in told.items() if "mocks" not in tellers}) > 5
