"""HOW TO BUILD IT: blueprints in, the files of an infrastructure language out.

A back end is a package in this folder; the folder is the register. It has one of

    write(blueprint) -> list[File]              says one blueprint: its resources; paths below its own folder
    write_plan(plan, blueprints) -> list[File]  says what the resources do not: what runs inside, what runs the code

and, where it does not speak of every plan, `CLOUDS` or `SHAPES`: the clouds and the shapes of compute it is for.
What it cannot say of a plan it is for, it raises as Problems. What it has to leave out, and can say how to do
otherwise, `unsaid(blueprint) -> list[Problem]` tells as warnings.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from standfast.blueprint import Blueprint
from standfast.files import File
from standfast.plan import Plan
from standfast.problem import Problem, Problems, did_you_mean, quoted

LANGUAGES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@dataclass(frozen=True)
class Code:
    """What was written, by language; `problems`: what a language could not say (of such a one there are no files), and
    as warnings what it left out."""

    files: tuple[File, ...]  # paths begin with the language: `terraform/network.tf`
    languages: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def write_code(blueprint: Blueprint, language: str = "terraform") -> list[File]:
    """One blueprint as code; paths are relative to the language's own folder. Raises Problems for no such language."""
    return list(_language(language).write(blueprint))


def check_languages(wanted: Sequence[str]) -> None:
    """Raises Problems for each language that there is not."""
    unknown = [name for name in wanted if name not in LANGUAGES]
    if unknown:
        raise Problems(
            [Problem(f"no code is written in {quoted(name)}", fix=did_you_mean(name, LANGUAGES)) for name in unknown]
        )


def languages_for(plan: Plan, wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """The languages to write a plan in: all that are for such a plan, or those that are wanted.

    Raises Problems where one is wanted that there is not, or that is not for such a plan.
    """
    check_languages(wanted)
    reasons = {name: _not_for(name, plan) for name in sorted(set(wanted or LANGUAGES))}
    if wanted and any(reasons.values()):
        raise Problems(
            [
                Problem(f"{name} is not for this plan", why, f"leave {name} out of --languages")
                for name, why in reasons.items()
                if why
            ]
        )
    return tuple(name for name, why in reasons.items() if not why)


def write_all(plan: Plan, blueprints: Sequence[Blueprint], languages: Sequence[str]) -> Code:
    """A plan in each of the languages. What one of them cannot say hides nothing of the others."""
    files, done, problems = [], [], []
    for name in languages:
        try:
            files += [File(f"{name}/{file.path}", file.text) for file in _written(name, plan, blueprints)]
            done.append(name)
            problems += _unsaid(name, blueprints)
        except Problems as cannot:
            problems += cannot.problems
    return Code(tuple(files), tuple(done), tuple(problems))


def _written(name: str, plan: Plan, blueprints: Sequence[Blueprint]) -> list[File]:
    module = _language(name)
    if hasattr(module, "write_plan"):
        return list(module.write_plan(plan, tuple(blueprints)))
    found = []
    for blueprint in _sayable(module, blueprints):
        site = f"{blueprint.site}/" if blueprint.site else ""
        found += [File(f"{site}{file.path}", file.text) for file in module.write(blueprint)]
    return found


def _sayable(module: ModuleType, blueprints: Sequence[Blueprint]) -> list[Blueprint]:
    """The blueprints of clouds that a language is for: a standby may stand on another cloud."""
    clouds = getattr(module, "CLOUDS", ())
    return [one for one in blueprints if not clouds or one.cloud in clouds]


def _unsaid(name: str, blueprints: Sequence[Blueprint]) -> list[Problem]:
    """What a language leaves out, as warnings."""
    module = _language(name)
    said = _sayable(module, blueprints)
    if hasattr(module, "write_plan"):
        return []
    away = [
        Problem(f"{name} does not say the {one.site} on {one.cloud}", "", "build it from terraform/", warning=True)
        for one in blueprints
        if one not in said
    ]
    return [*away, *(problem for one in said for problem in getattr(module, "unsaid", lambda _: [])(one))]


def _not_for(name: str, plan: Plan) -> str:
    """Why a language has nothing to say of a plan; "" where it has."""
    module = _language(name)
    clouds, shapes = getattr(module, "CLOUDS", ()), getattr(module, "SHAPES", ())
    if clouds and plan.cloud not in clouds:
        return f"it is for {' and '.join(clouds)}, and the plan stands on {plan.cloud}"
    if shapes and plan.shape not in shapes:
        return f"it is for {' and '.join(shapes)}, and the services run as {plan.shape}"
    return ""


def _language(name: str) -> ModuleType:
    check_languages([name])
    return importlib.import_module(f"standfast.code.{name}")
