"""Expressions: tokens into the tree, by recursive descent."""

from __future__ import annotations

from standfast.audit.sources.hcl import templates
from standfast.audit.sources.hcl.scan import Broken, Token
from standfast.audit.sources.hcl.tree import (
    Attribute,
    Binary,
    Call,
    Condition,
    Index,
    Listing,
    Literal,
    Loop,
    Mapped,
    Name,
    Node,
    Splat,
    Unary,
)

# Higher binds tighter (hclsyntax/spec.md, "Operations").
PRECEDENCE = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
CONSTANTS = {"true": True, "false": False, "null": None}
DEEPEST = 100  # expressions or blocks inside one another


class Parser:
    """Where we are in the tokens. `loose` counts the brackets around, inside which line ends mean nothing."""

    def __init__(self, found: list[Token], depth: int = 0):
        self.tokens, self.at, self.loose, self.depth = found, 0, 0, depth

    def peek(self) -> Token:
        found = self.tokens[self.at]
        if self.loose:
            while found[0] == "newline":
                self.at += 1
                found = self.tokens[self.at]
        return found

    def take(self) -> Token:
        found = self.peek()
        if found[0] != "end":
            self.at += 1
        return found

    def accept(self, kind: str) -> bool:
        if self.peek()[0] == kind:
            self.at += 1
            return True
        return False

    def expect(self, kind: str) -> Token:
        found = self.take()
        if found[0] != kind:
            wanted = "a line end" if kind == "newline" else "a name" if kind == "name" else f"'{kind}'"
            raise Broken(f"{'nothing more' if kind == 'end' else wanted} was expected, not {shown(found)}", found[2])
        return found

    def deeper(self, by: int = 1) -> None:
        self.depth += by
        if self.depth > DEEPEST:
            raise Broken("expressions are nested too deep", self.peek()[2])

    def expression(self) -> Node:
        self.deeper()
        asked = self.operation(1)
        if self.accept("?"):
            yes = self.expression()
            self.expect(":")
            asked = Condition(asked, yes, self.expression())
        self.depth -= 1
        return asked

    def operation(self, least: int) -> Node:
        left = self.unary()
        while True:
            sign, _, at = self.peek()
            rank = PRECEDENCE.get(sign, 0)
            if rank < least:
                return left
            self.at += 1
            left = Binary(sign, left, self.operation(rank + 1), at)

    def unary(self) -> Node:
        sign, _, at = self.peek()
        if sign in ("-", "!"):
            self.at += 1
            self.deeper()
            found = Unary(sign, self.unary(), at)
            self.depth -= 1
            return found
        return self.steps(self.term())

    def steps(self, of: Node) -> Node:
        while True:
            kind = self.peek()[0]
            if kind == ".":
                self.at += 1
                if self.accept("*"):
                    of = Splat(of, self.each_step(only_names=True))
                    continue
                for step in self.names_after_dot():
                    of = Attribute(of, step) if isinstance(step, str) else Index(of, step)
            elif kind == "[":
                self.at += 1
                self.loose += 1
                if self.peek()[0] == "*" and self.tokens[self.at + 1][0] == "]":
                    self.at += 2
                    self.loose -= 1
                    of = Splat(of, self.each_step(only_names=False))
                    continue
                key = self.expression()
                self.expect("]")
                self.loose -= 1
                of = Index(of, key)
            else:
                return of

    def each_step(self, only_names: bool) -> list[str | Node]:
        found: list[str | Node] = []
        while True:
            kind = self.peek()[0]
            if kind == "." and self.tokens[self.at + 1][0] in ("name", "number"):
                self.at += 1
                found += self.names_after_dot()
            elif kind == "[" and not only_names and self.tokens[self.at + 1][0] != "*":
                self.at += 1
                self.loose += 1
                found.append(self.expression())
                self.expect("]")
                self.loose -= 1
            else:
                return found

    def names_after_dot(self) -> list[str | Node]:
        kind, word, at = self.take()
        if kind == "name":
            return [word]
        if kind == "number" and word.replace(".", "").isdigit():  # `a.0.1` reads as a number
            return [Literal(int(part)) for part in word.split(".")]
        raise Broken(f"a name was expected after '.', not {shown((kind, word, at))}", at)

    def term(self) -> Node:
        kind, word, at = self.take()
        if kind == "text":
            return templates.template(word, self.depth)
        if kind == "name":
            return self.named(word, at)
        if kind == "number":
            return Literal(int(word) if word.isdigit() else _number(float(word)))
        if kind == "(":
            self.loose += 1
            found = self.expression()
            self.expect(")")
            self.loose -= 1
            return found
        if kind == "[":
            return self.listing()
        if kind == "{":
            return self.mapping()
        raise Broken(f"a value was expected, not {shown((kind, word, at))}", at)

    def named(self, word: str, at: int) -> Node:
        while self.peek()[0] == "::":
            self.at += 1
            word += "::" + self.expect("name")[1]
        if self.peek()[0] != "(":
            return Literal(CONSTANTS[word]) if word in CONSTANTS else Name(word, at)
        self.at += 1
        self.loose += 1
        arguments, spread = [], False
        while not self.accept(")"):
            arguments.append(self.expression())
            spread = self.accept("...")
            if not spread and self.accept(","):
                continue
            self.expect(")")
            break
        self.loose -= 1
        return Call(word, arguments, spread, at)

    def listing(self) -> Node:
        self.loose += 1
        if self.peek()[:2] == ("name", "for"):
            return self.loop("]")
        members = []
        while not self.accept("]"):
            members.append(self.expression())
            if not self.accept(","):
                self.expect("]")
                break
        self.loose -= 1
        return Listing(members)

    def mapping(self) -> Node:
        """Keys are names, or expressions; a pair ends with a comma or a line end."""
        self.loose += 1
        if self.peek()[:2] == ("name", "for") and self.tokens[self.at + 1][0] == "name":
            return self.loop("}")
        pairs = []
        while not self.accept("}"):
            kind, word, _ = self.peek()
            after = self.tokens[self.at + 1][0]
            if kind == "name" and after in ("=", ":"):
                self.at += 1
                key: Node = Literal(word)
            else:
                key = self.expression()
            if not self.accept("="):
                self.expect(":")
            outside, self.loose = self.loose, 0
            while self.tokens[self.at][0] == "newline":  # the value may begin on the next line
                self.at += 1
            value = self.expression()
            ended = self.tokens[self.at][0] in ("newline", ",")
            self.loose = outside
            pairs.append((key, value))
            self.accept(",")
            if not ended:
                self.expect("}")
                break
        self.loose -= 1
        return Mapped(pairs)

    def loop(self, closing: str) -> Node:
        at = self.take()[2]
        names = self.loop_names()
        over = self.expression()
        self.expect(":")
        value, key, grouped, asked = self.expression(), None, False, None
        if closing == "}":
            self.expect("=>")
            key, value = value, self.expression()
            grouped = self.accept("...")
        if self.peek()[:2] == ("name", "if"):
            self.at += 1
            asked = self.expression()
        self.expect(closing)
        self.loose -= 1
        return Loop(names, over, key, value, asked, grouped, at=at)

    def loop_names(self) -> tuple[str, ...]:
        names = [self.expect("name")[1]]
        if self.accept(","):
            names.append(self.expect("name")[1])
        word = self.expect("name")
        if word[1] != "in":
            raise Broken(f"'in' was expected, not {shown(word)}", word[2])
        return tuple(names)


def _number(value: float) -> int | float:
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else value


def shown(found: Token) -> str:
    """What stands there, but never a text: it may be a secret."""
    return {"text": "a text", "newline": "a line end", "end": "the end"}.get(found[0], f"'{str(found[1])[:30]}'")
