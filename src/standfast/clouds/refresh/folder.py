"""A catalog folder of the user's: written aside and put in place whole, and read back.

It has the layout of the shipped data (`clouds/tables.py`), so that `FileCatalog(cloud, folder)` reads it, and
`refreshed.csv` beside: what was read when. It is always the shipped data of this version with all prices that were read
laid over, so that a newer Standfast brings its newer figures. Prices of regions wait in `.<name>.partial` until all are
there.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from standfast.clouds import load_catalog
from standfast.clouds.checking import check_shipped
from standfast.clouds.model import Catalog
from standfast.clouds.refresh.merge import Line, Merged
from standfast.clouds.refresh.quote import Quote, number
from standfast.clouds.tables import DATA, FileCatalog, lock_of, rows
from standfast.files import write_atomically
from standfast.problem import Place, Problem, Problems, did_you_mean, quoted

RECORD = "refreshed.csv"  # its presence says that a folder is ours
LICENCE = "public price list"


def default_folder() -> Path:
    """Where a refreshed catalog lies unless the user names a folder: below $XDG_DATA_HOME, else ~/.local/share."""
    home = os.environ.get("XDG_DATA_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "share") / "standfast" / "catalog"


def catalog_in(folder: Path | str, cloud: str) -> Catalog:
    """The catalog of a cloud in a folder of the user's; the shipped one where the folder has none of that cloud.

    Raises Problems for a folder that holds no catalog at all, or one that another Standfast wrote in its own way.
    """
    folder = Path(folder)
    if not (folder / RECORD).is_file():
        fix = "name a folder that was written by: standfast catalog refresh --out DIR"
        raise Problems([Problem(f"{quoted(folder)} holds no catalog", fix=fix, place=Place(folder.name))])
    if not (folder / cloud / "regions.csv").is_file():
        return load_catalog(cloud)
    if _heads(folder, cloud) != _heads(DATA, cloud):
        why, fix = "this version keeps its figures in another way", "write it anew with standfast catalog refresh"
        raise Problems([Problem(f"{quoted(folder)} was written by another Standfast", why, fix, Place(folder.name))])
    return FileCatalog(cloud, folder)


def _heads(data: Path, cloud: str) -> dict[str, str]:
    """The first line of every file that a catalog is read from, but for those of regions."""
    paths = [data / "items.csv", data / "countries.csv", *(data / cloud).glob("*.csv")]
    return {path.name: path.open(encoding="utf-8").readline() for path in paths if path.is_file()}


def usable(folder: Path) -> None:
    """Raises Problems where a catalog must not be put: something else is there, or inside this package."""
    place = Place(folder.name)
    if DATA.parent.resolve() in (folder.resolve(), *folder.resolve().parents):
        fix = "name a folder of your own"
        raise Problems([Problem("the catalog of this package is not for writing", "", fix, place)])
    if folder.exists() and not (folder / RECORD).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        fix = "name an empty folder, or one that standfast catalog refresh wrote"
        raise Problems([Problem(f"{quoted(folder)} holds something else", "", fix, place)])


def tables_of(catalog: FileCatalog) -> dict[str, list[Line]]:
    """Every region's price file as lines."""
    return {region.name: _lines(catalog.folder / "prices" / f"{region.name}.csv") for region in catalog.regions()}


def _lines(path: Path) -> list[Line]:
    return [Line(*text.split(",")) for text in path.read_text(encoding="utf-8").splitlines()[1:]]


def chosen(catalog: FileCatalog, region: str | None) -> list[str]:
    """The regions to read: the one that was named, else all. Raises Problems for one that is not known."""
    known = [one.name for one in catalog.regions()]
    if region is not None and region not in known:
        what = f"the catalog of {catalog.cloud} has no region {quoted(region)}"
        raise Problems(
            [Problem(what, "it has no sizes, places and distances to put prices to", did_you_mean(region, known))]
        )
    return [region] if region is not None else known


def partial(folder: Path) -> Path:
    """Where prices wait until all that was asked for is there."""
    return folder.parent / f".{folder.name}.partial"


def keep(folder: Path, cloud: str, region: str, today: str, quotes: Iterable[Quote]) -> None:
    """Keep what was read of a region, for a run that goes on later the same day."""
    target = partial(folder) / cloud / f"{region}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(
        target, _csv((*Quote._fields, "read"), [(*one[:2], repr(one[2]), *one[3:], today) for one in quotes])
    )


def kept(folder: Path, cloud: str, region: str, today: str) -> list[Quote] | None:
    """What an earlier run of today read of a region; None where there is nothing, or it is damaged."""
    try:
        found = rows(partial(folder) / cloud / f"{region}.csv")
        quotes = []
        for row in found:
            usd = number(row["usd"])
            if row["read"] != today or usd is None or any(row[one] is None for one in Quote._fields):
                return None
            quotes.append(Quote(row["kind"], row["name"], usd, row["source"], row["date"], row["note"]))
    except (OSError, ValueError, KeyError, csv.Error):
        return None
    return quotes or None


def discard(folder: Path, cloud: str) -> None:
    """Forget what waited: it is in the catalog now."""
    shutil.rmtree(partial(folder) / cloud, ignore_errors=True)


def earlier(folder: Path, cloud: str) -> dict[str, tuple[str, list[Quote]]]:
    """What is in the folder of a cloud from earlier refreshes: region -> the day it was read, its prices."""
    found: dict[str, tuple[str, list[Quote]]] = {}
    try:
        record = [row for row in rows(folder / RECORD) if row["cloud"] == cloud]
        known = {row["id"]: row for row in rows(folder / cloud / "sources.csv") if row["licence"] == LICENCE}
        for row in record:
            lines = [
                line for line in _lines(folder / cloud / "prices" / f"{row['region']}.csv") if line.source in known
            ]
            found[row["region"]] = row["read"], [_as_quote(line, known[line.source]) for line in lines]
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return {}  # what cannot be read is read again
    return found


def _as_quote(line: Line, source: Mapping[str, str]) -> Quote:
    text, _, note = source["text"].partition("; ")
    return Quote(line.kind, line.name, float(line.usd), text, source["date"], note)


@dataclass(frozen=True)
class Content:
    """What a folder is to hold of one cloud: prices over the shipped ones, and when each region was read."""

    merged: Merged
    read: Mapping[str, str]  # region -> day


def put(folder: Path, contents: Mapping[str, Content]) -> None:
    """Write the folder aside, check it, and put it in place. Raises Problems; then nothing changed."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.new-") as aside:
            new = Path(aside) / "new"
            new.mkdir()
            shutil.copytree(DATA / "scores", new / "scores")
            for name in ("items.csv", "countries.csv"):
                shutil.copyfile(DATA / name, new / name)
            for cloud, content in sorted(contents.items()):
                _build(new, cloud, content.merged)
            table = [
                (cloud, region, day, str(content.merged.taken[region]))
                for cloud, content in sorted(contents.items())
                for region, day in sorted(content.read.items())
                if region in content.merged.tables
            ]
            (new / RECORD).write_text(_csv(("cloud", "region", "read", "prices"), table))
            _swap(new, folder, Path(aside) / "old")
    except OSError as error:
        why = error.strerror or str(error)
        fix = "make room, or name a folder you own with --out"
        raise Problems([Problem(f"could not write {quoted(folder)}", why, fix)]) from error


def _build(data: Path, cloud: str, merged: Merged) -> None:
    """The cloud's part of a folder. Raises Problems where it has faults that the shipped catalog has not."""
    shipped, target = FileCatalog(cloud), data / cloud
    shutil.copytree(shipped.folder, target)
    for region, lines in merged.tables.items():
        text = "\n".join(["kind,name,usd,source", *(",".join(line) for line in lines)]) + "\n"
        (target / "prices" / f"{region}.csv").write_text(text, encoding="utf-8", newline="\n")
    used = {line.source for path in (target / "prices").glob("*.csv") for line in _lines(path)}
    used |= {line.source for line in _lines(target / "global.csv")}
    sources = {row["id"]: tuple(row.values()) for row in rows(target / "sources.csv")}
    for name, (quality, text, date) in merged.sources.items():
        sources[name] = (name, quality, "1", "1", text, LICENCE, date)
    header = ("id", "quality", "low", "high", "text", "licence", "date")
    (target / "sources.csv").write_text(_csv(header, [sources[name] for name in sorted(used)]), encoding="utf-8")
    dates = sorted(sources[name][-1] for name in used)
    facts = [("lock", lock_of(data, cloud)), ("oldest", dates[0]), ("newest", dates[-1])]
    (target / "facts.csv").write_text(_csv(("fact", "value"), facts))
    known = {(one.what, one.place.file) for one in check_shipped(shipped)}
    problems = [one for one in check_shipped(FileCatalog(cloud, data)) if (one.what, one.place.file) not in known]
    if problems:
        raise Problems(problems)


def _swap(new: Path, folder: Path, old: Path) -> None:
    """Two renames; where the second fails, the first is undone."""
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise


def _csv(header: Collection[str], table: Iterable[Collection[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(table)
    return out.getvalue()
