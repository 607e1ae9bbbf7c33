"""Who may read and write which data, as a table and as JSON: principal, data, its class, how, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from standfast.cli.findings import STYLE, wrapped
from standfast.cli.terminal import Terminal

if TYPE_CHECKING:
    from standfast.audit import Audit
    from standfast.audit.rights import Access
    from standfast.promise import Verdict
    from standfast.spec import System


def rights_json(audit: Audit, system: System | None) -> list[dict[str, Any]]:
    """Each access as the contract for scripts has it; `needed` null without a spec."""
    return [
        {
            "principal": one.principal.name,
            "runs_as_it": list(one.principal.carriers),
            "data": one.data.name,
            "class": data_class(one, system),
            "may": one.way,
            "certain": one.certain,
            "hops": list(one.hops),
            "needed": None if system is None else _need(one, system)[1] == "kept",
            "why": _need(one, system)[0] or None,
        }
        for one in audit.access
    ]


def show_rights(world: str, audit: Audit, system: System | None, terminal: Terminal) -> None:
    """A row for each principal and data; below it how, hop by hop."""
    from standfast.audit.run import called

    width = max(terminal.console().width, 40)
    terminal.result("")
    terminal.styled((f"{called(world)}: who may reach which data", "bold"))
    found = [one for one in audit.access if one.data.holds != "log" or one.way == "read"]
    rows = [
        (one.principal.name, one.way if one.certain else f"{one.way}?", one.data.name, data_class(one, system))
        for one in found
    ]
    sizes = [max((len(row[place]) for row in rows), default=0) for place in range(4)]
    for one, row in zip(found, rows, strict=True):
        why, verdict = _need(one, system)
        cells = "  ".join(cell.ljust(size) for cell, size in zip(row, sizes, strict=True))
        first = wrapped(f"{cells}  {why}", width, "  ", "      ")
        before, told, after = first.rpartition(why) if why else (first, "", "")
        terminal.styled((before, ""), (told, STYLE[verdict]), (after, ""))
        terminal.styled((wrapped(one.path, width, "      ", "        "), "dim"))
    said = "a ? is decided by a condition or a policy that is not seen here; who only writes logs is left out"
    terminal.result(said if rows else "nobody and nothing, as far as is seen here")


def data_class(one: Access, system: System | None) -> str:
    """What the spec says of the data of the system; else what the thing holds."""
    stores = {store.name for store in system.stores} if system is not None else set()
    classes = ", ".join(system.promises.security.data) if system is not None else ""
    if one.data.component in stores and classes:
        return f"{classes} (login)" if one.data.holds == "secret" else classes
    return one.data.holds


def _need(one: Access, system: System | None) -> tuple[str, Verdict]:
    """Why it may be, and what to think of it; nothing without a spec."""
    from standfast.audit.rights import needs

    if system is None:
        return "", "kept"
    need = needs(system, one)
    if need.allowed:
        return need.why, "kept"
    if one.data.holds == "log":
        return "a log", "kept"
    return need.why, "broken" if one.certain else "unknown"
