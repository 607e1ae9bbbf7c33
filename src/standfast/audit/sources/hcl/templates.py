"""Templates: the parts that the scanner made of them, as one expression."""

from __future__ import annotations

from typing import Any

from standfast.audit.sources.hcl import expressions
from standfast.audit.sources.hcl.scan import Broken, Token
from standfast.audit.sources.hcl.tree import Condition, Literal, Loop, Node, Template


def template(parts: list[Any], depth: int = 0) -> Node:
    """A template from its parts."""
    if all(isinstance(part, str) for part in parts):
        return Literal("".join(parts))
    if len(parts) == 1 and parts[0][0] == "${":
        return _inside(parts[0][1], depth)
    nodes, rest = _directives(parts, 0, (), depth)
    assert rest == len(parts)
    return Template(nodes)


def _inside(found: list[Token], depth: int) -> Node:
    parser = expressions.Parser(found, depth + 1)
    parser.loose = 1
    node = parser.expression()
    parser.expect("end")
    return node


def _directives(parts: list[Any], at: int, until: tuple[str, ...], depth: int) -> tuple[list[Node], int]:
    """The nodes up to a directive of these names, and where that stands; without names, up to the end."""
    nodes: list[Node] = []
    while at < len(parts):
        part = parts[at]
        if isinstance(part, str):
            nodes.append(Literal(part))
            at += 1
            continue
        if part[0] == "${":
            nodes.append(_inside(part[1], depth))
            at += 1
            continue
        parser = expressions.Parser(part[1], depth + 1)
        parser.loose = 1
        word, where = parser.take()[1:]
        if word in until:
            return nodes, at
        if word == "if":
            asked = parser.expression()
            parser.expect("end")
            yes, at = _directives(parts, at + 1, ("else", "endif"), depth + 1)
            no: list[Node] = []
            if parts[at][1][0][1] == "else":
                no, at = _directives(parts, at + 1, ("endif",), depth + 1)
            nodes.append(Condition(asked, Template(yes), Template(no)))
        elif word == "for":
            names = parser.loop_names()
            over = parser.expression()
            parser.expect("end")
            each, at = _directives(parts, at + 1, ("endfor",), depth + 1)
            nodes.append(Loop(names, over, None, Template(each), None, text=True, at=where))
        else:
            raise Broken(f"a template does not know the word {expressions.shown(('name', word, where))}", where)
        at += 1
    if until:
        raise Broken(f"a template lacks its {until[-1]}", 0)
    return nodes, at
