"""The auditor's folder: pages and tables in which each control leads to its proof, to be read without us."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from standfast.audit.evidence.case import Case
from standfast.audit.finding import Finding
from standfast.audit.frameworks.report import WORST_FIRST
from standfast.files import File

RECORD = ("number", "at", "who", "what", "subject", "verdict", "measure", "value", "world", "source", "note", "hash")


def folder(case: Case) -> list[File]:
    """`index.html`, a page and a table per framework, the findings, and every record of the ledger."""
    findings: dict[str, list[Finding]] = {}
    for one in case.audit.findings:
        findings.setdefault(one.check, []).append(one)
    counts = {name: Counter(one.state for one in report) for name, report in case.reports.items()}
    pages = [File("index.html", _page("index.html.j2", case, counts=counts, states=WORST_FIRST))]
    pages.append(File("records.html", _page("records.html.j2", case)))
    proofs = case.proofs
    for name, report in case.reports.items():
        pages.append(
            File(
                f"{name}.html",
                _page("framework.html.j2", case, name=name, report=report, findings=findings, proofs=proofs),
            )
        )
        rows = ((one.id, one.title, one.state, " ".join(one.checks), one.label, one.why) for one in report)
        pages.append(File(f"{name}.csv", table(("control", "title", "state", "checks", "mapping", "why"), rows)))
    found = (
        (one.check, one.severity, one.verdict, one.resource, one.component, str(one.place), one.what, one.fix)
        for one in case.audit.findings
    )
    heads = ("check", "severity", "verdict", "resource", "component", "place", "what", "fix")
    records = ([getattr(one, key) for key in RECORD] + [json.dumps(dict(one.details))] for one in case.records)
    return [
        *pages,
        File("findings.csv", table(heads, found)),
        File("records.csv", table((*RECORD, "details"), records)),
    ]


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV in which no cell begins a formula: spreadsheets would run `=…` of somebody else."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return out.getvalue()


def _inert(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    cell = cell.replace("\r", " ")  # the writer would leave it bare, and readers take it for the end of a line
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


def _page(template: str, case: Case, /, **more: Any) -> str:
    style = files("standfast.audit.evidence").joinpath("style.css").read_text(encoding="utf-8")
    return _template(template).render(case=case, style=style, **more)


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, StrictUndefined

    text = files("standfast.audit.evidence").joinpath(name).read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(text)
