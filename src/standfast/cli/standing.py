"""The lab as a table: one line for each host, and for each program beside it that is not well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standfast.cli.terminal import Terminal

COLOUR = {
    "ready": "green",
    "leads": "green",
    "follows": "green",
    "stopped": "yellow",
    "silent": "yellow",
    "clock off": "yellow",
    "apart": "yellow",
    "lost": "red",
}
WELL = ("ready", "leads", "follows")
COLUMNS = {  # of a terminal that is at least so wide
    112: ("host", "role", "zone", "address", "pid", "state", "MiB", "tells"),
    92: ("host", "zone", "address", "state", "tells"),
    78: ("host", "address", "state", "tells"),
    0: ("host", "state", "tells"),
}


def show(seen: Mapping[str, Any], terminal: Terminal) -> None:
    from rich.table import Table
    from rich.text import Text

    console = terminal.console()
    columns = next(names for width, names in COLUMNS.items() if console.width >= width)
    table = Table(box=None, padding=(0, 1, 0, 0))
    for name in columns:
        side = "right" if name in ("pid", "MiB") else "left"
        table.add_column(name, no_wrap=name != "tells", overflow="ellipsis" if name == "host" else "fold", justify=side)
    for row in seen["hosts"]:
        host, _, beside = row["name"].partition(".")
        if beside and row["state"] in WELL:
            continue
        used = sum(one["memory"] or 0.0 for one in seen["hosts"] if one["name"].partition(".")[0] == host)
        told = {
            "host": f"  {beside}" if beside else host,
            "role": "" if beside else row["role"],
            "zone": row["zone"],
            "address": f"{row['address']}:{row['port']}" if row["port"] else row["address"],
            "pid": str(row["pid"] or "–"),
            "state": Text(row["state"], style=COLOUR[row["state"]]),
            "MiB": "" if beside else f"{used:,.0f}" if used else "–",
            "tells": row["tells"],
        }
        table.add_row(*(told[name] for name in columns))
    console.print(table)
    console.print()
    for one in seen["entries"]:
        console.print(f"users  {one['url']}  {one['answer']}", soft_wrap=True)
    console.print(Text(seen["verdict"], style="green" if seen["well"] else "red"), soft_wrap=True)
