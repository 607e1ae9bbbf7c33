"""What a container is told, without secrets: its environment, the same words on every cloud and shape; its command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from standfast.blueprint.boot import DATA_DIR
from standfast.blueprint.site import Hosted, Kept, Site, identifier, targets
from standfast.problem import Problem, Problems, quoted

Text = TypeVar("Text")


def environment(
    site: Site, host: Hosted, url: Callable[[Hosted], Text], store: Callable[[Kept], Mapping[str, Text | str]]
) -> dict[str, Text | str]:
    """`url` is where a called service answers, `store` what tells where a store is: HOST, PORT, BUCKET …

    What the spec says itself goes before what is derived.
    """
    derived: dict[str, Text | str] = {"PORT": str(host.service.port)}
    called = {one.name: one for one in site.called}
    kept = {one.name: one for one in site.kept}
    for name in targets(host.service):
        prefix = identifier(name).upper()
        if name in called:
            derived[f"{prefix}_URL"] = url(called[name])
        elif name in kept:
            derived |= {f"{prefix}_{key}": value for key, value in store(kept[name]).items()}
    if host.stateful:
        derived["DATA_DIR"] = DATA_DIR
    return {**derived, **host.service.environment}


def command(host: Hosted, platform: str) -> dict[str, list[str]]:
    """`command` and `args`, as platforms that came from Kubernetes call what replaces ENTRYPOINT and CMD.

    Raises Problems for what such a `platform` may take for a variable: Kubernetes reads $(NAME), and $$ as $, and what
    these make of it is told in one edition of their documents and denied in the next.
    """
    service, found = host.service, {}
    for key, told, words in (("entrypoint", "command", service.entrypoint), ("command", "args", service.command)):
        for word in words:
            if "$(" in word or "$$" in word:
                what = f"{platform} may read a variable into the {key} of {host.name}: {quoted(word)}"
                why = "it reached the program changed, or as it stands: nobody says which"
                fix = "put it into a file of the image, or write compute: vm or kubernetes under rules"
                raise Problems([Problem(what, why, fix, service.where(key))])
        if words:
            found[told] = list(words)
    return found
