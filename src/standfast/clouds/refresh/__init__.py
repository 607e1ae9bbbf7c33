"""Today's prices from the clouds' public price APIs, into a catalog folder of the user's.

A module here that has a cloud's name reads that cloud's API (`quote.Reader`). The rest is the same for all.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from standfast.clouds import clouds
from standfast.clouds.refresh.folder import (
    Content,
    catalog_in,
    chosen,
    default_folder,
    discard,
    earlier,
    keep,
    kept,
    partial,
    put,
    tables_of,
    usable,
)
from standfast.clouds.refresh.merge import Merged, merge
from standfast.clouds.refresh.quote import Quote, Reader, Size, Wanted
from standfast.clouds.refresh.web import Web
from standfast.clouds.tables import FileCatalog, rows
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.workspace import Workspace

__all__ = ["Refreshed", "catalog_in", "default_folder", "refresh"]


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: new prices by region, what was left out and why, and the catalog as it is now."""

    taken: dict[str, int]
    notes: tuple[str, ...]
    catalog: FileCatalog


def refresh(
    cloud: str,
    folder: Path | str,
    *,
    region: str | None = None,
    today: str,
    step: Callable[[str], None] = lambda text: None,
    web: Web | None = None,
    endpoint: str = "",
) -> Refreshed:
    """Read a cloud's prices, of one region or all, into the catalog of `folder`. `today` is the day, 2026-11-23.

    Regions that an earlier run of the same day read are not read again. Raises Problems, and then the catalog is as it
    was. Only sizes that the catalog knows are taken: of others it has neither speed nor memory.
    """
    folder = Path(folder)
    reader = _reader(cloud)
    usable(folder)
    with _held(folder):
        shipped = FileCatalog(cloud)
        regions = chosen(shipped, region)
        found: dict[str, list[Quote]] = {one: quotes for one in regions if (quotes := kept(folder, cloud, one, today))}
        for one in found:
            step(f"{one}: read before, today")
        left = [one for one in regions if one not in found]
        if left:
            web = web or Web(step)
            for one, quotes in reader.read(web, endpoint or reader.ENDPOINT, left, _wanted(shipped, today)):
                found[one] = quotes
                keep(folder, cloud, one, today, quotes)
        step("cleaning and checking")
        contents = {one: _content(folder, one, found if one == cloud else {}, today) for one in clouds()}
        put(folder, {one: content for one, content in contents.items() if content.read})
        discard(folder, cloud)
    merged = contents[cloud].merged
    taken = {one: merged.taken[one] for one in regions}
    return Refreshed(taken, tuple(merged.notes), FileCatalog(cloud, folder))


def _content(folder: Path, cloud: str, found: Mapping[str, list[Quote]], today: str) -> Content:
    """What the folder is to hold of a cloud: what it held, and what was read now. Raises Problems."""
    before = {region: one for region, one in earlier(folder, cloud).items() if region not in found}
    if not before and not found:
        return Content(Merged(), {})
    shipped = FileCatalog(cloud)
    tables = tables_of(shipped)
    known = {*_wanted(shipped, today).sizes, *shipped.item_units}
    quotes = {**{region: quotes for region, (_, quotes) in before.items() if region in tables}, **found}
    quotes = {region: [one for one in of if one.name in known] for region, of in quotes.items()}
    merged = merge(cloud, tables, quotes, shipped.words, again=before)
    return Content(merged, {**{region: day for region, (day, _) in before.items()}, **dict.fromkeys(found, today)})


def _reader(cloud: str) -> Reader:
    known = ("aws", "azure", "gcp")
    if cloud not in known:
        raise Problems([Problem(f"no price API is known of {quoted(cloud)}", fix=did_you_mean(cloud, known))])
    return cast(Reader, importlib.import_module(f"standfast.clouds.refresh.{cloud}"))


@contextmanager
def _held(folder: Path) -> Generator[None]:
    """One refresh of a folder at a time. Raises Problems where the disk refuses or another run holds it."""
    waiting = partial(folder)
    try:
        waiting.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or str(error)
        fix = "name a folder you own with --out"
        raise Problems([Problem(f"could not write beside {quoted(folder)}", why, fix)]) from error
    with Workspace(waiting).locked("catalog refresh"):
        try:
            yield
        finally:
            with suppress(OSError):  # prices that wait there stay
                (waiting / ".lock").unlink()
                waiting.rmdir()


def _wanted(base: FileCatalog, today: str) -> Wanted:
    table = rows(base.folder / "sizes.csv")
    sizes = {row["name"]: Size(float(row["vcpu"]), float(row["memory_gib"]), float(row["baseline"])) for row in table}
    return Wanted(sizes, today)
