"""A scan: what one program found in one thing. A reader is a module in `readers/`, and the folder is the register."""

from __future__ import annotations

import importlib
import json
import pkgutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from standfast.problem import Place, Problem, Problems

LARGEST = 512 << 20  # bytes of a report
SEVERITIES = ("critical", "high", "medium", "low", "unknown")


@dataclass(frozen=True)
class Vulnerability:
    """`fixed` is the version that ends it, "" where there is none yet; `exploited`: known to be used by attackers."""

    id: str
    package: str
    version: str
    severity: str
    fixed: str = ""
    exploited: bool = False

    @property
    def key(self) -> str:
        return f"{self.id} {self.package}"


@dataclass(frozen=True)
class Scan:
    """`subject` is what was scanned, as the scanner calls it; `packages` how many it saw, None where it does not say.

    `judged` is False for a bare list of parts, which says nothing of their vulnerabilities.
    """

    tool: str
    subject: str
    found: tuple[Vulnerability, ...]
    packages: int | None = None
    judged: bool = True


def severity(word: Any) -> str:
    """A scanner's word in ours: what it does not say is `unknown`, never harmless."""
    said = str(word or "").lower()
    return {"moderate": "medium", "negligible": "low", "important": "high", "info": "low"}.get(
        said, said if said in SEVERITIES else "unknown"
    )


def by_score(score: Any) -> str:
    """The severity of a CVSS score (first.org/cvss/v3.1/specification-document, table 14)."""
    try:
        value = float(score)
    except (TypeError, ValueError):
        return "unknown"
    return "critical" if value >= 9 else "high" if value >= 7 else "medium" if value >= 4 else "low"


def read_scan(path: Path) -> Scan:
    """Raises Problems for a file that is no JSON, or no report that a reader knows."""
    document = _document(path)
    names = sorted(one.name for one in pkgutil.iter_modules([str(Path(__file__).parent / "readers")]))
    titles = []
    for name in names:
        reader = importlib.import_module(f"standfast.audit.vulnerabilities.readers.{name}")
        titles.append(reader.TITLE)
        try:
            scan = reader.read(document)
        except Problems as wrong:
            raise Problems([replace(one, place=Place(path.name)) for one in wrong.problems]) from wrong
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            why = f"it looks like {reader.TITLE}, and then {type(error).__name__}: {error}"
            raise Problems(
                [Problem(f"{path.name} is not whole", why[:300], "make the report again", Place(str(path)))]
            ) from error
        if scan is not None:
            return scan
    known = ", ".join(
        importlib.import_module(f"standfast.audit.vulnerabilities.readers.{name}").TITLE for name in names
    )
    raise Problems([Problem(f"{path.name} is no report that is known here", f"known: {known}", "", Place(str(path)))])


def exploited_in(path: Path) -> frozenset[str]:
    """The ids in CISA's catalog of known exploited vulnerabilities (cisa.gov, known_exploited_vulnerabilities)."""
    try:
        return frozenset(one["cveID"] for one in _document(path)["vulnerabilities"])
    except (KeyError, TypeError) as error:
        fix = "fetch known_exploited_vulnerabilities.json from CISA"
        raise Problems([Problem(f"{path.name} is not that catalog", f"{error} is missing", fix)]) from error


def _document(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST:
            raise Problems([Problem(f"{path.name} is larger than {LARGEST >> 20} MiB", fix="scan one thing at a time")])
        return json.loads(path.read_bytes())
    except OSError as error:
        raise Problems([Problem(f"{path} cannot be read", error.strerror or "")]) from error
    except (ValueError, RecursionError) as error:
        fix = "have the scanner write JSON: trivy --format json, grype -o json, pip-audit -f json"
        raise Problems([Problem(f"{path.name} is no JSON", str(error)[:200], fix, Place(str(path)))]) from error
