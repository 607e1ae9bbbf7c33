"""CloudFormation templates as resources, by the tables that write them, read backwards."""

from standfast.audit.sources.cloudformation.template import is_template, read_template

__all__ = ["is_template", "read_template"]
