"""The checks, one file each, in rooms by subject, found by being there.

A module has `ID`, `TITLE`, `SEVERITY` (critical, high, medium, low), `KINDS` (what it looks at, of all clouds) and
`check(estate) -> Iterator[Finding]`; its docstring is its manual page. Where the idea is that a setting has a right
value, a `TABLE` says so kind by kind (`audit/table.py`).
"""
