"""A catalog folder of the user's: written aside and put in place whole, and read back.

It has the layout of the shipped data (`clouds/tables.py`), so that `FileCatalog(cloud, folder)` reads it, and
`refreshed.csv` beside: what was read when. Prices of a region that are not ready yet wait in `.<name>.partial`.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
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

    Raises Problems for a folder that holds no catalog at all.
    """
    folder = Path(folder)
    if not (folder / RECORD).is_file():
        fix = "name a folder that was written by: standfast catalog refresh --out DIR"
        raise Problems([Problem(f"{quoted(folder)} holds no catalog", fix=fix, place=Place(folder.name))])
    return FileCatalog(cloud, folder) if (folder / cloud / "regions.csv").is_file() else load_catalog(cloud)


def usable(folder: Path) -> None:
    """Raises Problems where a catalog must not be put: something else is there, or inside this package."""
    place = Place(folder.name)
    if DATA.parent.resolve() in (folder.resolve(), *folder.resolve().parents):
        fix = "name a folder of your own"
        raise Problems([Problem("the catalog of this package is not for writing", "", fix, place)])
    if folder.exists() and not (folder / RECORD).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        fix = "name an empty folder, or one that standfast catalog refresh wrote"
        raise Problems([Problem(f"{quoted(folder)} holds something else", "", fix, place)])


def base_of(folder: Path, cloud: str) -> FileCatalog:
    """What new prices go into: the folder's own catalog, else the shipped one."""
    own = (folder / cloud / "regions.csv").is_file()
    return FileCatalog(cloud, folder) if own else FileCatalog(cloud)


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


def put(folder: Path, base: FileCatalog, merged: Merged, today: str) -> FileCatalog:
    """Write the catalog aside, check it, and put it in the folder's place. Raises Problems; then nothing changed."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.new-") as aside:
            new = Path(aside) / "new"
            _build(new, folder, base, merged, today)
            _swap(new, folder, Path(aside) / "old")
        shutil.rmtree(partial(folder) / base.cloud, ignore_errors=True)
    except OSError as error:
        why = error.strerror or str(error)
        fix = "make room, or name a folder you own with --out"
        raise Problems([Problem(f"could not write {quoted(folder)}", why, fix)]) from error
    return FileCatalog(base.cloud, folder)


def _build(new: Path, folder: Path, base: FileCatalog, merged: Merged, today: str) -> None:
    """The whole folder as it is to be. Raises Problems where its catalog has faults that the base has not."""
    if folder.exists():
        shutil.copytree(folder, new)
    _copy(base, new)
    _write(new / base.cloud, base.cloud, new, merged)
    _record(new, base.cloud, merged, today)
    known = {(one.what, one.place.file) for one in check_shipped(base)}
    problems = [one for one in check_shipped(FileCatalog(base.cloud, new)) if (one.what, one.place.file) not in known]
    if problems:
        raise Problems(problems)


def _copy(base: FileCatalog, new: Path) -> None:
    """All that a catalog needs beside prices, from where the base has it."""
    if (new / base.cloud / "regions.csv").is_file():
        return
    new.mkdir(exist_ok=True)
    shutil.copytree(base.folder, new / base.cloud, dirs_exist_ok=True)
    shutil.copytree(base.data / "scores", new / "scores", dirs_exist_ok=True)
    for name in ("items.csv", "countries.csv"):
        shutil.copyfile(base.data / name, new / name)


def _write(target: Path, cloud: str, data: Path, merged: Merged) -> None:
    for region, lines in merged.tables.items():
        text = "\n".join(["kind,name,usd,source", *(",".join(line) for line in lines)]) + "\n"
        (target / "prices" / f"{region}.csv").write_text(text, encoding="utf-8", newline="\n")
    used = {line.source for path in (target / "prices").glob("*.csv") for line in _lines(path)}
    used |= {line.source for line in _lines(target / "global.csv")}
    sources = {row["id"]: row for row in rows(target / "sources.csv")}
    for name, (quality, text, date) in merged.sources.items():
        values = (name, quality, "1", "1", text, LICENCE, date)
        sources[name] = dict(zip(("id", "quality", "low", "high", "text", "licence", "date"), values, strict=True))
    table = [tuple(sources[name].values()) for name in sorted(used)]
    (target / "sources.csv").write_text(_csv(("id", "quality", "low", "high", "text", "licence", "date"), table))
    dates = sorted(sources[name]["date"] for name in used)
    (target / "facts.csv").unlink()
    facts = [("lock", lock_of(data, cloud)), ("oldest", dates[0]), ("newest", dates[-1])]
    (target / "facts.csv").write_text(_csv(("fact", "value"), facts))


def _record(new: Path, cloud: str, merged: Merged, today: str) -> None:
    known: dict[tuple[str, str], Mapping[str, str]] = {}
    if (new / RECORD).is_file():
        known = {(row["cloud"], row["region"]): row for row in rows(new / RECORD)}
    for region, count in merged.taken.items():
        known[cloud, region] = {"cloud": cloud, "region": region, "read": today, "prices": str(count)}
    table = [tuple(row.values()) for _, row in sorted(known.items())]
    (new / RECORD).write_text(_csv(("cloud", "region", "read", "prices"), table))


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
