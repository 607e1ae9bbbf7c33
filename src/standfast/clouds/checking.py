"""Is the catalog sound? The rules of `cleaning` on the shipped files, or on a price file of the user's.

Every finding is a Problem with file and line. A price file of the user's is a CSV with the columns region, kind,
name and usd (more columns are let be): negotiated prices, or a dump that wants to be looked at.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from math import nan
from pathlib import Path

from standfast.clouds.cleaning import Key, Row, far, suspects
from standfast.clouds.tables import KINDS, FileCatalog, lock_of
from standfast.problem import Place, Problem, Problems, did_you_mean, quoted

COLUMNS = ("region", "kind", "name", "usd")
LARGEST = 50_000_000  # bytes of a price file

Lines = dict[Key, list[int]]  # the lines that state a price


def check_shipped(catalog: FileCatalog) -> list[Problem]:
    """Every fault of the catalog's own files: changed since written, absurd prices, gaps."""
    problems = []
    if lock_of(catalog.data, catalog.cloud) != catalog.facts()["lock"]:
        why = "a data file was changed by hand, or the package is damaged"
        fix = "install it again, or write the files with scripts/regen_catalog.py"
        problems.append(Problem("the catalog's files are not those its lock names", why, fix))
    found: list[Row] = []
    lines: dict[Key, list[tuple[str, int]]] = {}
    files = {"global": catalog.folder / "global.csv"}
    files.update({region.name: catalog.folder / "prices" / f"{region.name}.csv" for region in catalog.regions()})
    sold: dict[str, set[str]] = {}
    for region, path in files.items():
        shown = path.relative_to(catalog.data).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()[1:], start=2):
            kind, name, usd, _ = line.split(",")
            row = Row(region, kind, name, _number(usd))
            found.append(row)
            lines.setdefault(row.key, []).append((shown, number))
            sold.setdefault(region, set()).add(name if kind == "item" else kind)
    wanted = {*KINDS, *catalog.item_units} - sold["global"] - catalog.free.keys() - catalog.unsold.keys()
    for region in sold.keys() - {"global"}:
        alone = catalog.region(region).zones < 2
        missing = sorted(one for one in wanted - sold[region] if not (alone and one.endswith("-multi-az")))
        problems += [
            Problem(f"{region} sells no {one}", place=Place(f"{catalog.cloud}/prices/{region}.csv")) for one in missing
        ]
    for key, why in suspects(found, catalog.words).items():
        problems += [Problem(why, place=Place(*place)) for place in lines[key]]
    return sorted(problems, key=lambda problem: problem.place)


def check_file(path: Path, catalog: FileCatalog) -> list[Problem]:
    """Every fault of a price file of the user's. Raises Problems when it cannot be read at all."""
    shown = path.name
    found, lines, problems = [], Lines(), []
    for number, cells in _read(path):
        region, kind, name, usd = (cells.get(column) or "" for column in COLUMNS)
        place = Place(shown, number)
        row = Row(region, kind, name, _number(usd))
        unknown = _unknown(row, catalog)
        if unknown:
            problems.append(Problem(unknown[0], fix=unknown[1], place=place))
            continue
        found.append(row)
        lines.setdefault(row.key, []).append(number)
        usual = _listed(row, catalog)
        if usual and row.usd > 0 and far(kind, row.usd, usual):
            what = f"{kind} {name} in {region} costs {row.usd:g}, the list price is about {usual:.4g}"
            problems.append(Problem(what, place=place))
    already = {problem.place.line for problem in problems}
    for key, why in suspects(found, catalog.words).items():
        problems += [Problem(why, place=Place(shown, n)) for n in lines[key] if n not in already]
    return sorted(problems, key=lambda problem: problem.place)


def _read(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    """(line, cells) of a CSV file with at least `COLUMNS`."""
    place = Place(path.name)
    try:
        if path.stat().st_size > LARGEST:
            raise Problems([Problem("the price file is too large", f"more than {LARGEST:,} bytes", place=place)])
        reader = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(), strict=True)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            fix = f"the first line names the columns: {','.join(COLUMNS)}"
            raise Problems([Problem(f"the price file has no column {', '.join(missing)}", fix=fix, place=place)])
        return [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Problems([Problem(f"cannot read the price file {quoted(path)}", str(error), place=place)]) from error


def _unknown(row: Row, catalog: FileCatalog) -> tuple[str, str] | None:
    """What a row names that the catalog does not know, and what is known."""
    regions = [region.name for region in catalog.regions()]
    if row.region not in regions:
        return f"no region {quoted(row.region)}", did_you_mean(row.region, regions)
    if row.kind not in (*KINDS, "item"):
        return f"nothing is sold as {quoted(row.kind)}", did_you_mean(row.kind, (*KINDS, "item"))
    known = catalog.listed(row.region, row.kind)
    return None if row.name in known else (f"no {row.kind} {quoted(row.name)} in {row.region}", _near(row.name, known))


def _near(name: str, known: Iterable[str]) -> str:
    near = did_you_mean(name, known)
    return near if near.startswith("did you") else "see: standfast catalog --region REGION --kind KIND"


def _listed(row: Row, catalog: FileCatalog) -> float:
    return catalog.listed(row.region, row.kind).get(row.name, 0.0)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan
