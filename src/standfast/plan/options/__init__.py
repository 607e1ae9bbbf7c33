"""What could serve each component in one place: tables for the solver, and rows made choices."""

from __future__ import annotations

from standfast.plan.models.load import Load
from standfast.plan.options.model import Options, Row
from standfast.plan.options.service import of_service
from standfast.plan.options.store import of_cache, of_database, of_objects
from standfast.plan.place import Place
from standfast.spec.model import Service, System

__all__ = ["Options", "Row", "of_component"]

_STORES = {"postgres": of_database, "mysql": of_database, "redis": of_cache, "objects": of_objects}


def of_component(system: System, name: str, load: Load, place: Place) -> Options:
    """Every way to run one component of the spec in one place."""
    part = system.component(name)
    if isinstance(part, Service):
        return of_service(system, part, load, place)
    return _STORES[part.kind](system, part, load, place)
