"""What was heard, in one file of SQLite: lines in a full-text index, spans by trace. Written by one, read by many."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from standfast.problem import Problem, Problems

FILE = "var/lib/telemetry/telemetry.db"  # below the folder of the host that watches
MOST = 200_000  # lines, and spans, that are kept: the oldest go first
TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE VIRTUAL TABLE IF NOT EXISTS lines USING fts5 (text, host, at UNINDEXED);
CREATE TABLE IF NOT EXISTS spans
  (trace TEXT, span TEXT, parent TEXT, service TEXT, name TEXT, begin REAL, took REAL, failed INT, attributes TEXT);
CREATE INDEX IF NOT EXISTS spans_by_trace ON spans (trace);
"""


@dataclass(frozen=True)
class Line:
    """`at`: ISO 8601, UTC."""

    at: str
    host: str
    text: str


@dataclass(frozen=True)
class Span:
    """Ids are hexadecimal, `parent` "" at the root; `begin` in seconds since 1970, `took` in seconds."""

    trace: str
    span: str
    parent: str
    service: str
    name: str
    begin: float
    took: float
    failed: bool
    attributes: dict[str, str]


class Store:
    """One connection. Raises Problems where the file is not there or not ours."""

    def __init__(self, path: Path, *, make: bool = False):
        try:
            mode = "rwc" if make else "ro"
            self.connection = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None)
            if make:
                self.connection.executescript(TABLES)
            self.connection.execute("SELECT count(*) FROM spans").fetchone()
        except sqlite3.Error as error:
            raise Problems([Problem("the lab's lines and traces cannot be read", f"{path}: {error}")]) from error

    def add(self, lines: Iterable[Line] = (), spans: Iterable[Span] = ()) -> None:
        with self.connection:
            self.connection.execute("BEGIN")
            self.connection.executemany(
                "INSERT INTO lines (text, host, at) VALUES (?, ?, ?)", [(one.text, one.host, one.at) for one in lines]
            )
            self.connection.executemany(
                "INSERT INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        one.trace, one.span, one.parent, one.service, one.name, one.begin, one.took, one.failed,
                        json.dumps(one.attributes),
                    )
                    for one in spans
                ],
            )  # fmt: skip

    def forget(self, most: int = MOST) -> None:
        """All but the newest."""
        for table in ("lines", "spans"):
            self.connection.execute(f"DELETE FROM {table} WHERE rowid <= (SELECT max(rowid) FROM {table}) - ?", (most,))  # noqa: S608 - our own names

    def search(self, words: str, host: str = "", most: int = 100) -> list[Line]:
        """The newest lines with all of these words (parts between quotes belong together), oldest first."""
        wanted = asked(words)
        if not wanted:
            return []
        query = "SELECT at, host, text FROM lines WHERE lines MATCH ? ORDER BY rowid DESC LIMIT ?"
        of_host = f" AND host : {_quoted(host)}" if host else ""
        rows = self.connection.execute(query, (f"text : ({' AND '.join(wanted)}){of_host}", most)).fetchall()
        return [Line(*row) for row in reversed(rows) if host in ("", row[1])]

    def trace(self, prefix: str) -> list[Span]:
        """All spans of the one trace whose id begins so, by their begin. Raises Problems."""
        found = self.connection.execute(
            "SELECT DISTINCT trace FROM spans WHERE trace >= ? AND trace < ? LIMIT 2", (prefix, prefix + "g")
        ).fetchall()
        if len(found) != 1:
            what = "there is no trace" if not found else "more than one trace begins with"
            raise Problems([Problem(f"{what} {prefix}", fix="the newest: standfast lab trace SPEC")])
        rows = self.connection.execute("SELECT * FROM spans WHERE trace = ? ORDER BY begin", found[0])
        return [_span(row) for row in rows]

    def newest(self, most: int = 20) -> list[tuple[Span, int]]:
        """The first span of each of the newest traces, and how many it has; newest last."""
        rows = self.connection.execute(
            "SELECT trace, max(rowid) AS last FROM spans GROUP BY trace ORDER BY last DESC LIMIT ?", (most,)
        ).fetchall()
        found = []
        for trace, _ in reversed(rows):
            spans = self.trace(trace)
            ids = {one.span for one in spans}
            found.append((next((one for one in spans if one.parent not in ids), spans[0]), len(spans)))
        return found

    def close(self) -> None:
        self.connection.close()


def asked(words: str) -> Sequence[str]:
    """Words of people as phrases of FTS5: nothing in them is an operator."""
    phrases = [part.split() if at % 2 == 0 else [part] for at, part in enumerate(words.split('"'))]
    return [_quoted(one) for group in phrases for one in group if any(sign.isalnum() for sign in one)]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _span(row: tuple) -> Span:
    return Span(*row[:7], bool(row[7]), json.loads(row[8]))
