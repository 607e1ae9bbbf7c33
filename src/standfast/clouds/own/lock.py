"""A lock file: which prices a plan was made with, by hash, so that later ones never change it silently.

The hash of an overlay covers the price file and the commitment, too. The file has no clock in it: the same prices give
the same bytes.

    {"catalogs": {"aws": {"lock": "sha256:…", "oldest": "2024-07-01", "newest": "2026-10-01"}}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from standfast.files import write_atomically
from standfast.problem import Place, Problem, Problems, quoted
from standfast.spec.document import shown_name

Facts = Mapping[str, Mapping[str, str]]  # cloud -> `Catalog.facts()`

LARGEST = 100_000  # bytes; a lock of three clouds has 500
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_DATE = re.compile(r"[0-9-]{4,10}")
FIX = "accept today's prices with --relock, or plan with the catalog and price file of the lock"


def hold_lock(path: Path | str, facts: Facts, *, relock: bool = False) -> str:
    """Hold a plan to its lock file: write it where there is none or `relock` says so, else compare.

    Returns "written", "held" or "replaced". Raises Problems where prices differ from the lock, or it cannot be used.
    """
    path = Path(path)
    there = path.exists()
    if there and not relock:
        check_lock(path, facts)
        return "held"
    write_lock(path, facts)
    return "replaced" if there else "written"


def check_lock(path: Path, facts: Facts) -> None:
    """Raises Problems, one per cloud, where these are not the prices of the lock."""
    known = read_lock(path)
    problems = list(_differences(known, facts, Place(shown_name(path))))
    if problems:
        raise Problems(problems)


def write_lock(path: Path, facts: Facts) -> None:
    """Write the lock of these prices. Raises Problems where the disk refuses."""
    catalogs = {cloud: {key: one[key] for key in ("lock", "oldest", "newest")} for cloud, one in sorted(facts.items())}
    try:
        write_atomically(path, json.dumps({"catalogs": catalogs}, indent=1) + "\n")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Problems([Problem(f"could not write {quoted(path)}", why, "name a file in a folder you own")]) from error


def read_lock(path: Path) -> dict[str, dict[str, str]]:
    """The facts of each cloud that a lock names. Raises Problems for a file that is no lock."""
    place = Place(shown_name(path))
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Problems([Problem(f"cannot read {quoted(path)}", why, place=place)]) from error
    try:
        read = json.loads(text.decode("utf-8")) if len(text) <= LARGEST else None
    except (ValueError, RecursionError):
        read = None
    catalogs = read.get("catalogs") if isinstance(read, dict) else None
    if not isinstance(catalogs, dict) or not catalogs or not all(map(_sound, catalogs.values())):
        fix = "check that it is the right file; write it anew with --relock"
        raise Problems([Problem(f"{quoted(path.name)} is not a lock of prices", "", fix, place)])
    return catalogs


def _sound(one: object) -> bool:
    if not isinstance(one, dict):
        return False
    forms = {"lock": _HASH, "oldest": _DATE, "newest": _DATE}
    return all(isinstance(one.get(key), str) and form.fullmatch(one[key]) for key, form in forms.items())


def _differences(known: Facts, facts: Facts, place: Place) -> Iterator[Problem]:
    for cloud, now in sorted(facts.items()):
        then = known.get(cloud)
        if then is None:
            why = f"it was made of {', '.join(sorted(known))}"
            yield Problem(f"the lock says nothing of {cloud}'s prices", why, "add them with --relock", place)
        elif then["lock"] != now["lock"]:
            why = f"locked: {_told(then)}; now: {_told(now)}"
            yield Problem(f"{cloud}'s prices are not those of the lock", why, FIX, place)


def _told(facts: Mapping[str, str]) -> str:
    return f"{facts['lock']} (prices of {facts['oldest']} to {facts['newest']})"
