"""Findings that people have looked at and accepted: by whom, why, and until when. docs/audit.md has the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from standfast.audit.finding import Accepted, Finding
from standfast.audit.run import Audit, all_checks
from standfast.problem import Place, Problem, Problems, did_you_mean, quoted
from standfast.spec.document import Node, parse_document, read_text, shown_name
from standfast.spec.fields import REQUIRED, Field
from standfast.spec.walk import Walk

FIX = "docs/audit.md shows how a baseline is written"
FILE = {"accepted": Field("calls", REQUIRED, "a list of what is accepted")}
RULE = {
    "check": Field("word", REQUIRED, "the check, as `standfast audit list` names it"),
    "resource": Field("text", REQUIRED, "the resource's address; `*` stands for any part of it"),
    "reason": Field("text", REQUIRED, "why this can be lived with"),
    "owner": Field("text", REQUIRED, "who answers for it"),
    "until": Field("text", REQUIRED, "the last day it is accepted, such as 2027-03-31"),
}


@dataclass(frozen=True)
class Rule:
    """One thing that is accepted; `resource` is a pattern, `until` a day that is still included."""

    check: str
    resource: str
    reason: str
    owner: str
    until: date
    place: Place

    def fits(self, one: Finding) -> bool:
        return one.verdict != "kept" and one.check == self.check and fnmatchcase(one.resource, self.resource)


def read_baseline(path: Path | str) -> tuple[Rule, ...]:
    """Raises Problems with everything that is wrong with the file, in its order."""
    path = Path(path)
    try:
        root = parse_document(read_text(path), shown_name(path))
    except Problems as caught:  # the reader of specs says how to begin a spec
        found = [replace(one, fix=FIX) if "standfast init" in one.fix else one for one in caught.problems]
        raise Problems(found) from caught
    walk = Walk()
    listed = walk.mapping(root, FILE, "the baseline")["accepted"]
    if isinstance(listed, Node) and not isinstance(listed.value, list):
        walk.problem("accepted must be a list", listed.place, fix=FIX)
    nodes = listed.value if isinstance(listed, Node) and isinstance(listed.value, list) else []
    rules = [rule for node in nodes for rule in _rules(walk, node)]
    if walk.problems:
        raise Problems(walk.problems)
    return tuple(rules)


def _rules(walk: Walk, node: Node) -> Iterator[Rule]:
    before = len(walk.problems)
    values = walk.mapping(node, RULE, "an accepted finding")
    if not isinstance(node.value, dict):
        return
    check, until = values["check"], None
    if check is not None and check not in all_checks():
        walk.problem(f"no check {quoted(check)}", node.value["check"].place, fix=did_you_mean(check, all_checks()))
    if values["until"] is not None:
        try:
            until = date.fromisoformat(values["until"])
        except ValueError:
            walk.problem(
                f"{quoted(values['until'])} is not a date", node.value["until"].place, fix="write it like 2027-03-31"
            )
    if len(walk.problems) == before and until:
        yield Rule(check, values["resource"], values["reason"], values["owner"], until, node.place)


def accept(audit: Audit, rules: Sequence[Rule], today: date) -> tuple[Audit, list[Problem]]:
    """The audit without what is accepted, which it lists apart; and what is to be said of the rules themselves.

    What was accepted until a day before today counts again. Each finding is accepted by the first rule that fits.
    """
    valid = [rule for rule in rules if rule.until >= today]
    left, accepted, used = [], list(audit.accepted), set()
    for one in audit.findings:
        rule = next((rule for rule in valid if rule.fits(one)), None)
        if rule is None:
            left.append(one)
        else:
            used.add(rule)
            accepted.append(Accepted(one, rule.reason, rule.owner, rule.until.isoformat()))
    problems = []
    for rule in rules:
        if rule.until < today and any(map(rule.fits, audit.findings)):
            what = f"{rule.check} of {quoted(rule.resource)} was accepted until {rule.until}: it counts again"
            problems.append(Problem(what, rule.reason, f"mend it, or {rule.owner} accepts it anew", rule.place))
        elif rule not in used:
            what = f"nothing is accepted by {rule.check} of {quoted(rule.resource)}"
            problems.append(Problem(what, "no finding fits it any more", "remove it", rule.place))
    return replace(audit, findings=tuple(left), accepted=tuple(accepted)), problems
