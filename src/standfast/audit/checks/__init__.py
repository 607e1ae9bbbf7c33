"""The checks, one file each, found by being here.

A module has `ID`, `TITLE`, `SEVERITY` (critical, high, medium, low), `KINDS` (what it looks at) and
`check(estate) -> Iterator[Finding]`; its docstring is its manual page.
"""
