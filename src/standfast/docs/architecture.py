"""The map, and each edge of it in words."""

from __future__ import annotations

from standfast.docs.map import DARK_ON_WHITE, architecture_map, svg
from standfast.docs.told import DESIGNS, KINDS, MADE, Told, place_of
from standfast.markdown import page as paged
from standfast.markdown import table, text
from standfast.plan.difference import what
from standfast.spec.model import Call, Service


def picture(told: Told) -> str:
    """The map as a file of its own."""
    return svg(architecture_map(told.plan), f"Architecture of {told.system.name}", DARK_ON_WHITE)


def page(told: Told) -> str:
    plan = told.plan
    zones = f"{len(plan.zones)} zone{'s' if len(plan.zones) > 1 else ''} ({', '.join(plan.zones)})"
    return paged(
        f"# {text(told.system.name)}: architecture",
        MADE,
        f"![The parts of {text(told.system.name)} and who calls whom](architecture.svg)",
        "Users are on the left, data is on the right. A dashed line is a call that requests can do without.",
        f"Everything stands in {text(plan.cloud)} {text(plan.region)}, in {text(zones)}. {_standby(told)}",
        "## Services",
        table(
            ("service", "runs as", "users reach it", "calls", "spec"),
            [_service(told, one) for one in told.system.services],
        ),
        _stores(told),
        "## Around them",
        table(
            ("part", "what", "why"),
            [
                (told.page_of(one.component), text(what(one)), text(one.because))
                for one in told.choices
                if one.component not in told.parts
            ],
        ),
    )


def _service(told: Told, service: Service) -> tuple[str, ...]:
    choice = told.plan.choice(service.name)
    calls = ", ".join(_call(told, call) for call in service.calls) or "nothing"
    runs = text(what(choice)) if choice else "–"
    return told.page_of(service.name), runs, "yes" if service.public else "no", calls, place_of(service.place)


def _call(told: Told, call: Call) -> str:
    words = []
    if call.share * call.times != 1:
        words.append(f"{call.share * call.times:.3g} per request")
    if call.cached_by:
        words.append(f"after {call.cached_by}, which answers {call.hit_rate:.0%}")
    if not call.essential:
        words.append("can do without")
    said = f" ({text(', '.join(words))})" if words else ""
    return told.page_of(call.to) + said


def _stores(told: Told) -> str:
    rows = []
    for store in told.system.stores:
        choice = told.plan.choice(store.name)
        kept = text(DESIGNS.get(choice.design, choice.design)) if choice else "–"
        runs = text(what(choice)) if choice else "–"
        rows.append((told.page_of(store.name), text(KINDS[store.kind]), runs, kept, place_of(store.place)))
    return paged("## Data", table(("store", "is", "runs as", "kept as", "spec"), rows)) if rows else ""


def _standby(told: Told) -> str:
    there = told.plan.standby
    if there is None:
        return "Nothing stands in another region."
    ready = ", ".join(one.component for one in there.choices) or "nothing but copies of the data"
    return (
        f"If the region is lost, {text(there.cloud)} {text(there.region)} takes over ({text(there.design)}); "
        f"there already: {text(ready)}."
    )
