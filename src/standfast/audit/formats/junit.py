"""JUnit XML, as CI servers show test results: a suite per world, a case per check and resource.

What is broken is a failure; what cannot be told, and what was accepted, is skipped with the reason: never passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from xml.etree import ElementTree as xml

from standfast.audit.finding import Finding
from standfast.audit.run import Audit


def write(audits: Mapping[str, Audit], checks: Mapping[str, ModuleType]) -> str:
    del checks  # a case stands for what was looked at; a check that found nothing to look at has none
    root = xml.Element("testsuites", name="standfast audit")
    for world, audit in audits.items():
        cases = list(_cases(audit))
        failed = sum(case.find("failure") is not None for case in cases)
        skipped = sum(case.find("skipped") is not None for case in cases)
        suite = xml.SubElement(
            root, "testsuite", name=world, tests=str(len(cases)), failures=str(failed), errors="0", skipped=str(skipped)
        )
        suite.extend(cases)
    xml.indent(root)
    return xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _cases(audit: Audit) -> Iterator[xml.Element]:
    for one in audit.findings:
        case = _case(one)
        if one.verdict == "broken":
            xml.SubElement(case, "failure", message=_plain(one.what), type=one.severity).text = _told(one)
        elif one.verdict == "unknown":
            xml.SubElement(case, "skipped", message=_plain(f"unknown: {one.what}"))
        yield case
    for accepted in audit.accepted:
        case = _case(accepted.finding)
        said = f"accepted: {accepted.reason} ({accepted.owner}, until {accepted.until})"
        xml.SubElement(case, "skipped", message=_plain(said))
        yield case


def _case(one: Finding) -> xml.Element:
    return xml.Element("testcase", classname=one.check, name=_plain(one.resource))


def _told(one: Finding) -> str:
    place = f"{one.place.short}\n" if one.place.file else ""
    return _plain(f"{place}{one.title}\n{one.what}\nfix  {one.fix}")


def _plain(text: str) -> str:
    """Only what XML 1.0 can hold."""
    return "".join(one if one.isprintable() or one == "\n" else " " for one in text)
