"""Where moto differs from AWS: one module per AWS service, put right in the server's own process.

Each module has `install()`, which teaches moto what the real service does, and says for each point what AWS
answers and where that is documented. Generated code is never bent to the emulator. The folder is the register.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from types import FunctionType
from typing import Any


def install() -> None:
    """Install every shim. Imports moto; called once, by the server."""
    for module in sorted(one.name for one in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}").install()


def around(owner: type, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put a function around a method of moto: it is given the original as its first argument."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        original = getattr(owner, name)

        def replaced(self: Any, *args: Any, **kwargs: Any) -> Any:
            return function(original, self, *args, **kwargs)

        setattr(owner, name, replaced)
        return function

    return decorate


def added(owner: type) -> Callable[[FunctionType], FunctionType]:
    """Give a class of moto a method it lacks."""

    def decorate(function: FunctionType) -> FunctionType:
        setattr(owner, function.__name__, function)
        return function

    return decorate
