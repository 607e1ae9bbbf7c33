"""Text into the tree: files, and expressions and templates that stand alone."""

from __future__ import annotations

from standfast.audit.sources.hcl import templates
from standfast.audit.sources.hcl.expressions import Parser, shown
from standfast.audit.sources.hcl.scan import Broken, template_tokens, tokens
from standfast.audit.sources.hcl.tree import Body, Node, Section, Set


def parse_body(text: str) -> Body:
    """A whole file. Raises Broken."""
    return _body(Parser(tokens(text.removeprefix("\ufeff"))[0]), "end")


def parse_expression(text: str) -> Node:
    """One expression, alone. Raises Broken."""
    parser = Parser(tokens(text)[0])
    parser.loose = 1
    found = parser.expression()
    parser.expect("end")
    return found


def parse_template(text: str) -> Node:
    """Text with `${}` and `%{}` in it, as a file or a JSON string holds it. Raises Broken."""
    return templates.template(template_tokens(text))


def _body(parser: Parser, closing: str) -> Body:
    found, outside, parser.loose = Body(), parser.loose, 0
    parser.deeper()
    while True:
        kind, word, at = parser.take()
        if kind == "newline":
            continue
        if kind == closing:
            parser.depth -= 1
            parser.loose = outside
            return found
        if kind != "name":
            raise Broken(f"a name was expected, not {shown((kind, word, at))}", at)
        if parser.accept("="):
            if word in found.sets:
                raise Broken(f"{word} is set twice", at)
            found.sets[word] = Set(word, parser.expression(), at)
        else:
            found.sections.append(_section(parser, word, at))
        if parser.peek()[0] not in ("end", closing):
            parser.expect("newline")


def _section(parser: Parser, kind: str, at: int) -> Section:
    labels = []
    while not parser.accept("{"):
        shape, word, where = parser.take()
        if shape == "text" and all(isinstance(part, str) for part in word):
            labels.append("".join(word))
        elif shape == "name":
            labels.append(word)
        else:
            raise Broken(f"'=' or a block was expected after {kind}, not {shown((shape, word, where))}", where)
    return Section(kind, tuple(labels), _body(parser, "}"), at)
