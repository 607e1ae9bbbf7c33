"""WHAT STANDS WHERE: a `Plan` in, cloud `Resource`s out. One module per cloud."""

from standfast.blueprint.model import Block, Blueprint, Join, Json, Output, Ref, Resource, Var, Variable

__all__ = ["Block", "Blueprint", "Join", "Json", "Output", "Ref", "Resource", "Var", "Variable"]
