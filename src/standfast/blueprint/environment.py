"""What a container finds in its environment, without secrets: the same words on every cloud and shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from standfast.blueprint.boot import DATA_DIR
from standfast.blueprint.site import Hosted, Kept, Site, identifier, targets

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
