"""HOW TO LIVE WITH IT: a plan and its blueprints in, the documents of the user's own system out, as Markdown.

For the person who is new to the system, and for the one who is woken up: real names, real commands, real lines of the
spec. Each page is a module here with a function that gives its text.
"""

from __future__ import annotations

from collections.abc import Sequence

from standfast.blueprint import Blueprint
from standfast.docs import architecture, components, cost, decisions, overview, privacy, runbooks, security
from standfast.docs.told import Told
from standfast.files import File
from standfast.plan import Plan
from standfast.plan.reasons.explanation import Explained
from standfast.promise import Promise

__all__ = ["write_docs"]


def write_docs(
    plan: Plan, blueprints: Sequence[Blueprint], explained: Sequence[Explained] = (), promises: Sequence[Promise] = ()
) -> list[File]:
    """All pages, with paths relative to their folder. Pure: the same plan, the same bytes.

    `explained`: the figures and the recovery of each choice; without them those parts of the pages are left out.
    `promises`: the promise table, where it is known better than in the plan.
    """
    told = Told(plan, tuple(blueprints), {one.choice.component: one for one in explained}, tuple(promises))
    pages = [
        File("README.md", overview.page(told)),
        File("architecture.md", architecture.page(told)),
        File("architecture.svg", architecture.picture(told)),
        File("decisions.md", decisions.page(told)),
        File("cost.md", cost.page(told)),
        File("security.md", security.page(told)),
    ]
    if privacy.needed(told):
        pages.append(File("privacy.md", privacy.page(told)))
    pages += [File(f"components/{name}.md", text) for name, text in components.pages(told)]
    pages += [File(f"runbooks/{name}.md", text) for name, text in runbooks.pages(told)]
    return pages
