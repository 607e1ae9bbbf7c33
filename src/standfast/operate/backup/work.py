"""What `standfast backup` does, for one store: run, verify, restore, prune, hold."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from standfast.operate.backup import before, evidence, trial
from standfast.operate.backup.opening import Backups
from standfast.operate.backup.retention import Copy, reasons, removable
from standfast.operate.backup.room import STORES, one_disk, working
from standfast.operate.backup.taking import Done, Say, taken
from standfast.operate.backup.tools.pgbackrest import PgBackRest
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.promise import Verdict

BEGUN = "restoring.txt"  # in the room: the folder that a restore is writing to


def run(one: Backups, say: Say, *, full: bool = False) -> Done:
    """Take a backup to both stores; one that fails does not keep the other from being taken. Evidence either way."""
    done = taken(one, say, full=full)
    if done.follows:  # no backup was to be taken: the ledger would have it that one was
        return done
    evidence.keep(
        one.ledger, "run", one.store.name, done.verdict, one.database.world if one.database else "host",
        done.problems[0].what if done.problems else "",
        taken={one.stores[store]: [name] for store, name in done.taken.items()},
        seconds=round(done.seconds, 2), versions={one.schedule.tool: one.tool.version},
    )  # fmt: skip
    warning = one_disk(dict(one.stores))
    return Done(done.taken, (*done.problems, *([warning] if warning else ())), done.seconds)


def verify(one: Backups, say: Say) -> dict[str, dict[str, str]]:
    """Store -> name of a backup ("" for the store) -> what is wrong. Everything is read, and names the ledger knows
    of are missed. Raises Problems where a store cannot be read at all."""
    found: dict[str, dict[str, str]] = {}
    unread: list[Problem] = []
    for store in STORES:
        say(f"reading all of {store}")
        try:
            wrong = one.tool.wrong(store)
            there = {copy.name for copy in one.tool.copies(store)}
        except Problems as failure:
            unread += failure.problems
            wrong, there = {"": failure.problems[0].what}, set()
        if "" not in wrong or there:
            for name, at in evidence.expected(one.ledger, one.store.name, one.stores[store]).items():
                if name not in there:
                    wrong[name] = f"missing: it was taken {at}, and nobody removed it with standfast"
        if not there and not wrong:
            wrong[""] = "it holds no backup"
        found[store] = wrong
    told = [f"{store} {name or 'itself'}: {why}" for store, wrong in found.items() for name, why in wrong.items()]
    evidence.keep(
        one.ledger, "verify", one.store.name, "broken" if told else "kept",
        note="".join(told[:1])[:200] + (f"; and {len(told) - 1} more" if told[1:] else ""),
        wrong={one.stores[store]: wrong for store, wrong in found.items()},
    )  # fmt: skip
    one.problems.extend(unread)
    return found


def known_copies(one: Backups, store: str) -> list[Copy]:
    """The copies in a store, with what the last verification found wrong with them. Raises Problems."""
    record = evidence.last(one.ledger, one.store.name, "verify")
    wrong = (record.details.get("wrong") or {}).get(one.stores[store], {}) if record else {}
    return [replace(copy, wrong=copy.wrong or wrong.get(copy.name, "")) for copy in one.tool.copies(store)]


def prune(one: Backups, say: Say, *, dry: bool = False) -> dict[str, list[str]]:
    """Remove what has no reason to stay; store -> names. The last sound copy and what is held are never among them."""
    rules, going = one.system.rules, {}
    for store in STORES:
        try:
            going[store] = removable(known_copies(one, store), rules.retention, rules.hold)
        except Problems as failure:  # the other one is pruned none the less
            one.problems.extend(failure.problems)
            going[store] = []
    names = _names(going)
    if dry or not any(names.values()):
        return names
    # On record before any is gone: verify would miss what a run removed that is killed here.
    evidence.keep(one.ledger, "pruning", one.store.name, "kept", note="begun", removed=_at(one, names))
    removed: dict[str, list[str]] = {store: [] for store in STORES}
    left = {store: list(some) for store, some in names.items()}
    try:
        for store, copies in going.items():
            for copy in copies:
                say(f"removing {copy.name} from {store}")
                left[store].remove(copy.name)
                one.tool.remove(store, copy.name)
                removed[store].append(copy.name)
            if copies:
                one.tool.remove_rest(store)
    finally:
        verdict: Verdict = "kept" if removed == names else "broken"
        gone, kept = _at(one, removed), _at(one, left)
        evidence.keep(one.ledger, "prune", one.store.name, verdict, removed=gone, left=kept)
    return removed


def _at(one: Backups, names: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """By the addresses of the stores."""
    return {one.stores[store]: some for store, some in names.items()}


def _names(going: Mapping[str, list[Copy]]) -> dict[str, list[str]]:
    return {store: [copy.name for copy in copies] for store, copies in going.items()}


def why_kept(one: Backups, store: str, copies: list[Copy]) -> dict[str, tuple[str, ...]]:
    return reasons(copies, one.system.rules.retention, one.system.rules.hold)


def hold(one: Backups, name: str, why: str) -> list[str]:
    """Hold a backup in every store that has it; `why` "" releases it. The stores. Raises Problems."""
    where = {store: [copy.name for copy in one.tool.copies(store)] for store in STORES}
    found = [store for store, names in where.items() if name in names]
    if not found:
        known = did_you_mean(name, {one for names in where.values() for one in names})
        raise Problems([Problem(f"there is no backup {quoted(name)}", fix=known)])
    for store in found:
        one.tool.hold(store, name, why)
    evidence.keep(one.ledger, "hold" if why else "release", one.store.name, "kept", note=why, backup=name)
    return found


def restore(one: Backups, store: str, target: Path, *, name: str = "", moment: str = "") -> None:
    """Bring a backup into an empty folder, which belongs to the tool's user then; evidence. Raises Problems."""
    _reaches(one, store, moment)
    bring(one, store, target, name=name, moment=moment)
    evidence.keep(one.ledger, "restore", one.store.name, "kept", note=f"from {store}", backup=name or "newest")


def _reaches(one: Backups, store: str, moment: str) -> None:
    """See that a store goes back to a moment, and on to it, before anything is read. Raises Problems."""
    copies = one.tool.copies(store) if moment and isinstance(one.tool, PgBackRest) else []
    if copies and isinstance(one.tool, PgBackRest):
        at, oldest = datetime.fromisoformat(moment).timestamp(), min(copy.at for copy in copies)
        newest = max(one.tool.newest_log(store) or 0.0, max(copy.at for copy in copies))
        if at <= oldest:
            fix = f"name a later moment{', or --from near' if store == 'offsite' else ''}"
            what = f"{store} does not go back to {_time(at)}"
            raise Problems([Problem(what, f"its oldest backup ended at {_time(oldest)}", fix)])
        if at > newest + 1:  # files have whole seconds
            fix = "leave --moment out: all that is there comes back"
            raise Problems([Problem(f"{store} ends before {_time(at)}", f"its log ends by {_time(newest)}", fix)])


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bring(one: Backups, store: str, target: Path, *, name: str = "", moment: str = "") -> None:
    """The same, without evidence."""
    begun = one.room.folder / BEGUN
    if begun.exists() and begun.read_text(encoding="utf-8") == str(target) and target.is_dir():
        _empty(target)  # half of a restore that was killed
    if target.exists() and any(target.iterdir()):
        raise Problems([Problem(f"{target} is not empty", "nothing is written over", "name a new folder: --to DIR")])
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        one.room.user.own(target)
    except OSError as error:
        raise Problems([Problem(f"{target} cannot be made", str(error), "name another folder: --to DIR")]) from error
    one.room.private(BEGUN, str(target))
    try:
        _bring(one, store, target, name, moment)
    except BaseException:  # Ctrl-C too: half a restore is none, and the same command is to work again
        _empty(target)
        raise
    finally:
        begun.unlink(missing_ok=True)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


def _bring(one: Backups, store: str, target: Path, name: str, moment: str, point: str = "") -> str:
    names = [copy.name for copy in one.tool.copies(store)]
    if not names or (name and name not in names):
        what = f"there is no backup {quoted(name)} in {store}" if name else f"{store} holds no backup"
        raise Problems([Problem(what, fix=did_you_mean(name, names) if name else "standfast backup run SPEC")])
    if isinstance(one.tool, PgBackRest):
        one.tool.restore(store, target, name=name, moment=moment, point=point)
    else:
        if moment:
            raise Problems(
                [Problem("files come back as they were at a backup", "there is no log between", "--set NAME")]
            )
        one.tool.restore(store, target, name or names[-1])
    return name or names[-1]


def try_restore(one: Backups, say: Say, store: str = "offsite", *, name: str = "", moment: str = "") -> trial.Trial:
    """Restore into a folder of its own, start it, read all of it, remove it; evidence either way. Raises Problems.

    Where the database runs here, and no other backup or moment is asked for, what comes back is compared with what it
    held before: a digest of every table."""
    was: before.Before | None = None
    try:
        if one.database is not None and not name and not moment:
            say("reading what the database holds")
            try:
                was = before.look(one.database)
            except Problems as failure:  # what cannot be compared can still be restored, and must be tried
                one.problems.extend(replace(problem, warning=True) for problem in failure.problems)
        _reaches(one, store, moment)
        began = time.monotonic()
        with working(one.room) as folder:
            data = folder / "data"
            data.mkdir(mode=0o700)
            one.room.user.own(data)
            say(f"restoring from {store}")
            name = _bring(one, store, data, name, moment, was.point if was else "")
            if isinstance(one.tool, PgBackRest):
                postgres = trial.postgres_for(data, one.asked.postgres)
                say("starting it and reading all of it")
                result = trial.try_database(one.room, data, postgres, one.tool.login(store), began)
                result = _compared(result, was)
            else:
                result = trial.count_files(data, began)
    except Problems as failure:
        evidence.keep(one.ledger, "restore_test", one.store.name, "broken", note=failure.problems[0].what, origin=store)
        raise
    evidence.keep(
        one.ledger, "restore_test", one.store.name, "kept", note=f"from {store}", origin=store, backup=name,
        seconds=round(result.seconds, 2), bytes=result.bytes, tables=result.tables, compared=result.compared,
    )  # fmt: skip
    return result


def _compared(result: trial.Trial, was: before.Before | None) -> trial.Trial:
    """Raises Problems where it is not what was there."""
    if was is None:
        return result
    wrong = before.differences(was, result.tables)
    if wrong:
        what = f"{len(wrong)} of {len(was.tables)} tables are not what they were"
        raise Problems([Problem(what, "; ".join(wrong[:3]), "standfast backup verify SPEC, and a new full backup")])
    return replace(result, compared=len(was.tables), moving=was.moving)
