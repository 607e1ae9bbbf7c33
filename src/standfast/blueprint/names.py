"""Names held against the rules of a cloud: what it would refuse is told before anything is asked of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from standfast.blueprint.model import Join, Resource
from standfast.blueprint.site import Site
from standfast.problem import Problem

Rules = Mapping[str, tuple[str, str]]  # kind of resource -> the setting that names it, and what it must match


def problems(
    site: Site, resources: Sequence[Resource], rules: Rules, cloud: str, unknown: str, shared: Collection[str] = ()
) -> Iterator[Problem]:
    """A problem for each name that the cloud would refuse, and for each that two resources of a kind would have.

    `unknown` stands for a part that is known only when it is applied, at its longest. `shared`: kinds of which two may
    have one name, and settings that are only the beginning of a name.
    """
    seen: dict[tuple[str, str], Resource] = {}
    for one in resources:
        if one.kind not in rules or one.data:
            continue
        setting, pattern = rules[one.kind]
        name = text(one.settings[setting], unknown)
        place = next(iter(one.places), site.system.place)
        if not re.fullmatch(pattern, name):
            what = f"{one.component} would be called {name}"
            yield Problem(what, f"{cloud} takes no such name for {one.address}", f"rename {one.component}", place)
        if one.kind in shared or setting in shared:
            continue
        other = seen.setdefault((one.kind, name), one)
        if other is not one and one.provider == other.provider:
            what = f"{one.component} and {other.component} would both be called {name}"
            why = f"{cloud} tells each {one.kind} by its name"
            yield Problem(what, why, f"rename {one.component} in the spec", place)


def text(name: object, unknown: str) -> str:
    """A name as the cloud will see it, as far as it is known."""
    parts = name.parts if isinstance(name, Join) else (name,)
    return "".join(part if isinstance(part, str) else unknown for part in parts)
