"""A template, YAML or JSON: its functions worked out as far as they are known, its resources with their lines.

Source: AWS CloudFormation User Guide, "Template anatomy" and "Intrinsic function reference"
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from standfast.audit.reading import LATER, UNKNOWN
from standfast.audit.sources.cloudformation.folded import APART, LINKS, beside, inside, rule_apart
from standfast.audit.sources.cloudformation.words import VERSIONING, firewall, settings_of, snake, types
from standfast.audit.sources.state import SECRET_NAMES
from standfast.audit.sources.tags import tags_of
from standfast.audit.sources.terraform.values import Cannot, joined
from standfast.blueprint import Ref, Resource, Var
from standfast.problem import Place, Problem, quoted

MOST, DEEPEST = 500_000, 60  # values of a template; values in one another
NOTHING = object()  # AWS::NoValue
WRITTEN = "(written in the code)"


def is_template(text: str) -> bool:
    """Whether it looks like one, before it is read."""
    return "Resources" in text and "AWS::" in text


def read_template(path: Path, shown: str) -> tuple[tuple[Resource, ...], tuple[Problem, ...]]:
    """The resources, and what could not be read or is not looked at."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=loader)
        document = _Document(root)
    except (yaml.YAMLError, ValueError, RecursionError, OSError) as caught:
        line = getattr(getattr(caught, "problem_mark", None), "line", -1) + 1
        why = "" if isinstance(caught, yaml.YAMLError) else str(caught)[:80]
        return (), (Problem("this is no template that can be read", why, "", Place(shown, line)),)
    return _Template(document, shown).read()


class _Document:
    """YAML as plain data, short functions as long ones; and the line of each resource."""

    def __init__(self, root: Any):
        self.left, self.lines = MOST, {}
        self.data = self._plain(root, 0)
        for key, node in root.value if isinstance(self.data, dict) else ():
            if key.value == "Resources" and isinstance(node.value, list):
                self.lines = {one.value: one.start_mark.line + 1 for one, _ in node.value}

    def _plain(self, node: Any, depth: int) -> Any:
        import yaml

        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            raise ValueError("it is too large, or nested too deep")
        if isinstance(node, yaml.MappingNode):
            value: Any = {str(key.value): self._plain(one, depth + 1) for key, one in node.value}
        elif isinstance(node, yaml.SequenceNode):
            value = [self._plain(one, depth + 1) for one in node.value]
        elif node is None:
            return None
        else:
            value = _scalar(node)
        if node.tag.startswith("!") and not node.tag.startswith("!!"):
            name = node.tag[1:]
            if name == "GetAtt" and isinstance(value, str):
                value = value.split(".", 1)
            return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}
        return value


def _scalar(node: Any) -> Any:
    kind, said = node.tag.rpartition(":")[2], node.value
    if kind == "bool":
        return said.lower() in ("true", "yes", "on")
    if kind == "null":
        return None
    if kind in ("int", "float"):
        try:
            return int(said) if kind == "int" else float(said)
        except ValueError:
            return said
    return said


class _Template:
    def __init__(self, document: _Document, shown: str):
        self.said = document.data if isinstance(document.data, dict) else {}
        self.lines, self.shown, self.problems = document.lines, shown, []
        resources = self.said.get("Resources")
        self.resources = resources if isinstance(resources, dict) else {}

    def place(self, name: str) -> Place:
        return Place(self.shown, self.lines.get(name, 0))

    def read(self) -> tuple[tuple[Resource, ...], tuple[Problem, ...]]:
        found = [one for name, said in self.resources.items() for one in self._resource(name, said)]
        return tuple(found), tuple(self.problems)

    def _resource(self, name: str, said: Any) -> Iterator[Resource]:
        kind = said.get("Type") if isinstance(said, dict) else None
        if not isinstance(kind, str):
            self.problems.append(Problem(f"{quoted(name)} has no Type", "", "", self.place(name)))
            return
        wanted = self.condition(said["Condition"]) if "Condition" in said else True
        if wanted is False:
            return
        rest = {} if wanted is True else {"count": UNKNOWN}
        if kind in LINKS:
            return
        if kind in APART:
            properties = self.value(said.get("Properties") or {})
            yield self._made(
                APART[kind], name, {**rule_apart(properties if isinstance(properties, dict) else {}), **rest}
            )
            return
        back = types().get(kind)
        if back is None:
            what, why = f"{quoted(kind)} is not seen", "no table here knows this type, so no check looks at it"
            if what not in {one.what for one in self.problems}:
                self.problems.append(Problem(what, why, "", self.place(name), warning=True))
            return
        properties = self.value(said.get("Properties") or {})
        if not isinstance(properties, dict):
            properties = {}
        if back.under and isinstance(properties.get(back.under), dict):
            properties = {
                **properties[back.under],
                **{key: one for key, one in properties.items() if key != back.under},
            }
        own = firewall(properties) if back.kind == "aws_security_group" else inside(back.kind, properties)
        for other, called, settings in beside(back.kind, name, properties):
            yield self._made(other, called, {**settings, **rest})
        for fold, rules in back.folds:
            part = properties.pop(rules.under, None)
            if part is not None:
                settings = settings_of(part if isinstance(part, dict) else {}, rules.rules)
                yield self._made(fold, name, {**settings, rules.into: Ref(f"{back.kind}.{name}", "id"), **rest})
        if back.kind == "aws_s3_bucket" and "VersioningConfiguration" in properties:
            part = settings_of({"V": properties.pop("VersioningConfiguration")}, {})["v"]
            link = Ref(f"{back.kind}.{name}", "id")
            yield self._made(VERSIONING, name, {"versioning_configuration": part, "bucket": link, **rest})
        settings = {**settings_of(properties, back.rules), **own, **rest}
        if said.get("DeletionPolicy") in ("Retain", "Snapshot"):
            settings.setdefault("skip_final_snapshot", False)
        yield self._made(back.kind, name, settings)

    def _made(self, kind: str, name: str, settings: dict[str, Any]) -> Resource:
        settings = {
            key: WRITTEN if key in SECRET_NAMES and isinstance(one, str) and one else one
            for key, one in settings.items()
        }
        component = tags_of(settings).get("component")
        where = (self.place(name),)
        return Resource(kind, name, settings, "", component if isinstance(component, str) else "", where)

    # Functions

    def value(self, said: Any) -> Any:
        """Plain data with every function worked out; UNKNOWN where that needs an account."""
        if isinstance(said, list):
            return [one for each in said if (one := self.value(each)) is not NOTHING]
        if not isinstance(said, dict):
            return said
        if len(said) == 1:
            ((name, given),) = said.items()
            if name in ("Ref", "Condition") or name.startswith("Fn::"):
                try:
                    return self._call(name.removeprefix("Fn::"), given)
                except (TypeError, ValueError, IndexError, KeyError, AttributeError, Cannot):
                    return UNKNOWN
        return {key: one for key, each in said.items() if (one := self.value(each)) is not NOTHING}

    def _call(self, name: str, given: Any) -> Any:
        if name == "Ref":
            return self.ref(given)
        if name == "GetAtt":
            owner, attribute = given if isinstance(given, list) else given.split(".", 1)
            return self._attribute(owner, attribute)
        if name == "If":
            asked = self.condition(given[0])
            return UNKNOWN if asked is None else self.value(given[1] if asked else given[2])
        if name == "Sub":
            return self._sub(given)
        if name == "FindInMap":
            table, first, second = (self.value(one) for one in given[:3])
            return self.said["Mappings"][table][first][second]
        given = self.value(given)
        if name == "Join":
            parts: list[Any] = []
            for one in given[1]:
                parts += [given[0], one] if parts else [one]
            return joined(parts)
        if name == "Select":
            return given[1][int(given[0])]
        if name == "Split":
            return given[1].split(given[0])
        if name == "Base64" and isinstance(given, str):
            return base64.b64encode(given.encode()).decode()
        return UNKNOWN

    def ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        if name in self.resources:
            return self._attribute(name, "")
        parameter = (self.said.get("Parameters") or {}).get(name)
        if isinstance(parameter, Mapping):
            if "Default" not in parameter or str(parameter.get("Type")).startswith("AWS::SSM"):
                return Var(name)
            default = parameter["Default"]
            if str(parameter.get("NoEcho")).lower() == "true" and default:
                return WRITTEN
            return str(default).split(",") if parameter.get("Type") == "CommaDelimitedList" else default
        return UNKNOWN

    def _attribute(self, owner: str, attribute: str) -> Any:
        back = types().get(str((self.resources.get(owner) or {}).get("Type")))
        if back is None:
            return UNKNOWN
        named = next((key for key, one in back.gives.items() if one == attribute), None)
        return Ref(f"{back.kind}.{owner}", named or (snake(attribute) if attribute else "id"))

    def _sub(self, given: Any) -> Any:
        said, names = (given, {}) if isinstance(given, str) else (given[0], given[1])
        parts: list[Any] = []
        for number, one in enumerate(re.split(r"\$\{([^!}][^}]*)\}", said)):
            if not number % 2:
                parts.append(one.replace("${!", "${"))
            elif one in names:
                parts.append(self.value(names[one]))
            else:
                parts.append(self._attribute(*one.split(".", 1)) if "." in one else self.ref(one))
        return joined(parts)

    def condition(self, said: Any, depth: int = 0) -> bool | None:
        """Whether a condition holds; None where that is not known."""
        if depth > DEEPEST:
            return None
        if isinstance(said, str):
            return self.condition((self.said.get("Conditions") or {}).get(said), depth + 1)
        if not isinstance(said, dict) or len(said) != 1:
            return None
        ((name, given),) = said.items()
        if name == "Condition":
            return self.condition(given, depth + 1)
        if name == "Fn::Equals" and isinstance(given, list):
            one, other = (self.value(each) for each in given)
            return None if isinstance(one, LATER) or isinstance(other, LATER) else str(one) == str(other)
        seen = [self.condition(each, depth + 1) for each in given] if isinstance(given, list) else []
        if name == "Fn::Not" and seen:
            return None if seen[0] is None else not seen[0]
        if name == "Fn::And":
            return False if False in seen else None if None in seen else True
        if name == "Fn::Or":
            return True if True in seen else None if None in seen else False
        return None
