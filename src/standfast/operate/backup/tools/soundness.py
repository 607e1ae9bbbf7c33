"""Whether all of a store of pgBackRest is sound: what its `verify` tells, and what that misses (decision 0093)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from standfast.operate.backup.tools.segments import first_gap, segments
from standfast.operate.backup.tools.tool import trouble

if TYPE_CHECKING:
    from standfast.operate.backup.tools.pgbackrest import PgBackRest


def wrong(tool: PgBackRest, store: str) -> dict[str, str]:
    """Read everything in the store. Name of a backup ("" for the log) -> what is wrong with it. Raises Problems.

    pgBackRest tells damaged and missing files of a backup; that a file of the log which a backup needs is gone it
    does not tell (2.45), so that is looked for here.
    """
    ran = tool.tool.run(
        f"verifying {store}", [*tool.command(store), "--output=text", "--verbose", "verify"], ok=range(256)
    )
    if "No usable" in ran.said:
        tool.told(store)  # tells a wrong key from a store that is not there
    if ran.code or "No usable" in ran.said or "status:" not in ran.out:
        raise trouble(f"verifying {store}", ran.said)
    found: dict[str, str] = {}
    for name, said, counts in re.findall(r"backup: (\S+), status: ([\w-]+)[^\n]*\n\s*([^\n]*)", ran.out):
        if said not in ("valid", "in-progress"):  # half a backup is gone on with by the next run
            found[name] = _counted(counts) or said
    for _, total, valid, counts in re.findall(
        r"archiveId: (\S+), total WAL checked: (\d+), total valid WAL: (\d+)\n\s*([^\n]*)", ran.out
    ):
        if total != valid:
            found[""] = f"{int(total) - int(valid)} files of the log: {_counted(counts)}"
    there, read = set(tool.log(store)), set(re.findall(r"backup: (\S+), status:", ran.out))
    for one in tool.told(store).get("backup") or ():
        lost = [name for name in segments(one["archive"]["start"], one["archive"]["stop"]) if name not in there]
        label = _label(tool, store, one["label"])
        if label not in ("", one["label"]):
            found[one["label"]] = f"its files are those of another backup, {label}"
        elif one["label"] not in read:  # still in the list, while its files are gone: pgBackRest says nothing then
            found[one["label"]] = "missing: it is in the list, and its files are not there"
        elif lost:
            found[one["label"]] = f"{len(lost)} files of the log that it needs are missing, first {lost[0]}"
    gap = first_gap(there)
    if gap and "" not in found:
        found[""] = f"the log has a gap: {gap} is missing, and no moment after it can be restored from before it"
    return found


def _label(tool: PgBackRest, store: str, name: str) -> str:
    """What a backup calls itself, "" where it cannot be read: `verify` (2.45) takes one for another."""
    for file in ("backup.manifest", "backup.manifest.copy"):
        words = [*tool.command(store), "repo-get", f"backup/{tool.room.store}/{name}/{file}"]
        ran = tool.tool.run(f"looking into {store}", words, ok=range(256))
        if not ran.code:
            match = re.search(r'^backup-label="([^"]+)"', ran.out, re.MULTILINE)
            return match[1] if match else ""
    return ""


def _counted(counts: str) -> str:
    return ", ".join(
        f"{number} {what.strip()}" for what, number in re.findall(r"([a-z ]+): (\d+)", counts) if int(number)
    )
