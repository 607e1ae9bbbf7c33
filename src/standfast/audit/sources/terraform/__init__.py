"""Terraform's code as resources: modules, variables, loops, functions worked out; what is not known stays unknown."""

from standfast.audit.sources.terraform.read import Code, read_terraform

__all__ = ["Code", "read_terraform"]
