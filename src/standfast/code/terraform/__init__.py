"""Terraform and OpenTofu: HCL split by concern, as an expert would write and keep it."""

from __future__ import annotations

from standfast.blueprint.model import Blueprint
from standfast.code.terraform.layout import concern_files
from standfast.code.terraform.readme import readme
from standfast.code.terraform.settings import settings_files
from standfast.files import File


def write(blueprint: Blueprint) -> list[File]:
    """All files of the blueprint's root module; paths are relative to its folder."""
    return [*settings_files(blueprint), *concern_files(blueprint), readme(blueprint)]
