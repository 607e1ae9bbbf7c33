"""WHAT STANDS WHERE: a `Plan` in, cloud `Resource`s out. One module per cloud."""

from standfast.blueprint.model import Base64, Block, Blueprint, Join, Json, Output, Ref, Resource, Var, Variable

__all__ = ["Base64", "Block", "Blueprint", "Join", "Json", "Output", "Ref", "Resource", "Var", "Variable"]
