"""The language of Terraform's files: text in, a tree out. What the tree means is said in `sources/terraform`."""

from standfast.audit.sources.hcl.parse import parse_body, parse_expression, parse_template
from standfast.audit.sources.hcl.scan import Broken

__all__ = ["Broken", "parse_body", "parse_expression", "parse_template"]
